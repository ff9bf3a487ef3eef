"""What a quadratic leaves of a log likelihood, learned from where it was evaluated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from loyalty_research.tiers.calibration.panel import Floats

_LENGTH = 5.0
"""Length at which the fit begins, and the middle of its log-normal prior, in spreads of inputs."""
_ITERATIONS = 30
_LEARNED = 800
_JITTER = 1e-6


@dataclass(frozen=True, slots=True)
class Emulator:
    """A Gaussian process given values.

    Parameters
    ----------
    middle, inverse
        ``[inputs]``: mean of the inputs, and one over spread times length.
    places
        ``[evaluated, inputs]``, scaled.
    weights
        ``[evaluated]``.
    level, variance
        Of the process.
    """

    middle: Floats
    inverse: Floats
    places: Floats
    weights: Floats
    level: float
    variance: float

    def __call__(self, inputs: Floats) -> Floats:
        """Return ``[draws]``: the mean of the process at inputs ``[draws, inputs]``."""
        there = (inputs - self.middle) * self.inverse
        return np.asarray(self.level + self.variance * _alike(there, self.places) @ self.weights)


def make_emulator(inputs: Floats, values: Floats, rng: np.random.Generator) -> Emulator:
    """Fit a Gaussian process with a length of its own for each input.

    Parameters
    ----------
    inputs
        ``[evaluated, inputs]``.
    values
        ``[evaluated]``.
    rng
        Chooses the points that lengths are learned from, where there are many.

    Notes
    -----
    Squared exponential covariance and noise, by the marginal likelihood (Rasmussen & Williams 2006,
    equation 5.9), lengths with a log-normal prior. The noise takes in what is too rough to learn.
    """
    middle, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-9
    level = float(np.median(values))
    scaled, left = (inputs - middle) / spread, values - level
    some = rng.permutation(len(values))[:_LEARNED]
    length, size, noise = _learn(scaled[some], left[some])
    places = scaled / length
    covariance = size * _alike(places, places) + (noise + _JITTER) * np.eye(len(left))
    weights = cho_solve(cho_factor(covariance), left)
    return Emulator(middle, 1.0 / (spread * length), places, weights, level, size)


def _alike(one: Floats, other: Floats) -> Floats:
    square = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2.0 * one @ other.T
    return np.asarray(np.exp(-0.5 * square))


def _learn(places: Floats, values: Floats) -> tuple[Floats, float, float]:
    """Return lengths, variance and noise that maximise the marginal likelihood."""
    d = places.shape[1]
    scale = max(float(values.std()), 1e-3)

    def loss(x: Floats) -> tuple[float, Floats]:
        scaled = places * np.exp(-x[:d])
        alike = np.exp(2 * x[d]) * _alike(scaled, scaled)
        noise = np.exp(2 * x[d + 1])
        factor = cho_factor(alike + (noise + _JITTER) * np.eye(len(values)))
        inverse = cho_solve(factor, np.eye(len(values)))
        weights = inverse @ values
        pull = np.outer(weights, weights) - inverse
        each = pull * alike
        # sum_ij each_ij (x_ik - x_jk)^2 for every input k at once
        square = 2 * (each.sum(axis=1) @ scaled**2 - ((each @ scaled) * scaled).sum(axis=0))
        slope = -np.concatenate([0.5 * square, [each.sum()], [np.trace(pull) * noise]])
        away = x[:d] - np.log(_LENGTH)
        slope[:d] += away
        value = 0.5 * values @ weights + np.log(np.diag(factor[0])).sum() + 0.5 * (away**2).sum()
        return float(value), slope

    start = np.concatenate(
        [np.full(d, np.log(_LENGTH)), [np.log(3 * scale)], [np.log(0.3 * scale)]]
    )
    bounds = [(np.log(0.5), np.log(200.0))] * d + [(np.log(scale) - 4, np.log(scale) + 5)] * 2
    options = {"maxiter": _ITERATIONS}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    return np.exp(found[:d]), float(np.exp(2 * found[d])), float(np.exp(2 * found[d + 1]))
