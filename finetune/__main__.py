"""`python -m finetune`: dialogues in, a gated adapter out.

With --json one object on standard output; progress and logs on standard error. Exit code 0 done,
1 failed, 2 wrong usage.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.logging import RichHandler

from corpus.errors import CorpusError
from finetune.errors import FinetuneError
from models.errors import ModelError
from rag.errors import RagError
from settings import load_settings

app = typer.Typer(
    help="Prepare data, train adapters, measure them, and promote the one that is better.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console()
notes = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]


@contextmanager
def reported_errors(as_json: bool) -> Iterator[None]:
    """Logs to standard error; an error of ours ends with its text and exit code 1."""
    logging.basicConfig(
        level=logging.INFO, format="%(message)s", handlers=[RichHandler(console=notes)], force=True
    )
    for talker in ("faiss", "matplotlib"):  # they tell how they were built
        logging.getLogger(talker).setLevel(logging.WARNING)
    try:
        yield
    except (FinetuneError, ModelError, RagError, CorpusError) as error:
        if as_json:
            print_json({"error": str(error), "kind": type(error).__name__})
        else:
            notes.print(f"[red]{type(error).__name__}[/red]: {error}", highlight=False)
        raise typer.Exit(1) from error


def print_json(row: dict[str, Any]) -> None:
    typer.echo(json.dumps(row, ensure_ascii=False, default=str))


def print_placed(done: dict[str, Any], as_json: bool) -> None:
    """Where an adapter was put in service, and the figures that let it."""
    if as_json:
        print_json(done)
        return
    size = f"{done['bytes'] / 1e6:.1f} MB"
    out.print(
        ", ".join([f"{done['folder']}: {size}", *filter(None, [done.get("dtype")])]),
        highlight=False,
    )
    for who, figures in done.get("figures", {}).items():
        out.print(f"{who}: {figures}", highlight=False)


@app.command()
def prepare(
    source: Annotated[
        Literal[
            "ai-medical-chatbot",
            "medquad",
            "asclepius",
            "mtsamples",
            "grounded",
            "grounded-medquad",
            "reading",
        ],
        typer.Argument(help="the set, by the columns it has"),
    ],
    place: Annotated[
        str, typer.Option("--from", help="a file, a folder or a hub id [default: its own hub id]")
    ] = "",
    revision: Annotated[str, typer.Option(help="of the hub: a commit, tag or branch")] = "",
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="folder [default: var/finetune/data/SOURCE]")
    ] = None,
    topic_filter: Annotated[
        Path | None, typer.Option(help="keep what this filter of `topics` keeps")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="read only the first rows")] = None,
    as_json: AsJson = False,
) -> None:
    """Clean a set, split it without near-duplicates across, and tell what became of each row."""
    with reported_errors(as_json):
        from finetune.prepare import Order, prepare_set

        order = Order(source, place, revision, out_dir, topic_filter, limit)
        report = prepare_set(order)
    if as_json:
        print_json(report)
        return
    if "kept" in report:
        out.print(f"{report['set']}: {report['kept']:,} of {report['read']:,} rows kept")
        for reason, rows in report["dropped"].items():
            out.print(f"  {rows:>7,} {reason}", highlight=False)
    notes.print(f"written to {report['out']}", highlight=False)


@app.command()
def topics(
    rows: Annotated[str, typer.Argument(help="a prepared set's name or folder, or a file of rows")],
    count: Annotated[int, typer.Option(min=1, help="main topics shown")] = 10,
    limit: Annotated[int, typer.Option(min=30, help="rows embedded, drawn with a seed")] = 10_000,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="folder [default: var/finetune/topics/NAME]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The main topics of a set, the one on pregnancy and women's health, and a filter from it."""
    with reported_errors(as_json):
        for talker in ("matplotlib", "bitsandbytes"):  # BERTopic imports it, and it reports itself
            logging.getLogger(talker).setLevel(logging.ERROR)
        from finetune.topics import as_markdown, describe_topics

        report = describe_topics(rows, count, out_dir, limit)
    if as_json:
        print_json(report)
    else:
        typer.echo(as_markdown(report))
        notes.print(f"written to {report['out']}", highlight=False)


@app.command()
def train(
    recipe: Annotated[Path, typer.Argument(help="a recipe, or its name in finetune/recipes")],
    as_json: AsJson = False,
) -> None:
    """Train what a recipe describes; the same command goes on with a run that was killed."""
    with reported_errors(as_json):
        from finetune.recipe import read_recipe
        from finetune.train import train_recipe

        report = train_recipe(read_recipe(recipe), console=notes)
    if as_json and report:
        print_json(report)
    elif report:
        out.print(
            f"{report['recipe']['name']}: {report['steps']} steps, best at "
            f"{report['best_checkpoint']}, {report['seconds']:.0f} s"
        )


