"""Question consistency in the manner of QuestEval: what an answer says, its passages must say too.

Questions are made from the written answer and answered from the passages that it cites; the share of
words on which both agree is the score (Scialom et al. 2021, arXiv 2103.12693, precision half). Two
seq2seq models do it; without them the measure is left out, and the report says so.
Training road: answers → **figures**.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.measuring.asked import Asked
from finetune.measuring.measures import mean, token_f1
from models.device import pick_device
from models.weights import holds_model
from rag.search.vocabulary import content_words, words_of
from settings import Settings

ASKER, ANSWERER = "questeval-question", "questeval-answer"  # folders under weights_dir
SEPARATOR = "</s>"  # between the parts of a prompt, as QuestEval's T5 models were trained
ASKER_PREFIX = "sv1"  # of the question generator: its training set, SQuAD 1
SPANS = 5  # of an answer that are asked about
MOST_TOKENS = 48  # of a question, or of its answer

Write = Callable[[Sequence[str]], list[str]]  # prompts → texts


@dataclass(frozen=True, slots=True)
class Consistency:
    """A question generator and a question answerer."""

    ask: Write
    answer: Write

    def score_answers(self, asked: Sequence[Asked]) -> dict[str, Any]:
        """Mean consistency of the written answers, and how many questions it stands on."""
        scores = [score for one in asked if one.written for score in self.score_one(one)]
        return {"consistency": mean(scores), "questions": len(scores)}

    def score_one(self, asked: Asked) -> list[float]:
        """Per span of the answer: how far the passages' answer to its question agrees with it."""
        said = " ".join(sentence.text for sentence in asked.answer.sentences)
        passages = {c.hit.passage.id: c.hit.passage.text for c in asked.answer.citations}
        spans = find_spans(said)[:SPANS]
        if not spans or not passages:
            return []
        source = " ".join(" ".join(passages.values()).split())
        joined = f" {SEPARATOR} "
        questions = self.ask([joined.join((ASKER_PREFIX, span, said)) for span in spans])
        found = self.answer([joined.join((question, source)) for question in questions])
        return [token_f1(answer, span) for answer, span in zip(found, spans, strict=True)]


def find_spans(text: str) -> list[str]:
    """Runs of words that carry content, longest first: what a question can be asked about."""
    content = set(content_words(text))
    runs, run = list[list[str]](), list[str]()
    for word in [*words_of(text), ""]:
        if word in content:
            run.append(word)
        elif run:
            runs.append(run)
            run = []
    unique = dict.fromkeys(" ".join(words) for words in runs)
    return sorted(unique, key=lambda span: -len(span.split()))


def load_consistency(settings: Settings) -> Consistency | str:
    """The measure, or the reason why it is left out."""
    folders = [settings.weights_dir / name for name in (ASKER, ANSWERER)]
    absent = [folder.name for folder in folders if not holds_model(folder)]
    if absent:
        return (
            f"QuestEval models not present: skipped. Expected a question generator in {ASKER} and "
            f"a question answerer in {ANSWERER} under LLAMA_MD_WEIGHTS_DIR, such as QuestEval's T5 "
            f"models; missing: {', '.join(absent)}."
        )
    ask, answer = map(_open_writer, folders)
    return Consistency(ask, answer)


def _open_writer(folder: Path) -> Write:
    """A seq2seq model that writes greedily, one text a prompt."""
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, local_files_only=True)
    model = model.to(pick_device()).eval()

    def write(prompts: Sequence[str]) -> list[str]:
        batch = tokenizer(list(prompts), return_tensors="pt", padding=True, truncation=True)
        with torch.inference_mode():
            ids = model.generate(**batch.to(model.device), max_new_tokens=MOST_TOKENS)
        texts: list[str] = tokenizer.batch_decode(ids, skip_special_tokens=True)
        return texts

    return write
