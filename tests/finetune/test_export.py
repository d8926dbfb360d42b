"""Exports that other programs read: the same tokens from PEFT, the merged model and llama.cpp."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import BOFTConfig, LoraConfig, PeftConfig, PeftModel, get_peft_model
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE, WordLevel
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)
from typer.testing import CliRunner

from finetune.__main__ import app
from finetune.errors import ExportRefused, NotFinite
from finetune.export import MANIFEST_NAME, choose_kinds, export
from finetune.gguf.gguf_writer import write_model
from finetune.learning.loading import find_folder
from finetune.measuring.candidate import find_trained
from models.adapters import base_revision, tokenizer_sha256
from models.errors import ModelError
from models.local import load_tokenizer
from models.weights import file_sha256
from settings import Settings, load_settings
from tests.finetune.llama_cpp import open_engine

BASE = "smollm2-135m"
COUNT = 24
# Engines round differently: of 8 shaken adapters tried, two had an answer where two tokens were less
# than 0.004 logits apart, and there PEFT, llama.cpp and llama.cpp with the adapter's own file chose
# differently. With this seed the closest two are 0.025 apart, which the test checks.
SEED = 3
APART = 0.02
ROUNDING = 0.1  # logits, of a tiny random model whose logits spread over tens
QUESTIONS = (
    "How much folic acid should I take?",
    "What can I do about 3 days of heartburn at 28 weeks?",
    "My blood pressure was 140/90 mmHg. What's next?",
)
TRICKY = "It's 1.5 mg/kg, 140/90 — don't  take 12345 naïve pills!\n\nWe'll see."


def small_tokenizer() -> PreTrainedTokenizerFast:
    """Bytes, and a few words' worth of merges, which llama.cpp insists on."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = ByteLevelDecoder()
    bytes_ = ByteLevel.alphabet()
    tokenizer.train_from_iterator([TRICKY], BpeTrainer(vocab_size=290, initial_alphabet=bytes_))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|im_start|>", eos_token="<|im_end|>"
    )


def tiny_model(vocabulary: int, **fields: Any) -> LlamaForCausalLM:
    """Random weights so large that one token is clearly the likeliest, and never the last (the end)."""
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.3,
        **fields,
    )
    model = LlamaForCausalLM(config).eval()
    with torch.no_grad():
        model.lm_head.weight[-1] = 0
    return model


