"""The nouns of Quotary, immutable."""

from dataclasses import dataclass
from hashlib import sha256

from index.errors import QuoteMismatch


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of an article's canonical text: `start` included, `end` excluded, in characters."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span needs 0 <= start <= end, found {self.start} and {self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def within(self, other: "Span") -> bool:
        """Say whether this span lies wholly inside `other`."""
        return other.start <= self.start and self.end <= other.end

    def of(self, text: str) -> str:
        """Return the slice of `text` that this span names."""
        return text[self.start : self.end]


def text_hash(text: str) -> str:
    """Return the SHA-256 of a canonical text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Article:
    """One document: its canonical text, the paragraphs of it that are article, and what it states of itself.

    `body` holds one span a paragraph, in order and without overlap; what lies between them is page
    furniture. `published` and `updated` are ISO dates. What the document does not state is None.
    """

    id: str
    path: str
    url: str | None
    title: str | None
    author: str | None
    publisher: str | None
    published: str | None
    updated: str | None
    language: str | None
    text: str
    body: tuple[Span, ...]
    text_sha256: str
    file_sha256: str

    def __post_init__(self) -> None:
        last = 0
        for span in self.body:
            if span.start < last or span.end > len(self.text):
                raise ValueError(
                    f"{self.id}: body spans must be in order inside {len(self.text)} characters, "
                    f"found {span.start}-{span.end} after {last}"
                )
            last = span.end


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """What is highlighted: the span of one sentence and the number, from 1, of its paragraph."""

    span: Span
    paragraph: int


@dataclass(frozen=True, slots=True)
class Passage:
    """What is retrieved: whole sentences of one article, held as a span, without a copy of the text."""

    article: str
    span: Span
    paragraph: int
    sentences: tuple[Span, ...]

    def __post_init__(self) -> None:
        if not self.sentences or any(not s.within(self.span) for s in self.sentences):
            raise ValueError(f"{self.article}: a passage consists of sentences that lie inside it")


@dataclass(frozen=True, slots=True)
class Page:
    """What is read beside a question: a passage's heading, its words, the spans of its sentences in them."""

    heading: str
    words: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of a passage; all numbers are logits.

    `relevance`: that the passage answers. `sentences`: that each of its sentences does; -inf for one beyond
    the reader's length. `span`: the likeliest exact answer, in characters of the passage; `margin`: how much
    likelier it is than that there is none.
    """

    relevance: float
    sentences: tuple[float, ...]
    span: Span
    margin: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its scores: inner product of embeddings, BM25, both fused (0 to 1), and what the reader says.

    `reading` is None where the passage was not read.
    """

    passage: Passage
    dense: float
    lexical: float
    fused: float
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What a citation needs; what is not known is None."""

    title: str | None
    author: str | None
    publisher: str | None
    published: str | None
    url: str | None
    path: str
    paragraph: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What is shown: words of an article, cut from it by `Quote.cut` and by nothing else."""

    article: Article
    start: int
    end: int
    text: str
    highlights: tuple[Span, ...]
    source: Source
    score: float
    also_in: tuple[Source, ...] = ()
    versions: tuple[Source, ...] = ()
    exact: Span | None = None

    @classmethod
    def cut(
        cls,
        article: Article,
        span: Span,
        *,
        highlights: tuple[Span, ...],
        source: Source,
        score: float,
        also_in: tuple[Source, ...] = (),
        versions: tuple[Source, ...] = (),
        exact: Span | None = None,
    ) -> "Quote":
        """Cut `span` out of `article`; raise QuoteMismatch where the span, a highlight or `exact` does not fit.

        `also_in` names where the same words stand, `versions` where nearly the same do; `exact` is the
        shortest answer, where there is a sure one: a name, a date, a number.
        """
        text = span.of(article.text)
        quote = cls(article, span.start, span.end, text, highlights, source, score, also_in, versions, exact)
        quote.check()
        return quote

    def check(self) -> None:
        """Raise QuoteMismatch unless this is, character for character, its slice of an untouched article."""
        where = f"{self.article.id} {self.start}-{self.end}"
        slice_fits = 0 <= self.start < self.end <= len(self.article.text)
        if not slice_fits or self.article.text[self.start : self.end] != self.text:
            raise QuoteMismatch(f"{where}: the quote is not what the article says there; it is not shown")
        if text_hash(self.article.text) != self.article.text_sha256:
            raise QuoteMismatch(
                f"{where}: the stored text differs from its SHA-256; rebuild with `python -m index build`"
            )
        whole = Span(self.start, self.end)
        for mark in (*self.highlights, *([self.exact] if self.exact else ())):
            if not mark.within(whole):
                raise QuoteMismatch(f"{where}: highlight {mark.start}-{mark.end} lies outside the quote")


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched: counts, and the first and last date of publication that is known."""

    articles: int
    passages: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The question as understood and the quotes, best first; unanswered, they are only the nearest passages.

    `read` says whether the reader ranked them.
    """

    question: str
    understood: str
    quotes: tuple[Quote, ...]
    confidence: float
    answered: bool
    searched: Searched
    elapsed_ms: float
    warnings: tuple[str, ...] = ()
    read: bool = False
