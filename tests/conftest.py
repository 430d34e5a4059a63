"""What the tests share: an embedder whose rankings can be worked out by hand, and small libraries."""

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from index.embedding import Vectors
from index.lexical import terms
from index.library import Library, build_library, open_library
from index.settings import Settings, stay_local

stay_local()
# The same examples at every run, however slow the machine.
hypothesis.settings.register_profile("quotary", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("quotary")


class WordEmbedder:
    """Hashes words: texts that share words are near, texts that share none have the product 0."""

    fingerprint = "words:1"
    dimension = 512

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed_passages(self, texts: Sequence[str], done: Callable[[int], None] | None = None) -> Vectors:
        self.embedded.extend(texts)
        if done:
            done(len(texts))
        return np.array([self.embed_query(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    def embed_query(self, text: str) -> Vectors:
        vector = np.zeros(self.dimension, dtype=np.float32)
        for word in terms(text):
            vector[zlib.crc32(word.encode()) % self.dimension] += 1
        length = float(np.linalg.norm(vector))
        return vector / length if length else vector


HARBOUR = """The harbour board voted on Tuesday to dredge the northern channel before winter.

Chair Ines Okafor said the work would cost 4.2 million crowns. "We have waited nine years for this," she told reporters.

Fishing crews asked for a pause during the herring run in April.
"""

BEES = """Beekeepers on the island counted 312 living colonies this spring, up from 190 a year ago.

The agronomist Tomas Ferri credits the unmown verges along the coast road.
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "harbour.txt").write_text(HARBOUR, "utf-8")
    (folder / "bees.md").write_text("# Bees return\n\n" + BEES, "utf-8")
    return folder


@pytest.fixture
def library(articles: Path, settings: Settings, embedder: WordEmbedder, tmp_path: Path) -> Library:
    build_library(tmp_path / "library", [articles], embedder, settings)
    return open_library(tmp_path / "library")
