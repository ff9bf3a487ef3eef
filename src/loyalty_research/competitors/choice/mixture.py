"""The likelihood of latent classes: value, slope and curvature, household by household."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from loyalty_research.competitors.choice.design import Design
from loyalty_research.competitors.choice.logit import expected

_OWN_SPREAD = 5.0
COMMON = ("promoted", "carry_over")
"""Columns whose weight is the same in every class."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the parameters of s classes stand in one vector of length q.

    First the weights common to all classes, then those of each class, then s - 1 log odds of the
    class sizes against the first class.

    Parameters
    ----------
    classes
        How many, s.
    common, own
        Places among the p columns of the design.
    """

    classes: int
    common: np.ndarray
    own: np.ndarray

    @property
    def size(self) -> int:
        """How many parameters, q."""
        return len(self.common) + self.classes * (len(self.own) + 1) - 1

    def places(self, which: int) -> np.ndarray:
        """Return where the p weights of a class stand, in the order of the design's columns."""
        found = np.empty(len(self.common) + len(self.own), dtype=int)
        found[self.common] = np.arange(len(self.common))
        found[self.own] = len(self.common) + which * len(self.own) + np.arange(len(self.own))
        return found

    @property
    def odds(self) -> np.ndarray:
        """Return where the log odds stand."""
        return np.arange(self.size - self.classes + 1, self.size)

    def coefficients(self, values: np.ndarray) -> np.ndarray:
        """Return the weights of each class, shape (s, p)."""
        return np.stack([values[self.places(which)] for which in range(self.classes)])

    def sizes(self, values: np.ndarray) -> np.ndarray:
        """Return the shares of households in each class, shape (s,)."""
        log = np.concatenate([[0.0], values[self.odds]])
        return np.asarray(np.exp(log - logsumexp(log)))


@dataclass(frozen=True, slots=True)
class Prior:
    """A weak pull of each class's own weights towards those of all; keeps them bounded.

    Parameters
    ----------
    centre, precision
        Shapes (p,): the weights of the conditional logit, and 1 / variance around them; 0 for
        columns common to all classes.
    """

    centre: np.ndarray
    precision: np.ndarray


@dataclass(frozen=True, slots=True)
class Point:
    """The likelihood at some parameters.

    Parameters
    ----------
    value
        Log-likelihood less the prior's penalty.
    log_likelihood
        Without it.
    membership
        Shape (h, s): chance of each class given all choices of the household.
    scores
        Shape (h, q): slopes of each household's log-likelihood.
    slope
        Shape (q,): of ``value``.
    complete, observed
        Shapes (q, q): negative Hessians of ``value``, were the classes known, and as they are.
    """

    value: float
    log_likelihood: float
    membership: np.ndarray
    scores: np.ndarray
    slope: np.ndarray
    complete: np.ndarray
    observed: np.ndarray


def shape_of(design: Design, classes: int) -> Shape:
    """Return the places of the parameters: constants and price by class, the rest common."""
    columns = np.arange(len(design.names))
    common = np.isin(np.array(design.names), COMMON)
    return Shape(classes, columns[common], columns[~common])


def prior_of(design: Design, centre: np.ndarray) -> Prior:
    """Return the prior: the standard deviation is 5 in utility for a column's usual spread."""
    spread = design.features[design.on_offer].std(axis=0)
    constant = np.isin(np.array(design.names), design.brands)
    scale = np.where(constant, 1.0, np.maximum(spread, 1e-12))
    free = np.isin(np.array(design.names), COMMON)
    return Prior(centre, np.where(free, 0.0, (scale / _OWN_SPREAD) ** 2))


def evaluate(
    design: Design, shape: Shape, prior: Prior, values: np.ndarray, weights: np.ndarray
) -> Point:
    """Return the likelihood of latent classes at ``values``.

    Parameters
    ----------
    weights
        Shape (h,): how often each household counts.

    Notes
    -----
    The observed information is the complete one less the variance of the scores over classes,
    given each household's choices (Louis 1982, JRSS B 44(2), 226-233).
    """
    starts, sizes = design.starts, shape.sizes(values)
    each = [expected(design, own) for own in shape.coefficients(values)]
    joint = np.log(np.maximum(sizes, 1e-300)) + np.column_stack(
        [np.add.reduceat(one.log, starts) for one in each]
    )
    total = logsumexp(joint, axis=1)
    membership = np.exp(joint - total[:, None])
    complete = np.zeros((shape.size, shape.size))
    spread = np.zeros_like(complete)
    scores = np.zeros((len(starts), shape.size))
    for which, one in enumerate(each):
        places = shape.places(which)
        part = weights * membership[:, which]
        complete[np.ix_(places, places)] += one.curvature(design, part[design.household])
        mine = np.zeros((len(starts), shape.size))
        mine[:, places] = np.add.reduceat(one.scores, starts)
        mine[:, shape.odds] = (np.arange(1, shape.classes) == which) - sizes[1:]
        scores += membership[:, which, None] * mine
        spread += mine.T @ (part[:, None] * mine)
    odds = np.ix_(shape.odds, shape.odds)
    complete[odds] += weights.sum() * (np.diag(sizes[1:]) - np.outer(sizes[1:], sizes[1:]))
    observed = complete - spread + scores.T @ (weights[:, None] * scores)
    likelihood = float(weights @ total)
    away = shape.coefficients(values) - prior.centre
    slope = weights @ scores
    for which in range(shape.classes):
        places = shape.places(which)
        slope[places] -= prior.precision * away[which]
        complete[places, places] += prior.precision
        observed[places, places] += prior.precision
    penalty = float((prior.precision * away**2).sum()) / 2
    return Point(likelihood - penalty, likelihood, membership, scores, slope, complete, observed)
