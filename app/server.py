"""One ASGI process: the Streamlit page, the images of book pages, and a health route beside it.

Knows no view. `serve` blocks until the process is told to end.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.starlette import App

from app.errors import PageUnavailable, PortTaken
from app.middleware import CalmClosing, SafeHeaders
from app.page_image import render_page
from app.resources import Desk, open_desk
from corpus.errors import CorpusError

SCRIPT = Path(__file__).with_name("main.py")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
PORTS_TRIED = 20  # from the usual one upwards, where no port was asked for
_WEEK_S = 7 * 24 * 3600


def make_app(desk: Desk, when_ready: Callable[[], None], hosts: Sequence[str] = ("*",)) -> App:
    """The ASGI application around `desk`.

    Args:
        when_ready: called once it takes requests.
        hosts: names it answers to; on loopback only its own, against DNS rebinding.
    """
    open_desk(desk)

    @asynccontextmanager
    async def live(_app: App) -> AsyncIterator[None]:
        desk.warm_up()
        when_ready()
        yield

    return App(
        SCRIPT,
        lifespan=live,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)),
            Middleware(SafeHeaders),
            Middleware(CalmClosing),
        ],
        routes=[
            Route("/healthz", partial(_health, desk)),
            Route("/book-page/{book_id}/{page:int}", partial(_page_image, desk)),
        ],
    )


def serve(desk: Desk, listening: socket.socket, when_ready: Callable[[], None]) -> None:
    """Serve on a bound socket until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        make_app(desk, when_ready, _hosts(listening)),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[listening])


def bind(host: str, port: int, tries: int = 1) -> socket.socket:
    """A listening socket on `port`, or on one of the next `tries - 1`.

    Raises:
        PortTaken: none of them is free, or the address is not of this machine.
    """
    for candidate in range(port, port + tries):
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, candidate))
            listening.listen(128)
            return listening
        except OSError as error:
            listening.close()
            if error.errno != errno.EADDRINUSE:
                raise PortTaken(f"can't serve on {host}:{candidate}: {error.strerror}") from error
    last = port + tries - 1
    named = f"port {port} is" if tries == 1 else f"ports {port} to {last} are all"
    raise PortTaken(f"{named} in use on {host}. Choose another: python -m app --port N")


def _hosts(listening: socket.socket) -> Sequence[str]:
    address = listening.getsockname()[0]
    return LOOPBACK if ip_address(address).is_loopback else ("*",)


def _health(desk: Desk, _request: Request) -> Response:
    """Alive, whether the models are loaded, and which index is served."""
    try:
        index: str | None = desk.index().version
    except CorpusError:
        index = None
    return JSONResponse({"status": "ok", "ready": desk.ready, "index": index})


def _page_image(desk: Desk, request: Request) -> Response:
    """A page of a book that the index knows; nothing else on disk can be named."""
    try:
        path = desk.book_path(request.path_params["book_id"])
        image = render_page(str(path), request.path_params["page"])
    except (KeyError, CorpusError, PageUnavailable):
        return Response("There is no such page.", status_code=404, media_type="text/plain")
    headers = {"Cache-Control": f"private, max-age={_WEEK_S}"}
    return Response(image, media_type="image/webp", headers=headers)
