"""(question, passage) → relevance, the sentences that answer, the span: MiniLM reading both at once, with our adapter.

The reader is all-MiniLM-L6-v2 as a cross-encoder: the packaged weights, plus a low-rank adapter on every
linear layer (Hu et al., "LoRA", 2021), plus heads: how relevant a passage is (on [CLS] and the mean of all
tokens; a first guess after three layers spares most passages the rest), how much a sentence answers (on the
mean of its tokens), where the answer starts and ends (on every token, as in BERT for SQuAD; [CLS] stands for
"nowhere"). training/reader.py trains the adapter; docs/reader.md has the figures.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from index.errors import ReaderUnusable
from index.minilm import SHA256, WEIGHTS, sha256_of
from index.minilm.encoder import (
    AT_ONCE,
    CLS,
    HIDDEN,
    LAYERS,
    SEP,
    Encoder,
    fast_encoder,
    load_weights,
    pack,
    tokenizer,
)
from index.types import Page, Reading, Span

# Tokens of a question, of a heading, and of both with the passage.
QUESTION, HEADING, LONGEST = 96, 32, 288
# Tokens of the longest exact answer that is looked for.
ANSWER = 30
# After so many layers it is decided which passages are read to the end.
SKIM = 3
HEADS = {"skim": (1, 2 * HIDDEN), "relevance": (1, 2 * HIDDEN), "sentence": (1, HIDDEN), "span": (2, HIDDEN)}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A question and a page as one row of tokens; `places` are spans in the page's words, None for other tokens."""

    ids: list[int]
    segments: list[int]
    places: list[tuple[int, int] | None]


class Reader:
    """Reads pages beside a question: all through the first layers, the most promising to the end."""

    def __init__(self, encoder: Encoder, heads: Mapping[str, Tensor]) -> None:
        self._encoder = encoder
        self._heads = heads

    def read(self, question: str, pages: Sequence[Page], budget: int, thoroughly: int) -> list[Reading | None]:
        """Return the readings of the first pages, as many as `budget` tokens last for (one page always).

        Only `thoroughly` of them, those that look best after the first layers, are read to the end; for the
        others it has None.
        """
        rows: list[Encoded] = []
        for page in pages:
            rows.append(encode(question, page.heading, page.words))
            budget -= len(rows[-1].ids)
            if budget < 0 and len(rows) > 1:
                rows.pop()
                break
        with torch.inference_mode():
            skimmed = self._through(rows, [None] * len(rows), range(SKIM))
            scores = [float(relevance(states.float(), self._heads, "skim")) for states in skimmed]
            kept = sorted(range(len(rows)), key=lambda place: -scores[place])[:thoroughly]
            states = self._through([rows[n] for n in kept], [skimmed[n] for n in kept], range(SKIM, LAYERS))
            found = {
                place: _reading(pages[place], rows[place], ended.float(), self._heads)
                for place, ended in zip(kept, states, strict=True)
            }
        return [found.get(place) for place in range(len(rows))]

    def _through(self, rows: Sequence[Encoded], states: Sequence[Tensor | None], layers: Iterable[int]) -> list[Tensor]:
        """Return the states of each row after some layers; None stands for the states before the first."""
        layers = tuple(layers)
        found: dict[int, Tensor] = {}
        for part in _parts(rows):
            batch = pack([rows[n].ids for n in part], [rows[n].segments for n in part])
            before = [state for state in (states[n] for n in part) if state is not None]
            x = _padded(before, len(batch.ids)) if before else self._encoder.embedded(batch)
            x = self._encoder.layers(x, batch, layers)
            for n, start, length in zip(part, batch.starts, batch.lengths, strict=True):
                found[n] = x[start : start + length]
        return [found[n] for n in range(len(rows))]


def _parts(rows: Sequence[Encoded]) -> Iterator[list[int]]:
    """Yield the numbers of rows that are computed at once: of like length, few enough for the processor's cache."""
    part: list[int] = []
    room = AT_ONCE
    for n in sorted(range(len(rows)), key=lambda n: len(rows[n].ids)):
        if part and len(rows[n].ids) > room:
            yield part
            part, room = [], AT_ONCE
        part.append(n)
        room -= len(rows[n].ids)
    if part:
        yield part


def _padded(states: Sequence[Tensor], length: int) -> Tensor:
    joined = torch.cat(list(states))
    return functional.pad(joined, (0, 0, 0, length - len(joined)))


def load_reader(path: Path) -> Reader:
    """Return the reader with the adapter at `path`; raise ReaderUnusable where it is missing, damaged or unfit."""
    remedy = "restore it from the repository; until then passages are ranked without the reader"
    try:
        card = json.loads(path.with_suffix(".json").read_bytes())
        if sha256_of(path) != card["sha256"] or card["base_sha256"] != SHA256:
            raise ReaderUnusable(f"{path}: not the adapter that its card describes (SHA-256 differs); {remedy}")
        adapter = load_file(path)
        return Reader(fast_encoder(merged(load_weights(WEIGHTS), adapter)), _heads(adapter))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ReaderUnusable(f"{path}: not readable ({reason}); {remedy}") from error


