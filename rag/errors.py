"""What can go wrong between a question and its answer: one small tree.

RagError
├── QuestionTooLong   the message does not fit, even with no passage beside it
└── BadInput          a batch line, a gold file or an option that can't be used
"""

from __future__ import annotations


class RagError(Exception):
    """Root of this room's errors; the text says what happened, what was expected, what mends it."""


class QuestionTooLong(RagError):
    """The question is longer than the model, or the page, takes."""


class BadInput(RagError):
    """A file or an option that can't be used as given."""
