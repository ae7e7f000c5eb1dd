"""Losses, gradients and the SGD step of a model given as a function from weights and ids to logits."""

from collections.abc import Callable

import torch
from torch import Tensor

Weights = dict[str, Tensor]
Forward = Callable[[Weights, Tensor], Tensor]
Loss = Callable[[Tensor], Tensor]


def native_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy over all positions; a label is the target of its own position, nothing is shifted."""
    chosen = logits.gather(-1, labels[..., None])[..., 0]
    return (logits.logsumexp(-1) - chosen).mean()


def probe_loss(logits: Tensor, probe: Tensor) -> Tensor:
    """sum(logits * probe) / sqrt(numel): its gradient is well conditioned whatever the logits are."""
    return (logits * probe).sum() / logits.numel() ** 0.5


def differentiate(forward: Forward, weights: Weights, ids: Tensor, loss: Loss) -> tuple[float, Weights]:
    """The loss of the logits and its gradient for every weight; one that the loss does not reach is zero."""
    leaves = {name: weight.detach().requires_grad_() for name, weight in weights.items()}
    value = loss(forward(leaves, ids))
    found = torch.autograd.grad(value, list(leaves.values()), allow_unused=True)
    return value.item(), {
        name: torch.zeros_like(leaf) if gradient is None else gradient
        for (name, leaf), gradient in zip(leaves.items(), found, strict=True)
    }


def descend(weights: Weights, gradients: Weights, rate: float) -> Weights:
    """w - rate * gradient; empties `gradients`, so that the old weights, new ones and gradients never all coexist."""
    return {name: weight - rate * gradients.pop(name) for name, weight in weights.items()}