def merged(weights: dict[str, Tensor], adapter: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights with the adapter in them: W + up down, and the vectors that were trained whole."""
    found = dict(weights)
    for name, tensor in adapter.items():
        if name.endswith(".down"):
            weight = name.removesuffix(".down")
            found[weight] = weights[weight] + adapter[f"{weight}.up"].float() @ tensor.float()
        elif name in weights:
            found[name] = tensor.float().view_as(weights[name])
    return found


def _heads(adapter: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        f"{name}.{part}": adapter[f"heads.{name}.{part}"].float().view(shape)
        for name, (rows, columns) in HEADS.items()
        for part, shape in (("weight", (rows, columns)), ("bias", (rows,)))
    }


def encode(question: str, heading: str, words: str) -> Encoded:
    """Return [CLS] question [SEP] heading, words [SEP] as tokens; what does not fit is cut off at the end."""
    asked = tokenizer().encode(question, add_special_tokens=False).ids[:QUESTION]
    title = tokenizer().encode(heading, add_special_tokens=False).ids[:HEADING]
    read = tokenizer().encode(words, add_special_tokens=False)
    room = LONGEST - len(asked) - len(title) - 3
    before = len(asked) + 2
    ids = [CLS, *asked, SEP, *title, *read.ids[:room], SEP]
    places: list[tuple[int, int] | None] = [None] * (before + len(title))
    places += [(start, end) for start, end in read.offsets[:room]]
    return Encoded(ids, [0] * before + [1] * (len(ids) - before), [*places, None])


def heads_on(states: Tensor, heads: Mapping[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Return relevance (), sentence logit (tokens,), start and end logits (tokens, 2) of the states of one row."""
    sentence = functional.linear(states, heads["sentence.weight"], heads["sentence.bias"])[:, 0]
    spans = functional.linear(states, heads["span.weight"], heads["span.bias"])
    return relevance(states, heads, "relevance"), sentence, spans


def relevance(states: Tensor, heads: Mapping[str, Tensor], name: str) -> Tensor:
    """Return what the head "relevance", or after the first layers "skim", says of the states of one row; shape ()."""
    whole = torch.cat([states[0], states.mean(0)])
    return functional.linear(whole, heads[f"{name}.weight"], heads[f"{name}.bias"])[0]


def tokens_of(span: Span, places: Sequence[tuple[int, int] | None]) -> list[int]:
    """Return which tokens lie, if only with a part, in a span of the page's words."""
    return [token for token, place in enumerate(places) if place and place[0] < span.end and place[1] > span.start]


def _reading(page: Page, row: Encoded, states: Tensor, heads: Mapping[str, Tensor]) -> Reading:
    relevant, sentence, ends = heads_on(states, heads)
    found = [tokens_of(span, row.places) for span in page.sentences]
    span, margin = _best_span(ends, row.places)
    span = whole_words(span, page.words)
    return Reading(
        relevance=float(relevant),
        sentences=tuple(float(sentence[tokens].mean()) if tokens else float("-inf") for tokens in found),
        span=span,
        margin=margin,
    )


def whole_words(span: Span, text: str) -> Span:
    """Return a span widened to whole words: tokens are pieces of words, and may leave an accent behind."""
    start, end = span.start, span.end
    while 0 < start < end and _goes_on(text[start - 1], text[start]):
        start -= 1
    while start < end < len(text) and _goes_on(text[end - 1], text[end]):
        end += 1
    return Span(start, end)


def _goes_on(before: str, after: str) -> bool:
    """Say whether two characters are of one word; a combining mark is of the word before it."""
    marked = unicodedata.category(after).startswith("M")
    return marked or ((before.isalnum() or unicodedata.category(before).startswith("M")) and after.isalnum())


def _best_span(ends: Tensor, places: Sequence[tuple[int, int] | None]) -> tuple[Span, float]:
    """Return the likeliest span and its lead over "nowhere"; an empty span where the page has no token."""
    nowhere = float(ends[0, 0] + ends[0, 1])
    inside = torch.tensor([place is not None for place in places])
    first = int(inside.float().argmax())
    count = int(inside.sum())
    if not count:
        return Span(0, 0), float("-inf")
    starts, stops = ends[first : first + count, 0], ends[first : first + count, 1]
    scores = starts[:, None] + stops[None, :]
    allowed = torch.ones_like(scores).triu().tril(ANSWER - 1).bool()
    best = int(scores.masked_fill(~allowed, float("-inf")).argmax())
    start, stop = places[first + best // count], places[first + best % count]
    assert start is not None
    assert stop is not None
    return Span(start[0], stop[1]), float(scores.flatten()[best]) - nowhere
