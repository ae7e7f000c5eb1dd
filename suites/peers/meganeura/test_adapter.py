"""meganeura's adapter on Mesa's lavapipe. Run it in this folder with a Python that has numpy, ADAPTER naming the program that
prepare.sh built: ADAPTER=STATE/target/release/meganeura-adapter PYTHONPATH=../python python3 -m unittest"""

import os
from pathlib import Path

import adapter_test
import tensors


class MeganeuraTest(adapter_test.AdapterTest):
    adapter = Path(os.environ["ADAPTER"])
    framework = "meganeura"
    variant = "default"
    device = "vulkan:llvmpipe"
    batch = 1  # the library's SmolLM2 takes one sequence

    def command(self) -> list[str]:
        return [str(self.adapter)]

    def test_a_software_device_is_taken_by_name_only(self) -> None:
        self.assertEqual(self.start("verify", device="vulkan"), 69)
        self.assertIn("llvmpipe", self.result()["reason"])
        self.assertEqual(self.start("probe", device="vulkan:0"), 0)
        self.assertEqual(self.result()["device"]["kind"], "software")

    def test_several_sequences_are_refused(self) -> None:
        inputs = tensors.read_inputs(self.case)
        inputs["input_ids"] = inputs["input_ids"].repeat(2, 0)
        adapter_test.write_safetensors(self.case / "inputs.safetensors", inputs)
        self.assertEqual(self.start("verify", programs=[adapter_test.GRADIENTS]), 64)
        self.assertIn("one sequence", self.result()["reason"])
