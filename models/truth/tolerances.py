"""Limits of each precision class: README.md, "Tolerances", is the specification."""

import math
from dataclasses import dataclass

UNIT_ROUNDOFF = 2.0**-24
FLOOR = 32 * UNIT_ROUNDOFF
TOUCHED = 1e-9  # a float64 run repeats to 1e-12: whatever moves a tensor further is the mutation

Errors = dict[str, float]


def group_of(key: str) -> str:
    """The group of a tensor: set suffixes go, and every whole component of digits becomes a star."""
    return ".".join("*" if part.isdigit() else part for part in key.split("@")[0].split("."))


@dataclass(frozen=True)
class Limit:
    """What a group may differ by, and why; `mutant_min` is None when no mutant reaches the group."""

    limit: float
    anchor: float
    mutant_min: float | None
    mutant: str | None
    verifiable: bool

    def json(self) -> dict[str, object]:
        return {key: _rounded(value) for key, value in vars(self).items()}


def _rounded(value: object) -> object:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _extreme(errors: Errors, group: str) -> list[float]:
    return [error for key, error in errors.items() if group_of(key) == group]


def derive(anchors: dict[str, Errors], mutants: dict[str, Errors], sizes: dict[str, int]) -> dict[str, Limit]:
    """limit = max(32 u, min(k A, sqrt(A M))) for every group; `sizes` are values in a group's smallest tensor."""
    limits: dict[str, Limit] = {}
    for group in sorted(sizes):
        anchor = max(error for errors in anchors.values() for error in _extreme(errors, group))
        reached = [
            (error, name)
            for name, errors in mutants.items()
            for error in _extreme(errors, group)
            if error > TOUCHED
        ]
        least, name = min(reached, default=(None, None))
        factor = 8 if sizes[group] < 1000 else 4
        limit = factor * anchor if least is None else min(factor * anchor, math.sqrt(anchor * least))
        verifiable = least is not None and least / anchor >= 4
        limits[group] = Limit(max(FLOOR, limit), anchor, least, name, verifiable)
    return limits


def shares(limits: dict[str, Limit], errors: Errors) -> Errors:
    """How much of its limit every error takes that can be told; more than 1 is wrong."""
    return {
        key: error / limits[group_of(key)].limit for key, error in errors.items() if limits[group_of(key)].verifiable
    }


def margins(limits: dict[str, Limit], mutants: dict[str, Errors]) -> dict[str, tuple[float, str]]:
    """For every mutant, how many limits its most visible error is, over verifiable groups, and where."""
    return {
        name: max(((share, key) for key, share in shares(limits, errors).items()), default=(0.0, ""))
        for name, errors in mutants.items()
    }
