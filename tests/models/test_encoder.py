"""Our encoder gives sentence-transformers' vectors, in the order of the texts, windows included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import BertWordPieceTokenizer
from transformers import AutoModel, BertConfig, BertModel, BertTokenizerFast

from models.adapters import WEIGHTS_NAME, Adapter, AdapterCard
from models.embedder import load_embedder
from models.encoder import LocalEmbedder
from models.errors import AdapterRefused, WeightsDamaged, WeightsMissing
from models.low_rank import merge_low_rank
from models.weights import file_sha256
from settings import Settings

TEXTS = [
    "iron and folic acid",
    "call the midwife now if the waters break and the baby moves less than before " * 3,
    "",
    "weeks",
    "bleeding after birth: 400 µg, ≥140/90",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT of random weights, written as a sentence-transformers folder."""
    root = tmp_path_factory.mktemp("tiny")
    words = BertWordPieceTokenizer(lowercase=True)
    words.train_from_iterator(TEXTS * 3, vocab_size=120, show_progress=False)
    words.save_model(str(root))
    BertTokenizerFast(vocab=str(root / "vocab.txt")).save_pretrained(root / "bert")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=max(120, words.get_vocab_size()),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(root / "bert")
    reader = Transformer(str(root / "bert"), max_seq_length=24)
    SentenceTransformer(modules=[reader, Pooling(32), Normalize()]).save(str(root / "model"))
    return root / "model"


@pytest.fixture(scope="module")
def embedder(folder: Path) -> LocalEmbedder:
    return LocalEmbedder("tiny", folder, torch.float32)


def test_vectors_are_those_of_sentence_transformers(folder: Path, embedder: LocalEmbedder) -> None:
    peer = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    expected = peer.encode(TEXTS, normalize_embeddings=True)
    assert np.allclose(embedder.encode(TEXTS), expected, atol=1e-5)


def test_a_text_has_the_same_vector_alone_and_in_company(embedder: LocalEmbedder) -> None:
    together = embedder.encode(TEXTS)
    alone = np.concatenate([embedder.encode([text]) for text in TEXTS])
    assert np.allclose(together, alone, atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    assert together.dtype == np.float32


def test_no_texts_give_no_vectors(embedder: LocalEmbedder) -> None:
    assert embedder.encode([]).shape == (0, 32)


def test_a_window_over_the_whole_text_is_near_its_vector(embedder: LocalEmbedder) -> None:
    text = TEXTS[0]
    spans = [[(0, len(text)), (0, 4), (len(text) + 5, len(text) + 9)], []]
    whole, windows = embedder.encode_windows([text, TEXTS[3]], spans)
    assert windows.shape == (3, 32)
    assert windows[0] @ whole[0] > 0.9
    assert not np.allclose(windows[1], whole[0], atol=1e-3)
    assert np.allclose(windows[2], whole[0])


def test_bfloat16_agrees_with_float32(folder: Path, embedder: LocalEmbedder) -> None:
    half = LocalEmbedder("tiny", folder, torch.bfloat16)
    agreement = (half.encode(TEXTS) * embedder.encode(TEXTS)).sum(1)
    assert agreement.min() > 0.999


def test_tokens_are_counted_beyond_what_is_read(embedder: LocalEmbedder) -> None:
    assert embedder.max_tokens == 24
    assert embedder.count_tokens(TEXTS[1]) > embedder.max_tokens
    assert embedder.count_tokens("") == 2


def test_langchain_sees_plain_lists(embedder: LocalEmbedder) -> None:
    assert np.allclose(embedder.embed_query("iron"), embedder.embed_documents(["iron"])[0])


def test_damaged_weights_name_the_remedy(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsDamaged, match="python -m models pull tiny"):
        LocalEmbedder("tiny", tmp_path)


def test_an_embedder_that_was_never_fetched_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="python -m models pull minilm"):
        load_embedder(Settings(weights_dir=tmp_path))


@pytest.mark.model
def test_the_real_embedder_puts_a_lay_question_near_its_answer() -> None:
    question, answer, other = load_embedder(Settings()).encode(
        [
            "what should I do when my waters break?",
            "Call your midwife at once if the membranes rupture and fluid leaks.",
            "The contraceptive implant lasts three years.",
        ]
    )
    assert question @ answer > question @ other + 0.2


@pytest.fixture(scope="module")
def asking(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Adapter:
    """A LoRA adapter of random weights on the tiny BERT, with a card."""
    home = tmp_path_factory.mktemp("adapter") / "tiny-questions"
    torch.manual_seed(1)
    base = AutoModel.from_pretrained(folder)
    config = LoraConfig(r=4, lora_alpha=8, target_modules=["query", "key", "value", "dense"],
                        exclude_modules=["pooler.dense"], init_lora_weights=False)  # fmt: skip
    get_peft_model(base, config).save_pretrained(home)
    card = AdapterCard(
        base="tiny",
        base_revision=file_sha256(folder / "model.safetensors")[:12],
        tokenizer_sha256=file_sha256(folder / "tokenizer.json")[:16],
        weights_sha256=file_sha256(home / WEIGHTS_NAME),
        licence="Apache-2.0",
        data=["none"],
        limits="none",
    )
    return Adapter(name="tiny-questions", folder=home, card=card)


def test_questions_go_through_the_adapter_as_peft_merges_it_and_texts_do_not(
    folder: Path, embedder: LocalEmbedder, asking: Adapter
) -> None:
    both = LocalEmbedder("tiny", folder, torch.float32, asking=asking)
    assert np.allclose(both.encode(TEXTS), embedder.encode(TEXTS), atol=1e-6)
    assert not np.allclose(both.encode_questions(TEXTS), embedder.encode(TEXTS), atol=1e-2)
    peer = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    with torch.no_grad():
        peer[0].auto_model = PeftModel.from_pretrained(
            peer[0].auto_model, asking.folder
        ).merge_and_unload()
    expected = peer.encode(TEXTS, normalize_embeddings=True)
    assert np.allclose(both.encode_questions(TEXTS), expected, atol=1e-5)
    assert np.allclose(both.embed_query(TEXTS[0]), expected[0], atol=1e-5)
    assert np.allclose(embedder.encode_questions(TEXTS), embedder.encode(TEXTS), atol=1e-6)


def test_an_adapter_of_another_embedder_is_refused(folder: Path, asking: Adapter) -> None:
    other = asking.model_copy(
        update={"card": asking.card.model_copy(update={"base_revision": "of another"})}
    )
    with pytest.raises(AdapterRefused, match="LLAMA_MD_QUESTION_ENCODER=none"):
        LocalEmbedder("tiny", folder, torch.float32, asking=other)


def test_what_is_no_plain_lora_of_this_encoder_is_refused(
    folder: Path, asking: Adapter, tmp_path: Path
) -> None:
    weights = load_file(folder / "model.safetensors")
    with pytest.raises(AdapterRefused, match="does not have"):
        merge_low_rank({"embeddings": weights.popitem()[1]}, asking.folder)
    (tmp_path / "adapter_config.json").write_text('{"peft_type": "BOFT"}')
    with pytest.raises(AdapterRefused, match="no plain LoRA"):
        merge_low_rank(weights, tmp_path)
