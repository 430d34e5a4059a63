"""The vector store of one machine: FAISS, exact search."""

from collections.abc import Sequence
from errno import EIO
from pathlib import Path
from typing import Self

import faiss
import numpy as np

from index.errors import LibraryDamaged
from index.vectors import Ids, Scores, Vectors

# One query is searched by one thread anyway; the others would only spin, and take the processor from the models.
faiss.omp_set_num_threads(1)
# What follows the index in a file: FAISS maps a file that was cut short without a check, and crashes later.
TRAILER = b"quotary\0"


class FaissStore:
    """Exact inner-product search over a flat FAISS index with ids; see `VectorStore`."""

    def __init__(self, dimension: int) -> None:
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        self._writable = True

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return int(self._index.d)

    def add(self, ids: Sequence[int] | Ids, vectors: Vectors) -> None:
        """Add one vector for each id; raise ValueError on unequal counts, a wrong dimension or a known id."""
        self._must_be_writable()
        wanted = np.asarray(ids, dtype=np.int64)
        rows = self._rows(vectors)
        if len(wanted) != len(rows):
            raise ValueError(f"as many ids as vectors are needed, found {len(wanted)} and {len(rows)}")
        if len(np.unique(wanted)) != len(wanted) or np.isin(wanted, self._ids()).any():
            raise ValueError("an id may be added once; remove it first")
        self._index.add_with_ids(rows, wanted)

    def remove(self, ids: Sequence[int] | Ids) -> None:
        """Remove the vectors of these ids; raise KeyError for an id that is not there."""
        self._must_be_writable()
        self._index.remove_ids(self._known(ids))

    def search(self, vectors: Vectors, k: int, filter: Sequence[int] | Ids | None = None) -> tuple[Scores, Ids]:
        """Return scores and ids of shape (queries, k), best first; missing ones are -inf and -1."""
        rows = self._rows(vectors)
        parameters = None
        if filter is not None:
            selected = np.asarray(filter, dtype=np.int64)
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(selected))
        scores, ids = self._index.search(rows, k, params=parameters)
        scores[ids < 0] = -np.inf
        return scores, ids

    def vectors_of(self, ids: Sequence[int] | Ids) -> Vectors:
        """Return the vectors of these ids, shape (ids, dimension); raise KeyError for an unknown id."""
        wanted = self._known(ids)
        order = np.argsort(self._ids(), kind="stable")
        places = order[np.searchsorted(self._ids(), wanted, sorter=order)]
        flat = faiss.downcast_index(self._index.index)
        vectors = np.empty((len(wanted), self.dimension), dtype=np.float32)
        for row, place in enumerate(places):
            flat.reconstruct(int(place), vectors[row])
        return vectors

    def save(self, path: Path) -> None:
        """Write the store to a file; raise OSError where the disk does not take it."""
        try:
            with path.open("wb") as file:
                # Through Python: FAISS's own file writer does not notice that the last bytes found no room.
                faiss.write_index(self._index, faiss.PyCallbackIOWriter(file.write))
                file.write(TRAILER + file.tell().to_bytes(8, "little"))
        except (OSError, RuntimeError) as error:
            raise OSError(getattr(error, "errno", None) or EIO, f"could not write {path}: {error}") from error

    @classmethod
    def open(cls, path: Path, *, writable: bool = False) -> Self:
        """Return the store in a file, mapped into memory unless it shall be changed; raise LibraryDamaged."""
        damaged = LibraryDamaged(f"{path}: not a whole store of Quotary's; rebuild with `python -m index build`")
        if not _is_whole(path):
            raise damaged
        try:
            index = faiss.read_index(str(path), 0 if writable else faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError:
            raise damaged from None
        if not isinstance(index, faiss.IndexIDMap2) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise damaged
        store = cls.__new__(cls)
        store._index = index
        store._writable = writable
        return store

    def _must_be_writable(self) -> None:
        if not self._writable:
            raise ValueError("the store is mapped for reading; open it with writable=True to change it")

    def _ids(self) -> Ids:
        return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)

    def _known(self, ids: Sequence[int] | Ids) -> Ids:
        wanted = np.asarray(ids, dtype=np.int64)
        unknown = wanted[~np.isin(wanted, self._ids())]
        if len(unknown):
            raise KeyError(f"no vector has the id {unknown[0]}")
        return wanted

    def _rows(self, vectors: Vectors) -> Vectors:
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        if rows.ndim != 2 or rows.shape[1] != self.dimension:
            raise ValueError(f"vectors of shape (n, {self.dimension}) are needed, found {rows.shape}")
        return rows


def _is_whole(path: Path) -> bool:
    try:
        size = path.stat().st_size - len(TRAILER) - 8
        with path.open("rb") as file:
            file.seek(max(size, 0))
            return file.read() == TRAILER + size.to_bytes(8, "little") if size > 0 else False
    except OSError:
        return False
