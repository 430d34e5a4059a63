"""Train the reader's adapter on questions whose answer is known (SQuAD 1.1 format).

    python -m training.reader QUESTIONS.json

About an hour on two cores. Seeds are fixed; progress is printed and kept, so that an interrupted training goes
on. Some articles are held out: training never sees their questions, so that training/calibrate.py can fit on
them what the scores mean.
"""

import json
import os
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from index.embedding import SentenceTransformerEmbedder
from index.minilm import SHA256, WEIGHTS, sha256_of
from index.minilm.encoder import LAYERS, load_weights, pack
from index.reader import HEADS, SKIM, encode, heads_on, relevance, tokens_of
from index.settings import Settings, stay_local
from index.types import Span
from training.data import Asked, Bm25, Paragraph, Query, Rarity, draw, held_out, load, typed
from training.lowrank import LowRankEncoder
from training.written import NEWS, NOT_HERE, QUESTIONS, load_news, load_questions

ADAPTER = Settings().reader
STATE = Settings().data / "training.pt"
HELD_OUT = 7
SEED = 11
# Rows of tokens that are computed at once; sorted by length, so that little is wasted.
AT_ONCE = 10
# Of a query's rows, how many are searched for negatives, and how many of them count as the most confusing.
NEAR, HARD = 24, 8
TITLED = 0.6
# Training begins with the questions of crowd workers alone, which are many and easy, for this part of the steps; then
# this part of each step is on what was written for it, some of that without capitals and punctuation.
CROWD, WRITTEN, TYPED = 0.4, 0.6, 0.25
# News is what is read most and was written least of: each query on it counts so many times.
TIMES = 3
# Every so many steps progress is shown and what was learnt is kept.
SAVED = 20
# So many of the written articles are learnt from; those after them are kept for training/calibrate.py.
NEWS_SEEN = 28
WARM_UP = 60
Place = tuple[int, int] | None
Item = TypeVar("Item", Asked, Query)


@dataclass(frozen=True, slots=True)
class Material:
    """Paragraphs, questions of crowd workers and written queries on them, articles that training never sees.

    From the row `news` on, paragraphs are of written articles.
    """

    paragraphs: list[Paragraph]
    news: int
    asked: list[Asked]
    written: list[Query]
    hidden: set[int]

    def seen(self, rows: Iterable[Item]) -> list[Item]:
        """Return those questions or queries whose article training may see."""
        return [item for item in rows if self.paragraphs[item.row].article not in self.hidden]

    def unseen(self, rows: Iterable[Item]) -> list[Item]:
        """Return the others."""
        return [item for item in rows if self.paragraphs[item.row].article in self.hidden]


@dataclass(frozen=True, slots=True)
class Case:
    """A query with the row that answers it first, then rows that do not."""

    query: Query
    rows: list[int]


@dataclass(frozen=True, slots=True)
class Losses:
    """What is minimised: ranking, a first guess at it, yes or no, pointing at the span, choosing the sentences."""

    ranking: Tensor
    skim: Tensor
    binary: Tensor
    pointing: Tensor
    sentence: Tensor

    @property
    def total(self) -> Tensor:
        return self.ranking + 0.5 * self.skim + 0.3 * self.binary + 0.5 * self.pointing + 0.5 * self.sentence

    def values(self) -> list[float]:
        each = (self.ranking, self.skim, self.binary, self.pointing, self.sentence)
        return [float(loss.detach()) for loss in each]


def main(
    path: Annotated[Path, typer.Argument()],
    out: Annotated[Path, typer.Option(help="Where the adapter goes; its card beside it.")] = ADAPTER,
    state: Annotated[Path, typer.Option(help="Where an interrupted training is kept, to go on.")] = STATE,
    steps: int = 1500,
    rank: int = 48,
    rate: float = 8e-4,
    questions: int = 8,
    negatives: int = 3,
) -> None:
    """Train and save; the rate falls to nothing over the steps. The same command goes on where it was interrupted."""
    stay_local()
    # Each length of a text is another kernel; by default most would be compiled anew again and again.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16384")
    torch.manual_seed(SEED)
    material = collected(path)
    asked, written = material.seen(material.asked), material.seen(material.written)
    model = Model(LowRankEncoder(load_weights(WEIGHTS), rank))
    counts = f"{len(material.paragraphs)} paragraphs, {len(asked)} questions, {len(written)} written queries"
    typer.echo(f"{counts}, {model.size:,} trained parameters")
    _train(model, Batches(material, questions, negatives), steps, rate, out, state)


