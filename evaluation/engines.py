"""Compare three lexical engines, tantivy, SQLite FTS5 and bm25s, under equal conditions; print Markdown tables.

    python -m evaluation.engines QUESTIONS.json [--passages 500000] [--engines tantivy,fts5,bm25s]

QUESTIONS is a file in the format of SQuAD 1.1. bm25s is no requirement of Quotary: `pip install bm25s` first.
All engines get the same terms (`index.lexical.terms`) of passages and questions, and k1 = 1.2, b = 0.75.
"""

import json
import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate, chain
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Protocol, runtime_checkable

import bm25s
import numpy as np
import tantivy
import typer

from evaluation.machine import provenance
from index.lexical import terms

SEED = 7
SMALL = 10_000
ASKED = 200
WARM_UP = 20
REPLACED = 100
LIMIT = 50
WORDS = 90
K1, B = 1.2, 0.75

Terms = list[str]


class Engine(Protocol):
    """An index that is open for searching; a passage's id is its place in the list that was indexed."""

    def __init__(self, folder: Path) -> None: ...

    @staticmethod
    def build(folder: Path, passages: Sequence[Terms]) -> None:
        """Write an index of all passages into an empty folder, with one thread."""

    @staticmethod
    def replace(folder: Path, passages: Sequence[Terms], changed: Mapping[int, Terms], /) -> None:
        """Give the `changed` ones of the `passages` indexed in this folder other terms."""

    def search(self, wanted: Terms) -> list[int]:
        """Return the ids of up to LIMIT passages that hold any of these terms, best first."""


@runtime_checkable
class FindsPhrases(Protocol):
    """An engine that knows where in a passage a term stands."""

    def phrase(self, wanted: Terms) -> list[int]:
        """Return the ids of up to LIMIT passages that hold these terms one after the other, best first."""


class Tantivy:
    """Inverted index in Rust; mapped into memory."""

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder))
        self._searcher = self._index.searcher()

    @staticmethod
    def build(folder: Path, passages: Sequence[Terms]) -> None:
        schema = tantivy.SchemaBuilder().add_unsigned_field("id", indexed=True, fast=True)
        schema.add_text_field("terms", tokenizer_name="whitespace", index_option="position")
        Tantivy._write(tantivy.Index(schema.build(), path=str(folder)), [], enumerate(passages))

    @staticmethod
    def replace(folder: Path, _passages: Sequence[Terms], changed: Mapping[int, Terms], /) -> None:
        Tantivy._write(tantivy.Index.open(str(folder)), changed, changed.items())

    @staticmethod
    def _write(index: tantivy.Index, gone: Iterable[int], entries: Iterable[tuple[int, Terms]]) -> None:
        writer = index.writer(64_000_000, 1)
        for number in gone:
            writer.delete_documents_by_term("id", number)
        for number, passage in entries:
            document = tantivy.Document()
            document.add_unsigned("id", number)
            document.add_text("terms", " ".join(passage))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def search(self, wanted: Terms) -> list[int]:
        queries = [tantivy.Query.term_query(self._index.schema, "terms", term) for term in wanted]
        return self._run(tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries]))

    def phrase(self, wanted: Terms) -> list[int]:
        return self._run(tantivy.Query.phrase_query(self._index.schema, "terms", list(wanted)))

    def _run(self, query: tantivy.Query) -> list[int]:
        addresses = [address for _, address in self._searcher.search(query, LIMIT, count=False).hits]
        return [int(value or 0) for value in self._searcher.fast_field_values("id", addresses)]


