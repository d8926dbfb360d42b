"""`make bench`: our road and the usual LangChain stack on the same books, in one run, side by side.

    python -m scripts.bench [FOLDER] [--gold FILE] [--answers N] [--out DIR]

Without FOLDER the starter library is read. Questions are those of the gold file whose books are in
the folder, the reporting half only (search and gate were fitted on the other). Ratios hold within a
run; absolute figures depend on the machine. Writes bench.md and bench.json; prints the table.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from rag.measure.evaluate import GOLD, GoldQuestion, read_gold
from scripts.bench.measures import Side
from scripts.bench.ours import measure_answers, measure_ours
from scripts.bench.peer import describe_embedder, measure_peer
from settings import ROOT, load_settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    folder: Annotated[Path | None, typer.Argument(help="folder of PDFs")] = None,
    gold: Annotated[Path, typer.Option(help="gold questions, JSON lines")] = GOLD,
    answers: Annotated[int, typer.Option(min=0, help="questions answered in full")] = 12,
    out: Annotated[Path, typer.Option(help="folder of the report")] = ROOT / "var" / "bench",
) -> None:
    """Measure ingest, search and answers of both stacks on the same books."""
    folder = folder or load_settings().books_dir
    books = sorted(folder.glob("*.pdf"))
    if not books:
        raise typer.BadParameter(f"{folder} holds no PDF")
    questions = _questions(gold, {book.name for book in books})
    with TemporaryDirectory() as index:
        settings = load_settings().model_copy(update={"index_dir": Path(index)})
        _note(f"{len(books)} books, {len(questions)} questions; ours first, then the usual stack")
        ours = measure_ours(books, questions, settings)
        answered = measure_answers(questions[:answers], settings) if questions[:answers] else {}
        peer = measure_peer(books, questions, settings)
        found = _figures(ours, peer, answered, describe_embedder(settings))
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (out / "bench.md").write_text(_table(found), encoding="utf-8")
    print(_table(found))


def _questions(gold: Path, books: set[str]) -> list[GoldQuestion]:
    asked = read_gold(gold) if gold.is_file() else []
    return [q for q in asked if q.half == "report" and {book for book, _ in q.pages} & books]


def _figures(ours: Side, peer: Side, answered: dict[str, Any], embedder: str) -> dict[str, Any]:
    load = os.getloadavg()[0]
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f}",
        "embedder": embedder,
        "ours": ours.as_json(),
        "peer": peer.as_json(),
        "ratio_ingest": round(ours.pages_per_s / peer.pages_per_s, 2),
        "ratio_cpu": round(peer.cpu_s / ours.cpu_s, 2),
        "answers": answered,
    }


def _table(found: dict[str, Any]) -> str:
    ours, peer, answered = found["ours"], found["peer"], found["answers"]
    rows = [
        ("pages", ours["pages"], peer["pages"]),
        ("passages", ours["passages"], peer["passages"]),
        ("ingest, seconds", ours["seconds"]["total"], peer["seconds"]["total"]),
        ("ingest, processor seconds", ours["cpu_s"], peer["cpu_s"]),
        ("ingest, pages a second", ours["pages_per_s"], peer["pages_per_s"]),
        ("a search, milliseconds (median)", ours["search_ms"], peer["search_ms"]),
        ("recall@5, right page among five", ours["recall_at_5"], peer["recall_at_5"]),
    ]
    lines = [f"| | {ours['name']} | {peer['name']} |", "|---|---:|---:|"]
    lines += [f"| {what} | {mine} | {theirs} |" for what, mine, theirs in rows]
    lines += [
        "",
        f"Ingest is {found['ratio_ingest']} times as fast in this run, and takes "
        f"{found['ratio_cpu']} times less of the processor.",
    ]
    if answered:
        lines += [
            f"An answer ({answered['questions']} questions, {answered['model']}): first verified "
            f"sentence after {answered['first_sentence_s']} s, whole after "
            f"{answered['whole_answer_s']} s (medians); {answered['statuses']}."
        ]
    lines += [f"Machine: {found['machine']}. Embedder on both sides: {found['embedder']}."]
    return "\n".join(lines) + "\n"


def _note(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    app(prog_name="python -m scripts.bench")
