"""The desk that all sessions share: loads once, tries again after a failure, sees a new index."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from app.resources import Desk, Speaker
from corpus.errors import IndexMissing
from settings import Settings
from tests.app.scripted import ScriptedAssistant, make_desk, make_library


def test_many_sessions_load_the_models_once(tmp_path: Path) -> None:
    loaded: list[Speaker] = []
    index = make_library(tmp_path)

    def load(_: Settings) -> Speaker:
        loaded.append(ScriptedAssistant(index))
        return loaded[-1]

    desk = Desk(Settings(index_dir=tmp_path / "index"), load)
    threads = [threading.Thread(target=desk.assistant) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 1
    assert desk.ready


def test_a_failed_load_is_told_in_the_log_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remedy = "there is no index. Make one with: python -m ingest"
    failures = [IndexMissing(remedy)]

    def load(_: Settings) -> Speaker:
        if failures:
            raise failures.pop()
        return ScriptedAssistant(make_library(tmp_path))

    desk = Desk(Settings(index_dir=tmp_path / "index"), load)
    with caplog.at_level(logging.WARNING):
        desk.warm_up().join(20)
    assert remedy in caplog.text
    assert not desk.ready
    desk.assistant()
    assert desk.ready


def test_a_new_index_is_noticed_without_a_restart(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    before = desk.index().version
    make_library(tmp_path)
    assert desk.index().version != before


def test_a_passage_of_an_index_that_is_gone_has_no_boxes_rather_than_wrong_ones(
    tmp_path: Path,
) -> None:
    desk = make_desk(tmp_path)
    passage = desk.index().passage(0)
    assert desk.boxes(passage)
    other = type(passage)("elsewhere", "b", 1, 1, "1", (), "Text.")
    assert desk.boxes(other) == ()
