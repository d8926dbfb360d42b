"""`python -m models list | pull NAME | info NAME`: which models there are, and bring one here.

With --json one object on standard output; progress and logs on standard error. Exit code 0 done,
1 failed, 2 wrong usage.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from models import wheels
from models.dense import find_dense
from models.errors import ModelError, RegistryInvalid
from models.fetch import pull_model
from models.registry import ModelEntry, find_model, load_registry
from models.weights import find_weights
from settings import load_settings

app = typer.Typer(
    help="Which models there are, where they come from, and bring one onto this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console()
notes = Console(stderr=True)

Name = Annotated[str, typer.Argument(help="a name of models/registry.toml; see: list")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """All models of the register, and which of them are here."""
    with _reported_errors(as_json):
        rows = [_describe(entry) for entry in load_registry().values()]
    if as_json:
        _print_json({"models": rows})
        return
    table = Table("name", "kind", "title", "licence", "here")
    for row in rows:
        here = "yes" if row["folder"] else "no"
        table.add_row(row["name"], row["kind"], row["title"], row["licence"], here)
    out.print(table)


@app.command()
def info(name: Name, as_json: AsJson = False) -> None:
    """Everything the register says of one model, and where it lies."""
    with _reported_errors(as_json):
        row = _describe(find_model(name))
    if as_json:
        _print_json(row)
        return
    for key, value in row.items():
        shown = "\n  ".join(["", *value]) if isinstance(value, list) else f" {value}"
        out.print(f"[bold]{key}[/bold]:{shown}", highlight=False)


@app.command()
def pull(name: Name, as_json: AsJson = False) -> None:
    """Fetch a model, checked against its sha256; once, and resumable."""
    with _reported_errors(as_json), _progress_bar(name) as progress:
        entry = find_model(name)
        pulled = pull_model(entry, load_settings(), progress)
        if entry.kind == "chat":
            find_dense(pulled.folder)  # now rather than before the first answer
    if as_json:
        _print_json(
            {
                "name": name,
                "status": pulled.status,
                "folder": str(pulled.folder),
                "source": pulled.source,
            }
        )
    else:
        verb = "fetched from" if pulled.status == "fetched" else "already here, from"
        out.print(f"{name}: {verb} {pulled.source}", highlight=False)


def _describe(entry: ModelEntry) -> dict[str, Any]:
    """The register's row with sources in words, and the folder where the model lies ("" if not)."""
    row = entry.model_dump(exclude={"sources"})
    row["sources"] = [str(source) for source in entry.sources]
    try:
        row["folder"] = str(find_weights(entry, load_settings()))
    except ModelError:
        row["folder"] = ""
    return row


@contextmanager
def _progress_bar(name: str) -> Iterator[wheels.Progress]:
    columns = (TextColumn(name), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=notes, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


@contextmanager
def _reported_errors(as_json: bool) -> Iterator[None]:
    """An error of ours becomes its text and an exit code; others keep their traceback."""
    try:
        yield
    except ModelError as error:
        if as_json:
            _print_json({"error": str(error)})
        typer.echo(f"models: {error}", err=True)
        raise typer.Exit(2 if isinstance(error, RegistryInvalid) else 1) from error


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def main() -> None:
    """Run the command line, logging to standard error."""
    handler = RichHandler(console=notes, show_path=False, show_time=False, show_level=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    logging.getLogger("models").setLevel(logging.INFO)
    app(prog_name="python -m models")


if __name__ == "__main__":
    main()