def collected(path: Path) -> Material:
    """Return what there is to learn from: the file at `path`, and what was written."""
    paragraphs, asked = load(path)
    written = load_questions(QUESTIONS, paragraphs)
    news, more = load_news(NEWS, len(paragraphs))
    written_articles = sorted({paragraph.article for paragraph in news})
    hidden = held_out(paragraphs, HELD_OUT, SEED) | set(written_articles[NEWS_SEEN:])
    return Material([*paragraphs, *news], len(paragraphs), asked, [*written, *more], hidden)


@dataclass(frozen=True, slots=True)
class Read:
    """The places of a row's tokens, and what the heads say: first guess, relevance, sentences, start and end."""

    places: list[Place]
    skim: Tensor
    relevance: Tensor
    sentence: Tensor
    ends: Tensor


class Model:
    """The encoder with its adapter, and the heads; `parameters` are what is trained, by their names in the file."""

    def __init__(self, encoder: LowRankEncoder) -> None:
        self.encoder = encoder
        self.heads = {}
        for name, (rows, columns) in HEADS.items():
            self.heads[f"{name}.weight"] = nn.Parameter(torch.randn(rows, columns) * 0.02)
            self.heads[f"{name}.bias"] = nn.Parameter(torch.zeros(rows))
        self.parameters = encoder.parameters | {f"heads.{name}": head for name, head in self.heads.items()}

    @property
    def size(self) -> int:
        """Return the number of trained parameters."""
        return sum(parameter.numel() for parameter in self.parameters.values())

    def read(self, rows: Sequence[tuple[str, str, str]]) -> list["Read"]:
        """Return what the heads say of each (query, heading, words)."""
        encoded = [encode(*row) for row in rows]
        batch = pack([row.ids for row in encoded], [row.segments for row in encoded])
        early = self.encoder.layers(self.encoder.embedded(batch), batch, range(SKIM))
        late = self.encoder.layers(early, batch, range(SKIM, LAYERS)).float()
        found = []
        for row, start, length in zip(encoded, batch.starts, batch.lengths, strict=True):
            part = slice(start, start + length)
            skim = relevance(early[part].float(), self.heads, "skim")
            found.append(Read(row.places, skim, *heads_on(late[part], self.heads)))
        return found

    def save(self, out: Path, steps: int) -> None:
        """Write the adapter (float16) and its card."""
        out.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: p.detach().half().contiguous() for name, p in self.parameters.items()}, out)
        card = {
            "sha256": sha256_of(out),
            "base": "all-MiniLM-L6-v2",
            "base_sha256": SHA256,
            "steps": steps,
            "seed": SEED,
        }
        out.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")


class Pool:
    """Paragraphs of one origin, searched by words and by vectors, for what is confusingly like the right one."""

    def __init__(self, paragraphs: Sequence[Paragraph], rows: range) -> None:
        self.rows = rows
        texts = [f"{paragraphs[row].title}\n{paragraphs[row].text}" for row in rows]
        self._words = Bm25(texts)
        self._embedder = SentenceTransformerEmbedder()
        self._vectors = self._embedder.embed_passages(texts)

    def ranked(self, query: str, count: int) -> list[int]:
        """Return the rows of the paragraphs most like a query."""
        words = self._words.scores(query)
        scores: NDArray[np.float64] = 0.5 * words / max(words.max(), 1e-9)
        scores = scores + self._vectors @ self._embedder.embed_query(query)
        return [self.rows[int(place)] for place in np.argsort(-scores)[:count]]


