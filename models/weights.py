"""Where a model's files lie on this machine, and whether they are whole.

A fetched folder holds `fetched.json`, written last: its existence means that the fetch is complete.
Knows no network. Called by `models.fetch` and by everything that loads a model.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from models.errors import WeightsDamaged, WeightsMissing
from models.registry import ModelEntry
from settings import Settings

MANIFEST_NAME = "fetched.json"
_MODEL_FILES = ("config.json", "*.gguf")  # a folder with one of these can hold a model


class StoredFile(BaseModel):
    """Size and checksum of one file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: int
    sha256: str


class FetchManifest(BaseModel):
    """What was fetched, from where; paths are relative to the folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    source: str
    files: dict[str, StoredFile]


def file_sha256(path: Path) -> str:
    """Hex sha256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fingerprints(folder: Path) -> tuple[str, str]:
    """Revision of an encoder's weights, and of its tokenizer, as an adapter's card names them."""
    weights, tokenizer = folder / "model.safetensors", folder / "tokenizer.json"
    return file_sha256(weights)[:12], file_sha256(tokenizer)[:16]


def describe_files(folder: Path) -> dict[str, StoredFile]:
    """Every file below `folder` except the manifest and hidden ones."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file())
    names = {p.relative_to(folder).as_posix(): p for p in paths if p.name != MANIFEST_NAME}
    return {
        name: StoredFile(bytes=path.stat().st_size, sha256=file_sha256(path))
        for name, path in names.items()
        if not any(part.startswith(".") for part in Path(name).parts)
    }


def write_fetch_manifest(folder: Path, manifest: FetchManifest) -> None:
    """Declare the folder complete."""
    (folder / MANIFEST_NAME).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read_fetch_manifest(folder: Path) -> FetchManifest | None:
    """The manifest of a finished fetch; None when there is none, or an unreadable one."""
    try:
        return FetchManifest.model_validate_json((folder / MANIFEST_NAME).read_bytes())
    except (OSError, ValidationError):
        return None


def find_damage(folder: Path, manifest: FetchManifest, *, fully: bool) -> str:
    """What is wrong with the files ("" when nothing): sizes, and with `fully` their sha256."""
    for name, stored in manifest.files.items():
        path = folder / name
        if not path.is_file():
            return f"{path} is gone"
        if path.stat().st_size != stored.bytes:
            return f"{path} has {path.stat().st_size} bytes, expected {stored.bytes}"
        if fully and file_sha256(path) != stored.sha256:
            return f"{path} does not match its sha256"
    return ""


def holds_model(folder: Path) -> bool:
    """Whether the folder looks like a model that somebody put there."""
    return any(next(folder.glob(pattern), None) for pattern in _MODEL_FILES)


def find_weights(entry: ModelEntry, settings: Settings) -> Path:
    """The folder that the model loads from: `model_dir`, else the fetched or filled folder.

    Raises:
        WeightsMissing: the model was never fetched.
        WeightsDamaged: a fetched file is gone or of another size.
    """
    own = settings.model_dir if entry.kind == "chat" and entry.name == settings.model else None
    folder = own or settings.weights_dir / entry.name
    manifest = read_fetch_manifest(folder)
    if manifest:
        damage = find_damage(folder, manifest, fully=False)
        if damage:
            raise WeightsDamaged(f"{damage}. Run: python -m models pull {entry.name}")
        return folder
    takes_folder = own or any(source.kind == "folder" for source in entry.sources)
    if takes_folder and holds_model(folder):
        return folder
    expected = "config.json and *.safetensors, or a *.gguf"
    raise WeightsMissing(
        f"{entry.name} is not in {folder} (expected {expected}). "
        + (f"Put it there, or run: python -m models pull {entry.name}")
    )
