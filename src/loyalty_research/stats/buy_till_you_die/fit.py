"""Fit a model of repeat purchase, or of spend, to customers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from loyalty_research.stats.buy_till_you_die import gamma_gamma
from loyalty_research.stats.buy_till_you_die.family import FAMILIES, Family, FamilyName
from loyalty_research.stats.buy_till_you_die.histories import Histories, total
from loyalty_research.stats.buy_till_you_die.maximum import FLAT, Maximum, maximise

_TELLS = float(chi2.ppf(0.95, 2)) / 2
_SHAPES = (0.5, 2.0)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Maximum likelihood estimates of positive parameters.

    Parameters
    ----------
    parameters
        Names, as in the papers.
    values
        Shape (k,): estimates, in the time unit of the data.
    covariance
        Shape (k, k): of their logarithms; zero along directions in which parameters run off.
    log_likelihood
        At the maximum.
    base
        Customers the fit rests on.
    converged
        Whether gradient and curvature are those of a maximum, parameters at a bound left out.
    at_bound
        Names of parameters that could grow or shrink without end at no loss of likelihood.
    dropout_gain
        Log-likelihood above the same model without dropout; 0 for models without dropout.
    """

    parameters: tuple[str, ...]
    values: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    base: int
    converged: bool
    at_bound: tuple[str, ...]
    dropout_gain: float = 0.0

    @property
    def dropout_identified(self) -> bool:
        """Whether the data tell dropout from none: a gain above half of chi2(2)'s 95 % quantile.

        On the edge of the parameter space the quantile is conservative.
        """
        return self.dropout_gain > _TELLS


def fit_histories(name: FamilyName, histories: Histories) -> Fitted:
    """Fit a model of repeat purchase.

    Parameters
    ----------
    name
        ``bg_nbd``, ``mbg_nbd``, ``pareto_nbd`` or ``nbd``.
    histories
        With at least one repeat purchase and a positive age among them.

    Returns
    -------
    Fitted

    Notes
    -----
    Times are divided by the mean gap between purchases for the search, so that the bounds of the
    parameters do not depend on the unit. Where dropout gains nothing over the NBD, its parameters
    stand at their bound, and the others are those of the NBD.
    """
    unit = total(histories.customers, histories.age) / total(histories.customers, histories.x)
    scaled = histories.in_unit(unit)
    back = total(histories.customers, histories.x) * math.log(unit)
    plain = _search(FAMILIES["nbd"], scaled, ())
    family = FAMILIES[name]
    found, gain = plain, 0.0
    if family.has_dropout:
        found = _search(family, scaled, tuple(plain.place))
        gain = max(found.value - plain.value, 0.0)
        if gain <= FLAT:
            found = _without_dropout(found, plain)
    values = np.exp(found.place)
    # The rates, alpha and beta, carry the unit of time.
    values *= [unit if name in {"alpha", "beta"} else 1.0 for name in family.parameters]
    return Fitted(
        parameters=family.parameters,
        values=values,
        covariance=found.covariance,
        log_likelihood=found.value - back,
        base=histories.base,
        converged=found.converged,
        at_bound=_named(family.parameters, found.at_bound),
        dropout_gain=gain,
    )


def fit_amounts(x: np.ndarray, mean: np.ndarray, customers: np.ndarray) -> Fitted:
    """Fit the gamma-gamma model of spend to customers with at least one amount.

    Parameters
    ----------
    x, mean, customers
        Shape (n,): amounts of a customer (at least 1), their mean (positive), customers alike.

    Returns
    -------
    Fitted
    """
    unit = total(customers, x * mean) / total(customers, x)
    function = gamma_gamma.log_likelihood(x, mean / unit, customers)
    starts = [np.log([p, q, max(q - 1, 0.5) / p]) for p, q in ((2.0, 3.0), (6.0, 4.0))]
    found = maximise(function, starts, limits=gamma_gamma.LIMITS)
    return Fitted(
        parameters=gamma_gamma.PARAMETERS,
        values=np.exp(found.place) * [1.0, 1.0, unit],
        covariance=found.covariance,
        log_likelihood=found.value - float(customers.sum()) * math.log(unit),
        base=round(float(customers.sum())),
        converged=found.converged,
        at_bound=_named(gamma_gamma.PARAMETERS, found.at_bound),
    )


def _search(family: Family, histories: Histories, rates: tuple[float, ...]) -> Maximum:
    """Maximise from several starts; ``rates`` are logarithms of r and alpha of the NBD."""
    n = histories.customers
    rate = total(n, histories.x) / total(n, histories.age)
    known = [np.array(rates), np.array(rates) + np.log(2)]  # as unlike as that, and half as much
    shapes = known if len(rates) else [np.log([shape, shape / rate]) for shape in _SHAPES]
    starts = [
        np.concatenate([shape, np.log(dropout)]) for shape in shapes for dropout in family.starts
    ]
    part = histories.thinned()
    return maximise(
        family.log_likelihood(histories),
        starts,
        limits=family.limits,
        thinned=None if part is None else family.log_likelihood(part),
    )


def _without_dropout(found: Maximum, plain: Maximum) -> Maximum:
    """Return the NBD as the limit of a model with dropout."""
    k = len(found.place)
    covariance = np.zeros((k, k))
    covariance[:2, :2] = plain.covariance
    return Maximum(
        place=np.concatenate([plain.place, found.place[2:]]),
        value=max(plain.value, found.value),
        covariance=covariance,
        converged=plain.converged,
        at_bound=np.concatenate([plain.at_bound, np.ones(k - 2, dtype=bool)]),
    )


def _named(parameters: tuple[str, ...], chosen: np.ndarray) -> tuple[str, ...]:
    return tuple(name for name, one in zip(parameters, chosen, strict=True) if one)
