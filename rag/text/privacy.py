"""Words of a conversation made fit for a log or a shared rating: who she is and how to reach her is masked.

Telephone numbers, e-mail addresses, links, and names that she gives ("my name is …"). Rather one figure
too many than a number too few. Knows no file and no page.
"""

from __future__ import annotations

import re

NAME, EMAIL, LINK, PHONE = "[name]", "[e-mail]", "[link]", "[phone]"

_AT = r"\s?(?:@|\uff20|[\[(]\s?at\s?[\])]|\bat\b(?=\s?[\w-]+\s?(?:\.|[\[(]dot|dot\b)))\s?"
_DOT = r"(?:\.|\s?[\[(]\s?dot\s?[\])]\s?|\s?\bdot\b\s?)"
_EMAIL = re.compile(rf"[\w.+%'-]+{_AT}[\w-]+(?:{_DOT}\w[\w-]*)+", re.IGNORECASE)
_LINK = re.compile(r"(?:\b[a-z][a-z+.-]*://|\bwww\.)\S+", re.IGNORECASE)
# Seven digits or more with nothing but what is written between the digits of a number; a pair of
# blood pressures, a date of eight digits with slashes or a dose has fewer in a row.
_PHONE = re.compile(r"(?<!\w)[+＋]?\(?\d(?:[\s().·–-]{0,3}\d){6,14}(?!\d)")
_STOPS = (
    "and|but|or|i|im|i'm|iam|am|is|my|me|we|he|she|you|from|in|at|of|aged?|who|so|the|a|an|this|with|"
    "because|please|can|could|what|how|when|should|have|had|living|here|there|not|pregnant|just"
)
_WORD = rf"(?!(?:{_STOPS})\b)[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?"
_NAMED = re.compile(
    r"\b((?:my|her|his|our|the baby's|baby's|husband's|partner's|daughter's|son's)\s(?:(?:full|first|last|"
    r"real|own|maiden)\s)?(?:name|surname)(?:\s?['’]?s|\s+is|\s+was|\s*[:=])?"
    r"|(?:i\s?am|i['’]?m|she\s?is|he\s?is|we\sare)\s(?:called|named)|(?:call|calls)\sme|name\s?[:=]"
    rf"|signed[,:]|yours(?:\struly)?,)\s+{_WORD}(?:\s{_WORD}){{0,2}}",
    re.IGNORECASE,
)


def mask_private(text: str) -> str:
    """The text with masks for names she gives, telephone numbers, e-mail addresses and links."""
    text = _NAMED.sub(lambda match: f"{match[1]} {NAME}", text)
    for pattern, mask in ((_EMAIL, EMAIL), (_LINK, LINK), (_PHONE, PHONE)):
        text = pattern.sub(mask, text)
    return text


def strip_quoted(reason: str) -> str:
    """A reason without the words that it quotes from a draft, for a log that holds none."""
    return re.sub(r"“[^”]*”?|\"[^\"]*\"?", "“…”", reason)
