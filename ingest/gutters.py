"""White strips between columns of print: found, stretched, and told from chance gaps.

Pure geometry; knows no PDF.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.layout import SPLIT_GAP, STAND_IN, Fragment, fragments_of

MIN_GUTTER = 0.75  # em: what must stay white along a whole gutter
SURE_GAP = 2.5  # em: a gap this wide parts even when no other line has it
MIN_PAIRS = 3  # lines with text on both sides that a narrower gutter needs
NARROW = 0.55  # of the usual widths: the narrowest gutter between columns of prose
MIN_NARROW = 8  # lines with text on both sides that so narrow a gutter needs


@dataclass(slots=True)
class Gutter:
    """A white strip with text on both sides."""

    x0: float
    x1: float
    top: float
    bottom: float
    pairs: int  # lines that have text on both sides of it
    em: float

    @property
    def real(self) -> bool:
        return self.pairs >= MIN_PAIRS or self.x1 - self.x0 >= SURE_GAP * self.em


def find_gutters(fragments: Sequence[Fragment], narrow: float = 1.0) -> list[Gutter]:
    """White strips between fragments that stand side by side, longest first.

    `narrow` scales how wide they have to be.
    """
    ordered = sorted(fragments, key=lambda fragment: fragment.top)
    gutters: list[Gutter] = []
    for left, right in _neighbours(ordered, narrow * SPLIT_GAP):
        a, b = left.x1, right.x0
        y = (max(left.top, right.top) + min(left.bottom, right.bottom)) / 2
        if any(g.top <= y <= g.bottom and a <= g.x0 + 1 and g.x1 - 1 <= b for g in gutters):
            continue
        lowest = narrow * MIN_GUTTER * min(left.size, right.size)
        gutters.append(_grow(ordered, (a, b), y, lowest, min(left.size, right.size)))
    gutters.sort(key=lambda g: (-g.pairs, g.x0 - g.x1))
    return gutters


def _neighbours(ordered: Sequence[Fragment], gap: float) -> Iterable[tuple[Fragment, Fragment]]:
    """Pairs of fragments side by side with only white between them."""
    for index, left in enumerate(ordered):
        nearest: Fragment | None = None
        for step in (1, -1):
            other = index + step
            while 0 <= other < len(ordered) and abs(ordered[other].top - left.top) < 3 * left.size:
                right = ordered[other]
                beside = right.x0 > left.x1 and overlap(left, right) > 0.3 * left.size
                if beside and (nearest is None or right.x0 < nearest.x0):
                    nearest = right
                other += step
        if nearest and nearest.x0 - left.x1 > gap * min(left.size, nearest.size):
            yield left, nearest


def overlap(one: Fragment, other: Fragment) -> float:
    return min(one.bottom, other.bottom) - max(one.top, other.top)


def _grow(
    ordered: Sequence[Fragment], strip: tuple[float, float], y: float, lowest: float, em: float
) -> Gutter:
    """Stretch the strip up and down from y, narrowing it to `lowest`, until a line crosses it."""
    a, b = strip
    limits = []
    below = [f for f in ordered if f.bottom > y]
    above = sorted((f for f in ordered if f.top < y), key=lambda f: -f.bottom)
    for side, crowd in ((1, below), (-1, above)):
        limit: float = float("inf") * side
        for fragment in crowd:
            if fragment.x1 <= a or fragment.x0 >= b:
                continue
            na = fragment.x1 if fragment.x0 <= a else a
            nb = fragment.x0 if fragment.x1 >= b else b
            if a < fragment.x0 and fragment.x1 < b:  # floats inside: keep the wider rest
                na, nb = (a, fragment.x0) if fragment.x0 - a > b - fragment.x1 else (fragment.x1, b)
            if nb - na < lowest:
                limit = fragment.top if side > 0 else fragment.bottom
                break
            a, b = na, nb
        limits.append(limit)
    bottom, top = limits
    inside = [f for f in ordered if f.top >= top - 0.5 and f.bottom <= bottom + 0.5]
    left = [f for f in inside if f.x1 <= a + 0.5]
    right = [f for f in inside if f.x0 >= b - 0.5]
    paired = [f for f in left if any(overlap(f, g) > 0.3 * f.size for g in right)]
    partners = [g for g in right if any(overlap(f, g) > 0.3 * g.size for f in left)]
    both = paired + partners
    if not both:
        return Gutter(a, b, y, y, 0, em)
    top, bottom = min(f.top for f in both), max(f.bottom for f in both)
    rows = min(_count_rows(paired), _count_rows(partners))
    return Gutter(a, b, top, bottom, rows, em)


def _count_rows(fragments: Sequence[Fragment]) -> int:
    """Distinct baselines, tolerating small raises."""
    tall = [fragment for fragment in fragments if fragment.tokens[0].text == STAND_IN]
    count = sum(int((f.bottom - f.top) / (1.5 * f.size)) for f in tall)
    last = float("-inf")
    for base in sorted(fragment.base for fragment in fragments if fragment not in tall):
        if base - last > 3:
            count, last = count + 1, base
    return count


def part_narrow_columns(fragments: list[Fragment]) -> list[Fragment]:
    """The fragments, cut at a gutter too narrow for one line to show, but white along many.

    Some journals set their columns hardly an em apart; justified lines hold gaps as wide, but not
    one under the other.
    """
    if sum(len(fragment.tokens) >= 6 for fragment in fragments) < MIN_NARROW:
        return fragments
    finer = [
        piece
        for fragment in fragments
        for piece in fragments_of(fragment.tokens, NARROW * SPLIT_GAP)
    ]
    if len(finer) < len(fragments) + MIN_NARROW:
        return fragments
    gutters = [g for g in find_gutters(finer, NARROW) if g.pairs >= MIN_NARROW]
    for gutter in gutters[:1]:
        fragments = [part for fragment in fragments for part in _part_at(fragment, gutter)]
    return fragments


def _part_at(fragment: Fragment, gutter: Gutter) -> list[Fragment]:
    """The fragment's parts left and right of the gutter."""
    middle = (gutter.x0 + gutter.x1) / 2
    crosses = fragment.x0 < gutter.x0 + 1 and fragment.x1 > gutter.x1 - 1
    if not crosses or not gutter.top - 1 <= fragment.base <= gutter.bottom + 1:
        return [fragment]
    left = [token for token in fragment.tokens if token.x1 <= middle]
    right = [token for token in fragment.tokens if token.x0 >= middle]
    if not left or not right or len(left) + len(right) < len(fragment.tokens):
        return [fragment]
    return [Fragment.of(left), Fragment.of(right)]


def join_broken(gutters: Sequence[Gutter]) -> list[Gutter]:
    """Gutters of one place as one, where a heading across columns breaks them."""
    joined: list[Gutter] = []
    for gutter in sorted(gutters, key=lambda g: (g.x0 + g.x1, g.top)):
        last = joined[-1] if joined else None
        if last is None or min(last.x1, gutter.x1) - max(last.x0, gutter.x0) < MIN_GUTTER * last.em:
            joined.append(gutter)
            continue
        joined[-1] = Gutter(
            max(last.x0, gutter.x0),
            min(last.x1, gutter.x1),
            min(last.top, gutter.top),
            max(last.bottom, gutter.bottom),
            last.pairs + gutter.pairs,
            last.em,
        )
    return joined
