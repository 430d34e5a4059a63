"""The hand-written gradients of the low-rank encoder: those that autograd finds for the same arithmetic."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from index.minilm import WEIGHTS
from index.minilm.encoder import Encoder, Packed, load_weights, pack
from training.lowrank import LowRankEncoder

# Texts of unlike lengths: as they come, filling the row to its last token, and one alone.
BATCHES = {
    "three texts": [[101, 2040, 2626, 5616, 102], [101, 102], [101, *range(3000, 3030), 102]],
    "a full row": [[101, *range(2000, 2030), 102], [101, *range(3000, 3030), 102]],
    "one text": [[101, 4003, 2003, 102]],
}


class PlainEncoder(LowRankEncoder):
    """The same encoder, its gradients left to autograd."""

    def linear(self, x: Tensor, name: str) -> Tensor:
        weight = f"{name}.weight"
        low = self.weights[f"{weight}.up"] @ self.weights[f"{weight}.down"]
        return functional.linear(x, self.weights[weight] + low, self.weights[f"{name}.bias"])

    def spread(self, x: Tensor, batch: Packed) -> Tensor:
        return Encoder.spread(self, x, batch)

    def gather(self, x: Tensor, batch: Packed) -> Tensor:
        return Encoder.gather(self, x, batch)


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    return load_weights(WEIGHTS)


def made(kind: type[LowRankEncoder], weights: dict[str, Tensor], rank: int = 4) -> LowRankEncoder:
    """Return an encoder with the adapter of a fixed seed, in which no part is zero."""
    torch.manual_seed(3)
    encoder = kind(weights, rank, torch.float32)
    with torch.no_grad():
        for name, parameter in encoder.parameters.items():
            if name.endswith(".up"):
                parameter.copy_(torch.randn(parameter.shape) * 0.02)
    encoder.begin()
    return encoder


def batch_of(name: str) -> Packed:
    texts = BATCHES[name]
    return pack(texts, [[0] * 2 + [1] * (len(text) - 2) for text in texts])


def loss_of(states: Tensor, batch: Packed) -> Tensor:
    """Return a loss to which each text gives its first state and the mean of its states, padding nothing."""
    torch.manual_seed(4)
    found = torch.zeros(())
    for start, length in zip(batch.starts, batch.lengths, strict=True):
        text = states[start : start + length]
        found = found + (text[0] * torch.randn(384)).sum() + (text.mean(0) * torch.randn(384)).pow(2).sum()
    return found


def gradients(kind: type[LowRankEncoder], weights: dict[str, Tensor], batch: Packed) -> dict[str, Tensor]:
    encoder = made(kind, weights)
    loss_of(encoder.states(batch), batch).backward()  # type: ignore[no-untyped-call]
    return {name: p.grad for name, p in encoder.parameters.items() if p.grad is not None}


@pytest.mark.parametrize("name", BATCHES)
def test_the_gradients_are_those_of_autograd(name: str, weights: dict[str, Tensor]) -> None:
    batch = batch_of(name)
    found, expected = (gradients(kind, weights, batch) for kind in (LowRankEncoder, PlainEncoder))
    assert found.keys() == expected.keys() == made(LowRankEncoder, weights).parameters.keys()
    for parameter, gradient in expected.items():
        assert float((found[parameter] - gradient).norm()) <= 1e-4 * float(gradient.norm()) > 0, parameter


@pytest.mark.parametrize("name", BATCHES)
def test_the_states_are_those_of_the_merged_weights(name: str, weights: dict[str, Tensor]) -> None:
    batch = batch_of(name)
    encoder = made(LowRankEncoder, weights)
    merged = dict(weights)
    for parameter in [name for name in encoder.parameters if name.endswith(".down")]:
        weight = parameter.removesuffix(".down")
        merged[weight] = weights[weight] + encoder.parameters[f"{weight}.up"] @ encoder.parameters[parameter]
    with torch.no_grad():
        found, expected = encoder.states(batch), Encoder(merged, torch.float32).states(batch)
    total = sum(batch.lengths)
    torch.testing.assert_close(found[:total], expected[:total], atol=1e-4, rtol=1e-4)


def test_an_adapter_that_was_never_trained_changes_nothing(weights: dict[str, Tensor]) -> None:
    batch = batch_of("three texts")
    encoder = LowRankEncoder(weights, 4, torch.float32)
    encoder.begin()
    with torch.no_grad():
        found, expected = encoder.states(batch), Encoder(weights, torch.float32).states(batch)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_every_linear_layer_has_an_adapter_and_what_is_frozen_is_no_parameter(weights: dict[str, Tensor]) -> None:
    parameters = LowRankEncoder(weights, 4).parameters
    adapted = {name.removesuffix(".down") for name in parameters if name.endswith(".down")}
    assert adapted == {name for name in weights if name.startswith("encoder") and weights[name].ndim == 2}
    assert not adapted & parameters.keys()
    assert {name for name in weights if "embeddings.weight" in name} & parameters.keys() == {
        "embeddings.token_type_embeddings.weight"
    }


def test_the_published_weights_are_not_changed_by_training(weights: dict[str, Tensor]) -> None:
    before = {name: weight.clone() for name, weight in weights.items()}
    encoder = made(LowRankEncoder, weights)
    batch = batch_of("one text")
    optimizer = torch.optim.SGD(encoder.parameters.values(), lr=0.1)
    loss_of(encoder.states(batch), batch).backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    assert all(weight.equal(before[name]) for name, weight in weights.items())


@pytest.mark.parametrize("change", [lambda p: p.add_(0.5), lambda p: p.mul_(-1)], ids=["more", "turned"])
def test_a_step_takes_over_the_parameters_as_they_are(
    change: Callable[[Tensor], Tensor], weights: dict[str, Tensor]
) -> None:
    encoder = LowRankEncoder(weights, 4, torch.bfloat16)
    name = "encoder.layer.3.attention.output.LayerNorm.weight"
    with torch.no_grad():
        change(encoder.parameters[name])
    encoder.begin()
    assert encoder.weights[name].dtype == torch.bfloat16
    assert encoder.weights[name].equal(encoder.parameters[name].to(torch.bfloat16))