Trainee = Annotated[Path, typer.Argument(help="a run's folder, or the folder of an adapter")]
BaseName = Annotated[str, typer.Option("--model", help="the base, where nothing else names it")]


@app.command()
def evaluate(
    run: Trainee,
    data: Annotated[
        list[Path] | None, typer.Option(help="a prepared set with held-out rows; more than once")
    ] = None,
    gold: Annotated[Path | None, typer.Option(help="gold questions, JSON lines")] = None,
    half: Annotated[Literal["report", "tune", "all"], typer.Option(help="of the gold set")] = (
        "report"
    ),
    questions: Annotated[
        int | None, typer.Option(min=1, help="gold questions; a part of them opens no gate")
    ] = None,
    rows: Annotated[int, typer.Option(min=0, help="held-out rows of a set that are scored")] = 100,
    answers: Annotated[
        int, typer.Option(min=0, help="held-out rows, and bare questions, that are answered")
    ] = 24,
    adapter_only: Annotated[
        bool,
        typer.Option("--adapter-only", help="measure no rival: a quick look, for no promotion"),
    ] = False,
    model: BaseName = "",
    index: Annotated[Path | None, typer.Option(help="folder of the search index")] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="folder of the report [default: the run's]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure base, adapter in service and trained adapter: through the whole app, and by token."""
    with reported_errors(as_json):
        from finetune.evaluate import Plan
        from finetune.evaluate import evaluate as evaluate_trained
        from finetune.measuring.candidate import find_trained
        from finetune.measuring.report import as_markdown
        from rag.measure.evaluate import GOLD

        logging.getLogger("rag").setLevel(logging.WARNING)  # it logs each withheld sentence
        settings = load_settings()
        settings = settings.model_copy(update={"index_dir": index or settings.index_dir})
        plan = Plan(tuple(data or ()), gold or GOLD, half, questions, rows, answers, adapter_only)
        trained = find_trained(run, model, settings)
        report = evaluate_trained(trained, settings, plan, out_dir)
    if as_json:
        print_json(report)
    else:
        typer.echo(as_markdown(report))
        notes.print(f"written to {out_dir or trained.home}", highlight=False)


@app.command()
def compare(
    reports: Annotated[list[Path], typer.Argument(help="folders of evaluations")],
    as_json: AsJson = False,
) -> None:
    """Evaluations side by side, one row each."""
    with reported_errors(as_json):
        from finetune.measuring.report import compare_reports, read_report

        table = compare_reports({path.resolve().name: read_report(path) for path in reports})
    if as_json:
        print_json(table)
    else:
        typer.echo(table["markdown"])


@app.command()
def promote(
    run: Trainee,
    name: Annotated[
        str, typer.Option(help="of the folder [default: of the adapter in service, or of the run]")
    ] = "",
    licence: Annotated[str, typer.Option(help="of the adapter [default: the base's]")] = "",
    data_note: Annotated[
        list[str] | None, typer.Option(help="what it learnt from, and its licence; more than once")
    ] = None,
    limits: Annotated[str, typer.Option(help="what it is not for")] = "",
    report: Annotated[
        Path | None, typer.Option(help="folder of the evaluation [default: the run's]")
    ] = None,
    post: Annotated[
        Literal["writer", "reader"],
        typer.Option("--as", help="it writes answers, or reads for the gate"),
    ] = "writer",
    model: BaseName = "",
    as_json: AsJson = False,
) -> None:
    """Put an adapter in service, with its card, if it beats the base and what is in service."""
    with reported_errors(as_json):
        from finetune.measuring.candidate import find_trained
        from finetune.promote import Label
        from finetune.promote import promote as promote_trained
        from finetune.promote_reader import promote_reader

        settings = load_settings()
        label = Label(name, licence, tuple(data_note or ()), limits)
        trained = find_trained(run, model, settings)
        done = (
            promote_trained(trained, label, settings, report)
            if post == "writer"
            else promote_reader(trained, label, settings)
        )
    print_placed(done, as_json)
    if not done.get("in_service", True):
        notes.print(f"another adapter comes first; choose it: LLAMA_MD_ADAPTER={done['name']}")


@app.command()
def questions(
    place: Annotated[
        str,
        typer.Option(
            "--from", help="a folder with OpenStax modules and MedQuAD, to learn from too"
        ),
    ] = "",
    steps: Annotated[int | None, typer.Option(min=1, help="of the loop [default: 450]")] = None,
    name: Annotated[str, typer.Option(help="of the folder [default: EMBEDDER-questions]")] = "",
    as_json: AsJson = False,
) -> None:
    """Teach the embedder how people ask: an adapter that only questions go through, and its gate."""
    with reported_errors(as_json):
        from finetune.asking.loop import Plan
        from finetune.questions import train_questions

        plan = Plan(steps=steps) if steps else Plan()
        done = train_questions(load_settings(), place, plan, name)
    print_placed(done, as_json)


@app.command()
def proofreader(as_json: AsJson = False) -> None:
    """Teach an encoder whether a page says a sentence: the adapter beside the verifier's checks, and its gate."""
    with reported_errors(as_json):
        from finetune.proofreader import train_proofreader

        done = train_proofreader(load_settings())
    if not done:
        return  # torchrun's first process reports
    print_placed(done, as_json)


@app.command()
def estimate(
    model: Annotated[
        str, typer.Argument(help="a name (see --table), a config.json or its folder, or OWNER/NAME")
    ] = "smollm2-135m",
    recipe: Annotated[
        Path | None, typer.Option(help="take model, method and lengths from a recipe instead")
    ] = None,
    method: Annotated[
        Literal["lora", "rslora", "dora", "qlora", "boft", "selective", "freeze_lower", "full"],
        typer.Option(help="what learns"),
    ] = "lora",
    rank: Annotated[int, typer.Option(min=1, help="of the low-rank methods")] = 16,
    targets: Annotated[
        Literal["all", "qv"], typer.Option(help="layers with adapters: all linear, or q and v")
    ] = "all",
    dtype: Annotated[
        Literal["auto", "bf16", "fp16", "fp32"], typer.Option(help="precision of the loop")
    ] = "auto",
    batch: Annotated[int, typer.Option(min=1, help="examples at a time")] = 1,
    length: Annotated[int, typer.Option(min=16, help="tokens of an example")] = 1024,
    answer: Annotated[int, typer.Option(min=1, help="of which the answer, which is learnt")] = 128,
    accumulation: Annotated[int, typer.Option(min=1, help="batches a step")] = 8,
    checkpointing: Annotated[
        bool, typer.Option("--checkpointing", help="compute activations anew going backward")
    ] = False,
    table: Annotated[
        bool, typer.Option("--table", help="every known model by every method")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Will it fit? The memory that training needs, against this machine's; no weights needed."""
    with reported_errors(as_json):
        from finetune import estimate as estimates
        from finetune.recipe import Training, read_recipe

        training = Training(
            precision=dtype, batch_examples=batch, max_tokens=length,
            accumulation=accumulation, gradient_checkpointing=checkpointing,
        )  # fmt: skip
        chosen = estimates.choose_method(method, rank, targets)
        plan = estimates.Plan(model, chosen, training, answer)
        if recipe:
            plan = estimates.Plan.of(read_recipe(recipe), answer)
        if table:
            with notes.status("rehearsing a step of each, some minutes in all"):
                found = list(estimates.estimate_table(plan, targets, load_settings()))
        else:
            found = [estimates.estimate_memory(plan, load_settings())]
    rows = [estimates.as_row(one) for one in found]
    if as_json:
        print_json({"estimates": rows} if table else rows[0])
    else:
        typer.echo(estimates.as_markdown(found) if table else estimates.in_words(found[0]))


@app.command()
def export(
    run: Trainee,
    to: Annotated[
        Literal["merged", "gguf", "gguf-adapter", "all"], typer.Option(help="kind of files")
    ] = "all",
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="a new folder [default: in var/finetune/exports]")
    ] = None,
    model: BaseName = "",
    as_json: AsJson = False,
) -> None:
    """Write what was trained for other programs: float16 safetensors, and GGUF for llama.cpp."""
    with reported_errors(as_json):
        from finetune.export import choose_kinds
        from finetune.export import export as export_trained
        from finetune.measuring.candidate import find_trained

        settings = load_settings()
        trained = find_trained(run, model, settings)
        written = export_trained(trained, choose_kinds(to, trained), settings, out_dir)
    if as_json:
        print_json(written)
        return
    for name, file in written["files"].items():
        out.print(f"{written['folder']}/{name}: {file['bytes'] / 1e6:.1f} MB", highlight=False)


if __name__ == "__main__":
    app()
