"""What can go wrong on the training road: one small tree.

FinetuneError
├── DataInvalid     a file of rows, or a row in it, can't be used
├── RecipeInvalid   a recipe has an unknown key, or a value that does not go with the others
├── NotFinite       a loss or a weight is not a number: the run ends, nothing is kept as a success
├── RunInvalid      a run's folder is not complete, or belongs to another recipe
├── ExportRefused   what was trained has no form that the asked-for kind of file can hold
└── GateClosed      an adapter is not better than what is in service, so it is not promoted
"""

from __future__ import annotations


class FinetuneError(Exception):
    """Root of this room's errors; the text says what happened, what was expected, what mends it."""


class DataInvalid(FinetuneError):
    """Rows that can't be read or used."""


class RecipeInvalid(FinetuneError):
    """A recipe that can't be used as given."""


class NotFinite(FinetuneError):
    """A loss, a gradient or a weight is NaN or infinite."""


class RunInvalid(FinetuneError):
    """A run's folder lacks something, or was made from something else."""


class GateClosed(FinetuneError):
    """The figures do not allow promotion."""


class ExportRefused(FinetuneError):
    """The kind of file that was asked for can't hold what was trained."""
