"""What can go wrong in the browser's room: one small tree.

AppError
├── PageUnavailable  a page of a book can't be shown
└── PortTaken        the page can't be served where it was asked to be
"""

from __future__ import annotations


class AppError(Exception):
    """Root of this room's errors; the text says what happened, what was expected, what mends it."""


class PageUnavailable(AppError):
    """The book's file is gone, changed or can't be opened, or has no such page."""


class PortTaken(AppError):
    """The address or port is in use, or not allowed."""
