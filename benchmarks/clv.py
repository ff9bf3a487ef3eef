"""Fit BG/NBD and Pareto/NBD to many customers, here and by lifetimes: seconds, as JSON.

The peer's standard errors are not asked for; here they are part of the fit. Usage:
``python clv.py make FOLDER``, ``python clv.py ours FILE MODEL``, and, in the peer's environment,
``python clv.py peer FILE MODEL``. This module imports neither package until asked.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

CUSTOMERS = {"continuous": 1_000_000, "weekly": 1_000_000, "pareto": 100_000}
WEEKS, ENTRY = 52.0, 12.0
RATES, DROPOUT, RISK = (0.8, 6.0), (0.8, 2.5), (0.7, 12.0)


def make(folder: Path) -> None:
    """Write frequency, recency and T of simulated customers, one file a case."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(20_261_122)
    for case, customers in CUSTOMERS.items():
        rows = _histories(rng, customers, lifetimes=case == "pareto")
        if case == "weekly":
            rows[1:] = np.ceil(rows[1:])
        np.save(folder / f"{case}.npy", rows)


def _histories(rng: np.random.Generator, customers: int, *, lifetimes: bool) -> np.ndarray:
    """Return frequency, recency and T (3, n) in weeks."""
    gap = RATES[1] / rng.gamma(RATES[0], size=customers)
    age = WEEKS - rng.uniform(0, ENTRY, customers)
    leaves = np.zeros(customers) if lifetimes else rng.beta(*DROPOUT, size=customers)
    life = np.full(customers, np.inf)
    if lifetimes:
        life = rng.exponential(RISK[1] / rng.gamma(RISK[0], size=customers))
    x, now, recency = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    rows = np.arange(customers)
    while len(rows):
        now[rows] += rng.exponential(gap[rows])
        rows = rows[now[rows] <= np.minimum(age[rows], life[rows])]
        x[rows] += 1
        recency[rows] = now[rows]
        rows = rows[rng.random(len(rows)) >= leaves[rows]]
    return np.stack([x, recency, age])


def ours(file: str, model: str) -> dict[str, float]:
    """Time a fit with its standard errors."""
    import pandas as pd

    from loyalty_research.profile import clv

    x, recency, age = np.load(file)
    frame = pd.DataFrame({"frequency": x, "recency": recency, "T": age})
    fit = {"bg_nbd": clv.fit_bg_nbd, "pareto_nbd": clv.fit_pareto_nbd}[model]
    start, busy = time.perf_counter(), time.process_time()
    found = fit(frame)
    errors = found.standard_errors
    spent = _spent(start, busy)
    return {**spent, **found.params, **{f"error_{name}": one for name, one in errors.items()}}


def peer(file: str, model: str) -> dict[str, float]:
    """Time the peer's point fit."""
    from lifetimes import BetaGeoFitter, ParetoNBDFitter

    x, recency, age = np.load(file)
    fitter = {"bg_nbd": BetaGeoFitter, "pareto_nbd": ParetoNBDFitter}[model]()
    start, busy = time.perf_counter(), time.process_time()
    fitter.fit(x, recency, age)
    spent = _spent(start, busy)
    return {**spent, **{name: float(value) for name, value in fitter.params_.items()}}


def _spent(start: float, busy: float) -> dict[str, float]:
    """Return seconds by the clock, and of the processor, of which other programs take none."""
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - busy,
    }


def main(arguments: list[str]) -> None:
    """Do what the first argument names and print one JSON line."""
    if arguments[0] == "make":
        make(Path(arguments[1]))
    else:
        print(json.dumps({"ours": ours, "peer": peer}[arguments[0]](*arguments[1:])))


if __name__ == "__main__":
    main(sys.argv[1:])
