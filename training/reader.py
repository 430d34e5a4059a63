"""Train the reader's adapter on questions whose answer is known (SQuAD 1.1 format).

    python -m training.reader QUESTIONS.json

About an hour on two cores. Seeds are fixed; progress is printed; the adapter and its card are saved now and
then. Some articles are held out: training never sees their questions, so that training/calibrate.py can fit
on them what the scores mean.
"""

import json
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from index.embedding import SentenceTransformerEmbedder
from index.minilm import SHA256, WEIGHTS, sha256_of
from index.minilm.encoder import load_weights, pack
from index.reader import HEADS, encode, heads_on, tokens_of
from index.settings import Settings, stay_local
from index.types import Span
from training.data import Asked, Bm25, Paragraph, Query, Rarity, draw, held_out, load
from training.lowrank import LowRankEncoder

ADAPTER = Settings().reader
HELD_OUT = 7
SEED = 11
# Rows of tokens that are computed at once; sorted by length, so that little is wasted.
AT_ONCE = 10
# Of a query's rows, how many are searched for negatives, and how many of them count as the most confusing.
NEAR, HARD = 24, 8
TITLED = 0.6
WARM_UP = 60
Place = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Case:
    """A query with the row that answers it first, then rows that do not."""

    query: Query
    rows: list[int]


@dataclass(frozen=True, slots=True)
class Losses:
    """What is minimised: ranking, yes or no, pointing at the span, choosing the sentence."""

    ranking: Tensor
    binary: Tensor
    pointing: Tensor
    sentence: Tensor

    @property
    def total(self) -> Tensor:
        return self.ranking + 0.3 * self.binary + 0.5 * self.pointing + 0.5 * self.sentence

    def values(self) -> list[float]:
        return [float(loss.detach()) for loss in (self.ranking, self.binary, self.pointing, self.sentence)]


