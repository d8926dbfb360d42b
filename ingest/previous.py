"""The index as the last ingest left it: what can be copied, and which sources it remembers.

Knows the index's public face only.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import IndexDamaged, IndexMissing, IndexUnfit
from corpus.index import Index, current_version
from corpus.manifest import BookEntry, EmbedderId, read_manifest, read_sources

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Previous:
    """`index` is there only if its rows and vectors may be copied; `entries` even if not."""

    version: str = ""
    index: Index | None = None
    entries: tuple[BookEntry, ...] = ()
    sources: tuple[str, ...] = ()

    def holds(self, entries: Sequence[BookEntry], sources: tuple[str, ...]) -> bool:
        """Whether this index is already what an ingest would write."""
        if self.index is None or self.sources != sources or len(entries) != len(self.entries):
            return False
        mine = {entry.book.id: entry.model_copy(update={"first_row": 0}) for entry in self.entries}
        return all(
            mine.get(entry.book.id) == entry.model_copy(update={"first_row": 0})
            for entry in entries
        )


def remembered_sources(folder: Path) -> tuple[str, ...]:
    """The sources that the index in `folder` is kept in step with; () where there is none."""
    try:
        return read_sources(folder / current_version(folder))
    except (IndexMissing, IndexDamaged):
        return ()


def open_previous(folder: Path, embedder: EmbedderId, *, windows: bool) -> Previous:
    """The current version in `folder`, checked byte for byte, since its rows may live on."""
    try:
        version = current_version(folder)
    except (IndexMissing, IndexDamaged):
        return Previous()
    try:
        manifest = read_manifest(folder / version)
    except (IndexDamaged, IndexUnfit) as error:
        _logger.warning("every book is read again: %s", error)
        return Previous(sources=read_sources(folder / version))
    known = Previous(version, None, manifest.books, manifest.sources)
    if manifest.embedder != embedder or manifest.settings.get("windows") != windows:
        _logger.warning("every book is read again: the index was made with other vectors")
        return known
    try:
        index = Index.open(folder, fully=True)
    except IndexDamaged as error:
        _logger.warning("every book is read again: %s", error)
        return known
    return Previous(version, index, manifest.books, manifest.sources)
