"""What a web page left in a text: stubs, placeholders, links, marks, markup.

Training road: Row → **cleaning** → Fate. Every function takes a text and gives the text without the
residue, and the pieces taken out. They delete what they know, whole, and turn no other character.
"""

from __future__ import annotations

import html
import re

from finetune.data.courtesy import judge_sentence
from rag.text.sentences import split_sentences

Edited = tuple[str, list[str]]  # the text, and what was taken out

_SPACES = re.compile(r"[ \t\u00a0\u202f\u2007]+")
_ZERO_WIDTH = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,5}|#x[0-9a-fA-F]{2,5});")
_TAG = re.compile(
    r"</?(?:a|b|i|u|p|br|hr|li|ul|ol|em|div|span|strong|font|img|h[1-6]|table|tbody|tr|td|th)"
    r"(?:\s+[\w-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))*\s*/?>",
    re.I,
)
_BREAKING_TAG = re.compile(r"</?(?:p|br|hr|li|ul|ol|div|h[1-6]|table|tr)\b", re.I)

_ARROW = re.compile(r"[.\s]*-{2,}>")
_STUB_BEGINS = re.compile(
    r"\b(?:for (?:further|more|any|additional)|(?:kindly |please )?(?:revert|consult|get back|write"
    r" back|come back|reply|follow[- ]up|reach|contact|discuss)|in case of|to discuss)\b",
    re.I,
)
_PLACEHOLDER = re.compile(
    r"\s*[(\[]?\s*attachments? (?:is |are |was |were )?(?:removed|hidden)"
    r"(?: to protect (?:the )?(?:patient|user)(?:['’]?s)?(?: identity| privacy)?)?\s*[)\]]?",
    re.I,
)
_READS_IMAGE = re.compile(
    r"\b(?:from|in|on|as per|looking at|seeing|viewing|i saw|i see|i can see|seen) (?:your|the|these|those|this)"
    r" (?:(?:attached|given|current|shared|uploaded|clinical|sent|two) )*(?:pictures?|pics?|images?"
    r"|photo(?:graph)?s?)\b(?! of (?:the )?(?:person|patient)s?\b)",
    re.I,
)
_READS_ON = re.compile(r"(?:it|they|this|these) (?:shows?|(?:is|are) showing|reveals?)\b", re.I)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]*[^\s<>()\[\].,;:!?'\"]", re.I)
_POINTS_AT_LINK = re.compile(
    r"\b(?:click(?:ing)? (?:here|on|below|the)|to (?:enlarge|reduce) th(?:e|is) video"
    r"|(?:watch|view) (?:a|the|this) (?:video|slideshow)|follow(?:ing)? (?:this )?links?\b"
    r"|embedded link)|^\(?(?:learn|read) more\b",
    re.I,
)
_POINTS_AT_URL = re.compile(
    r"\b(?:visit|see|go(?:ing)? to|available|found|find|links?|log on|refer|web ?sites?|pages?"
    r"|more information|access(?:ed)?|read|search|view|click)\b",
    re.I,
)
_REFERENCE = re.compile(r"[ ]?\[\d{1,5}(?:\s?[,–-]\s?\d{1,5})*\]")
_NAVIGATION = re.compile(
    r"^(?:frequently asked que+stions(?: \(faqs\))?|fact sheets?|on this page|topics|back to top"
    r"|vector information|more on: [^\n]*|\[enlarged view\])[ \t]*(?:\n|\Z)"  # whole lines
    r"|^(?:summary :|key points\s*-[^\n]*\n|key points(?=\s*-))[ \t]*"  # the key points come again
    r"|\s(?:NIH|Centers for Disease Control and Prevention|Food and Drug Administration)"
    r"(?:: (?:National|Office)[\w ,-]+)?\Z",
    re.I | re.M,
)
# "b.i.d., Lasix" and "1,000" are commas; one without a space after a full stop is a line's end.
_HEADING_END = re.compile(r"(?<=[A-Za-z)]):\s*,\s*")
_LINE_END = re.compile(r"(?:(?<=[.?!]) ?,(?: ?,)*|(?<=[A-Z]{4}),)(?=[A-Z]|\d{1,2}\.)")
_LIST = re.compile(r"(?<= - )(?=[^.\n]*? - )([^.\n]+)[.:]?\s")
# GARD prints a table of the Human Phenotype Ontology of which only the text of its cells is left.
_TABLE = re.compile(r"The Human Phenotype Ontology provides the following list.*", re.S)


def strip_markup(text: str) -> Edited:
    """Tags and entities as characters; runs of blanks as one. Only tags are reported."""
    removed = []
    text = _ENTITY.sub(lambda m: html.unescape(m.group()), text)
    if "<" in text:
        removed = [m.group() for m in _TAG.finditer(text)]
        text = _TAG.sub(lambda m: "\n" if _BREAKING_TAG.match(m.group()) else "", text)
    text = _SPACES.sub(" ", _ZERO_WIDTH.sub("", text.replace("\r\n", "\n")))
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), removed


