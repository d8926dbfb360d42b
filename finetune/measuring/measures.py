"""Measures of a text beside its reference, and of a model's certainty about the reference's tokens.

Pure functions: knows no book, no question and no report. Training road: adapter → **figures**.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch

from finetune.examples import Encoded
from rag.text.sentences import read_citations

_WORDS = re.compile(r"[^\W_]+(?:[.,]\d+)*")
REPEATED_WORDS = 4  # length of the runs that are counted; seq-rep-4 of Welleck et al. 2019
_NO_PASSAGES = 0


@dataclass(frozen=True, slots=True)
class TokenScore:
    """Sums over learnt tokens; sums of several rows add up, means would not."""

    tokens: int = 0
    loss_sum: float = 0.0  # nats
    right: int = 0  # tokens that the model found likeliest

    def __add__(self, other: TokenScore) -> TokenScore:
        return TokenScore(
            self.tokens + other.tokens, self.loss_sum + other.loss_sum, self.right + other.right
        )

    @property
    def loss(self) -> float:
        """Mean cross entropy of a token, in nats."""
        return self.loss_sum / self.tokens if self.tokens else math.nan

    @property
    def perplexity(self) -> float:
        return math.exp(min(self.loss, 700.0))  # exp(710) is no float

    @property
    def accuracy(self) -> float:
        """Share of tokens that greedy writing would have chosen, given those before."""
        return self.right / self.tokens if self.tokens else math.nan


def score_tokens(model: Any, encoded: Encoded) -> TokenScore:
    """How well a causal LM foretells the learnt tokens of one sequence; one forward pass.

    The logits are taken from the first learnt token on: with 128,000 words in the vocabulary those
    of a whole prompt would fill the memory.
    """
    learnt = [n for n, mask in enumerate(encoded.completion_mask) if mask and n > 0]
    if not learnt:
        return TokenScore()
    ids = torch.tensor([encoded.input_ids], device=model.device)  # (1, seq)
    kept = len(encoded.input_ids) - learnt[0] + 1  # the token before tells the first
    with torch.inference_mode():
        logits = model(input_ids=ids, use_cache=False, logits_to_keep=kept).logits[0].float()
    places = torch.tensor([n - learnt[0] for n in learnt], device=model.device)
    told, expected = logits[places], ids[0, learnt]  # (learnt, vocabulary), (learnt,)
    loss = torch.nn.functional.cross_entropy(told, expected, reduction="sum")
    return TokenScore(len(learnt), float(loss), int((told.argmax(-1) == expected).sum()))


def token_f1(answer: str, reference: str) -> float:
    """Harmonic mean of word precision and recall, words counted as often as they stand there.

    As in SQuAD (Rajpurkar et al. 2016, arXiv 1606.05250), marks left out; articles are kept, since
    answers here are sentences. Two empty texts agree.
    """
    said, wanted = Counter(words_of(answer)), Counter(words_of(reference))
    if not said or not wanted:
        return float(said == wanted)
    shared = (said & wanted).total()
    return 2 * shared / (said.total() + wanted.total())


def rouge_l(answer: str, reference: str) -> float:
    """F-measure of the longest common subsequence of stemmed words (Lin 2004), by rouge-score."""
    score = _rouge().score(strip_marks(reference), strip_marks(answer))
    return float(score["rougeL"].fmeasure)


def repetition(text: str) -> float:
    """Share of four-word runs that stood in the text before: 0 = none, near 1 = a loop."""
    words = words_of(text)
    runs = [tuple(words[n : n + REPEATED_WORDS]) for n in range(len(words) - REPEATED_WORDS + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, its citation marks left out."""
    return _WORDS.findall(strip_marks(text).lower())


def strip_marks(text: str) -> str:
    """The text without its `[n]`."""
    return read_citations(text, _NO_PASSAGES).text


def mean(values: Iterable[float]) -> float | None:
    """The mean; None of nothing."""
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else None


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of the values do not exceed; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


@lru_cache(maxsize=1)
def _rouge() -> Any:
    from absl import logging as absl_logging
    from rouge_score.rouge_scorer import RougeScorer  # type: ignore[import-untyped]

    absl_logging.set_verbosity(absl_logging.WARNING)
    return RougeScorer(["rougeL"], use_stemmer=True)
