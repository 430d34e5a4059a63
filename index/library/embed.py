"""Passages → vectors; what the previous library has a vector for is not computed again."""

from collections.abc import Callable, Sequence
from hashlib import sha256

import numpy as np

from index.embedding import Embedder, Vectors
from index.library.opened import Library
from index.types import Article, Passage


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
    """Return what is embedded for a passage: the title helps the search, and is never part of a quote."""
    words = passage.span.of(article.text)
    return f"{article.title}\n{words}" if article.title else words


def _known_rows(previous: Library | None, embedder: Embedder) -> dict[bytes, int]:
    if previous is None or previous.manifest.recipe.model != embedder.fingerprint:
        return {}
    passages = (previous.passage(row) for row in range(len(previous)))
    return {_key(passage_text(previous.article(p.article), p)): row for row, p in enumerate(passages)}


def _key(text: str) -> bytes:
    return sha256(text.encode()).digest()
