"""Fit the constants of search.py and quoting.py on questions whose answer is known (SQuAD 1.1 format).

    python -m training.calibrate QUESTIONS.json

Prints, for several weights of the words beside the vectors, how often the right paragraph comes first and
the sentence that holds the answer is marked; then the logistic regression that turns two scores of the
first hit (its nearness to the question, its share of the question's words) into a probability. Each
question is asked twice: of all paragraphs, and of all but the one that answers it, so that half the cases
have no answer among paragraphs of the same article.
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
from index.search import WORDS
from index.segment import sentences
from index.settings import Settings, stay_local
from index.types import Span

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 1.0)
CANDIDATES = Settings().candidates
SENTENCE_LIMIT = Settings().sentence_limit


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
    spans = [[s.span for s in sentences(text, (Span(0, len(text)),), "en", SENTENCE_LIMIT)] for text in paragraphs]
    texts = [[span.of(text) for span in found] for text, found in zip(paragraphs, spans, strict=True)]
    every = embedder.embed_passages([text for found in texts for text in found])
    parts = np.split(every, np.cumsum([len(found) for found in texts])[:-1])
    marked = _marked(cases, questions, spans, texts, parts)
    for weight in WEIGHTS:
        first, five = _hits(cases, ranked, weight)
        print(f"| {weight} | {first:.3f} | {five:.3f} | {marked[weight]:.3f} |")
    _fit(cases, ranked, questions, parts)


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
    cases: list[Case],
    questions: NDArray[np.float32],
    spans: list[list[Span]],
    texts: list[list[str]],
    parts: list[NDArray[np.float32]],
) -> dict[float, float]:
    """Return, for each weight, how often the best sentence of the right paragraph holds the answer."""
    cosines = [parts[case.row] @ question for case, question in zip(cases, questions, strict=True)]
    shares = [coverage(case.question, texts[case.row]) for case in cases]
    right: dict[float, float] = {}
    for weight in WEIGHTS:
        best = [int(np.argmax(dense + weight * share)) for dense, share in zip(cosines, shares, strict=True)]
        right[weight] = sum(
            any(answer.within(spans[case.row][place]) for answer in case.answers)
            for case, place in zip(cases, best, strict=True)
        ) / len(cases)
    return right


def _fit(
    cases: list[Case], ranked: list[Ranked], questions: NDArray[np.float32], parts: list[NDArray[np.float32]]
) -> None:
    features: list[tuple[float, float]] = []
    answers: list[bool] = []
    for case, found, question in zip(cases, ranked, questions, strict=True):
        fused = found.dense + WORDS * found.lexical
        for kept in (np.arange(len(fused)), np.flatnonzero(found.rows != case.row)):
            place = kept[int(np.argmax(fused[kept]))]
            sentence = float((parts[found.rows[place]] @ question).max())
            features.append((max(sentence, float(found.dense[place])), float(found.lexical[place])))
            answers.append(bool(found.rows[place] == case.row))
    half = len(features) // 4 * 2
    x, y = np.array(features), np.array(answers)
    model = LogisticRegression(C=100).fit(x[:half], y[:half])
    _report(model.predict_proba(x[half:])[:, 1], y[half:])
    model = LogisticRegression(C=100).fit(x, y)
    nearness, lexical = model.coef_[0]
    print(f"INTERCEPT, NEARNESS, LEXICAL = {model.intercept_[0]:.2f}, {nearness:.2f}, {lexical:.2f}")


def _report(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> None:
    print(f"held-out half: AUROC {roc_auc_score(right, sure):.3f}")
    for low in np.arange(0, 1, 0.2):
        inside = (sure >= low) & (sure < low + 0.2)
        print(f"  confidence {low:.1f}-{low + 0.2:.1f}: {inside.sum()} cases, {right[inside].mean():.2f} answered")
    for threshold in (0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
        shown, hidden = (sure[right] >= threshold).mean(), (sure[~right] < threshold).mean()
        print(f"  threshold {threshold}: {shown:.3f} of the answered shown, {hidden:.3f} of the others held back")


if __name__ == "__main__":
    typer.run(main)
