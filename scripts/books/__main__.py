"""`python -m scripts.books build | check | score`: the command behind `make books`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scripts.books.readability import grade_booklet
from scripts.books.references import read_references
from scripts.books.rules import find_problems, find_unused
from scripts.books.shelf import Shelf
from scripts.books.source import Booklet, SourceError, read_booklet
from scripts.books.typeset import typeset_booklet

AIM = 8.0  # Flesch-Kincaid grade; 8 is read at about 13 years

app = typer.Typer(add_completion=False, help=__doc__, no_args_is_help=True)
console = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command()
def build() -> None:
    """Check the sources, make every PDF and library.toml, and report readability."""
    changed = Shelf().write()
    console.print(f"changed: {', '.join(changed)}" if changed else "nothing changed")
    score()


@app.command()
def check() -> None:
    """Fail unless the committed books are byte for byte what the sources make."""
    differences = Shelf().find_differences()
    if differences:
        raise SourceError(
            f"corpus/books: {', '.join(differences)} differ from the sources; run `make books`"
        )
    console.print("books and sources agree")


@app.command()
def preview(
    source: Annotated[Path, typer.Argument(help="one booklet's Markdown")],
    pdf: Annotated[Path, typer.Argument(help="where the PDF goes")],
) -> None:
    """Check and typeset one booklet alone, into a file of your choice."""
    booklet = read_booklet(source)
    others = [path for path in source.parent.glob("[0-9][0-9]-*.md") if path != source]
    references = read_references(source.parent / "references.toml")
    everything = [*filter(None, map(_read_if_sound, sorted(others))), booklet]
    found = find_problems(everything, references, source.parent / "style" / "diagrams")
    problems = [problem for problem in found if problem.startswith(f"{source}:")]
    for problem in problems:
        console.print(problem, style="yellow", markup=False)
    if any("is not in references.toml" in p or "no diagram" in p for p in problems):
        raise SourceError(f"{source}: not typeset; mend the names above")
    pdf.write_bytes(typeset_booklet(booklet, references))
    words, grade = grade_booklet(booklet)
    console.print(f"{pdf}: {words} words, Flesch-Kincaid grade {grade}, {len(problems)} problems")
    if problems:
        raise typer.Exit(1)


def _read_if_sound(path: Path) -> Booklet | None:
    """A neighbour's booklet, or None while its writer is in the middle of it."""
    try:
        return read_booklet(path)
    except SourceError:
        return None


@app.command()
def score() -> None:
    """Words and Flesch-Kincaid grade of each booklet (aim: 8 or less), and unused references."""
    booklets, references, _ = Shelf().read()
    table = Table("booklet", "sections", "questions", "words", "grade")
    for booklet in booklets:
        sections = [section for _, section in booklet.sections]
        questions = sum(len(section.asked_as) for section in sections)
        words, grade = grade_booklet(booklet)
        style = "yellow" if grade > AIM else ""
        counts = map(str, (len(sections), questions, words, grade))
        table.add_row(booklet.path.stem, *counts, style=style)
    console.print(table)
    unused = find_unused(booklets, references)
    if unused:
        console.print(f"references that no booklet cites: {', '.join(unused)}", style="yellow")


def main() -> None:
    """Run the command; a problem in the sources is told, not traced."""
    try:
        app()
    except SourceError as error:
        console.print(str(error), style="red", markup=False)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
