"""Customers who buy at random at rates of their own: the gamma-Poisson model (NBD)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import gammaln
from scipy.stats import nbinom, poisson

from loyalty_research.errors import DataError, problem

_BOUND = 15.0  # of the logarithms of r and alpha
_GAIN = 1e-3  # of log-likelihood over customers who are all alike


@dataclass(frozen=True, slots=True)
class GammaPoisson:
    """Fitted gamma-Poisson model: rates Gamma(shape r, rate alpha), counts Poisson.

    Parameters
    ----------
    r
        Shape of the gamma distribution of rates; small means unlike customers.
    alpha
        Rate of the gamma distribution, in the unit of the exposure (days).
    log_likelihood
        At the maximum.
    base
        Number of customers.
    converged
        Whether the optimiser stopped inside the bounds, at a model that fits better than one rate
        for all: otherwise r and alpha grow without end and say nothing.
    """

    r: float
    alpha: float
    log_likelihood: float
    base: int
    converged: bool

    def predictive_gap(
        self, count: np.ndarray, exposure: np.ndarray, quantile: float
    ) -> np.ndarray:
        """Return the gap that a share ``quantile`` of a customer's next gaps stays below.

        Parameters
        ----------
        count
            Shape (n,): purchases after the first, x.
        exposure
            Shape (n,): days from the first to the last purchase, T.
        quantile
            Share q between 0 and 1.

        Returns
        -------
        numpy.ndarray
            Shape (n,): days.

        Notes
        -----
        Lomax quantile (alpha + T)((1 - q)^(-1 / (r + x)) - 1): it exists for customers with one
        purchase, too. T ends with the last purchase, so that the silence being judged does not
        slow down the rhythm it is judged by.
        """
        power = -1.0 / (self.r + np.asarray(count, dtype=float))
        return (self.alpha + np.asarray(exposure, dtype=float)) * ((1 - quantile) ** power - 1)

    def silent_by_chance(self, age: np.ndarray, quantile: float) -> np.ndarray:
        """Return the chance to be silent beyond the own quantile when seen for ``age`` days.

        Parameters
        ----------
        age
            Shape (n,): days from the first purchase to the day of looking.
        quantile
            Share q between 0 and 1, as for :meth:`predictive_gap`.

        Returns
        -------
        numpy.ndarray
            Shape (n,): shares, 1 - q only on average over purchases, not over days of looking.

        Notes
        -----
        Given x purchases in A days, they are spread evenly, and the silence S is beyond the
        quantile of gaps where S > (alpha + A)(1 - (1 - q)^(1 / (r + x))), which has the chance
        (1 - (1 + alpha / A)(1 - (1 - q)^(1 / (r + x))))^x; averaged over x by the NBD.
        """
        ages, places = np.unique(np.asarray(age, dtype=float), return_inverse=True)
        shares = np.zeros(len(ages))
        for place, days in enumerate(ages):
            if days <= 0:
                continue
            share = self.alpha / (self.alpha + days)
            x = np.arange(int(nbinom.isf(1e-9, self.r, share)) + 2)
            room = 1 - (1 + self.alpha / days) * (1 - (1 - quantile) ** (1 / (self.r + x)))
            beyond = np.where(room > 0, np.maximum(room, 0.0) ** x, 0.0)
            shares[place] = float(nbinom.pmf(x, self.r, share) @ beyond)
        return shares[places]

    def conditional_counts(
        self, count: int, exposure: float, ahead: float, *, upto: int
    ) -> np.ndarray:
        """Return P(k purchases in the next ``ahead`` days | ``count`` in ``exposure``), k <= upto.

        Notes
        -----
        The count ahead is NBD with shape r + x and odds (alpha + T) / (alpha + T + ahead): the
        conditional trend.

        References
        ----------
        Goodhardt & Ehrenberg 1967, Journal of Marketing Research 4(2), 155-161.
        """
        share = (self.alpha + exposure) / (self.alpha + exposure + ahead)
        return nbinom.pmf(np.arange(upto + 1), self.r + count, share)


def fit_gamma_poisson(
    count: np.ndarray,
    exposure: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    truncated: bool = False,
) -> GammaPoisson:
    """Fit the gamma-Poisson model by maximum likelihood.

    Parameters
    ----------
    count
        Shape (n,): purchases of a customer, or of a group of equal customers.
    exposure
        Shape (n,): days over which they were counted.
    weights
        Shape (n,): number of equal customers; None for one each.
    truncated
        Whether customers without a purchase are absent from the data (a base known by its
        purchases): the likelihood is then that of counts above zero.

    Returns
    -------
    GammaPoisson

    Raises
    ------
    DataError
        Where there is no customer, or none with a positive exposure.

    Notes
    -----
    ln L = ln G(r + x) - ln G(r) - ln x! + r ln(alpha / (alpha + T)) + x ln(T / (alpha + T)).

    References
    ----------
    Ehrenberg 1959; Goodhardt & Ehrenberg 1967.
    """
    x = np.asarray(count, dtype=float)
    t = np.asarray(exposure, dtype=float)
    n = np.ones_like(x) if weights is None else np.asarray(weights, dtype=float)
    usable = (t > 0) & (n > 0)
    x, t, n = x[usable], t[usable], n[usable]
    if not len(x):
        raise DataError(problem("gamma-Poisson fit: no customer with a positive exposure"))

    def negative(log_parameters: np.ndarray) -> float:
        r, alpha = np.exp(log_parameters)
        terms = (
            gammaln(r + x)
            - gammaln(r)
            - gammaln(x + 1)
            + r * np.log(alpha / (alpha + t))
            + x * np.log(t / (alpha + t))
        )
        if truncated:
            terms = terms - np.log(-np.expm1(r * np.log(alpha / (alpha + t))))
        return -float(n @ terms)

    rate = float(n @ x) / float(n @ t)
    start = np.array([0.0, -np.log(max(rate, 1e-9))])
    found = minimize(
        negative, start, method="L-BFGS-B", bounds=[(-_BOUND, _BOUND), (-_BOUND, _BOUND)]
    )
    inside = bool(np.all(np.abs(found.x) < _BOUND - 1e-6))
    gain = -float(found.fun) - _alike(x, t, n, rate, truncated=truncated)
    settled = bool(found.success) and inside and gain > _GAIN
    r, alpha = (float(value) for value in np.exp(found.x))
    return GammaPoisson(r, alpha, -float(found.fun), int(n.sum()), settled)


def _alike(x: np.ndarray, t: np.ndarray, n: np.ndarray, rate: float, *, truncated: bool) -> float:
    """Return the largest log-likelihood of Poisson counts at one rate for all."""

    def negative(log_rate: float) -> float:
        mean = np.exp(log_rate) * t
        terms = poisson.logpmf(x, mean)
        if truncated:
            terms = terms - np.log(-np.expm1(-mean))
        return -float(n @ terms)

    start = np.log(max(rate, 1e-9))
    if not truncated:
        return -negative(start)
    return -float(minimize_scalar(negative, bounds=(start - 8, start), method="bounded").fun)
