"""Question → answer: search, fold, quote, and say whether the first quote answers."""

import time
from dataclasses import dataclass, field

import numpy as np

from index import quoting
from index.citation import source_of
from index.embedding import Embedder
from index.errors import QuoteMismatch
from index.library import Library
from index.search import checked, confidence, search
from index.settings import Settings
from index.types import Answer, Hit, Quote, Source, Span


@dataclass(slots=True)
class _Card:
    """A hit, and where else the very same words stand."""

    hit: Hit
    also_in: list[Source] = field(default_factory=list)


def answer(question: str, library: Library, embedder: Embedder, settings: Settings) -> Answer:
    """Return the answer to a question: quotes best first, each of other words than those before it.

    Raises QuestionInvalid for a question that cannot be asked.
    """
    began = time.perf_counter()
    understood = checked(question, settings.max_question)
    hits = search(understood, embedder.embed_query(understood), library, settings.candidates)
    cards = _folded(hits, library, settings.quotes)
    quotes, warnings = _quotes(understood, cards, library, embedder)
    sure = confidence(hits[0]) if quotes else 0.0
    return Answer(
        question=question,
        understood=understood,
        quotes=quotes,
        confidence=sure,
        answered=sure >= settings.threshold,
        searched=library.searched,
        elapsed_ms=(time.perf_counter() - began) * 1000,
        warnings=(*warnings, *_script_warning(understood, hits, library)),
    )


def _folded(hits: list[Hit], library: Library, count: int) -> list[_Card]:
    """Return the first `count` hits of different words; a hit whose words came before is named there."""
    cards: dict[str, _Card] = {}
    for hit in hits:
        article = library.article(hit.passage.article)
        words = " ".join(hit.passage.span.of(article.text).split())
        if words in cards:
            cards[words].also_in.append(source_of(article, hit.passage.paragraph))
        elif len(cards) < count:
            cards[words] = _Card(hit)
    return list(cards.values())


def _quotes(
    question: str, cards: list[_Card], library: Library, embedder: Embedder
) -> tuple[tuple[Quote, ...], list[str]]:
    spans = _marked(question, cards, library, embedder)
    quotes: list[Quote] = []
    warnings: list[str] = []
    for card, highlights in zip(cards, spans, strict=True):
        article = library.article(card.hit.passage.article)
        try:
            quotes.append(quoting.cut(card.hit, article, highlights, card.also_in, confidence(card.hit)))
        except QuoteMismatch as error:
            warnings.append(str(error))
    return tuple(quotes), warnings


def _marked(question: str, cards: list[_Card], library: Library, embedder: Embedder) -> list[list[Span]]:
    """Return the sentences to highlight in each card; all sentences are embedded in one batch."""
    passages = [card.hit.passage for card in cards]
    texts = [
        [sentence.of(library.article(passage.article).text) for sentence in passage.sentences] for passage in passages
    ]
    several = [sentence for sentences in texts if len(sentences) > 1 for sentence in sentences]
    if not several:
        return [list(passage.sentences) for passage in passages]
    cosines = embedder.embed_passages(several) @ embedder.embed_query(question)
    ends = np.cumsum([len(sentences) if len(sentences) > 1 else 0 for sentences in texts])
    marked: list[list[Span]] = []
    for passage, sentences, end in zip(passages, texts, ends, strict=True):
        if len(sentences) == 1:
            marked.append(list(passage.sentences))
        else:
            places = quoting.marks(question, sentences, cosines[end - len(sentences) : end])
            marked.append([passage.sentences[place] for place in places])
    return marked


def _script_warning(question: str, hits: list[Hit], library: Library) -> list[str]:
    letters = {letter for letter in question.casefold() if letter.isalpha()}
    for hit in hits:
        article = library.article(hit.passage.article)
        if not letters or letters & set(hit.passage.span.of(article.text).casefold()):
            return []
    return ["no letter of the question occurs in the articles; ask in the language they are written in"]
