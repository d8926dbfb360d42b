"""An evaluation from a run's folder to the files of its report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finetune.errors import DataInvalid
from finetune.evaluate import Plan, evaluate, measure
from finetune.measuring.asked import ask_app, ask_quotes, choose_questions
from finetune.measuring.candidate import find_trained
from finetune.measuring.figures import app_figures
from finetune.measuring.held_out import HeldOutSet
from finetune.measuring.report import read_report
from finetune.records import Dialogue, write_examples
from rag.prompt import REFUSAL
from settings import ROOT, Settings
from tests.finetune.trainees import (
    END,
    NEEDED,
    UNKNOWN,
    open_app,
    save_base,
    save_run,
    write_always,
)

IRON_ANSWER = "Pregnant women need 27 mg of iron a day [1]." + END
ROWS = [
    {
        "id": "gold-1", "half": "report", "style": "plain", "question": NEEDED.question,
        "answers": [{"book": "eating.pdf", "pages": [1]}], "facts": ["27 mg"],
    },
    {"id": "gold-2", "half": "report", "question": UNKNOWN.question, "answers": []},
    {"id": "gold-3", "half": "tune", "question": "Is iron heavy?", "answers": []},
]  # fmt: skip


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS))
    return path


def test_a_candidate_that_cites_well_is_answered_through_the_whole_app() -> None:
    app = open_app()
    figures = app_figures(
        ask_app(app, write_always(IRON_ANSWER), [NEEDED]), ask_quotes(app, [NEEDED])
    )
    assert (figures["answered"], figures["sentences_passed"], figures["facts"]) == (1.0, 1.0, 1.0)
    assert (figures["stops_itself"], figures["valid_citations"]) == (1.0, 1.0)
    assert figures["seconds_median"] > 0


def test_a_base_that_was_never_taught_drafts_all_the_same() -> None:
    candidate = write_always(
        "Gold is better [1]. Eat nails [1]. Copper is all you need [1]. Go on [1]." + END,
        "base",
        grounded=False,
    )
    figures = app_figures(ask_app(open_app(), candidate, [NEEDED]), [])
    assert (figures["answered"], figures["drafts"]) == (0.0, 1)
    assert figures["endings"] == {"cut": 1}


def test_a_refusing_candidate_is_right_on_the_one_question_and_wrong_on_the_other() -> None:
    asked = ask_app(open_app(), write_always(REFUSAL + END), [NEEDED, UNKNOWN])
    figures = app_figures(asked, [])
    assert (figures["right_refusals"], figures["false_refusals"]) == (1.0, 1.0)


def test_where_the_gate_refuses_no_draft_is_kept() -> None:
    (asked,) = ask_app(open_app("not_in_books"), write_always(IRON_ANSWER), [UNKNOWN])
    assert asked.draft is None
    assert asked.refused_by_app


def test_one_model_is_measured_in_the_app_alone_and_on_rows() -> None:
    rows = HeldOutSet("medquad", "test", (Dialogue("d", "medquad", "Why iron?", "For blood."),))
    found = measure(write_always(IRON_ANSWER), open_app(), Plan(), [NEEDED, UNKNOWN], [rows])
    assert len(found.asked) == 2
    assert [one.gold for one in found.alone] == [NEEDED]
    assert set(found.held_out["medquad/test"]) == {"passages", "alone"}


def test_a_run_is_measured_against_its_base_and_its_folder_holds_the_report(
    tmp_path: Path, gold: Path
) -> None:
    settings = save_base(tmp_path / "base")
    run = save_run(tmp_path / "first", tmp_path / "base")
    write_examples(tmp_path / "set" / "test.jsonl", [Dialogue("d", "medquad", "Why?", "So.")])
    plan = Plan((tmp_path / "set",), gold, answers=1)
    report = evaluate(
        find_trained(run), settings, plan, home=tmp_path / "none", assistant=open_app()
    )
    assert report == read_report(run)
    base, adapter = (report["models"][role]["app"] for role in ("base", "adapter"))
    timed = ("seconds_median", "seconds_p90", "first_sentence_median")
    assert {k: v for k, v in base.items() if k not in timed} == {
        k: v for k, v in adapter.items() if k not in timed
    }
    assert not report["ruling"]["opens"]
    assert report["gold"]["complete"]
    assert str(tmp_path) not in (run / "report.json").read_text()
    assert (run / "report.png").read_bytes().startswith(b"\x89PNG")
    assert "gold-1" in (run / "answers.md").read_text()


def test_a_quick_look_measures_no_rival_and_opens_no_gate(tmp_path: Path, gold: Path) -> None:
    settings = save_base(tmp_path / "base")
    run = save_run(tmp_path / "first", tmp_path / "base", 3.0)
    plan = Plan((), gold, questions=1, answers=0, adapter_only=True)
    report = evaluate(
        find_trained(run), settings, plan, tmp_path / "out", tmp_path / "none", open_app()
    )
    assert list(report["models"]) == ["adapter"]
    assert not report["ruling"]["opens"]
    assert not report["gold"]["complete"]


def test_halves_are_kept_apart_and_an_empty_one_is_refused(tmp_path: Path, gold: Path) -> None:
    assert [q.id for q in choose_questions("report", None, gold)] == ["gold-1", "gold-2"]
    assert len(choose_questions("all", None, gold)) == 3
    assert len(choose_questions("all", 2, gold)) == 2
    gold.write_text(json.dumps(ROWS[2]))
    settings = save_base(tmp_path / "base")
    trained = find_trained(save_run(tmp_path / "first", tmp_path / "base"))
    with pytest.raises(DataInvalid, match="--half"):
        evaluate(trained, settings, Plan((), gold), assistant=open_app())


@pytest.mark.model
def test_the_real_base_and_the_real_books_are_measured(tmp_path: Path) -> None:
    settings = Settings(adapter="none", max_answer_tokens=24)
    if not (settings.index_dir / "CURRENT").is_file():
        pytest.skip("no index of the starter library here: python -m ingest")
    run = save_run(tmp_path / "untrained", settings.weights_dir / "smollm2-135m" / "dense")
    plan = Plan(gold=ROOT / "tests" / "gold" / "questions.jsonl", questions=2, answers=0)
    report = evaluate(find_trained(run), settings, plan, home=tmp_path / "none")
    base, adapter = (report["models"][role]["app"] for role in ("base", "adapter"))
    assert base["statuses"] == adapter["statuses"]
    assert base["facts"] == adapter["facts"]
