"""What the assistant tells whoever listens, in order: events, then the finished Answer.

The browser, the command line and the tests all read this one stream. Knows no model and no page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from corpus.records import Citation

Level = Literal["emergency", "urgent", "none"]
Tone = Literal["self-harm", "violence", "under-age", "loss", "abortion"]
Status = Literal["answered", "quoted", "not_in_books", "emergency", "out_of_scope"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Triage:
    """What the danger-sign rules say of a message; found before anything else."""

    level: Level = "none"
    signs: tuple[str, ...] = ()  # rule ids, most serious first
    advice: tuple[str, ...] = ()  # what to do now, in plain words, one entry a sign
    sources: tuple[str, ...] = ()  # where each rule comes from


@dataclass(frozen=True, slots=True)
class Opening:
    """A gentle first word where the subject is heavy, and whom she can call; told after triage."""

    tone: Tone
    text: str  # "" when it was said earlier in the conversation
    lead_in: str = ""  # what stands before the help line
    line: str = ""  # "" where no help line is known for sure

    @property
    def words(self) -> str:
        """The whole opening as one string."""
        parts = [self.text, f"{self.lead_in} {self.line}." if self.line else ""]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A verified sentence, safe to show. `text` carries no `[n]`; `citations` does."""

    text: str
    citations: tuple[Citation, ...] = ()
    label: str = ""  # the book whose words these are, where books differ
    quoted: bool = False  # the book's own words, none of the model's

    @property
    def words(self) -> str:
        """The sentence as it is read: a labelled one as the words of its book."""
        return f"{self.label}: “{self.text}”" if self.label else self.text


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence of the draft that was withheld, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The finished answer, with everything that `python -m rag ask --json` prints."""

    status: Status
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...] = ()
    triage: Triage = field(default_factory=Triage)
    dropped: tuple[Dropped, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    nearest_sections: tuple[str, ...] = ()  # offered when the books do not answer
    opening: Opening | None = None

    @property
    def text(self) -> str:
        """The answer as one string, each sentence followed by its `[n]`."""
        parts = []
        for sentence in self.sentences:
            marks = "".join(f" [{citation.n}]" for citation in sentence.citations)
            parts.append(sentence.words + marks)
        return " ".join(parts)


Event = Triage | Opening | Sentence | Dropped | Answer