def save_base(folder: Path) -> Settings:
    """A tiny base that stands for the embedded model in the settings."""
    tokenizer = small_tokenizer()
    tiny_model(len(tokenizer)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return Settings(model_dir=folder, adapter="none")


def save_adapter(folder: Path, base: Path, config: PeftConfig | None = None) -> Path:
    """An adapter whose every weight was shaken."""
    torch.manual_seed(SEED)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    adapted = get_peft_model(model, config or LoraConfig(r=4, target_modules="all-linear"))
    with torch.no_grad():
        for weight in (w for w in adapted.parameters() if w.requires_grad):
            weight += torch.randn_like(weight) * (0.01 if model.config.vocab_size > 1000 else 0.1)
    adapted.save_pretrained(folder)
    return folder


def likeliest(model: Any, prompt: Sequence[int], answer: Sequence[int]) -> list[int]:
    """What the model finds likeliest after each part of prompt and answer.

    Equal to the answer exactly when the model, writing greedily, writes the answer.
    """
    tokens: list[int] = score(model, prompt, answer).argmax(-1).tolist()
    return tokens


def shortfall(model: Any, prompt: Sequence[int], answer: Sequence[int]) -> float:
    """By how many logits a token of the answer falls short of the likeliest, at most.

    Nearly 0 when the model, writing greedily, writes the answer, or one as likely at a near tie; tiny
    random models have many of these.
    """
    logits = score(model, prompt, answer)
    chosen = logits[torch.arange(len(answer)), torch.tensor(answer)]
    return float((logits.amax(-1) - chosen).max())


def closest(model: Any, prompt: Sequence[int], answer: Sequence[int]) -> float:
    """The least distance, in logits, of the likeliest token from the next."""
    best, next_best = score(model, prompt, answer).topk(2).values.T
    return float((best - next_best).min())


def score(model: Any, prompt: Sequence[int], answer: Sequence[int]) -> torch.Tensor:
    """Logits `(len(answer), vocabulary)` where each token of the answer was to be written."""
    with torch.inference_mode():
        logits: torch.Tensor = model(torch.tensor([[*prompt, *answer]])).logits
    return logits[0, len(prompt) - 1 : -1]


def read(folder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


@pytest.mark.model
def test_peft_merged_and_gguf_write_the_same_tokens(tmp_path: Path) -> None:
    """On the real model: three questions, 24 tokens each, with a number in two of them."""
    try:
        base = find_folder(BASE, load_settings())
    except ModelError as missing:
        pytest.skip(f"the embedded model is not here: {missing}")
    tokenizer = load_tokenizer(base)
    adapter = save_adapter(tmp_path / "shaken", base)
    export(
        find_trained(adapter, BASE), ("merged", "gguf", "gguf-adapter"), Settings(), tmp_path / "o"
    )
    prompts = [
        tokenizer.apply_chat_template(
            [{"role": "user", "content": question}], add_generation_prompt=True, return_dict=False
        )
        for question in QUESTIONS
    ]
    with open_engine(tmp_path / "o" / "shaken-f16.gguf") as engine:
        answers = [engine.write(prompt, COUNT) for prompt in prompts]
        assert engine.cut(TRICKY) == tokenizer(TRICKY)["input_ids"]
    assert len({tuple(answer) for answer in answers}) == len(QUESTIONS)
    assert all(len(answer) == COUNT for answer in answers)

    plain = read(base)
    write_model(plain, tokenizer, tmp_path / "base.gguf", BASE, "apache-2.0")
    with open_engine(tmp_path / "base.gguf", tmp_path / "o" / "shaken-lora-f16.gguf") as engine:
        assert [engine.write(prompt, COUNT) for prompt in prompts] == answers
    pairs = list(zip(prompts, answers, strict=True))
    assert any(likeliest(plain, *pair) != pair[1] for pair in pairs)  # the adapter matters
    for model in (
        read(tmp_path / "o" / "merged"),
        PeftModel.from_pretrained(plain, adapter).eval(),
    ):
        assert [likeliest(model, *pair) for pair in pairs] == answers
        assert min(closest(model, *pair) for pair in pairs) > APART


@pytest.mark.parametrize("tied", [True, False])
def test_a_llama_3_with_a_stretched_rotation_writes_the_same_tokens(
    tmp_path: Path, tied: bool
) -> None:
    """The context of 3.1 and 3.2 is stretched; here from 16 tokens, so that it shows at once."""
    stretch = {
        "rope_type": "llama3",
        "rope_theta": 500.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 16,
    }
    tokenizer = small_tokenizer()
    model = tiny_model(len(tokenizer), rope_parameters=stretch, tie_word_embeddings=tied)
    write_model(model, tokenizer, tmp_path / "tiny.gguf", "tiny", "none")
    prompt = tokenizer("How much folic acid is in a cup of lentils?")["input_ids"]
    with open_engine(tmp_path / "tiny.gguf") as engine:
        answer = engine.write(prompt, COUNT)
    assert shortfall(model, prompt, answer) < ROUNDING
    assert len(set(answer)) > 3


def test_llama_3s_tokenizer_is_cut_by_llama_cpp_as_by_transformers(tmp_path: Path) -> None:
    try:
        tokenizer = load_tokenizer(find_folder("llama-3.2-tokenizer", load_settings()))
    except ModelError as missing:
        pytest.skip(f"the tokenizer of Llama 3.2 is not here: {missing}")
    model = tiny_model(len(tokenizer))
    write_model(model, tokenizer, tmp_path / "tiny.gguf", "tiny", "none")
    turn = tokenizer.apply_chat_template([{"role": "user", "content": "Hello"}], tokenize=False)
    with open_engine(tmp_path / "tiny.gguf") as engine:
        assert engine.cut(TRICKY) == tokenizer(TRICKY)["input_ids"]
        without_begin = turn.removeprefix(tokenizer.bos_token)
        assert engine.cut(without_begin) == tokenizer(without_begin)["input_ids"]


@pytest.mark.parametrize(
    "config",
    [
        LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "k_proj", "v_proj"]),
        LoraConfig(r=4, lora_alpha=8, use_rslora=True, target_modules="all-linear"),
        LoraConfig(
            r=4,
            lora_alpha=8,
            target_modules="all-linear",
            rank_pattern={r".*\.layers\.0\..*": 2},
            alpha_pattern={r".*\.layers\.0\..*": 7},
        ),
    ],
    ids=["q, k and v", "rslora", "a rank per block"],
)
def test_every_scaling_of_lora_arrives_in_the_adapters_file(
    tmp_path: Path, config: LoraConfig
) -> None:
    settings = save_base(tmp_path / "base")
    adapter = save_adapter(tmp_path / "shaken", tmp_path / "base", config)
    trained = find_trained(adapter, BASE)
    export(trained, choose_kinds("gguf-adapter", trained), settings, tmp_path / "o")
    tokenizer, plain = small_tokenizer(), read(tmp_path / "base")
    write_model(plain, tokenizer, tmp_path / "base.gguf", "base", "none")
    prompt = tokenizer("Iron?")["input_ids"]
    with open_engine(tmp_path / "base.gguf", tmp_path / "o" / "shaken-lora-f16.gguf") as engine:
        answer = engine.write(prompt, COUNT)
    assert shortfall(plain, prompt, answer) > 10 * ROUNDING
    adapted = PeftModel.from_pretrained(plain, adapter).eval()
    assert shortfall(adapted, prompt, answer) < ROUNDING


