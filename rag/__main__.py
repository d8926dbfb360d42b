"""`python -m rag search | ask | triage | verify | eval`: the road on the command line.

Results go to standard output, one JSON object a line with --batch; everything else to standard error.
Exit code 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from rag.errors import BadInput
from rag.measure.batch import Request, read_requests
from settings import Settings, load_settings

app = typer.Typer(
    help="Ask the books: search, verified answers, danger signs, sentence checks, evaluation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Text = Annotated[str | None, typer.Argument(help="the text; leave it out with --batch")]
Batch = Annotated[
    Path | None, typer.Option(help='JSON lines with {"id", "text"} and optional "history"')
]
IndexDir = Annotated[Path | None, typer.Option("--index", help="folder of the search index")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON alone on standard output")]


@app.command()
def search(
    question: Text = None,
    index: IndexDir = None,
    k: Annotated[int, typer.Option("-k", min=1, max=50, help="how many passages")] = 5,
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """The ranked passages for a question, with every part of their score."""
    from rag.measure.show import search_as_json, search_as_text
    from rag.retrieve import load_retriever

    retriever = load_retriever(_settings(index))

    def one(request: Request) -> dict[str, Any]:
        return search_as_json(retriever.search(request.text, request.history, k=k))

    _respond(question, batch, as_json, one, search_as_text)


@app.command()
def ask(
    question: Text = None,
    index: IndexDir = None,
    model: Annotated[str | None, typer.Option(help="chat model, a name of the registry")] = None,
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """A verified answer with its pages."""
    from rag.answer import load_assistant
    from rag.measure.show import answer_as_json, answer_as_text

    assistant = load_assistant(_settings(index, model))

    def one(request: Request) -> dict[str, Any]:
        return answer_as_json(assistant.answer(request.text, request.history))

    _respond(question, batch, as_json, one, answer_as_text)


@app.command(name="triage")
def triage_command(text: Text = None, batch: Batch = None, as_json: AsJson = False) -> None:
    """Danger signs in a message: by rules, then by likeness to known wordings."""
    from models.embedder import load_embedder
    from rag.measure.show import triage_as_json, triage_as_text
    from rag.triage import triage

    embedder = load_embedder(_settings())

    def one(request: Request) -> dict[str, Any]:
        return triage_as_json(triage(request.text, request.history, embedder=embedder))

    _respond(text, batch, as_json, one, triage_as_text)


@app.command()
def verify(
    sentence: Annotated[str | None, typer.Option(help="the sentence to check")] = None,
    passage: Annotated[str | None, typer.Option(help="the passage it must stand on")] = None,
    batch: Annotated[
        Path | None, typer.Option(help='JSON lines with {"id", "sentence", "passage"}')
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Whether a passage supports a sentence, and if not, why."""
    from models.embedder import load_embedder
    from rag.measure.show import verdict_as_text
    from rag.verify import load_verifier

    verifier = load_verifier(_settings(), load_embedder(_settings()))

    def one(request: Request) -> dict[str, Any]:
        verdict = verifier.verify(request.fields["sentence"], request.fields["passage"])
        return {"supported": verdict.supported, "reason": verdict.reason}

    if batch is None:
        if sentence is None or passage is None:
            raise typer.BadParameter("give both --sentence and --passage, or --batch FILE.jsonl")
        request = Request("", sentence, (), {"sentence": sentence, "passage": passage})
        _print(one(request), as_json, verdict_as_text)
        return
    for request in read_requests(batch, ("sentence", "passage")):
        _print({"id": request.id, **one(request)}, True, verdict_as_text)


@app.command(name="eval")
def evaluate_command(
    gold: Annotated[Path | None, typer.Option(help="gold questions, JSON lines")] = None,
    index: IndexDir = None,
    safety: Annotated[bool, typer.Option("--safety", help="triage and verification sets")] = False,
    out: Annotated[Path, typer.Option(help="folder of the report")] = Path("var/eval"),
    as_json: AsJson = False,
) -> None:
    """Measure on questions with known pages; writes a report in Markdown and JSON, with a plot."""
    if safety:
        from rag.measure.safety import report_safety

        report = report_safety(_settings(index), out)
    else:
        from rag.measure.evaluate import report_gold

        report = report_gold(_settings(index), gold, out)
    _print(report, as_json, lambda found: str(found["markdown"]))


def _settings(index: Path | None = None, model: str | None = None) -> Settings:
    chosen: dict[str, Any] = {}
    if index is not None:
        chosen["index_dir"] = index
    if model is not None:
        chosen["model"] = model
    return Settings(**chosen) if chosen else load_settings()


def _respond(
    text: str | None,
    batch: Path | None,
    as_json: bool,
    one: Callable[[Request], dict[str, Any]],
    as_text: Callable[[dict[str, Any]], str],
) -> None:
    """One text, or a batch file: an object a line comes back, in order, with the same id."""
    if (text is None) == (batch is None):
        raise typer.BadParameter("give either a text or --batch FILE.jsonl")
    requests: Iterator[Request]
    if batch is None:
        _print(one(Request("", text or "", ())), as_json, as_text)
        return
    requests = read_requests(batch)
    for request in requests:
        _print({"id": request.id, **one(request)}, True, as_text)


def _print(found: dict[str, Any], as_json: bool, as_text: Callable[[dict[str, Any]], str]) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else as_text(found))


def main() -> None:
    """Run the command line; a foreseen failure is one line on standard error and exit code 1."""
    from corpus.errors import CorpusError
    from models.errors import ModelError
    from rag.errors import RagError

    try:
        app()
    except BadInput as failure:
        typer.echo(f"rag: {failure}", err=True)
        sys.exit(2)
    except (RagError, CorpusError, ModelError) as failure:
        typer.echo(f"rag: {failure}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
