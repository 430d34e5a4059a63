"""Question → answer: understand, rank, quote, and say how likely the first quote answers."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from index import quoting
from index.citation import source_of
from index.confidence import probability, threshold_for
from index.embedding import Embedder, Vectors
from index.errors import QuoteMismatch
from index.followup import Turn, understand
from index.library import Library
from index.query import well_formed
from index.ranking import Ranked, ranked
from index.settings import Settings
from index.types import Answer, Hit, Quote, Source

if TYPE_CHECKING:
    from index.reader import Reader


def answer(
    question: str,
    library: Library,
    embedder: Embedder,
    settings: Settings,
    reader: "Reader | None" = None,
    history: Sequence[Turn] = (),
) -> Answer:
    """Return the answer to a question in its conversation: quotes best first, each of other words than those before it.

    Without a reader passages are ranked by vectors and words alone. Raises QuestionInvalid for a question
    that cannot be asked.
    """
    began = time.perf_counter()
    queries = understand(question, history, settings.max_question)
    ways = [ranked(query, library, embedder, settings, reader) for query in queries[: 2 if reader else 1]]
    best = max(ways, key=lambda way: way.sure)
    quotes, warnings = _quotes(best, settings.quotes, library, embedder)
    query, missing = best.query, best.found.missing
    sure = quotes[0].score if quotes and not missing else 0.0
    least = threshold_for(settings.most_wrong) if settings.most_wrong else settings.threshold
    return Answer(
        question=well_formed(question),
        understood=query.understood,
        quotes=quotes,
        confidence=sure,
        answered=bool(quotes) and not missing and sure >= least,
        searched=library.searched,
        elapsed_ms=(time.perf_counter() - began) * 1000,
        warnings=(*warnings, *_phrase_warnings(missing), *_script_warning(query.asked, best.found.hits, library)),
        read=reader is not None,
    )


def _quotes(best: Ranked, count: int, library: Library, embedder: Embedder) -> tuple[tuple[Quote, ...], list[str]]:
    """Cut the quotes; a quote's score is the probability that it answers. One that does not fit is reported."""
    quotes: list[Quote] = []
    warnings: list[str] = []
    groups = best.groups[:count]
    marked = _marks(best.query.understood, best.vector, [group.hit for group in groups], library, embedder)
    for group, (places, nearest) in zip(groups, marked, strict=True):
        hit = group.hit
        try:
            quotes.append(
                quoting.cut(
                    hit,
                    library.article(hit.passage.article),
                    [hit.passage.sentences[place] for place in places],
                    _sources(group.copies, hit, library),
                    _sources(group.versions, hit, library),
                    probability(hit, best.shares[hit.passage], best.crowd, nearest),
                )
            )
        except QuoteMismatch as error:
            warnings.append(str(error))
    return tuple(quotes), warnings


def _sources(copies: Sequence[Hit], shown: Hit, library: Library) -> list[Source]:
    """Return where else the words stand; that an article repeats itself is no second source."""
    found: dict[str, Source] = {}
    for hit in copies:
        article = library.article(hit.passage.article)
        if article.id != shown.passage.article and article.id not in found:
            found[article.id] = source_of(article, hit.passage.paragraph)
    return list(found.values())


def _marks(
    question: str, vector: Vectors, hits: Sequence[Hit], library: Library, embedder: Embedder
) -> Iterator[tuple[list[int], float]]:
    """Yield which sentences of each hit to mark, and how near the nearest is: its cosine, -1 where it was not needed.

    As the reader says; where a hit was not read, the nearest to the question.
    """
    texts = {
        number: [span.of(library.article(hit.passage.article).text) for span in hit.passage.sentences]
        for number, hit in enumerate(hits)
        if hit.reading is None
    }
    unread = [text for sentences in texts.values() for text in sentences]
    cosines = embedder.embed_passages(unread) @ vector if unread else np.zeros(0, dtype=np.float32)
    for number, hit in enumerate(hits):
        if hit.reading is not None:
            yield quoting.read_marks(hit.reading, [len(span) for span in hit.passage.sentences]), -1.0
            continue
        count = len(texts[number])
        yield quoting.marks(question, texts[number], cosines[:count]), float(cosines[:count].max())
        cosines = cosines[count:]


def _phrase_warnings(missing: Sequence[str]) -> list[str]:
    return [f"no passage holds “{' … '.join(missing)}” word for word; these are the nearest"] if missing else []


def _script_warning(question: str, hits: Sequence[Hit], library: Library) -> list[str]:
    letters = {letter for letter in question.casefold() if letter.isalpha()}
    for hit in hits:
        article = library.article(hit.passage.article)
        if not letters or letters & set(hit.passage.span.of(article.text).casefold()):
            return []
    return ["no letter of the question occurs in the articles; ask in the language they are written in"]
