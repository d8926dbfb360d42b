"""What a prompt shows of the hits: their statements nearest to the question, word for word, a row as a sentence.

Extractive compression (RECOMP, Xu et al. 2023, arXiv 2310.04408): a small model chooses well among
ten sentences and badly among forty, and reads them in a third of the time. The verifier still holds
every drafted sentence against the whole passage. Serving and training both call it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corpus.records import Hit, Passage
from rag.checking.tables import spell_rows
from rag.reply.layout import BAR
from rag.reply.quote import Encoder, Quote, list_statements, score_statements
from rag.search.vocabulary import content_words, stem
from rag.text.sentences import Span, split_sentences

# Chosen on hand-written rows of finetune/grounded: of the sentences that carry their answers the five
# best hits hold .79, 160 words .67, and with neighbours .70.
PROMPT_WORDS = 160
ROWS = 3  # of a table, to a model that does not choose well
NEIGHBOUR = 0.1  # cosine; a statement is worth at least so much less than the one beside it


def compress_hits(
    question: str,
    hits: Sequence[Hit],
    encoder: Encoder,
    most_words: int = PROMPT_WORDS,
    wanted: Sequence[str] = (),
) -> list[tuple[Hit, Passage]]:
    """The hits in their order, each with its passage cut down; one of which nothing is left goes.

    Statements that hold one of the `wanted` texts come first: what a training example cites must be
    there. At most `most_words` words in all, unless those need more.
    """
    scored = score_statements(question, list_pieces(hits), encoder)
    worth = _lift_neighbours(scored)
    chosen: list[Quote] = []
    words = 0
    for place in sorted(range(len(scored)), key=lambda n: (-_holds(scored[n], wanted), -worth[n])):
        quote = scored[place]
        if any(_is_within(quote, other) for other in chosen):
            continue
        size = len(quote.text.split())
        if words + size <= most_words or not chosen or _holds(quote, wanted):
            chosen.append(quote)
            words += size
    return cut_to(chosen, hits)


def cut_to(quotes: Sequence[Quote], hits: Sequence[Hit]) -> list[tuple[Hit, Passage]]:
    """The hits in their order, each with its passage cut down to the quotes; those of none go."""
    cut = [(hit, _cut_down(hit, [q for q in quotes if q.hit is hit])) for hit in hits]
    return [(hit, passage) for hit, passage in cut if passage.text]


def list_prompts(question: str, quotes: Sequence[Quote], encoder: Encoder) -> list[list[Quote]]:
    """What a model that does not choose well is shown: one after the other, until something that it says holds.

    All quotes, of their tables the rows nearest to the question; then the nearest statement alone. A row
    that comes nearest and is named by the question comes before both.
    """
    pieces = [piece for quote in quotes for piece in _part(quote)]
    if not pieces:
        return []
    spelled = [(0, replace(piece, text=_cut_down(piece.hit, [piece]).text)) for piece in pieces]
    scored = [
        replace(piece, score=near.score)
        for piece, near in zip(pieces, score_statements(question, spelled, encoder), strict=True)
    ]
    order = sorted(scored, key=lambda piece: -piece.score)
    rows = [piece for piece in order if BAR in piece.text]
    statements = [piece for piece in order if BAR not in piece.text]
    prompts = [[piece for piece in scored if piece not in rows[ROWS:]], statements[:1]]
    if order[0] in rows and _names(question, order[0]):
        prompts.insert(0, order[:1])
    return [shown for n, shown in enumerate(prompts) if shown and shown not in prompts[:n]]


def _part(quote: Quote) -> list[Quote]:
    """The caption and the rows of a table, less its headings; any other quote is whole."""
    if BAR not in quote.text:
        return [quote]
    parts = [
        Quote(span.text, quote.hit, quote.start + span.start)
        for span in split_sentences(quote.text)
    ]
    return [part for part in parts if _cut_down(part.hit, [part]).text]


def _names(question: str, row: Quote) -> bool:
    """Whether the question speaks of what the row is about."""
    name = row.text.partition(BAR)[0]
    asked, named = ({stem(word) for word in content_words(text)} for text in (question, name))
    return bool(asked & named)


def list_pieces(hits: Sequence[Hit]) -> list[tuple[int, Quote]]:
    """Rank of the hit and piece, for every statement and every row of a table."""
    pieces: list[tuple[int, Quote]] = []
    for rank, hit in enumerate(hits):
        rows = [s for s in split_sentences(hit.passage.text) if " | " in s.text]
        found = [*list_statements(hit), *(Quote(row.text, hit, row.start) for row in rows)]
        pieces += [(rank, quote) for quote in sorted(found, key=lambda quote: quote.start)]
    return pieces


def _lift_neighbours(scored: Sequence[Quote]) -> list[float]:
    """Each score, or that of a neighbour in the same passage less `NEIGHBOUR` if it is higher."""
    worth = [quote.score for quote in scored]
    for place, other in zip(range(len(scored) - 1), range(1, len(scored)), strict=True):
        if scored[place].hit is scored[other].hit:
            worth[place] = max(worth[place], scored[other].score - NEIGHBOUR)
            worth[other] = max(worth[other], scored[place].score - NEIGHBOUR)
    return worth


def _holds(quote: Quote, wanted: Sequence[str]) -> bool:
    text = " ".join(quote.text.split())
    return any(words in text for words in wanted)


def _is_within(quote: Quote, other: Quote) -> bool:
    if quote.hit is not other.hit:
        return False
    begins, ends = other.start, other.start + len(other.text)
    return begins <= quote.start and quote.start + len(quote.text) <= ends


def _cut_down(hit: Hit, quotes: Sequence[Quote]) -> Passage:
    """The passage with the quoted words alone, in its own order; what overlaps stands once."""
    text, end = list[str](), 0
    spans = split_sentences(hit.passage.text)
    spelled = spell_rows([span.text for span in spans])
    rows = [(spans[number], sentence) for number, sentence in spelled.items()]
    for quote in sorted(quotes, key=lambda quote: quote.start):
        begins, ends = max(quote.start, end), quote.start + len(quote.text)
        if begins < ends:
            text.append(_spell(hit.passage.text, begins, ends, rows))
            end = ends
    return replace(hit.passage, text=" ".join(piece for piece in text if piece), boxes=())


def _spell(text: str, begins: int, ends: int, rows: Sequence[tuple[Span, str]]) -> str:
    """A stretch of the passage, with the rows of tables in it as sentences."""
    pieces = list[str]()
    for span, sentence in rows:
        if begins <= span.start and span.end <= ends:
            pieces += [text[begins : span.start].strip(), sentence]
            begins = span.end
    return "\n".join(piece for piece in [*pieces, text[begins:ends].strip()] if piece)
