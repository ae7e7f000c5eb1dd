"""The adapter as the harness sees it: a process, on a small random model. Run: python -m unittest"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from llama import Llama

ADAPTER = Path(__file__).with_name("adapter.py")
HPARAMS = {"hidden": 24, "layers": 2, "heads": 6, "kv_heads": 2, "ffn": 40, "vocab": 37, "rope_theta": 1e5, "rms_eps": 1e-5}
IDS = [{"input_ids": "input_ids"}, {"input_ids": "input_ids@1"}, {"input_ids": "input_ids@2"}]
FORWARD = {"name": "forward", "kind": "forward", "input_sets": IDS, "final_set": 1, "outputs": ["logits"],
           "loss": None, "learning_rate": 0.0, "steps": 0, "metric": "forward_ms"}
GRADIENTS = FORWARD | {"name": "gradients", "kind": "gradients", "final_set": 0, "loss": "native", "metric": None,
                       "input_sets": [{"input_ids": "input_ids", "labels": "labels"}]}
TRAIN = GRADIENTS | {"name": "train_sgd", "kind": "train_sgd", "outputs": [], "learning_rate": 0.5, "steps": 1,
                     "metric": "train_sgd_ms"}
SAMPLING = {"warmup_iterations": 3, "warmup_ns": 1, "warmup_cap_ns": 10**9, "steady": False, "samples": 4, "samples_ns": 1,
            "sample_ns": 1}
REQUEST = {"protocol": 1, "case_id": "small", "framework": "pytorch", "variant": "eager", "device": "cpu", "precision": "fp32",
           "threads": 1, "seed": 7, "nonce": "n0", "deadline_seconds": 60, "mutant": None,
           "programs": [FORWARD, GRADIENTS, TRAIN], "sampling": SAMPLING, "kernels": False, "trace": None}


class Adapter(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.case, self.out = self.root / "case", self.root / "out"
        self.case.mkdir()
        self.out.mkdir()
        torch.manual_seed(1)
        self.model = Llama(HPARAMS)
        self.weights = {name: torch.randn_like(value) * 0.3 for name, value in self.model.state_dict().items()}
        self.model.load_state_dict(self.weights)
        names = [name for names in IDS for name in names.values()] + ["labels"]
        self.inputs = {name: torch.randint(0, 37, (2, 5)) for name in names}
        save_file(self.weights, self.case / "weights.safetensors")
        save_file(self.inputs, self.case / "inputs.safetensors")
        (self.case / "case.json").write_text(json.dumps({"arch": "llama", "hparams": HPARAMS}))

    def start(self, mode: str, **changes: Any) -> int:
        request = REQUEST | {"mode": mode, "cache_dir": str(self.root / "cache")} | changes
        path = self.root / "request.json"
        path.write_text(json.dumps(request))
        command = [sys.executable, ADAPTER, "--protocol", "1", "--case", self.case, "--mode", mode, "--request", path,
                   "--out", self.out]
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode

    def result(self) -> dict[str, Any]:
        return json.loads((self.out / "result.json").read_text())

    def outputs(self) -> dict[str, torch.Tensor]:
        return load_file(self.out / "outputs.safetensors")

    def test_bench(self) -> None:
        self.assertEqual(self.start("bench"), 0)
        result, outputs = self.result(), self.outputs()
        self.assertEqual(set(result["metrics"]), {"forward_ms", "train_sgd_ms"})
        for samples in result["metrics"].values():
            self.assertGreaterEqual(len(samples["samples_ns"]), 4)
            self.assertLessEqual(sum(samples["samples_ns"]), samples["bracket_ns"])
        with safe_open(self.out / "outputs.safetensors", "pt") as file:
            self.assertEqual(file.metadata(), {"nonce": "n0"})
        self.assertEqual(outputs["train_sgd/timed_loss"].shape, (1,))
        # The last timed iteration ran final_set, and no other set gives the same logits.
        for index, names in enumerate(IDS):
            logits = self.model(self.inputs[names["input_ids"]])
            same = torch.allclose(outputs["forward/out/logits"], logits, rtol=1e-4, atol=1e-5)
            self.assertEqual(same, index == FORWARD["final_set"])

    def test_verify_returns_every_parameter(self) -> None:
        self.assertEqual(self.start("verify"), 0)
        outputs = self.outputs()
        for name, weight in self.weights.items():
            expected = weight - 0.5 * outputs[f"gradients/grad/{name}"]
            torch.testing.assert_close(outputs[f"train_sgd/param/{name}"], expected)
        self.assertEqual(len(outputs), 3 + 2 * len(self.weights) + 1)
        self.assertEqual(outputs["train_sgd/loss"].dtype, torch.float64)

    def test_probe_and_compile_write_no_outputs(self) -> None:
        for mode in ("probe", "compile"):
            self.assertEqual(self.start(mode), 0)
            self.assertFalse((self.out / "outputs.safetensors").exists())
            self.assertEqual("programs" in self.result(), mode == "compile")

    def test_refusals(self) -> None:
        changes: list[tuple[dict[str, Any], int]] = [
            ({"device": "cuda:0"}, 69),
            ({"precision": "bf16"}, 64),
            ({"variant": "jit"}, 64),
            ({"programs": [FORWARD | {"kind": "decode"}]}, 64),
            ({"programs": [FORWARD | {"input_sets": [{"input_ids": "absent"}]}]}, 65),
        ]
        for change, code in changes:
            with self.subTest(change=change):
                self.assertEqual(self.start("verify", **change), code)
                self.assertIn("reason", self.result())

    def test_bad_weights(self) -> None:
        name = "model.norm.weight"
        surplus = self.weights | {"model.surplus": torch.ones(1)}
        missing = {key: value for key, value in self.weights.items() if key != name}
        misshapen = self.weights | {name: torch.ones(1)}
        for weights in (surplus, missing, misshapen):
            save_file(weights, self.case / "weights.safetensors")
            self.assertEqual(self.start("verify"), 65)
        (self.case / "weights.safetensors").unlink()
        self.assertEqual(self.start("verify"), 65)


if __name__ == "__main__":
    unittest.main()
