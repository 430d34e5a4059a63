"""Passages → vectors and terms; what the previous library has of them is not computed again."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from errno import EIO
from hashlib import sha256
from pathlib import Path

import numpy as np

from index.embedding import Embedder, Vectors
from index.lexical import Entry, update_terms
from index.library.layout import TERMS, Layout
from index.library.opened import Library
from index.types import Article, Passage

# Of the passages in a term index, this part may be gone ones before it is written anew.
WORN = 0.1


def embed(
    articles: Sequence[Article],
    passages: Sequence[Passage],
    previous: Library | None,
    embedder: Embedder,
    report: Callable[[int, int], None],
) -> tuple[Vectors, int]:
    """Return the vectors of all passages, shape (passages, dimension), and how many had to be computed.

    A vector is reused where the model is the same and the embedded text is, whatever file it is in.
    """
    by_id = {article.id: article for article in articles}
    texts = [passage_text(by_id[passage.article], passage) for passage in passages]
    known = _known_rows(previous, embedder)
    rows = np.array([known.get(_key(text), -1) for text in texts], dtype=np.int64)
    new = np.flatnonzero(rows < 0)
    if previous and not len(new):
        return previous.store.vectors_of(rows), 0
    report(0, len(new))
    fresh = embedder.embed_passages([texts[place] for place in new], lambda done: report(done, len(new)))
    vectors = np.empty((len(passages), fresh.shape[1]), dtype=np.float32)
    vectors[new] = fresh
    if previous and len(new) < len(texts):
        vectors[rows >= 0] = previous.store.vectors_of(rows[rows >= 0])
    return vectors, len(new)


def passage_text(article: Article, passage: Passage) -> str:
    """Return what is embedded for a passage: the heading helps the search, and is never part of a quote."""
    words = passage.span.of(article.text)
    name = heading(article)
    return f"{name}\n{words}" if name else words


def heading(article: Article) -> str:
    """Return the title; where none is stated, the words that its file is named with: 'a-tiger_1.txt' → 'a tiger 1'.

    A name without a word in it ('775449d1aa18-3000.txt') gives none.
    """
    if article.title:
        return article.title
    runs = re.split(r"[\W_]+", Path(article.path).stem)
    words = [run for run in runs if run.isalpha() or (run.isdigit() and len(run) <= 4)]
    return " ".join(words) if any(word.isalpha() and len(word) > 2 for word in words) else ""


def index_terms(
    folder: Path, articles: Sequence[Article], passages: Sequence[Passage], previous: Library | None
) -> None:
    """Write the term index of a generation; with a previous one of the same cuts, only what changed is indexed.

    Passages that are gone still count in how rare a word is, until they are so many that all is indexed anew.
    """
    folder.mkdir()
    old = {id: _state(previous.article(id)) for id in previous.ids} if previous else {}
    new = {article.id: _state(article) for article in articles}
    if previous and _removed(previous, {id for id in old if new.get(id) != old[id]}) > WORN * len(previous):
        previous, old = None, {}
    gone = sorted(id for id in old if new.get(id) != old[id])
    fresh = {id for id in new if old.get(id) != new[id]}
    base = Layout(previous.root).generation(previous.manifest.generation) / TERMS if previous else None
    try:
        update_terms(folder, base, gone, _entries({a.id: a for a in articles}, passages, fresh))
    except ValueError as error:
        # What tantivy raises where the disk does not take its files.
        raise OSError(EIO, f"the term index could not be written: {error}") from error


def _removed(previous: Library, gone: set[str]) -> int:
    """Return how many passages of the previous term index will be of no use without these articles."""
    records = previous.tables.records
    rows = [number for number, record in enumerate(records) if record.fields["id"] in gone]
    lost = np.isin(previous.tables.passages["article"], rows)
    return previous.terms.removed + int(np.count_nonzero(lost))


def _state(article: Article) -> tuple[object, ...]:
    """Return all of an article that its entries in the term index are made of."""
    return heading(article), article.published, article.language, article.text_sha256, article.body


def _entries(articles: dict[str, Article], passages: Sequence[Passage], fresh: set[str]) -> Iterator[Entry]:
    """Yield the entries of the articles that are new; passages of one article lie next to each other."""
    last, place = "", 0
    for passage in passages:
        place = place + 1 if passage.article == last else 0
        last = passage.article
        if last in fresh:
            article = articles[last]
            helps = f"{heading(article)} {_date_words(article.published)}".strip()
            yield Entry(last, place, helps, passage.span.of(article.text))


def _date_words(published: str | None) -> str:
    """'2025-03-19' → '19 March 2025 2025-03-19', so that a question may name the date in either way."""
    if not published:
        return ""
    try:
        day = date.fromisoformat(published)
    except ValueError:
        return published
    return f"{day.day} {day:%B} {day.year} {published}"


def _known_rows(previous: Library | None, embedder: Embedder) -> dict[bytes, int]:
    if previous is None or previous.manifest.recipe.model != embedder.fingerprint:
        return {}
    passages = (previous.passage(row) for row in range(len(previous)))
    return {_key(passage_text(previous.article(p.article), p)): row for row, p in enumerate(passages)}


def _key(text: str) -> bytes:
    return sha256(text.encode()).digest()
