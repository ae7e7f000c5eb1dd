"""The cases: a configuration, a shape, the programs that run on it, and where the bundle goes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

import synthetic
from llama import Config

RESOURCES = Path(__file__).parent.parent / "src/main/resources/io/griffinfly/models/smollm2"
SETS = 4
STEPS = 3


@dataclass(frozen=True)
class Case:
    """A case; `rate` is the learning rate of the SGD steps."""

    id: str
    folder: str
    config: Config
    batch: int
    length: int
    rate: float
    full_gradients: bool = False

    @property
    def resources(self) -> Path:
        return RESOURCES / self.folder

    def weight(self, name: str) -> np.ndarray:
        """One parameter, float32."""
        shape = self.config.shapes()[name]
        return synthetic.tensor(name, shape, synthetic.kind_of(name, len(shape)))

    def inputs(self) -> dict[str, np.ndarray]:
        """The content of inputs.safetensors."""
        shape, vocab = (self.batch, self.length), self.config.vocab
        names = [synthetic.for_set(name, index) for index in range(SETS) for name in ("input_ids", "labels")]
        found = {name: synthetic.integers(name, shape, vocab) for name in names}
        found["latency.input_ids"] = synthetic.integers("latency.input_ids", (1, 1), vocab)
        found["probe.logits"] = synthetic.tensor("probe.logits", (*shape, vocab), synthetic.Kind.NORMAL)
        return found

    def programs(self) -> list[dict[str, object]]:
        """What a harness runs, and under which keys of expected.safetensors the truth lies."""
        ids = {"input_ids": "input_ids"}
        forward = {"kind": "forward", "loss": None, "outputs": ["logits"]}
        return [
            {"name": "forward", **forward, "inputs": ids, "expected": {"logits": "out.logits"}},
            {"name": "latency", **forward, "inputs": {"input_ids": "latency.input_ids"},
             "expected": {"logits": "out.latency.logits"}},
            {"name": "gradients", "kind": "gradients", "loss": "probe", "outputs": ["logits"],
             "inputs": ids | {"probe.logits": "probe.logits"},
             "expected": {"logits": "out.logits", "loss": "loss.probe", "gradients": "grad"}},
            {"name": "train_sgd", "kind": "train_sgd", "loss": "native", "outputs": [],
             "inputs": ids | {"labels": "labels"}, "learning_rate": self.rate, "steps": STEPS,
             "expected": {"loss": "loss.steps", "updates": "delta3"}},
        ]


SMOLLM2 = Config(hidden=576, layers=30, heads=9, kv_heads=3, ffn=1536, vocab=49152)
TINY = Config(hidden=48, layers=3, heads=6, kv_heads=2, ffn=80, vocab=131)

CASES = {
    case.folder: case
    for case in (
        Case("SmolLM2-tiny@b2s7", "tiny", TINY, 2, 7, rate=0.25, full_gradients=True),
        Case("SmolLM2-135M@s128", "s128", SMOLLM2, 1, 128, rate=0.25),
    )
}
