"""The three kinds of program over one model: what an iteration runs, what it leaves, how it starts anew."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from protocol import Exit, Failure

Tensors = dict[str, Tensor]


def native_loss(logits: Tensor, inputs: Tensors) -> Tensor:
    """Mean cross-entropy; labels belong to their own positions."""
    return functional.cross_entropy(logits.flatten(0, 1), inputs["labels"].flatten())


def probe_loss(logits: Tensor, inputs: Tensors) -> Tensor:
    """sum(logits * probe) / sqrt(numel)."""
    return torch.dot(logits.flatten(), inputs["probe.logits"].flatten()) / logits.numel() ** 0.5


_LOSSES = {"native": native_loss, "probe": probe_loss}


class Program(ABC):
    """One program with its input sets bound."""

    def __init__(self, model: nn.Module, call: Callable[[Tensor], Tensor], spec: dict[str, Any], sets: list[Tensors]) -> None:
        self.model = model
        self.call = call
        self.spec = spec
        self.sets = sets

    def run(self, number: int) -> None:
        """One iteration on set `number` modulo the number of sets. Results are complete on return: a CPU does not queue."""
        self.step(self.sets[number % len(self.sets)])

    @abstractmethod
    def step(self, inputs: Tensors) -> None:
        """One iteration."""

    @abstractmethod
    def read_back(self) -> object:
        """Copies what the latest iteration returned."""

    @abstractmethod
    def tensors(self) -> Tensors:
        """Tensors of the latest iteration, without the program's name."""


class Forward(Program):
    """Outputs, no gradient recording."""

    def step(self, inputs: Tensors) -> None:
        with torch.inference_mode():
            self.logits = self.call(inputs["input_ids"])

    def read_back(self) -> object:
        return self.logits.clone()

    def tensors(self) -> Tensors:
        return {"out/logits": self.logits}


class Gradients(Program):
    """Forward, loss, backward; the gradient of every parameter stays."""

    def step(self, inputs: Tensors) -> None:
        self.model.zero_grad(set_to_none=True)
        logits = self.call(inputs["input_ids"])
        loss = _LOSSES[self.spec["loss"]](logits, inputs)
        loss.backward()
        self.logits, self.loss = logits.detach(), loss.detach()

    def read_back(self) -> object:
        return self.logits.clone(), [parameter.grad.clone() for parameter in self.model.parameters()]

    def tensors(self) -> Tensors:
        gradients = {f"grad/{name}": parameter.grad for name, parameter in self.model.named_parameters()}
        return {"out/logits": self.logits, "loss": self.loss.double().reshape(1)} | gradients


class TrainSgd(Program):
    """Forward, loss, backward and w -= rate * gradient."""

    def __init__(self, model: nn.Module, call: Callable[[Tensor], Tensor], spec: dict[str, Any], sets: list[Tensors]) -> None:
        super().__init__(model, call, spec, sets)
        self.optimizer = torch.optim.SGD(model.parameters(), lr=spec["learning_rate"])

    def step(self, inputs: Tensors) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        loss = _LOSSES[self.spec["loss"]](self.call(inputs["input_ids"]), inputs)
        loss.backward()
        self.optimizer.step()
        self.loss = loss.detach()

    def read_back(self) -> object:
        return self.loss.clone()

    def tensors(self) -> Tensors:
        """The losses and parameters after the spec's steps from the parameters as they are: the caller has reset them."""
        losses: list[Tensor] = []
        for number in range(self.spec["steps"]):
            self.run(number)
            losses.append(self.loss.double())
        parameters = {f"param/{name}": parameter.detach() for name, parameter in self.model.named_parameters()}
        return {"loss": torch.stack(losses)} | parameters


_KINDS = {"forward": Forward, "gradients": Gradients, "train_sgd": TrainSgd}


def create(model: nn.Module, call: Callable[[Tensor], Tensor], spec: dict[str, Any], inputs: Tensors) -> Program:
    """A program for a specification of the request."""
    kind = _KINDS.get(spec["kind"])
    if kind is None:
        raise Failure(Exit.UNSUPPORTED, f"program {spec['name']} is of kind {spec['kind']}, which is not known here")
    if set(spec["outputs"]) - {"logits"}:
        raise Failure(Exit.UNSUPPORTED, f"program {spec['name']} asks for outputs {spec['outputs']}; there is only logits")
    missing = {tensor for names in spec["input_sets"] for tensor in names.values()} - set(inputs)
    if missing:
        raise Failure(Exit.BAD_CASE, f"inputs.safetensors lacks {', '.join(sorted(missing))}")
    sets = [{name: inputs[tensor] for name, tensor in names.items()} for names in spec["input_sets"]]
    return kind(model, call, spec, sets)
