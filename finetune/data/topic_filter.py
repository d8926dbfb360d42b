"""A topic as weighted words: fitted by `topics`, applied by `prepare --topic-filter`.

Training road: Fate → **filter** → prepared set. A list of words, so that it can be read, changed by
hand, and asked of 250,000 rows in seconds, also of rows that `topics` never saw.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from finetune.errors import DataInvalid
from finetune.records import Example, PlainText, ReadingExample

SHORT_QUESTION = 20  # words; below it the answer's beginning tells the topic too
ANSWER_WORDS = 40
TEXT_WORDS = 200
MOST_WORDS = 80  # of a fitted filter
FOLDS = 5
_WORD_PATTERN = r"[^\W\d_]+(?:[-'’][^\W\d_]+)*"
_WORD = re.compile(_WORD_PATTERN)


class TopicFilter(BaseModel):
    """Keeps a text whose words' weights, each word counted once, reach the threshold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    about: str = ""
    weights: dict[str, float] = Field(min_length=1, description="word in lower case → weight")
    threshold: float
    precision: float = Field(0.0, description="in folds, against the topic's rows")
    recall: float = Field(0.0, description="in folds, against the topic's rows")

    def score(self, text: str) -> float:
        """The sum of the weights of the words that the text holds."""
        return sum(self.weights.get(word, 0.0) for word in set(find_words(text)))

    def keeps(self, text: str) -> bool:
        """Whether the text is of the topic."""
        return self.score(text) >= self.threshold


def topic_text(example: Example) -> str:
    """The words by which a row's topic is told: what is asked, and more where that is short."""
    if isinstance(example, PlainText):
        return " ".join(example.text.split()[:TEXT_WORDS])
    if isinstance(example, ReadingExample):
        return example.asked
    context = getattr(example, "context", "")
    asked = f"{' '.join(context.split()[:TEXT_WORDS])}\n{example.question}".strip()
    if len(asked.split()) >= SHORT_QUESTION:
        return asked
    return f"{asked}\n{' '.join(example.answer.split()[:ANSWER_WORDS])}"


def find_words(text: str) -> list[str]:
    """The words of a text in lower case, without figures."""
    return [word.lower() for word in _WORD.findall(text)]


def fit_filter(
    name: str, about: str, texts: Sequence[str], is_topic: NDArray[np.bool_]
) -> TopicFilter:
    """The words that tell the topic's texts from the others, by logistic regression.

    The threshold is the one with the best F1 on texts not fitted on, `FOLDS` times over; precision
    and recall are those there, so a little too kind. Needs at least `FOLDS` texts of the topic and `FOLDS` others.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.model_selection import StratifiedKFold

    vectorizer = CountVectorizer(
        token_pattern=_WORD_PATTERN, binary=True, min_df=min(3, 1 + len(texts) // 60),
        stop_words="english",
    )  # fmt: skip
    words = vectorizer.fit_transform(texts)
    scores = np.zeros(len(texts))
    for learn, rest in StratifiedKFold(FOLDS, shuffle=True, random_state=7).split(words, is_topic):
        scores[rest] = words[rest] @ _fit_weights(words[learn], is_topic[learn])
    threshold, precision, recall = _find_threshold(scores, is_topic)
    weights = _fit_weights(words, is_topic)
    named = zip(vectorizer.get_feature_names_out(), weights, strict=True)
    return TopicFilter(
        name=name,
        about=about,
        weights={str(word): round(float(weight), 3) for word, weight in named if weight},
        threshold=round(threshold, 3),
        precision=round(precision, 3),
        recall=round(recall, 3),
    )


def _fit_weights(words: Any, is_topic: NDArray[np.bool_]) -> NDArray[np.float64]:
    """A weight for each word, 0 but for the heaviest."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=0.3, class_weight="balanced", max_iter=500)
    weights = np.asarray(model.fit(words, is_topic).coef_[0])
    light = np.argsort(-np.abs(weights), kind="stable")[MOST_WORDS:]
    weights[light] = 0.0
    return weights


def _find_threshold(
    scores: NDArray[np.float64], is_topic: NDArray[np.bool_]
) -> tuple[float, float, float]:
    from sklearn.metrics import precision_recall_curve

    precision, recall, thresholds = precision_recall_curve(is_topic, scores)
    both = precision[:-1] + recall[:-1]
    best = int(np.argmax(2 * precision[:-1] * recall[:-1] / np.where(both, both, 1.0)))
    return float(thresholds[best]), float(precision[best]), float(recall[best])


def save_filter(path: Path, topic: TopicFilter) -> None:
    """Write it as JSON, the heaviest words first."""
    heaviest = sorted(topic.weights.items(), key=lambda item: (-item[1], item[0]))
    ordered = topic.model_copy(update={"weights": dict(heaviest)})
    path.write_text(ordered.model_dump_json(indent=1) + "\n", encoding="utf-8")


def load_filter(path: Path) -> TopicFilter:
    """The filter in a file.

    Raises:
        DataInvalid: there is none, or it is no filter.
    """
    try:
        return TopicFilter.model_validate_json(path.read_bytes())
    except OSError as failure:
        raise DataInvalid(
            f"{path} could not be read ({failure.strerror}); expected a filter. "
            "Make it with: python -m finetune topics SET"
        ) from failure
    except ValidationError as failure:
        first = failure.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise DataInvalid(
            f"{path} is no topic filter ({where}: {first['msg']}); expected name, weights and "
            "threshold. Make it anew with: python -m finetune topics SET"
        ) from failure
