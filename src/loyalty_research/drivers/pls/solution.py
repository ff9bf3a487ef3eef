"""From weights to paths: correlations of scores, their correction, regressions, bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loyalty_research.drivers.pls.design import Design, Scheme
from loyalty_research.drivers.pls.kernel import pls_weights, regression
from loyalty_research.drivers.pls.moments import Moments

_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Solution:
    """Estimates of B samples.

    Parameters
    ----------
    weights
        Shape (B, p, q).
    loadings
        Shape (B, p, q), 0 outside an item's construct; disattenuated for consistent estimates.
    cross_loadings
        Shape (B, p, q): correlations of items with all scores.
    related
        Shape (B, q, q): correlations of constructs, disattenuated for consistent estimates.
    paths
        Shape (B, q, q), from row to column, 0 where there is no arrow; not a number where an
        estimate does not exist.
    r_squared
        Shape (B, q); not a number for constructs without causes.
    rho_a
        Shape (B, q): reliability of scores; 1 for single items and mode B.
    converged
        Shape (B,), bool.
    admissible
        Shape (B,), bool: converged, no item constant, reliabilities in (0, 1], loadings, R squared
        and correlations within their bounds.
    """

    weights: np.ndarray
    loadings: np.ndarray
    cross_loadings: np.ndarray
    related: np.ndarray
    paths: np.ndarray
    r_squared: np.ndarray
    rho_a: np.ndarray
    converged: np.ndarray
    admissible: np.ndarray


def solve(
    moments: Moments,
    design: Design,
    *,
    scheme: Scheme = "path",
    consistent: bool = False,
    like: np.ndarray | None = None,
) -> Solution:
    """Estimate a path model from moments of items.

    Parameters
    ----------
    moments
        Of B samples.
    design, scheme, like
        The model, its inner weights, and loadings of shape (p, q) that decide the signs of scores.
    consistent
        Whether correlations of constructs of mode A are corrected for the unreliability of scores.

    Notes
    -----
    rho_A = (w'w)^2 (1 - w'w) / ((w'w)^2 - sum(w^4)) for weights scaled to scores of variance 1;
    consistent correlations are r_ij / sqrt(rho_i rho_j), consistent loadings
    w sqrt(rho) / (w'w). Where rho_A is not positive these do not exist.

    References
    ----------
    Dijkstra & Henseler 2015, MIS Quarterly 39(2), 297-316, eq. (3) and (5).
    """
    correlations = moments.correlations
    found = pls_weights(correlations, design, scheme=scheme, like=like)
    cross = correlations @ found.weights
    related = np.swapaxes(found.weights, 1, 2) @ cross
    loadings = cross * design.blocks
    rho = reliability_of(found.weights, design)
    if consistent:
        related, loadings = _consistent(found.weights, loadings, related, rho, design)
    paths, explained = structural(related, design)
    return Solution(
        found.weights,
        loadings,
        cross,
        related,
        paths,
        explained,
        rho,
        found.converged,
        found.converged & ~moments.flat & _possible(loadings, related, explained, rho),
    )


def reliability_of(weights: np.ndarray, design: Design) -> np.ndarray:
    """Return rho_A of each construct, shape (B, q); 1 for single items and mode B."""
    squares = (weights**2).sum(axis=1)
    fourth = (weights**4).sum(axis=1)
    spread = squares**2 - fourth
    several = (design.blocks.sum(axis=0) > 1) & np.array([mode == "A" for mode in design.modes])
    usable = several & (spread > 1e-12)
    return np.divide(squares**2 * (1 - squares), spread, out=np.ones_like(squares), where=usable)


def structural(related: np.ndarray, design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Regress every construct on its causes.

    Returns
    -------
    paths, r_squared
        Shapes (B, q, q) and (B, q).
    """
    samples, size = len(related), len(design.constructs)
    paths = np.zeros((samples, size, size))
    explained = np.full((samples, size), np.nan)
    usable = np.isfinite(related).all(axis=(1, 2))
    inside = related[usable]
    for construct in design.outcomes:
        causes = design.causes_of(construct)
        slopes = regression(inside, causes, construct)
        paths[:, causes, construct] = np.nan
        inner = paths[:, :, construct]
        inner[np.ix_(np.flatnonzero(usable), causes)] = slopes
        explained[usable, construct] = (slopes * inside[:, causes, construct]).sum(axis=1)
    return paths, explained


def _consistent(
    weights: np.ndarray,
    loadings: np.ndarray,
    related: np.ndarray,
    rho: np.ndarray,
    design: Design,
) -> tuple[np.ndarray, np.ndarray]:
    root = np.sqrt(np.where(rho > 0, rho, np.nan))
    corrected = related / (root[:, :, None] * root[:, None, :])
    places = np.arange(related.shape[1])
    corrected[:, places, places] = 1
    squares = (weights**2).sum(axis=1)
    latent = weights * (root / squares)[:, None, :]
    several = (design.blocks.sum(axis=0) > 1) & np.array([mode == "A" for mode in design.modes])
    return corrected, np.where(several & design.blocks, latent, loadings)


def _possible(
    loadings: np.ndarray, related: np.ndarray, explained: np.ndarray, rho: np.ndarray
) -> np.ndarray:
    """Return whether no estimate lies outside its bounds, shape (B,)."""
    limit = 1 + _SLACK
    fine = (np.abs(loadings) <= limit).all(axis=(1, 2))  # False for what is no number
    fine &= ((rho > 0) & (rho <= limit)).all(axis=1)
    whole = np.isfinite(related).all(axis=(1, 2))
    smallest = np.full(len(related), -np.inf)
    smallest[whole] = np.linalg.eigvalsh(related[whole])[:, 0]
    outside = (explained < -_SLACK) | (explained > limit)
    return fine & (smallest > -_SLACK) & ~outside.any(axis=1)
