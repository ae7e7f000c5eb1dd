"""Figures for generation.json."""

import numpy as np

import tolerances
from bench import Bench


def short(value: float) -> float:
    """Three significant digits."""
    return float(f"{value:.3g}")


def spread(errors: dict[str, float]) -> dict[str, dict[str, float]]:
    """Median and greatest error of each family."""
    families: dict[str, list[float]] = {}
    for key, error in errors.items():
        families.setdefault(key.split(".")[0], []).append(error)
    return {
        family: {"median": short(float(np.median(found))), "max": short(max(found))}
        for family, found in families.items()
    }


def admission(errors: tolerances.Errors, limits: dict[str, dict[str, tolerances.Limit]]) -> dict[str, dict]:
    """For every class, the greatest share of a limit that an implementation takes, by family, and how many it exceeds."""
    found: dict[str, dict] = {}
    for name, by_group in limits.items():
        shares = tolerances.shares(by_group, errors)
        beyond = sum(share > 1 for share in shares.values())
        found[name] = {family: values["max"] for family, values in spread(shares).items()}
        found[name] |= {"beyond": beyond, "of": len(shares)}
    return found


def greatest_by_group(errors: tolerances.Errors) -> tolerances.Errors:
    """The greatest error of every group."""
    found: tolerances.Errors = {}
    for key, error in errors.items():
        group = tolerances.group_of(key)
        found[group] = max(error, found.get(group, 0.0))
    return {group: short(error) for group, error in sorted(found.items())}


def output_rank(bench: Bench) -> dict[str, float]:
    """Rows of the logits and the ratio of the least to the greatest singular value: full rank when it is not 0."""
    logits = np.array(bench.truth.get("out.logits")).reshape(-1, bench.case.config.vocab)
    values = np.linalg.svd(logits, compute_uv=False)
    return {"rows": logits.shape[0], "least_over_greatest": short(values[-1] / values[0])}


def least_by_family(errors: dict[str, float]) -> dict[str, float]:
    """The least error of a mutant in every family that it touches."""
    touched: dict[str, float] = {}
    for key, error in errors.items():
        if error > tolerances.TOUCHED:
            family = key.split(".")[0]
            touched[family] = min(error, touched.get(family, error))
    return {family: short(error) for family, error in touched.items()}
