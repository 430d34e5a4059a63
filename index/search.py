"""Query → hits, best first: by vectors and by words, fused, then read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embedding import Vectors
from index.lexical import phrase_terms, terms
from index.library import Library, heading
from index.query import Query, holds
from index.types import Hit, Page, Passage, Span

if TYPE_CHECKING:
    from index.reader import Reader


# How much the words count beside the vectors, both scaled so that the best has 1: for questions, and for words or
# claims to be found. Measured by training/calibrate.py; figures in docs/search.md.
ASKED, GIVEN = 0.3, 0.4
# What a passage gains that is from an article to which the conversation led.
FAMILIAR = 0.1
# The conversation led to the articles of so many passages, the best for what it has been about.
LED = 3
# How much words count that come from the conversation, beside those of the question.
CARRIED = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, best first, and which phrases of the query no passage holds."""

    hits: list[Hit]
    missing: tuple[str, ...]


def search(query: Query, vector: Vectors, library: Library, candidates: int) -> Found:
    """Return the passages nearest by inner product with `vector` (shape (dimension,)) and those best by BM25, fused.

    The union of the first `candidates` of either. Where the query has phrases, only passages that hold them
    all; where there is none, the phrases count as other words do, and are reported missing.
    """
    wanted = _weighted_terms(query)
    allowed = _with_phrases(query.phrases, library)
    missing = query.phrases if allowed is not None and not len(allowed) else ()
    if allowed is not None and len(allowed):
        rows, dense = _nearest(vector, library, len(allowed), allowed)
        lexical = dict.fromkeys(rows.tolist(), 0.0) | _by_words(wanted, library, len(library))
        hits = _fused(query, library, rows, dense, np.array([lexical[row] for row in rows.tolist()]))
        return Found(hits[:candidates], ())
    count = min(candidates, len(library))
    rows, dense = _nearest(vector, library, count)
    lexical = _by_words(wanted, library, count)
    more = np.setdiff1d(np.array(list(lexical), dtype=np.int64), rows)
    if len(more):
        others, products = _nearest(vector, library, len(more), more)
        rows, dense = np.concatenate([rows, others]), np.concatenate([dense, products])
    return Found(
        _fused(query, library, rows, dense, np.array([lexical.get(row, 0.0) for row in rows.tolist()])), missing
    )


def read(
    query: Query, hits: Sequence[Hit], library: Library, reader: "Reader", budget: int, thoroughly: int
) -> list[Hit]:
    """Return the hits in their order, the most promising read; `budget` and `thoroughly` as in `Reader.read`."""
    readings = reader.read(query.understood, [page_of(hit.passage, library) for hit in hits], budget, thoroughly)
    seen = [replace(hit, reading=reading) for hit, reading in zip(hits, readings, strict=False)]
    return [*seen, *hits[len(seen) :]]


def page_of(passage: Passage, library: Library) -> Page:
    """Return a passage as the reader wants it."""
    article = library.article(passage.article)
    start = passage.span.start
    spans = tuple(Span(span.start - start, span.end - start) for span in passage.sentences)
    return Page(heading(article), passage.span.of(article.text), spans)


def _weighted_terms(query: Query) -> dict[str, float]:
    carried = dict.fromkeys(terms(query.topic), CARRIED) if query.topic else {}
    return carried | dict.fromkeys(terms(query.asked), 1.0)


def _with_phrases(phrases: tuple[str, ...], library: Library) -> NDArray[np.int64] | None:
    """Return the rows of the passages that hold every phrase, or None where there is no phrase."""
    if not phrases:
        return None
    rows: set[int] | None = None
    for phrase in phrases:
        words = phrase_terms(phrase)
        found = library.rows_of(library.terms.phrase(words, len(library))).tolist() if words else []
        rows = set(found) if rows is None else rows & set(found)
    kept = [row for row in sorted(rows or ()) if _holds_all(library, row, phrases)]
    return np.array(kept, dtype=np.int64)


def _holds_all(library: Library, row: int, phrases: tuple[str, ...]) -> bool:
    passage = library.passage(row)
    words = passage.span.of(library.article(passage.article).text)
    return all(holds(words, phrase) for phrase in phrases)


def _nearest(
    vector: Vectors, library: Library, count: int, among: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    scores, rows = library.store.search(vector[np.newaxis], count, among)
    return rows[0], scores[0]


def _by_words(wanted: dict[str, float], library: Library, count: int) -> dict[int, float]:
    found = library.terms.search(wanted, count)
    return dict(zip(library.rows_of(found).tolist(), found.scores.tolist(), strict=True))


def _fused(
    query: Query, library: Library, rows: NDArray[np.int64], dense: NDArray[np.float32], lexical: NDArray[np.float64]
) -> list[Hit]:
    """Fuse by a convex combination of scores, each scaled by the greatest (Bruch et al., "Fusion Functions", 2023)."""
    weight = ASKED if query.is_question else GIVEN
    near = np.maximum(dense, 0) / max(float(dense.max()), 1e-6)
    words = lexical / max(float(lexical.max()), 1e-6)
    passages = [library.passage(row) for row in rows.tolist()]
    familiar = np.array([passage.article in query.articles for passage in passages])
    fused = (1 - weight) * near + weight * words + FAMILIAR * familiar
    order = np.lexsort((rows, -fused))
    return [Hit(passages[n], float(dense[n]), float(lexical[n]), float(fused[n])) for n in order]