@pytest.mark.parametrize(
    "config",
    [
        LoraConfig(r=4, use_dora=True, target_modules="all-linear"),
        BOFTConfig(boft_block_size=4, boft_n_butterfly_factor=1, target_modules=["q_proj"]),
    ],
    ids=["dora", "boft"],
)
def test_what_is_no_plain_lora_is_exported_merged_only(tmp_path: Path, config: PeftConfig) -> None:
    settings = save_base(tmp_path / "base")
    trained = find_trained(save_adapter(tmp_path / "shaken", tmp_path / "base", config), BASE)
    with pytest.raises(ExportRefused, match="--to gguf"):
        export(trained, choose_kinds("all", trained), settings, tmp_path / "o")
    assert not (tmp_path / "o").exists()
    export(trained, ("merged",), settings, tmp_path / "o")
    adapted = PeftModel.from_pretrained(read(tmp_path / "base"), trained.folder).eval()
    ids = torch.tensor([[5, 6, 7, 8]])
    merged = read(tmp_path / "o" / "merged")
    assert torch.allclose(merged(ids).logits, adapted(ids).logits, atol=0.05)


def test_the_manifest_names_every_file_and_what_it_came_from(tmp_path: Path) -> None:
    settings = save_base(tmp_path / "base")
    trained = find_trained(save_adapter(tmp_path / "shaken", tmp_path / "base"), BASE)
    report = export(trained, choose_kinds("all", trained), settings, tmp_path / "o")
    manifest = json.loads((tmp_path / "o" / MANIFEST_NAME).read_text())
    assert report == {"folder": str(tmp_path / "o"), **manifest}
    assert manifest["base"] == BASE
    assert manifest["trained_sha256"] == file_sha256(trained.folder / "adapter_model.safetensors")
    assert {"shaken-f16.gguf", "shaken-lora-f16.gguf", "merged/tokenizer.json"} <= set(
        manifest["files"]
    )
    for name, file in manifest["files"].items():
        assert file["sha256"] == file_sha256(tmp_path / "o" / name)
    config = json.loads((tmp_path / "o" / "merged" / "config.json").read_text())
    assert config["dtype"] == "float16"


