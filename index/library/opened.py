"""A library that is open: articles, passages, vectors and terms of one generation, read-only."""

from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from index.errors import LibraryDamaged
from index.lexical import Found, TermIndex, key_of
from index.library.layout import TERMS, VECTORS, Layout
from index.library.manifest import MEND, Manifest, check_files, load_manifest
from index.library.tables import Tables, open_tables
from index.types import Article, Passage, Searched
from index.vectors import VectorStore
from index.vectors.faiss import FaissStore

# Decoded articles that are kept; a question touches a handful.
KEPT = 64


class Library:
    """The collection as it was when it was opened; a build that follows does not disturb it."""

    def __init__(
        self, layout: Layout, manifest: Manifest, tables: Tables, store: VectorStore, terms: TermIndex
    ) -> None:
        counts = (len(tables.records), len(tables.passages), len(tables.sentences), len(store), len(terms))
        expected = (manifest.articles, manifest.passages, manifest.sentences, manifest.passages, manifest.passages)
        if counts != expected:
            raise LibraryDamaged(
                f"{layout.root}: articles, passages, sentences, vectors, terms {expected} expected, found {counts}; "
                + MEND.format(root=layout.root)
            )
        self.root = layout.root
        self.manifest = manifest
        self.tables = tables
        self.store = store
        self.terms = terms
        self._first = _first_rows(tables)
        self._rows = {str(record.fields["id"]): row for row, record in enumerate(tables.records)}
        self._decoded: OrderedDict[int, Article] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self.tables.passages)

    @property
    def searched(self) -> Searched:
        """Return how much there is to search, and the dates of publication it spans."""
        manifest = self.manifest
        return Searched(manifest.articles, manifest.passages, manifest.first, manifest.last)

    @property
    def ids(self) -> Iterable[str]:
        """Return the ids of the articles, in order."""
        return self._rows.keys()

    def rows_of(self, found: Found) -> NDArray[np.int64]:
        """Return the rows of passages that the term index found."""
        return np.array([self._first[int(key)] for key in found.keys], dtype=np.int64) + found.places

    def passage(self, row: int) -> Passage:
        """Return the passage of a row, which is also the id of its vector."""
        return self.tables.passage(row)

    def article(self, id: str) -> Article:
        """Return the article of an id; raise KeyError for an unknown one."""
        row = self._rows[id]
        with self._lock:
            article = self._decoded.pop(row, None) or self.tables.article(row)
            self._decoded[row] = article
            if len(self._decoded) > KEPT:
                self._decoded.popitem(last=False)
            return article


def _first_rows(tables: Tables) -> dict[int, int]:
    """Return the row of the first passage of each article, by its key in the term index."""
    numbers, rows = np.unique(tables.passages["article"], return_index=True)
    return {
        key_of(tables.records[number].fields["id"] or ""): int(row) for number, row in zip(numbers, rows, strict=True)
    }


def open_library(root: Path) -> Library:
    """Open the library in `root`, checked: version, checksums, counts, offsets.

    Raises LibraryMissing where there is none and LibraryDamaged where something does not agree.
    """
    layout = Layout(root)
    manifest = load_manifest(layout)
    while True:
        try:
            return _open(layout, manifest)
        except (LibraryDamaged, OSError):
            # A build may have swapped in a new generation, and removed this one, meanwhile.
            current = load_manifest(layout)
            if current.generation == manifest.generation:
                raise
            manifest = current


def _open(layout: Layout, manifest: Manifest) -> Library:
    mend = MEND.format(root=layout.root)
    folder = check_files(layout, manifest)
    tables = open_tables(folder, mend)
    try:
        store = FaissStore.open(folder / VECTORS)
        terms = TermIndex(folder / TERMS)
    except LibraryDamaged as error:
        raise LibraryDamaged(f"{str(error).partition('; ')[0]}; {mend}") from error
    return Library(layout, manifest, tables, store, terms)
