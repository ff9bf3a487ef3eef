"""The NBD-Dirichlet from households' counts, by maximum likelihood.

The likelihood falls into two: how much a household buys (NBD in M and K), and of which brands given
how much (Dirichlet-multinomial in the weights). Both are sums over how often each number occurs, so
that a step costs the same for a thousand households and for a million.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, polygamma

from loyalty_research.errors import DataError, problem

_STEPS, _HALVINGS = 200, 40
_GAIN = 1e-10
_S = (1e-3, 1e4)
_BOUND = 14.0
"""Of the logarithms of M and K."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of brands at the maximum: alpha of shape (j,), and the Hessian (j, j)."""

    alpha: np.ndarray
    hessian: np.ndarray
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class Rates:
    """How much households buy at the maximum: M, K, and the Hessian (2, 2) in their logarithms."""

    mean: float
    shape: float
    hessian: np.ndarray
    log_likelihood: float


def fit_weights(counts: np.ndarray) -> Weights:
    """Fit the weights of the Dirichlet-multinomial.

    Parameters
    ----------
    counts
        Shape (n, j): purchases by household and brand; every brand has been bought.

    Raises
    ------
    DataError
        Where no household buys twice, all households choose alike, or each has one brand only: S
        then has no value.

    Notes
    -----
    Newton's steps with the inverse of a diagonal plus a constant (Minka 2000, Estimating a
    Dirichlet distribution), halved until the likelihood rises.
    """
    brands = [np.bincount(counts[:, place]) for place in range(counts.shape[1])]
    sizes = np.bincount(counts.sum(axis=1))
    if len(sizes) < 3 or not sizes[2:].any():
        raise DataError(
            problem(
                "counts: no household has two purchases; whether households have brands of their "
                "own cannot be seen, and S not be fitted"
            )
        )
    alpha = _start(counts)
    value = _weights_value(alpha, brands, sizes)
    for _ in range(_STEPS):
        gradient, diagonal, constant = _weights_slopes(alpha, brands, sizes)
        step = _newton(alpha, gradient, diagonal, constant)
        alpha, better = _raised(alpha, step, value, brands, sizes)
        gain, value = better - value, better
        if not _S[0] < alpha.sum() < _S[1]:
            raise DataError(problem(_NO_S))
        if gain <= _GAIN * abs(value):
            break
    _, diagonal, constant = _weights_slopes(alpha, brands, sizes)
    return Weights(alpha, np.diag(diagonal) + constant, value)


_NO_S = (
    "counts: S has no value here: either every household buys one brand only, or all choose alike"
)


def _start(counts: np.ndarray) -> np.ndarray:
    """Return weights of the observed shares, with S from the repeats within households."""
    total = counts.sum(axis=1).astype(float)
    share = counts.sum(axis=0) / total.sum()
    pairs = float((total * (total - 1)).sum())
    same = float((counts * (counts - 1.0)).sum()) / pairs
    chance = float((share**2).sum())
    # Two purchases of a household are the same with chance p2 + (1 - p2) / (1 + S).
    return share * float(np.clip((1 - same) / max(same - chance, 1e-3), 0.05, 100.0))


def _weights_value(alpha: np.ndarray, brands: list[np.ndarray], sizes: np.ndarray) -> float:
    total = float(alpha.sum())
    value = -_sum(sizes, lambda n: gammaln(total + n) - gammaln(total))
    for weight, times in zip(alpha, brands, strict=True):
        value += _sum(times, lambda n, a=weight: gammaln(a + n) - gammaln(a))
    return value


