"""Small candidates for tests: a chat model that writes a given text, and a tiny base on disk with an adapter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from corpus.records import Book, Hit, Passage
from finetune.measuring.candidate import Candidate, Role, WatchedChatModel
from models.local import Loaded
from rag.answer import Assistant
from rag.events import Turn
from rag.measure.evaluate import GoldQuestion
from rag.retrieve import SearchResult
from rag.search.gate import Evidence, Verdict
from rag.verify import Verifier
from settings import Settings
from tests.fakes import HashingEmbedder, ScriptedChatModel
from tests.models.test_generation import Scribe, byte_tokenizer

BOOK = Book("b1", "eating.pdf", "/eating.pdf", "Eating in pregnancy")
IRON = "Pregnant women need 27 mg of iron a day. Take iron tablets with water or orange juice."
END = "<|im_end|>"
SCORES = {"enough": 0.9, "not_in_books": 0.05, "out_of_scope": 0.05}  # sure of its verdict
NEEDED = GoldQuestion(
    "gold-1",
    "How much iron do I need?",
    "plain",
    "report",
    frozenset({("eating.pdf", 1)}),
    ("27 mg",),
)
UNKNOWN = GoldQuestion(
    "gold-2", "Which tablets taste best?", "near_miss", "report", frozenset(), ()
)


class OneBook:
    """Finds the passage on iron for every question, with the verdict it was given."""

    def __init__(self, verdict: Verdict = "enough") -> None:
        self.verdict = verdict

    def search(
        self, question: str, history: Sequence[Turn] = (), profile: Any = None
    ) -> SearchResult:
        passage = Passage("p1", BOOK.id, 1, 1, "1", ("Vitamins", "Iron"), IRON)
        return SearchResult(
            (Hit(passage, BOOK, 1.0),), Evidence(self.verdict, SCORES[self.verdict]), (), question
        )


def open_app(verdict: Verdict = "enough", **settings: Any) -> Assistant:
    """The app over one passage; its own model is never asked."""
    embedder = HashingEmbedder()
    return Assistant(
        retriever=OneBook(verdict),  # type: ignore[arg-type]
        model=ScriptedChatModel(),
        embedder=embedder,
        verifier=Verifier(embedder),
        settings=Settings(**settings),
    )


def tiny_config(vocabulary: int) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        eos_token_id=257,
    )


def write_always(text: str, role: Role = "adapter", **fields: Any) -> Candidate:
    """A candidate that writes `text`, again and again; END in it ends an answer."""
    tokenizer = byte_tokenizer()
    scribe = Scribe(tiny_config(len(tokenizer))).eval()
    scribe.text = tokenizer(text)["input_ids"]
    given = {"context_tokens": 2048, "temperature": 0.0, "seed": 1, "max_answer_tokens": 200}
    model = WatchedChatModel(
        bring=lambda: Loaded.of(scribe, tokenizer), name="scribe", **(given | fields)
    )
    return Candidate(role, f"scribe {role}", "", model)


def save_base(folder: Path) -> Settings:
    """A tiny base in a folder, and settings in which it stands for the embedded model."""
    torch.manual_seed(0)
    tokenizer = byte_tokenizer()
    LlamaForCausalLM(tiny_config(len(tokenizer))).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return Settings(model_dir=folder, adapter="none", max_answer_tokens=16)


def save_run(folder: Path, base: Path, fill: float = 0.0, finished: bool = True) -> Path:
    """A run's folder with a LoRA adapter on that base; `fill` 0 changes nothing that it says."""
    model = LlamaForCausalLM.from_pretrained(base)
    adapted = get_peft_model(model, LoraConfig(r=2, target_modules=["q_proj", "v_proj"]))
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.fill_(fill)
    adapted.save_pretrained(folder / "adapter")
    if finished:
        run = {
            "status": "finished",
            "recipe": {"name": folder.name, "model": "smollm2-135m", "method": {"name": "lora"}},
            "data": [{"set": "grounded", "train": "ab" * 32}],
        }
        (folder / "run.json").write_text(json.dumps(run))
    return folder
