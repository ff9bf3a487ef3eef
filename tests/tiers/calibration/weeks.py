"""Invented weeks of customers, for tests of the likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np

from loyalty_research.tiers.calibration import kernel_likelihood as kernel
from loyalty_research.tiers.calibration.likelihood import RESPONSES
from loyalty_research.tiers.calibration.panel import Panel

NONE: dict[str, float] = dict.fromkeys(RESPONSES, 0.0) | {
    "window": 4.0,
    "kappa": 2.0,
    "sigma_T": 0.5,
    "tau_R": 4.0,
    "tau_L": 10.0,
}
"""No response."""
ABSENT = (0.0, -kernel.FAR, *[kernel.FAR] * 4, 0.0, 0.0, 0.0)


def panel(orders: Any, *, begins: Any = 0, covariates: Any = None) -> Panel:
    """Return a panel of so many orders; without covariates nothing can act."""
    counts = np.asarray(orders, dtype=np.int64)
    n, weeks = counts.shape
    x = np.tile(np.array(ABSENT, dtype=np.float32), (n, weeks, 1))
    return Panel(
        keys=np.arange(n, dtype=np.uint64),
        orders=counts,
        covariates=x if covariates is None else np.ascontiguousarray(covariates, np.float32),
        begins=np.broadcast_to(np.asarray(begins, dtype=np.int64), (n,)).copy(),
        ends=np.full(n, weeks, dtype=np.int64),
        change=weeks // 2,
        rewarded=n,
        customers=n,
        members=np.ones(n, dtype=bool),
    )


def states(n: int, weeks: int, *, seed: int = 1) -> np.ndarray:
    """Return states in which every term acts now and then."""
    rng = np.random.default_rng(seed)
    shape = (n, weeks)

    def now_and_then(values: np.ndarray, absent: float) -> np.ndarray:
        return np.where(rng.random(shape) < 0.6, values, absent)

    columns = (
        rng.uniform(0, 0.2, shape),
        now_and_then(np.log(rng.uniform(0.1, 1, shape)), -kernel.FAR),
        now_and_then(rng.normal(-1.5, 0.7, shape), kernel.FAR),
        now_and_then(rng.normal(-1.5, 0.7, shape), kernel.FAR),
        now_and_then(rng.uniform(0, 12, shape), kernel.FAR),
        now_and_then(rng.uniform(0, 12, shape), kernel.FAR),
        now_and_then(rng.uniform(0, 0.05, shape), 0.0),
        now_and_then(rng.uniform(0, 0.01, shape), 0.0),
        rng.normal(0, 0.5, shape),
    )
    return np.stack(columns, axis=2).astype(np.float32)
