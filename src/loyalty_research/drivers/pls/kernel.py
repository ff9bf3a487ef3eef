"""Weights of partial least squares, for many correlation matrices at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loyalty_research.drivers.pls.design import Design, Scheme

TOLERANCE = 1e-7
ITERATIONS = 300


@dataclass(frozen=True, slots=True)
class Weights:
    """Outer weights of B samples.

    Parameters
    ----------
    weights
        Shape (B, p, q), 0 outside an item's construct; scores have variance 1.
    iterations
        Shape (B,).
    converged
        Shape (B,), bool; where False the weights are those of the last iteration.
    """

    weights: np.ndarray
    iterations: np.ndarray
    converged: np.ndarray


def pls_weights(
    correlations: np.ndarray,
    design: Design,
    *,
    scheme: Scheme = "path",
    like: np.ndarray | None = None,
) -> Weights:
    """Estimate the weights of items by Wold's alternating algorithm.

    Parameters
    ----------
    correlations
        Shape (B, p, p), of items.
    design
        Constructs, modes and arrows.
    scheme
        Inner weights: ``path`` regressions on causes and correlations with consequences,
        ``factorial`` correlations, ``centroid`` their signs.
    like
        Shape (p, q): loadings that decide the signs of scores; None for a positive sum of
        loadings.

    Notes
    -----
    Items are standardised. The iteration ends where no weight moves by more than 1e-7, at most
    after 300 rounds. The sign of a score is free: each construct is turned to the side on which
    its loadings agree with ``like`` (construct-level changes).

    References
    ----------
    Tenenhaus, Esposito Vinzi, Chatelin & Lauro 2005, Computational Statistics & Data Analysis
    48(1), section 2 and eq. (2.6)-(2.10); Lohmoeller 1989, ch. 2.
    """
    samples = len(correlations)
    inverses = _inverses(correlations, design)
    weights = np.broadcast_to(design.blocks.astype(float), (samples, *design.blocks.shape)).copy()
    weights = _scaled(weights, correlations)
    rounds = np.zeros(samples, dtype=int)
    going = np.arange(samples)
    for _ in range(ITERATIONS):
        now, inside = weights[going], correlations[going]
        covered = inside @ now
        related = np.swapaxes(now, 1, 2) @ covered
        proxies = covered @ inner_weights(related, design, scheme)
        new = proxies * design.blocks
        for construct, inverse in inverses.items():
            rows = design.rows_of(construct)
            new[:, rows, construct] = (inverse[going] @ proxies[:, rows, construct, None])[..., 0]
        new = _scaled(new, inside)
        weights[going] = new
        rounds[going] += 1
        moved = np.abs(np.abs(new) - np.abs(now)).max(axis=(1, 2))
        going = going[moved > TOLERANCE]
        if not len(going):
            break
    converged = np.ones(samples, dtype=bool)
    converged[going] = False
    return Weights(_turned(weights, correlations, design, like), rounds, converged)


def inner_weights(related: np.ndarray, design: Design, scheme: Scheme) -> np.ndarray:
    """Return how scores make up each construct's inner proxy.

    Parameters
    ----------
    related
        Shape (B, q, q): correlations of scores.

    Returns
    -------
    numpy.ndarray
        Shape (B, q, q), the proxies down the columns.
    """
    joined = design.arrows | design.arrows.T
    if scheme == "centroid":
        return np.sign(related) * joined
    if scheme == "factorial":
        return related * joined
    found = related * design.arrows.T  # consequences by their correlation
    for construct in design.outcomes:
        causes = design.causes_of(construct)
        found[:, causes, construct] = regression(related, causes, construct)
    return found


def regression(related: np.ndarray, causes: np.ndarray, outcome: int) -> np.ndarray:
    """Return standardised coefficients of ``outcome`` on ``causes``, shape (B, len(causes))."""
    within = related[:, causes[:, None], causes]
    across = related[:, causes, outcome, None]
    try:
        return np.linalg.solve(within, across)[..., 0]
    except np.linalg.LinAlgError:
        return (inverse(within) @ across)[..., 0]


def inverse(matrices: np.ndarray) -> np.ndarray:
    """Return pseudo-inverses of symmetric matrices, shape (B, k, k); nan where one is not finite.

    Consistent estimates have none where a reliability falls to 0 or below.
    """
    finite = np.isfinite(matrices).all(axis=(1, 2))
    found = np.full_like(matrices, np.nan)
    found[finite] = np.linalg.pinv(matrices[finite], hermitian=True)
    return found


def _inverses(correlations: np.ndarray, design: Design) -> dict[int, np.ndarray]:
    """Return the inverse correlations within each construct of mode B."""
    found = {}
    for construct, mode in enumerate(design.modes):
        rows = design.rows_of(construct)
        if mode == "B" and len(rows) > 1:
            inside = correlations[:, rows[:, None], rows]
            found[construct] = inverse(inside)
    return found


def _scaled(weights: np.ndarray, correlations: np.ndarray) -> np.ndarray:
    variance = (weights * (correlations @ weights)).sum(axis=1)
    scale = np.sqrt(np.maximum(variance, 1e-300))
    return weights / scale[:, None, :]


def _turned(
    weights: np.ndarray, correlations: np.ndarray, design: Design, like: np.ndarray | None
) -> np.ndarray:
    loadings = (correlations @ weights) * design.blocks
    agreement = (loadings * (design.blocks if like is None else like)).sum(axis=1)
    return weights * np.where(agreement < 0, -1.0, 1.0)[:, None, :]