def strip_stubs(text: str) -> Edited:
    """Without "For more information consult a neurologist online -->"."""
    removed = []
    while arrow := _find_stub(text):
        start, end = arrow
        removed.append(text[start:end].strip())
        text = f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()
    return text, removed


def _find_stub(text: str) -> tuple[int, int] | None:
    """The span of the first stub: back from its arrow to the words that such stubs begin with."""
    for arrow in _ARROW.finditer(text):
        before = text[: arrow.start()]
        begin = max((before.rfind(mark) for mark in (". ", "? ", "! ", ": ", "\n")), default=-1) + 1
        sentence = before[begin:]
        if re.search(r"\bonline\b", sentence, re.I):
            lead = _STUB_BEGINS.search(sentence)
            said = sentence[: lead.start()] if lead else ""
            keeps = judge_sentence(said) == "content"
            return begin + (len(said.rstrip(" ,")) if keeps else 0), arrow.end()
        if not text[arrow.end() :].strip():
            return arrow.start(), arrow.end()
    return None


def strip_placeholders(text: str) -> Edited:
    """Without "(attachment removed to protect patient identity)"."""
    removed = [match.group().strip() for match in _PLACEHOLDER.finditer(text)]
    return (_PLACEHOLDER.sub("", text).strip() if removed else text), removed


def leans_on_attachment(text: str) -> bool:
    """Whether a sentence with substance reads an attachment that is not there."""
    if not (_PLACEHOLDER.search(text) or _READS_IMAGE.search(text)):
        return False
    text, _ = strip_stubs(text)
    return any(
        _READS_IMAGE.search(span.text)
        or (
            _PLACEHOLDER.search(span.text)
            and judge_sentence(_PLACEHOLDER.sub("", span.text)) == "content"
        )
        for span in split_sentences(text)
    )


def begins_in_reading(text: str) -> bool:
    """Whether a cleaned answer begins "It shows …" and what it shows is gone."""
    return bool(_READS_ON.match(text))


def strip_links(text: str) -> Edited:
    """Without sentences that only point at a link; one that holds a figure is left whole."""
    if not (_URL.search(text) or _POINTS_AT_LINK.search(text)):
        return text, []
    removed, kept, position = [], [], 0
    for span in split_sentences(text):
        if _only_points(span.text):
            kept.append(text[position : span.start])
            removed.append(span.text)
            opened = span.text.count("(") - span.text.count(")")
            position = span.end + (opened > 0 and text[span.end :].startswith(")"))
    kept.append(text[position:])
    return strip_markup("".join(kept))[0], removed


def _only_points(sentence: str) -> bool:
    without = _URL.sub("", sentence)
    if re.search(r"\d", without) or len(without.split()) > 40:
        return False
    if without != sentence:
        return bool(_POINTS_AT_URL.search(without))
    return bool(_POINTS_AT_LINK.search(sentence))


def strip_references(text: str) -> Edited:
    """Without "[12]": the marks of a list that is not there would read as our citations."""
    removed = [match.group().strip() for match in _REFERENCE.finditer(text)]
    return (_REFERENCE.sub("", text) if removed else text), removed


def strip_navigation(text: str) -> Edited:
    """Without the headings of a page's menu."""
    removed = [match.group().strip() for match in _NAVIGATION.finditer(text) if match.group()]
    return (_NAVIGATION.sub("", text).strip() if removed else text), removed


def strip_table(text: str) -> Edited:
    """Without what is left of a table of signs, and the explanation around it."""
    match = _TABLE.search(text)
    return (text[: match.start()].strip(), [match.group()]) if match else (text, [])


def strip_echo(text: str) -> Edited:
    """Without the question that a page's answer repeats first."""
    spans = split_sentences(text)
    if not spans or not spans[0].text.endswith("?"):
        return text, []
    return text[spans[0].end :].strip(), [spans[0].text]


def strip_list_echo(text: str) -> Edited:
    """Without the second telling of a list: "they are - pain - fever. pain fever." """
    removed = []
    for match in reversed(list(_LIST.finditer(text))):
        told_again = " ".join(match.group(1).split(" - "))
        end = match.end() + len(told_again)
        if told_again and text[match.end() : end] == told_again:
            end += text[end : end + 1] == "."
            removed.append(text[match.end() : end])
            text = f"{text[: match.end()]}{text[end:].lstrip()}".rstrip()
    return text, removed


def strip_dangling(text: str) -> Edited:
    """Without a last heading that leads to nothing: "I can list a few causes as follows:"."""
    spans = split_sentences(text) if text.rstrip().endswith(":") else []
    if not spans:
        return text, []
    return text[: spans[-1].start].strip(), [text[spans[-1].start :].strip()]


def mend_lines(text: str) -> Edited:
    """MTSamples writes a line's end as a comma: "PLAN:,1.  Zyrtec.,2." is two lines of a plan."""
    mended, headings = _HEADING_END.subn(": ", text)
    mended, lines = _LINE_END.subn("\n", mended)
    return mended, [f"{headings + lines} line ends"] if headings + lines else []
