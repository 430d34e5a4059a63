"""Question → hits, best first."""

import math

import numpy as np

from index import lexical
from index.embedding import Vectors
from index.errors import QuestionInvalid
from index.library import Library, passage_text
from index.types import Hit

# How much the words count beside the vectors, and what a score means. Chosen and fitted on questions whose
# answer is known, by training/calibrate.py; the figures are in docs/search.md.
WORDS = 0.4
INTERCEPT, NEARNESS, LEXICAL = -7.83, 7.68, 4.29


def well_formed(text: str) -> str:
    """Return a text with what is no Unicode (bytes of a terminal that are not UTF-8) replaced by question marks."""
    return text.encode("utf-8", "replace").decode()


def checked(question: str, longest: int) -> str:
    """Return the question without superfluous white space; raise QuestionInvalid where it cannot be asked."""
    words = " ".join(well_formed(question).split())
    if not any(letter.isalnum() for letter in words):
        raise QuestionInvalid("the question holds no word; type what you want to know")
    if len(words) > longest:
        raise QuestionInvalid(f"the question has {len(words):,} characters; shorten it to {longest:,} or fewer")
    return words


def search(question: str, vector: Vectors, library: Library, candidates: int) -> list[Hit]:
    """Return up to `candidates` hits, best first.

    The nearest passages by inner product with `vector` (shape (dimension,)), ordered by that plus WORDS
    times the share of the question's words they hold.
    """
    scores, rows = library.store.search(vector[np.newaxis], min(candidates, len(library)))
    passages = [library.passage(int(row)) for row in rows[0]]
    texts = [passage_text(library.article(passage.article), passage) for passage in passages]
    shares = lexical.coverage(question, texts)
    hits = [
        Hit(passage, float(dense), float(share), float(dense + WORDS * share))
        for passage, dense, share in zip(passages, scores[0], shares, strict=True)
    ]
    return sorted(hits, key=lambda hit: -hit.fused)


def confidence(nearness: float, lexical_share: float) -> float:
    """Return the probability, 0 to 1, that a passage answers the question.

    `nearness` is the inner product with the question, of the passage or of its nearest sentence, whichever
    is greater; `lexical_share` the share of the question's words that the passage holds.
    """
    return 1 / (1 + math.exp(-(INTERCEPT + NEARNESS * nearness + LEXICAL * lexical_share)))
