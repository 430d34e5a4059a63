"""The encoder with a low-rank adapter that is trained, the published weights staying as they are."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from index.minilm.encoder import Encoder, Packed


class LowRankEncoder(Encoder):
    """The encoder with a low-rank adapter on every linear layer; norms, biases and segments are trained whole.

    `parameters` are float32; the arithmetic is done in `dtype`.
    """

    def __init__(self, weights: dict[str, Tensor], rank: int, dtype: torch.dtype = torch.bfloat16) -> None:
        super().__init__(weights, dtype)
        self.parameters: dict[str, nn.Parameter] = {}
        for name, weight in weights.items():
            if name.startswith("encoder") and weight.ndim == 2:
                down = torch.randn(rank, weight.shape[1]) / math.sqrt(weight.shape[1])
                self.parameters[f"{name}.down"] = nn.Parameter(down)
                self.parameters[f"{name}.up"] = nn.Parameter(torch.zeros(weight.shape[0], rank))
            elif weight.ndim == 1 or "token_type" in name:
                self.parameters[name] = nn.Parameter(weight.clone())

    def begin(self) -> None:
        """Take over the parameters as they are now; to be called before each step."""
        self.weights.update({name: parameter.to(self.dtype) for name, parameter in self.parameters.items()})

    def linear(self, x: Tensor, name: str) -> Tensor:
        w = self.weights
        of = f"{name}.weight"
        sides = (w[f"{of}.down"], w[f"{of}.up"])
        found: Tensor = _LowRank.apply(x, w[of], w[f"{name}.bias"], *sides)  # type: ignore[no-untyped-call]
        return found

    def spread(self, x: Tensor, batch: Packed) -> Tensor:
        padding = torch.arange(len(x)) >= sum(batch.lengths)
        found: Tensor = _Rows.apply(x, batch.spread.view(-1), batch.gathered, padding)  # type: ignore[no-untyped-call]
        return found

    def gather(self, x: Tensor, batch: Packed) -> Tensor:
        padding = batch.mask.view(-1) < 0
        found: Tensor = _Rows.apply(x, batch.gathered, batch.spread.view(-1), padding)  # type: ignore[no-untyped-call]
        return found


class _LowRank(torch.autograd.Function):
    """x W' + b with W' = W + up down (Hu et al., "LoRA", 2021); no gradient is computed for the frozen W."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, down: Tensor, up: Tensor) -> Tensor:
        inner = x @ down.T
        ctx.save_for_backward(x, weight, down, up, inner)
        return functional.linear(x, weight, bias).addmm_(inner, up.T)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, down, up, inner = ctx.saved_tensors
        side = grad @ up
        return (grad @ weight).addmm_(side, down), None, grad.sum(0), side.T @ x, grad.T @ inner


class _Rows(torch.autograd.Function):
    """Rows of x. No row is taken twice but that of padding, so the gradient is a taking of rows too: those of `back`.

    `padding` says which rows of x are padding and get no gradient.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, rows: Tensor, back: Tensor, padding: Tensor) -> Tensor:
        ctx.save_for_backward(back, padding)
        return x[rows]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        back, padding = ctx.saved_tensors
        return grad[back].masked_fill_(padding[:, None], 0), None, None, None
