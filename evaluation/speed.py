"""How fast Quotary is and how much memory it takes, with a library of 10,000 passages: `make bench`.

The library is made of sentences of the sample articles, drawn at random (seed fixed) into paragraphs of a
newspaper's length. Prints one table and keeps it in docs/speed.md.
"""

import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Annotated
from urllib.request import urlopen

import numpy as np
import typer

from evaluation.machine import provenance
from index import intake
from index.embedding import SentenceTransformerEmbedder
from index.engine import Engine
from index.library import Library, build_library, open_library
from index.minilm import FOLDER
from index.query import query_of
from index.search import search
from index.segment import sentences
from index.settings import HOME, Settings, stay_local

PAGE = HOME / "docs" / "speed.md"
PLACE = HOME / "data" / "bench"
SEED = 7
PARAGRAPHS = 25
ASKED = 150
EMBEDDED = 600


def main(
    passages: Annotated[int, typer.Option(help="Passages of the library.")] = 10_000,
    out: Annotated[Path, typer.Option(help="Where the table is kept.")] = PAGE,
) -> None:
    """Measure, print, keep."""
    stay_local()
    settings = replace(Settings(), data=PLACE)
    embedder = SentenceTransformerEmbedder()
    library = _library(passages, embedder, settings)
    rows = [("passages", f"{len(library):,}"), *_embedding(library, embedder)]
    rows += _asking(Engine(library, embedder, settings), _questions())
    rows += [("resident memory of the app, MB", f"{_memory(library.root):.0f}")]
    table = "\n".join(["| measure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])
    typer.echo(table)
    out.write_text(f"# Speed\n\nWritten by `make bench`. {provenance()}\n\n{table}\n", "utf-8")


def _library(passages: int, embedder: SentenceTransformerEmbedder, settings: Settings) -> Library:
    folder = PLACE / f"articles-{passages}"
    if not folder.exists():
        folder.mkdir(parents=True)
        for number, text in enumerate(_articles(passages)):
            (folder / f"article-{number:04}.txt").write_text(text, "utf-8")
    root = PLACE / f"library-{passages}"
    build_library(root, [folder], embedder, settings)
    return open_library(root)


def _articles(passages: int) -> Iterator[str]:
    paragraphs = filler()
    for _ in range(-(-passages // PARAGRAPHS)):
        yield "\n\n".join(islice(paragraphs, PARAGRAPHS)) + "\n"


def filler() -> Iterator[str]:
    """Yield paragraphs of a newspaper's length without end, made of sentences of the sample articles."""
    rng = random.Random(SEED)
    pool = _sentences()
    while True:
        yield " ".join(rng.sample(pool, rng.randint(3, 6)))


def _sentences() -> list[str]:
    files, _ = intake.find(Settings().articles)
    articles = [intake.read_article(file, Settings().max_file_mb) for file in files]
    found = [
        " ".join(sentence.span.of(article.text).split())
        for article in articles
        for sentence in sentences(article.text, article.body, article.language, Settings().sentence_limit)
    ]
    return sorted({sentence for sentence in found if 60 <= len(sentence) <= 300 and sentence.endswith(".")})


def _questions() -> list[str]:
    """Return questions made of the words of sentences: 'What is known of the northern channel before winter?'."""
    rng = random.Random(SEED + 1)
    found = []
    for sentence in rng.sample(_sentences(), ASKED):
        words = re.sub(r"[^\w\s'’-]", " ", sentence).split()
        start = rng.randrange(max(len(words) - 6, 1))
        found.append(f"What is known of {' '.join(words[start : start + 6])}?")
    return found


def _embedding(library: Library, embedder: SentenceTransformerEmbedder) -> list[tuple[str, str]]:
    from sentence_transformers import SentenceTransformer

    texts = []
    for row in range(min(EMBEDDED, len(library))):
        passage = library.passage(row)
        texts.append(passage.span.of(library.article(passage.article).text))
    plain = SentenceTransformer(str(FOLDER), device="cpu")
    embedder.embed_passages(texts[:64])
    plain.encode(texts[:64])
    # In turns, so that a machine that is busy for a while is so for both.
    ours, theirs = [], []
    for part in range(0, len(texts), EMBEDDED // 3):
        some = texts[part : part + EMBEDDED // 3]
        ours.append(len(some) / _seconds(lambda some=some: embedder.embed_passages(some)))  # type: ignore[misc]
        theirs.append(len(some) / _seconds(lambda some=some: plain.encode(some)))  # type: ignore[misc]
    return [
        ("embedding, passages a second", f"{np.median(ours):.0f}"),
        ("SentenceTransformer.encode as called by default, passages a second", f"{np.median(theirs):.0f}"),
        ("times as fast", f"{np.median(ours) / np.median(theirs):.2f}"),
    ]


def _asking(engine: Engine, questions: Sequence[str]) -> list[tuple[str, str]]:
    engine.load()
    for question in questions[:20]:
        engine.ask(question)
    asked = [engine.ask(question).elapsed_ms for question in questions]
    found = [1000 * _seconds(lambda question=question: _search(engine, question)) for question in questions]  # type: ignore[misc]
    return [("ask, ms", _spread(asked)), ("of which search without the reader, ms", _spread(found))]


def _search(engine: Engine, question: str) -> None:
    query = query_of(question, 2000)
    search(query, engine.embedder.embed_query(query.asked), engine.library, engine.settings.candidates)


def _spread(values: Sequence[float]) -> str:
    return f"p50 {np.percentile(values, 50):.0f}, p95 {np.percentile(values, 95):.0f}"


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _memory(root: Path) -> float:
    """Return the resident memory in MB of the app serving a library, after its models are loaded."""
    with _app(root) as (process, address):
        urlopen(address, timeout=60).read()
        last = 0.0
        for _ in range(60):
            time.sleep(1)
            now = _resident(process.pid)
            if last and abs(now - last) < 1:
                return now
            last = now
    return last


@contextmanager
def _app(root: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    command = [sys.executable, "app.py", "--library", str(root), "--port", "0"]
    process = subprocess.Popen(command, cwd=HOME, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        for line in process.stderr:
            if match := re.search(r"http://\S+", line):
                yield process, match[0]
                return
        raise RuntimeError("the app ended before it was ready")
    finally:
        process.terminate()
        process.wait()


def _resident(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    typer.run(main)
