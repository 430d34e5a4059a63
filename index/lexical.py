"""Term search: what a vector blurs (names, numbers, exact phrases) counts here to the letter.

The engine is tantivy: it finds phrases, is updated in place of being rebuilt, and answers in half a millisecond
(10,000 passages, 2 cores; docs/lexical.md).
"""

import json
import math
import os
import re
import shutil
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import Stemmer
import tantivy
from numpy.typing import NDArray

from index.errors import LibraryDamaged

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
STOP_WORDS = frozenset(
    "a about after again against all also am an and any are as at be because been before being between both but "
    "by can could did do does doing done down during each ever few for from further get had has have having he "
    "her here hers him his how i if in into is it its itself just like made make many may me might more most "
    "much must my no nor not now of off on once one only or other our out over own said same say says she should "
    "so some such than that the their them then there these they this those through to too under until up upon "
    "us very was we were what when where which while who whom whose why will with would you your s t d ll re ve "
    "tell".split()
)


def terms(text: str) -> list[str]:
    """Return the stems of the words that carry meaning: 'Were the drones shot?' → ['drone', 'shot'].

    Snowball stemming (English); where every word is a stop word, all of them count.
    """
    plain = unicodedata.normalize("NFC", text).replace("’", "'").replace("'s ", " ")
    words = [word.casefold().replace(",", "") for word in _WORD.findall(plain)]
    kept = [word for word in words if word not in STOP_WORDS] or words
    return [str(stem) for stem in _local.stemmer.stemWords(kept)]


def coverage(question: str, passages: Sequence[str]) -> NDArray[np.float64]:
    """Return, for each passage, which share of the question's words it holds (0 to 1), rare words counting more.

    A word's weight is log(1 + n/df) over the given passages, so that the measure does not depend on the
    size of the library.
    """
    wanted = sorted(set(terms(question)))
    held = [frozenset(terms(passage)) for passage in passages]
    if not wanted or not held:
        return np.zeros(len(held))
    counts = [sum(word in words for words in held) for word in wanted]
    weights = [math.log(1 + len(held) / max(count, 1)) for count in counts]
    scores = [sum(w for word, w in zip(wanted, weights, strict=True) if word in words) for words in held]
    return np.array(scores) / sum(weights)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is indexed of a passage: the id of its article, its place among that article's passages, its words.

    `heading` helps the search; a phrase is looked for in `words` alone.
    """

    article: str
    place: int
    heading: str
    words: str


@dataclass(frozen=True, slots=True)
class Found:
    """Passages found, best first: BM25 scores, keys of their articles, places in them; each of shape (n,)."""

    scores: NDArray[np.float64]
    keys: NDArray[np.int64]
    places: NDArray[np.int64]


def key_of(article: str) -> int:
    """Return the number by which the engine knows an article: 63 bits of the SHA-256 of its id."""
    return int.from_bytes(sha256(article.encode("utf-8", "surrogateescape")).digest()[:8], "big") >> 1


def phrase_terms(text: str) -> list[str]:
    """Return the words of a phrase or passage as they stand but for capitals: 'Ten Drones!' → ['ten', 'drones']."""
    return [word.casefold() for word in _WORD.findall(unicodedata.normalize("NFC", text))]


def update_terms(folder: Path, previous: Path | None, gone: Iterable[str], entries: Iterable[Entry]) -> None:
    """Write a term index into an empty folder: that of `previous` (if any) without the articles `gone`, with `entries`.

    The files of `previous` are shared, not copied, and stay as they are: the engine never changes a file
    that it has written.
    """
    if previous is not None:
        for file in sorted(previous.iterdir()):
            if file.suffix != ".lock":
                _share(file, folder / file.name)
    index = tantivy.Index.open(str(folder)) if previous is not None else tantivy.Index(_SCHEMA, path=str(folder))
    writer = index.writer(_WRITER_MEMORY, 1)
    for article in gone:
        key = tantivy.Query.term_query(_SCHEMA, "article", key_of(article))
        writer.delete_documents_by_query(key)
    for entry in entries:
        document = tantivy.Document()
        document.add_unsigned("article", key_of(entry.article))
        document.add_unsigned("place", entry.place)
        document.add_text("stems", " ".join(terms(f"{entry.heading}\n{entry.words}")))
        document.add_text("words", " ".join(phrase_terms(entry.words)))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    for lock in folder.glob(".*.lock"):
        lock.unlink()
    _let_read(folder)


def _let_read(folder: Path) -> None:
    """Give the engine's files, which it makes for their owner alone, the rights that other files have here."""
    usual = folder / ".rights"
    usual.touch()
    rights = usual.stat().st_mode & 0o777
    usual.unlink()
    for file in folder.iterdir():
        if file.stat().st_mode & 0o777 != rights:
            file.chmod(rights)


