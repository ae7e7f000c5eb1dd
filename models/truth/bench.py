"""The stages of a case, each kept in the work folder: a broken run goes on where it stopped."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

import crosscheck
import llama
from cases import SETS, Case
from quantities import Bundle, Comparison, Emit, Losses, Store, compute
from rounding import Product
from step import Weights


class Bench:
    """One case in one work folder."""

    def __init__(self, case: Case, work: Path) -> None:
        self.case = case
        self.work = work
        self.bundle = Bundle(case, work)
        self.truth = Store(work / "truth")

    def cached(self, name: str, make: Callable[[], dict | None]) -> dict:
        """The JSON that `make` answers, kept in the work folder."""
        path = self.work / f"{name}.json"
        if not path.exists():
            start = time.monotonic()
            path.write_text(json.dumps(make()))
            print(f"{self.case.folder} {name}: {time.monotonic() - start:.1f} s", flush=True)
        return json.loads(path.read_text())

    def own(self, dtype: torch.dtype, emit: Emit, product: Product = torch.matmul) -> Losses:
        """The model of this folder."""

        def forward(weights: Weights, ids: Tensor) -> Tensor:
            return llama.logits(weights, self.case.config, ids, product=product)

        return compute(self.bundle, forward, self.bundle.weights(dtype), SETS, emit)

    def make_truth(self) -> dict:
        """Fills the store twice, the second time to compare."""
        first = self.own(torch.float64, self.truth.put)
        if self.own(torch.float64, self.truth.require_identical) != first:
            raise AssertionError("losses of two runs differ")
        return asdict(first)

    def own_errors(self, product: Product = torch.matmul) -> dict[str, float]:
        """The errors of this folder's model in float32."""
        comparison = Comparison(self.truth)
        self.own(torch.float32, comparison.emit, product)
        return comparison.errors

    def library(self, dtype: torch.dtype, lifted: bool) -> dict:
        return crosscheck.measure(self.bundle, self.truth, dtype, lifted)
