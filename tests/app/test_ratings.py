"""Ratings: a thumb at once, the reason later, the words of the conversation only if shared."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from app.ratings import MAX_COMMENT, Ratings, Shared


def rows(path: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM ratings")]


def test_a_thumb_is_kept_without_the_conversation(tmp_path: Path) -> None:
    ratings = Ratings(tmp_path / "var" / "ratings.sqlite")
    rating = ratings.add("down", "answered")
    ratings.explain(rating, "Wrong page", "it was the page before")
    (row,) = rows(ratings.path)
    assert (row["thumb"], row["status"], row["reason"]) == ("down", "answered", "Wrong page")
    assert row["comment"] == "it was the page before"
    assert row["question"] is None
    assert row["answer"] is None


def test_the_words_are_kept_where_she_shares_them(tmp_path: Path) -> None:
    ratings = Ratings(tmp_path / "ratings.sqlite")
    first, second = ratings.add("up", "quoted"), ratings.add("up", "quoted")
    ratings.explain(second, "", "", Shared("Is it safe?", "Yes. [1]"))
    assert [row["question"] for row in rows(ratings.path)] == [None, "Is it safe?"]
    assert first != second


def test_a_comment_is_cut_at_its_limit_and_never_read_as_sql(tmp_path: Path) -> None:
    ratings = Ratings(tmp_path / "ratings.sqlite")
    ratings.explain(ratings.add("up", "quoted"), "'); DROP TABLE ratings; --", "x" * 5000)
    (row,) = rows(ratings.path)
    assert len(row["comment"]) == MAX_COMMENT


def test_who_she_is_and_how_to_reach_her_is_masked_in_what_is_kept(tmp_path: Path) -> None:
    ratings = Ratings(tmp_path / "ratings.sqlite")
    shared = Shared("My name is Ada Byron, mail ada@example.org. Is it safe?", "Yes. [1]")
    ratings.explain(ratings.add("up", "quoted"), "", "ring me: 07700 900123", shared)
    (row,) = rows(ratings.path)
    kept = f"{row['question']} {row['comment']}"
    assert not any(secret in kept for secret in ("Ada", "Byron", "example", "900123"))
    assert "Is it safe?" in kept
