"""Respondents beside all customers, where the survey is linked to purchases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.survey.answers import Answers
from loyalty_research.engine import collect
from loyalty_research.profile.common import Days, customer_totals, valid_orders, within

ATTRIBUTES = ("occasions", "net_sales", "days_since_first", "recency_days")
NOTABLE = 0.2
"""Standardised difference from which on respondents are said to differ (Cohen's small effect)."""


def compare_respondents(data: Any, answers: Answers, days: Days) -> pd.DataFrame | None:
    """Compare what respondents bought in the period with what all customers did.

    Parameters
    ----------
    data
        A brand with orders.
    answers
        With customer ids; weights count where there are any.
    days
        Period.

    Returns
    -------
    pandas.DataFrame or None
        attribute, respondents (mean), everybody (mean), difference (standardised by the spread
        over all customers), linked (respondents found among them). None where nothing links.
    """
    if answers.customer is None or not has_orders(data):
        return None
    people = buyers(data, days)
    if people.empty:
        return None
    linked = pd.Series(answers.customer).isin(people.index).to_numpy()
    if not linked.any():
        return None
    asked = people.loc[answers.customer[linked]]
    weights = np.ones(len(asked)) if answers.weights is None else answers.weights[linked]
    rows = []
    for name in ATTRIBUTES:
        mine = float(np.average(asked[name], weights=weights))
        mean, spread = float(people[name].mean()), float(people[name].std(ddof=0))
        rows.append(
            {
                "attribute": name,
                "respondents": mine,
                "everybody": mean,
                "difference": (mine - mean) / spread if spread > 0 else 0.0,
                "unit": "money" if name == "net_sales" else
                        "occasions_rate" if name == "occasions" else "days",
                "linked": int(linked.sum()),
                "customers": len(people),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def buyers(data: Any, days: Days) -> pd.DataFrame:
    """Return what every customer bought in a period, by customer_id: one column an attribute.

    Parameters
    ----------
    data
        A brand with orders.
    days
        Period.
    """
    orders = within(valid_orders(data.orders, "customer_id"), days)
    totals = collect(customer_totals(orders), sort_by=["customer_id"])
    first, last = (pd.to_datetime(totals[name]) for name in ("first_day", "last_day"))
    end = pd.Timestamp(days.end)
    return pd.DataFrame(
        {
            "customer_id": totals["customer_id"],
            "occasions": totals["occasions"].astype(float),
            "net_sales": totals["net_sales"].astype(float),
            "days_since_first": (end - first).dt.days.astype(float),
            "recency_days": (end - last).dt.days.astype(float),
        }
    ).set_index("customer_id")


def has_orders(data: Any) -> bool:
    """Tell whether data are a brand with orders."""
    has = getattr(data, "has", None)
    return bool(callable(has) and has("orders"))
