"""Fit the models of repeat purchase and of spend to rows of customers."""

from __future__ import annotations

from typing import Any

import numpy as np

from loyalty_research.errors import DataError, problem
from loyalty_research.profile.clv.customer_model import CustomerModel
from loyalty_research.profile.clv.estimates import fields_of
from loyalty_research.profile.clv.rows import TIMES, counts_of, histories_of, read_rows
from loyalty_research.profile.clv.spend import COLUMNS, GammaGamma, slope_on_frequency
from loyalty_research.stats.buy_till_you_die import (
    FAMILIES,
    FamilyName,
    fit_amounts,
    fit_histories,
    gathered,
)

LEAST = 10
"""Customers who bought again that a fit needs."""


def fit_bg_nbd(s: Any) -> CustomerModel:
    """Fit the BG/NBD model: gamma purchase rates, a beta chance to leave after a repeat purchase.

    Parameters
    ----------
    s
        Rows of :func:`summarise_customers`: frequency, recency and T of a customer, or of as many
        equal ones as ``customers`` says. pandas, or Ibis, in which case the engine counts equal
        rows.

    Returns
    -------
    CustomerModel
        Parameters r, alpha (of the rates) and a, b (of leaving).

    Raises
    ------
    DataError
        Where a column is missing or holds what cannot be, or fewer than ten customers bought again.

    Notes
    -----
    Maximum likelihood over the logarithms of the parameters; standard errors from the curvature
    there. A customer without a repeat purchase cannot have left.

    References
    ----------
    Fader, Hardie & Lee 2005, Marketing Science 24(2), 275-284.
    """
    return _fit("bg_nbd", s)


def fit_mbg_nbd(s: Any) -> CustomerModel:
    """Fit the MBG/NBD model: as BG/NBD, but a customer may leave after the first purchase, too.

    Parameters
    ----------
    s
        As for :func:`fit_bg_nbd`.

    Returns
    -------
    CustomerModel
        Parameters r, alpha, a and b.

    Raises
    ------
    DataError
        As for :func:`fit_bg_nbd`.

    References
    ----------
    Batislam, Denizel & Filiztekin 2007, International Journal of Research in Marketing 24(3).
    """
    return _fit("mbg_nbd", s)


def fit_pareto_nbd(s: Any) -> CustomerModel:
    """Fit the Pareto/NBD model: gamma purchase rates, lifetimes with gamma risks of leaving.

    Parameters
    ----------
    s
        As for :func:`fit_bg_nbd`.

    Returns
    -------
    CustomerModel
        Parameters r, alpha (of the rates) and s, beta (of leaving).

    Raises
    ------
    DataError
        As for :func:`fit_bg_nbd`.

    References
    ----------
    Schmittlein, Morrison & Colombo 1987, Management Science 33(1), 1-24.
    """
    return _fit("pareto_nbd", s)


def fit_nbd(s: Any) -> CustomerModel:
    """Fit the NBD: gamma purchase rates, nobody leaves; forecasts are shrunk to the common rate.

    Parameters
    ----------
    s
        As for :func:`fit_bg_nbd`.

    Returns
    -------
    CustomerModel
        Parameters r and alpha. Its log-likelihood compares with those of the other models.

    Raises
    ------
    DataError
        As for :func:`fit_bg_nbd`.

    References
    ----------
    Ehrenberg 1959, Applied Statistics 8(1), 26-41; Goodhardt & Ehrenberg 1967.
    """
    return _fit("nbd", s)


def fit_gamma_gamma(s: Any) -> GammaGamma:
    """Fit the gamma-gamma model of spend to the customers who bought again.

    Parameters
    ----------
    s
        Rows with frequency (orders that the mean is of) and mean_spend, and optionally
        ``customers``: pandas, or Ibis. Rows with a frequency of 0 are left out, and those whose
        mean is not positive, which ``left_out`` counts.

    Returns
    -------
    GammaGamma
        Parameters p (how alike the orders of a customer), q and v (of the customers' means).

    Raises
    ------
    DataError
        As for :func:`fit_bg_nbd`.

    Notes
    -----
    The model takes spend to be independent of frequency: ``frequency_slope`` says how far it is
    not.

    References
    ----------
    Fader, Hardie & Lee 2005, Journal of Marketing Research 42(4), 415-430.
    """
    frame = read_rows(s, COLUMNS)
    x, mean = (frame[name].to_numpy(dtype=float) for name in COLUMNS)
    customers = counts_of(frame)
    usable = (x > 0) & (mean > 0)
    _check("gamma_gamma", customers[usable])
    rows = x[usable], mean[usable], customers[usable]
    if float(np.ptp(rows[1])) == 0.0:
        raise DataError(
            problem("spend model: all customers have the same mean_spend; there is nothing to fit")
        )
    fitted = fit_amounts(*rows)
    return GammaGamma(
        **fields_of("gamma_gamma", fitted),  # type: ignore[arg-type]
        left_out=round(float(customers[(x > 0) & ~usable].sum())),
        frequency_slope=slope_on_frequency(fitted.values, *rows),
    )


def _fit(name: FamilyName, s: Any) -> CustomerModel:
    frame = read_rows(s, TIMES, grouped=True)
    histories = histories_of(frame)
    _check(name, histories.customers[(histories.x > 0) & (histories.age > 0)])
    rows = histories.x, histories.recency, histories.age, histories.customers
    fitted = fit_histories(name, gathered(*rows))
    return CustomerModel(
        **fields_of(name, fitted),  # type: ignore[arg-type]
        dropout_gain=fitted.dropout_gain,
        dropout_identified=FAMILIES[name].has_dropout and fitted.dropout_identified,
    )


def _check(model: str, customers: np.ndarray) -> None:
    found = round(float(customers.sum()))
    if found < LEAST:
        raise DataError(
            problem(
                "customer model {model}: {found} customer(s) bought again; needed: at least "
                "{least}. Choose a longer calibration or a later calibration_end",
                model=model,
                found=found,
                least=LEAST,
            )
        )
