"""Fetch a model from the hub at its pinned revision, into a plain folder.

Knows nothing of how the model is used. Called by `models.fetch`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx

from models.errors import FetchFailed
from models.registry import HubSource

# what transformers loads; the originals, ONNX and GGUF copies beside it would double the download
FILE_PATTERNS = ["*.safetensors", "*.json", "*.jinja", "LICENSE*", "USE_POLICY*"]


def fetch_snapshot(source: HubSource, folder: Path) -> None:
    """Bring the model's files into `folder`; an interrupted call goes on where it stopped.

    Raises:
        FetchFailed: the hub can't be reached, or does not let us in.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
    )

    try:
        snapshot_download(
            source.repo,
            revision=source.revision,
            local_dir=folder,
            allow_patterns=FILE_PATTERNS,
            ignore_patterns=["original/*"],
        )
    except GatedRepoError as error:
        raise FetchFailed(
            f"{source.repo} is gated: accept its licence on its page, then run: hf auth login"
        ) from error
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, httpx.TransportError) as error:
        raise FetchFailed(f"{source.repo}: the hub can't be reached from here") from error
    except (HfHubHTTPError, OSError) as error:
        raise FetchFailed(f"{source.repo}: {str(error).strip().splitlines()[0]}") from error
    shutil.rmtree(folder / ".cache", ignore_errors=True)
