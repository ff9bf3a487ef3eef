"""Shops and files that the tests of customer value share."""

from __future__ import annotations

from functools import cache
from importlib.metadata import files

import numpy as np
import pandas as pd

from loyalty_research.profile.clv import customer_value
from loyalty_research.results import Result

START = pd.Timestamp("2023-01-01")
PERIOD = ("2023-01-01", "2024-12-28")
"""104 whole weeks."""


def cdnow(name: str) -> str:
    """Return the path of a CDNOW file of the lifetimes wheel."""
    found = next(item for item in files("lifetimes") or () if str(item).endswith(name))
    return str(found.locate())


@cache
def cdnow_orders() -> pd.DataFrame:
    """Return the purchases of the 2,357 customers of the papers."""
    names = ["master_id", "customer_id", "date", "cds", "net_sales"]
    rows = pd.read_csv(cdnow("CDNOW_sample.txt"), sep=r"\s+", header=None, names=names)
    return rows.assign(ordered_at=pd.to_datetime(rows["date"].astype(str)))


def bought(
    seed: int,
    people: int,
    *,
    dropout: tuple[float, float] | None = None,
    weeks: int = 104,
    entry: int = 12,
    r: float = 0.9,
    alpha: float = 4.0,
    depends: float = 0.0,
) -> pd.DataFrame:
    """Return purchases of the BG/NBD's own kind; ``dropout`` is (a, b), None where nobody leaves.

    Customers come in the first ``entry`` weeks. Spend varies around a mean of the customer's own,
    which rises with the rate by the power ``depends``.
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(r, 1 / alpha, people)
    leaving = rng.beta(*dropout, people) if dropout else np.zeros(people)
    mean = rng.gamma(8.0, 2.5, people) * (rate / rate.mean()) ** depends
    now = rng.uniform(0, entry, people)
    who = np.arange(people)
    rows = []
    first = True
    while len(who):
        rows.append(pd.DataFrame({"customer_id": who, "week": now, "net_sales": mean[who]}))
        stays = np.ones(len(who), bool) if first else rng.random(len(who)) >= leaving[who]
        first = False
        now = now + rng.exponential(1 / rate[who])
        kept = stays & (now < weeks)
        who, now = who[kept], now[kept]
    orders = pd.concat(rows, ignore_index=True)
    amount = orders["net_sales"] * rng.gamma(6.0, 1 / 6.0, len(orders))
    day = np.floor(orders["week"] * 7)
    return pd.DataFrame(
        {
            "customer_id": orders["customer_id"],
            "ordered_at": START + pd.to_timedelta(day, unit="D"),
            "net_sales": amount.round(2).clip(lower=0.01),
        }
    )


def regular() -> pd.DataFrame:
    """Return customers who buy every one to six weeks, to the day."""
    rows = [
        (who, START + pd.Timedelta(days=day))
        for who in range(240)
        for day in range(who % 7, 728, 7 * (1 + who % 6))
    ]
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at"]).assign(net_sales=5.0)


def in_bursts(people: int = 900) -> pd.DataFrame:
    """Return customers who buy again within days, and less from the holdout on."""
    orders = bought(31, people)
    rng = np.random.default_rng(31)
    more = [
        orders[rng.random(len(orders)) < 0.5].assign(
            ordered_at=lambda rows, days=days: rows["ordered_at"] + pd.Timedelta(days=days)
        )
        for days in (1, 3)
    ]
    found = pd.concat([orders, *more], ignore_index=True)
    late = found["ordered_at"] > pd.Timestamp("2023-12-31")
    return found[(~late | (rng.random(len(found)) < 0.4)) & (found["ordered_at"] <= PERIOD[1])]


@cache
def value_results() -> dict[str, Result]:
    """Return the section on customer value of shops that bring out what it can say."""
    leaving = bought(7, 900, dropout=(0.8, 4.0), depends=0.5)
    terms = {"period": PERIOD, "first_purchase_observed": True}
    return {
        "leaving": customer_value(leaving, margin=0.3, **terms),
        "regular": customer_value(regular(), period=PERIOD, first_purchase_observed=False),
        "bursts": customer_value(in_bursts(), **terms),
    }
