"""The few pdfium calls that run once a character or a word, bound for speed. Knows no layout.

pypdfium2's own bindings build a ctypes object for each pointer and release the GIL on each call;
at two million characters a book that is most of the reading time. Here handles are plain
integers, results are written into preallocated buffers, and the GIL stays held.
"""

from __future__ import annotations

import ctypes
from typing import Any

from pypdfium2_raw import bindings

_LIBRARY = ctypes.PyDLL(bindings._libs["pdfium"]._name)
_handle = ctypes.c_void_p
_int = ctypes.c_int


def _bind(name: str, result: Any, *arguments: Any) -> Any:
    function = _LIBRARY[name]
    function.restype = result
    function.argtypes = arguments
    return function


def handle_of(wrapped: Any) -> int:
    """The address behind a pypdfium2 object or a raw pointer."""
    return ctypes.cast(getattr(wrapped, "raw", wrapped), _handle).value or 0


# text page: characters
get_text = _bind("FPDFText_GetText", _int, _handle, _int, _int, _handle)
count_chars = _bind("FPDFText_CountChars", _int, _handle)
get_unicode = _bind("FPDFText_GetUnicode", ctypes.c_uint, _handle, _int)
has_map_error = _bind("FPDFText_HasUnicodeMapError", _int, _handle, _int)
loose_box = _bind("FPDFText_GetLooseCharBox", _int, _handle, _int, _handle)
tight_box = _bind(
    "FPDFText_GetCharBox", _int, _handle, _int, _handle, _handle, _handle, _handle
)  # left, right, bottom, top
text_object = _bind("FPDFText_GetTextObject", _handle, _handle, _int)
char_origin = _bind("FPDFText_GetCharOrigin", _int, _handle, _int, _handle, _handle)
char_matrix = _bind("FPDFText_GetMatrix", _int, _handle, _int, _handle)
font_size = _bind("FPDFText_GetFontSize", ctypes.c_double, _handle, _int)
font_weight = _bind("FPDFText_GetFontWeight", _int, _handle, _int)
font_info = _bind(
    "FPDFText_GetFontInfo", ctypes.c_ulong, _handle, _int, _handle, ctypes.c_ulong, _handle
)

# page objects
count_objects = _bind("FPDFPage_CountObjects", _int, _handle)
get_object = _bind("FPDFPage_GetObject", _handle, _handle, _int)
object_type = _bind("FPDFPageObj_GetType", _int, _handle)
object_bounds = _bind(
    "FPDFPageObj_GetBounds", _int, _handle, _handle, _handle, _handle, _handle
)  # left, bottom, right, top
object_matrix = _bind("FPDFPageObj_GetMatrix", _int, _handle, _handle)
fill_color = _bind("FPDFPageObj_GetFillColor", _int, _handle, _handle, _handle, _handle, _handle)
stroke_color = _bind(
    "FPDFPageObj_GetStrokeColor", _int, _handle, _handle, _handle, _handle, _handle
)
font_of = _bind("FPDFTextObj_GetFont", _handle, _handle)
render_mode = _bind("FPDFTextObj_GetTextRenderMode", _int, _handle)
count_form_objects = _bind("FPDFFormObj_CountObjects", _int, _handle)
form_object = _bind("FPDFFormObj_GetObject", _handle, _handle, ctypes.c_ulong)
draw_mode = _bind("FPDFPath_GetDrawMode", _int, _handle, _handle, _handle)
count_segments = _bind("FPDFPath_CountSegments", _int, _handle)
path_segment = _bind("FPDFPath_GetPathSegment", _handle, _handle, _int)
segment_point = _bind("FPDFPathSegment_GetPoint", _int, _handle, _handle, _handle)
segment_type = _bind("FPDFPathSegment_GetType", _int, _handle)
clip_path = _bind("FPDFPageObj_GetClipPath", _handle, _handle)
count_clips = _bind("FPDFClipPath_CountPaths", _int, _handle)
count_clip_segments = _bind("FPDFClipPath_CountPathSegments", _int, _handle, _int)
clip_segment = _bind("FPDFClipPath_GetPathSegment", _handle, _handle, _int, _int)

FORM, TEXT, PATH, IMAGE, SHADING = 5, 1, 2, 3, 4  # FPDF_PAGEOBJ_*
MOVE_TO = 2  # FPDF_SEGMENT_MOVETO
