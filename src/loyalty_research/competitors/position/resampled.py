"""How far a map of brands moves when its households are drawn again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, norm

from loyalty_research.competitors.position.correspondence import Correspondence

LEVEL = 0.95
SHOWN = 2
"""Axes that a map has."""
_DRAWS = 999


@dataclass(frozen=True, slots=True)
class Resampled:
    """What a bootstrap of the sampled units says of a map; j brands, k attributes, a axes.

    Parameters
    ----------
    spread
        Shape (j, a, a): covariance of the place of each brand.
    attribute_errors
        Shape (k, a): standard error of the place of each attribute.
    p_values
        Shape (a,): chance of an axis as large, or larger, where the axes before it are all there
        is to tell brands apart.
    cell_scores
        Shape (j, k): residual of each cell over its standard error.
    share_errors
        Shape (j, k): standard error of the share of a brand's counts that an attribute has.
    clear
        Shape (j, a): whether a brand's ellipse leaves out the origin along an axis.
    interpretable
        Shape (a,): whether an axis may be read.
    """

    spread: np.ndarray
    attribute_errors: np.ndarray
    p_values: np.ndarray
    cell_scores: np.ndarray
    share_errors: np.ndarray
    clear: np.ndarray
    interpretable: np.ndarray

    @property
    def axes(self) -> int:
        """Axes that may be read; the first ones."""
        return int(self.interpretable.sum())


def resampled(
    units: np.ndarray, found: Correspondence, *, seed: int, draws: int = _DRAWS
) -> Resampled:
    """Draw the sampled units anew and compare the maps they give with the one found.

    Parameters
    ----------
    units
        Shape (g, j, k): counts of each unit (household, customer, respondent), by brand and
        attribute; or of groups of units that have nothing in common.
    found
        The map of their sum.
    seed
        Of the bootstrap.
    draws
        Samples.

    Returns
    -------
    Resampled

    Notes
    -----
    Each sample is rotated and reflected onto the map found (Procrustes over all axes, brands
    weighted by their masses). An ellipse holds with :data:`LEVEL` for all brands together
    (Bonferroni over brands): its axes are those of the covariance of the samples, its centre is
    the place found. All deviations are widened by sqrt(g / (g - j - k + 1)): the margins of the
    table are fitted to few units.

    An ellipse that leaves out the origin is not enough: the first axis of a table without any
    association is its largest accident. What chance alone gives are the residuals of a sample less
    those found; an axis may be read where its inertia is beyond 95 % of the largest axis of these,
    the axes before it taken out of both, where all axes before it may be read, and where the
    ellipse of at least one brand leaves out the origin along it.

    References
    ----------
    Greenacre 2017, chapter 29; Ringrose 2012, Journal of Statistical Computation and Simulation
    82(10).
    """
    groups, rows, columns = units.shape
    shown = min(SHOWN, len(found.eigenvalues))
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(groups, np.full(groups, 1 / groups), size=draws).astype(float)
    tables = (weights @ units.reshape(groups, -1).astype(float)).reshape(-1, rows, columns)
    whole = _residuals(units.sum(axis=0, dtype=float)[None])[0]
    residuals = _residuals(tables)
    wider = np.sqrt(groups / max(groups - rows - columns + 1, 1))
    noise = wider * (residuals - whole)
    places, beside = _aligned(tables, residuals, found, shown)
    middle = wider * (places - places.mean(axis=0))
    spread = np.einsum("dja,djb->jab", middle, middle) / (draws - 1)
    errors = noise.std(axis=0, ddof=1)
    clear = np.abs(found.places[:, :shown]) > _reach(rows) * _standard(spread)
    p_values = _chances(noise, found, shown)
    passed = (p_values <= 1 - LEVEL) & clear.any(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = np.where(errors > 0, whole / errors, 0.0)
        shares = tables / tables.sum(axis=2, keepdims=True)
    return Resampled(
        spread=spread,
        attribute_errors=wider * beside.std(axis=0, ddof=1),
        p_values=p_values,
        cell_scores=scores,
        share_errors=wider * np.nanstd(shares, axis=0, ddof=1),
        clear=clear,
        interpretable=np.logical_and.accumulate(passed),
    )


def ellipse(spread: np.ndarray, *, brands: int) -> tuple[float, float, float]:
    """Return half axes, the longer first, and the angle in degrees of the longer.

    Parameters
    ----------
    spread
        Shape (2, 2).
    brands
        For how many ellipses together the level holds.
    """
    values, vectors = np.linalg.eigh(spread)
    long, short = (_reach(brands) * float(np.sqrt(max(value, 0.0))) for value in values[::-1])
    return long, short, float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))


def beyond_chance(scores: np.ndarray) -> np.ndarray:
    """Tell which scores are too large for chance over all of them together (Bonferroni)."""
    return np.asarray(np.abs(scores) > norm.isf((1 - LEVEL) / 2 / max(scores.size, 1)))


def _reach(brands: int) -> float:
    """Return the radius of an ellipse in standard errors."""
    return float(np.sqrt(chi2.isf((1 - LEVEL) / brands, SHOWN)))


def _standard(spread: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(np.einsum("jaa->ja", spread), 0.0))


def _residuals(tables: np.ndarray) -> np.ndarray:
    """Return standardised residuals (d, j, k); 0 where a margin is empty."""
    shares = tables / tables.sum(axis=(1, 2), keepdims=True)
    expected = shares.sum(axis=2, keepdims=True) * shares.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, (shares - expected) / np.sqrt(expected), 0.0)


def _aligned(
    tables: np.ndarray, residuals: np.ndarray, found: Correspondence, shown: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the places (d, j, a) and (d, k, a) of samples, turned onto those found."""
    most = len(found.eigenvalues)
    left, values, right = np.linalg.svd(residuals, full_matrices=False)
    left, values, right = left[:, :, :most], values[:, None, :most], right[:, :most].swapaxes(1, 2)
    masses = [tables.sum(axis=axis) / tables.sum(axis=(1, 2))[:, None] for axis in (2, 1)]
    with np.errstate(invalid="ignore", divide="ignore"):
        rows, columns = (
            np.where(mass[..., None] > 0, vectors * values / np.sqrt(mass)[..., None], 0.0)
            for mass, vectors in zip(masses, (left, right), strict=True)
        )
    weight = masses[0].mean(axis=0)[:, None]
    first, _, second = np.linalg.svd(rows.swapaxes(1, 2) @ (weight * found.places))
    turned = (first @ second)[:, :, :shown]
    return rows @ turned, columns @ turned


def _chances(noise: np.ndarray, found: Correspondence, shown: int) -> np.ndarray:
    """Return the p-value of each axis against the largest axis of what chance gives."""
    chances = np.ones(shown)
    for axis in range(shown):
        left, right = found.left[:, :axis], found.right[:, :axis]
        rest = noise - left @ (left.T @ noise)
        rest = rest - (rest @ right) @ right.T
        largest = np.linalg.norm(rest, ord=2, axis=(1, 2)) ** 2
        above = int((largest >= found.eigenvalues[axis]).sum())
        chances[axis] = (1 + above) / (1 + len(largest))
    return chances
