"""What follows from paths: total effects, effect sizes, inflation of variances."""

from __future__ import annotations

import numpy as np

from loyalty_research.drivers.pls.design import Design
from loyalty_research.drivers.pls.kernel import inverse, regression


def total_effects(paths: np.ndarray) -> np.ndarray:
    """Return direct and indirect effects together, shape (B, q, q) like ``paths``.

    Notes
    -----
    The sum of all powers of the paths; with no cycles, power q is nothing.
    """
    size = paths.shape[-1]
    found, power = paths.copy(), paths
    for _ in range(size - 2):
        power = power @ paths
        found = found + power
    return found


def effect_sizes(related: np.ndarray, design: Design) -> np.ndarray:
    """Return f squared of every path, shape (B, q, q); 0 where there is no arrow.

    Notes
    -----
    (R2 with - R2 without the cause) / (1 - R2 with).

    References
    ----------
    Cohen 1988, Statistical Power Analysis, section 9.2.
    """
    found = np.zeros_like(related)
    for construct in design.outcomes:
        causes = design.causes_of(construct)
        whole = _explained(related, causes, construct)
        for cause in causes:
            rest = _explained(related, causes[causes != cause], construct)
            left = np.where(whole < 1, 1 - whole, np.nan)  # nothing left over: no effect size
            found[:, cause, construct] = (whole - rest) / left
    return found


def inflation(related: np.ndarray, design: Design) -> np.ndarray:
    """Return the variance inflation of every cause, shape (B, q, q); 0 where there is no arrow."""
    found = np.zeros_like(related)
    for construct in design.outcomes:
        causes = design.causes_of(construct)
        inverses = inverse(related[:, causes[:, None], causes])
        found[:, causes, construct] = np.diagonal(inverses, axis1=1, axis2=2)
    return found


def _explained(related: np.ndarray, causes: np.ndarray, outcome: int) -> np.ndarray:
    if not len(causes):
        return np.zeros(len(related))
    slopes = regression(related, causes, outcome)
    return np.asarray((slopes * related[:, causes, outcome]).sum(axis=1))
