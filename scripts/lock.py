"""`make lock`: print what this environment holds of the project's needs, pinned, one a line.

Run it in a fresh environment that has just installed the project with all its extras. No hashes: the
build of torch differs by platform (with CUDA or without), and everything else follows from pip's index.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pin_needs(requirements: Iterable[str]) -> dict[str, str]:
    """Name → version of the requirements and of everything that they need here."""
    open_needs = [Requirement(line) for line in requirements]
    pins: dict[str, str] = {}
    done: set[tuple[str, str]] = set()
    while open_needs:
        need = open_needs.pop()
        name = canonicalize_name(need.name)
        installed = distribution(name)
        pins[name] = installed.version.partition("+")[0]
        for extra in {"", *need.extras}:
            if (name, extra) in done:
                continue
            done.add((name, extra))
            further = map(Requirement, installed.requires or ())
            open_needs += [
                other
                for other in further
                if other.marker is None or other.marker.evaluate({"extra": extra})
            ]
    return pins


def main() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    pins = pin_needs([*project["dependencies"], *(line for group in extras for line in group)])
    print("# Every package, pinned. Made by `make lock`; never edited by hand.")
    for name, version in sorted(pins.items()):
        print(f"{name}=={version}")


if __name__ == "__main__":
    main()
