"""Rules for strings: what a printed word means, whatever glyphs draw it. Knows no page and no PDF.

The one law: a clinical string keeps its meaning (`0.5-1 mg`, `≥140/90 mmHg`, `10⁹/L`, `H₂O`).
So nothing here deletes a digit, a sign or a hyphen that a reader sees, compatibility folding
(NFKC) is never applied, and a line-end hyphen goes only where the book itself shows why.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping
from typing import Literal

Script = Literal["super", "sub"]

_GLYPHS = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
        "‐": "-",  # hyphen
        "‑": "-",  # non-breaking hyphen
        "\u00ad": "-",  # soft hyphen: in a PDF it is drawn, so a reader sees a hyphen
        "\u200b": "",  # zero-width characters and byte order marks say nothing on paper
        "\u200c": "",
        "\u200d": "",
        "\u2060": "",
        "\ufeff": "",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
    }
)

# Fonts without a Unicode map draw their symbols from the private use area: the codes of Adobe's
# Symbol encoding (PDF 32000-1, annex D.5) and of Wingdings bullets, offset by U+F000.
_PRIVATE = {
    0xF02B: "+",
    0xF02D: "−",
    0xF03C: "<",
    0xF03D: "=",
    0xF03E: ">",
    0xF061: "α",
    0xF062: "β",
    0xF064: "δ",
    0xF067: "γ",
    0xF06C: "•",
    0xF06D: "µ",
    0xF06E: "•",
    0xF071: "•",
    0xF075: "•",
    0xF076: "•",
    0xF0A3: "≤",
    0xF0A7: "•",
    0xF0A8: "•",
    0xF0AE: "→",
    0xF0B0: "°",
    0xF0B1: "±",
    0xF0B3: "≥",
    0xF0B4: "×",
    0xF0B7: "•",
    0xF0BB: "≈",
    0xF0D8: "•",
    0xF0DE: "⇒",
    0xF0E0: "→",
    0xF0E8: "→",
    0xF0FC: "✓",
} | {0xF030 + digit: str(digit) for digit in range(10)}

_SUPER = str.maketrans("0123456789+-−–=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿ")
_SUB = str.maketrans("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")
_POWER_OF_TEN = re.compile(r"(?<![\d.,])10$")
_UNIT = re.compile(r"(?:^|[\d/·.×*])(?:[kmcdµμn]?m|[mµμ]?[lLs]|kg|g|mol|h|min|d)$")
_LENGTH = re.compile(r"(?:^|[\d/·.×*])(?:[kmcdµμn]?m|ft|s)$")
_SYMBOL_LETTER = re.compile(r"(?:^|[^A-Za-z])[A-Za-zχτηωσρ]$")
_ION = re.compile(r"(?:Na|K|Ca|Mg|Fe|Cl|H|Li|Zn|Cu|NH₄|HCO₃|OH|CD\d+)$")
_MARKER = re.compile(r"^[\[(]?(?:\d{1,3}|[a-z])(?:[,–-](?:\d{1,3}|[a-z]))*[\])]?[,;.]?$")
_ORDINAL = re.compile(r"^(?:st|nd|rd|th|o|a|er|e|ème)$")


def normalise(text: str) -> str:
    """The characters that a printed run stands for: composed, ligatures spelt out."""
    if text.isascii():
        return text
    text = text.translate(_GLYPHS).translate(_PRIVATE)
    if len(text) == 1 and "\ue000" <= text <= "\uf8ff":
        return "•"  # a symbol of its own, in a font that names it to nobody
    return unicodedata.normalize("NFC", text)


def attach_script(base: str, script: str, kind: Script) -> str:
    """`base` with the small raised or lowered `script` after it, as it is meant.

    An exponent stays an exponent (10 and a raised 9 are 10⁹, never 109), a lowered digit stays
    low (H₂O), an ordinal is spelt on (20th), and a raised reference marker is left out, since it
    is no part of the sentence (50 mg and a raised 3 are not 503 mg).
    """
    if kind == "sub":
        return base + script.translate(_SUB)
    if is_exponent(base, script):
        return base + script.translate(_SUPER)
    if _MARKER.match(script) and not (_ORDINAL.match(script) and base[-1:].isdigit()):
        return base + script[len(script.rstrip(",;.")) :]
    return base + script


def is_exponent(base: str, script: str) -> bool:
    """Whether a raised `script` after `base` is a power or a charge, not a reference marker."""
    if not re.fullmatch(r"[+−–-]?\d{1,2}[+−–-]?|[+−–-]|n", script):
        return False
    if script[-1] in "+−–-" or script[0] in "+−–-":
        return bool(_ION.search(base) or _UNIT.search(base) or _POWER_OF_TEN.search(base))
    if _POWER_OF_TEN.search(base):
        return True
    return script in ("2", "3") and bool(_LENGTH.search(base) or _SYMBOL_LETTER.search(base))


def is_marker(text: str) -> bool:
    """Whether a raised run looks like reference markers: `3`, `1,2`, `a`, `[4]`."""
    return bool(_MARKER.match(text))


_OPEN_RANGE = re.compile(r"\d[–/]$")
_LEFT = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?$")
_RIGHT = re.compile(r"^[^\W\d_]+")
# fmt: off
_PREFIXES = frozenset((
    "non", "self", "well", "half", "post", "anti", "mid", "long", "short", "high", "low", "full",
    "part", "follow", "cross", "multi",
))
# fmt: on


def join_hyphen(left: str, right: str, vocabulary: Container[str]) -> str | None:
    """The word that a line end cut into `left` (ending in a hyphen) and `right`.

    The book's own words decide: where it prints the closed form elsewhere the hyphen goes, where
    it prints the hyphenated form it stays. Returns None where the two are separate words
    (`first- and second-line`).
    """
    if _OPEN_RANGE.search(left) and right[:1].isdigit():
        return left + right
    if not left.endswith("-") or len(left) < 2:
        return None
    if right.lower() in ("and", "or", "to", "und", "et", "y", "o"):
        return None
    kept = left + right
    stem = left[:-1]
    before, after = _LEFT.search(stem), _RIGHT.match(right)
    if not before or not after or not stem[-1:].isalpha():
        return kept  # a digit or a sign beside it: 0.5-1, COVID-19, 24-hour
    head, tail = before.group().lower(), after.group().lower()
    if not after.group()[0].islower():
        return kept  # Kaposi-Varicelliform, X-Ray
    if "-" in stem and f"{stem}{after.group()}".lower() not in vocabulary:
        inner = stem.rsplit("-", 1)[1].lower() + tail
        return f"{stem}{right}" if inner in vocabulary else kept
    if f"{head}-{tail}" in vocabulary and f"{head}{tail}" not in vocabulary:
        return kept
    if f"{head}{tail}" in vocabulary:
        return f"{stem}{right}"
    both_words = head in vocabulary and tail in vocabulary and len(head) > 2 and len(tail) > 2
    return kept if head in _PREFIXES or both_words else f"{stem}{right}"


_REAL_WORD = re.compile(r"^[(\[{\"'“‘«]*[^\W\d_]+(?:[-'’/][^\W\d_]+)*[)\]}\"'”’».,;:!?%]*$")
_NUMBER = re.compile(r"^[(\[<>≤≥±~≈+−–-]*\d[\d.,:/–−×x%°+-]*[^\W\d_]{0,4}[)\].,;:%²³]*$")
_BAD = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\ufff0-\uffff]|\\(cid:\\d+\\)")
_NO_VOWEL = re.compile(r"^[bcdfghjklmnpqrstvwxz]{5,}$", re.IGNORECASE)


def text_quality(words: list[str]) -> float:
    """0 (unreadable) … 1 (clean): the share of characters in words that look like words.

    Replacement characters and unmapped glyphs count against, so does a page of single letters
    or of consonants, as fonts with a false character map give.
    """
    if not words:
        return 0.0
    good = total = 0
    for word in words:
        size = len(word)
        total += size
        if _BAD.search(word):
            good -= size
        elif _NUMBER.match(word) or (_REAL_WORD.match(word) and not _NO_VOWEL.match(word)):
            good += size
        elif not word.isalnum() and size <= 3:
            total -= size  # bullets, dashes and signs say nothing either way
        else:
            good += size // 2
    if total <= 0:
        return 0.5
    return max(0.0, min(1.0, good / total))


def merge_counts(counts: Mapping[str, int], minimum: int = 1) -> frozenset[str]:
    """The words that occur at least `minimum` times, as evidence for hyphens."""
    return frozenset(word for word, count in counts.items() if count >= minimum)
