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
from importlib.metadata import version
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Protocol

import bm25s
import numpy as np
import tantivy
import typer

from evaluation.machine import provenance
from index.lexical import terms

SEED = 7
SMALL = 10_000
ASKED, WARM_UP, LIMIT = 200, 20, 50
REPLACED = 100
WORDS = 90

Terms = list[str]
# Milliseconds of each question and of each phrase, growth of resident memory in MB.
Opened = tuple[list[float], list[float], float]


class Engine(Protocol):
    """An index that is open for searching; a passage's id is its place in the list that was indexed."""

    def __init__(self, folder: Path) -> None: ...

    @staticmethod
    def build(folder: Path, passages: Sequence[str]) -> None:
        """Write an index of all passages into an empty folder, with one thread."""

    @staticmethod
    def replace(folder: Path, passages: Sequence[str], changed: Mapping[int, str], /) -> None:
        """Give the `changed` ones of the `passages` indexed in this folder other terms."""

    def search(self, wanted: Terms) -> list[int]:
        """Return the ids of up to LIMIT passages that hold any of these terms, best first."""

    @property
    def phrase(self) -> Callable[[Terms], list[int]] | None:
        """The same for passages that hold these terms one after the other, if the engine knows places."""


class Tantivy:
    """Inverted index in Rust; mapped into memory."""

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder))
        self._searcher = self._index.searcher()

    @staticmethod
    def build(folder: Path, passages: Sequence[str]) -> None:
        schema = tantivy.SchemaBuilder().add_unsigned_field("id", indexed=True, fast=True)
        schema.add_text_field("terms", tokenizer_name="whitespace", index_option="position")
        Tantivy._write(tantivy.Index(schema.build(), path=str(folder)), [], enumerate(passages))

    @staticmethod
    def replace(folder: Path, _passages: Sequence[str], changed: Mapping[int, str], /) -> None:
        Tantivy._write(tantivy.Index.open(str(folder)), changed, changed.items())

    @staticmethod
    def _write(index: tantivy.Index, gone: Iterable[int], entries: Iterable[tuple[int, str]]) -> None:
        writer = index.writer(64_000_000, 1)
        for number in gone:
            # Not delete_documents_by_term: with a number in an unsigned field it deletes nothing and says nothing.
            writer.delete_documents_by_query(tantivy.Query.term_query(index.schema, "id", number))
        for number, passage in entries:
            document = tantivy.Document()
            document.add_unsigned("id", number)
            document.add_text("terms", passage)
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
    def build(folder: Path, passages: Sequence[str]) -> None:
        # A full stop is part of a number; letters with and without accents are different for the other engines too.
        tokenizer = "unicode61 remove_diacritics 0 tokenchars ''.''"
        with closing(sqlite3.connect(folder / "terms.db")) as database, database:
            database.execute(f"CREATE VIRTUAL TABLE passage USING fts5(terms, content='', tokenize='{tokenizer}')")
            database.executemany("INSERT INTO passage(rowid, terms) VALUES(?, ?)", enumerate(passages))
            database.execute("INSERT INTO passage(passage) VALUES('optimize')")
            database.commit()
            database.execute("VACUUM")

    @staticmethod
    def replace(folder: Path, passages: Sequence[str], changed: Mapping[int, str], /) -> None:
        # The command 'delete' wants the old terms, but every SQLite has it; contentless_delete=1 needs 3.43.
        gone = [(number, passages[number]) for number in changed]
        with closing(sqlite3.connect(folder / "terms.db")) as database, database:
            database.executemany("INSERT INTO passage(passage, rowid, terms) VALUES('delete', ?, ?)", gone)
            database.executemany("INSERT INTO passage(rowid, terms) VALUES(?, ?)", changed.items())

    def search(self, wanted: Terms) -> list[int]:
        return self._run(" OR ".join(f'"{term}"' for term in wanted))

    def phrase(self, wanted: Terms) -> list[int]:
        return self._run(f'"{" ".join(wanted)}"')

    def _run(self, query: str) -> list[int]:
        command = f"SELECT rowid FROM passage WHERE passage MATCH ? ORDER BY rank LIMIT {LIMIT}"
        return [number for (number,) in self._database.execute(command, (query,))]


