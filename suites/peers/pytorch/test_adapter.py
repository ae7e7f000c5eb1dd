"""PyTorch's adapter: ../python/adapter_test.py says how to run this and what it must do."""

from pathlib import Path

import adapter_test


class PyTorchTest(adapter_test.AdapterTest):
    adapter = Path(__file__).with_name("adapter.py")
    framework = "pytorch"
    variant = "eager"

    def test_graphs_need_a_gpu(self) -> None:
        self.assertEqual(self.start("verify", variant="reduce-overhead"), 64)
        self.assertIn("GPU", self.result()["reason"])
