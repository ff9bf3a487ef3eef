"""Latent classes: households differ in what they prefer and in how they respond to price."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from loyalty_research.competitors.choice.design import Design
from loyalty_research.competitors.choice.logit import fit_logit
from loyalty_research.competitors.choice.mixture import (
    Point,
    Prior,
    Shape,
    evaluate,
    prior_of,
    shape_of,
)
from loyalty_research.errors import DataError, problem
from loyalty_research.stats.intervals import LEVEL, Estimate

MOST_CLASSES = 8
_STARTS, _FIRST_STEPS, _POLISHED, _STEPS = 8, 10, 2, 60
_CLOSE, _STALLED = 1e-6, 1e-2
_EACH = 10


@dataclass(frozen=True, slots=True)
class ClassFit:
    """Weights of s classes of households.

    Parameters
    ----------
    names
        Shape (p,): columns of the design.
    shape, values
        How the parameters are laid out, and they themselves, (q,).
    prior
        The pull that keeps a class's own weights bounded.
    membership
        Shape (h, s): chance of each class given all choices of the household.
    covariance
        Shape (q, q): households the sampled units (sandwich).
    log_likelihood
        Without the prior.
    households, purchases
        Bases.
    """

    names: tuple[str, ...]
    shape: Shape
    values: np.ndarray
    prior: Prior
    membership: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    households: int
    purchases: int

    @property
    def classes(self) -> int:
        """How many classes."""
        return self.shape.classes

    @property
    def coefficients(self) -> np.ndarray:
        """Shape (s, p): weights of each class."""
        return self.shape.coefficients(self.values)

    @property
    def sizes(self) -> np.ndarray:
        """Shape (s,): shares of households."""
        return self.shape.sizes(self.values)

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with households as the sampled units; less is better."""
        return -2 * self.log_likelihood + self.shape.size * float(np.log(self.households))

    def without(self, name: str) -> ClassFit:
        """Return the fit as a start for a model that lacks a common column.

        Notes
        -----
        Its covariance is empty.
        """
        place = self.names.index(name)
        common = int(np.flatnonzero(self.shape.common == place)[0])
        left = self.shape.common[self.shape.common != place]
        shape = Shape(
            self.classes, left - (left > place), self.shape.own - (self.shape.own > place)
        )
        prior = Prior(np.delete(self.prior.centre, place), np.delete(self.prior.precision, place))
        return replace(
            self,
            names=tuple(item for item in self.names if item != name),
            shape=shape,
            values=np.delete(self.values, common),
            prior=prior,
            covariance=np.zeros((0, 0)),
        )

    def mean(self, name: str) -> float:
        """Return the mean weight of a column over households: sum over classes of size x weight."""
        return float(self.sizes @ self.coefficients[:, self.names.index(name)])

    def error(self, name: str) -> float:
        """Return the standard error of ``mean``, linearised, households the sampled units."""
        column, sizes = self.names.index(name), self.sizes
        own = self.coefficients[:, column]
        gradient = np.zeros(self.shape.size)
        for which in range(self.classes):
            gradient[self.shape.places(which)[column]] += sizes[which]
        gradient[self.shape.odds] = sizes[1:] * (own[1:] - self.mean(name))
        return float(np.sqrt(gradient @ self.covariance @ gradient))

    def estimate(self, name: str, *, level: float = LEVEL) -> Estimate:
        """Return ``mean`` with its interval over households."""
        margin, value = float(norm.ppf(0.5 + level / 2)) * self.error(name), self.mean(name)
        return Estimate(value, value - margin, value + margin, self.households, level)


def fit_classes(design: Design, *, classes: int, seed: int, starts: int = _STARTS) -> ClassFit:
    """Estimate a choice model with latent classes.

    Parameters
    ----------
    design
        Of :func:`make_design`.
    classes
        How many; 1 is the conditional logit.
    seed
        Of the starts.
    starts
        Random starts; the best after a few steps go on to the end.

    Raises
    ------
    DataError
        Where no start comes to rest.

    Notes
    -----
    Constants and price differ by class; promotion and carry-over are common. EM with one Newton
    step in each round, then Newton on the observed likelihood. A weak normal prior around the
    conditional logit keeps constants of brands that a class never buys bounded.

    References
    ----------
    Kamakura & Russell 1989, Journal of Marketing Research 26(4), 379-390; Dempster, Laird & Rubin
    1977; Keane 1997, Journal of Business & Economic Statistics 15(3), 310-327.
    """
    shape = shape_of(design, classes)
    pooled = fit_logit(design).coefficients
    prior, weights = prior_of(design, pooled), np.ones(design.households)
    rng = np.random.default_rng(seed)
    begun = []
    for _ in range(starts if classes > 1 else 1):
        values = _start(design, shape, pooled, rng)
        begun.append(_improved(design, shape, prior, values, weights, most=_FIRST_STEPS))
    begun.sort(key=lambda found: -found[1].value)
    ended = [_improved(design, shape, prior, values, weights) for values, _, _ in begun[:_POLISHED]]
    values, point, rests = max(ended, key=lambda found: found[1].value)
    if not rests:
        raise DataError(
            problem(
                "latent classes: {classes} classes do not come to rest on {purchases} purchases; "
                "ask for fewer",
                classes=classes,
                purchases=len(design.chosen),
            )
        )
    return _made(design, shape, prior, values, point)


