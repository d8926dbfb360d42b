"""Brings one PDF from an address, goes on where it broke off, and checks what came.

Knows no catalogue and no licence. Off the book road: it fills the folder that the road starts from.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from corpus.manifest import file_sha256
from ingest.errors import DownloadFailed

Progress = Callable[[int, int], None]  # bytes done, bytes in all (0 = unknown)

TIMEOUT_S = 60.0  # without a byte
ATTEMPTS = 3  # each goes on where the last one broke off
PIECE_BYTES = 1 << 18


def download_pdf(
    url: str,
    target: Path,
    sha256: str = "",
    max_bytes: int = 300_000_000,
    progress: Progress = lambda _done, _total: None,
) -> str:
    """Fetch `url` into `target`; the file appears under its name only whole and checked.

    What a broken download leaves (`NAME.part`) is continued by the next call, if the server says
    that the file is still the same.

    Returns: the sha256 of what came.

    Raises:
        DownloadFailed: the address can't be reached, or gave something else than the PDF.
    """
    partial = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with httpx.Client(follow_redirects=True, timeout=TIMEOUT_S) as client:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    _continue(client, url, partial, max_bytes, progress)
                    break
                except httpx.TransportError:
                    if attempt == ATTEMPTS:
                        raise
    except httpx.HTTPStatusError as error:
        raise DownloadFailed(f"{url} answered {error.response.status_code}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DownloadFailed(f"{url} can't be reached ({_why(error)})") from error
    except OSError as error:
        raise DownloadFailed(f"{partial} can't be written ({error.strerror})") from error
    found = _check(partial, url, sha256)
    _tag_of(partial).unlink(missing_ok=True)
    partial.replace(target)
    return found


def _continue(
    client: httpx.Client, url: str, partial: Path, max_bytes: int, progress: Progress
) -> None:
    """One request for what is missing; the whole again where the file may have changed."""
    tag_file = _tag_of(partial)
    have = partial.stat().st_size if partial.is_file() and tag_file.is_file() else 0
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": tag_file.read_text("utf-8")}
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # all of it is here; the check will tell
        response.raise_for_status()
        done = have if response.status_code == httpx.codes.PARTIAL_CONTENT else 0
        total = done + int(response.headers.get("Content-Length", 0))
        if total > max_bytes:
            raise DownloadFailed(f"{url} has {total:,} bytes, more than the {max_bytes:,} allowed")
        tag = response.headers.get("ETag", "") or response.headers.get("Last-Modified", "")
        if tag and not tag.startswith("W/"):
            tag_file.write_text(tag, "utf-8")
        with partial.open("ab" if done else "wb") as out:
            for piece in response.iter_bytes(PIECE_BYTES):
                out.write(piece)
                done += len(piece)
                progress(done, total)
                if done > max_bytes:
                    raise DownloadFailed(f"{url} sends more than the {max_bytes:,} bytes allowed")


def _check(partial: Path, url: str, sha256: str) -> str:
    """Throw away what is not the PDF that was wanted."""
    with partial.open("rb") as stream:
        begins_well = b"%PDF-" in stream.read(1024)
    found = file_sha256(partial)
    if begins_well and sha256 in ("", found):
        return found
    _tag_of(partial).unlink(missing_ok=True)
    partial.unlink()
    if not begins_well:
        raise DownloadFailed(f"{url} gave something that is not a PDF; it was thrown away")
    raise DownloadFailed(
        f"{url} gave a file with sha256 {found}, expected {sha256}; it was thrown away"
    )


def _tag_of(partial: Path) -> Path:
    """Where the server's name for this state of the file is kept (its ETag)."""
    return partial.with_name(partial.name + ".tag")


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
