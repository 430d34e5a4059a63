"""Vectors by number. SEAM: one machine (faiss) or a cluster; the engine sees only `VectorStore`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]
Scores = NDArray[np.float32]


class VectorStore(Protocol):
    """Vectors under ids of the caller's choice; nearness is the inner product, higher is better."""

    def __len__(self) -> int:
        """Return how many vectors are held."""

    def add(self, ids: Sequence[int] | Ids, vectors: Vectors) -> None:
        """Add one vector for each id; raise ValueError on unequal counts, a wrong dimension or a known id."""

    def remove(self, ids: Sequence[int] | Ids) -> None:
        """Remove the vectors of these ids; raise KeyError for an id that is not there."""

    def search(self, vectors: Vectors, k: int, filter: Sequence[int] | Ids | None = None) -> tuple[Scores, Ids]:
        """Return scores and ids of shape (queries, k), best first, among the ids of `filter` if given.

        Where there are fewer than k, the rest is -inf and -1.
        """

    def vectors_of(self, ids: Sequence[int] | Ids) -> Vectors:
        """Return the vectors of these ids, shape (ids, dimension); raise KeyError for an unknown id."""

    def save(self, path: Path) -> None:
        """Write the store to a file."""

    @classmethod
    def open(cls, path: Path, *, writable: bool = False) -> Self:
        """Return the store in a file, mapped into memory unless it shall be changed."""
