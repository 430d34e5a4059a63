"""all-MiniLM-L6-v2 (BERT, 6 layers) over packed tokens: no arithmetic is spent on padding, nor on digits nobody needs.

The architecture is that of Devlin et al., "BERT" (2019), in the sizes of Wang et al., "MiniLM" (2020). Texts of
unlike length lie end to end in one row of tokens; only attention, which must not look into a neighbour, sees
them side by side.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from index.minilm import TOKENIZER

HIDDEN = 384
HEADS = 12
LAYERS = 6
EPSILON = 1e-12
# The tokens that begin a row and end a text, in the published vocabulary.
CLS, SEP = 101, 102
# Totals and lengths are rounded up to these, so that the runtime meets few shapes: it compiles a kernel for each.
TOTAL_STEP, LENGTH_STEP = 64, 16
# As many tokens are best computed at once: more of them leave the processor's cache between two layers.
AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Packed:
    """Texts end to end: ids, segments and positions of the tokens, each of shape (tokens,).

    `spread` (texts, longest) holds the row of each token where texts lie side by side, `gathered` (tokens,)
    the way back; `mask` (texts, 1, 1, longest) is -inf where there is no token. `starts` and `lengths`
    say where each text lies.
    """

    ids: Tensor
    segments: Tensor
    positions: Tensor
    spread: Tensor
    gathered: Tensor
    mask: Tensor
    starts: tuple[int, ...]
    lengths: tuple[int, ...]


def pack(texts: Sequence[Sequence[int]], segments: Sequence[Sequence[int]] | None = None) -> Packed:
    """Return texts, given as lists of token ids, packed; without segments all tokens are of the first."""
    lengths = torch.tensor([len(text) for text in texts])
    ends = torch.cumsum(lengths, 0)
    total = int(ends[-1])
    step = TOTAL_STEP if total > TOTAL_STEP else LENGTH_STEP
    padded = -(-total // step) * step
    # A power of two would put all rows of attention into the same lines of the processor's cache.
    longest = -(-int(lengths.max()) // LENGTH_STEP) * LENGTH_STEP + 8
    text_of = torch.repeat_interleave(torch.arange(len(texts)), lengths)
    place = torch.arange(total) - torch.repeat_interleave(ends - lengths, lengths)
    spread = torch.full((len(texts), longest), padded - 1)
    spread[text_of, place] = torch.arange(total)
    mask = torch.full((len(texts), longest), float("-inf"))
    mask[text_of, place] = 0
    return Packed(
        ids=_row([token for text in texts for token in text], padded),
        segments=_row([kind for row in segments or () for kind in row], padded),
        positions=_padded(place, padded),
        spread=spread,
        gathered=_padded(text_of * longest + place, padded),
        mask=mask[:, None, None, :],
        starts=tuple((ends - lengths).tolist()),
        lengths=tuple(lengths.tolist()),
    )


def _row(values: list[int], length: int) -> Tensor:
    return _padded(torch.tensor(values, dtype=torch.long), length)


def _padded(values: Tensor, length: int) -> Tensor:
    return functional.pad(values, (0, length - len(values)))


class Encoder:
    """Packed tokens → their last hidden states. Weights by the names of the published file, with q, k and v joined."""

    def __init__(self, weights: Mapping[str, Tensor], dtype: torch.dtype) -> None:
        self.weights = {name: tensor.to(dtype) for name, tensor in weights.items()}
        self.dtype = dtype

    def states(self, batch: Packed) -> Tensor:
        """Return the states, shape (tokens, 384); rows after the last text hold nothing of use."""
        return self.layers(self.embedded(batch), batch, range(LAYERS))

    def embedded(self, batch: Packed) -> Tensor:
        """Return the states before the first layer, shape (tokens, 384)."""
        w = self.weights
        x = functional.embedding(batch.ids, w["embeddings.word_embeddings.weight"])
        x = x + functional.embedding(batch.positions, w["embeddings.position_embeddings.weight"])
        x = x + functional.embedding(batch.segments, w["embeddings.token_type_embeddings.weight"])
        return self._norm(x, "embeddings.LayerNorm")

    def layers(self, x: Tensor, batch: Packed, numbers: Iterable[int]) -> Tensor:
        """Return the states after the layers of these numbers, one after the other."""
        mask = batch.mask.to(self.dtype)
        for number in numbers:
            x = self._layer(x, f"encoder.layer.{number}.", batch, mask)
        return x

    def _layer(self, x: Tensor, name: str, batch: Packed, mask: Tensor) -> Tensor:
        attended = self._attention(self.linear(x, name + "attention.self.qkv"), batch, mask)
        x = self._norm(
            self.linear_added(attended, name + "attention.output.dense", x), name + "attention.output.LayerNorm"
        )
        inner = self.linear_gelu(x, name + "intermediate.dense")
        return self._norm(self.linear_added(inner, name + "output.dense", x), name + "output.LayerNorm")

    def _attention(self, qkv: Tensor, batch: Packed, mask: Tensor) -> Tensor:
        rows, longest = batch.spread.shape
        sides = self.spread(qkv, batch).view(rows, longest, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        q, k, v = sides.reshape(3, rows * HEADS, longest, -1)
        masks = mask.expand(rows, HEADS, 1, longest).reshape(rows * HEADS, 1, longest)
        weights = torch.softmax(torch.baddbmm(masks, q, k.transpose(1, 2), alpha=(HIDDEN // HEADS) ** -0.5), -1)
        mixed = (weights @ v).view(rows, HEADS, longest, -1).transpose(1, 2).reshape(rows * longest, HIDDEN)
        return self.gather(mixed, batch)

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return functional.layer_norm(
            x, (HIDDEN,), self.weights[name + ".weight"], self.weights[name + ".bias"], EPSILON
        )

    def linear(self, x: Tensor, name: str) -> Tensor:
        """Apply a linear layer."""
        return functional.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def linear_added(self, x: Tensor, name: str, other: Tensor) -> Tensor:
        """Apply a linear layer and add."""
        return other + self.linear(x, name)

    def linear_gelu(self, x: Tensor, name: str) -> Tensor:
        """Apply a linear layer, then GELU."""
        return functional.gelu(self.linear(x, name))

    def spread(self, x: Tensor, batch: Packed) -> Tensor:
        """Return the rows of packed texts with the texts side by side, shape (texts * longest, …)."""
        return x[batch.spread.view(-1)]

    def gather(self, x: Tensor, batch: Packed) -> Tensor:
        """Return the rows of texts that lie side by side packed again, shape (tokens, …)."""
        return x[batch.gathered]


class FusedEncoder(Encoder):
    """The encoder in bfloat16, its linear layers laid out for the processor once and fused with what follows them.

    Without this the runtime would lay out every weight anew in every call. The operators are those that
    torch's own compiler uses for oneDNN.
    """

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__(weights, torch.bfloat16)
        for name, weight in self.weights.items():
            if name.startswith("encoder") and weight.ndim == 2:
                self.weights[name] = torch.ops.mkldnn._reorder_linear_weight(weight, AT_ONCE)

    def linear(self, x: Tensor, name: str) -> Tensor:
        return self._fused(x, name, "none", [], "")

    def linear_added(self, x: Tensor, name: str, other: Tensor) -> Tensor:
        weight, bias = self.weights[name + ".weight"], self.weights[name + ".bias"]
        found: Tensor = torch.ops.mkldnn._linear_pointwise.binary(x, other, weight, bias, "add")
        return found

    def linear_gelu(self, x: Tensor, name: str) -> Tensor:
        return self._fused(x, name, "gelu", [], "none")

    def _fused(self, x: Tensor, name: str, *after: object) -> Tensor:
        weight, bias = self.weights[name + ".weight"], self.weights[name + ".bias"]
        found: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, *after)
        return found


def fast_encoder(weights: Mapping[str, Tensor]) -> Encoder:
    """Return the encoder that is fastest on this processor: bfloat16 where it computes with it, float32 elsewhere."""
    supported = torch.ops.mkldnn._is_mkldnn_bf16_supported() and torch.cpu._is_avx512_bf16_supported()
    return FusedEncoder(weights) if supported else Encoder(weights, torch.float32)


def load_weights(path: Path) -> dict[str, Tensor]:
    """Return the published weights (float32), the three projections of attention joined into one."""
    weights = {name: tensor for name, tensor in load_file(path).items() if name.startswith(("embeddings", "encoder"))}
    weights.pop("embeddings.position_ids", None)
    for number in range(LAYERS):
        name = f"encoder.layer.{number}.attention.self."
        for part in ("weight", "bias"):
            sides = [weights.pop(f"{name}{side}.{part}") for side in ("query", "key", "value")]
            weights[f"{name}qkv.{part}"] = torch.cat(sides)
    return weights


@cache
def tokenizer() -> Tokenizer:
    """Return the tokenizer of the packaged model; it neither pads nor cuts off."""
    found = Tokenizer.from_file(str(TOKENIZER))
    found.no_padding()
    found.no_truncation()
    return found
