"""The register is strict, and names what it knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import RegistryInvalid
from models.registry import (
    REGISTRY_FILE,
    FolderSource,
    HubSource,
    find_model,
    load_registry,
)

ROW = """
[tiny]
kind = "chat"
family = "llama"
title = "Tiny"
licence = "MIT"
context_tokens = 64
{more}
[[tiny.sources]]
kind = "folder"
path = "{path}"
"""


def test_the_models_that_the_product_promises_are_registered() -> None:
    registry = load_registry()
    assert {"smollm2-135m", "llama-3.2-1b", "minilm"} <= registry.keys()
    llama = registry["llama-3.2-1b"]
    hubs = [source for source in llama.sources if isinstance(source, HubSource)]
    assert llama.temperature == 0.6
    assert llama.sources[0].kind == "folder"
    assert [source.gated for source in hubs] == [True, False]


def test_an_unknown_name_lists_the_valid_ones() -> None:
    with pytest.raises(RegistryInvalid, match=r"llama-3\.2-1b, smollm2-135m$"):
        find_model("gpt-9", "chat")


def test_an_embedder_is_no_chat_model() -> None:
    with pytest.raises(RegistryInvalid, match="is a embedder, not a chat"):
        find_model("minilm", "chat")


@pytest.mark.parametrize(
    ("more", "path", "complaint"),
    [
        ('colour = "red"', "tiny", "colour"),
        ("temperature = 3.0", "tiny", "temperature"),
        ("", "../elsewhere", "relative path"),
        ("", "/etc", "relative path"),
        ("= broken", "tiny", "TOML|Invalid|key"),
    ],
)
def test_what_the_register_does_not_know_is_refused(
    tmp_path: Path, more: str, path: str, complaint: str
) -> None:
    file = tmp_path / "registry.toml"
    file.write_text(ROW.format(more=more, path=path))
    with pytest.raises(RegistryInvalid, match=complaint):
        load_registry(file)


def test_every_member_of_a_package_and_every_revision_is_pinned() -> None:
    for entry in load_registry().values():
        for source in entry.sources:
            if isinstance(source, HubSource):
                assert len(source.revision) == 40
            elif not isinstance(source, FolderSource):
                assert source.members, source


def test_a_piece_of_an_archive_is_the_one_member_of_its_wheel(tmp_path: Path) -> None:
    text = REGISTRY_FILE.read_text()
    piece = 'members = { "all-mpnet-base-v2.zip.001" = '
    assert piece in text
    file = tmp_path / "registry.toml"
    file.write_text(text.replace(piece, f'members = {{ "other" = "{"0" * 64}", {piece[12:]}'))
    with pytest.raises(RegistryInvalid, match="one member"):
        load_registry(file)
