"""`python -m ingest.catalogue list | add NAME`: real open books for the library.

Shows a book's licence, asks, then downloads it into the folder of own books and describes it in
the `library.toml` there; where no address is known, says which page to visit and where to put the
file. Results go to standard output, messages to standard error. Knows no PDF's inside.
"""

from __future__ import annotations

import json
import sys
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rich.console import Console
from rich.progress import Progress as RichProgress

from corpus.errors import CorpusError
from corpus.library import BookFacts, read_library_file, write_library_file
from ingest.download import download_pdf
from ingest.errors import CatalogueInvalid, IngestError
from settings import load_settings

CATALOGUE_FILE = Path(__file__).parents[1] / "corpus" / "catalogue.toml"

app = typer.Typer(
    help="Real open books for the library.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
_messages = Console(stderr=True, soft_wrap=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]
CatalogueFile = Annotated[
    Path, typer.Option("--catalogue", help="another catalogue", show_default=False)
]
Folder = Annotated[
    Path | None, typer.Option("--folder", help="where books are put [default: own_books_dir]")
]


class OpenBook(BaseModel):
    """One book of the catalogue; `pdf` is "" where no address is known well enough."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    edition: str = ""
    publisher: str
    year: int | None = None
    region: str
    licence: str
    licence_page: str = Field(pattern="^https://")
    page: str = Field(pattern="^https://")
    pdf: str = Field(default="", pattern="^(https?://.+)?$")
    sha256: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    about: str
    notice: str = ""  # what a reader should weigh beside the licence

    def describe(self) -> str:
        """Title, edition, publisher, year and region, as far as they are known."""
        parts = (self.title, self.edition, self.publisher, str(self.year or ""), self.region)
        return " · ".join(part for part in parts if part)

    def facts(self, sha256: str) -> BookFacts:
        """What library.toml says of it."""
        shared = self.model_dump(include=set(BookFacts.model_fields) - {"sha256"})
        return BookFacts(**shared, sha256=sha256)


class Catalogue(BaseModel):
    """The whole of catalogue.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    books: dict[str, OpenBook]
    not_open: dict[str, str] = {}

    def find(self, name: str) -> OpenBook:
        """Raises: CatalogueInvalid: unknown, or not open."""
        if name in self.not_open:
            raise CatalogueInvalid(
                f"{name} is not open, so it is not brought. {self.not_open[name]}."
            )
        if name not in self.books:
            valid = ", ".join(self.books)
            raise CatalogueInvalid(f"{name!r} is not in the catalogue. It has: {valid}")
        return self.books[name]


@lru_cache(maxsize=2)
def read_catalogue(path: Path = CATALOGUE_FILE) -> Catalogue:
    """Raises: CatalogueInvalid: not TOML, an unknown key, a value of the wrong kind."""
    try:
        return Catalogue.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise CatalogueInvalid(f"{path} can't be used: {error}") from error


@app.command("list")
def list_books(as_json: AsJson = False, catalogue: CatalogueFile = CATALOGUE_FILE) -> None:
    """Show the books, their licences and whether they download by themselves."""
    found = _catalogue(catalogue)
    if as_json:
        books = [{"name": name, **book.model_dump()} for name, book in found.books.items()]
        typer.echo(json.dumps({"books": books, "not_open": found.not_open}, ensure_ascii=False))
        return
    console = Console(soft_wrap=True, highlight=False)
    for name, book in found.books.items():
        way = "downloads" if book.pdf else "by hand from its page"
        console.print(f"[bold]{name}[/]  ({way}; {book.licence})")
        console.print(f"    {book.describe()}", book.about, book.page, sep="\n    ", markup=False)
    console.print("\nNot open, though often listed so; they are not brought:", style="dim")
    for name, why in found.not_open.items():
        console.print(f"    {name}: {why}", style="dim")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="a name that `list` shows")],
    yes: Annotated[bool, typer.Option("--yes", help="accept the licence without asking")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
    catalogue: CatalogueFile = CATALOGUE_FILE,
) -> None:
    """Show the licence, ask, and bring the book (or say where to get it)."""
    try:
        book = _catalogue(catalogue).find(name)
    except CatalogueInvalid as error:
        raise typer.BadParameter(str(error), param_hint="NAME") from error
    target = (folder or load_settings().own_books_dir).absolute() / f"{name}.pdf"
    if not target.exists() and not _accepts(book, yes=yes):
        _messages.print(f"{name} was not added: its licence was not accepted")
        raise typer.Exit(1)
    try:
        result = _bring(book, target)
    except (IngestError, CorpusError) as error:
        _messages.print(f"[bold red]failed[/] {error}")
        _messages.print(_two_ways(name, book, target))
        if as_json:
            typer.echo(json.dumps({"name": name, "status": "failed", "error": str(error)}))
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps({"name": name, **result}))
    else:
        typer.echo(_say(book, target, result))


