"""`python -m ingest`: PDF books in, a search index out.

The report goes to standard output (with --json as one object and nothing else), progress and
messages to standard error. Exit code 0 done, 1 failed (some book, or the whole), 2 wrong usage.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.logging import RichHandler

from corpus.errors import CorpusError
from corpus.library import readable
from ingest.book import ReadLimits
from ingest.build import IngestOptions, ingest
from ingest.errors import IngestError
from ingest.previous import remembered_sources
from ingest.progress import Bar
from ingest.report import IngestReport
from ingest.show import print_report
from models.errors import ModelError
from models.late import LateEmbedder
from settings import Settings, load_settings

STOPPED = 130  # the shell's code for a program that Ctrl-C ended

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown")
_messages = Console(stderr=True)


@app.command()
def main(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="folders of PDFs, or PDFs", show_default=False),
    ] = None,
    index: Annotated[Path | None, typer.Option(help="folder of the index")] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="read every book again")] = False,
    only: Annotated[
        bool, typer.Option("--only", help="forget the sources of earlier ingests")
    ] = False,
    ocr: Annotated[
        Literal["auto", "never", "always"] | None,
        typer.Option(help="pages that go through text recognition; auto: those without text"),
    ] = None,
    password: Annotated[
        str,
        typer.Option(
            envvar="LLAMA_MD_PDF_PASSWORD", help="opens protected PDFs", show_default=False
        ),
    ] = "",
    embedder: Annotated[str | None, typer.Option(help="a name of models/registry.toml")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print the report as one JSON object")
    ] = False,
) -> None:
    """Bring the index in step with folders of PDFs.

    Without PATH the books are those of LLAMA_MD_BOOKS_DIR and LLAMA_MD_OWN_BOOKS_DIR. The index
    remembers every PATH that it was given, and each run brings all of them up to date: new books
    are added, changed ones read again, those whose file is gone removed; unchanged ones (same
    bytes) cost nothing. So adding a PDF of your own leaves the starter library where it is; --only
    makes the index hold the books of this run's PATHs and no others.

    A book that can't be read is named with the reason and the remedy; the others are ingested, and
    the exit code is 1. The index is replaced in one step when everything is ready.
    """
    settings = _settings(index, ocr, embedder)
    sources = paths or _usual_folders(settings)
    _check_paths(sources, settings.index_dir)
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=_messages, show_time=False, show_path=False)],
    )
    options = _options(settings, password, rebuild=rebuild, only=only)
    try:
        report = _run(sources, options, settings)
    except (CorpusError, IngestError, ModelError) as error:
        _messages.print(f"[bold red]failed[/] {error}", highlight=False, soft_wrap=True)
        if as_json:
            typer.echo(json.dumps({"books": [], "error": str(error)}))
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        _messages.print("stopped; the index is as it was")
        # everything is tidied up but the threads that wait for a reader, perhaps for minutes; the
        # readers end by themselves when this process is gone
        os._exit(STOPPED)
    if as_json:
        typer.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print_report(report, Console())
    raise typer.Exit(int(report.failed))


def _run(sources: list[Path], options: IngestOptions, settings: Settings) -> IngestReport:
    with Bar(_messages) as bar:
        return ingest(sources, options, LateEmbedder(settings), bar)


def _settings(index: Path | None, ocr: str | None, embedder: str | None) -> Settings:
    """The settings with what the command line says instead."""
    given: dict[str, Any] = {"index_dir": index, "ocr": ocr, "embedder": embedder}
    return load_settings().model_copy(update={k: v for k, v in given.items() if v is not None})


def _options(settings: Settings, password: str, *, rebuild: bool, only: bool) -> IngestOptions:
    return IngestOptions(
        index_dir=settings.index_dir,
        ocr=settings.ocr,
        passage_words=settings.passage_words,
        windows=settings.window_vectors,
        limits=ReadLimits(settings.max_bytes, settings.max_pages, settings.max_stream_bytes),
        file_timeout_s=settings.file_timeout_s,
        password=password,
        rebuild=rebuild,
        only=only,
    )


def _usual_folders(settings: Settings) -> list[Path]:
    own = [settings.own_books_dir] if settings.own_books_dir.is_dir() else []
    return [settings.books_dir, *own]


def _check_paths(paths: list[Path], index_dir: Path) -> None:
    """A PATH that is gone is right only if the index remembers it: then its books are removed."""
    known = remembered_sources(index_dir)
    for path in paths:
        if not path.exists() and str(path.absolute()) not in known:
            raise typer.BadParameter(f"{path} does not exist", param_hint="PATH")
        if readable(path) != str(path):
            raise typer.BadParameter(f"{readable(path)} is not UTF-8", param_hint="PATH")


if __name__ == "__main__":
    app(prog_name="python -m ingest")