class Fts5:
    """SQLite's full-text table, contentless; its BM25 has k1 = 1.2, b = 0.75 built in."""

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(folder / "terms.db")

    @staticmethod
    def build(folder: Path, passages: Sequence[Terms]) -> None:
        # A full stop is part of a number; letters with and without accents are different for the other engines too.
        tokenizer = "unicode61 remove_diacritics 0 tokenchars ''.''"
        with closing(sqlite3.connect(folder / "terms.db")) as database, database:
            database.execute(f"CREATE VIRTUAL TABLE passage USING fts5(terms, content='', tokenize='{tokenizer}')")
            Fts5._insert(database, enumerate(passages))
            database.execute("INSERT INTO passage(passage) VALUES('optimize')")

    @staticmethod
    def replace(folder: Path, passages: Sequence[Terms], changed: Mapping[int, Terms], /) -> None:
        # The command 'delete' wants the old terms, but every SQLite has it; contentless_delete=1 needs 3.43.
        gone = [(number, " ".join(passages[number])) for number in changed]
        with closing(sqlite3.connect(folder / "terms.db")) as database, database:
            database.executemany("INSERT INTO passage(passage, rowid, terms) VALUES('delete', ?, ?)", gone)
            Fts5._insert(database, changed.items())

    @staticmethod
    def _insert(database: sqlite3.Connection, entries: Iterable[tuple[int, Terms]]) -> None:
        rows = ((number, " ".join(passage)) for number, passage in entries)
        database.executemany("INSERT INTO passage(rowid, terms) VALUES(?, ?)", rows)

    def search(self, wanted: Terms) -> list[int]:
        return self._run(" OR ".join(f'"{term}"' for term in wanted))

    def phrase(self, wanted: Terms) -> list[int]:
        return self._run(f'"{" ".join(wanted)}"')

    def _run(self, query: str) -> list[int]:
        command = f"SELECT rowid FROM passage WHERE passage MATCH ? ORDER BY rank LIMIT {LIMIT}"
        return [number for (number,) in self._database.execute(command, (query,))]


class Bm25s:
    """A sparse matrix of scores computed beforehand; mapped into memory. It has no phrases and no updates."""

    def __init__(self, folder: Path) -> None:
        self._index = bm25s.BM25.load(folder, mmap=True, show_progress=False)
        self._limit = min(LIMIT, int(self._index.scores["num_docs"]))

    @staticmethod
    def build(folder: Path, passages: Sequence[Terms]) -> None:
        index = bm25s.BM25(k1=K1, b=B, method="lucene", backend="auto", csc_backend="auto")
        index.index(passages, show_progress=False)
        index.save(folder, show_progress=False)

    @staticmethod
    def replace(folder: Path, passages: Sequence[Terms], changed: Mapping[int, Terms], /) -> None:
        # A passage more or less changes the scores of all: everything is built anew.
        Bm25s.build(folder, [changed.get(number, passage) for number, passage in enumerate(passages)])

    def search(self, wanted: Terms) -> list[int]:
        numbers, scores = self._index.retrieve([wanted], k=self._limit, show_progress=False)
        return [int(number) for number in numbers[0][scores[0] > 0]]


ENGINES: dict[str, type[Engine]] = {"tantivy": Tantivy, "fts5": Fts5, "bm25s": Bm25s}


@dataclass(frozen=True, slots=True)
class Questions:
    """Paragraphs with their titles, their terms, and questions, each with the place of its paragraph."""

    texts: list[str]
    passages: list[Terms]
    asked: list[tuple[Terms, int]]


@dataclass(frozen=True, slots=True)
class Opened:
    """What was measured in a fresh process: milliseconds of each query, growth of resident memory in MB."""

    questions: list[float]
    phrases: list[float]
    memory: float


def main(
    questions: Annotated[Path, typer.Argument(help="A file in the format of SQuAD 1.1.", exists=True)],
    passages: Annotated[int, typer.Option(help="Passages of the larger synthetic collection.")] = 500_000,
    engines: Annotated[str, typer.Option(help="Which engines, with commas between.")] = ",".join(ENGINES),
    sample: Annotated[int, typer.Option(help="Questions by which quality is measured.")] = 2000,
) -> None:
    """Measure and print."""
    chosen = engines.split(",")
    if unknown := set(chosen) - set(ENGINES):
        raise typer.BadParameter(f"no such engine: {', '.join(sorted(unknown))}; there are {', '.join(ENGINES)}")
    found = _read(questions)
    print(f"{provenance()} {_versions()}\n")
    asked = random.Random(SEED).sample(found.asked, min(sample, len(found.asked)))
    print(f"{len(asked):,} questions over {len(found.passages):,} paragraphs:\n")
    _print_table(("engine", "first, %", "among five, %"), (_quality(name, found.passages, asked) for name in chosen))
    made = list(_synthetic(found, passages + REPLACED))
    made, fresh = made[:-REPLACED], made[-REPLACED:]
    print(f"\n{ASKED} questions, {LIMIT} passages each; synthetic collections (seed {SEED}):\n")
    sizes = sorted({min(SMALL, passages), passages})
    runs = ((name, size) for size in sizes for name in chosen)
    _print_table(
        ("engine", "passages", "p50, ms", "p95, ms", "phrase p50, ms", "phrase p95, ms", "build, s")
        + (f"replace {REPLACED}, s", "memory, MB", "disk, MB"),
        (_costs(name, made[:size], fresh, [question for question, _ in asked]) for name, size in runs),
    )


