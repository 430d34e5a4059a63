"""Confidence in a small library and in a large one: it should mean the same.

    python -m training.growth QUESTIONS.json

Asks the written queries on articles that training never saw of three libraries: of those articles alone, of all
articles, and of all with thousands of others, made of sentences of the sample articles. Prints the table of
docs/search.md.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer
from sklearn.metrics import roc_auc_score

from evaluation.speed import filler
from index.embedding import SentenceTransformerEmbedder
from index.engine import Engine
from index.library import Library, build_library, open_library
from index.settings import Settings, stay_local
from index.types import Answer
from training.calibrate import is_right, write_articles
from training.data import Paragraph, Query
from training.reader import SEED, collected

OTHERS, ASKED = 10_000, 300


def main(path: Annotated[Path, typer.Argument()], others: int = OTHERS) -> None:
    """Print the table."""
    stay_local()
    material = collected(path)
    written = material.unseen(material.written)
    queries = random.Random(SEED).sample(written, min(ASKED, len(written)))
    hidden = [paragraph for paragraph in material.paragraphs if paragraph.article in material.hidden]
    print("| articles | passages | right passage first | AUROC | confidence if answered | if not | called answers |")
    print("|---|---|---|---|---|---|---|")
    for paragraphs, more in ((hidden, 0), (material.paragraphs, 0), (material.paragraphs, others)):
        with TemporaryDirectory() as folder:
            library = _library(Path(folder), paragraphs, more)
            engine = Engine(library, SentenceTransformerEmbedder(), Settings())
            answers = [engine.ask(query.text) for query in queries]
            print(_line(library, queries, answers, material.paragraphs), flush=True)


def _library(folder: Path, paragraphs: Sequence[Paragraph], more: int) -> Library:
    write_articles(paragraphs, folder)
    for number, words in zip(range(more), filler(), strict=False):
        (folder / f"other-{number}.txt").write_text(words, "utf-8")
    settings = replace(Settings(), data=folder)
    build_library(folder / "library", [folder], SentenceTransformerEmbedder(), settings)
    return open_library(folder / "library")


def _line(
    library: Library, queries: Sequence[Query], answers: Sequence[Answer], paragraphs: Sequence[Paragraph]
) -> str:
    there = np.array([bool(query.holds) for query in queries])
    first = np.array([_is_first(query, found, paragraphs) for query, found in zip(queries, answers, strict=True)])
    sure = np.array([found.confidence for found in answers])
    called = np.array([found.answered for found in answers])
    means = (first[there].mean(), roc_auc_score(there, sure), sure[there].mean(), sure[~there].mean(), called.mean())
    counts = f"{library.searched.articles:,} | {library.searched.passages:,}"
    return f"| {counts} | {' | '.join(f'{mean:.3f}' for mean in means)} |"


def _is_first(query: Query, found: Answer, paragraphs: Sequence[Paragraph]) -> bool:
    text = paragraphs[query.row].text
    answers = [" ".join(span.of(text).split()) for span in query.holds]
    return bool(found.quotes) and is_right(found.quotes[0].text, " ".join(text.split()), answers)


if __name__ == "__main__":
    typer.run(main)
