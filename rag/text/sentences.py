"""Cut a text, or a stream of tokens, into sentences, and read the `[n]` marks off them.

Knows no passage and no model. `split_sentences` serves passages (exact spans, soft line ends),
`SentenceStream` serves drafts as they arrive (a line end is an end, marks stay attached).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Words that English shortens in mid-sentence; what may also end one ("no.", "min.") is left out.
# fmt: off
_NEVER_END = frozenset((
    "e.g", "i.e", "dr", "mr", "mrs", "ms", "prof", "st", "vs", "cf", "fig", "figs", "ref", "refs",
    "eq", "approx", "incl", "excl", "resp", "ca", "vol", "ch", "viz", "al", "nos", "pp",
    "eds", "avg", "est", "dept",
))
# fmt: on
_BEFORE_INITIAL = frozenset(["by", "dr", "prof", "mr", "mrs", "ms"])

_TERMINATOR = re.compile(r"[.!?…]+[\"'”’»)\]]*")
_MARK = re.compile(r"\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")
_MARK_BEGUN = re.compile(r"\[[\d\s,;–-]*$")
_BROKEN_MARK = re.compile(r"\s*\[\s*[\d\s,;–-]*$")
_LAST_WORD = re.compile(r"[\w.]+$")
_BULLET = re.compile(r"\s*(?:[-–—*•●▪◦‣·○■□►]\s+|\(?(?:\d{1,2}|[a-zA-Z])[.)]\s+)(?=\S)")
_LONGEST_MARK = 24  # characters; a "[" that is still open after this is no citation


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence of a text: `text == whole[start:end]`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence without its marks, the passages it cites, and the marks that name none."""

    text: str
    numbers: tuple[int, ...] = ()  # 1-based, in order, each once
    unknown: tuple[int, ...] = ()


def split_sentences(text: str) -> list[Span]:
    """The sentences, list items and table rows of a passage, as exact spans of it."""
    spans = []
    for start, end in _split_blocks(text):
        position = start
        while position < end:
            stop = _find_end(text[:end], position, final=True) or end
            span = _trim(text, position, stop)
            if span is not None:
                spans.append(span)
            position = stop
    return spans


def _trim(text: str, start: int, end: int) -> Span | None:
    """The span without outer white space; None when nothing readable is left."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    stripped = text[start:end].rstrip()
    if not any(character.isalnum() for character in stripped):
        return None
    return Span(start, start + len(stripped), stripped)


def _split_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Runs of lines that may hold a wrapped sentence: cut at bullets, rows, headings, gaps."""
    start = 0
    for match in re.finditer(r"\n|\s(?=[•●▪◦‣○■□►]\s)", text):
        before = text[start : match.start()].rsplit("\n", 1)[-1]
        after = text[match.end() :].split("\n", 1)[0]
        if match.group() != "\n" or _line_ends_block(before, after):
            yield start, match.start()
            start = match.end()
    yield start, len(text)


def _line_ends_block(line: str, following: str) -> bool:
    line, following = line.rstrip(), following.lstrip()
    if not line or not following or line[-1] in ".!?:;|":
        return True
    if " | " in line or " | " in following:
        return True
    if _BULLET.match(following):
        return not following[0].isalnum() or bool(
            _BULLET.match(line)
        )  # "over⏎45. Under" is no item 45
    if _BULLET.match(line) and following[:1].isupper():
        return True
    return len(line.split()) <= 6 and following[:1].isupper() and line[-1] not in ",-–("


def _find_end(text: str, start: int, *, final: bool) -> int | None:
    """Where the sentence that begins at `start` ends; None while that cannot be told yet."""
    for match in _TERMINATOR.finditer(text, start):
        end = match.end()
        if end == len(text) and not final:
            return None
        after_marks = _skip_marks(text, end, final=final)
        if after_marks is None:
            return None
        if _is_end(text, start, match, after_marks):
            return after_marks
    return None


def _skip_marks(text: str, position: int, *, final: bool) -> int | None:
    """The position after any `[n]` that follow; None while a mark may still be arriving."""
    while True:
        space = len(text) - len(text[position:].lstrip(" \t"))
        if space >= len(text):
            return position if final else None
        mark = _MARK.match(text, space)
        if mark is None:
            arriving = not final and len(text) - space <= _LONGEST_MARK
            return None if arriving and _MARK_BEGUN.match(text, space) else position
        position = mark.end()


