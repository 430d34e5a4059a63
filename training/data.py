"""Questions with known answers (SQuAD 1.1 format) → the queries that the reader is trained on, of several kinds."""

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from index import lexical
from index.segment import passages
from index.settings import Settings
from index.types import Article, Passage, Span

# How often each kind of query is drawn: half of the use is looking things up, not asking.
KINDS = {"question": 0.52, "typed": 0.16, "statement": 0.12, "keywords": 0.1, "remembered": 0.1}
_WH = re.compile(
    r"\b(?:(?:in|on|at|for|from|by|to|with|of|under|during) )?"
    r"(?:who|whom|whose|what|which|when|where|why|how (?:many|much|long|often|old|far)|how)\b"
    r"(?: (?:year|month|day|date|city|country|state|name|person|type|kind|percentage|number|company|school))?",
    re.IGNORECASE,
)
_DO = re.compile(r"\b(?:did|does|do)\b ?", re.IGNORECASE)
_VERBS = ("is ", "are ", "was ", "were ", "can ", "could ", "would ", "will ", "has ")
_PUNCTUATION = re.compile(r"[^\w\s'’-]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, the title of its article, and the spans of its sentences.

    `number` is its number in the article as the file has it, `start` where it begins there (one that is too
    long was divided).
    """

    article: int
    title: str
    text: str
    sentences: tuple[Span, ...]
    number: int
    start: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the row of the paragraph that answers it, and where in it the answers stand."""

    question: str
    row: int
    answers: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What is typed, of which kind, and what a reader should find in the paragraph of a row.

    `span` is to be pointed at; `holds` are the parts that answer, of which every sentence counts. Without
    either, the paragraph looks right and does not answer.
    """

    text: str
    kind: str
    row: int
    span: Span | None
    holds: tuple[Span, ...]


def load(path: Path, limit: int = 1000) -> tuple[list[Paragraph], list[Asked]]:
    """Return the paragraphs (those over `limit` characters divided, like passages) and questions of a file."""
    paragraphs: list[Paragraph] = []
    asked: list[Asked] = []
    for number, article in enumerate(json.loads(path.read_text("utf-8"))["data"]):
        title = article["title"].replace("_", " ")
        for place, paragraph in enumerate(article["paragraphs"]):
            passages = _passages(paragraph["context"], limit)
            for entry in paragraph["qas"]:
                answers = {Span(a["answer_start"], a["answer_start"] + len(a["text"])) for a in entry["answers"]}
                asked.extend(_asked(entry["question"].strip(), answers, passages, len(paragraphs)))
            for passage in passages:
                start = passage.span.start
                spans = tuple(Span(s.start - start, s.end - start) for s in passage.sentences)
                words = passage.span.of(paragraph["context"])
                paragraphs.append(Paragraph(number, title, words, spans, place, start))
    return paragraphs, asked


def _passages(text: str, limit: int) -> list[Passage]:
    nothing = dict.fromkeys(("url", "title", "author", "publisher", "published", "updated"))
    article = Article(
        id="", path="", language="en", text=text, body=(Span(0, len(text)),), text_sha256="", file_sha256="", **nothing
    )
    return passages(article, target=limit, limit=limit, sentence_limit=Settings().sentence_limit)


def _asked(question: str, answers: set[Span], passages: list[Passage], first: int) -> list[Asked]:
    """Return the question, with the answers in the passage that holds most of them; none where they are cut apart."""
    held = [sorted(answer for answer in answers if answer.within(passage.span)) for passage in passages]
    best = max(range(len(held)), key=lambda place: len(held[place]))
    start = passages[best].span.start
    found = tuple(Span(answer.start - start, answer.end - start) for answer in held[best])
    return [Asked(question, first + best, found)] if found else []


def held_out(paragraphs: Sequence[Paragraph], articles: int, seed: int) -> set[int]:
    """Return the numbers of so many articles, drawn at random, that training shall never see."""
    numbers = sorted({paragraph.article for paragraph in paragraphs})
    return set(random.Random(seed).sample(numbers, articles))


def draw(asked: Asked, paragraph: Paragraph, rarity: "Rarity", rng: random.Random, kind: str = "") -> Query:
    """Return a query of a random kind (or of the one given) that the paragraph of a question answers."""
    kind = kind or rng.choices(list(KINDS), list(KINDS.values()))[0]
    answer = rng.choice(asked.answers)
    home = _sentence_of(paragraph, answer)
    if kind == "question":
        return Query(asked.question, kind, asked.row, answer, (answer,))
    if kind == "typed":
        return Query(typed(asked.question), kind, asked.row, answer, (answer,))
    if kind == "statement":
        return Query(statement(asked.question, answer.of(paragraph.text)), kind, asked.row, home, (home,))
    if kind == "remembered":
        home = rng.choice(paragraph.sentences)
        return Query(remembered(home.of(paragraph.text), rarity, rng), kind, asked.row, home, (home,))
    words = f"{asked.question} {answer.of(paragraph.text)}" if rng.random() < 0.5 else home.of(paragraph.text)
    return Query(keywords(words, rarity, rng), kind, asked.row, home, (home,))


def typed(question: str) -> str:
    """'Who wrote Emma?' → 'who wrote emma', as it is typed into a search box."""
    return " ".join(_PUNCTUATION.sub(" ", question).lower().split()) or question


def statement(question: str, answer: str) -> str:
    """'When did the war end?' + '1945' → 'the war end 1945', roughly what someone who knows would claim.

    The answer takes the place of a leading subject ('Who wrote Emma?' → 'Jane Austen wrote Emma') and
    otherwise stands at the end.
    """
    bare = question.strip().rstrip("?. ")
    match = _WH.search(bare)
    if not match:
        return f"{bare} {answer}"
    before, after = bare[: match.start()].strip(), bare[match.end() :].strip()
    helper = _DO.match(after)
    if helper or after.lower().startswith(_VERBS):
        rest = after[helper.end() :] if helper else after.partition(" ")[2]
        return " ".join(f"{before} {rest} {answer}".split())
    return " ".join(f"{before} {answer} {after}".split())


def remembered(sentence: str, rarity: "Rarity", rng: random.Random) -> str:
    """Return a sentence as someone remembers it: words missing, clauses exchanged, some words cut to their stem."""
    words = sentence.split()
    kept = [word for word in words if rng.random() > (0.25 if rarity.of(word) > 3 else 0.4)] or words
    if len(kept) > 6 and rng.random() < 0.5:
        middle = rng.randrange(2, len(kept) - 2)
        kept = kept[middle:] + kept[:middle]
    if len(kept) > 8 and rng.random() < 0.5:
        first = rng.randrange(0, len(kept) - 6)
        kept = kept[first : first + rng.randrange(6, 20)]
    return " ".join(kept)


def keywords(text: str, rarity: "Rarity", rng: random.Random) -> str:
    """Return one to five words of a text, rare ones rather than common ones, now and then in another order."""
    words = list(dict.fromkeys(_PUNCTUATION.sub(" ", text).split()))
    words = [word for word in words if word.lower() not in lexical.STOP_WORDS]
    weights = [max(rarity.of(word), 0.05) for word in words]
    chosen = {rng.choices(range(len(words)), weights)[0] for _ in range(rng.randint(3, 7))} if words else set()
    found = [words[place] for place in sorted(chosen)][:5]
    if rng.random() < 0.3:
        rng.shuffle(found)
    line = " ".join(found) or text
    return line.lower() if rng.random() < 0.5 else line


def _sentence_of(paragraph: Paragraph, answer: Span) -> Span:
    return max(paragraph.sentences, key=lambda s: min(s.end, answer.end) - max(s.start, answer.start))


class Rarity:
    """How rare a word is in the paragraphs: log(paragraphs / paragraphs with it)."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        self._counts = Counter(term for p in paragraphs for term in set(lexical.terms(p.text)))
        self._all = len(paragraphs)

    def of(self, word: str) -> float:
        """Return the rarity of a word, 0 for one without letters or digits."""
        found = lexical.terms(word)
        return max((float(np.log(self._all / max(self._counts[term], 1))) for term in found), default=0.0)


class Bm25:
    """BM25 over a fixed list of texts (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009)."""

    def __init__(self, texts: Sequence[str], k1: float = 1.2, b: float = 0.75) -> None:
        held = [Counter(lexical.terms(text)) for text in texts]
        self._columns = {term: place for place, term in enumerate(sorted({t for counts in held for t in counts}))}
        lengths = np.array([counts.total() for counts in held])
        rows = np.repeat(np.arange(len(held)), [len(counts) for counts in held])
        columns = np.array([self._columns[term] for counts in held for term in counts])
        frequency = np.array([count for counts in held for count in counts.values()], dtype=float)
        found = np.bincount(columns, minlength=len(self._columns))
        idf = np.log(1 + (len(held) - found + 0.5) / (found + 0.5))
        norm = k1 * (1 - b + b * lengths / lengths.mean())
        weights = idf[columns] * frequency * (k1 + 1) / (frequency + norm[rows])
        self._matrix = csr_matrix((weights, (columns, rows)), shape=(len(self._columns), len(held)))

    def scores(self, query: str) -> NDArray[np.float64]:
        """Return the score of every text."""
        columns = [self._columns[term] for term in set(lexical.terms(query)) if term in self._columns]
        return np.asarray(self._matrix[columns].sum(axis=0), dtype=np.float64).ravel()
