"""What can go wrong with models: one small tree.

ModelError
├── RegistryInvalid     registry.toml or a model's name can't be used
├── WeightsMissing      the model was never fetched, or its local folder is not there
├── WeightsDamaged      fetched files do not match their checksums
├── FetchFailed         a source could not be reached or gave something else
├── AdapterRefused      the adapter does not belong to this model, or is not whole
├── PromptTooLong       the messages do not fit beside the answer
└── ServerFailed        the OpenAI-compatible server is down or answers with an error
"""

from __future__ import annotations


class ModelError(Exception):
    """Root of this room's errors; the text says what happened, what was expected, what mends it."""


class RegistryInvalid(ModelError):
    """The registry, or a name looked up in it, can't be used."""


class WeightsMissing(ModelError):
    """The model's files are not on this machine."""


class WeightsDamaged(ModelError):
    """Files are there, but they are not what the registry pins."""


class FetchFailed(ModelError):
    """No source of the model could be fetched."""


class AdapterRefused(ModelError):
    """The adapter was trained on something else, or its files are not whole."""


class PromptTooLong(ModelError):
    """The messages and the room for an answer are more than the model can read."""


class ServerFailed(ModelError):
    """The OpenAI-compatible server did not give an answer."""
