"""Question → answer: understand, search, fold, read, quote, and say how likely the first quote answers."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from index import quoting
from index.citation import source_of
from index.confidence import probability
from index.embedding import Embedder, Vectors
from index.errors import QuoteMismatch
from index.folding import Group, fold
from index.followup import Turn, understand
from index.lexical import coverage
from index.library import Library, passage_text
from index.query import Query, well_formed
from index.search import CARRIED, read, search
from index.settings import Settings
from index.types import Answer, Hit, Passage, Quote, Source

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
    query = understand(question, history, settings.max_question)
    vector = query_vector(query, embedder)
    found = search(query, vector, library, settings.candidates)
    groups = fold(found.hits, library, max(settings.read_passages, settings.quotes))
    if reader is not None:
        groups = _read(query, groups, library, reader, settings.read_tokens)
    quotes, warnings = _quotes(
        query, vector, groups[: settings.quotes], _shares(query, groups, library), library, embedder
    )
    sure = quotes[0].score if quotes and not found.missing else 0.0
    return Answer(
        question=well_formed(question),
        understood=query.understood,
        quotes=quotes,
        confidence=sure,
        answered=bool(quotes) and not found.missing and sure >= settings.threshold,
        searched=library.searched,
        elapsed_ms=(time.perf_counter() - began) * 1000,
        warnings=(*warnings, *_phrase_warnings(found.missing), *_script_warning(query.asked, found.hits, library)),
        read=reader is not None,
    )


def query_vector(query: Query, embedder: Embedder) -> Vectors:
    """Return the vector to search with, shape (dimension,): the question's, moved towards its topic."""
    vector = embedder.embed_query(query.asked)
    if not query.topic:
        return vector
    both = vector + CARRIED * embedder.embed_query(f"{query.topic} {query.asked}")
    return np.asarray(both / max(float(np.linalg.norm(both)), 1e-9), dtype=np.float32)


def _read(query: Query, groups: Sequence[Group], library: Library, reader: "Reader", budget: int) -> list[Group]:
    """Return the groups by how likely their hits answer; what is not read comes after."""
    hits = read(query, [group.hit for group in groups], library, reader, budget)
    seen = [replace(group, hit=hit) for group, hit in zip(groups, hits, strict=True)]
    shares = _shares(query, seen, library)
    return sorted(seen, key=lambda g: (g.hit.reading is None, -probability(g.hit, shares[g.hit.passage])))


def _shares(query: Query, groups: Sequence[Group], library: Library) -> dict[Passage, float]:
    """Return which share of the question's words each passage holds, rare ones among these passages counting more."""
    passages = [group.hit.passage for group in groups]
    texts = [passage_text(library.article(passage.article), passage) for passage in passages]
    return dict(zip(passages, map(float, coverage(query.understood, texts)), strict=True))


def _quotes(
    query: Query,
    vector: Vectors,
    groups: Sequence[Group],
    shares: Mapping[Passage, float],
    library: Library,
    embedder: Embedder,
) -> tuple[tuple[Quote, ...], list[str]]:
    """Cut the quotes; a quote's score is the probability that it answers. One that does not fit is reported."""
    quotes: list[Quote] = []
    warnings: list[str] = []
    marked = _marks(query.understood, vector, [group.hit for group in groups], library, embedder)
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
                    probability(hit, shares[hit.passage], nearest),
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
            yield quoting.read_marks(hit.reading), -1.0
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
