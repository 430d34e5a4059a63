"""Query → passages in the order in which they are shown: searched, copies folded, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from index.confidence import Crowd, crowd_of, probability
from index.embedding import Embedder, Vectors
from index.folding import Group, fold
from index.lexical import coverage
from index.library import Library, passage_text
from index.query import Query
from index.search import CARRIED, LED, Found, read, search
from index.settings import Settings
from index.types import Passage

if TYPE_CHECKING:
    from index.reader import Reader


@dataclass(frozen=True, slots=True)
class Ranked:
    """What was found for a query, best first, and what tells how likely each answers."""

    query: Query
    vector: Vectors
    found: Found
    groups: list[Group]
    shares: Mapping[Passage, float]
    crowd: Crowd

    @property
    def sure(self) -> float:
        """Return how likely the first passage answers; 0 where it was not read."""
        first = self.groups[0].hit if self.groups else None
        return probability(first, self.shares[first.passage], self.crowd) if first and first.reading else 0.0


def ranked(query: Query, library: Library, embedder: Embedder, settings: Settings, reader: "Reader | None") -> Ranked:
    """Search, fold copies, and read the best; without a reader they stay as the search had them."""
    query = replace(query, articles=familiar(query, embedder, library))
    vector = query_vector(query, embedder)
    found = search(query, vector, library, settings.candidates)
    groups = fold(found.hits, library, max(settings.read_passages, settings.quotes))
    if reader is not None:
        groups = _read(query, groups, library, reader, settings)
    crowd = crowd_of([group.hit for group in groups])
    shares = _shares(query, groups, library)
    # What is not read to the end comes after; without a reader the order stays.
    groups.sort(key=lambda g: -probability(g.hit, shares[g.hit.passage], crowd) if g.hit.reading else 1.0)
    return Ranked(query, vector, found, groups, shares, crowd)


def familiar(query: Query, embedder: Embedder, library: Library) -> tuple[str, ...]:
    """Return the ids of the articles that the conversation led to: those that hold what it has been about."""
    if not query.topic:
        return ()
    found = search(Query(query.topic), embedder.embed_query(query.topic), library, LED)
    return tuple(dict.fromkeys(hit.passage.article for hit in found.hits[:LED]))


def query_vector(query: Query, embedder: Embedder) -> Vectors:
    """Return the vector to search with, shape (dimension,): the question's, moved towards its topic."""
    vector = embedder.embed_query(query.asked)
    if not query.topic:
        return vector
    both = vector + CARRIED * embedder.embed_query(f"{query.topic} {query.asked}")
    return np.asarray(both / max(float(np.linalg.norm(both)), 1e-9), dtype=np.float32)


def _read(query: Query, groups: Sequence[Group], library: Library, reader: "Reader", settings: Settings) -> list[Group]:
    hits = [group.hit for group in groups]
    hits = read(query, hits, library, reader, settings.read_tokens, max(settings.read_thoroughly, settings.quotes))
    return [replace(group, hit=hit) for group, hit in zip(groups, hits, strict=True)]


def _shares(query: Query, groups: Sequence[Group], library: Library) -> dict[Passage, float]:
    """Return which share of the question's words each passage holds, rare ones among these passages counting more."""
    passages = [group.hit.passage for group in groups]
    texts = [passage_text(library.article(passage.article), passage) for passage in passages]
    return dict(zip(passages, map(float, coverage(query.understood, texts)), strict=True))
