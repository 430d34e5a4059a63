"""Fit what the scores of search.py, confidence.py and quoting.py mean, on questions whose answer is known.

    python -m training.calibrate QUESTIONS.json

QUESTIONS.json is the file that the reader was trained on (SQuAD 1.1 format). Its paragraphs become a library;
asked are only questions of the articles that training held out. Each is asked twice: of all passages, and of
all but the one that answers it, so that half the cases have no answer among passages of the same article.
Prints the tables of docs/search.md and docs/reader.md, and the constants.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index.confidence import features
from index.embedding import SentenceTransformerEmbedder
from index.lexical import coverage
from index.library import Library, build_library, open_library, passage_text
from index.query import query_of
from index.reader import Reader, load_reader
from index.search import page_of, search
from index.settings import Settings, stay_local
from index.types import Hit, Span
from training.data import Rarity, draw, held_out, load
from training.reader import HELD_OUT, SEED

LEXICAL = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
READER = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0)
SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
MARGINS = (0.0, 2.0, 4.0, 6.0, 8.0)
KINDS = ("question", "typed", "statement", "keywords", "remembered")
READ = 16
# By which weights (words, reader) the first hit is chosen whose features are fitted.
FITTED = (0.4, 0.1)


@dataclass(frozen=True, slots=True)
class Case:
    """What was found for a query: hits, best fused first, some read; which are right; the answer."""

    kind: str
    text: str
    hits: tuple[Hit, ...]
    right: tuple[bool, ...]
    shares: tuple[float, ...]
    answer: Span


def main(path: Annotated[Path, typer.Argument()], questions: int = 500, others: int = 150, seed: int = 3) -> None:
    """Print the tables and constants."""
    stay_local()
    with TemporaryDirectory() as folder:
        library = _library(path, Path(folder))
        reader = load_reader(Settings().reader)
        cases = list(_cases(path, library, reader, questions, others, seed))
    asked = [case for case in cases if case.kind in KINDS[:2]]
    given = [case for case in cases if case.kind not in KINDS[:2]]
    for name, group in (("asked", asked), ("given", given)):
        print(f"\n{name}: {len(group)} queries")
        _print_weights(group)
    _print_marks(cases)
    _fit(cases)


def _library(path: Path, folder: Path) -> Library:
    for article in json.loads(path.read_text("utf-8"))["data"]:
        paragraphs = "\n\n".join(" ".join(entry["context"].split()) for entry in article["paragraphs"])
        name = article["title"].replace("/", "-")
        (folder / f"{name}.md").write_text(f"# {article['title'].replace('_', ' ')}\n\n{paragraphs}\n", "utf-8")
    build_library(folder / "library", [folder], SentenceTransformerEmbedder(), replace(Settings(), data=folder))
    return open_library(folder / "library")


def _cases(path: Path, library: Library, reader: Reader, questions: int, others: int, seed: int) -> Iterator[Case]:
    paragraphs, asked = load(path)
    rng = random.Random(seed)
    unseen = [q for q, held in zip(asked, held_out(paragraphs, asked, HELD_OUT, SEED), strict=True) if held]
    rarity = Rarity(paragraphs)
    embedder = SentenceTransformerEmbedder()
    for kind in KINDS:
        for number, question in enumerate(rng.sample(unseen, questions if kind == "question" else others)):
            drawn = draw(question, paragraphs[question.row], rarity, rng, kind)
            words = " ".join(drawn.span.of(paragraphs[drawn.row].text).split())
            context = " ".join(paragraphs[drawn.row].text.split())
            query = query_of(drawn.text, 5000)
            hits = search(query, embedder.embed_query(query.asked), library, 50).hits
            pages = [page_of(hit.passage, library) for hit in hits[:READ]]
            readings = reader.read(query.asked, pages, 100_000)
            hits = [replace(hit, reading=read) for hit, read in zip(hits, readings, strict=False)] + hits[READ:]
            texts = [passage_text(library.article(hit.passage.article), hit.passage) for hit in hits[:READ]]
            right = [_is_right(hit, library, context, words) for hit in hits]
            place = next(
                (_answer_in(hit, library, words) for hit, is_right in zip(hits, right, strict=True) if is_right),
                Span(0, 0),
            )
            yield Case(kind, drawn.text, tuple(hits), tuple(right), tuple(coverage(query.asked, texts)), place)
            if number % 100 == 99:
                typer.echo(f"{kind}: {number + 1} queries", err=True)


def _is_right(hit: Hit, library: Library, context: str, words: str) -> bool:
    """Say whether a passage is (part of) the paragraph that was asked about, and holds the answer."""
    text = hit.passage.span.of(library.article(hit.passage.article).text)
    return words in text and (text in context or context in text or text[:60] in context)


def _answer_in(hit: Hit, library: Library, words: str) -> Span:
    start = hit.passage.span.of(library.article(hit.passage.article).text).find(words)
    return Span(start, start + len(words))


def _print_weights(cases: Sequence[Case]) -> None:
    print("| words beside vectors | right first | in five | in sixteen |")
    print("|---|---|---|---|")
    for lexical in LEXICAL:
        orders = [_order(case, lexical, 0.0) for case in cases]
        found = [_hit(case, order, n) for n in (1, 5, 16) for case, order in zip(cases, orders, strict=True)]
        one, five, many = np.array(found).reshape(3, -1).mean(1)
        print(f"| {lexical} | {one:.3f} | {five:.3f} | {many:.3f} |")
    print("| words | reader | right first | in five |")
    print("|---|---|---|---|")
    for lexical in (0.2, 0.4, 0.6):
        for weight in READER:
            orders = [_order(case, lexical, weight) for case in cases]
            one, five = (
                np.mean([_hit(case, order, n) for case, order in zip(cases, orders, strict=True)]) for n in (1, 5)
            )
            print(f"| {lexical} | {weight} | {one:.3f} | {five:.3f} |")


def _order(case: Case, lexical: float, reader: float) -> NDArray[np.int64]:
    """Return the places of the hits, best first; those that were not read after the others."""
    dense = np.array([max(hit.dense, 0) for hit in case.hits])
    words = np.array([hit.lexical for hit in case.hits])
    fused = (1 - lexical) * dense / max(dense.max(), 1e-6) + lexical * words / max(words.max(), 1e-6)
    if not reader:
        return np.argsort(-fused, kind="stable")
    read = np.array([hit.reading.relevance if hit.reading else -100.0 for hit in case.hits])
    return np.argsort(-(fused + reader * read), kind="stable")


def _hit(case: Case, order: NDArray[np.int64], count: int) -> bool:
    return any(case.right[place] for place in order[:count])


def _print_marks(cases: Sequence[Case]) -> None:
    print("\n| share of the best sentence | marked sentences | the answer's among them | IoU of sentences |")
    print("|---|---|---|---|")
    for share in SHARES:
        rows = [_marked(case, share) for case in cases if any(case.right[:READ])]
        count, held, overlap = np.mean(rows, axis=0)
        print(f"| {share} | {count:.2f} | {held:.3f} | {overlap:.3f} |")
    print("| lead of the span | exact answers | right (half of the words at least) |")
    print("|---|---|---|")
    for margin in MARGINS:
        found = [_exact(case, margin) for case in cases if case.kind in KINDS[:2]]
        shown = [right for right in found if right is not None]
        print(f"| {margin} | {len(shown) / len(found):.2f} | {np.mean(shown):.3f} |")


def _marked(case: Case, share: float) -> tuple[float, float, float]:
    hit = case.hits[case.right.index(True)]
    assert hit.reading
    chances = 1 / (1 + np.exp(-np.array(hit.reading.sentences)))
    marked = chances >= share * chances.max()
    start = hit.passage.span.start
    holds = np.array(
        [s.start - start < case.answer.end and s.end - start > case.answer.start for s in hit.passage.sentences]
    )
    both, either = (marked & holds).sum(), (marked | holds).sum()
    return float(marked.sum()), float(both > 0), both / max(either, 1)


def _exact(case: Case, margin: float) -> bool | None:
    """Say whether the exact answer of the hit that is first is right; None where none is shown."""
    place = int(_order(case, *FITTED)[0])
    reading = case.hits[place].reading
    if reading is None or reading.margin < margin:
        return None
    shared = min(reading.span.end, case.answer.end) - max(reading.span.start, case.answer.start)
    return case.right[place] and 2 * shared >= len(case.answer)


def _fit(cases: Sequence[Case]) -> None:
    values: list[tuple[float, ...]] = []
    answers: list[bool] = []
    for case in cases:
        order = [place for place in _order(case, *FITTED) if case.hits[place].reading]
        without = [place for place in order if not case.right[place]]
        if not without:
            continue
        for kept in (order, without):
            values.append(features(case.hits[kept[0]], case.shares[kept[0]]))
            answers.append(case.right[kept[0]])
    x, y = np.array(values), np.array(answers)
    # Both cases of a query stay on the same side.
    test = np.repeat(np.arange(len(y) // 2) % 2 == 1, 2)
    model = LogisticRegression(C=10).fit(x[~test], y[~test])
    _report(model.predict_proba(x[test])[:, 1], y[test])
    for column in range(x.shape[1]):
        print(f"feature {column} alone: AUROC {roc_auc_score(y, x[:, column]):.3f}")
    model = LogisticRegression(C=10).fit(x, y)
    for kinds in (KINDS[:2], KINDS[2:]):
        group = [case for case in cases if case.kind in kinds]
        ranks = [_hit(case, _by_probability(case, model), n) for n in (1, 5) for case in group]
        one, five = np.array(ranks).reshape(2, -1).mean(1)
        print(f"{', '.join(kinds)}, ordered by probability: first {one:.3f}, in five {five:.3f}")
    print("READ_INTERCEPT, READ =", round(float(model.intercept_[0]), 3), [round(float(c), 3) for c in model.coef_[0]])


def _by_probability(case: Case, model: LogisticRegression) -> NDArray[np.int64]:
    places = np.array([place for place, hit in enumerate(case.hits) if hit.reading])
    values = np.array([features(case.hits[place], case.shares[place]) for place in places])
    return places[np.argsort(-model.decision_function(values), kind="stable")]


def _report(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> None:
    print(f"\nheld-out half: AUROC {roc_auc_score(right, sure):.3f}")
    print("| confidence | cases | mean confidence | answered |")
    print("|---|---|---|---|")
    for low in np.arange(0, 1, 0.1):
        inside = (sure >= low) & (sure < low + 0.1)
        if inside.any():
            means = f"{sure[inside].mean():.2f} | {right[inside].mean():.2f}"
            print(f"| {low:.1f} to {low + 0.1:.1f} | {inside.sum()} | {means} |")
    print("| threshold | answered cases shown | unanswered held back | shown without the answer |")
    print("|---|---|---|---|")
    for threshold in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        shown = sure >= threshold
        print(
            f"| {threshold} | {shown[right].mean():.3f} | {1 - shown[~right].mean():.3f} | "
            f"{1 - right[shown].mean() if shown.any() else 0:.3f} |"
        )


if __name__ == "__main__":
    typer.run(main)
