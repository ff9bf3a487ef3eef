"""The customer-base model at a cut: the chance to buy again by the own rhythm alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.errors import LoyaltyError
from loyalty_research.profile.clv import CustomerModel, fit_bg_nbd, fit_nbd

_CLIP = 1e-6


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A fitted model of repeat purchase.

    Parameters
    ----------
    name
        ``nbd`` or ``bg_nbd``.
    model
        Of :mod:`loyalty_research.profile.clv`, in weeks.
    """

    name: str
    model: CustomerModel

    def chance(
        self, customers: pd.DataFrame, cut: dt.date, *, weeks: float | np.ndarray
    ) -> np.ndarray:
        """Return P(a purchase in the next ``weeks``, a number or one a customer) of each (n,).

        Notes
        -----
        p_alive (1 - ((alpha + T) / (alpha + T + t))^(r + x)): a customer who is still there has a
        rate of the distribution Gamma(r + x, alpha + T), and can only leave after a purchase.
        """
        rows = histories(customers, cut)
        r, alpha = self.model.params["r"], self.model.params["alpha"]
        age = alpha + rows["T"].to_numpy(dtype=float)
        shape = r + rows["frequency"].to_numpy(dtype=float)
        quiet = (age / (age + weeks)) ** shape
        return self.model.p_alive(rows).to_numpy(dtype=float) * (1 - quiet)

    def log_odds(
        self, customers: pd.DataFrame, cut: dt.date, *, weeks: float | np.ndarray
    ) -> np.ndarray:
        """Return the log odds of :meth:`chance` (n,)."""
        chance = np.clip(self.chance(customers, cut, weeks=weeks), _CLIP, 1 - _CLIP)
        return np.log(chance / (1 - chance))


def histories(customers: pd.DataFrame, cut: dt.date) -> pd.DataFrame:
    """Return frequency, recency and T in weeks, counted from the first purchase seen."""
    first = pd.to_datetime(customers["first_day"])
    return pd.DataFrame(
        {
            "frequency": customers["occasions"].astype(float) - 1,
            "recency": (pd.to_datetime(customers["last_day"]) - first).dt.days / 7.0,
            "T": (pd.Timestamp(cut) - first).dt.days / 7.0,
        }
    )


def fit_rhythm(customers: pd.DataFrame, cut: dt.date) -> Rhythm | None:
    """Fit NBD and BG/NBD to what was seen up to a cut, and return the better by AIC.

    Parameters
    ----------
    customers
        first_day, last_day, occasions of each.
    cut
        Last day seen.

    Returns
    -------
    Rhythm or None
        None where neither can be fitted.

    Notes
    -----
    Where acquisition is not observed, a customer's clock starts with the first purchase seen, too:
    purchases at a rate of the customer's own have no memory.
    """
    rows = histories(customers, cut)
    rows = rows[rows["T"] > 0]
    rows = rows.groupby(list(rows.columns), as_index=False).size()
    rows = rows.rename(columns={"size": "customers"})
    best: Rhythm | None = None
    lowest = np.inf
    for name, fit in (("nbd", fit_nbd), ("bg_nbd", fit_bg_nbd)):
        try:
            model = fit(rows)
        except LoyaltyError:
            continue
        criterion = 2 * len(model.params) - 2 * float(model.log_likelihood)
        if model.converged and not model.at_bound and criterion < lowest:
            best, lowest = Rhythm(name, model), criterion
    return best