def _read(file: Path) -> Questions:
    texts: list[str] = []
    asked: list[tuple[Terms, int]] = []
    for article in json.loads(file.read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            # A term counts once in a question, whatever the engine makes of repetition.
            wanted = [list(dict.fromkeys(terms(entry["question"]))) for entry in paragraph["qas"]]
            asked += [(question, len(texts)) for question in wanted if question]
            texts.append(f"{article['title'].replace('_', ' ')}\n{paragraph['context']}")
    return Questions(texts, [terms(text) for text in texts], asked)


def _versions() -> str:
    return f"{tantivy.__version__}; SQLite {sqlite3.sqlite_version}; bm25s {bm25s.__version__}, {_backend()}."


def _backend() -> str:
    return f"{bm25s.BM25(backend='auto').backend} backend"


def _quality(name: str, passages: Sequence[Terms], asked: Sequence[tuple[Terms, int]]) -> Iterator[str]:
    with TemporaryDirectory() as folder:
        ENGINES[name].build(Path(folder), passages)
        engine = ENGINES[name](Path(folder))
        ranked = [(engine.search(question)[:5], right) for question, right in asked]
    yield name
    yield f"{100 * sum(found[:1] == [right] for found, right in ranked) / len(ranked):.1f}"
    yield f"{100 * sum(right in found for found, right in ranked) / len(ranked):.1f}"


def _synthetic(found: Questions, count: int) -> Iterator[Terms]:
    """Yield passages of about WORDS words: sentences drawn at random, a third of their terms drawn by frequency."""
    rng = random.Random(SEED)
    pool = [
        (terms(sentence), len(sentence.split()))
        for text in found.texts
        for sentence in re.split(r"(?<=[.!?])\s+", text.partition("\n")[2].strip())
    ]
    counts = Counter(chain.from_iterable(found.passages))
    vocabulary, cumulated = list(counts), list(accumulate(counts.values()))
    mean = sum(words for _, words in pool) / len(pool)
    for _ in range(count):
        passage: Terms = []
        words = 0
        # The last sentence runs over the mark, by half its length on average.
        while words < WORDS - mean / 2:
            sentence, length = rng.choice(pool)
            passage += sentence
            words += length
        places = rng.sample(range(len(passage)), len(passage) // 3)
        for place, term in zip(places, rng.choices(vocabulary, cum_weights=cumulated, k=len(places)), strict=True):
            passage[place] = term
        yield passage


def _costs(name: str, passages: Sequence[Terms], fresh: Sequence[Terms], questions: Sequence[Terms]) -> Iterator[str]:
    rng = random.Random(SEED)
    held = rng.choices([passage for passage in passages if len(passage) >= 3], k=ASKED + WARM_UP)
    phrases = [passage[place : place + 3] for passage in held for place in [rng.randrange(len(passage) - 2)]]
    changed = dict(zip(rng.sample(range(len(passages)), REPLACED), fresh, strict=True))
    with TemporaryDirectory() as place:
        folder = Path(place)
        build = _seconds(lambda: ENGINES[name].build(folder, passages))
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            opened = pool.submit(_open_and_ask, name, folder, questions[: ASKED + WARM_UP], phrases).result()
        disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
        replace = _seconds(lambda: ENGINES[name].replace(folder, passages, changed))
    yield from (name, f"{len(passages):,}", *_spread(opened.questions), *_spread(opened.phrases))
    yield from (f"{build:.1f}", f"{replace:.2f}", f"{opened.memory:.0f}", f"{disk:.0f}")


def _open_and_ask(name: str, folder: Path, questions: Sequence[Terms], phrases: Sequence[Terms]) -> Opened:
    before = _resident()
    engine = ENGINES[name](folder)
    asked = _times(engine.search, questions)
    memory = _resident() - before
    return Opened(asked, _times(engine.phrase, phrases) if isinstance(engine, FindsPhrases) else [], memory)


def _times(ask: Callable[[Terms], object], queries: Sequence[Terms]) -> list[float]:
    """Return the milliseconds of each query after the first WARM_UP."""
    return [1000 * _seconds(lambda wanted=wanted: ask(wanted)) for wanted in queries][WARM_UP:]  # type: ignore[misc]


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _resident() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * 1024 / 1e6


def _spread(values: Sequence[float]) -> tuple[str, str]:
    if not values:
        return "none", "none"
    return f"{np.percentile(values, 50):.1f}", f"{np.percentile(values, 95):.1f}"


def _print_table(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> None:
    """Print each row as soon as it is measured."""
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
