"""Whether chains have mixed: effective draws and R-hat."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from loyalty_research.tiers.calibration.panel import Floats


def effective_draws(path: Floats) -> Floats:
    """Return ``[k]``: effective number of draws of ``[steps, chains, k]``, for the middle.

    Notes
    -----
    Halved chains, normal scores of ranks, between-chain and within-chain variance with Geyer's
    initial monotone sequence (Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021). What never
    changes has as many as there are draws.
    """
    return np.array([_effective(_scores(_halves(path[:, :, k]))) for k in range(path.shape[2])])


def r_hat(path: Floats) -> Floats:
    """Return ``[k]``: the larger of the R-hats of ranks and of folded ranks (the same source)."""
    found = []
    for k in range(path.shape[2]):
        halves = _halves(path[:, :, k])
        folded = np.abs(halves - np.median(halves))
        found.append(max(_r_hat(_scores(halves)), _r_hat(_scores(folded))))
    return np.array(found)


def _halves(x: Floats) -> Floats:
    half = len(x) // 2
    return np.concatenate([x[:half], x[-half:]], axis=1)


def _scores(x: Floats) -> Floats:
    ranks = rankdata(x, method="average").reshape(x.shape)
    return np.asarray(ndtri((ranks - 0.375) / (x.size + 0.25)))


def _variances(x: Floats) -> tuple[float, float]:
    """Return the mean variance within chains, and that of all together."""
    within = float(x.var(axis=0, ddof=1).mean())
    return within, within * (len(x) - 1) / len(x) + float(x.mean(axis=0).var(ddof=1))


def _r_hat(x: Floats) -> float:
    within, pooled = _variances(x)
    if pooled <= 0:
        return 1.0
    return float(np.sqrt(pooled / within)) if within > 0 else float("inf")


def _effective(x: Floats) -> float:
    steps = len(x)
    within, pooled = _variances(x)
    if pooled <= 0:
        return float(x.size)
    centred = x - x.mean(axis=0)
    total, before = -1.0, np.inf
    for lag in range(0, steps - 1, 2):
        pair = sum(_correlation(centred, one, within, pooled) for one in (lag, lag + 1))
        if pair < 0:
            break
        before = min(pair, before)
        total += 2 * before
    return float(min(x.size / max(total, 1e-9), x.size * np.log10(x.size)))


def _correlation(centred: Floats, lag: int, within: float, pooled: float) -> float:
    steps = len(centred)
    covariance = (centred[lag:] * centred[: steps - lag]).sum(axis=0) / (steps - 1)
    return float(1.0 - (within - covariance.mean()) / pooled)
