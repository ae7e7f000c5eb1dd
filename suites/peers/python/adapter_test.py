"""What every adapter that is a process must do, seen from the harness, on a small random model. A peer's test_adapter.py
names its adapter and variant; run it with ../python/start.sh STATE MODULE -m unittest in the peer's folder."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

import numpy as np

import tensors

HPARAMS = {"hidden": 24, "layers": 2, "heads": 6, "kv_heads": 2, "ffn": 40, "vocab": 37, "rope_theta": 1e5, "rms_eps": 1e-5}
LAYER = {"self_attn.q_proj": (24, 24), "self_attn.k_proj": (8, 24), "self_attn.v_proj": (8, 24), "self_attn.o_proj": (24, 24),
         "mlp.gate_proj": (40, 24), "mlp.up_proj": (40, 24), "mlp.down_proj": (24, 40),
         "input_layernorm": (24,), "post_attention_layernorm": (24,)}
SHAPES = {f"model.layers.{i}.{name}.weight": shape for i in range(2) for name, shape in LAYER.items()}
SHAPES |= {"model.embed_tokens.weight": (37, 24), "model.norm.weight": (24,)}
IDS = [{"input_ids": "input_ids"}, {"input_ids": "input_ids@1"}, {"input_ids": "input_ids@2"}]
FORWARD = {"name": "forward", "kind": "forward", "input_sets": IDS, "final_set": 1, "outputs": ["logits"],
           "loss": None, "learning_rate": 0.0, "steps": 0, "metric": "forward_ms"}
GRADIENTS = FORWARD | {"name": "gradients", "kind": "gradients", "final_set": 0, "loss": "native", "metric": None,
                       "input_sets": [{"input_ids": "input_ids", "labels": "labels"}]}
PROBE = GRADIENTS | {"name": "probe", "loss": "probe",
                     "input_sets": [{"input_ids": "input_ids", "probe.logits": "probe.logits"}]}
TRAIN = GRADIENTS | {"name": "train_sgd", "kind": "train_sgd", "outputs": [], "learning_rate": 0.5, "steps": 1,
                     "metric": "train_sgd_ms"}
SAMPLING = {"warmup_iterations": 3, "warmup_ns": 1, "warmup_cap_ns": 10**9, "steady": False, "samples": 4, "samples_ns": 1,
            "sample_ns": 1}
REQUEST = {"protocol": 1, "case_id": "small", "precision": "fp32", "threads": 1, "seed": 7, "nonce": "n0",
           "deadline_seconds": 60, "mutant": None, "programs": [FORWARD, GRADIENTS, PROBE, TRAIN], "sampling": SAMPLING,
           "kernels": False, "trace": None}


def write_safetensors(path: Path, values: dict[str, Any]) -> None:
    """Writes a file."""
    types = {"<f8": "F64", "<f4": "F32", "<i8": "I64"}
    headers: dict[str, Any] = {}
    end = 0
    for name, value in values.items():
        headers[name] = {"dtype": types[value.dtype.str], "shape": value.shape, "data_offsets": [end, end + value.nbytes]}
        end += value.nbytes
    text = json.dumps(headers).encode()
    data = b"".join(value.tobytes() for value in values.values())
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


class AdapterTest(unittest.TestCase):
    """A subclass sets these."""

    adapter: Path
    framework: str
    variant: str
    device = "cpu"
    batch = 2

    def command(self) -> list[str]:
        """What starts the adapter."""
        return [sys.executable, str(self.adapter)]

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.case, self.out = self.root / "case", self.root / "out"
        self.case.mkdir()
        self.out.mkdir()
        random = np.random.default_rng(1)
        self.weights = {name: (random.standard_normal(shape) * 0.3).astype("<f4") for name, shape in SHAPES.items()}
        names = [name for names in IDS for name in names.values()] + ["labels"]
        inputs = {name: random.integers(0, 37, (self.batch, 5)) for name in names}
        inputs["probe.logits"] = random.standard_normal((self.batch, 5, 37)).astype("<f4")
        write_safetensors(self.case / "weights.safetensors", self.weights)
        write_safetensors(self.case / "inputs.safetensors", inputs)
        (self.case / "case.json").write_text(json.dumps({"arch": "llama", "hparams": HPARAMS}))

    def start(self, mode: str, **changes: Any) -> int:
        own = {"framework": self.framework, "variant": self.variant, "mode": mode, "device": self.device,
               "cache_dir": str(self.root / "cache")}
        path = self.root / "request.json"
        path.write_text(json.dumps(REQUEST | own | changes))
        command = [*self.command(), "--protocol", "1", "--case", str(self.case), "--mode", mode]
        command += ["--request", str(path), "--out", str(self.out)]
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode

    def result(self) -> dict[str, Any]:
        return json.loads((self.out / "result.json").read_text())

    def outputs(self) -> dict[str, Any]:
        path = self.out / "outputs.safetensors"
        path.rename(self.root / "inputs.safetensors")
        return tensors.read_inputs(self.root)

    def test_bench_keeps_the_last_timed_iteration(self) -> None:
        self.assertEqual(self.start("bench"), 0)
        header = (self.out / "outputs.safetensors").read_bytes()[8:100]
        self.assertTrue(header.startswith(b'{"__metadata__":{"nonce":"n0"}'))
        result, outputs = self.result(), self.outputs()
        self.assertEqual(set(result["metrics"]), {"forward_ms", "train_sgd_ms"})
        for samples in result["metrics"].values():
            self.assertGreaterEqual(len(samples["samples_ns"]), 4)
            self.assertLessEqual(sum(samples["samples_ns"]), samples["bracket_ns"])
        self.assertEqual(outputs["train_sgd/timed_loss"].shape, (1,))
        # The last timed iteration ran final_set, and no other set gives the same logits.
        for index in range(len(IDS)):
            self.assertEqual(self.start("verify", programs=[FORWARD | {"final_set": index}]), 0)
            same = np.allclose(self.outputs()["forward/out/logits"], outputs["forward/out/logits"], rtol=1e-4, atol=1e-5)
            self.assertEqual(same, index == FORWARD["final_set"])

    def test_verify_returns_every_parameter(self) -> None:
        self.assertEqual(self.start("verify"), 0)
        outputs = self.outputs()
        for name, weight in self.weights.items():
            expected = weight - 0.5 * outputs[f"gradients/grad/{name}"]
            np.testing.assert_allclose(outputs[f"train_sgd/param/{name}"], expected, rtol=1e-5, atol=1e-6)
        self.assertEqual(len(outputs), 1 + 2 * (2 + len(self.weights)) + 1 + len(self.weights))
        self.assertEqual(outputs["train_sgd/loss"].dtype, np.float64)
        np.testing.assert_allclose(outputs["train_sgd/loss"], outputs["gradients/loss"], rtol=1e-6)

    def test_losses_are_those_of_the_logits(self) -> None:
        self.assertEqual(self.start("verify"), 0)
        inputs, outputs = tensors.read_inputs(self.case), self.outputs()
        logits = outputs["gradients/out/logits"].astype(np.float64)
        chosen = np.take_along_axis(logits, inputs["labels"][..., None], -1)[..., 0]
        native = np.mean(np.log(np.exp(logits).sum(-1)) - chosen)
        np.testing.assert_allclose(outputs["gradients/loss"], [native], rtol=1e-5)
        probe = np.sum(logits * inputs["probe.logits"]) / logits.size**0.5
        np.testing.assert_allclose(outputs["probe/loss"], [probe], rtol=1e-4)

    def test_probe_and_compile_write_no_outputs(self) -> None:
        for mode in ("probe", "compile"):
            self.assertEqual(self.start(mode), 0)
            self.assertFalse((self.out / "outputs.safetensors").exists())
            self.assertEqual("programs" in self.result(), mode == "compile")

    def test_refusals(self) -> None:
        changes: list[tuple[dict[str, Any], int]] = [
            ({"device": "cuda:99"}, 69),
            ({"device": "tpu"}, 69),
            ({"precision": "bf16"}, 64),
            ({"variant": "other"}, 64),
            ({"variant": f"{self.variant}-tf32"}, 64),
            ({"programs": [FORWARD | {"kind": "decode"}]}, 64),
            ({"programs": [FORWARD | {"input_sets": [{"input_ids": "absent"}]}]}, 65),
        ]
        for change, code in changes:
            with self.subTest(change=change):
                self.assertEqual(self.start("verify", **change), code)
                self.assertIn("reason", self.result())

    def test_bad_weights(self) -> None:
        name = "model.norm.weight"
        surplus = self.weights | {"model.surplus": np.ones(1, "<f4")}
        missing = {key: value for key, value in self.weights.items() if key != name}
        misshapen = self.weights | {name: np.ones(1, "<f4")}
        double = self.weights | {name: np.ones(24, "<f8")}
        path = self.case / "weights.safetensors"
        for weights in (surplus, missing, misshapen, double):
            write_safetensors(path, weights)
            self.assertEqual(self.start("verify"), 65)
        write_safetensors(path, self.weights)
        path.write_bytes(path.read_bytes()[:-4])
        self.assertEqual(self.start("verify"), 65)
        path.unlink()
        self.assertEqual(self.start("verify"), 65)
