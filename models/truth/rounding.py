"""Matrix products of the coarser precision classes, imitated in float32: operands and results lose significant bits.

This is what tensor cores do, apart from exponent ranges: f16 here stands for a scaled f16 that neither overflows nor underflows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Product = Callable[[Tensor, Tensor], Tensor]
_FLOAT32_BITS = 24


def _nearest(values: Tensor, bits: int) -> Tensor:
    """The nearest float with `bits` significant bits (Veltkamp's splitting; Dekker 1971)."""
    if bits == _FLOAT32_BITS:
        return values
    spread = values * float(2 ** (_FLOAT32_BITS - bits) + 1)
    return spread - (spread - values)


class _Round(torch.autograd.Function):
    """Rounds on the way forward to some bits, and what comes back to others."""

    @staticmethod
    def forward(ctx, values: Tensor, forward_bits: int, backward_bits: int) -> Tensor:
        ctx.bits = backward_bits
        return _nearest(values, forward_bits)

    @staticmethod
    def backward(ctx, upstream: Tensor) -> tuple[Tensor, None, None]:
        return _nearest(upstream, ctx.bits), None, None


@dataclass(frozen=True)
class Rounded:
    """A product whose operands, the upstream gradient included, and results have so many significant bits."""

    operand_bits: int
    result_bits: int

    def __call__(self, left: Tensor, right: Tensor) -> Tensor:
        left, right = (_Round.apply(side, self.operand_bits, self.result_bits) for side in (left, right))
        return _Round.apply(left @ right, self.result_bits, self.operand_bits)


CLASSES = {
    "tf32": Rounded(11, _FLOAT32_BITS),
    "f16": Rounded(11, 11),
    "bf16": Rounded(8, 8),
}
