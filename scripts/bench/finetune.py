"""`python -m finetune estimate` against real training steps: how far is each from the other?

    python -m scripts.bench.finetune [--case NAME]... [--out DIR]

Each case trains two steps in a process of its own on this machine's CPU, with the very loop of
`finetune.learning.loop`, and takes the most memory that the process then holds beyond what it held after the
same with next to no model. Loading is left aside. Measured twice: with glibc told to give freed
tensors back at once, and as glibc is by itself, whose heap has gaps. Only memory is measured, so other
work on the machine does no harm. Needs Linux and glibc. Writes finetune.md and finetune.json.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from finetune.estimate import HEAP_MARGIN, MARGIN, TIGHT, Plan, estimate_memory
from finetune.recipe import Method, Recipe, Training
from finetune.sizing.memory import process_bytes
from settings import ROOT, load_settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
STEPS = 2  # in the second one the optimizer's states are there
ANSWER_TOKENS = 40
SMALL = "smollm2-135m"
QV = ("q_proj", "v_proj")


@dataclass(frozen=True, slots=True)
class Case:
    """A plan, and whether its model has its real weights."""

    method: Method
    training: Training
    model: str = SMALL
    real_weights: bool = False

    @property
    def plan(self) -> Plan:
        return Plan(self.model, self.method, self.training, ANSWER_TOKENS)


def _train(precision: Any, batch: int, tokens: int, **more: Any) -> Training:
    more = {"accumulation": 1, **more}
    return Training(
        precision=precision, batch_examples=batch, max_tokens=tokens, max_steps=STEPS, **more
    )


CASES = {
    "one": Case(Method(name="lora"), _train("bf16", 1, 512), real_weights=True),
    "padded": Case(Method(name="lora"), _train("fp32", 4, 256)),
    "packed": Case(Method(name="lora"), _train("bf16", 2, 256, packing=True)),
    "anew": Case(Method(name="lora"), _train("bf16", 2, 512, gradient_checkpointing=True)),
    "q-and-v": Case(Method(name="rslora", targets=QV), _train("bf16", 2, 256, accumulation=2)),
    "dora": Case(Method(name="dora"), _train("bf16", 2, 256)),
    "qlora": Case(Method(name="qlora"), _train("bf16", 1, 256), real_weights=True),
    "boft": Case(Method(name="boft", targets=QV), _train("bf16", 1, 256)),
    "selective": Case(Method(name="selective"), _train("bf16", 1, 512)),
    "freeze": Case(Method(name="freeze_lower"), _train("fp32", 2, 256)),
    "full": Case(Method(name="full"), _train("bf16", 2, 256)),
    "1b": Case(Method(name="lora"), _train("bf16", 1, 128), model="llama-3.2-1b"),
}


@app.command()
def main(
    case: Annotated[list[str] | None, typer.Option(help="one of the cases; more than once")] = None,
    out: Annotated[Path, typer.Option(help="folder of the report")] = ROOT / "var" / "bench",
    measure: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Measure the cases, and put each beside its estimate."""
    if measure:
        print(json.dumps(_measure_here(CASES[measure])))
        return
    unknown = set(case or ()) - CASES.keys()
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}; the cases are {', '.join(CASES)}")
    rows = []
    for name in case or CASES:
        rows.append(_compare(name))
        print(f"{name}: {rows[-1]['difference']:+.1%}", file=sys.stderr, flush=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / "finetune.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    (out / "finetune.md").write_text(_as_markdown(rows), encoding="utf-8")
    print(_as_markdown(rows))


def _compare(name: str) -> dict[str, Any]:
    """One case: estimated bytes, measured bytes, and the difference as a share of the measured."""
    plan = CASES[name].plan
    estimated = estimate_memory(plan, load_settings()).needs.peak_bytes
    tight, by_itself = _measure(name, TIGHT), _measure(name)
    process = tight["imports_bytes"] + tight["loop_bytes"]
    return {
        "case": name,
        "model": plan.model,
        "method": plan.method.model_dump(exclude_defaults=True),
        "training": plan.training.model_dump(exclude_defaults=True),
        "estimated_bytes": estimated,
        "measured_bytes": tight["step_bytes"],
        "difference": round(estimated / tight["step_bytes"] - 1, 4),
        "imports_bytes": tight["imports_bytes"],
        "loop_bytes": tight["loop_bytes"],
        "by_itself_bytes": by_itself["step_bytes"],
        "heap_share": round(sum(by_itself.values()) / (estimated + process) - 1, 4),
    }


def _measure(name: str, *variables: str) -> dict[str, int]:
    """A case in a process of its own, with these variables in its environment."""
    command = ["env", *variables, sys.executable, "-m", "scripts.bench.finetune", "--measure", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"case {name!r} did not run: {done.stderr[-2000:]}")
    found: dict[str, int] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _measure_here(case: Case) -> dict[str, int]:
    """Train in this process; what the imports, a loop over next to no model, and the model took."""
    from transformers import LlamaConfig

    import finetune.train  # noqa: F401  (brings every library that training uses)
    from finetune.learning.run import peak_bytes
    from finetune.sizing.shapes import find_config

    imports = process_bytes()
    with TemporaryDirectory() as folder:
        LlamaConfig(
            vocab_size=find_config(SMALL, load_settings()).vocab_size,
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=1,
        ).save_pretrained(folder)
        _train_steps(Case(Method(name="lora"), _train("bf16", 1, 64), model=folder), Path(folder))
        gc.collect()
        before = process_bytes()
        _train_steps(case, Path(folder))
    return {
        "imports_bytes": imports,
        "loop_bytes": before - imports,
        "step_bytes": peak_bytes() - before,
    }


def _train_steps(case: Case, folder: Path) -> None:
    from finetune.learning.loading import load_learner
    from finetune.learning.loop import make_trainer
    from finetune.learning.methods import apply_method

    recipe = Recipe(
        name="bench",
        about="two steps",
        model=case.model,
        tokenizer=SMALL,
        random_weights=not case.real_weights,
        data=("none",),
        method=case.method,
        training=case.training,
    )
    learner = load_learner(recipe)
    learner = dataclasses.replace(learner, model=apply_method(learner.model, case.method))
    trainer = make_trainer(recipe, learner, {"train": _rows(case), "valid": []}, folder / "out", ())
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): forget the peak, here of the loading
    trainer.train()


