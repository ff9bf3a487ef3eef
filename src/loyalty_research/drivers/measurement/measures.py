"""Reliability and validity of constructs, for many samples at once."""

from __future__ import annotations

import numpy as np

from loyalty_research.drivers.pls.design import Design
from loyalty_research.drivers.pls.moments import Moments
from loyalty_research.drivers.pls.solution import Solution


def alphas(matrices: np.ndarray, design: Design) -> np.ndarray:
    """Return Cronbach's alpha of every construct, shape (B, q); not a number for single items.

    Parameters
    ----------
    matrices
        Shape (B, p, p): correlations for standardised alpha, covariances for raw alpha.

    References
    ----------
    Cronbach 1951, Psychometrika 16(3), 297-334, eq. (2).
    """
    found = np.full((len(matrices), len(design.constructs)), np.nan)
    for construct in range(found.shape[1]):
        rows = design.rows_of(construct)
        if len(rows) < 2:
            continue
        inside = matrices[:, rows[:, None], rows]
        total = inside.sum(axis=(1, 2))
        own = np.trace(inside, axis1=1, axis2=2)
        size = len(rows)
        found[:, construct] = size / (size - 1) * (1 - own / np.where(total > 0, total, np.nan))
    return found


def composite_reliability(loadings: np.ndarray, design: Design) -> np.ndarray:
    """Return rho_C of every construct, shape (B, q); not a number for single items and mode B.

    References
    ----------
    Fornell & Larcker 1981, Journal of Marketing Research 18(1), 39-50, eq. (10).
    """
    common = loadings.sum(axis=1) ** 2
    error = ((1 - loadings**2) * design.blocks).sum(axis=1)
    return np.where(_reflective(design), common / (common + error), np.nan)


def variance_extracted(loadings: np.ndarray, design: Design) -> np.ndarray:
    """Return AVE, the mean squared loading, shape (B, q); not a number as for rho_C.

    References
    ----------
    Fornell & Larcker 1981, Journal of Marketing Research 18(1), 39-50, eq. (12).
    """
    mean = (loadings**2).sum(axis=1) / design.blocks.sum(axis=0)
    return np.where(_reflective(design), mean, np.nan)


def htmt(correlations: np.ndarray, design: Design) -> np.ndarray:
    """Return the heterotrait-monotrait ratio of each two constructs, shape (B, q, q).

    Notes
    -----
    Mean absolute correlation of items across two constructs over the geometric mean of those
    within each; a single item counts with 1. Not a number on the diagonal.

    References
    ----------
    Henseler, Ringle & Sarstedt 2015, Journal of the Academy of Marketing Science 43(1), eq. (6);
    absolute values: Ringle, Sarstedt, Sinkovics & Sinkovics 2023, Data in Brief 48, 109074.
    """
    sizes = design.blocks.sum(axis=0)
    shares = design.blocks / sizes
    absolute = np.abs(correlations)
    across = shares.T @ absolute @ shares
    own = np.diagonal(across, axis1=1, axis2=2) * sizes**2
    pairs = np.where(sizes > 1, sizes * (sizes - 1), 1)
    within = np.where(sizes > 1, (own - sizes) / pairs, 1.0)
    root = np.sqrt(np.maximum(within, 1e-12))
    found = across / (root[:, :, None] * root[:, None, :])
    places = np.arange(found.shape[1])
    found[:, places, places] = np.nan
    return found


def all_measures(solution: Solution, moments: Moments, design: Design) -> dict[str, np.ndarray]:
    """Return every measure of the measurement model by name."""
    correlations = moments.correlations
    several = design.blocks.sum(axis=0) > 1
    return {
        "alpha": alphas(correlations, design),
        "alpha_raw": alphas(moments.covariances, design),
        "rho_a": np.where(several & _reflective(design), solution.rho_a, np.nan),
        "rho_c": composite_reliability(solution.loadings, design),
        "ave": variance_extracted(solution.loadings, design),
        "loadings": solution.loadings.sum(axis=2),
        "weights": solution.weights.sum(axis=2),
        "htmt": htmt(correlations, design),
    }


def _reflective(design: Design) -> np.ndarray:
    several = design.blocks.sum(axis=0) > 1
    return several & np.array([mode == "A" for mode in design.modes])
