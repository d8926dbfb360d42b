"""A page's picture → words with boxes, by RapidOCR on onnxruntime. Loaded only when needed.

The models lie inside the rapidocr wheel (PP-OCRv6 small: detection, recognition), so no network
is used. Knows no PDF: it is given pixels.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.errors import OcrUnavailable
from ingest.words import Token

DPI = 200  # print of 8 points is 22 pixels high: what PP-OCR was trained to read
MIN_SCORE = 0.5  # below it RapidOCR's guesses are noise (its own default, config.yaml)
MAX_SIDE = 3000  # pixels
DETECTION_SIDE = 1280  # pixels that lines are sought in: a third of the time, as many words found


def read_picture(pixels: npt.NDArray[np.uint8], width: float, height: float) -> list[Token]:
    """The words on a picture of a page of `width` × `height` points.

    Raises:
        OcrUnavailable: the engine or its models can't be loaded.
    """
    found = _engine()(pixels)
    # on a picture without words `word_results` is no list of lines but one empty word
    lines = (getattr(found, "word_results", None) or ()) if getattr(found, "txts", None) else ()
    sx, sy = width / pixels.shape[1], height / pixels.shape[0]
    tokens: list[Token] = []
    for line in lines:
        tokens += _tokens_of(line, sx, sy)
    return tokens


def _tokens_of(line: Any, sx: float, sy: float) -> list[Token]:
    """One recognised line: (text, score, corner points) a word."""
    boxes = []
    for text, score, corners in line:
        if corners is None or score < MIN_SCORE or not str(text).strip():
            continue
        xs, ys = [point[0] * sx for point in corners], [point[1] * sy for point in corners]
        boxes.append((str(text).strip(), min(xs), min(ys), max(xs), max(ys)))
    if not boxes:
        return []
    top, bottom = min(box[2] for box in boxes), max(box[4] for box in boxes)
    size = 0.8 * (bottom - top)  # a text line's box holds ascenders and descenders
    base = bottom - 0.22 * (bottom - top)
    return [Token(text, x0, y0, x1, y1, base, size, False) for text, x0, y0, x1, y1 in boxes]


@lru_cache(maxsize=1)
def _engine() -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise OcrUnavailable(
            f"OCR can't be loaded ({error}).", "Run make setup, or ingest with --ocr never."
        ) from error
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.return_word_box": True,
            "Global.max_side_len": MAX_SIDE,
            "Global.text_score": MIN_SCORE,
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECTION_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": 2,
        }
    )