def _rows(case: Case) -> list[Any]:
    """Examples as long as the recipe allows; in a batch each a token shorter, so that it is padded."""
    from finetune.examples import Encoded

    training = case.training
    count = STEPS * training.accumulation * training.batch_examples
    lengths = [training.max_tokens - n % training.batch_examples for n in range(count)]
    return [
        Encoded(str(n), [100 + n] * size, [0] * (size - ANSWER_TOKENS) + [1] * ANSWER_TOKENS)
        for n, size in enumerate(lengths)
    ]


def _as_markdown(rows: list[dict[str, Any]]) -> str:
    lines = [
        "Memory of two training steps, MiB, without what a loop over next to no model takes.\n",
        "| case | model | method | precision | examples × tokens | estimated | measured | difference "
        "| glibc by itself | whole process over its estimate |",
        "|---|---|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        training = row["training"]
        size = f"{training.get('batch_examples', 1)} × {training.get('max_tokens', 1024)}"
        lines.append(
            f"| {row['case']} | {row['model']} | {row['method']['name']} | {training['precision']} "
            f"| {size} | {row['estimated_bytes'] / 2**20:.0f} | {row['measured_bytes'] / 2**20:.0f} "
            f"| {row['difference']:+.1%} | {row['by_itself_bytes'] / 2**20:.0f} "
            f"| {row['heap_share']:+.1%} |"
        )
    loop = max(row["imports_bytes"] + row["loop_bytes"] for row in rows)
    outside = [row["case"] for row in rows if abs(row["difference"]) > MARGIN]
    beyond = [row["case"] for row in rows if row["heap_share"] > HEAP_MARGIN]
    lines += [
        f"\nA loop over next to no model took up to {loop / 2**20:.0f} MiB.",
        f"Farther off than {MARGIN:.0%}: {', '.join(outside) or 'none'}; by itself more than "
        f"{HEAP_MARGIN:.0%} over: {', '.join(beyond) or 'none'}.\n",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    app()
