"""The packaged model as a module of sentence-transformers, so that it embeds through our encoder."""

from collections.abc import Sequence
from typing import Any

import torch
from sentence_transformers.base.modules import InputModule
from torch import Tensor
from torch.nn import functional

from index.minilm import WEIGHTS
from index.minilm.encoder import CLS, HIDDEN, SEP, Packed, fast_encoder, load_weights, pack, tokenizer

# What the published model was set to; longer texts are cut off by it.
LONGEST = 256


class PackedMiniLM(InputModule):
    """Texts → unit vectors: the encoder, the mean of its states, scaled to length 1."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.encoder = fast_encoder(load_weights(WEIGHTS))

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        """Return the texts packed."""
        encoded = tokenizer().encode_batch([(prompt or "") + text for text in inputs], add_special_tokens=False)
        return {"packed": pack([[CLS, *text.ids[: LONGEST - 2], SEP] for text in encoded])}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add the vectors, shape (texts, 384), float32."""
        packed: Packed = features["packed"]
        states = self.encoder.states(packed).float()
        features["sentence_embedding"] = functional.normalize(_means(states, packed), dim=1)
        return features

    def get_embedding_dimension(self) -> int:
        """Return the length of a vector."""
        return HIDDEN

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Refuse: the packaged model is read, never written."""
        raise NotImplementedError(f"nothing is written to {output_path}: the packaged model is only read")


def _means(states: Tensor, packed: Packed) -> Tensor:
    """Return the mean state of each text."""
    lengths = torch.tensor(packed.lengths)
    owner = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
    sums = torch.zeros(len(lengths), HIDDEN).index_add_(0, owner, states[: len(owner)])
    return sums / lengths[:, None]
