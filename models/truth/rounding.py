"""Matrix products of the coarser precision classes, imitated in float32: operands and results lose significant bits.

This is what tensor cores do, apart from exponent ranges: f16 here stands for a scaled f16 that neither overflows nor underflows.
One that is handed plain float32 as TF32 ignores the lower 13 bits (PTX ISA, mma): it truncates. Libraries round before they hand over.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Product = Callable[[Tensor, Tensor], Tensor]
_FLOAT32_BITS = 24


def _nearest(values: Tensor, bits: int) -> Tensor:
    """The nearest float with `bits` significant bits (Veltkamp's splitting; Dekker 1971)."""
    spread = values * float(2 ** (_FLOAT32_BITS - bits) + 1)
    return spread - (spread - values)


def _toward_zero(values: Tensor, bits: int) -> Tensor:
    """The same without the bits behind the first `bits`."""
    return (values.contiguous().view(torch.int32) & -(1 << (_FLOAT32_BITS - bits))).view(torch.float32)


Shorten = Callable[[Tensor, int], Tensor]


class _Round(torch.autograd.Function):
    """Shortens on the way forward to some bits, and what comes back to others."""

    @staticmethod
    def forward(ctx, values: Tensor, forward_bits: int, backward_bits: int, shorten: Shorten) -> Tensor:
        ctx.bits, ctx.shorten = backward_bits, shorten
        return values if forward_bits == _FLOAT32_BITS else shorten(values, forward_bits)

    @staticmethod
    def backward(ctx, upstream: Tensor) -> tuple[Tensor, None, None, None]:
        return upstream if ctx.bits == _FLOAT32_BITS else ctx.shorten(upstream, ctx.bits), None, None, None


@dataclass(frozen=True)
class Rounded:
    """A product whose operands, the upstream gradient included, and results have so many significant bits."""

    operand_bits: int
    result_bits: int
    shorten: Shorten = _nearest

    def __call__(self, left: Tensor, right: Tensor) -> Tensor:
        left, right = (_Round.apply(side, self.operand_bits, self.result_bits, self.shorten) for side in (left, right))
        return _Round.apply(left @ right, self.result_bits, self.operand_bits, self.shorten)


CLASSES = {
    "tf32": Rounded(11, _FLOAT32_BITS),
    "f16": Rounded(11, 11),
    "bf16": Rounded(8, 8),
}
WITNESSES = {"tf32_truncated": Rounded(11, _FLOAT32_BITS, _toward_zero)}
"""Held against the limits of every class, but not what they are derived from."""
