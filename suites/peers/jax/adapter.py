"""JAX behind the adapter protocol (../PROTOCOL.md), on the CPU or a CUDA GPU."""

import sys
from pathlib import Path
from typing import Any

import tensors
import unit
from framework import Framework, Program, arithmetic, input_sets
from protocol import Exit, Failure, cuda_index, nvidia_facts, processor_name

MODES = {"jit": "compiled"}


class Jax(Framework):
    """One model on one device."""

    def identify(self, request: dict[str, Any]) -> dict[str, Any]:
        _, tf32 = arithmetic(request, MODES)
        import jax
        import jaxlib

        jax.config.update("jax_default_matmul_precision", "tensorfloat32" if tf32 else "float32")
        if request.get("cache_dir"):
            jax.config.update("jax_compilation_cache_dir", str(Path(request["cache_dir"]) / "jax"))
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        if request["device"] == "cpu" and request["mode"] != "probe":
            jax.config.update("jax_platforms", "cpu")  # so that no GPU is woken up
        gpus = _gpus()
        index = cuda_index(request["device"], lambda: [gpu.device_kind for gpu in gpus])
        self.device = jax.devices("cpu")[0] if index is None else gpus[index]
        jax.config.update("jax_default_device", self.device)
        self.threads = request["threads"]
        facts: dict[str, Any] = {
            "framework": {
                "name": request["framework"],
                "version": jax.__version__,
                "variant": request["variant"],
                "backend": "cpu" if index is None else "cuda",
                "exec_mode": "compiled",
                "precision_declared": "tf32" if tf32 else "fp32",
                "flags": {"jaxlib": jaxlib.__version__} | ({} if index is None else nvidia_facts(index)),
            },
            "device": self._device(index),
        }
        if request["mode"] == "probe":
            facts["devices"] = [self._device(each) for each in (None, *range(len(gpus)))]
        return facts

    def _device(self, index: int | None) -> dict[str, Any]:
        if index is None:
            return {"id": "cpu", "kind": "cpu", "name": processor_name(), "driver": "", "threads": self.threads}
        name, driver = _gpus()[index].device_kind, nvidia_facts(index).get("driver", "")
        return {"id": f"cuda:{index}", "kind": "discrete", "name": name, "driver": driver, "threads": self.threads}

    def load(self, case: Path) -> None:
        import jax
        import llama
        import programs

        description = tensors.describe(case)
        if description["arch"] != "llama":
            raise Failure(Exit.UNSUPPORTED, f"architecture {description['arch']}; there is llama")
        self.case = case
        self.model = programs.Model(llama.Llama(description["hparams"]), {})
        self.reset()
        jax.block_until_ready(self.model.parameters)

    def reset(self) -> None:
        entries = tensors.read_weights(self.case, self.model.function.shapes())
        self.model.parameters = {name: self._put(entry.read()) for name, entry in entries}

    def load_inputs(self) -> None:
        self.inputs = {name: self._put(values) for name, values in tensors.read_inputs(self.case).items()}

    def _put(self, values: Any) -> Any:
        """An array of the device's own: one that shares numpy's memory could not be donated."""
        import jax

        return jax.device_put(values, self.device, may_alias=False)

    def program(self, spec: dict[str, Any]) -> Program:
        import programs

        return programs.create(self.model, spec, input_sets(spec, self.inputs))

    def release(self) -> None:
        """Nothing outlives its program."""

    def device_peak_bytes(self) -> int | None:
        return None if self.device.platform == "cpu" else (self.device.memory_stats() or {}).get("peak_bytes_in_use")


def _gpus() -> list[Any]:
    import jax

    try:
        return jax.devices("cuda")
    except RuntimeError:
        return []


if __name__ == "__main__":
    sys.exit(unit.main(Jax(), __doc__))