class Bm25s:
    """A sparse matrix of scores computed beforehand; mapped into memory. No phrases; a change is a new build."""

    phrase = None

    def __init__(self, folder: Path) -> None:
        self._index = bm25s.BM25.load(folder, mmap=True, show_progress=False)

    @staticmethod
    def build(folder: Path, passages: Sequence[str]) -> None:
        index = bm25s.BM25(k1=1.2, b=0.75, method="lucene", backend="auto", csc_backend="auto")
        index.index([passage.split() for passage in passages], show_progress=False)
        index.save(folder, show_progress=False)

    @staticmethod
    def replace(folder: Path, passages: Sequence[str], changed: Mapping[int, str], /) -> None:
        Bm25s.build(folder, [changed.get(number, passage) for number, passage in enumerate(passages)])

    def search(self, wanted: Terms) -> list[int]:
        numbers, scores = self._index.retrieve([wanted], k=LIMIT, show_progress=False)
        return [int(number) for number in numbers[0][scores[0] > 0]]


ENGINES: dict[str, type[Engine]] = {"tantivy": Tantivy, "fts5": Fts5, "bm25s": Bm25s}


@dataclass(frozen=True, slots=True)
class Questions:
    """Terms: of paragraphs with titles; of sentences, with counts of words; of questions, with their paragraphs."""

    passages: list[str]
    sentences: list[tuple[Terms, int]]
    asked: list[tuple[Terms, int]]


def main(
    questions: Annotated[Path, typer.Argument(help="A file in the format of SQuAD 1.1.", exists=True)],
    passages: Annotated[int, typer.Option(help="Passages of the larger synthetic collection.", min=REPLACED)] = 500_000,
    engines: Annotated[str, typer.Option(help="Which engines, with commas between.")] = ",".join(ENGINES),
    sample: Annotated[int, typer.Option(help="Questions by which quality is measured.")] = 2000,
) -> None:
    """Measure and print."""
    chosen = engines.split(",")
    if unknown := set(chosen) - set(ENGINES):
        raise typer.BadParameter(f"no such engine: {', '.join(sorted(unknown))}; there are {', '.join(ENGINES)}")
    found = _read(questions)
    backend = bm25s.BM25(backend="auto").backend
    versions = f"tantivy {version('tantivy')}, SQLite {sqlite3.sqlite_version}, bm25s {version('bm25s')} ({backend})"
    print(f"{provenance()} {versions}.\n")
    asked = random.Random(SEED).sample(found.asked, min(sample, len(found.asked)))
    print(f"{len(asked):,} questions over {len(found.passages):,} paragraphs:\n")
    _print_table(("engine", "first, %", "among five, %"), (_quality(name, found.passages, asked) for name in chosen))
    print(f"\n{ASKED} questions, {LIMIT} passages each; synthetic collections (seed {SEED}):\n")
    heads = "engine passages p50,_ms p95,_ms phrase_p50,_ms phrase_p95,_ms build,_s replace_100,_s memory,_MB disk,_MB"
    _print_table([head.replace("_", " ") for head in heads.split()], _all_costs(chosen, found, passages))


