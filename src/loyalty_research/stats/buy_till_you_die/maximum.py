"""Maximum likelihood over logarithms of positive parameters, with a check of where it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

BOUND = 12.0
"""Of the logarithms of the parameters, times being measured in mean gaps between purchases."""
FLAT = 1e-3
"""A gain of log-likelihood, over all customers, that tells two models apart no longer."""
_STEP = 1e-4  # of differences
_STEPS = 80  # of Newton's method
_TRIED = 8  # steps after which the starts are compared
_VAGUE = 1.0  # error of a logarithm that may be that of a parameter without end
_FAR = 6.0  # a logarithm from which the way back may be flat
_NEAR = 0.1  # a step below which the curvature is not computed anew
_LITTLE = 1e-7  # gain of log-likelihood, of all customers, that only a last step is worth
_DIGITS = 1e-12  # of the log-likelihood that are left after summing over customers
_LEFT = 1e-4  # gain that a further step promises, below which the climb has ended at the top

LogLikelihood = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""Maps logarithms of the parameters (k,) to the log-likelihood and its gradient (k,)."""


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where a log-likelihood is largest.

    Parameters
    ----------
    place
        Shape (k,): logarithms of the parameters.
    value
        Log-likelihood there.
    covariance
        Shape (k, k): of the logarithms; zero along directions in which parameters run off, infinite
        where the curvature is not that of a maximum.
    converged
        Whether the gradient is zero there and the curvature that of a maximum, parameters at a
        bound left out.
    at_bound
        Shape (k,): parameters that could grow or shrink without end at no loss of likelihood.
    """

    place: np.ndarray
    value: float
    covariance: np.ndarray
    converged: bool
    at_bound: np.ndarray


def maximise(
    function: LogLikelihood,
    starts: Sequence[np.ndarray],
    *,
    limits: Sequence[Sequence[int]] = (),
    thinned: LogLikelihood | None = None,
) -> Maximum:
    """Maximise a log-likelihood by Newton's method from several starts.

    Parameters
    ----------
    function
        Log-likelihood of all customers with its gradient.
    starts
        Logarithms to begin from.
    limits
        Directions in which the model may degenerate, as signs of the k logarithms: (1, 1, 0, 0)
        for the first two growing together.
    thinned
        Log-likelihood of a share of the customers, on which the starts are tried; the climb then
        ends on all of them. None tries the starts on all.

    Returns
    -------
    Maximum

    Notes
    -----
    The Hessian comes from differences of the gradient; a direction that curves the wrong way is
    walked uphill by the size of its curvature, and no logarithm moves by more than 1 a step.
    """
    begin = None if thinned is None else _best(thinned, starts)
    # A share of the customers may point to a bound that all of them do not, and from a bound there
    # is no way back.
    if begin is None or float(np.abs(begin).max()) > _FAR:
        begin = _best(function, starts)
    place, _ = _climb(function, begin, _STEPS)
    value, slope = function(place)
    hessian, flat = curvature(function, place, slope), np.zeros((0, len(place)))
    covariance, sound = _covariance(hessian, flat)
    if not sound or float(np.diag(covariance).max()) > _VAGUE**2:
        flat = _flat(function, place, value, limits)
        covariance, sound = _covariance(hessian, flat)
    stuck = np.any(flat, axis=0)
    settled = sound and float(slope @ covariance @ slope) < _LEFT
    return Maximum(place, value, covariance, settled, stuck)


def _best(function: LogLikelihood, starts: Sequence[np.ndarray]) -> np.ndarray:
    """Return where the best start leads to."""
    tries = [_climb(function, start, _TRIED) for start in starts]
    return _climb(function, max(tries, key=lambda found: found[1])[0], _STEPS)[0]


def curvature(function: LogLikelihood, place: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Return the Hessian (k, k) by differences of the gradient, which is ``slope`` at ``place``."""
    shifts = np.eye(len(place)) * _STEP
    hessian = np.array([(function(place + shift)[1] - slope) / _STEP for shift in shifts])
    return (hessian + hessian.T) / 2


def _climb(function: LogLikelihood, start: np.ndarray, steps: int) -> tuple[np.ndarray, float]:
    """Return where Newton's method ends, and the log-likelihood there."""
    place = np.clip(start, -BOUND, BOUND)
    value, slope = function(place)
    hessian = curvature(function, place, slope)
    for _ in range(steps):
        at_edge = np.abs(place) >= BOUND
        step = _uphill(hessian, slope, ~(at_edge & (slope * place > 0)))
        if np.any(at_edge & (step * place > 0)):
            step = _uphill(hessian, slope, ~at_edge)
        if float(slope @ step) < max(_LITTLE, _DIGITS * abs(value)):
            return np.clip(place + step, -BOUND, BOUND), value
        ahead, value_ahead, slope_ahead = _walked(function, place, value, step)
        if value_ahead <= value:
            break
        if float(np.abs(ahead - place).max()) > _NEAR:
            hessian = curvature(function, ahead, slope_ahead)
        place, value, slope = ahead, value_ahead, slope_ahead
    return place, value


def _uphill(hessian: np.ndarray, slope: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return Newton's step among the free parameters, at most 1 in any logarithm."""
    step = np.zeros_like(slope)
    if not free.any():
        return step
    values, vectors = np.linalg.eigh(hessian[np.ix_(free, free)])
    strength = np.abs(values)
    strength = np.maximum(strength, 1e-9 * float(strength.max()) + 1e-300)
    step[free] = vectors @ ((vectors.T @ slope[free]) / strength)
    longest = float(np.abs(step).max())
    return step / longest if longest > 1 else step


def _walked(
    function: LogLikelihood, place: np.ndarray, value: float, step: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray]:
    """Return where a step leads, halved until it leads uphill."""
    for _ in range(30):
        ahead = np.clip(place + step, -BOUND, BOUND)
        value_ahead, slope_ahead = function(ahead)
        if value_ahead > value:
            break
        step = step / 2
    return ahead, value_ahead, slope_ahead


def _flat(
    function: LogLikelihood, place: np.ndarray, value: float, limits: Sequence[Sequence[int]]
) -> np.ndarray:
    """Return directions (m, k) in which the parameters may run off and nothing is lost."""
    found = []
    for limit in limits:
        signs = np.array(limit, dtype=float)
        room = max(float((BOUND - signs * place)[signs != 0].min()), 1.0)
        if function(place + signs * room)[0] > value - FLAT:
            found.append(signs)
    at_edge = np.abs(place) > BOUND - _STEP
    moving = np.any(found, axis=0) if found else np.zeros(len(place), dtype=bool)
    alone = np.eye(len(place))[at_edge & ~moving]
    return np.vstack([*found, alone]) if len(found) + len(alone) else np.zeros((0, len(place)))


def _covariance(hessian: np.ndarray, flat: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return the inverse of the information, flat directions left out, and whether there is one."""
    _, strength, axes = np.linalg.svd(flat)
    rank = int((strength > 1e-9).sum())
    free = axes[rank:].T  # directions (k, k - rank) that the data speak of
    information = -free.T @ hessian @ free
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return np.full_like(hessian, np.inf), False
    return free @ np.linalg.inv(information) @ free.T, True
