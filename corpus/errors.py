"""What can go wrong on the ground floor: one small tree.

CorpusError
├── IndexMissing       nothing was ingested into this folder yet
├── IndexUnfit         written by another embedder, or in another format
├── IndexDamaged       a file of it is gone, cut short or altered
├── IndexBusy          another ingest is writing it right now
├── IndexUnwritable    the disk is full, or the folder may not be written
└── LibraryUnreadable  the books' folder or its library.toml can't be used
"""

from __future__ import annotations


class CorpusError(Exception):
    """Root of this room's errors; the text says what happened, what was expected, what mends it."""


class IndexMissing(CorpusError):
    """The folder holds no finished index."""


class IndexUnfit(CorpusError):
    """The index is whole, but this program or this embedder can't search it."""


class IndexDamaged(CorpusError):
    """The index was whole once: a file is missing, short or altered."""


class IndexBusy(CorpusError):
    """Another process holds the right to write."""


class IndexUnwritable(CorpusError):
    """A new version could not be written; the one before it stands."""


class LibraryUnreadable(CorpusError):
    """A folder of books, or its `library.toml`, can't be used as it stands."""
