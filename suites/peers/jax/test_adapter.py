"""JAX's adapter: ../python/adapter_test.py says how to run this and what it must do."""

from pathlib import Path

import adapter_test


class JaxTest(adapter_test.AdapterTest):
    adapter = Path(__file__).with_name("adapter.py")
    framework = "jax"
    variant = "jit"
