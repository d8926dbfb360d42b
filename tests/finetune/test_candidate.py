"""Candidates: found in a run or a folder, attached by the app's own checks, watched as they write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from finetune.errors import RunInvalid
from finetune.measuring.candidate import Draft, as_adapter, find_trained, load_candidates
from models.errors import RegistryInvalid
from tests.finetune.trainees import END, save_base, save_run, write_always

ASK = [HumanMessage("Say it.")]


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        (f"Rest well.{END}", "itself"),
        ("No two of these words are alike, so far.", "limit"),
        ("a", "loop"),
    ],
)
def test_a_draft_tells_why_it_went_no_further(text: str, ending: str) -> None:
    model = write_always(text, max_answer_tokens=30).model
    model.invoke(ASK)
    draft = model.take_draft()
    assert draft is not None
    assert draft.ending == ending
    assert model.take_draft() is None


def test_a_stream_that_the_reader_closes_is_cut() -> None:
    model = write_always("More and more. ").model
    stream = model.stream(ASK)
    while not next(stream).content:
        pass
    stream.close()  # type: ignore[attr-defined]
    draft = model.take_draft()
    assert draft is not None
    assert draft == Draft(draft.text, draft.tokens, "cut")
    assert "More and more".startswith(draft.text)


def test_a_run_names_its_base_and_an_adapter_alone_by_the_path_that_it_was_made_on(
    tmp_path: Path,
) -> None:
    base = tmp_path / "smollm2-135m" / "dense"
    save_base(base)
    run = save_run(tmp_path / "first", base)
    by_run, by_folder = find_trained(run), find_trained(run / "adapter")
    assert (by_run.name, by_run.home, by_run.base) == ("first", run, "smollm2-135m")
    assert by_folder.base == "smollm2-135m"
    assert by_folder.sha256 == by_run.sha256
    with pytest.raises(RegistryInvalid, match="minilm"):
        find_trained(run, "minilm")


def test_a_base_that_nothing_names_and_a_folder_without_weights_are_refused(tmp_path: Path) -> None:
    save_base(tmp_path / "somewhere")
    run = save_run(tmp_path / "first", tmp_path / "somewhere", finished=False)
    with pytest.raises(RunInvalid, match="--model NAME"):
        find_trained(run)
    with pytest.raises(RunInvalid, match="finetune train"):
        find_trained(tmp_path)
    (run / "run.json").write_text("{")
    with pytest.raises(RunInvalid, match=r"run\.json"):
        find_trained(run)


def test_without_effect_an_adapter_says_what_its_base_says(tmp_path: Path) -> None:
    settings = save_base(tmp_path / "base")
    said = {}
    for fill in (0.0, 3.0):
        trained = find_trained(save_run(tmp_path / f"run-{fill}", tmp_path / "base", fill))
        for candidate in load_candidates(trained, settings, tmp_path / "none"):
            candidate.model.invoke(ASK)
            draft = candidate.model.take_draft()
            candidate.model.unload()
            assert draft is not None
            said[candidate.role, fill] = draft.text
    assert said["adapter", 0.0] == said["base", 0.0] == said["base", 3.0]
    assert said["adapter", 3.0] != said["base", 3.0]


def test_an_adapter_of_another_revision_or_a_whole_model_gets_no_card(tmp_path: Path) -> None:
    settings = save_base(tmp_path / "base")
    run = save_run(tmp_path / "first", tmp_path / "base")
    assert as_adapter(find_trained(run), settings).card.base == "smollm2-135m"
    recorded = json.loads((run / "run.json").read_text()) | {"base_revision": "0" * 16}
    (run / "run.json").write_text(json.dumps(recorded))
    with pytest.raises(RunInvalid, match="trained on"):
        as_adapter(find_trained(run), settings)
    whole = tmp_path / "whole"
    save_base(whole / "model")
    with pytest.raises(RunInvalid, match="all weights"):
        as_adapter(find_trained(whole, "smollm2-135m"), settings)


def test_a_whole_model_is_measured_too(tmp_path: Path) -> None:
    settings = save_base(tmp_path / "base")
    save_base(tmp_path / "whole" / "model")
    trained = find_trained(tmp_path / "whole", "smollm2-135m")
    *_, last = load_candidates(trained, settings, tmp_path / "none")
    assert trained.whole
    assert last.model.load().ends