class Batches:
    """What each step learns from; the same step has the same cases at every run, whatever came before."""

    def __init__(self, material: Material, questions: int, negatives: int) -> None:
        self.paragraphs = material.paragraphs
        self._asked, written = material.seen(material.asked), material.seen(material.written)
        self._written = [query for query in written for _ in range(TIMES if query.row >= material.news else 1)]
        self._questions, self._negatives = questions, negatives
        self._pools = [
            Pool(self.paragraphs, rows) for rows in (range(material.news), range(material.news, len(self.paragraphs)))
        ]
        self._rarity = Rarity(self.paragraphs[: material.news])

    def at(self, step: int, first: int) -> list[Case]:
        """Return the cases of a step; before the step `first`, none of them written."""
        written = round(WRITTEN * self._questions) if step >= first and self._written else 0
        asked = self._questions - written
        before = min(step, first) * self._questions + max(step - first, 0) * asked
        rng = random.Random(f"{SEED} {step}")
        found = [self._asked_at(before + slot, rng) for slot in range(asked)]
        found += [self._written_at((step - first) * written + slot, rng) for slot in range(written)]
        return [self._case(query, rng) for query in found]

    def _asked_at(self, number: int, rng: random.Random) -> Query:
        question = _shuffled(self._asked, number)
        return draw(question, self.paragraphs[question.row], self._rarity, rng)

    def _written_at(self, number: int, rng: random.Random) -> Query:
        query = _shuffled(self._written, number)
        asked = query.kind not in ("claim", "topic")
        return replace(query, text=typed(query.text)) if asked and rng.random() < TYPED else query

    def _case(self, query: Query, rng: random.Random) -> Case:
        answer = query.span.of(self.paragraphs[query.row].text).casefold() if query.span else ""
        pool = next(pool for pool in self._pools if query.row in pool.rows)
        near = [row for row in pool.ranked(query.text, NEAR) if self._is_wrong(row, query, answer)]
        if len(near) < self._negatives:
            others = [row for row in pool.rows if row not in near and self._is_wrong(row, query, answer)]
            near += rng.sample(others, self._negatives - len(near))
        # Mostly the most confusing ones, one from further down.
        hard = rng.sample(near[:HARD], min(self._negatives - 1, len(near[:HARD])))
        rest = [row for row in near if row not in hard]
        return Case(query, [query.row, *hard, *rng.sample(rest, self._negatives - len(hard))])

    def _is_wrong(self, row: int, query: Query, answer: str) -> bool:
        if row == query.row:
            return False
        if query.kind == NOT_HERE:
            # Another paragraph of the article may answer it.
            return self.paragraphs[row].article != self.paragraphs[query.row].article
        # A paragraph with the same words, two or more, as the answer may be right too.
        return not (" " in answer and answer in self.paragraphs[row].text.casefold())


def _shuffled(items: Sequence[Item], number: int) -> Item:
    """Return an item of an endless list in which each item comes once an epoch, in a new order each."""
    epoch, place = divmod(number, len(items))
    return items[_order(len(items), epoch)[place]]


@lru_cache(maxsize=4)
def _order(count: int, epoch: int) -> list[int]:
    return random.Random(f"{SEED} epoch {epoch}").sample(range(count), count)


def _train(model: Model, batches: Batches, steps: int, rate: float, out: Path, state: Path) -> None:
    adapters = [p for name, p in model.parameters.items() if name.endswith((".down", ".up"))]
    others = [p for name, p in model.parameters.items() if not name.endswith((".down", ".up"))]
    groups = [{"params": adapters, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))
    start = _resumed(model, optimizer, state)
    began = time.monotonic()
    recent: list[list[float]] = []
    for step in range(start, steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / WARM_UP) * max(1 - step / steps, 0.01)
        model.encoder.begin()
        cases = batches.at(step, round(CROWD * steps))
        losses = _losses(model, batches.paragraphs, cases, random.Random(f"{SEED} {step} titles"))
        optimizer.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*adapters, *others], 1.0)
        optimizer.step()
        recent.append(losses.values())
        if (step + 1) % SAVED == 0:
            seconds = (time.monotonic() - began) / (step + 1 - start)
            typer.echo(_line(step + 1, steps, np.mean(recent, axis=0), seconds))
            recent = []
            torch.save({"step": step + 1, "parameters": model.parameters, "optimizer": optimizer.state_dict()}, state)
    model.save(out, steps)
    state.unlink(missing_ok=True)


