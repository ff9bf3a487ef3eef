"""The conditional logit: one set of weights for all households."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from loyalty_research.competitors.choice.design import Design
from loyalty_research.errors import DataError, problem
from loyalty_research.stats.intervals import LEVEL, Estimate

_STEPS, _CLOSE, _LARGEST = 100, 1e-9, 30.0


@dataclass(frozen=True, slots=True)
class LogitFit:
    """Weights of one set for all.

    Parameters
    ----------
    names
        Shape (p,).
    coefficients
        Shape (p,).
    covariance
        Shape (p, p): households the sampled units.
    naive
        Shape (p, p): as if purchases were independent of each other.
    log_likelihood, null
        Of the fit, and of equal chances for all brands on offer.
    households, purchases
        Bases.
    """

    names: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    naive: np.ndarray
    log_likelihood: float
    null: float
    households: int
    purchases: int

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with households as the sampled units; less is better."""
        return -2 * self.log_likelihood + len(self.names) * float(np.log(self.households))

    def estimate(self, name: str, *, level: float = LEVEL) -> Estimate:
        """Return a weight with its interval over households."""
        place = self.names.index(name)
        error = float(np.sqrt(self.covariance[place, place]))
        margin, value = float(norm.ppf(0.5 + level / 2)) * error, float(self.coefficients[place])
        return Estimate(value, value - margin, value + margin, self.households, level)


def fit_logit(design: Design) -> LogitFit:
    """Estimate a conditional logit by Newton's method.

    Parameters
    ----------
    design
        Of :func:`make_design`.

    Raises
    ------
    DataError
        Where the choices leave a weight without bounds, naming the columns.

    Notes
    -----
    P(j | offered) = exp(x_j b) / sum over brands on offer. The covariance is the sandwich with
    households as clusters, h / (h - 1).

    References
    ----------
    McFadden 1974 in Zarembka (ed.), Frontiers in Econometrics; Liang & Zeger 1986, Biometrika 73.
    """
    weights = np.ones(len(design.chosen))
    values = np.zeros(len(design.names))
    here = expected(design, values)
    for _ in range(_STEPS):
        step = _solved(here.curvature(design, weights), here.scores.sum(axis=0), design)
        there = expected(design, values + step)
        while there.log.sum() < here.log.sum() - 1e-9:
            step /= 2
            there = expected(design, values + step)
        values, here = values + step, there
        if np.abs(step * _scale(design)).max() < _CLOSE:
            break
    if (apart := np.abs(values * _scale(design)) > _LARGEST).any():
        raise _unbounded(np.array(design.names)[apart])
    naive = np.linalg.inv(here.curvature(design, weights))
    own = np.add.reduceat(here.scores, design.starts)
    size = design.households
    middle = own.T @ own * size / max(size - 1, 1)
    null = -float(np.log(design.on_offer.sum(axis=1)).sum())
    return LogitFit(design.names, values, naive @ middle @ naive, naive, float(here.log.sum()),
                    null, size, len(design.chosen))  # fmt: skip


def chances(design: Design, coefficients: np.ndarray) -> np.ndarray:
    """Return the chance of each brand at each purchase, shape (n, j); 0 where not on offer."""
    utility = np.where(design.on_offer, design.features @ coefficients + design.given, -np.inf)
    power = np.exp(utility - utility.max(axis=1, keepdims=True))
    return np.asarray(power / power.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Expected:
    """What a set of weights expects of each purchase.

    Parameters
    ----------
    chance
        Shape (n, j).
    mean
        Shape (n, p): of the columns.
    log
        Shape (n,): logarithm of the chance of what was chosen.
    scores
        Shape (n, p): its slopes.
    """

    chance: np.ndarray
    mean: np.ndarray
    log: np.ndarray
    scores: np.ndarray

    def curvature(self, design: Design, weights: np.ndarray) -> np.ndarray:
        """Return the negative Hessian (p, p), each purchase counted ``weights`` times, (n,)."""
        flat = design.features.reshape(-1, design.features.shape[2])
        curve = flat.T @ (flat * (weights[:, None] * self.chance).reshape(-1, 1))
        return np.asarray(curve - self.mean.T @ (self.mean * weights[:, None]))


def expected(design: Design, coefficients: np.ndarray) -> Expected:
    """Return what weights of shape (p,) expect of each purchase."""
    chance = chances(design, coefficients)
    rows = np.arange(len(chance))
    mean = np.einsum("nj,njp->np", chance, design.features)
    log = np.log(np.maximum(chance[rows, design.chosen], 1e-300))
    return Expected(chance, mean, log, design.features[rows, design.chosen] - mean)


def _scale(design: Design) -> np.ndarray:
    return np.maximum(design.features[design.on_offer].std(axis=0), 1e-12)


def _solved(curve: np.ndarray, slope: np.ndarray, design: Design) -> np.ndarray:
    scale = _scale(design)
    scaled = curve / scale[:, None] / scale
    values, vectors = np.linalg.eigh(scaled)
    flat = values < 1e-9 * values.max()
    if flat.any():
        loads = np.abs(vectors[:, flat]).max(axis=1) > 0.1
        raise _unbounded(np.array(design.names)[loads])
    return np.asarray(np.linalg.solve(scaled, slope / scale) / scale)


def _unbounded(names: np.ndarray) -> DataError:
    return DataError(
        problem(
            "choice_sets: the choices set no bounds to the weight of {names}; leave out a brand "
            "that is always or never bought where it is offered, or a column that says the same "
            "as another",
            names=", ".join(str(name) for name in names),
        )
    )
