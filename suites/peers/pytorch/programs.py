"""The three kinds of program over one model: what an iteration runs, what it leaves."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import framework
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

Tensors = dict[str, Tensor]


def native_loss(logits: Tensor, inputs: Tensors) -> Tensor:
    """Mean cross-entropy; labels belong to their own positions."""
    return functional.cross_entropy(logits.flatten(0, 1), inputs["labels"].flatten())


def probe_loss(logits: Tensor, inputs: Tensors) -> Tensor:
    """sum(logits * probe) / sqrt(numel)."""
    return torch.dot(logits.flatten(), inputs["probe.logits"].flatten()) / logits.numel() ** 0.5


_LOSSES = {"native": native_loss, "probe": probe_loss}


class Program(framework.Program):
    """One program with its input sets bound."""

    loss: Tensor

    def __init__(self, model: nn.Module, mode: str, spec: dict[str, Any], sets: list[Tensors]) -> None:
        self.model = model
        self.spec = spec
        self.sets = sets
        self.cuda = sets[0]["input_ids"].is_cuda
        # Reduce-overhead compiles in the first call, records its CUDA graphs in the second and replays from the third on.
        self.lazy_calls = {"eager": 0, "compile": 1, "reduce-overhead": 2}[mode]
        self.graphs = mode == "reduce-overhead"
        self.call = self._compiled(mode)

    def _compiled(self, mode: str) -> Callable[[Tensors], Any]:
        if mode == "eager":
            return self.forward
        # Programs differ in grad mode and shapes: one compilation each, as a user would have who runs only one.
        torch._dynamo.reset()
        return torch.compile(self.forward, dynamic=False, mode="reduce-overhead" if self.graphs else None)

    def run(self, number: int) -> None:
        if self.graphs:
            # The outputs of the iteration before lie in the graph's own memory, which this one overwrites.
            torch.compiler.cudagraph_mark_step_begin()
        self.step(self.sets[number % len(self.sets)])

    def wait(self) -> None:
        if self.cuda:
            torch.cuda.synchronize()

    @abstractmethod
    def forward(self, inputs: Tensors) -> Any:
        """What torch.compile gets: the model and the loss, whose backward pass it compiles along."""

    @abstractmethod
    def step(self, inputs: Tensors) -> None:
        """One iteration."""

    def timed_loss(self) -> Any:
        return _host(self.loss.double().reshape(1))


class Forward(Program):
    """Outputs, no gradient recording."""

    def forward(self, inputs: Tensors) -> Tensor:
        return self.model(inputs["input_ids"])

    def step(self, inputs: Tensors) -> None:
        with torch.inference_mode():
            self.logits = self.call(inputs)

    def read_back(self) -> object:
        return _copy(self.logits)

    def tensors(self) -> dict[str, Any]:
        return {"out/logits": _host(self.logits)}


class Gradients(Program):
    """Forward, loss, backward; the gradient of every parameter stays."""

    def forward(self, inputs: Tensors) -> tuple[Tensor, Tensor]:
        logits = self.model(inputs["input_ids"])
        return logits, _LOSSES[self.spec["loss"]](logits, inputs)

    def step(self, inputs: Tensors) -> None:
        self.model.zero_grad(set_to_none=True)
        logits, loss = self.call(inputs)
        loss.backward()
        self.logits, self.loss = logits.detach(), loss.detach()

    def read_back(self) -> object:
        return _copy(self.logits), [_copy(parameter.grad) for parameter in self.model.parameters()]

    def tensors(self) -> dict[str, Any]:
        gradients = {f"grad/{name}": _host(parameter.grad) for name, parameter in self.model.named_parameters()}
        return {"out/logits": _host(self.logits), "loss": self.timed_loss()} | gradients


class TrainSgd(Program):
    """Forward, loss, backward and w -= rate * gradient."""

    def __init__(self, model: nn.Module, mode: str, spec: dict[str, Any], sets: list[Tensors]) -> None:
        super().__init__(model, mode, spec, sets)
        # On a CPU the fused form is the slower one: README.md.
        self.optimizer = torch.optim.SGD(model.parameters(), lr=spec["learning_rate"], fused=True if self.cuda else None)

    def forward(self, inputs: Tensors) -> Tensor:
        return _LOSSES[self.spec["loss"]](self.model(inputs["input_ids"]), inputs)

    def step(self, inputs: Tensors) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.call(inputs)
        loss.backward()
        self.optimizer.step()
        self.loss = loss.detach()

    def read_back(self) -> object:
        return _copy(self.loss)

    def tensors(self) -> dict[str, Any]:
        losses = []
        for number in range(self.spec["steps"]):
            self.run(number)
            losses.append(self.timed_loss())
        parameters = {f"param/{name}": _host(parameter) for name, parameter in self.model.named_parameters()}
        return {"loss": np.concatenate(losses)} | parameters


def _host(value: Tensor) -> Any:
    return value.detach().cpu().numpy()


def _copy(value: Tensor) -> Tensor:
    return value.cpu() if value.is_cuda else value.clone()


_KINDS: dict[str, Callable[..., Program]] = {"forward": Forward, "gradients": Gradients, "train_sgd": TrainSgd}


def create(model: nn.Module, mode: str, spec: dict[str, Any], sets: list[Tensors]) -> Program:
    """A program for a specification of the request."""
    return _KINDS[spec["kind"]](model, mode, spec, sets)
