"""The contract liability of a replayed programme, month by month and month of earning by month."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from loyalty_research.programmes.accounting_deferral import COLUMNS, allocate, recognised
from loyalty_research.programmes.run_off import development
from loyalty_research.programmes.run_off_triangle import Triangle

POINT = 0.01
"""One percentage point of the points issued."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Points of a wallet as the accounts see them.

    Parameters
    ----------
    triangle
        By month of earning and age.
    rates
        Shape (months of earning, months): share of a month's points expected to be redeemed in
        the end, as estimated at the end of each month from what was known then; zero before.
    units
        Smallest units a point.
    price
        Value of a point, in currency units.
    """

    triangle: Triangle
    rates: np.ndarray
    units: int
    price: Decimal

    def stand_alone(self, month: int) -> Decimal:
        """Return the stand-alone price of the points earned in a month."""
        earned = int(self.triangle.earned[:, month].sum())
        return Decimal(earned) / self.units * _exact(self.rates[month, month]) * self.price


def rates_by_month(triangle: Triangle) -> np.ndarray:
    """Return the expected redemption of each month's points, estimated month after month.

    Notes
    -----
    At the end of each month only what was known then is used. Points older than any age observed
    by then count as redeemed in the end, so the first months defer in full and later ones give
    back what is not redeemed.
    """
    months = len(triangle.months)
    whole = dataclasses.replace(
        triangle,
        earned=triangle.earned.sum(axis=0, keepdims=True),
        redeemed=triangle.redeemed.sum(axis=0, keepdims=True),
        expired=triangle.expired.sum(axis=0, keepdims=True),
    )
    rates = np.zeros((months, months))
    for count in range(1, months + 1):
        known = whole.at(count)
        in_all = known.redeemed.sum(axis=(0, 2)) + development(known, tail=1.0).expected
        earned = known.earned.sum(axis=0)
        rates[:count, count - 1] = np.divide(in_all, earned, out=np.zeros(count), where=earned > 0)
    return np.clip(rates, 0, 1)


def deferrals(pools: dict[str, Pool], sales: list[Decimal]) -> dict[str, list[Decimal]]:
    """Split each month's sales between products and the points of every wallet.

    Parameters
    ----------
    pools
        By wallet, over the same months.
    sales
        Net sales to members of each month, in currency units.
    """
    found: dict[str, list[Decimal]] = {name: [] for name in pools}
    for month, paid in enumerate(sales):
        alone = {name: pool.stand_alone(month) for name, pool in pools.items()}
        for name, price in alone.items():
            others = sum(alone.values()) - price
            nothing = paid <= 0 or not price
            found[name].append(
                Decimal(0)
                if nothing
                else allocate(paid, product_price=paid + others, points_price=price).points
            )
    return found


def liability_months(pool: Pool, deferred: list[Decimal]) -> pd.DataFrame:
    """Book each month of earning on its own and add up.

    Returns
    -------
    pandas.DataFrame
        One row a month: month, opening, deferred, revenue, reestimate, closing, as
        :func:`~loyalty_research.programmes.accounting.deferred_revenue` gives them.
    """
    months = len(pool.triangle.months)
    total = np.zeros((months, len(COLUMNS)))
    for start in range(months):
        if deferred[start]:
            total[start:] += _cohort(pool, start, deferred[start]).to_numpy()
    frame = pd.DataFrame(total.round(2), columns=list(COLUMNS))
    frame.insert(0, "month", pool.triangle.months)
    return frame


def _cohort(pool: Pool, start: int, deferred: Decimal) -> pd.DataFrame:
    ages = len(pool.triangle.months) - start
    nothing = [Decimal(0)] * (ages - 1)
    earned = int(pool.triangle.earned[:, start].sum())
    return recognised(
        [Decimal(earned), *nothing],
        _whole(pool.triangle.redeemed[:, start, :ages].sum(axis=0)),
        _whole(pool.triangle.expired[:, start, :ages].sum(axis=0)),
        deferred=[deferred, *nothing],
        rate=[_exact(rate) for rate in pool.rates[start, start:]],
    )


def closing_with(pool: Pool, deferred: list[Decimal], expected: np.ndarray) -> float:
    """Return the closing liability if other numbers of points were expected to be redeemed.

    Parameters
    ----------
    pool, deferred
        As :func:`liability_months` takes them.
    expected
        Shape (months,): points still to be redeemed of each month of earning, in smallest units;
        cut to what is outstanding.
    """
    redeemed = pool.triangle.redeemed.sum(axis=(0, 2)).astype(float)
    ahead = np.clip(expected, 0, pool.triangle.latest)
    in_all = redeemed + ahead
    open_share = np.divide(ahead, in_all, out=np.zeros(len(in_all)), where=in_all > 0)
    return float(np.array([float(amount) for amount in deferred]) @ open_share)


def _whole(values: np.ndarray) -> list[Decimal]:
    return [Decimal(int(value)) for value in values]


def _exact(rate: float) -> Decimal:
    return Decimal(repr(float(rate)))
