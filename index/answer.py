"""Question → answer: search, fold, quote, and say whether the first quote answers."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from index import quoting
from index.citation import source_of
from index.embedding import Embedder, Vectors
from index.errors import QuoteMismatch
from index.library import Library
from index.search import checked, confidence, search, well_formed
from index.settings import Settings
from index.types import Answer, Hit, Quote, Source


@dataclass(slots=True)
class _Card:
    """A hit, and where else the very same words stand."""

    hit: Hit
    also_in: list[Source] = field(default_factory=list)

    def found_in(self, source: Source) -> None:
        """Note another article with the same words; that an article repeats itself is no second source."""
        if source.path not in {self.hit.passage.article, *(known.path for known in self.also_in)}:
            self.also_in.append(source)


def answer(question: str, library: Library, embedder: Embedder, settings: Settings) -> Answer:
    """Return the answer to a question: quotes best first, each of other words than those before it.

    Raises QuestionInvalid for a question that cannot be asked.
    """
    began = time.perf_counter()
    understood = checked(question, settings.max_question)
    vector = embedder.embed_query(understood)
    hits = search(understood, vector, library, settings.candidates)
    cards = _folded(hits, library, settings.quotes)
    quotes, warnings = _quotes(understood, vector, cards, library, embedder)
    sure = quotes[0].score if quotes else 0.0
    return Answer(
        question=well_formed(question),
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
            cards[words].found_in(source_of(article, hit.passage.paragraph))
        elif len(cards) < count:
            cards[words] = _Card(hit)
    return list(cards.values())


def _quotes(
    question: str, vector: Vectors, cards: list[_Card], library: Library, embedder: Embedder
) -> tuple[tuple[Quote, ...], list[str]]:
    """Cut the quotes; a quote's score is the probability that it answers. One that does not fit is reported."""
    quotes: list[Quote] = []
    warnings: list[str] = []
    for card, (texts, cosines) in zip(cards, _sentences(vector, cards, library, embedder), strict=True):
        passage = card.hit.passage
        highlights = [passage.sentences[place] for place in quoting.marks(question, texts, cosines)]
        score = confidence(max(card.hit.dense, float(cosines.max())), card.hit.lexical)
        try:
            quotes.append(quoting.cut(card.hit, library.article(passage.article), highlights, card.also_in, score))
        except QuoteMismatch as error:
            warnings.append(str(error))
    return tuple(quotes), warnings


def _sentences(
    vector: Vectors, cards: list[_Card], library: Library, embedder: Embedder
) -> Iterator[tuple[list[str], Vectors]]:
    """Yield the sentences of each card and their cosines with the question; all are embedded in one batch."""
    texts = [
        [sentence.of(library.article(card.hit.passage.article).text) for sentence in card.hit.passage.sentences]
        for card in cards
    ]
    cosines = embedder.embed_passages([text for sentences in texts for text in sentences]) @ vector
    end = 0
    for sentences in texts:
        end += len(sentences)
        yield sentences, cosines[end - len(sentences) : end]


def _script_warning(question: str, hits: list[Hit], library: Library) -> list[str]:
    letters = {letter for letter in question.casefold() if letter.isalpha()}
    for hit in hits:
        article = library.article(hit.passage.article)
        if not letters or letters & set(hit.passage.span.of(article.text).casefold()):
            return []
    return ["no letter of the question occurs in the articles; ask in the language they are written in"]
