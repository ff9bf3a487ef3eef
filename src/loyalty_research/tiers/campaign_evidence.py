"""What campaigns sent to customers drawn at random say of the response to value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd

from loyalty_research.brand.campaign_tests import CampaignTest
from loyalty_research.engine import collect
from loyalty_research.errors import Problem, problem
from loyalty_research.profile.common import as_date, as_days, valid_orders
from loyalty_research.tiers.ledgers import joined_days
from loyalty_research.tiers.simulation.from_brand import order_counts

COLUMNS = ("term", "estimate", "low", "high", "source")
TERM = "beta_V"
LEAST = 100
"""Customers reached, and customers not reached (assumed)."""
_Z90 = 1.6448536269514722
_MOST_Z = 3.0
_TRANSFER = 0.5
"""Standard deviation of the error, as a share of the effect, of taking some weeks' response to a
campaign for the response to a lasting rule (assumed)."""
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence from elsewhere, and why other evidence was left out.

    Parameters
    ----------
    rows
        Term, estimate, low and high (90 %), source.
    reasons
        One a thing that was left out.
    """

    rows: pd.DataFrame
    reasons: tuple[Problem, ...]


def campaign_evidence(brand: Any, tests: Iterable[CampaignTest] | None = None) -> Evidence:
    """Return what the brand's randomised campaigns say of ``beta_V``.

    Parameters
    ----------
    brand
        Opened; its file names the campaigns under ``campaign_tests``.
    tests
        In place of those that the file names.

    Returns
    -------
    Evidence
        A row a campaign that could be judged.

    Notes
    -----
    Orders of those reached less orders of the others, from the first day to as long again after the
    last, so that purchases only moved forward cancel; adjusted by the orders of as many days before
    (Deng et al. 2013) and divided by the others' orders in the window: the lift. Then log(1 + lift)
    / value per spend is ``beta_V``. That some weeks of a campaign tell of a lasting rule is assumed
    with an error of half the effect. A campaign whose customers had bought more before, or less,
    than the others (more than 3 standard errors) was not drawn at random and is left out.

    References
    ----------
    Deng, Xu, Kohavi & Walker 2013, WSDM '13, 123-132.
    """
    listed = tests if tests is not None else (brand.file.campaign_tests if brand.file else ())
    judged = tuple(listed)
    if not judged:
        some = brand.has("exposures") and brand.has("campaigns")
        return Evidence(no_rows(), (_none_at_random(),) if some else ())
    found = [_judged(brand, test) for test in judged]
    rows = [item for item in found if not isinstance(item, Problem)]
    return Evidence(
        pd.DataFrame(rows, columns=list(COLUMNS)) if rows else no_rows(),
        tuple(item for item in found if isinstance(item, Problem)),
    )


def no_rows() -> pd.DataFrame:
    """Return a frame of evidence without rows."""
    return pd.DataFrame({name: [] for name in COLUMNS})


def row(term: str, estimate: float, sd: float, source: str) -> dict[str, Any]:
    """Return evidence with the 90 % interval of a normal."""
    half = _Z90 * sd
    return dict(
        zip(COLUMNS, (term, estimate, estimate - half, estimate + half, source), strict=True)
    )


def lift_of(frame: pd.DataFrame) -> tuple[float, float]:
    """Return the lift of the rate in the window, and its standard error.

    Parameters
    ----------
    frame
        A row a customer: ``reached``, orders ``before``, ``within`` and ``after`` the window.
    """
    y = (frame["within"] + frame["after"]).to_numpy(float)
    x = frame["before"].to_numpy(float)
    slope = float(np.cov(x, y)[0, 1] / x.var(ddof=1)) if x.var() > 0 else 0.0
    y = y - slope * (x - x.mean())
    reached = frame["reached"].to_numpy(bool)
    base = frame["within"].to_numpy(float)[~reached]
    level = float(base.mean())
    lift = float(y[reached].mean() - y[~reached].mean()) / level
    own = y[~reached] + lift * base
    spread = y[reached].var(ddof=1) / reached.sum() + own.var(ddof=1) / (~reached).sum()
    return lift, float(np.sqrt(spread)) / level


