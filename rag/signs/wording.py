"""A message as typed → one normalised line of words that patterns can match.

Lower case, shorthand spelt out, numbers as digits, slips mended, `.` `?` `,` as tokens of their own, and
phrases with another meaning ("my gums bleed") blanked to `~`. Knows no sign; wording.toml holds the words.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.text.number_words import ONES
from rag.text.patterns import compile_patterns, to_regex, words_of
from rag.text.spelling import Speller

WORDING_FILE = Path(__file__).with_name("wording.toml")
LONGEST_CHARS = 8_000  # of a longer message the two ends are read

_TOKEN = re.compile(
    r"\d+(?:st|nd|rd|th)\b|\d+(?:[.,]\d+)?(?:[+/]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[.?!\n]+|[,;:()°%]"
)
_DIGIT_WORDS = re.compile(r"\b(?:b4|2day|2nite|2night|2mrw|2moro)\b")
_LONG = re.compile(r"(\w)\1{2,}")
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60}
_TENS |= {"seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100}
_NUMBER = "|".join([*ONES, *_TENS])
_SPELT = re.compile(
    rf"(?<!\S)(?:a )?(?:{_NUMBER})(?: (?:and )?(?:{_NUMBER}))*(?: and a half)?(?!\S)"
)
_COUNTED = re.compile(
    r" (?:weeks?|months?|days? (?:old|ago|after|post|of)|hours?|minutes?|pads?|years?|times?|kicks?)(?!\S)"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """The lists of wording.toml, compiled."""

    shorthand: dict[str, str]
    spelling: dict[str, str]
    phrases: tuple[tuple[re.Pattern[str], str], ...]
    other_meanings: re.Pattern[str]
    lists: dict[str, Any]


@lru_cache(maxsize=1)
def load_wording() -> Wording:
    """wording.toml, read once a process."""
    raw = tomllib.loads(WORDING_FILE.read_text(encoding="utf-8"))
    phrases = tuple(
        (re.compile(rf"(?<!\S){to_regex(pattern)}(?!\S)"), put)
        for pattern, put in raw["phrases"].items()
    )
    blanked = compile_patterns(raw["other_meanings"]["phrases"])
    return Wording(raw["shorthand"], raw["spelling"], phrases, blanked, raw)


def wording_words() -> set[str]:
    """Words that shorthand and phrases put in, and everyday ones: slips of them are mended too."""
    wording = load_wording()
    put = [
        *wording.shorthand.values(),
        *wording.spelling.values(),
        *wording.lists["everyday"]["words"],
    ]
    return set().union(*(words_of(text) for text in [*put, *wording.lists["phrases"]]))


def normalise(text: str, speller: Speller | None = None) -> str:
    """The message as one line of lower-case tokens with single spaces, padded with a space each side."""
    wording = load_wording()
    tokens: list[str] = []
    for raw in _TOKEN.findall(_plain_characters(text)):
        tokens.extend(_spell_out(raw, wording, speller))
    line = _read_numbers(f" {' '.join(tokens)} ")
    for pattern, put in wording.phrases:
        line = pattern.sub(put, line)
    return line


def blank_other_meanings(line: str) -> str:
    """The line with every phrase that has another meaning turned into `~`, positions kept."""
    return load_wording().other_meanings.sub(lambda m: re.sub(r"[^ ]", "~", m[0]), line)


def _plain_characters(text: str) -> str:
    """Lower-case text without accents, control characters or typographic quotes."""
    if len(text) > LONGEST_CHARS:
        text = f"{text[: LONGEST_CHARS // 2]} . {text[-LONGEST_CHARS // 2 :]}"
    text = text.replace("🩸", " blood ").replace("…", ", ").replace("...", ", ").replace("½", ".5")
    text = unicodedata.normalize("NFKD", text).casefold()
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c)[:1] not in ("C", "M"))
    text = "".join(kept).translate(str.maketrans("’‘`´“”–—;|", "''''  -,,,"))
    text = re.sub(r"\s-+\s|--+", " , ", text)
    text = re.sub(r"(?<=\d)\s*(?:/|\bover\b|\bon\b)\s*(?=\d{2,3}\b)", "/", text)
    text = re.sub(r"\bw/(?=\s|[a-z])", "with ", text)
    text = _DIGIT_WORDS.sub(lambda m: load_wording().shorthand.get(m[0], m[0]), text)
    return text.replace("-", " ").replace("&", " and ")


def _spell_out(token: str, wording: Wording, speller: Speller | None) -> list[str]:
    """What one typed token stands for, as one or more words."""
    if token[0] in ".!\n":
        return ["?"] if "?" in token else ["."]
    if token[0] == "?":
        return ["?"]
    if token in "(),:":
        return [","]
    if token[0].isdigit():
        return [re.sub(r"(?<=\d),(?=\d)", ".", token)]
    if token[0] == "w" and token in ("w", "wk"):
        return ["weeks"]
    token = _shorten(token, speller)
    for table in (wording.shorthand, wording.spelling):
        if token in table:
            return table[token].split()
    if token.endswith("n't"):
        return [token[:-3], "not"]
    if "'" in token:
        head, _, tail = token.partition("'")
        return [
            head,
            {"s": "'s", "ve": "have", "re": "are", "m": "am", "ll": "will"}.get(tail, tail),
        ]
    return [speller.correct(token) if speller else token]


def _shorten(token: str, speller: Speller | None) -> str:
    """ "sooo" → "so", "bleeeeding" → "bleeding": letters typed three times or more."""
    if not _LONG.search(token):
        return token
    double = _LONG.sub(r"\1\1", token)
    return double if speller and speller.is_known(double) else _LONG.sub(r"\1", token)


def _read_numbers(line: str) -> str:
    """Number words as digits; a lone "one" only where it counts something."""

    def to_digits(match: re.Match[str]) -> str:
        words = match[0].split()
        if words == ["one"] and not _COUNTED.match(line, match.end()):
            return match[0]
        total = 0.0
        for word in words:
            total += ONES.get(word, _TENS.get(word, 0))
        total += 0.5 if words[-1] == "half" else 0
        return f"{total:g}"

    line = _SPELT.sub(to_digits, line)
    line = re.sub(r"(?<= )(?:a )?couple (?:of )?(?=weeks|months|days|hours|pads)", "2 ", line)
    return line