def _weights_slopes(
    alpha: np.ndarray, brands: list[np.ndarray], sizes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the gradient, the diagonal of the Hessian, and the constant in all its cells."""
    total = float(alpha.sum())
    shared = -_sum(sizes, lambda n: digamma(total + n) - digamma(total))
    constant = -_sum(sizes, lambda n: polygamma(1, total + n) - polygamma(1, total))
    gradient, diagonal = [], []
    for weight, times in zip(alpha, brands, strict=True):
        gradient.append(shared + _sum(times, lambda n, a=weight: digamma(a + n) - digamma(a)))
        diagonal.append(_sum(times, lambda n, a=weight: polygamma(1, a + n) - polygamma(1, a)))
    return np.array(gradient), np.array(diagonal), constant


def _sum(times: np.ndarray, value: object) -> float:
    numbers = np.flatnonzero(times)
    return float(times[numbers] @ value(numbers.astype(float)))  # type: ignore[operator]


def _newton(
    alpha: np.ndarray, gradient: np.ndarray, diagonal: np.ndarray, constant: float
) -> np.ndarray:
    """Return the step in the logarithms; towards the gradient where the Hessian is of no use."""
    slope = alpha * gradient
    curve = np.diag(alpha * alpha * diagonal + slope) + constant * np.outer(alpha, alpha)
    values, vectors = np.linalg.eigh(curve)
    floor = 1e-6 * max(float(np.abs(values).max()), 1e-12)
    step: np.ndarray = vectors @ ((vectors.T @ slope) / np.maximum(np.abs(values), floor))
    return step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))


def _raised(
    alpha: np.ndarray,
    step: np.ndarray,
    value: float,
    brands: list[np.ndarray],
    sizes: np.ndarray,
) -> tuple[np.ndarray, float]:
    for halving in range(_HALVINGS):
        tried = alpha * np.exp(step * 0.5**halving)
        better = _weights_value(tried, brands, sizes)
        if better >= value:
            return tried, better
    return alpha, value


def fit_rates(sizes: np.ndarray, *, truncated: bool) -> Rates:
    """Fit the NBD of category purchases.

    Parameters
    ----------
    sizes
        Shape (n + 1,): households with 0, 1, ..., n purchases.
    truncated
        Whether households without a purchase are outside the panel: the NBD is then fitted to
        those that have one, and ``sizes[0]`` is 0.

    Raises
    ------
    DataError
        Where M or K runs away: households buy as much as chance alone would have them, or, without
        those who buy nothing, no heavy tail tells how many there are.
    """
    number = np.flatnonzero(sizes)
    times, number = sizes[number].astype(float), number.astype(float)
    mean = float(times @ number / times.sum())

    def lost(point: np.ndarray) -> tuple[float, np.ndarray]:
        value, slopes = rates_slopes(number, float(point[0]), float(point[1]), truncated=truncated)
        return -float(times @ value) / times.sum(), -(slopes.T @ times) / times.sum()

    start = np.array([np.log(mean), 0.0])
    bounds = [(-_BOUND, _BOUND)] * 2
    found = minimize(
        lost, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14}
    )
    if np.abs(found.x).max() > _BOUND - 0.01:
        raise DataError(
            problem(
                "counts: K has no value here: households do not differ more than chance in how "
                "much they buy, or too few buy too little to tell"
            )
        )
    at, width = found.x, 1e-4
    columns = [
        (lost(at + width * unit)[1] - lost(at - width * unit)[1]) / (2 * width)
        for unit in np.eye(2)
    ]
    hessian = -np.array(columns) * times.sum()
    mean, shape = np.exp(at)
    return Rates(float(mean), float(shape), (hessian + hessian.T) / 2, -found.fun * times.sum())


def rates_slopes(
    number: np.ndarray, log_mean: float, log_shape: float, *, truncated: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return log-likelihood (n,) and slopes (n, 2) in log M and log K of totals of households."""
    mean, shape = float(np.exp(log_mean)), float(np.exp(log_shape))
    value = (
        gammaln(shape + number)
        - gammaln(shape)
        - gammaln(number + 1)
        + shape * np.log(shape / (shape + mean))
        + number * np.log(mean / (shape + mean))
    )
    by_mean = number / mean - (shape + number) / (shape + mean)
    by_shape = (
        digamma(shape + number)
        - digamma(shape)
        + np.log(shape / (shape + mean))
        + 1
        - (shape + number) / (shape + mean)
    )
    if truncated:
        log_none = shape * np.log(shape / (shape + mean))
        odds = 1 / np.expm1(-log_none)
        value = value - np.log(-np.expm1(log_none))
        by_mean = by_mean - odds * shape / (shape + mean)
        by_shape = by_shape + odds * (np.log(shape / (shape + mean)) + mean / (shape + mean))
    return value, np.column_stack([mean * by_mean, shape * by_shape])