def _judged(brand: Any, test: CampaignTest) -> dict[str, Any] | Problem:
    days = _window(brand, test)
    if isinstance(days, Problem):
        return days
    frame = _counts(brand, test, *days)
    arms = int(frame["reached"].sum()), int((~frame["reached"]).sum())
    if min(arms) < LEAST or frame.loc[~frame["reached"], "within"].sum() == 0:
        return problem(
            "campaign {campaign}: not used; it reached {reached} of those it was drawn from and "
            "left {others}; at least {least} of each, with orders in its days, are needed",
            campaign=test.campaign,
            reached=arms[0],
            others=arms[1],
            least=LEAST,
        )
    apart = _apart(frame)
    if abs(apart) > _MOST_Z:
        return problem(
            "campaign {campaign}: not used; before it those reached had bought otherwise than the "
            "others, by {apart} standard errors, so that they were not drawn at random",
            campaign=test.campaign,
            apart=f"{apart:.1f}",
        )
    lift, error = lift_of(frame)
    if lift <= -0.5:
        return problem(
            "campaign {campaign}: not used; those reached bought less than half as often",
            campaign=test.campaign,
        )
    estimate = np.log1p(lift) / test.value_per_spend
    own = error / (1 + lift) / test.value_per_spend
    return row(TERM, float(estimate), float(np.hypot(own, _TRANSFER * estimate)), "campaign")


def _window(brand: Any, test: CampaignTest) -> tuple[dt.date, dt.date] | Problem:
    missing = problem(
        "campaign {campaign}: not used; the tables campaigns and exposures must hold it, with its "
        "first and last day",
        campaign=test.campaign,
    )
    if not (brand.has("campaigns") and brand.has("exposures")):
        return missing
    table = brand.campaigns
    if not {"starts_on", "ends_on"} <= set(table.columns):
        return missing
    found = collect(
        table.filter(table.campaign_id.cast("string") == test.campaign).select(
            "campaign_id", "starts_on", "ends_on"
        ),
        sort_by=["campaign_id"],
    )
    if found.empty or found[["starts_on", "ends_on"]].isna().to_numpy().any():
        return missing
    first, last = (as_date(found[name].iloc[0], name=name) for name in ("starts_on", "ends_on"))
    length, days = last - first + _DAY, as_days(brand.period)
    if first - length < days.start or last + length > days.end:
        return problem(
            "campaign {campaign}: not used; its days, {first} to {last}, and as many before and "
            "after, do not lie within {start} to {end}",
            campaign=test.campaign,
            first=first.isoformat(),
            last=last.isoformat(),
            start=days.start.isoformat(),
            end=days.end.isoformat(),
        )
    return first, last


def _counts(brand: Any, test: CampaignTest, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Return a row a customer of the draw: reached, orders before, within and after the window."""
    orders = valid_orders(brand.orders, "customer_id")
    length = last - first + _DAY
    spans = {
        "before": (first - length, first - _DAY),
        "within": (first, last),
        "after": (last + _DAY, last + length),
    }
    ever = as_days(brand.period).start, first - _DAY
    frame = pd.DataFrame(index=_orders(orders, *ever).index)
    for name, span in spans.items():
        frame[name] = _orders(orders, *span).reindex(frame.index).fillna(0)
    joined = joined_days(brand)
    if test.among == "members" and joined is not None:
        there = joined.filter(joined.joined_on.cast("date") < ibis.date(first.isoformat()))
        names = collect(there.select("customer_id").distinct(), sort_by=["customer_id"])
        frame = frame[frame.index.isin(names["customer_id"])]
    table = brand.exposures
    sent = table.filter(table.campaign_id.cast("string") == test.campaign)
    names = collect(sent.select("customer_id").distinct(), sort_by=["customer_id"])
    return frame.assign(reached=frame.index.isin(names["customer_id"]))


def _orders(orders: Any, start: dt.date, end: dt.date) -> pd.Series[Any]:
    counted = order_counts(orders, start=start.isoformat(), end=end.isoformat())
    return collect(counted, sort_by=["customer_id"]).set_index("customer_id")["orders"]


def _apart(frame: pd.DataFrame) -> float:
    """Return by how many standard errors the reached and the others differ before."""
    one, other = (frame.loc[frame["reached"] == flag, "before"] for flag in (True, False))
    error = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    return float((one.mean() - other.mean()) / error) if error > 0 else 0.0


def _none_at_random() -> Problem:
    return problem(
        "campaigns are not used: the brand file names none whose customers were drawn at random "
        "(key campaign_tests)"
    )