def test_an_adapter_with_a_card_is_exported_under_its_own_licence(tmp_path: Path) -> None:
    settings = save_base(tmp_path / "base")
    adapter = save_adapter(tmp_path / "shaken", tmp_path / "base")
    card = {
        "base": BASE,
        "base_revision": base_revision(read(tmp_path / "base")),
        "tokenizer_sha256": tokenizer_sha256(small_tokenizer()),
        "weights_sha256": file_sha256(adapter / "adapter_model.safetensors"),
        "licence": "CC-BY-4.0",
        "limits": "none known",
    }
    lines = [f'{key} = "{value}"' for key, value in card.items()]
    (adapter / "card.toml").write_text("\n".join([*lines, 'data = ["made in a test"]']))
    report = export(find_trained(adapter, BASE), ("gguf-adapter",), settings, tmp_path / "o")
    assert report["licence"] == "CC-BY-4.0"


def test_an_earlier_export_is_replaced_and_anything_else_is_not(tmp_path: Path) -> None:
    settings = save_base(tmp_path / "base")
    trained = find_trained(save_adapter(tmp_path / "shaken", tmp_path / "base"), BASE)
    export(trained, ("merged", "gguf-adapter"), settings, tmp_path / "o")
    export(trained, ("gguf-adapter",), settings, tmp_path / "o")
    assert not (tmp_path / "o" / "merged").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(ExportRefused, match="--out"):
        export(trained, ("gguf-adapter",), settings, tmp_path / "mine")
    assert (tmp_path / "mine" / "notes.txt").read_text() == "keep"


@pytest.mark.parametrize("value", [float("nan"), 1e6])
def test_weights_that_float16_can_not_hold_are_refused(tmp_path: Path, value: float) -> None:
    settings = save_base(tmp_path / "base")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "base")
    adapted = get_peft_model(model, LoraConfig(r=2, target_modules=["q_proj"]))
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora" in name:
                weight.fill_(value)
    adapted.save_pretrained(tmp_path / "broken")
    trained = find_trained(tmp_path / "broken", BASE)
    for kind in choose_kinds("all", trained):
        with pytest.raises(NotFinite, match="float16"):
            export(trained, (kind,), settings, tmp_path / "o")
    assert not (tmp_path / "o").exists()


def test_a_whole_model_has_no_adapter_to_export(tmp_path: Path) -> None:
    settings = save_base(tmp_path / "run" / "model")
    trained = find_trained(tmp_path / "run", BASE)
    assert choose_kinds("all", trained) == ("merged", "gguf")
    with pytest.raises(ExportRefused, match="no adapter"):
        export(trained, ("gguf-adapter",), settings, tmp_path / "o")
    files = export(trained, ("merged", "gguf"), settings, tmp_path / "o")["files"]
    assert "run-f16.gguf" in files


def test_other_families_and_tokenizers_are_refused_with_the_way_on(tmp_path: Path) -> None:
    words = Tokenizer(WordLevel({"[UNK]": 0, "iron": 1}, unk_token="[UNK]"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words)
    with pytest.raises(ExportRefused, match=r"WordLevel.*--to merged"):
        write_model(tiny_model(2), tokenizer, tmp_path / "a.gguf", "a", "none")
    model = tiny_model(2)
    model.config.model_type = "phi"
    with pytest.raises(ExportRefused, match=r"'phi'.*--to merged"):
        write_model(model, small_tokenizer(), tmp_path / "a.gguf", "a", "none")


def test_the_command_exports_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_base(tmp_path / "base")
    monkeypatch.setenv("LLAMA_MD_MODEL_DIR", str(tmp_path / "base"))
    load_settings.cache_clear()
    run = save_adapter(tmp_path / "run" / "adapter", tmp_path / "base").parent
    (run / "run.json").write_text(json.dumps({"recipe": {"model": BASE}}))
    arguments = ["export", str(run), "--to", "gguf-adapter", "--out", str(tmp_path / "o"), "--json"]
    result = CliRunner().invoke(app, arguments)
    load_settings.cache_clear()
    assert list(json.loads(result.stdout)["files"]) == ["run-lora-f16.gguf"]
