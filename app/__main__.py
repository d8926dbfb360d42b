"""`python -m app`: serve the page on this machine and print its address.

Exit code 0 done, 1 failed, 2 wrong usage. With --json the address is one JSON object on standard
output, once the page takes requests; everything else goes to standard error.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
from typing import Annotated

import typer
from rich.console import Console

from app.errors import AppError
from rag.countries import find_country
from rag.errors import BadInput
from settings import load_settings

USUAL_PORT = 8501

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
screen = Console(stderr=True, highlight=False)


@app.command()
def main(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help=f"port; else {USUAL_PORT}, or the next that is free"),
    ] = None,
    host: Annotated[
        str, typer.Option(help="address to listen on; 0.0.0.0 lets other machines in")
    ] = "127.0.0.1",
    as_json: Annotated[
        bool, typer.Option("--json", help='print {"url": …} on standard output once ready')
    ] = False,
) -> None:
    """Open Llama, MD in the browser: serve the page until Ctrl-C."""
    from app.resources import Desk, load_assistant
    from app.server import PORTS_TRIED, bind, serve

    logging.basicConfig(level="INFO", stream=sys.stderr, format="%(levelname)s %(message)s")
    settings = load_settings()
    try:
        find_country(settings.country)
        listening = bind(host, port or USUAL_PORT, 1 if port else PORTS_TRIED)
    except (AppError, BadInput) as error:
        screen.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error
    url = _url(listening)
    serve(Desk(settings, load_assistant), listening, lambda: _announce(url, as_json))


def _url(listening: socket.socket) -> str:
    """What to type into the browser on this machine."""
    host, port = listening.getsockname()[:2]
    host = "localhost" if host in {"0.0.0.0", "::"} else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _announce(url: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"url": url}))
        sys.stdout.flush()
    screen.print(f"\n  Llama, MD is at [bold]{url}[/bold]   (Ctrl-C ends it)\n")


if __name__ == "__main__":
    app(prog_name="python -m app")
