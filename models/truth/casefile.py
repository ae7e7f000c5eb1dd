"""case.json, SHA256SUMS and the digests of the tensors that are not committed."""

import hashlib
import json
from pathlib import Path

import numpy as np

import synthetic
import tensor_file
from cases import SETS, Case
from llama import Config
from tolerances import Limit

SUMS = "SHA256SUMS"
_DTYPES = {"float32": "F32", "int64": "I64"}


def forward_flops(config: Config, batch: int, length: int) -> int:
    """Multiplications and additions of the matrix products; attention counts the positions a causal mask keeps."""
    dense = sum(int(np.prod(shape)) for shape in config.shapes().values() if len(shape) == 2)
    pairs = batch * length * (length + 1) // 2
    return 2 * batch * length * dense + 4 * pairs * config.hidden * config.layers


def _weights(case: Case) -> dict[str, object]:
    shapes = case.config.shapes()
    return {
        "layout": "torch",
        "dtype": "F32",
        "aliases": {"lm_head.weight": "model.embed_tokens.weight"},
        "source": f"synthetic:ih12/seed={synthetic.SEED}",
        "values": sum(int(np.prod(shape)) for shape in shapes.values()),
        "tensors": {
            name: {"shape": list(shapes[name]), "kind": synthetic.kind_of(name, len(shapes[name])).value}
            for name in sorted(shapes)
        },
    }


def _inputs(case: Case) -> dict[str, object]:
    tensors: dict[str, object] = {}
    for name, values in case.inputs().items():
        entry: dict[str, object] = {"dtype": _DTYPES[values.dtype.name], "shape": list(values.shape)}
        if values.dtype == np.int64:
            entry |= {"kind": "integers", "modulus": case.config.vocab}
        else:
            entry |= {"kind": synthetic.Kind.NORMAL.value}
        if name.startswith("labels"):
            entry |= {"meaning": "target for the same position, no shift"}
        tensors[name] = entry
    return {"sets": SETS, "tensors": tensors}


def describe(case: Case, limits: dict[str, dict[str, Limit]], mutants: list[str]) -> dict[str, object]:
    """The content of case.json."""
    config, flops = case.config, forward_flops(case.config, case.batch, case.length)
    weights = _weights(case)
    return {
        "schema": "bench-case/1.0",
        "id": case.id,
        "arch": "llama",
        "hparams": {
            "hidden": config.hidden,
            "layers": config.layers,
            "heads": config.heads,
            "kv_heads": config.kv_heads,
            "head": config.head,
            "ffn": config.ffn,
            "vocab": config.vocab,
            "rope_theta": config.rope_theta,
            "rope_style": "half",
            "rms_eps": config.rms_eps,
            "tie_embeddings": True,
        },
        "weights": weights,
        "inputs": _inputs(case),
        "outputs": {"logits": {"dtype": "F32", "shape": [case.batch, case.length, config.vocab]}},
        "losses": {"native": "ce_mean(logits,labels)", "probe": "sum(logits*probe)/sqrt(numel)"},
        "programs": case.programs(),
        "flops": {"forward": flops, "latency": forward_flops(case.config, 1, 1), "train_step": 3 * flops},
        "bytes_min": {"forward": 4 * int(weights["values"])},
        "tolerances": {
            name: {group: limit.json() for group, limit in found.items()} for name, found in limits.items()
        },
        "mutants": mutants,
    }


def committed_limits(case: Case) -> dict[str, dict[str, Limit]]:
    """The limits that the resources hold already, by precision class."""
    path = case.resources / "case.json"
    if not path.exists():
        return {}
    classes = json.loads(path.read_text())["tolerances"]
    return {name: {group: Limit(**limit) for group, limit in found.items()} for name, found in classes.items()}


def write(case: Case, content: dict[str, object], work: Path) -> None:
    """Writes case.json, and SHA256SUMS over the whole bundle, the uncommitted files included."""
    path = case.resources / "case.json"
    path.write_text(json.dumps(content, indent=1) + "\n")
    files = {
        "case.json": path,
        "expected.safetensors": case.resources / "expected.safetensors",
        "inputs.safetensors": work / "inputs.safetensors",
        "weights.safetensors": work / "weights.safetensors",
    }
    sums = "".join(f"{tensor_file.sha256(files[name])}  {name}\n" for name in sorted(files))
    (case.resources / SUMS).write_text(sums)


def sha256(case: Case) -> str:
    """case_sha256: the SHA-256 of SHA256SUMS, which names the whole bundle."""
    return hashlib.sha256((case.resources / SUMS).read_bytes()).hexdigest()


def write_bundle_inputs(case: Case, work: Path) -> None:
    """Writes weights.safetensors and inputs.safetensors for adapters, and the digest of each tensor for the resources."""
    shapes = case.config.shapes()
    weights = tensor_file.write_lazily(
        work / "weights.safetensors",
        [(name, shape, "<f4", lambda name=name: case.weight(name)) for name, shape in shapes.items()],
    )
    inputs = case.inputs()
    found = tensor_file.write_lazily(
        work / "inputs.safetensors", [(n, v.shape, v.dtype.str, lambda v=v: v) for n, v in inputs.items()]
    )
    case.resources.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"inputs": found, "weights": weights}, indent=1)
    (case.resources / "digests.json").write_text(text + "\n")