def _share(file: Path, copy: Path) -> None:
    try:
        os.link(file, copy)
    except OSError:
        # A file system without hard links.
        shutil.copyfile(file, copy)


class TermIndex:
    """A term index that is open for searching.

    `removed` counts passages that are gone but still in its files, and in its counts of how rare a word is.
    """

    def __init__(self, folder: Path) -> None:
        try:
            with _writable(folder) as place:
                self._searcher = tantivy.Index.open(str(place)).searcher()
            segments = json.loads((folder / "meta.json").read_bytes())["segments"]
            self.removed: int = sum((segment["deletes"] or {}).get("num_deleted_docs", 0) for segment in segments)
        except (ValueError, OSError, KeyError, TypeError) as error:
            raise LibraryDamaged(f"{folder}: not a whole term index ({error})") from error

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(self, wanted: Mapping[str, float], limit: int) -> Found:
        """Return the passages that hold any of these terms (see `terms`), ranked by BM25, each term with its weight."""
        return self._run(_any("stems", wanted), limit)

    def phrase(self, wanted: Sequence[str], limit: int) -> Found:
        """Return passages that hold these words (see `phrase_terms`) one after the other."""
        if len(wanted) == 1:
            return self._run(_any("words", {wanted[0]: 1.0}), limit)
        return self._run(tantivy.Query.phrase_query(_SCHEMA, "words", list(wanted)), limit)

    def _run(self, query: tantivy.Query, limit: int) -> Found:
        hits = self._searcher.search(query, limit, count=False).hits
        scores = np.array([score for score, _ in hits], dtype=np.float64)
        addresses = [address for _, address in hits]
        keys = np.array(self._searcher.fast_field_values("article", addresses), dtype=np.int64)
        places = np.array(self._searcher.fast_field_values("place", addresses), dtype=np.int64)
        # Equal scores come in the order in which they were indexed, which an update changes.
        order = np.lexsort((places, keys, -scores))
        return Found(scores[order], keys[order], places[order])


@contextmanager
def _writable(folder: Path) -> Iterator[Path]:
    """Yield the folder, or where it cannot be written to, one that looks like it: the engine locks what it opens."""
    if os.access(folder, os.W_OK):
        yield folder
        return
    with TemporaryDirectory() as place:
        for file in folder.iterdir():
            (Path(place) / file.name).symlink_to(file.absolute())
        yield Path(place)


def _any(field: str, wanted: Mapping[str, float]) -> tantivy.Query:
    queries = [
        tantivy.Query.boost_query(tantivy.Query.term_query(_SCHEMA, field, term), weight)
        for term, weight in wanted.items()
    ]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("article", indexed=True, fast=True)
    builder.add_unsigned_field("place", fast=True)
    builder.add_text_field("stems", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="position")
    return builder.build()


_SCHEMA = _schema()
_WRITER_MEMORY = 64_000_000


class _Local(threading.local):
    """A Snowball stemmer for each thread: one must not be used by two at once."""

    def __init__(self) -> None:
        self.stemmer = Stemmer.Stemmer("english")


_local = _Local()