def choose_classes(
    design: Design, *, seed: int, most: int = MOST_CLASSES, starts: int = _STARTS
) -> tuple[ClassFit, tuple[ClassFit, ...]]:
    """Return the fit whose number of classes Schwarz's criterion likes best, and all tried.

    Parameters
    ----------
    design, seed, starts
        As in :func:`fit_classes`.
    most
        Classes at most, and no more than one for ten households; numbers are tried from 1 until
        two in turn are no better, or one does not come to rest.
    """
    tried: list[ClassFit] = []
    best = 0
    for classes in range(1, max(1, min(most, design.households // _EACH)) + 1):
        try:
            tried.append(fit_classes(design, classes=classes, seed=seed, starts=starts))
        except DataError:
            if classes == 1:
                raise
            break
        if tried[-1].bic < tried[best].bic:
            best = classes - 1
        if classes - 1 - best >= 2:
            break
    return tried[best], tuple(tried)


def refitted(design: Design, fit: ClassFit, weights: np.ndarray) -> ClassFit:
    """Return a fit with every household counted ``weights`` times, (h,), begun where ``fit`` is.

    The number of classes stays; the covariance is that of ``fit``.
    """
    values, point, _ = _improved(design, fit.shape, fit.prior, fit.values, weights, close=1e-4)
    return replace(fit, values=values, membership=point.membership,
                   log_likelihood=point.log_likelihood)  # fmt: skip


def _start(
    design: Design, shape: Shape, pooled: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return parameters whose classes prefer what some household, drawn by lot, buys."""
    size = len(design.brands)
    counts = np.zeros((design.households, size))
    np.add.at(counts, (design.household, design.chosen), 1)
    share = counts.sum(axis=0) / counts.sum()
    values = np.zeros(shape.size)
    drawn = rng.choice(design.households, shape.classes, replace=shape.classes > len(counts))
    for which, household in enumerate(drawn):
        own = pooled.copy()
        liking = np.log((counts[household] + 2 * share) / (counts[household].sum() + 2) / share)
        for brand, name in enumerate(design.brands):
            if (place := design.place(name)) is not None:
                own[place] += (liking[brand] - liking[_base(design)]) * (shape.classes > 1)
        values[shape.places(which)] = own
    return values


def _base(design: Design) -> int:
    return next(place for place, name in enumerate(design.brands) if name not in design.names)


def _improved(
    design: Design,
    shape: Shape,
    prior: Prior,
    values: np.ndarray,
    weights: np.ndarray,
    *,
    most: int = _STEPS,
    close: float = _CLOSE,
) -> tuple[np.ndarray, Point, bool]:
    """Climb until the next step would gain less than ``close``; tell whether it came to rest."""
    point = evaluate(design, shape, prior, values, weights)
    for _ in range(most):
        for step in _steps(point):
            if point.slope @ step < close:
                return values, point, True
            tried = evaluate(design, shape, prior, values + step, weights)
            if tried.value > point.value:
                break
        else:
            return values, point, bool(point.slope @ step < _STALLED)
        values, point = values + step, tried
    return values, point, False


def _steps(point: Point) -> tuple[np.ndarray, ...]:
    """Return steps to try in turn: Newton's where the likelihood bends down, then EM's, shorter."""
    short = np.linalg.solve(point.complete, point.slope)
    later = tuple(short / 4**power for power in range(6))
    try:
        np.linalg.cholesky(point.observed)
    except np.linalg.LinAlgError:
        return later
    return (np.linalg.solve(point.observed, point.slope), *later)


def _made(design: Design, shape: Shape, prior: Prior, values: np.ndarray, point: Point) -> ClassFit:
    bread = np.linalg.pinv(point.observed, hermitian=True)
    size = design.households
    middle = point.scores.T @ point.scores * size / max(size - 1, 1)
    return ClassFit(design.names, shape, values, prior, point.membership, bread @ middle @ bread,
                    point.log_likelihood, size, len(design.chosen))  # fmt: skip