def _is_end(text: str, start: int, terminator: re.Match[str], after: int) -> bool:
    """Whether a terminator ends a sentence, judged by the words on both its sides."""
    before, following = text[start : terminator.start()], text[after:]
    if not any(character.isalpha() for character in before):
        return False
    if following[:1] and not following[0].isspace():
        glued = following[0].isupper() and bool(re.search(r"[a-z]{3}$|[\]\d]$", before))
        return after > terminator.end() or (glued and following[1:2].islower())
    if terminator.group()[0] in "!?":
        return True
    next_word = following.lstrip()
    if next_word and next_word[0].islower():
        return after > terminator.end()
    return not _is_abbreviation(before)


def _is_abbreviation(before: str) -> bool:
    """Whether the full stop belongs to the word before it: `e.g.`, `Dr.`, an initial."""
    found = _LAST_WORD.search(before)
    word = found.group() if found else ""
    if word.lower() in _NEVER_END:
        return True
    if found and len(word) == 1 and word.isupper() and word != "I":
        previous = before[: found.start()].split()
        return not previous or previous[-1].lower().rstrip(".") in _BEFORE_INITIAL
    return False


class SentenceStream:
    """Cuts a draft into sentences while it arrives; the cut does not depend on the pieces."""

    def __init__(self) -> None:
        self._buffer = ""

    def feed(self, piece: str) -> list[str]:
        """The sentences that became complete with this piece, each with its `[n]` marks."""
        self._buffer += piece
        return self._take(final=False)

    def close(self) -> list[str]:
        """What is left when the draft has ended."""
        return self._take(final=True)

    def _take(self, *, final: bool) -> list[str]:
        sentences: list[str] = []
        while self._buffer:
            end = self._next_end(final)
            if end is None:
                break
            sentence = _strip_bullet(self._buffer[:end])
            self._buffer = self._buffer[end:]
            if any(character.isalnum() for character in _MARK.sub("", sentence)):
                sentences.append(sentence)
        return sentences

    def _next_end(self, final: bool) -> int | None:
        """The end of the first sentence in the buffer: its terminator or its line's end."""
        head = len(self._buffer) - len(self._buffer.lstrip())
        newline = self._buffer.find("\n", head)
        line_end = len(self._buffer) if newline < 0 else newline
        line_whole = final or newline >= 0
        end = _find_end(self._buffer[:line_end], head, final=line_whole)
        if end is not None or not line_whole:
            return end
        return line_end


def stream_sentences(pieces: Iterable[str]) -> Iterator[str]:
    """The sentences of a draft that arrives in pieces."""
    stream = SentenceStream()
    for piece in pieces:
        yield from stream.feed(piece)
    yield from stream.close()


def _strip_bullet(line: str) -> str:
    bullet = _BULLET.match(line)
    return (line[bullet.end() :] if bullet else line).strip()


def read_citations(sentence: str, available: int) -> CitedSentence:
    """Take the `[n]` marks off a sentence; marks outside 1..`available` go to `unknown`."""
    numbers: list[int] = []
    for mark in _MARK.findall(sentence):
        numbers += [n for n in _expand_mark(mark, available) if n not in numbers]
    text = _BROKEN_MARK.sub("", _MARK.sub("", sentence))
    text = re.sub(r"\s+(?=[.,;:!?](?:\s|$))", "", re.sub(r"[ \t]{2,}", " ", text)).strip()
    known = tuple(n for n in numbers if 1 <= n <= available)
    return CitedSentence(text, known, tuple(n for n in numbers if n not in known))


def _expand_mark(mark: str, available: int) -> list[int]:
    """`[1, 2]` → 1, 2 and `[1–3]` → 1, 2, 3; a range is never longer than what is available."""
    numbers: list[int] = []
    for part in re.split(r"[,;]", mark.strip("[] ")):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        if len(ends) == 2 and 0 <= ends[1] - ends[0] <= available:
            numbers += range(ends[0], ends[1] + 1)
        else:
            numbers += ends
    return numbers
