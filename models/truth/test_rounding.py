"""Imitated precision classes against torch's own conversions."""

import unittest

import torch

import rounding
from rounding import Rounded


class Rounding(unittest.TestCase):
    def test_operands_round_as_torch_converts(self) -> None:
        torch.manual_seed(1)
        values = torch.randn(1 << 16) * 2.0 ** torch.randint(-8, 8, (1 << 16,))
        values = values[values.abs() >= 2.0**-14]  # below, f16 itself loses bits
        for dtype, name in ((torch.bfloat16, "bf16"), (torch.float16, "f16")):
            bits = rounding.CLASSES[name].operand_bits
            ones = Rounded(bits, 24)(values[:, None], torch.ones(1, 1))[:, 0]
            torch.testing.assert_close(ones, values.to(dtype).float(), rtol=0, atol=0)

    def test_truncation_drops_the_bits_that_tf32_has_no_room_for(self) -> None:
        product = rounding.WITNESSES["tf32_truncated"]
        values = torch.tensor([1 + 2.0**-10, 1 + 2.0**-11, 1 + 2.0**-10 - 2.0**-23, -1 - 2.0**-11, 2.0**-100])
        expected = torch.tensor([1 + 2.0**-10, 1.0, 1.0, -1.0, 2.0**-100])
        found = product(values[:, None], torch.ones(1, 1))[:, 0]
        torch.testing.assert_close(found, expected, rtol=0, atol=0)

    def test_full_precision_is_a_plain_product(self) -> None:
        torch.manual_seed(2)
        left, right = torch.randn(2, 5, 7, requires_grad=True), torch.randn(7, 3, requires_grad=True)
        found = torch.autograd.grad(Rounded(24, 24)(left, right).square().sum(), (left, right))
        expected = torch.autograd.grad((left @ right).square().sum(), (left, right))
        torch.testing.assert_close(found, expected, rtol=0, atol=0)

    def test_backward_rounds_upstream_and_results(self) -> None:
        left, right = torch.tensor([[1.0]], requires_grad=True), torch.tensor([[1 + 2.0**-7]], requires_grad=True)
        upstream = torch.tensor([[1 + 2.0**-12]])
        (slope,) = torch.autograd.grad(rounding.CLASSES["bf16"](left, right), left, upstream)
        self.assertEqual(slope.item(), 1 + 2.0**-7)
        (slope,) = torch.autograd.grad(Rounded(24, 24)(left, right), left, upstream)
        self.assertEqual(slope.item(), (1 + 2.0**-7) * (1 + 2.0**-12))


if __name__ == "__main__":
    unittest.main()
