"""Stop strings: the text ends where one begins, however the stream was cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.stops import cut_at_stops


def test_text_without_a_stop_passes_whole() -> None:
    assert "".join(cut_at_stops(["ab", "c"], ["xyz"])) == "abc"


def test_a_stop_cut_across_pieces_is_found() -> None:
    assert list(cut_at_stops(["Take iron. Pat", "ient: more"], ["Patient:"])) == ["Take iron. "]


def test_the_beginning_of_a_stop_at_the_end_is_given_out() -> None:
    assert "".join(cut_at_stops(["Take Pat"], ["Patient:"])) == "Take Pat"


def test_a_longer_stop_that_began_earlier_wins_over_one_that_is_whole() -> None:
    assert list(cut_at_stops(["ba", "a"], ["a", "baa"])) == []


@given(
    st.text("ab", max_size=30),
    st.lists(st.text("ab", min_size=1, max_size=4), max_size=3),
    st.data(),
)
def test_the_cut_does_not_depend_on_the_pieces(
    text: str, stops: list[str], data: st.DataObject
) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    found = [place for place in map(text.find, stops) if place >= 0]
    assert "".join(cut_at_stops(pieces, stops)) == text[: min(found, default=len(text))]
