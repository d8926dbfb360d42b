"""A byte-level BPE tokenizer of transformers, as the metadata that llama.cpp reads it from.

Knows no weights. Training road: adapter → **export**.
"""

from __future__ import annotations

import json
from typing import Any

import gguf

from finetune.errors import ExportRefused

# How a tokenizer cuts text before BPE: the part of its tokenizer.json that shows it, and what
# llama.cpp calls it (src/llama-vocab.cpp, `tokenizer_pre`).
_CUTS = {
    r"\p{N}{1,3}": "llama-bpe",  # Llama 3: numbers in groups of three
    '"individual_digits": true': "smollm",  # SmolLM: digit by digit
    '"use_regex": true': "gpt-2",
}


def add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Any, vocabulary: int) -> None:
    """Write the tokens, merges, special tokens and chat template; `vocabulary` rows are embedded.

    Raises:
        ExportRefused: it is no byte-level BPE, or cuts text in a way that llama.cpp has no name for.
    """
    parts = json.loads(tokenizer.backend_tokenizer.to_str())
    if parts["model"]["type"] != "BPE":
        raise ExportRefused(
            f"the tokenizer is a {parts['model']['type']}, expected a byte-level BPE as Llama 3 and "
            "SmolLM2 have. Export --to merged, and convert that with llama.cpp's own tools"
        )
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(name_cut(parts["pre_tokenizer"]))
    tokens, kinds = _list_tokens(tokenizer, vocabulary)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    merges = parts["model"]["merges"]
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    for what in ("bos", "eos", "unk", "pad"):
        number = getattr(tokenizer, f"{what}_token_id")
        if number is not None:
            getattr(writer, f"add_{what}_token_id")(number)
    first = tokenizer("a")["input_ids"][0]
    writer.add_add_bos_token(first == tokenizer.bos_token_id)
    writer.add_add_space_prefix(False)
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def name_cut(pre_tokenizer: dict[str, Any] | None) -> str:
    """llama.cpp's name for a `pre_tokenizer` of tokenizer.json.

    Raises:
        ExportRefused: none of those that are known here.
    """
    text = json.dumps(pre_tokenizer).replace("\\\\", "\\")
    for sign, name in _CUTS.items():
        if sign in text:
            return name
    raise ExportRefused(
        f"the tokenizer cuts text by {text[:200]}, expected as one of {', '.join(_CUTS.values())}. "
        "Export --to merged, and convert that with llama.cpp's own tools"
    )


def _list_tokens(tokenizer: Any, vocabulary: int) -> tuple[list[str], list[gguf.TokenType]]:
    """Every row's token and kind; rows that no token has are marked as unused."""
    by_id = {number: token for token, number in tokenizer.get_vocab().items()}
    added = tokenizer.added_tokens_decoder
    tokens, kinds = list[str](), list[gguf.TokenType]()
    for number in range(vocabulary):
        tokens.append(by_id.get(number, f"[PAD{number}]"))
        if number in added:
            special = added[number].special
            kinds.append(gguf.TokenType.CONTROL if special else gguf.TokenType.USER_DEFINED)
        else:
            kinds.append(gguf.TokenType.NORMAL if number in by_id else gguf.TokenType.UNUSED)
    return tokens, kinds
