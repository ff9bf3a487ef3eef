"""A quadratic stand-in for the log likelihood, made at its mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from loyalty_research.tiers.calibration.likelihood import RESPONSES, Likelihood
from loyalty_research.tiers.calibration.panel import Floats

BASE_MEAN = np.array([-5.0, 0.0, 1.0, 0.0, 0.0, 0.0])
BASE_SD = np.array([2.5, 2.0, 3.0, 0.2, 0.2, 0.1])
"""Normal prior of the base parameters: weak but for the trend, 10 % a year."""
_SCALED_BY = {
    "kappa": ("theta_P",),
    "sigma_T": ("theta_T",),
    "tau_R": ("theta_R",),
    "tau_L": ("theta_L",),
    "nu": ("beta_B",),
    "psi": ("theta_P", "theta_T"),
}
"""What a parameter's effect is proportional to."""
_ROUNDS, _HALVINGS, _STEP, _ENOUGH = 15, 8, 1e-3, 0.5
_FLATTEST = 1e-3


@dataclass(frozen=True, slots=True)
class Surrogate:
    """The log likelihood as a quadratic around a mode.

    Parameters
    ----------
    names
        Responses that the panel can tell about, in the order of the arrays.
    mode
        ``[names]``: where it was made.
    base
        ``[BASE]``: base parameters there.
    gradient, information
        Of responses and base together, in coordinates (see :func:`coordinates`); base parameters
        with their prior.
    """

    names: tuple[str, ...]
    mode: Floats
    base: Floats
    gradient: Floats
    information: Floats

    def over_base(self, coordinates: Floats) -> Floats:
        """Return ``[draws]``: the log likelihood with base parameters integrated out."""
        d = len(self.names)
        cross = np.linalg.solve(self.information[d:, d:], self.information[d:, :d]).T
        gradient = self.gradient[:d] - cross @ self.gradient[d:]
        information = self.information[:d, :d] - cross @ self.information[d:, :d]
        return np.asarray(
            coordinates @ gradient - 0.5 * ((coordinates @ information) * coordinates).sum(axis=1)
        )

    def base_of(self, coordinates: Floats, numbers: Floats) -> Floats:
        """Return base parameters given responses, of standard normal numbers ``[draws, BASE]``."""
        d = len(self.names)
        inner = self.information[d:, d:]
        pull = self.gradient[d:] - coordinates @ self.information[:d, d:]
        middle = self.base + np.linalg.solve(inner, pull.T).T
        return np.asarray(middle + numbers @ np.linalg.cholesky(np.linalg.inv(inner)).T)

    def coordinates(self, responses: Floats) -> Floats:
        """Return how far responses, ``[draws, names]``, are from the mode.

        What shapes a term counts as far as the term is there: kappa by theta_P and so on. The
        spread between people counts by its square.
        """
        away = responses - self.mode
        place = {name: k for k, name in enumerate(self.names)}
        for name, by in _SCALED_BY.items():
            there = [place[one] for one in by if one in place]
            if name in place and there:
                size = responses[:, there].sum(axis=1) / self.mode[there].sum()
                away[:, place[name]] *= size
        pressed = [place[one] for one in ("theta_P", "theta_T") if one in place]
        if pressed:
            there_at_all = responses[:, pressed].sum(axis=1) > 0
            sd, slope = place["sd"], place["theta_1"]
            square = responses[:, sd] ** 2 * there_at_all - self.mode[sd] ** 2
            away[:, sd] = square / (2 * self.mode[sd])
            away[:, slope] = responses[:, slope] * there_at_all - self.mode[slope]
        return np.asarray(away)


def log_prior_of_base(base: Floats) -> Floats:
    """Return ``[draws]``: log prior of base parameters, ``[draws, BASE]``, up to a constant."""
    return np.asarray(-0.5 * (((base - BASE_MEAN) / BASE_SD) ** 2).sum(axis=1))


