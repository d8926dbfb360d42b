"""A sentence in the passage's own words for what the checks found equal: what a proofreader is handed.

Knows one alignment (rag/checking/evidence.py). Stands between the checks and rag/reader.py.
"""

from __future__ import annotations

from rag.checking.evidence import Alignment
from rag.checking.reading import Token


def word_alike(alignment: Alignment) -> str:
    """The sentence with the passage's own words for the amounts and names that the checks found equal.

    "0.4 mg of acetaminophen" is held to "400 micrograms of paracetamol" by units and by the table of terms: who
    reads the two side by side need not convert.
    """
    sentence, window = alignment.sentence, alignment.window.reading
    changes = [
        (wanted.start, wanted.end, window.quantities[number].text)
        for wanted, number in zip(sentence.quantities, alignment.numbers, strict=True)
        if number is not None and wanted.kind != "label"
    ]
    changes += [
        (token.start, token.end, window.tokens[match.token].text)
        for token, match in zip(sentence.content, alignment.matches, strict=True)
        if match and match.token >= 0 and _is_other_name(token, window.tokens[match.token])
    ]
    text, end = "", 0
    for start, stop, words in sorted(changes):
        if start < end or sentence.text[start:stop].lower() == words.lower():
            continue
        text += sentence.text[end:start] + words
        end = stop
    return text + sentence.text[end:]


def _is_other_name(token: Token, given: Token) -> bool:
    """Whether two names are of one thing: "acetaminophen" and "paracetamol"."""
    in_table = any(
        ":" in key for key in token.keys & given.keys
    )  # "drugs:0" (rag/checking/terms.py)
    return token.kind == "name" and in_table and token.stems != given.stems
