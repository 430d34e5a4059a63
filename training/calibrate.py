"""Fit what the scores of search.py, confidence.py and quoting.py mean, on questions whose answer is known.

    python -m training.calibrate QUESTIONS.json

QUESTIONS.json is the file that the reader was trained on (SQuAD 1.1 format). Its paragraphs and the written news
become a library; asked are only questions of the articles that training held out. Each is asked twice: of all
passages, and of all but those that answer it, so that half the cases have no answer among passages of the same
article; others were written to have none. Prints the tables of docs/search.md and docs/reader.md, and the constants.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index.confidence import crowd_of, features
from index.embedding import SentenceTransformerEmbedder
from index.lexical import coverage
from index.library import Library, build_library, open_library, passage_text
from index.query import query_of
from index.quoting import read_marks
from index.reader import Reader, load_reader
from index.search import page_of, search
from index.settings import HOME, Settings, stay_local
from index.types import Hit, Reading, Span
from training.data import KINDS, Paragraph, Query, Rarity, draw
from training.reader import Material, collected
from training.reliability import bins
from training.reliability import draw as draw_reliability
from training.written import NOT_HERE, NOWHERE

DRAWING = HOME / "docs" / "images" / "reliability.svg"
LEXICAL = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
READER = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0)
MARGINS = (0.0, 2.0, 4.0, 6.0, 8.0)
# Kinds of queries: asked, and given to be found; the second half of each was written.
ASKED, GIVEN = ("question", "typed", "ask", "open", "yesno"), ("statement", "keywords", "remembered", "claim", "topic")
# Those whose answer is short.
SHORT = ("question", "typed", "ask")
NONE = (NOT_HERE, NOWHERE)
READ = 16
KEPT = (4, 6)
# An exact answer need not be longer than this to count, in characters.
LONG = 80
# By which weights (words, reader) the first hit is chosen whose features are fitted.
FITTED = (0.4, 0.1)


@dataclass(frozen=True, slots=True)
class Case:
    """What was found for a query: hits, best fused first, some read; which are right; what answers in the right one.

    `skim` holds, for each number of `KEPT`, whether the right hit is among so many that are read to the end.
    """

    kind: str
    hits: tuple[Hit, ...]
    right: tuple[bool, ...]
    shares: tuple[float, ...]
    answers: tuple[Span, ...]
    skim: tuple[bool, ...]


def main(path: Annotated[Path, typer.Argument()], questions: int = 200, others: int = 80, seed: int = 3) -> None:
    """Print the tables and constants."""
    stay_local()
    material = collected(path)
    with TemporaryDirectory() as folder:
        library = _library(material.paragraphs, Path(folder))
        reader = load_reader(Settings().reader)
        queries = _queries(material, questions, others, random.Random(seed))
        cases = list(_cases(queries, material.paragraphs, library, reader))
    for name, kinds in (("asked", ASKED), ("given", GIVEN)):
        group = [case for case in cases if case.kind in kinds]
        print(f"\n{name}: {len(group)} queries")
        _print_weights(group)
        _print_skim(group)
    _print_marks([case for case in cases if case.kind not in NONE])
    _fit(cases)


def _library(paragraphs: Sequence[Paragraph], folder: Path) -> Library:
    write_articles(paragraphs, folder)
    build_library(folder / "library", [folder], SentenceTransformerEmbedder(), replace(Settings(), data=folder))
    return open_library(folder / "library")


def write_articles(paragraphs: Sequence[Paragraph], folder: Path) -> None:
    """Write a file for each article; passages that were one paragraph become one again."""
    articles: dict[tuple[int, str], dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for paragraph in paragraphs:
        words = " ".join(paragraph.text.split())
        articles[paragraph.article, paragraph.title][paragraph.number].append(words)
    for (number, title), found in articles.items():
        body = "\n\n".join(" ".join(parts) for parts in found.values())
        (folder / f"{number}.md").write_text(f"# {title}\n\n{body}\n", "utf-8")


def _queries(material: Material, questions: int, others: int, rng: random.Random) -> list[Query]:
    paragraphs = material.paragraphs
    rarity = Rarity(paragraphs)
    asked = material.unseen(material.asked)
    found = []
    for kind in KINDS:
        for question in rng.sample(asked, questions if kind == "question" else others):
            found.append(draw(question, paragraphs[question.row], rarity, rng, kind))
    by_kind: dict[str, list[Query]] = defaultdict(list)
    for query in material.unseen(material.written):
        by_kind[query.kind].append(query)
    for written in by_kind.values():
        found += rng.sample(written, min(others, len(written)))
    return found


def _cases(
    queries: Sequence[Query], paragraphs: Sequence[Paragraph], library: Library, reader: Reader
) -> Iterator[Case]:
    embedder = SentenceTransformerEmbedder()
    for number, drawn in enumerate(queries):
        text = paragraphs[drawn.row].text
        answers = [" ".join(span.of(text).split()) for span in drawn.holds]
        query = query_of(drawn.text, 5000)
        hits = search(query, embedder.embed_query(query.asked), library, 50).hits
        pages = [page_of(hit.passage, library) for hit in hits[:READ]]
        readings = reader.read(query.asked, pages, 100_000, READ)
        context = " ".join(text.split())
        right = [is_right(_text(hit, library), context, answers) for hit in hits]
        shares = coverage(query.asked, [_words(hit, library) for hit in hits[:READ]])
        # Of a paragraph that does not answer, only that is known: others of its article may.
        kept = [n for n, hit in enumerate(hits) if drawn.kind != NOT_HERE or _is_part(_text(hit, library), context)]
        if not kept:
            continue
        read = [replace(hit, reading=reading) for hit, reading in zip_longest(hits, readings)]
        yield Case(
            drawn.kind,
            tuple(read[n] for n in kept),
            tuple(right[n] for n in kept),
            tuple(float(shares[n]) for n in kept if n < READ),
            next((_places_in(_text(h, library), answers) for h, good in zip(hits, right, strict=True) if good), ()),
            tuple(_is_kept(reader.read(query.asked, pages, 100_000, count), right) for count in KEPT),
        )
        if number % 100 == 99:
            typer.echo(f"{number + 1} of {len(queries)} queries", err=True)


def _words(hit: Hit, library: Library) -> str:
    return passage_text(library.article(hit.passage.article), hit.passage)


def _is_kept(readings: Sequence[Reading | None], right: Sequence[bool]) -> bool:
    return any(good and reading is not None for good, reading in zip(right, readings, strict=False))


def _text(hit: Hit, library: Library) -> str:
    return hit.passage.span.of(library.article(hit.passage.article).text)


def _is_part(text: str, context: str) -> bool:
    return text in context or context in text or text[:60] in context


def is_right(text: str, context: str, answers: Sequence[str]) -> bool:
    """Say whether a passage is (part of) the paragraph that was asked about, and holds one of the answers."""
    return _is_part(text, context) and any(words in text for words in answers)


def _places_in(text: str, answers: Sequence[str]) -> tuple[Span, ...]:
    starts = ((text.find(words), words) for words in answers)
    return tuple(Span(start, start + len(words)) for start, words in starts if start >= 0)


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


def _print_skim(cases: Sequence[Case]) -> None:
    print("| read to the end | the right one among them, of those where it was among sixteen |")
    print("|---|---|")
    held = [case for case in cases if any(case.right[:READ])]
    for place, count in enumerate(KEPT):
        print(f"| {count} | {np.mean([case.skim[place] for case in held]):.3f} |")


def _print_marks(cases: Sequence[Case]) -> None:
    print("\n| kind | queries | sentences that answer | marked | an answer among them | IoU, in characters |")
    print("|---|---|---|---|---|---|")
    for kind in (*ASKED, *GIVEN):
        rows = [_marked(case) for case in cases if case.kind == kind and any(case.right[:READ])]
        needed, count, held, overlap = np.mean(rows, axis=0)
        print(f"| {kind} | {len(rows)} | {needed:.1f} | {count:.1f} | {held:.3f} | {overlap:.3f} |")
    print("| lead of the span | exact answers | right (half of the words at least) |")
    print("|---|---|---|")
    for margin in MARGINS:
        found = [_exact(case, margin) for case in cases if case.kind in SHORT]
        shown = [right for right in found if right is not None]
        print(f"| {margin} | {len(shown) / len(found):.2f} | {np.mean(shown):.3f} |")


def _marked(case: Case) -> tuple[float, float, float, float]:
    """Return of the right hit: how many sentences answer, are marked, whether they meet, and their IoU."""
    hit = case.hits[case.right.index(True)]
    assert hit.reading
    sizes = np.array([len(span) for span in hit.passage.sentences])
    marked = np.zeros(len(sizes), dtype=bool)
    marked[read_marks(hit.reading, sizes.tolist())] = True
    start = hit.passage.span.start
    holds = np.array(
        [
            any(s.start - start < answer.end and s.end - start > answer.start for answer in case.answers)
            for s in hit.passage.sentences
        ]
    )
    both, either = sizes[marked & holds].sum(), sizes[marked | holds].sum()
    return float(holds.sum()), float(marked.sum()), float(both > 0), float(both / max(either, 1))


def _exact(case: Case, margin: float) -> bool | None:
    """Say whether the exact answer of the hit that is first is right; None where none is shown."""
    place = int(_order(case, *FITTED)[0])
    reading = case.hits[place].reading
    if reading is None or reading.margin < margin:
        return None
    found = reading.span
    shared = [min(found.end, answer.end) - max(found.start, answer.start) for answer in case.answers]
    enough = [2 * both >= min(len(answer), LONG) for both, answer in zip(shared, case.answers, strict=True)]
    return case.right[place] and any(enough)


def _fit(cases: Sequence[Case]) -> None:
    values: list[tuple[float, ...]] = []
    answers: list[bool] = []
    sides: list[bool] = []
    for number, case in enumerate(cases):
        order = [place for place in _order(case, *FITTED) if case.hits[place].reading]
        without = [place for place in order if not case.right[place]]
        # A query that was written to have no answer is one case, another is two.
        for kept in (order, without) if any(case.right) else (order,):
            if not kept:
                continue
            crowd = crowd_of([hit for n, hit in enumerate(case.hits[:READ]) if kept is order or not case.right[n]])
            values.append(features(case.hits[kept[0]], case.shares[kept[0]], crowd))
            answers.append(case.right[kept[0]])
            sides.append(number % 2 == 1)
    x, y = np.array(values), np.array(answers)
    # All cases of a query stay on the same side.
    test = np.array(sides)
    model = LogisticRegression(C=10).fit(x[~test], y[~test])
    _report(model.predict_proba(x[test])[:, 1], y[test])
    for column in range(x.shape[1]):
        print(f"feature {column} alone: AUROC {roc_auc_score(y, x[:, column]):.3f}")
    model = LogisticRegression(C=10).fit(x, y)
    for kinds in (ASKED, GIVEN):
        group = [case for case in cases if case.kind in kinds]
        ranks = [_hit(case, _by_probability(case, model), n) for n in (1, 5) for case in group]
        one, five = np.array(ranks).reshape(2, -1).mean(1)
        print(f"{', '.join(kinds)}, ordered by probability: first {one:.3f}, in five {five:.3f}")
    print("READ_INTERCEPT, READ =", round(float(model.intercept_[0]), 3), [round(float(c), 3) for c in model.coef_[0]])


def _by_probability(case: Case, model: LogisticRegression) -> NDArray[np.int64]:
    places = np.array([place for place, hit in enumerate(case.hits) if hit.reading])
    crowd = crowd_of(case.hits[:READ])
    values = np.array([features(case.hits[place], case.shares[place], crowd) for place in places])
    return places[np.argsort(-model.decision_function(values), kind="stable")]


def _report(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> None:
    print(f"\nheld-out half: AUROC {roc_auc_score(right, sure):.3f}")
    print("| confidence | cases | mean confidence | answered |")
    print("|---|---|---|---|")
    found = bins(sure, right)
    for some in found:
        low = int(10 * some.confidence) / 10
        print(f"| {low:.1f} to {low + 0.1:.1f} | {some.cases} | {some.confidence:.2f} | {some.right:.2f} |")
    draw_reliability(found, DRAWING)
    print("| threshold | answered cases shown | unanswered held back | shown without the answer |")
    print("|---|---|---|---|")
    for threshold in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        shown = sure >= threshold
        # As if half of the cases had no answer.
        wrong, good = shown[~right].mean(), shown[right].mean()
        print(f"| {threshold} | {good:.3f} | {1 - wrong:.3f} | {wrong / max(good + wrong, 1e-9):.3f} |")


if __name__ == "__main__":
    typer.run(main)