def informed(likelihood: Likelihood) -> tuple[str, ...]:
    """Return the responses that the panel's weeks can tell about."""
    seen = likelihood.panel.seen()
    by = {
        **{name: (name,) for name in seen},
        **{"theta_1": ("theta_P", "theta_T"), "sd": ("theta_P", "theta_T"), **_SCALED_BY},
        **{"d_V": ("beta_B",), "d_L": ("theta_L",)},
    }
    return tuple(
        name for name in RESPONSES if name == "d_1" or any(seen[one] for one in by.get(name, ()))
    )


@dataclass(frozen=True, slots=True)
class Slopes:
    """How the quadratic is made: what is moved, between which bounds, from which middle.

    Parameters
    ----------
    likelihood
        Of weekly orders.
    names
        Responses that are moved; the others stay at ``others``.
    others
        ``[RESPONSES]``.
    slab
        Values of each response, where it is there, at even places of its prior.
    """

    likelihood: Likelihood
    names: tuple[str, ...]
    others: Floats
    slab: Mapping[str, Floats]

    @property
    def inside(self) -> tuple[Floats, Floats]:
        """Least and greatest values at which the quadratic is made."""
        low = np.array([self.slab[name].min() for name in self.names])
        high = np.array([self.slab[name].max() for name in self.names])
        return low + 0.05 * (high - low), high - 0.05 * (high - low)

    @property
    def mean(self) -> Floats:
        """Middle of the priors, taken as normal."""
        middle = [np.median(self.slab[name]) for name in self.names]
        return np.concatenate([middle, BASE_MEAN])

    @property
    def spread(self) -> Floats:
        """Standard deviation of the priors."""
        return np.concatenate([[self.slab[name].std() for name in self.names], BASE_SD])

    def customers(self, x: Floats) -> Floats:
        """Return log likelihoods by customer."""
        d = len(self.names)
        values = self.others.copy()
        values[[RESPONSES.index(name) for name in self.names]] = x[:d]
        return self.likelihood.customers(values, x[d:])

    def target(self, x: Floats) -> float:
        """Return the log posterior with normal priors."""
        away = (x - self.mean) / self.spread
        return float(self.customers(x).sum() - 0.5 * (away**2).sum())

    def scores(self, x: Floats) -> Floats:
        """Return ``[customers, parameters]``: derivatives by differences."""
        here, steps = self.customers(x), np.diag(_STEP * self.spread)
        return np.stack([(self.customers(x + row) - here) / row.sum() for row in steps], axis=1)

    def quadratic(self, x: Floats, scores: Floats) -> Surrogate:
        """Return the quadratic at a place; base parameters with their prior."""
        d = len(self.names)
        gradient, information = scores.sum(axis=0), scores.T @ scores
        precision = self.spread**-2.0
        gradient[d:] -= precision[d:] * (x[d:] - self.mean[d:])
        information[d:, d:] += np.diag(precision[d:])
        information[np.diag_indices(d)] += _FLATTEST * precision[:d]
        return Surrogate(self.names, x[:d], x[d:], gradient, information)


def make_surrogate(slopes: Slopes) -> Surrogate:
    """Go to the mode by Fisher scoring, and make the quadratic there.

    Notes
    -----
    Scores of customers by differences; their outer products stand for the information (Berndt,
    Hall, Hall & Hausman 1974). On the way the priors count as normal.
    """
    d, precision = len(slopes.names), slopes.spread**-2.0
    at = np.concatenate([np.clip(slopes.mean[:d], *slopes.inside), slopes.likelihood.start])
    best = slopes.target(at)
    scores = slopes.scores(at)
    for _ in range(_ROUNDS):
        information = scores.T @ scores + np.diag(precision)
        gradient = scores.sum(axis=0) - precision * (at - slopes.mean)
        moved, value = _shorter(slopes, at, np.linalg.solve(information, gradient), best)
        if value - best < _ENOUGH:
            break
        at, best = moved, value
        scores = slopes.scores(at)
    return slopes.quadratic(at, scores)


def _shorter(slopes: Slopes, at: Floats, step: Floats, best: float) -> tuple[Floats, float]:
    """Halve a step until it gains; responses stay inside their range."""
    d = len(slopes.names)
    for halved in range(_HALVINGS):
        moved = at + step / 2**halved
        moved[:d] = np.clip(moved[:d], *slopes.inside)
        value = slopes.target(moved)
        if value > best:
            return moved, value
    return at, best
