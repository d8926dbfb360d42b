"""Where sentences end in a run of words: cautious, as medical print is full of dots.

Knows no page and no PDF.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# fmt: off
_ABBREVIATIONS = frozenset((
    "e.g", "i.e", "i.v", "i.m", "s.c", "p.o", "p.r", "b.d", "t.d.s", "q.i.d", "o.d", "a.m", "p.m",
    "dr", "mr", "mrs", "ms", "prof", "st", "vs", "cf", "fig", "figs", "ref", "refs", "tab", "eq",
    "eqs", "approx", "incl", "excl", "resp", "ca", "vol", "ch", "viz", "al", "nos", "pp", "p", "ed",
    "eds", "avg", "est", "dept", "max", "temp", "sec", "art", "v", "sp", "spp", "subsp", "var",
    "jr", "sr", "u.s", "u.k", "d.c", "ph.d", "m.d", "inc", "ltd", "co", "corp", "sect", "chap",
    "suppl", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
))
_SOMETIMES = frozenset(("no", "min", "hr", "wk", "etc", "mo", "yr", "tabs", "inj", "gen"))
# fmt: on
_TERMINATED = re.compile(r"[.!?…]+[\"'”’»)\]]*$")
_LAST = frozenset(".!?…\"'”’»)]")  # what a terminated word can end in, to look no further
_CLOSERS = "\"'”’»)]"
_OPENERS = "\"'“‘«([¿¡"
_ENUMERATOR = re.compile(r"^\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,4})[.)]$")
_INITIAL = re.compile(r"^[A-Z]\.$")


def sentence_ends(words: Sequence[str]) -> list[int]:
    """For each sentence the index behind its last word; the last is always `len(words)`."""
    ends = [index + 1 for index in range(len(words) - 1) if _ends(words, index)]
    return [*ends, len(words)] if words else []


def _ends(words: Sequence[str], index: int) -> bool:
    """Whether a sentence ends with this word, another following."""
    word, following = words[index], words[index + 1]
    if word[-1] not in _LAST or not _TERMINATED.search(word):
        return False
    core = word.rstrip(_CLOSERS)
    begins = following.lstrip(_OPENERS)[:1]
    if not begins or begins.islower():
        return False
    if core[-1] in "!?…":
        return True
    bare = core.rstrip(".").lstrip(_OPENERS).lower()
    if bare in _ABBREVIATIONS:
        return False
    if bare in _SOMETIMES:
        return begins.isupper()
    if _ENUMERATOR.match(core) and (index == 0 or _starts_anew(words[index - 1])):
        return False
    if _INITIAL.match(core) and (index == 0 or len(words[index - 1]) < 3 or begins.isupper()):
        return not _is_name_part(words, index)
    return begins.isupper() or begins.isdigit() or not begins.isalnum() or begins.isalpha()


def _starts_anew(before: str) -> bool:
    return bool(_TERMINATED.search(before)) or before.endswith((":", ";", "•"))


def _is_name_part(words: Sequence[str], index: int) -> bool:
    """`P. falciparum`, `J. Smith`: an initial in a name; `vitamin A. Give` is an end."""
    before = words[index - 1] if index else ""
    return not before or before[:1].isupper() or before.endswith((".", ",", "(")) or index == 0
