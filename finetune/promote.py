"""`python -m finetune promote`: the gate between a trained adapter and the app.

Reads a run and its evaluation; writes `models/adapters/NAME/` in one step, with the card that the
app asks for, and only when the figures allow it. Training road: report → **gate**.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from finetune.errors import GateClosed, NotFinite, RunInvalid
from finetune.measuring.candidate import CONFIG_NAME, Trained, as_adapter, find_in_service
from finetune.measuring.figures import DECISIVE, MARGIN, rule
from finetune.measuring.report import read_report
from models.adapters import (
    ADAPTERS_DIR,
    CARD_NAME,
    WEIGHTS_NAME,
    AdapterCard,
    attach_adapter,
    read_adapter,
)
from models.local import bring_model
from models.registry import find_model
from models.weights import file_sha256, find_weights
from settings import Settings

MOST_BYTES = 20_000_000  # of an adapter's weights: it ships inside the repository (issue 5)
LIMITS = (
    "Answers from the passages beside the question, in English; by itself it knows nothing to rely "
    "on. Every sentence is checked against its page (rag/verify.py) before a person reads it."
)
_RESULTS = (
    "answerable", "unanswerable", "model_asked", *DECISIVE, "answered_of_asked",
    "facts_where_written", "facts_by_model", "facts_quoted_there", "false_refusals", "wrongly_answered",
    "stops_itself", "repetition", "seconds_median", "seconds_p90",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """What a card says that no file knows; "" = the default."""

    name: str = ""  # of the folder; default: of the adapter in service, else of the run
    licence: str = ""  # default: the base's
    data: tuple[str, ...] = ()
    limits: str = ""


def promote(
    trained: Trained,
    label: Label,
    settings: Settings,
    report: Path | None = None,
    home: Path = ADAPTERS_DIR,
) -> dict[str, Any]:
    """Put the adapter in service; where it lies, its bytes, and the figures that opened the gate.

    Raises:
        GateClosed: not better than the base and the adapter in service, or too big.
        NotFinite: a weight is NaN or infinite.
        RunInvalid: no evaluation, one of other weights, or no adapter at all.
        AdapterRefused: the app would not attach it.
    """
    check_finished(trained)
    figures = read_report(report or trained.home)
    check_gate(trained, figures, home)
    serving = find_in_service(trained.base, home)
    name = label.name or (serving.name if serving else trained.name)
    placed = place(
        trained, name, card_fields(trained, label, _results(trained, figures)), settings, home
    )
    now = find_in_service(trained.base, home)
    return {
        **placed,
        "in_service": now is not None and now.name == name,
        "replaced": serving.name if serving else None,
        "reasons": figures["ruling"]["reasons"],
    }


def check_finished(trained: Trained) -> None:
    """Refuse a run that was cut off."""
    if trained.folder.parent == trained.home and not trained.run:
        raise RunInvalid(
            f"{trained.home} has no run.json: the run is not finished. Go on with it: "
            "python -m finetune train RECIPE"
        )


def place(
    trained: Trained, name: str, fields: dict[str, Any], settings: Settings, home: Path
) -> dict[str, Any]:
    """Write `home/name` in one step, as the app can attach it; where it lies and its bytes."""
    check_name(name)
    entry = find_model(trained.base, "chat")
    loaded = bring_model(entry.name, find_weights(entry, settings), None)
    draft = as_adapter(trained, settings, loaded)
    weights = read_weights(trained.folder / WEIGHTS_NAME)
    part = home / f".{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        size, dtype = write_weights(weights, part / WEIGHTS_NAME)
        write_config(trained.folder, trained.base, part)
        own = {**fields, "weights_sha256": file_sha256(part / WEIGHTS_NAME)}
        render_card(draft.card.model_copy(update=own), part)
        attach_adapter(loaded.model, loaded.tokenizer, read_adapter(part), entry.name)
        move_in(part, home / name)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return {"name": name, "folder": str(home / name), "bytes": size, "dtype": dtype}


def check_gate(trained: Trained, report: dict[str, Any], home: Path = ADAPTERS_DIR) -> None:
    """Let pass an adapter whose whole evaluation beats the base and what is in service.

    Raises:
        RunInvalid: the evaluation is of other weights.
        GateClosed: it asked too little, was made against others, or its figures are not better.
    """
    again = "Measure it anew: python -m finetune evaluate RUN"
    if report["adapter"]["sha256"] != trained.sha256:
        raise RunInvalid(
            f"the evaluation is of weights {report['adapter']['sha256'][:16]}, {trained.name} holds "
            f"{trained.sha256[:16]}. {again}"
        )
    gold, models = report["gold"], report["models"]
    if gold["half"] != "report" or not gold["complete"]:
        raise GateClosed(
            f"the evaluation asked {gold['questions']} questions of half {gold['half']!r}; expected "
            f"the whole reporting half. {again} (without --questions)"
        )
    serving = find_in_service(trained.base, home)
    expected = serving.card.weights_sha256 if serving else None
    measured = models["in service"]["sha256"] if "in service" in models else None
    if "base" not in models or measured != expected:
        name = serving.name if serving else "no adapter"
        raise GateClosed(f"the evaluation was not made against the base and {name}. {again}")
    rivals = {role: row["app"] for role, row in models.items() if role != "adapter"}
    ruling = rule(models["adapter"]["app"], rivals, report["quotes"]["facts"])
    if not ruling.opens:
        raise GateClosed(
            f"{trained.name} is not better: {'; '.join(ruling.reasons)}. Expected nothing that "
            f"decides worse by more than {MARGIN}, and something better by more. Read answers.md "
            "beside the report, and train it anew: python -m finetune train RECIPE"
        )


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of an adapter.

    Raises:
        RunInvalid: the file is not whole.
        NotFinite: a value is NaN or infinite; the text names its tensor.
    """
    try:
        weights: dict[str, torch.Tensor] = load_file(path)
    except (OSError, SafetensorError) as failure:
        raise RunInvalid(
            f"{path} can't be read ({failure}); expected a whole safetensors file. "
            "Train it anew: python -m finetune train RECIPE"
        ) from failure
    for name, tensor in weights.items():
        if not bool(torch.isfinite(tensor).all()):
            raise NotFinite(
                f"{path.name}: {name} holds NaN or infinity; such an adapter is never promoted. "
                "Train it anew, with a lower learning rate: python -m finetune train RECIPE"
            )
    return weights


