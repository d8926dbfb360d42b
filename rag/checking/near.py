"""A sentence that is nearly the passage's own: every changed word is looked at.

One word turned in a copied sentence ("not" lost, "may" for "can always", "mother" for "baby") is the
likeliest and the most dangerous error. Knows word order and the table of terms, no clause.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from rag.checking.evidence import are_alike, are_related
from rag.checking.quantities import find_quantities, same_value
from rag.checking.reading import Token, read_sentence
from rag.checking.terms import load_terms
from rag.checking.units import find_worth
from rag.checking.windows import Passage, list_windows
from rag.checking.words import load_words

_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][a-z]+)?|\d[\d.,]*\d|\d|[;:.!?|]")
_LEAST_ALIKE = 0.74  # share of the sentence's words that stand in the passage's sentence, in order
_FEWEST_WORDS = 4
_CLOSE = 2  # words before a copied part that may deny it
_LONG_GAP = 4  # words left out at once: a part of the sentence that is not told, not a change

_DENIALS = load_words("denials")
_STRENGTH = {"rare": 0, "some": 1, "possible": 1, "most": 2, "sure": 4, "all": 4}
_MANNERS = {word: strength for name, strength in _STRENGTH.items() for word in load_words(name)}
_UNIVERSALS = load_words("all")
_RARE = load_words("rare")
_TELLING = load_words("telling")
_PLACES = {
    **dict.fromkeys(("before", "prior"), "before"),
    **dict.fromkeys(("after", "following"), "after"),
    **dict.fromkeys(("until", "till"), "until"),
    **dict.fromkeys(("above", "over", "more", "greater", "higher", "up"), "up"),
    **dict.fromkeys(("below", "under", "beneath", "less", "fewer", "lower", "down"), "down"),
    **{
        word: word
        for word in (
            "during",
            "least",
            "most",
            "only",
            "unless",
            "except",
            "inside",
            "outside",
            "from",
            "including",
        )
    },
    **{
        word: word
        for word in ("first", "second", "third", "last", "early", "late", "left", "right")
    },
    **dict.fromkeys(("to", "into", "towards"), "to"),
}
_ORDINALS = frozenset(("second", "third", "fourth", "fifth"))
_EXCEPT = re.compile(r"\b(?:apart from|other than|except for|excluding)\b")
_DENYING_PAIR = re.compile(r"\b(?:rather than|instead of)\b")
_NON = re.compile(r"\bnon-(?=[a-z])")
_CONTRACTED = {"can't": "can", "cannot": "can", "won't": "will", "shan't": "shall"}


@dataclass(frozen=True, slots=True)
class Change:
    """Words of the sentence that stand where the passage has others; either may be empty."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    inner: bool = False  # copied words stand on both sides

    @property
    def near(self) -> int:
        """How many of the passage's words count: of a longer part left out only what stands before the next."""
        return len(self.theirs) if _is_told(self) else _CLOSE


def refuse_near_copy(sentence: str, passage: Passage) -> str | None:
    """Why a sentence that nearly repeats one of the passage turns its meaning; None if it does not."""
    ours = _read_words(sentence)
    denied = _count_denials(ours) == 1
    changes = _find_changes(ours, passage)
    denials = sum(_count_denials(c.ours) - _count_denials(c.theirs[-c.near :]) for c in changes)
    if denials % 2:
        return "the passage affirms this, or denies it, the other way round"
    numbers = [c for c in changes if any(word[0].isdigit() for word in c.ours)]
    for change in changes:
        alone = numbers == [change] and len(change.ours) == len(change.theirs) == 1
        reason = _refuse_change(change, denied) or (_refuse_number(change) if alone else None)
        if reason:
            return reason
    return None


def _find_changes(ours: tuple[str, ...], passage: Passage) -> list[Change]:
    """What was changed of the passage's sentence that this one copies; empty if it copies none."""
    best: list[Change] = []
    best_alike = _LEAST_ALIKE
    texts = [span.text for span in passage.spans]
    texts += [window.reading.text for window in list_windows(passage) if not window.tabular]
    for text in dict.fromkeys(texts) if len(ours) >= _FEWEST_WORDS else ():
        theirs = _read_words(text)
        matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
        blocks = matcher.get_matching_blocks()
        copied = sum(ours[i].isalnum() for b in blocks for i in range(b.a, b.a + b.size))
        alike = copied / max(sum(word.isalnum() for word in ours), 1)
        if alike > best_alike:
            best, best_alike = _list_changes(matcher, ours, theirs), alike
    return best


@lru_cache(maxsize=4096)
def _read_words(text: str) -> tuple[str, ...]:
    words: list[str] = []
    for word in _WORD.findall(_plain(text)):
        if word in _CONTRACTED:
            words += [_CONTRACTED[word], "not"]
        elif word.endswith("n't"):
            words += [word.removesuffix("n't"), "not"]
        else:
            words.append(word)
    return tuple(words)


