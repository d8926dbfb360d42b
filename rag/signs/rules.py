"""The danger-sign rules of triage.toml and the word groups of triage_words.toml, checked and compiled.

Knows the file format and nothing about messages: rag/triage.py applies the rules.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from rag.errors import BadInput
from rag.text.patterns import compile_patterns, words_of

RULES_FILE = Path(__file__).parents[1] / "triage.toml"
WORDS_FILE = Path(__file__).with_name("triage_words.toml")
WHO = frozenset(
    {"pregnant", "told pregnant", "after birth", "after loss", "newborn", "not pregnant", "anyone"}
)
_KEYS = frozenset(
    [
        "id",
        "level",
        "title",
        "who",
        "weeks",
        "weeks_told",
        "days",
        "despite",
        "stays",
        "when",
        "advice",
        "source",
        "examples",
    ]
)
_PART = re.compile(r"(?:^| ([+&-]) )\s*(.+?)(?= [+&-] |$)")
_READING = re.compile(r"#(\w+) (>=|<) (\d+(?:\.\d+)?)(?:/(\d+))?$")
_GROUP = re.compile(r"@(\w+)")

Bond = Literal["", "+", "&", "-"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A reading that matters: `#pressure >= 160/110` means either value reached."""

    kind: str
    at_least: bool
    value: float
    second: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One word group, literal pattern or reading of a line, and how it is bound to the line's first."""

    bond: Bond
    name: str
    pattern: re.Pattern[str] | None = None
    threshold: Threshold | None = None

    @property
    def is_context(self) -> bool:
        """Whether it only says whose message this is ("weeks", "bump"), so it can't be denied."""
        return self.name.endswith("_words")


@dataclass(frozen=True, slots=True)
class Rule:
    """One danger sign; see the head of triage.toml for what each field means."""

    id: str
    level: Literal["emergency", "urgent"]
    title: str
    who: frozenset[str]
    lines: tuple[tuple[Part, ...], ...]
    advice: str
    source: str
    examples: tuple[str, ...]
    weeks: tuple[float, float] | None = None
    weeks_told: bool = False
    days: float | None = None
    despite: frozenset[str] = frozenset()
    stays: bool = False


@lru_cache(maxsize=4)
def load_rules(rules_file: Path = RULES_FILE, words_file: Path = WORDS_FILE) -> tuple[Rule, ...]:
    """Every rule, in the order of the file (most serious first).

    Raises:
        BadInput: an unknown key, word group or audience; the text names it.
    """
    words = _read_toml(words_file)
    rows = _read_toml(rules_file).get("rule", [])
    parts = _PartReader(words)
    return tuple(_read_rule(row, parts) for row in rows)


@lru_cache(maxsize=1)
def rule_words() -> frozenset[str]:
    """Every word that a rule or group spells out: what a misspelt word may be mended to."""
    groups = _read_toml(WORDS_FILE)
    lines = (line for row in _read_toml(RULES_FILE)["rule"] for line in row["when"])
    spelt = (words_of(pattern) for group in groups.values() for pattern in group)
    literal = (words_of(_GROUP.sub("", line)) for line in lines)
    return frozenset().union(*spelt, *literal)


class _PartReader:
    """Compiles each group and literal once."""

    def __init__(self, words: dict[str, Any]) -> None:
        self._words = words
        self._compiled: dict[str, re.Pattern[str]] = {}

    def read_line(self, line: str, rule_id: str) -> tuple[Part, ...]:
        return tuple(
            self._read(cast(Bond, found[1] or ""), found[2].strip(), rule_id)
            for found in _PART.finditer(line)
        )

    def _read(self, bond: Bond, name: str, rule_id: str) -> Part:
        if name.startswith("#"):
            return Part(bond, name, threshold=_read_threshold(name, rule_id))
        if name not in self._compiled:
            self._compiled[name] = compile_patterns(self._patterns_of(name, rule_id))
        return Part(bond, name, pattern=self._compiled[name])

    def _patterns_of(self, name: str, rule_id: str) -> list[str]:
        unknown = [group for group in _GROUP.findall(name) if group not in self._words]
        if unknown:
            raise BadInput(
                f"triage.toml, rule {rule_id!r} uses the word group @{unknown[0]}, which "
                "triage_words.toml does not have. Add the group there, or mend the name."
            )
        if name.startswith("@"):
            return list(self._words[name[1:]])
        if not _GROUP.search(name):
            return [name]
        return [p for option in name.strip("()").split("|") for p in self._option(option)]

    def _option(self, option: str) -> list[str]:
        return list(self._words[option[1:]]) if option.startswith("@") else [option]


def _read_threshold(name: str, rule_id: str) -> Threshold:
    found = _READING.match(name)
    if not found:
        raise BadInput(
            f"triage.toml, rule {rule_id!r}: {name!r} is no reading. "
            "Write it like `#temperature >= 38` or `#pressure >= 160/110`."
        )
    second = float(found[4]) if found[4] else None
    return Threshold(found[1], found[2] == ">=", float(found[3]), second)


def _read_rule(row: dict[str, Any], parts: _PartReader) -> Rule:
    name = row.get("id", "without id")
    if unknown := set(row) - _KEYS:
        raise BadInput(
            f"triage.toml, rule {name!r} has the unknown key {min(unknown)!r}; known: {sorted(_KEYS)}."
        )
    who = frozenset(row["who"])
    if odd := who - WHO:
        raise BadInput(f"triage.toml, rule {name!r} is for {min(odd)!r}; known are {sorted(WHO)}.")
    if row["level"] not in ("emergency", "urgent"):
        raise BadInput(
            f"triage.toml, rule {name!r} has level {row['level']!r}; write emergency or urgent."
        )
    weeks = tuple(row["weeks"]) if "weeks" in row else None
    return Rule(
        row["id"], row["level"], row["title"], who,
        tuple(parts.read_line(line, name) for line in row["when"]),
        row["advice"], row["source"], tuple(row["examples"]),
        weeks, row.get("weeks_told", False), row.get("days"), frozenset(row.get("despite", ())),
        row.get("stays", False),
    )  # fmt: skip


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadInput(
            f"{path.name} can't be read: {error}. Mend the file, or take it from git."
        ) from error
