"""The three kinds of program over one model, each one compiled function."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import framework
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from llama import Llama

Arrays = dict[str, Array]


def native_loss(logits: Array, inputs: Arrays) -> Array:
    """Mean cross-entropy; labels belong to their own positions."""
    chosen = jnp.take_along_axis(logits, inputs["labels"][..., None], axis=-1)[..., 0]
    return jnp.mean(jax.nn.logsumexp(logits, axis=-1) - chosen)


def probe_loss(logits: Array, inputs: Arrays) -> Array:
    """sum(logits * probe) / sqrt(numel)."""
    return jnp.sum(logits * inputs["probe.logits"]) / logits.size**0.5


_LOSSES = {"native": native_loss, "probe": probe_loss}


class Model:
    """A model with the parameters of the moment, which a training step replaces."""

    def __init__(self, function: Llama, parameters: Arrays) -> None:
        self.function = function
        self.parameters = parameters

    def loss(self, parameters: Arrays, inputs: Arrays, kind: str) -> tuple[Array, Array]:
        """A loss and the logits that it is of."""
        logits = self.function.logits(parameters, inputs["input_ids"])
        return _LOSSES[kind](logits, inputs), logits


class Program(framework.Program):
    """One program with its input sets bound."""

    donated: tuple[int, ...] = ()  # arguments whose memory the results may take

    def __init__(self, model: Model, spec: dict[str, Any], sets: list[Arrays]) -> None:
        self.model = model
        self.spec = spec
        self.sets = sets
        self.results: Any = None
        self.queues = next(iter(sets[0]["input_ids"].devices())).platform != "cpu"

    def compile(self) -> bool:
        function = jax.jit(self.function, donate_argnums=self.donated)
        self.call = function.lower(self.model.parameters, self.sets[0]).compile()
        return True

    def run(self, number: int) -> None:
        self.results = self.call(self.model.parameters, self.sets[number % len(self.sets)])
        if not self.queues:
            # Iterations that do not depend on each other could overlap on a CPU; a GPU takes them one by one.
            self.wait()

    def wait(self) -> None:
        jax.block_until_ready(self.results)

    def read_back(self) -> object:
        return jax.tree.map(np.array, self.results)

    def timed_loss(self) -> Any:
        return np.asarray(self.results[0], np.float64).reshape(1)

    @abstractmethod
    def function(self, parameters: Arrays, inputs: Arrays) -> Any:
        """What is compiled."""


class Forward(Program):
    """Outputs alone."""

    def function(self, parameters: Arrays, inputs: Arrays) -> Any:
        return self.model.function.logits(parameters, inputs["input_ids"])

    def tensors(self) -> dict[str, Any]:
        return {"out/logits": np.asarray(self.results)}


class Gradients(Program):
    """Loss, logits and the gradient of every parameter."""

    def function(self, parameters: Arrays, inputs: Arrays) -> Any:
        (loss, logits), gradients = jax.value_and_grad(self.model.loss, has_aux=True)(parameters, inputs, self.spec["loss"])
        return loss, logits, gradients

    def tensors(self) -> dict[str, Any]:
        _, logits, gradients = self.results
        named = {f"grad/{name}": np.asarray(value) for name, value in gradients.items()}
        return {"out/logits": np.asarray(logits), "loss": self.timed_loss()} | named


class TrainSgd(Program):
    """Loss, backward and w - rate * gradient in one function, whose new parameters take the place of the old."""

    donated = (0,)

    def function(self, parameters: Arrays, inputs: Arrays) -> Any:
        (loss, _), gradients = jax.value_and_grad(self.model.loss, has_aux=True)(parameters, inputs, self.spec["loss"])
        rate = self.spec["learning_rate"]
        return loss, {name: value - rate * gradients[name] for name, value in parameters.items()}

    def run(self, number: int) -> None:
        super().run(number)
        self.model.parameters = self.results[1]

    def read_back(self) -> object:
        return self.timed_loss()

    def tensors(self) -> dict[str, Any]:
        losses = []
        for number in range(self.spec["steps"]):
            self.run(number)
            losses.append(self.timed_loss())
        named = {f"param/{name}": np.asarray(value) for name, value in self.model.parameters.items()}
        return {"loss": np.concatenate(losses)} | named


_KINDS: dict[str, Callable[..., Program]] = {"forward": Forward, "gradients": Gradients, "train_sgd": TrainSgd}


def create(model: Model, spec: dict[str, Any], sets: list[Arrays]) -> Program:
    """A program for a specification of the request."""
    return _KINDS[spec["kind"]](model, spec, sets)
