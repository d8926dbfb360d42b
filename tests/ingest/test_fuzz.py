"""A good PDF, damaged in 200 ways: each is read or refused, nothing crashes or hangs."""

from __future__ import annotations

import random
from pathlib import Path

from ingest.book import ReadBook
from ingest.chunk import chunk_pages
from ingest.errors import ReadFailure, WorkerFailure
from ingest.worker import read_in_worker
from tests.ingest.typeset import good_book, rewrite

WAYS = 200
TIMEOUT_S = 60.0


def damage(data: bytes, rng: random.Random) -> bytes:
    """One wound: cut off, bits flipped, a piece lost, doubled, moved, zeroed or overwritten."""
    start, size = rng.randrange(len(data)), rng.choice([1, 4, 16, 64, 256, 2048])
    piece = data[start : start + size]
    wound = rng.randrange(8)
    if wound == 0:
        return data[:start]
    if wound == 1:
        flipped = bytearray(data)
        for _ in range(rng.choice([1, 8, 64, 512])):
            flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        return bytes(flipped)
    if wound == 2:
        return data[:start] + data[start + size :]
    if wound == 3:
        return data[:start] + piece * rng.choice([2, 50]) + data[start + size :]
    if wound == 4:
        other = rng.randrange(len(data))
        return data[:other] + piece + data[other:]
    if wound == 5:
        return data[:start] + bytes(size) + data[start + size :]
    if wound == 6:
        return data[:start] + rng.randbytes(size) + data[start + size :]
    return change_number(data, rng)


def change_number(data: bytes, rng: random.Random) -> bytes:
    """A number of the file's structure becomes absurd."""
    places = [index for index, byte in enumerate(data) if 48 <= byte <= 57]
    at = rng.choice(places)
    number = rng.choice([b"-1", b"0", b"9999999999", b"65536", b"1e9"])
    return data[:at] + number + data[at + 1 :]


def test_a_damaged_pdf_is_read_or_refused(tmp_path: Path) -> None:
    path = good_book(tmp_path / "good.pdf", pages=2)
    plain = path.read_bytes()
    rewrite(path, lambda writer: writer.set_page_label(0, 1, style="/r"))
    rng = random.Random(20)
    refused: list[ReadFailure] = []
    read = 0
    for number in range(WAYS):
        hurt = tmp_path / f"hurt-{number}.pdf"
        hurt.write_bytes(damage(rng.choice([plain, path.read_bytes()]), rng))
        try:
            book = read_in_worker(hurt, ocr="never", timeout_s=TIMEOUT_S)
        except ReadFailure as failure:
            refused.append(failure)
            continue
        assert isinstance(book, ReadBook)
        chunk_pages(book)
        read += 1
    assert read + len(refused) == WAYS
    assert min(read, len(refused)) > 20
    assert all(failure.reason and failure.remedy for failure in refused)
    assert not [failure for failure in refused if isinstance(failure, WorkerFailure)]
