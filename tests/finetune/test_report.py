"""An evaluation on paper: its files, its tables, and several of them side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from finetune.__main__ import app
from finetune.errors import RunInvalid
from finetune.measuring.answers_page import answer_rows, side_by_side
from finetune.measuring.figures import app_figures
from finetune.measuring.report import as_markdown, compare_reports, read_report, write_report
from tests.finetune.test_figures import ITSELF, NEEDED, QUOTES, SAID, UNKNOWN, answered

WRITTEN = [answered(NEEDED, "answered", SAID, draft=ITSELF, dropped=("cites no passage",))]
PAGES = {"quotes": QUOTES, "adapter": WRITTEN}
LOSS = {"grounded/test": {"passages": {"rows": 3, "loss": 0.5}}}


def make_report(name: str = "first", **changed: Any) -> dict[str, Any]:
    """A whole report of one adapter, as `finetune.evaluate` makes it."""
    base = {"name": "smollm2-135m", "sha256": "", "alone": {}, "held_out": {}}
    models = {
        "base": base | {"app": app_figures(QUOTES, QUOTES)},
        "adapter": base | {"name": name, "app": app_figures(WRITTEN, QUOTES), "held_out": LOSS},
    }
    models["base"]["held_out"] = LOSS
    report = {
        "adapter": {"name": name, "base": "smollm2-135m", "sha256": "a" * 64},
        "gold": {
            "file": "gold.jsonl", "sha256": "b" * 64, "half": "report", "questions": 1,
            "complete": True,
        },
        "models": models,
        "quotes": app_figures(QUOTES, QUOTES),
        "question_consistency": {"skipped": "QuestEval models not present: skipped."},
        "ruling": {"opens": True, "reasons": ["key facts told 1.000, base 0.000"]},
        "machine": {"load": 1.0},
        "seconds": 2.0,
    }  # fmt: skip
    return report | changed


def test_the_tables_show_every_model_and_what_decides() -> None:
    markdown = as_markdown(make_report())
    assert "| | quotes | base | adapter |" in markdown
    assert "| **draft sentences that pass the verifier** | – | – | 0.500 |" in markdown
    assert "The gate is open: key facts told 1.000, base 0.000." in markdown
    assert "- adapter: 1 of 2. 1 × cites no passage" in markdown
    assert "QuestEval models not present: skipped." in markdown
    assert "| loss | 0.500 | 0.500 |" in markdown


def test_a_part_of_the_half_is_said_to_open_no_gate() -> None:
    report = make_report()
    report["gold"]["complete"] = False
    assert "opens no gate" in as_markdown(report)


def test_answers_stand_side_by_side_with_what_was_withheld() -> None:
    page = side_by_side(PAGES)
    assert "## gold-1: How much iron do I need?" in page
    assert "Key facts: 27 mg" in page
    assert f"- **adapter** (answered, facts 1.00, ended by itself, 1.0 s): {SAID} [1]" in page
    assert "  - withheld: cites no passage — cites no passage" in page
    unknown = side_by_side({"quotes": [answered(UNKNOWN, "not_in_books")]})
    assert "Key facts: no book answers" in unknown


def test_the_same_answers_come_as_rows_for_programs() -> None:
    (row,) = answer_rows(PAGES)
    assert (row["id"], row["answerable"], row["facts"]) == ("gold-1", True, ["27 mg"])
    assert row["adapter"]["draft"] == ITSELF.text
    assert row["quotes"]["draft"] is None


def test_a_report_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    report = make_report()
    write_report(report, QUOTES, [], tmp_path)
    assert read_report(tmp_path) == read_report(tmp_path / "report.json") == report
    lines = (tmp_path / "answers.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["gold-1"]


@pytest.mark.parametrize("text", [None, "{", "[]", '{"models": {}}'])
def test_what_is_no_evaluation_is_refused_with_the_command(
    tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "report.json").write_text(text)
    with pytest.raises(RunInvalid, match="finetune evaluate"):
        read_report(tmp_path)


def test_evaluations_are_compared_row_by_row_under_their_base() -> None:
    table = compare_reports({"first": make_report(), "second": make_report("second")})
    assert list(table["rows"]) == ["smollm2-135m (base)", "first", "second"]
    assert table["rows"]["first"]["held_out_loss"] == 0.5
    assert table["rows"]["first"]["sentences_passed"] == 0.5
    assert "different questions" not in table["markdown"]


def test_evaluations_of_different_questions_are_marked() -> None:
    other = make_report("second")
    other["gold"]["questions"] = 9
    table = compare_reports({"first": make_report(), "second": other})
    assert "different questions" in table["markdown"]


def test_the_command_compares_folders_and_names_what_is_no_evaluation(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_report(make_report(name), QUOTES, [], tmp_path / name)
    folders = [str(tmp_path / "first"), str(tmp_path / "second")]
    done = CliRunner().invoke(app, ["compare", *folders, "--json"])
    assert done.exit_code == 0
    assert "second" in json.loads(done.stdout)["rows"]
    failed = CliRunner().invoke(app, ["compare", str(tmp_path / "third"), "--json"])
    assert failed.exit_code == 1
    assert json.loads(failed.stdout)["kind"] == "RunInvalid"
