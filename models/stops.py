"""Cut a stream of text where a stop string begins, also one that arrives in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def cut_at_stops(pieces: Iterable[str], stops: Sequence[str]) -> Iterator[str]:
    """The text up to the first stop string; what might begin one is held back until it is known."""
    held = ""
    for piece in pieces:
        held += piece
        place = _find_first(held, stops)
        begins = len(held) - _longest_beginning(held, stops)  # where one may still be arriving
        if place < len(held) and place <= begins:
            break  # no stop that begins earlier can still arrive
        safe = min(place, begins)
        if safe:
            yield held[:safe]
            held = held[safe:]
    rest = held[: _find_first(held, stops)]
    if rest:
        yield rest


def _find_first(text: str, stops: Sequence[str]) -> int:
    """Where the first stop string begins; the text's length when there is none."""
    return min((place for place in map(text.find, stops) if place >= 0), default=len(text))


def _longest_beginning(text: str, stops: Sequence[str]) -> int:
    """How many characters at the end of `text` could be the beginning of a stop string."""
    longest = 0
    for stop in stops:
        for size in range(min(len(stop) - 1, len(text)), longest, -1):
            if text.endswith(stop[:size]):
                longest = size
                break
    return longest
