"""PyTorch behind the adapter protocol (../PROTOCOL.md), on the CPU or a CUDA GPU."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import tensors
import unit
from framework import Framework, Program, arithmetic, input_sets
from protocol import Exit, Failure, cuda_index, nvidia_facts, processor_name

MODES = {"eager": "eager", "compile": "compiled", "reduce-overhead": "cudagraph"}


class PyTorch(Framework):
    """One model on one device."""

    def identify(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("cache_dir"):
            os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(Path(request["cache_dir"]) / "inductor"))
        self.mode, tf32 = arithmetic(request, MODES)
        on_cpu = request["device"] == "cpu"
        if on_cpu and self.mode == "reduce-overhead":
            raise Failure(Exit.UNSUPPORTED, "reduce-overhead records CUDA graphs: it needs a GPU")
        if on_cpu and self.mode == "compile" and not (shutil.which("g++") or shutil.which("clang++")):
            raise Failure(Exit.UNSUPPORTED, "torch.compile on a CPU needs g++ (Debian: apt-get install g++)")
        import torch

        gpus = range(torch.cuda.device_count())
        index = cuda_index(request["device"], lambda: [torch.cuda.get_device_name(gpu) for gpu in gpus])
        self.device = torch.device("cpu") if index is None else torch.device("cuda", index)
        if index is not None:
            torch.cuda.set_device(self.device)
        torch.set_num_threads(request["threads"])
        torch.set_num_interop_threads(1)
        torch.set_float32_matmul_precision("high" if tf32 else "highest")
        torch.backends.cudnn.allow_tf32 = tf32
        torch.manual_seed(request["seed"])
        facts: dict[str, Any] = {
            "framework": {
                "name": request["framework"],
                "version": torch.__version__,
                "variant": request["variant"],
                "backend": self.device.type,
                "exec_mode": MODES[self.mode],
                "precision_declared": "tf32" if tf32 else "fp32",
                "flags": _flags(index),
            },
            "device": _device(index),
        }
        if request["mode"] == "probe":
            facts["devices"] = [_device(each) for each in (None, *gpus)]
        return facts

    def load(self, case: Path) -> None:
        import llama

        description = tensors.describe(case)
        if description["arch"] != "llama":
            raise Failure(Exit.UNSUPPORTED, f"architecture {description['arch']}; there is llama")
        self.case = case
        self.model = llama.Llama(description["hparams"]).to(self.device)
        self.reset()

    def reset(self) -> None:
        import torch

        parameters = dict(self.model.named_parameters())
        shapes = {name: tuple(parameter.shape) for name, parameter in parameters.items()}
        for name, entry in tensors.read_weights(self.case, shapes):
            if self.device.type == "cpu":
                entry.read_into(parameters[name].detach().numpy())
            else:
                parameters[name].detach().copy_(torch.from_numpy(entry.read()))

    def load_inputs(self) -> None:
        import torch

        self.inputs = {
            name: torch.from_numpy(values).to(self.device) for name, values in tensors.read_inputs(self.case).items()
        }

    def program(self, spec: dict[str, Any]) -> Program:
        import programs

        return programs.create(self.model, self.mode, spec, input_sets(spec, self.inputs))

    def release(self) -> None:
        self.model.zero_grad(set_to_none=True)

    def device_peak_bytes(self) -> int | None:
        import torch

        return None if self.device.type == "cpu" else torch.cuda.max_memory_allocated(self.device)


def _flags(index: int | None) -> dict[str, str]:
    import torch

    if index is not None:
        return {"cuda": str(torch.version.cuda), "cudnn": str(torch.backends.cudnn.version())} | nvidia_facts(index)
    return {
        "capability": torch.backends.cpu.get_cpu_capability(),
        "mkldnn": str(torch.backends.mkldnn.is_available()),
        "interop_threads": "1",
    }


def _device(index: int | None) -> dict[str, Any]:
    import torch

    threads = torch.get_num_threads()
    if index is None:
        return {"id": "cpu", "kind": "cpu", "name": processor_name(), "driver": "", "threads": threads}
    properties = torch.cuda.get_device_properties(index)
    kind = "integrated" if properties.is_integrated else "discrete"
    driver = nvidia_facts(index).get("driver", "")
    return {"id": f"cuda:{index}", "kind": kind, "name": properties.name, "driver": driver, "threads": threads}


if __name__ == "__main__":
    sys.exit(unit.main(PyTorch(), __doc__))
