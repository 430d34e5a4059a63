"""Hit → quote: the only place where a quote is cut."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index import lexical
from index.citation import source_of
from index.errors import QuoteMismatch
from index.types import Article, Hit, Quote, Reading, Source, Span

# Without the reader: how much the question's words count beside the vectors, and which share of the best
# sentence's score another must reach to be marked too.
WORDS = 0.4
NEAR = 0.9
# With the reader: a passage whose best sentence is less likely than this is shown as near, not as an answer: only
# the best is marked.
FAINT = 0.05
# An exact answer is shown where it leads over "nowhere" by so much. Chosen by training/calibrate.py.
SURE = 8.0
# One longer than so many characters is no name, date or number, and the mark of its sentence says enough.
BRIEF = 60


def marks(question: str, texts: Sequence[str], cosines: NDArray[np.float32]) -> list[int]:
    """Return which sentences of an unread passage answer best, in their order; `cosines` has one value a sentence."""
    if len(texts) != len(cosines):
        raise ValueError(f"one cosine a sentence is needed, found {len(cosines)} for {len(texts)}")
    scores = cosines + WORDS * lexical.coverage(question, texts)
    least = scores.max() - (1 - NEAR) * abs(scores.max())
    return [place for place, score in enumerate(scores) if score >= least]


def read_marks(reading: Reading, lengths: Sequence[int]) -> list[int]:
    """Return which sentences of a passage that was read answer, in their order; the best one always.

    Those whose marking can be expected to agree best with what answers (intersection over union, in
    characters): one where one stands out, several where several may be needed.
    """
    chances = 1 / (1 + np.exp(-np.clip(np.array(reading.sentences), -30, 30)))
    order = np.argsort(-chances, kind="stable")
    if chances.max() < FAINT:
        return [int(order[0])]
    sizes = np.array(lengths)[order]
    held = np.cumsum(chances[order] * sizes)
    agreement = held / (np.cumsum(sizes) + held[-1] - held)
    return sorted(int(place) for place in order[: int(agreement.argmax()) + 1])


def exact(hit: Hit) -> Span | None:
    """Return where the exact answer stands in the article, if the reader is sure of it and it is brief."""
    reading = hit.reading
    if reading is None or reading.margin < SURE or not 0 < len(reading.span) <= BRIEF:
        return None
    start = hit.passage.span.start
    return Span(start + reading.span.start, start + reading.span.end)


def cut(
    hit: Hit,
    article: Article,
    highlights: Sequence[Span],
    also_in: Sequence[Source],
    versions: Sequence[Source],
    score: float,
) -> Quote:
    """Cut the quote of a hit out of its article; raise QuoteMismatch where they do not belong together."""
    if hit.passage.article != article.id:
        raise QuoteMismatch(f"{hit.passage.article}: its passage was to be cut out of {article.id}; it is not shown")
    return Quote.cut(
        article,
        hit.passage.span,
        highlights=joined(highlights, article.text),
        source=source_of(article, hit.passage.paragraph),
        score=score,
        also_in=tuple(also_in),
        versions=tuple(versions),
        exact=exact(hit),
    )


def joined(spans: Sequence[Span], text: str) -> tuple[Span, ...]:
    """Join spans that have only white space between them, so that two sentences are one mark."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and not text[found[-1].end : span.start].strip():
            found[-1] = Span(found[-1].start, span.end)
        else:
            found.append(span)
    return tuple(found)
