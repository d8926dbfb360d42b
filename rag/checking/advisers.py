"""Whose advice it is: NICE's number is not ACOG's, and what holds in one country is not said of another.

Knows an alignment and the names of countries and guideline makers (rag/checking/evidence.py `sort_name`).
"""

from __future__ import annotations

import re

from rag.checking.bindings import are_listed, mark_at
from rag.checking.evidence import Alignment, sort_name
from rag.checking.reading import Reading

_MAKER = re.compile(  # of guidelines, as they are named
    r"\b(?:American (?:Cancer Society|(?:Thyroid|Diabetes|Heart) Association)|ACS|ATA|ADA|AAP|ACOG|AWHONN"
    r"|BASHH|BHIVA|BSH|CDC|FDA|FIGO|FSRH|MHRA|NAMS|NHS|NICE|RCOG|SMFM|USPSTF|WHO)\b"
)
_SAYS = re.compile(r"\b(?:says?|advises?|according|recommends?)\b", re.IGNORECASE)


def check_advisers(found: Alignment) -> str | None:
    """What the passage gives as one adviser's, or one country's, is not another's."""
    return _check_stretches(found) or _check_numbers(found)


def _check_stretches(found: Alignment) -> str | None:
    """In "In the United Kingdom, A; CDC says B" what stands before the semicolon is not CDC's advice."""
    window = found.window.reading
    if any(mark in found.sentence.text for mark in ";:"):
        return None
    stretches = [mark_at(window.hard, window.places[n]) for n in found.numbers if n is not None]
    stretches += [
        window.hard[window.tokens[options[0]].position]
        for token, options in zip(found.sentence.content, found.options, strict=True)
        if len(options) == 1 and token.kind == "plain"
    ]
    for token, options in zip(found.sentence.content, found.options, strict=True):
        if _is_other_adviser(token.text, found.sentence, window):
            return f"the passage does not say this of “{token.text}”"
        if sort_name(token) != "places" or not options:
            continue
        own = {window.hard[window.tokens[i].position] for i in options}
        rivals = {
            window.hard[other.position]: other
            for other in window.tokens
            if sort_name(other) == "places" and not other.keys & token.keys
        }
        for stretch in stretches:
            if stretch not in own and stretch in rivals:
                return f"the passage says this of “{rivals[stretch].text}”, not of “{token.text}”"
    return None


def _is_other_adviser(name: str, sentence: Reading, window: Reading) -> bool:
    """Whether the sentence is one maker's advice, and the evidence is another's alone."""
    ours = {match[0].lower() for match in _MAKER.finditer(sentence.text)}
    theirs = {match[0].lower() for match in _MAKER.finditer(window.text)}
    return bool(ours and theirs and not ours & theirs and name.lower() in " ".join(ours))


def _check_numbers(found: Alignment) -> str | None:
    """In "NICE advises below 115 and ACOG below 120" the second number is not NICE's."""
    window = found.window.reading
    advisers = [token for token in window.tokens if sort_name(token) == "places"]
    named = [token for token in found.sentence.content if sort_name(token) == "places"]
    if len(named) != 1:
        return None
    for wanted, number in zip(found.sentence.quantities, found.numbers, strict=True):
        if number is None or _is_repeated(window, number):
            continue
        given = window.quantities[number]
        before = [token for token in advisers if token.start < given.start]
        after = [
            token for token in advisers if token.start >= given.end and token.keys & named[0].keys
        ]
        told = after and _SAYS.search(window.text[given.end : after[0].start])
        listed = len(before) > 1 and are_listed(window, before[-2].position, before[-1].position)
        if before and not told and not listed and not before[-1].keys & named[0].keys:
            return f"“{wanted.text}” is what “{before[-1].text}” says in the passage"
    return None


def _is_repeated(window: Reading, number: int) -> bool:
    """Whether the same value stands in the window twice."""
    given = window.quantities[number]
    same = [
        q
        for q in window.quantities
        if (q.dimension, q.low, q.high) == (given.dimension, given.low, given.high)
    ]
    return len(same) > 1
