"""Masks e-mail addresses, telephone numbers and links; a figure of medicine is never one.

Training road: Row → **cleaning** → Fate. A number counts as a telephone number by its form
(`555-123-4567`, `+44 20 7946 0000`) or, where the form may be a figure, by the word before it.
"""

from __future__ import annotations

import re

MASKS = {"e-mail": "[e-mail]", "link": "[link]", "phone": "[phone]"}

_CUE = (
    r"(?:phone|telephone|tel|mobile|cell (?:phone|number)|whats ?app|call(?:ing)?|contact|dial"
    r"|fax|tty|helpline)"
)
_PHONES = (
    # a country code; North American forms; 1-800-4-CANCER
    re.compile(r"(?<![\w.])\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){6,11}(?!\d)"),
    re.compile(r"(?<![\w.-])(?:1[-. ])?\(\d{3}\) ?\d{3}[-. ]\d{4}(?![\d-])"),
    re.compile(r"(?<![\w.-])(?:\+?1[-.])?\d{3}([-.])\d{3}\1\d{4}(?![\d-])"),
    re.compile(r"(?<![\w.-])1-?8\d\d-(?=[\dA-Z-]*[A-Z])[\dA-Z]+(?:-[\dA-Z]+)*(?:-[A-Za-z]+)?"),
    # a mobile number of ten digits in one run, as dialogues from India have it
    re.compile(r"(?<![\w.,/-])[6-9]\d{9}(?![\d.,/-]\d|\d)(?! ?(?:mg|ml|iu|/|cells))"),
    re.compile(
        rf"\b{_CUE}\b[\s.:#-]*(?:is |at |on |no\.? |number )?"
        r"(\+?\(?\d(?:[ ()-]?\d){6,13})(?!\d)",
        re.I,
    ),
)
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>()\[\]]*[^\s<>()\[\].,;:!?'\"]"
    r"|\b[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*\.(?:com|org|net|gov|edu)\b(?:/[^\s,;)]*)?"
)
_EMAIL = re.compile(r"[\w.+-]+@[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)+")
# kind, what a text must hold for the slower patterns to be worth asking, the patterns
_KINDS = (
    ("e-mail", re.compile("@"), (_EMAIL,)),
    ("link", re.compile(r"https?:|www\.|\.(?:com|org|net|gov|edu)\b"), (_LINK,)),
    ("phone", re.compile(r"\d(?:[ ().-]{0,2}\d){6}|1-?8\d\d-"), _PHONES),
)


def mask_contacts(text: str) -> tuple[str, dict[str, list[str]]]:
    """The text with masks, and what they stand for, by kind."""
    masked: dict[str, list[str]] = {}
    for kind, hint, patterns in _KINDS:
        for pattern in patterns if hint.search(text) else ():
            for start, end in reversed([_span(match) for match in pattern.finditer(text)]):
                masked.setdefault(kind, []).append(text[start:end])
                text = f"{text[:start]}{MASKS[kind]}{text[end:]}"
    return text, masked


def count_masks(text: str) -> int:
    """How many contacts were masked in the text."""
    return sum(text.count(mask) for mask in MASKS.values())


def _span(match: re.Match[str]) -> tuple[int, int]:
    """The number alone where a word before it told us; the separator's group is one character."""
    if match.re.groups and len(match.group(1)) > 1:
        return match.span(1)
    return match.span()