def _plain(text: str) -> str:
    """Small letters, with "rather than" and "non-" as "not", "apart from" as "except"."""
    text = _EXCEPT.sub("except", text.lower().replace("’", "'"))
    return _NON.sub("not ", _DENYING_PAIR.sub("not", text))


def _list_changes(
    matcher: SequenceMatcher[str], ours: tuple[str, ...], theirs: tuple[str, ...]
) -> list[Change]:
    changes = []
    for tag, a, b, c, d in matcher.get_opcodes():
        left, right = ours[a:b], theirs[c:d]
        if a == 0:
            right = _keep_clause(right)[-_LONG_GAP:]
        elif b >= len(ours) - 1:
            right = right[: len(left) + 1] if left else ()
        if tag != "equal" and (left or right):
            changes.append(Change(left, right, a > 0 and b < len(ours) - 1))
    return changes


def _keep_clause(words: tuple[str, ...]) -> tuple[str, ...]:
    """Of what stands before the copied part, only what belongs to its clause."""
    marks = [i for i, word in enumerate(words) if word in ";:.!?|"]
    return words[marks[-1] + 1 :] if marks else words


def _is_told(change: Change) -> bool:
    """A change of some words, and not a longer part of the passage left out."""
    return len(change.theirs) - len(change.ours) < _LONG_GAP


def _refuse_change(change: Change, denied: bool) -> str | None:
    """Why a change turns the meaning; None when it does not."""
    ours, theirs = change.ours, change.theirs
    if not _is_told(change):
        return None
    if _grows(ours, theirs):
        return "the passage says this with more reserve"
    if _RARE & set(ours) and not _RARE & set(theirs):
        return f"the passage does not say “{sorted(_RARE & set(ours))[0]}”"
    if _ORDINALS & set(theirs) and set(theirs) <= _ORDINALS | {"the"} and not ours:
        return f"the passage says “{' '.join(theirs)}”"
    here = {_PLACES[word] for word in ours if word in _PLACES}
    there = {_PLACES[word] for word in theirs if word in _PLACES}
    same = here | there == {"before", "until"} and denied  # "do not … before" is "do not … until"
    if here and there and not here & there and not same:
        return f"the passage says “{' '.join(theirs)}”, not “{' '.join(ours)}”"
    return _refuse_exchange(change)


def _refuse_number(change: Change) -> str | None:
    """Another number where nothing else changed: no unit was converted."""
    here, there = find_quantities(change.ours[0]), find_quantities(change.theirs[0])
    if len(here) == len(there) == 1 and not same_value(here[0], there[0]):
        return f"the passage says “{there[0].text}”, not “{here[0].text}”"
    return None


def _count_denials(words: tuple[str, ...]) -> int:
    return sum(word in _DENIALS for word in words)


def _grows(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether a hedge got lost or gave way to a stronger word, or a universal came in."""
    here = [_MANNERS[word] for word in ours if word in _MANNERS]
    there = [_MANNERS[word] for word in theirs if word in _MANNERS]
    if there and min(there) <= _STRENGTH["most"]:
        return not here or min(here) > min(there)
    return bool(_UNIVERSALS & set(ours)) and not _UNIVERSALS & set(theirs)


def _refuse_exchange(change: Change) -> str | None:
    """A name, an opposite, or what has nothing to do with it, in another's place."""
    terms, ours, theirs = load_terms(), change.ours, change.theirs
    left, right = (read_sentence(" ".join(words)).content for words in (ours, theirs))
    single = change.inner or len(ours) == len(theirs) == 1
    if single and len(left) == len(right) == 1 and not _may_stand_for(left[0], right[0]):
        return f"the passage says “{right[0].text}”, not “{left[0].text}”"
    if change.inner and _is_replaced(left, right):
        return f"the passage says “{' '.join(theirs)}”, not “{' '.join(ours)}”"
    for token in left:
        if any(token.keys & (other.keys | other.parts) for other in right):
            continue
        for other in right:
            named = bool(token.keys & terms.names and other.keys & terms.names)
            if (
                named
                or terms.are_opposites(token.keys, other.keys)
                or terms.share_family(token.keys, other.keys)
            ):
                return f"the passage says “{other.text}”, not “{token.text}”"
    return None


def _is_replaced(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Whether words that carry a claim stand where the passage has others that share none of it."""
    ours, theirs = (
        [t for t in tokens if t.kind in ("plain", "name") and not find_worth(t.text)]
        for tokens in (left, right)
    )
    related = any(are_alike(a, b) for a in left for b in right)
    return bool(ours and theirs) and not related


def _may_stand_for(token: Token, other: Token) -> bool:
    """Whether one word may replace another: a synonym, another ending of the same, or one that says little."""
    kinds = {token.kind, other.kind}
    if not kinds <= {"plain", "light"} or find_worth(token.text):
        return True  # units are weighed with their numbers
    if "light" in kinds and not {token.text.lower(), other.text.lower()} & _TELLING:
        return True
    return bool(token.keys & other.keys) or are_related(token.stems[0], other.stems[0])
