"""Docs in step: `python -m scripts.check_docs` compares them with the code, `--write` mends two of them.

docs/commands.md (every --help) and docs/settings.md (every setting) are generated. In README.md and
docs/*.md every `make`, `python -m` and link must exist, and every setting must be a known one.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import typer

from settings import ROOT, Settings

PROGRAMS = {
    "python -m ingest": "ingest.__main__",
    "python -m ingest.catalogue": "ingest.catalogue",
    "python -m rag": "rag.__main__",
    "python -m models": "models.__main__",
    "python -m app": "app.__main__",
    "python -m finetune": "finetune.__main__",
}
GENERATED = "Made by `python -m scripts.check_docs --write`; `make check` compares."


def describe_commands() -> str:
    """Every program with its commands, arguments and options, as Markdown."""
    lines = ["# Commands", "", GENERATED, ""]
    for name, module in PROGRAMS.items():
        command = typer.main.get_command(importlib.import_module(module).app)
        lines += _describe_command(name, command)
    return "\n".join(lines)


def _describe_command(name: str, command: click.Command) -> list[str]:
    lines = [f"## {name}", "", " ".join((command.help or "").split()), ""]
    with click.Context(command, info_name=name) as context:
        records = [p.get_help_record(context) for p in command.params]
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    lines += [f"- `{p.make_metavar(context)}` {getattr(p, 'help', '') or ''}" for p in arguments]
    lines += [f"- `{record[0]}` {' '.join(record[1].split())}" for record in records if record]
    lines.append("")
    for child_name, child in sorted(getattr(command, "commands", {}).items()):
        lines += _describe_command(f"{name} {child_name}", child)
    return lines


def describe_settings() -> str:
    """Every setting with its default and meaning, as a Markdown table."""
    lines = ["# Settings", "", GENERATED, ""]
    lines += [
        "Each can stand in the environment, or in small letters without `LLAMA_MD_` in `llama-md.toml`."
    ]
    lines += ["", "| environment | default | what it does |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = default.relative_to(ROOT) if isinstance(default, Path) else default
        lines.append(f"| `LLAMA_MD_{name.upper()}` | `{shown}` | {field.description} |")
    return "\n".join([*lines, ""])


def find_problems() -> Iterator[str]:
    """What a page says that the code does not."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    settings = {f"LLAMA_MD_{name.upper()}" for name in Settings.model_fields}
    settings |= set(re.findall(r"env var: (\w+)", describe_commands()))
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        where = page.relative_to(ROOT)
        yield from (
            f"{where}: there is no `make {name}`"
            for name in re.findall(r"`make ([a-z-]+)|^ *make ([a-z-]+)", text, re.MULTILINE)
            if "".join(name) not in targets
        )
        for module in set(re.findall(r"python -m ([a-z_.]+)", text)):
            path = ROOT / module.rstrip(".").replace(".", "/")
            if not path.is_dir() and not path.with_suffix(".py").is_file() and module != "venv":
                yield f"{where}: there is no `python -m {module}`"
        for link in re.findall(r"\]\(([^)#:]+)[^):]*\)", text):
            if not (page.parent / link).exists():
                yield f"{where}: the link to {link} leads nowhere"
        for name in set(re.findall(r"LLAMA_MD_[A-Z_]+[A-Z]", text)) - settings:
            yield f"{where}: there is no setting {name}"


def main() -> None:
    pages = {
        ROOT / "docs" / "commands.md": describe_commands(),
        ROOT / "docs" / "settings.md": describe_settings(),
    }
    problems = []
    for page, text in pages.items():
        if "--write" in sys.argv:
            page.write_text(text, encoding="utf-8")
        elif not page.is_file() or page.read_text(encoding="utf-8") != text:
            problems.append(f"{page.name} is out of step: python -m scripts.check_docs --write")
    problems += find_problems()
    print("\n".join(problems) or "docs and code agree")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