def _bring(book: OpenBook, target: Path) -> dict[str, Any]:
    """Fetch the book where there is an address, and describe it in the library.toml beside it."""
    status, sha256 = "visit", book.sha256
    if target.exists():
        status = "present"
    elif book.pdf:
        with RichProgress(console=_messages, transient=True) as bar:
            task = bar.add_task(target.name, total=None)
            sha256 = download_pdf(
                book.pdf,
                target,
                book.sha256,
                load_settings().max_bytes,
                lambda done, total: bar.update(task, completed=done, total=total or None),
            )
        status = "downloaded"
    target.parent.mkdir(parents=True, exist_ok=True)
    described = read_library_file(target.parent)
    if target.name not in described or status == "downloaded":
        write_library_file(target.parent, {**described, target.name: book.facts(sha256)})
    return {
        "status": status,
        "file": str(target),
        "sha256": sha256,
        "page": book.page,
        "licence": book.licence,
    }


def _accepts(book: OpenBook, *, yes: bool) -> bool:
    _messages.print(book.describe(), style="bold", markup=False)
    _messages.print(f"Licence: [bold]{book.licence}[/]  {book.licence_page}")
    if book.notice:
        _messages.print(book.notice)
    if yes:
        return True
    if not sys.stdin.isatty():
        _messages.print("nobody can be asked here; --yes accepts the licence")
        return False
    return typer.confirm("Do you accept this licence?", err=True)


def _say(book: OpenBook, target: Path, result: dict[str, Any]) -> str:
    if result["status"] == "visit":
        return (
            f"No sure address of the PDF is known. Visit {book.page}, save the PDF as\n"
            f"    {target}\nthen run: {_ingest_command(target)}"
        )
    if result["status"] == "present":
        return f"{target} is already there. Now run: {_ingest_command(target)}"
    checked = (
        "as the catalogue has it" if book.sha256 else "written into the library.toml beside it"
    )
    return (
        f"{target} is there.\n    sha256 {result['sha256']}, {checked}\n"
        f"Now run: {_ingest_command(target)}"
    )


def _two_ways(name: str, book: OpenBook, target: Path) -> str:
    return (
        "Two ways on:\n"
        f"  with a network: {_add_command(name, target)}   (goes on where it broke off)\n"
        f"  without: on another machine visit {book.page}, save the PDF, and bring it here as\n"
        f"           {target}, then run: {_ingest_command(target)}"
    )


def _add_command(name: str, target: Path) -> str:
    where = "" if _is_usual(target) else f" --folder {target.parent}"
    return f"python -m ingest.catalogue add {name}{where}"


def _ingest_command(target: Path) -> str:
    return "python -m ingest" if _is_usual(target) else f"python -m ingest {target.parent}"


def _is_usual(target: Path) -> bool:
    return target.parent == load_settings().own_books_dir.absolute()


def _catalogue(path: Path) -> Catalogue:
    try:
        return read_catalogue(path)
    except CatalogueInvalid as error:
        _messages.print(f"[bold red]failed[/] {error}")
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app(prog_name="python -m ingest.catalogue")