def _resumed(model: Model, optimizer: torch.optim.Optimizer, state: Path) -> int:
    """Take up training where it was interrupted; return the number of steps done."""
    if not state.is_file():
        return 0
    saved = torch.load(state, weights_only=True)
    with torch.no_grad():
        for name, parameter in model.parameters.items():
            parameter.copy_(saved["parameters"][name])
    optimizer.load_state_dict(saved["optimizer"])
    typer.echo(f"{state}: going on after step {saved['step']}")
    return int(saved["step"])


def _line(step: int, steps: int, means: NDArray[np.float64], seconds: float) -> str:
    names = ("ranking", "skim", "yes or no", "span", "sentence")
    parts = ", ".join(f"{name} {mean:.3f}" for name, mean in zip(names, means, strict=True))
    return f"step {step} of {steps}: {parts}; {(steps - step) * seconds / 60:.0f} minutes left"


def _losses(model: Model, paragraphs: Sequence[Paragraph], cases: Sequence[Case], rng: random.Random) -> Losses:
    rows: list[tuple[Case, int, tuple[str, str, str]]] = []
    for case in cases:
        titled = rng.random() < TITLED
        for place, row in enumerate(case.rows):
            title = paragraphs[row].title if titled else ""
            rows.append((case, place, (case.query.text, title, paragraphs[row].text)))
    order = sorted(range(len(rows)), key=lambda number: len(rows[number][2][2]))
    read: dict[int, Read] = {}
    pointing: list[Tensor] = []
    sentences: list[tuple[Tensor, float]] = []
    for part in (order[first : first + AT_ONCE] for first in range(0, len(order), AT_ONCE)):
        for number, found in zip(part, model.read([rows[n][2] for n in part]), strict=True):
            case, place, _ = rows[number]
            read[number] = found
            # Of the rows that do not answer, one teaches that the answer is nowhere.
            if place < 2:
                holds = case.query.holds if place == 0 else ()
                pointing.append(_pointing(found, case.query.span if holds else None))
                sentences += _sentence_targets(found, paragraphs[case.rows[place]].sentences, holds)
    table = torch.stack([read[number].relevance for number in range(len(rows))]).view(len(cases), -1)
    skim = torch.stack([read[number].skim for number in range(len(rows))]).view(len(cases), -1)
    answered = torch.tensor([bool(case.query.holds) for case in cases])
    values = torch.stack([value for value, _ in sentences])
    wanted = torch.tensor([target for _, target in sentences])
    return Losses(
        ranking=_ranking(table, answered),
        skim=_ranking(skim, answered),
        binary=_binary(table, answered),
        pointing=torch.stack(pointing).mean(),
        sentence=functional.binary_cross_entropy_with_logits(values, wanted),
    )


def _ranking(table: Tensor, answered: Tensor) -> Tensor:
    """Return the cross-entropy of the choice among the rows of each case and "none of these", whose logit is 0."""
    choices = torch.cat([table, torch.zeros(len(table), 1)], dim=1)
    return functional.cross_entropy(choices, torch.where(answered, 0, table.shape[1]))


def _binary(table: Tensor, answered: Tensor) -> Tensor:
    """Return the cross-entropy of "this row answers", right rows weighted so that they count as much as wrong ones."""
    wanted = torch.zeros_like(table)
    wanted[:, 0] = answered.float()
    weight = torch.where(wanted > 0, float(table.shape[1] - 1), 1.0)
    each = functional.binary_cross_entropy_with_logits(table, wanted, reduction="none")
    return (each * weight).sum() / weight.sum()


def _pointing(read: Read, span: Span | None) -> Tensor:
    inside = tokens_of(span, read.places) if span else []
    target = torch.tensor([inside[0], inside[-1]]) if inside else torch.zeros(2, dtype=torch.long)
    return functional.cross_entropy(read.ends.T, target)


def _sentence_targets(read: Read, sentences: Sequence[Span], holds: Sequence[Span]) -> list[tuple[Tensor, float]]:
    found = []
    for span in sentences:
        tokens = tokens_of(span, read.places)
        if tokens:
            answers = any(part.start < span.end and span.start < part.end for part in holds)
            found.append((read.sentence[tokens].mean(), float(answers)))
    return found


if __name__ == "__main__":
    typer.run(main)
