"""What customers are expected to buy and to be worth over a stated time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.errors import DataError
from loyalty_research.profile.clv.amounts import Amounts, expected_amounts
from loyalty_research.profile.clv.choice import FITS, PLAIN, Choice
from loyalty_research.profile.clv.holdout import count_windows
from loyalty_research.profile.clv.windows import Windows

LEVEL = 0.95
GROUPS = 5
_YEAR = 365.25 / 7
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(4)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a value rests on.

    Parameters
    ----------
    weeks
        Time ahead.
    discount
        Rate a year.
    margin
        Share of net sales that is left; None where unknown, and value is net sales.
    """

    weeks: int
    discount: float
    margin: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of each customer from the last day of the period on.

    Parameters
    ----------
    customers
        One row a customer: customer_id, frequency, recency, T, expected_orders, amount (a purchase
        day), value (discounted), p_alive (NaN where dropout is not identified).
    model
        Of purchases.
    amounts
        Of spend.
    terms
        Time ahead, discount and margin.
    """

    customers: pd.DataFrame
    model: Any
    amounts: Amounts
    terms: Terms

    @property
    def tells_alive(self) -> bool:
        """Whether customers can be told to have left."""
        return bool(self.customers["p_alive"].notna().any())


def forecast_customers(
    orders: Any, windows: Windows, *, choice: Choice, terms: Terms
) -> Forecast | None:
    """Fit the chosen model up to the last day, and look ahead.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales.
    windows
        Those the model was chosen in.
    choice
        The model chosen, and whether its p_alive is told.
    terms
        Time ahead, discount and margin.

    Returns
    -------
    Forecast or None
        By the NBD where the model chosen does not settle on the longer time; None where that
        cannot be fitted either, or nobody spent anything.
    """
    counts = count_windows(orders, windows.at_end())
    fitted = _settled(choice.used, counts) or _settled(PLAIN, counts)
    amounts = expected_amounts(counts)
    if fitted is None or amounts is None:
        return None
    rate = np.log1p(terms.discount) / _YEAR
    worth = discounted_orders(fitted, counts, weeks=terms.weeks, rate=float(rate))
    told = choice.dropout_identified and fitted.name == choice.used
    customers = counts[["customer_id", "frequency", "recency", "T"]].assign(
        expected_orders=fitted.expected_orders(counts, periods=terms.weeks),
        amount=amounts.expected,
        value=worth * amounts.expected * (1.0 if terms.margin is None else terms.margin),
        p_alive=fitted.p_alive(counts) if told else np.nan,
    )
    return Forecast(customers, fitted, amounts, terms)


def discounted_orders(model: Any, counts: pd.DataFrame, *, weeks: float, rate: float) -> np.ndarray:
    """Return the purchases expected of each customer, each discounted from its own day.

    Parameters
    ----------
    model, counts
        Fitted model, and rows with frequency, recency and T in weeks.
    weeks
        Time ahead H.
    rate
        Continuous discount rate d a week.

    Returns
    -------
    numpy.ndarray
        Shape (n,).

    Notes
    -----
    Integral over 0 to H of exp(-d t) dE[Y(t)], by parts: exp(-d H) E[Y(H)] plus the integral of
    d exp(-d t) E[Y(t)], by Gauss-Legendre quadrature.
    """

    def orders(until: float) -> np.ndarray:
        return np.asarray(model.expected_orders(counts, periods=until), dtype=float)

    found = np.exp(-rate * weeks) * orders(float(weeks))
    if rate == 0:
        return found
    for point, weight in zip((_POINTS + 1) / 2 * weeks, _WEIGHTS / 2 * weeks, strict=True):
        found = found + weight * rate * np.exp(-rate * point) * orders(float(point))
    return found


def value_groups(forecast: Forecast, sales: pd.Series, *, off: float) -> pd.DataFrame:
    """Return expected purchases and value of fifths of customers by value, and of all.

    Parameters
    ----------
    forecast
        Of :func:`forecast_customers`.
    sales
        Net sales of the period, by customer_id.
    off
        Relative error of the total in the holdout.

    Returns
    -------
    pandas.DataFrame
        group (``1``, the highest, to ``5``, and ``all``), customers, orders, orders_low,
        orders_high, value, value_low, value_high, share_value, past_sales, p_alive.

    Notes
    -----
    The relative variance of a group's value adds four parts: the parameters' error, what customers
    do by chance (their purchases, and the amount of each), the mean amount's error, and the square
    of the holdout's relative error, without which an interval would only hold for a model that is
    right.
    """
    rows = forecast.customers
    past = rows["customer_id"].map(sales).fillna(0.0).to_numpy(dtype=float)
    fifth = fifths(rows["value"].to_numpy(), past)
    parts = [
        _group(forecast, str(number), fifth == number, past, off) for number in range(1, GROUPS + 1)
    ]
    frame = pd.DataFrame([*parts, _group(forecast, "all", fifth > 0, past, off)])
    return frame.assign(share_value=frame["value"] / float(rows["value"].sum()))


def fifths(values: np.ndarray, then: np.ndarray) -> np.ndarray:
    """Return the fifth (1 the highest) of each value.

    Equal values go by ``then``, and where that is equal too, by their place: many customers share
    one expectation, and fifths that kept them together would be far from a fifth each.
    """
    order = np.lexsort((np.arange(len(values)), -then, -values))
    found = np.empty(len(values), dtype=int)
    found[order] = np.arange(len(values)) * GROUPS // len(values) + 1
    return found


def _group(
    forecast: Forecast, name: str, inside: np.ndarray, past: np.ndarray, off: float
) -> dict[str, Any]:
    rows = forecast.customers[inside]
    if rows.empty:
        return {"group": name, "customers": 0, "orders": 0.0, "value": 0.0, "past_sales": 0.0}
    total = forecast.model.expected_total(rows, periods=forecast.terms.weeks).iloc[0]
    orders, amount = rows["expected_orders"].to_numpy(), rows["amount"].to_numpy()
    of_orders = float(total["se_parameters"]) ** 2 + float(total["sd_customers"]) ** 2
    relative = of_orders / orders.sum() ** 2 + off**2
    # Some customers' purchases weigh more, and the amount of each varies.
    weighing = (orders @ amount**2) * orders.sum() / (orders @ amount) ** 2
    chance = float(total["sd_customers"]) ** 2 / orders.sum() ** 2
    more = chance * (weighing * (1 + forecast.amounts.spread) - 1)
    value = float(rows["value"].sum())
    low, high = _log_bounds(value, relative + more + _of_level(forecast.amounts))
    orders_low, orders_high = _log_bounds(float(orders.sum()), relative)
    return {
        "group": name,
        "customers": len(rows),
        "orders": float(orders.sum()),
        "orders_low": orders_low,
        "orders_high": orders_high,
        "value": value,
        "value_low": low,
        "value_high": high,
        "past_sales": float(past[inside].sum()),
        "p_alive": float(rows["p_alive"].mean()),
    }


def _of_level(amounts: Amounts) -> float:
    """Return the relative variance of the mean amount."""
    level = amounts.level
    if level.value is None or level.high is None:
        return 0.0
    return float(((level.high - level.value) / norm.ppf(0.5 + LEVEL / 2) / level.value) ** 2)


def _log_bounds(value: float, relative: float) -> tuple[float, float]:
    """Return the bounds of a positive number with this relative variance."""
    factor = float(np.exp(norm.ppf(0.5 + LEVEL / 2) * np.sqrt(np.log1p(relative))))
    return value / factor, value * factor


def _settled(name: str, counts: pd.DataFrame) -> Any:
    """Fit a model; None where it does not settle inside its bounds."""
    try:
        model = FITS[name](counts)
    except DataError:
        return None
    return model if model.converged and not model.at_bound else None