def write_weights(weights: dict[str, torch.Tensor], path: Path) -> tuple[int, str]:
    """Save in 16 bits; how many bytes, and the format.

    float16 keeps three bits more of a small weight than bfloat16; the latter only where a weight is
    too large for it.

    Raises:
        GateClosed: more than MOST_BYTES.
    """
    narrow = {name: _narrow(tensor) for name, tensor in weights.items()}
    save_file(narrow, path, metadata={"format": "pt"})
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise GateClosed(
            f"the adapter's weights take {size / 1e6:.1f} MB, expected at most "
            f"{MOST_BYTES / 1e6:.0f} MB. Train it with a lower rank or fewer targets"
        )
    kinds = sorted({str(tensor.dtype).removeprefix("torch.") for tensor in narrow.values()})
    return size, ", ".join(kinds)


def render_toml(table: dict[str, Any]) -> str:
    """A flat TOML table; what is nested is written inline, and what is None is left out."""
    return "".join(
        f"{_key(key)} = {_value(value)}\n" for key, value in table.items() if value is not None
    )


def _narrow(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.dtype != torch.float32:
        return tensor.contiguous()
    half = tensor.half()
    return (half if bool(torch.isfinite(half).all()) else tensor.bfloat16()).contiguous()


def write_config(source: Path, base: str, folder: Path) -> None:
    """PEFT's own file, with the base's name where PEFT wrote a path of the machine it ran on.

    Raises:
        RunInvalid: `source` holds none.
    """
    try:
        config = json.loads((source / CONFIG_NAME).read_text(encoding="utf-8"))
        config["base_model_name_or_path"] = base
    except (OSError, ValueError, TypeError) as failure:
        raise RunInvalid(
            f"{source / CONFIG_NAME} can't be used ({failure}); expected what PEFT writes "
            "beside the weights. Train it anew: python -m finetune train RECIPE"
        ) from failure
    config["inference_mode"] = True
    text = json.dumps(config, indent=2, sort_keys=True) + "\n"
    (folder / CONFIG_NAME).write_text(text, encoding="utf-8")


def card_fields(trained: Trained, label: Label, results: dict[str, Any]) -> dict[str, Any]:
    """What the card says beyond its checks: data, recipe and results."""
    recipe = dict(trained.run.get("recipe", {}))
    data = [*label.data, *_data_notes(trained.run)]
    fields = {"data": data, "recipe": recipe, "results": results}
    fields["limits"] = label.limits or LIMITS
    if label.licence:
        fields["licence"] = label.licence
    return fields


def _results(trained: Trained, report: dict[str, Any]) -> dict[str, Any]:
    """The figures of an evaluation that a card keeps."""
    models, gold = report["models"], report["gold"]
    results: dict[str, Any] = {
        "gold": f"{gold['questions']} questions of {gold['file']}, half {gold['half']}",
        "gold_sha256": gold["sha256"],
        "evaluated_sha256": trained.sha256,  # before it was narrowed to 16 bits
        "quotes_facts": _short(report["quotes"]["facts"]),
    }
    for role, row in models.items():
        results[role.replace(" ", "_")] = {key: _short(row["app"].get(key)) for key in _RESULTS}
    return results


def _data_notes(run: dict[str, Any]) -> list[str]:
    """The prepared sets of the run: name and hash."""
    return [
        f"set {one['set']}: train split sha256 {one.get('train', '')[:16]}"
        for one in run.get("data", [])
    ]


def render_card(card: AdapterCard, folder: Path) -> None:
    """Write the card into the folder of its adapter."""
    whole = card.model_dump()
    recipe, results = whole.pop("recipe"), whole.pop("results")
    text = render_toml(whole)
    text += "\n[recipe]\n" + render_toml(recipe) + "\n[results]\n" + render_toml(results)
    (folder / CARD_NAME).write_text(text, encoding="utf-8")


def install(draft: Path, folder: Path) -> None:
    """A copy of an adapter's folder put in service; made beside its place, for `draft` may lie on another disk."""
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(draft, part, ignore=shutil.ignore_patterns("README.md"))
    move_in(part, folder)


def move_in(part: Path, folder: Path) -> None:
    """The new folder whole, or the old one: nothing between, but for one rename."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def check_name(name: str) -> None:
    """Refuse what is no name of one folder."""
    if not name or name != Path(name).name or name.startswith("."):
        raise RunInvalid(f"{name!r} is no name for an adapter; expected one folder name (--name)")


def _short(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def _key(key: str) -> str:
    return key if key and key.replace("_", "").replace("-", "").isalnum() else json.dumps(key)


def _value(value: Any) -> str:
    """A value as TOML; strings of JSON are strings of TOML."""
    if isinstance(value, dict):
        inside = (f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return f"{{ {', '.join(inside)} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(one) for one in value if one is not None)}]"
    return json.dumps(value, ensure_ascii=False)