def _read(file: Path) -> Questions:
    found = Questions([], [], [])
    for article in json.loads(file.read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            # A term counts once in a question, whatever the engine makes of repetition.
            wanted = [list(dict.fromkeys(terms(entry["question"]))) for entry in paragraph["qas"]]
            found.asked.extend((question, len(found.passages)) for question in wanted if question)
            found.passages.append(" ".join(terms(f"{article['title'].replace('_', ' ')}\n{paragraph['context']}")))
            sentences = re.split(r"(?<=[.!?])\s+", paragraph["context"].strip())
            found.sentences.extend((terms(sentence), len(sentence.split())) for sentence in sentences)
    return found


def _quality(name: str, passages: Sequence[str], asked: Sequence[tuple[Terms, int]]) -> tuple[str, str, str]:
    with TemporaryDirectory() as folder:
        ENGINES[name].build(Path(folder), passages)
        engine = ENGINES[name](Path(folder))
        ranked = [(engine.search(question)[:5], right) for question, right in asked]
    first, among = (sum(right in found[:count] for found, right in ranked) / len(ranked) for count in (1, 5))
    return name, f"{100 * first:.1f}", f"{100 * among:.1f}"


def _synthetic(found: Questions, count: int) -> Iterator[str]:
    """Yield passages of about WORDS words: sentences drawn at random, a third of their terms drawn by frequency."""
    rng = random.Random(SEED)
    counts = Counter(" ".join(found.passages).split())
    vocabulary, cumulated = list(counts), list(accumulate(counts.values()))
    for _ in range(count):
        passage, words = list[str](), 0
        # The last sentence overshoots, by 15 words on average.
        while words < WORDS - 15:
            sentence, length = rng.choice(found.sentences)
            passage += sentence
            words += length
        places = rng.sample(range(len(passage)), len(passage) // 3)
        for place, term in zip(places, rng.choices(vocabulary, cum_weights=cumulated, k=len(places)), strict=True):
            passage[place] = term
        yield " ".join(passage)


def _all_costs(names: Sequence[str], found: Questions, largest: int) -> Iterator[Iterable[str]]:
    made = list(_synthetic(found, largest + REPLACED))
    questions = [question for question, _ in random.Random(SEED).sample(found.asked, ASKED + WARM_UP)]
    sizes = sorted({min(SMALL, largest), largest})
    return (_costs(name, made[:size], made[largest:], questions) for size in sizes for name in names)


def _costs(name: str, passages: Sequence[str], fresh: Sequence[str], questions: list[Terms]) -> Iterator[str]:
    rng = random.Random(SEED)
    held = [passage.split() for passage in rng.choices(passages, k=ASKED + WARM_UP)]
    phrases = [passage[place : place + 3] for passage in held for place in [rng.randrange(len(passage) - 2)]]
    changed = dict(zip(rng.sample(range(len(passages)), REPLACED), fresh, strict=True))
    with TemporaryDirectory() as place:
        folder = Path(place)
        build = _seconds(lambda: ENGINES[name].build(folder, passages))
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            asked, found, memory = pool.submit(_open_and_ask, name, folder, questions, phrases).result()
        disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
        replace = _seconds(lambda: ENGINES[name].replace(folder, passages, changed))
    yield from (name, f"{len(passages):,}", *_spread(asked), *_spread(found))
    yield from (f"{build:.1f}", f"{replace:.2f}", f"{memory:.0f}", f"{disk:.0f}")


def _open_and_ask(name: str, folder: Path, questions: list[Terms], phrases: list[Terms]) -> Opened:
    before = _resident()
    engine = ENGINES[name](folder)
    asked = _times(engine.search, questions)
    memory = _resident() - before
    return asked, _times(engine.phrase, phrases) if engine.phrase else [], memory


def _times(ask: Callable[[Terms], object], queries: Sequence[Terms]) -> list[float]:
    """Return the milliseconds of each query after the first WARM_UP."""
    return [1000 * _seconds(lambda wanted=wanted: ask(wanted)) for wanted in queries][WARM_UP:]  # type: ignore[misc]


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _resident() -> float:
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) * 1024 / 1e6


def _spread(values: Sequence[float]) -> tuple[str, str]:
    return (f"{np.percentile(values, 50):.2f}", f"{np.percentile(values, 95):.2f}") if values else ("none", "none")


def _print_table(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> None:
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