def main(
    path: Annotated[Path, typer.Argument()],
    out: Annotated[Path, typer.Option(help="Where the adapter goes; its card beside it.")] = ADAPTER,
    steps: int = 1800,
    rank: int = 48,
    rate: float = 8e-4,
    questions: int = 8,
    negatives: int = 3,
) -> None:
    """Train and save; the rate falls to nothing over the steps."""
    stay_local()
    # Each length of a text is another kernel; by default most would be compiled anew again and again.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16384")
    torch.manual_seed(SEED)
    paragraphs, asked = load(path)
    hidden = held_out(paragraphs, asked, HELD_OUT, SEED)
    seen = [q for q, held in zip(asked, hidden, strict=True) if not held]
    model = Model(LowRankEncoder(load_weights(WEIGHTS), rank))
    typer.echo(f"{len(paragraphs)} paragraphs, {len(seen)} questions, {model.size:,} trained parameters")
    batches = Batches(paragraphs, seen, Pool(paragraphs), questions, negatives)
    _train(model, batches, steps, rate, out)


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

    def read(self, rows: Sequence[tuple[str, str, str]]) -> list[tuple[list[Place], Tensor, Tensor, Tensor]]:
        """Return, for each (query, heading, words): the places of its tokens, and what the heads say of them."""
        encoded = [encode(*row) for row in rows]
        batch = pack([row.ids for row in encoded], [row.segments for row in encoded])
        states = self.encoder.states(batch).float()
        return [
            (row.places, *heads_on(states[start : start + length], self.heads))
            for row, start, length in zip(encoded, batch.starts, batch.lengths, strict=True)
        ]

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
    """All paragraphs, searched by words and by vectors, for what is confusingly like the right one."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        self._words = Bm25([f"{p.title} {p.text}" for p in paragraphs])
        self._embedder = SentenceTransformerEmbedder()
        self._vectors = self._embedder.embed_passages([f"{p.title}\n{p.text}" for p in paragraphs])

    def ranked(self, query: str, count: int) -> list[int]:
        """Return the rows of the paragraphs most like a query."""
        words = self._words.scores(query)
        scores: NDArray[np.float64] = 0.5 * words / max(words.max(), 1e-9)
        return [int(row) for row in np.argsort(-(scores + self._vectors @ self._embedder.embed_query(query)))[:count]]


class Batches:
    """Draws cases without end: each question once an epoch, each time as a query of a kind drawn anew."""

    def __init__(
        self, paragraphs: Sequence[Paragraph], asked: Sequence[Asked], pool: Pool, questions: int, negatives: int
    ) -> None:
        self.paragraphs, self._asked, self._pool = paragraphs, list(asked), pool
        self._questions, self._negatives = questions, negatives
        self._rng = random.Random(SEED)
        self._rarity = Rarity(paragraphs)
        self._queue: list[Asked] = []

    def next(self) -> list[Case]:
        """Return the cases of a step."""
        while len(self._queue) < self._questions:
            self._rng.shuffle(self._asked)
            self._queue.extend(self._asked)
        return [self._case(self._queue.pop(0)) for _ in range(self._questions)]

    def _case(self, asked: Asked) -> Case:
        query = draw(asked, self.paragraphs[asked.row], self._rarity, self._rng)
        answer = query.span.of(self.paragraphs[query.row].text).casefold()
        near = [row for row in self._pool.ranked(query.text, NEAR) if self._is_wrong(row, query, answer)]
        while len(near) < self._negatives:
            near.append(self._rng.choice([row for row in range(len(self.paragraphs)) if row != query.row]))
        # Mostly the most confusing ones, one from further down.
        hard = self._rng.sample(near[:HARD], min(self._negatives - 1, len(near[:HARD])))
        rest = [row for row in near if row not in hard]
        return Case(query, [query.row, *hard, *self._rng.sample(rest, self._negatives - len(hard))])

    def _is_wrong(self, row: int, query: Query, answer: str) -> bool:
        # A paragraph with the same words, two or more, as the answer may be right too.
        return row != query.row and not (" " in answer and answer in self.paragraphs[row].text.casefold())


def _train(model: Model, batches: Batches, steps: int, rate: float, out: Path) -> None:
    adapters = [p for name, p in model.parameters.items() if name.endswith((".down", ".up"))]
    others = [p for name, p in model.parameters.items() if not name.endswith((".down", ".up"))]
    groups = [{"params": adapters, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))
    rng = random.Random(SEED)
    began = time.monotonic()
    recent: list[list[float]] = []
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / WARM_UP) * max(1 - step / steps, 0.01)
        model.encoder.begin()
        losses = _losses(model, batches.paragraphs, batches.next(), rng)
        optimizer.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*adapters, *others], 1.0)
        optimizer.step()
        recent.append(losses.values())
        if (step + 1) % max(steps // 50, 1) == 0:
            typer.echo(_line(step + 1, steps, np.mean(recent, axis=0), (time.monotonic() - began) / (step + 1)))
            recent = []
            model.save(out, step + 1)
    model.save(out, steps)


def _line(step: int, steps: int, means: NDArray[np.float64], seconds: float) -> str:
    names = ("ranking", "yes or no", "span", "sentence")
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
    scores: dict[int, Tensor] = {}
    pointing: list[Tensor] = []
    sentences: list[tuple[Tensor, float]] = []
    for part in (order[first : first + AT_ONCE] for first in range(0, len(order), AT_ONCE)):
        for number, (places, score, sentence, ends) in zip(part, model.read([rows[n][2] for n in part]), strict=True):
            case, place, _ = rows[number]
            scores[number] = score
            # Of the negatives, one teaches that the answer is nowhere.
            if place < 2:
                span = case.query.span if place == 0 else None
                pointing.append(_pointing(ends, places, span))
                sentences += _sentence_targets(sentence, places, paragraphs[case.rows[place]].sentences, span)
    table = torch.stack([scores[number] for number in range(len(rows))]).view(len(cases), -1)
    values = torch.stack([value for value, _ in sentences])
    wanted = torch.tensor([target for _, target in sentences])
    return Losses(
        ranking=functional.cross_entropy(table, torch.zeros(len(cases), dtype=torch.long)),
        binary=_binary(table),
        pointing=torch.stack(pointing).mean(),
        sentence=functional.binary_cross_entropy_with_logits(values, wanted),
    )


def _binary(table: Tensor) -> Tensor:
    """Return the cross-entropy of "this row answers", right rows weighted so that they count as much as wrong ones."""
    wanted = torch.zeros_like(table)
    wanted[:, 0] = 1
    weight = torch.where(wanted > 0, float(table.shape[1] - 1), 1.0)
    each = functional.binary_cross_entropy_with_logits(table, wanted, reduction="none")
    return (each * weight).sum() / weight.sum()


def _pointing(ends: Tensor, places: Sequence[Place], span: Span | None) -> Tensor:
    inside = tokens_of(span, places) if span else []
    target = torch.tensor([inside[0], inside[-1]]) if inside else torch.zeros(2, dtype=torch.long)
    return functional.cross_entropy(ends.T, target)


def _sentence_targets(
    logits: Tensor, places: Sequence[Place], sentences: Sequence[Span], answer: Span | None
) -> list[tuple[Tensor, float]]:
    found = []
    for span in sentences:
        tokens = tokens_of(span, places)
        if tokens:
            holds = answer is not None and answer.start < span.end and span.start < answer.end
            found.append((logits[tokens].mean(), float(holds)))
    return found


if __name__ == "__main__":
    typer.run(main)
