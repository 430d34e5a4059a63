"""Fit the constants of search.py and quoting.py on questions whose answer is known (SQuAD 1.1 format).

    python -m training.calibrate QUESTIONS.json

Prints, for several weights of the words beside the vectors, how often the right paragraph comes first and
the sentence that holds the answer is marked; then the logistic regression that turns the two scores of the
first hit into a probability. Each question is asked twice: of all paragraphs, and of all but the one that
answers it, so that half the cases have no answer among paragraphs of the same article.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index.embedding import SentenceTransformerEmbedder
from index.lexical import coverage
from index.segment import sentences
from index.settings import stay_local
from index.types import Span

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 1.0)
CHOSEN = 0.4
CANDIDATES = 50
SENTENCE_LIMIT = 1200


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the row of the paragraph that answers it, and where in it the answers stand."""

    question: str
    row: int
    answers: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The nearest rows of a case (one more than CANDIDATES), their products and word shares."""

    rows: NDArray[np.int64]
    dense: NDArray[np.float32]
    lexical: NDArray[np.float64]


def main(path: Annotated[Path, typer.Argument()], sample: int = 2000, seed: int = 1) -> None:
    """Print the tables and constants."""
    stay_local()
    paragraphs, cases = _load(path)
    cases = random.Random(seed).sample(cases, min(sample, len(cases)))
    embedder = SentenceTransformerEmbedder()
    vectors = embedder.embed_passages(paragraphs)
    questions = np.stack([embedder.embed_query(case.question) for case in cases])
    ranked = [_rank(case, row, paragraphs) for case, row in zip(cases, questions @ vectors.T, strict=True)]
    print(f"{len(paragraphs)} paragraphs, {len(cases)} questions")
    print("| weight of the words | right paragraph first | among five | right sentence marked |")
    print("|---|---|---|---|")
    marked = _marked(cases, questions, paragraphs, embedder)
    for weight in WEIGHTS:
        first, five = _hits(cases, ranked, weight)
        print(f"| {weight} | {first:.3f} | {five:.3f} | {marked[weight]:.3f} |")
    _fit(cases, ranked)


def _load(path: Path) -> tuple[list[str], list[Case]]:
    paragraphs: list[str] = []
    cases: list[Case] = []
    for article in json.loads(path.read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                spans = {(a["answer_start"], a["answer_start"] + len(a["text"])) for a in asked["answers"]}
                cases.append(Case(asked["question"], len(paragraphs), tuple(Span(*span) for span in spans)))
            paragraphs.append(paragraph["context"])
    return paragraphs, cases


def _rank(case: Case, scores: NDArray[np.float32], paragraphs: list[str]) -> Ranked:
    rows = np.argsort(-scores)[: CANDIDATES + 1]
    return Ranked(rows, scores[rows], coverage(case.question, [paragraphs[row] for row in rows]))


def _hits(cases: list[Case], ranked: list[Ranked], weight: float) -> tuple[float, float]:
    orders = [found.rows[np.argsort(-(found.dense + weight * found.lexical))] for found in ranked]
    first = sum(case.row == order[0] for case, order in zip(cases, orders, strict=True))
    five = sum(case.row in order[:5] for case, order in zip(cases, orders, strict=True))
    return first / len(cases), five / len(cases)


def _marked(
    cases: list[Case], questions: NDArray[np.float32], paragraphs: list[str], embedder: SentenceTransformerEmbedder
) -> dict[float, float]:
    """Return, for each weight, how often the best sentence of the right paragraph holds the answer."""
    spans = [
        [s.span for s in sentences(text, (Span(0, len(text)),), "en", SENTENCE_LIMIT)]
        for text in (paragraphs[case.row] for case in cases)
    ]
    texts = [[span.of(paragraphs[case.row]) for span in found] for case, found in zip(cases, spans, strict=True)]
    vectors = iter(embedder.embed_passages([text for found in texts for text in found]))
    cosines = [
        np.array([next(vectors) @ question for _ in found]) for found, question in zip(texts, questions, strict=True)
    ]
    shares = [coverage(case.question, found) for case, found in zip(cases, texts, strict=True)]
    right: dict[float, float] = {}
    for weight in WEIGHTS:
        best = [int(np.argmax(dense + weight * share)) for dense, share in zip(cosines, shares, strict=True)]
        right[weight] = sum(
            any(answer.within(found[place]) for answer in case.answers)
            for case, found, place in zip(cases, spans, best, strict=True)
        ) / len(cases)
    return right


def _fit(cases: list[Case], ranked: list[Ranked]) -> None:
    features: list[tuple[float, float]] = []
    answers: list[bool] = []
    for case, found in zip(cases, ranked, strict=True):
        fused = found.dense + CHOSEN * found.lexical
        for kept in (np.arange(len(fused)), np.flatnonzero(found.rows != case.row)):
            place = kept[int(np.argmax(fused[kept]))]
            features.append((float(found.dense[place]), float(found.lexical[place])))
            answers.append(bool(found.rows[place] == case.row))
    half = len(features) // 2 // 2 * 2
    x, y = np.array(features), np.array(answers)
    model = LogisticRegression(C=100).fit(x[:half], y[:half])
    sure = model.predict_proba(x[half:])[:, 1]
    print(
        f"held-out half: AUROC {roc_auc_score(y[half:], sure):.3f}, accuracy {np.mean((sure >= 0.5) == y[half:]):.3f}"
    )
    for low in np.arange(0, 1, 0.2):
        inside = (sure >= low) & (sure < low + 0.2 + 1e-9)
        print(f"  confidence {low:.1f}-{low + 0.2:.1f}: {inside.sum()} cases, {y[half:][inside].mean():.2f} answered")
    model = LogisticRegression(C=100).fit(x, y)
    dense, lexical = model.coef_[0]
    print(f"INTERCEPT, DENSE, LEXICAL = {model.intercept_[0]:.2f}, {dense:.2f}, {lexical:.2f}")


if __name__ == "__main__":
    typer.run(main)
