"""The facts of every customer that rules ask for, as far as the brand's data tell them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.brand import Calendar
from loyalty_research.engine import as_table, collect, context_of, require_columns
from loyalty_research.errors import DataError, problem
from loyalty_research.profile.common import Days, customer_totals, within
from loyalty_research.profile.lifecycle import rhythm_of, stages_of
from loyalty_research.profile.offers.actions_days import Festival, next_festival
from loyalty_research.profile.offers.actions_rows import (
    main_channel,
    price_levels,
    product_prices,
    unit_lines,
)
from loyalty_research.profile.offers.rules import RuleBook
from loyalty_research.profile.offers.rules_facts import FACTS, STAGES_AHEAD
from loyalty_research.profile.prices import discount_totals
from loyalty_research.stats import fit_gamma_poisson, scores_from_ranks, twice_mid_rank

_BANDS = np.array(["", "low", "middle", "high"], dtype=object)
AHEAD = ("stage_next", "chance_quieter", "forecast_weeks")
"""Facts that a forecast of stages brings."""
_CUTS = {"discount", "coupon_discount", "platform_discount"}


@dataclass(frozen=True, slots=True)
class Extras:
    """Tables of other analyses, one row a customer: segment, value, recommended, stages ahead."""

    segments: Any = None
    value: Any = None
    recommended: Any = None
    forecasts: Any = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the customers of a period.

    Parameters
    ----------
    frame
        One row a customer: customer_id, and the facts that are known.
    festival
        The next one; None where the calendar knows none.
    value_rule
        ``expected_value`` or ``spend``: what the value bands rest on.
    """

    frame: pd.DataFrame
    festival: Festival | None
    value_rule: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Facts that the data cannot tell."""
        return tuple(name for name in FACTS if name not in self.frame.columns)


def customer_facts(
    brand: Any, orders: ir.Table, days: Days, *, book: RuleBook, extras: Extras
) -> Facts | str:
    """Return the facts of every customer with a purchase in a period.

    Parameters
    ----------
    brand
        A brand.
    orders
        Its orders, with a ``day``.
    days
        The period; facts are as of its last day.
    book
        Rules, for the tiers' thresholds.
    extras
        Tables of other analyses.

    Returns
    -------
    Facts or str
        Key of the reason where no rhythm of buying can be told.
    """
    inside = within(orders, days)
    context = context_of(orders)
    customers = collect(customer_totals(inside), sort_by=["customer_id"])
    if len(customers) < context.base_limit:
        return "base_too_small"
    rhythm = rhythm_of(customers, days)
    if not (rhythm["age"] > 0).any():
        return "period_too_short"
    model = fit_gamma_poisson(rhythm["count"].to_numpy(), rhythm["age"].to_numpy())
    if not model.converged:
        return "rhythm_not_identified"
    staged = stages_of(customers, rhythm, model, observed=context.first_purchase_observed)
    count, between = (rhythm[name].to_numpy(dtype=float) for name in ("count", "between"))
    silence = rhythm["silence"].to_numpy(dtype=float)
    ahead = model.predictive_gap(count, between + silence, 0.5)
    frame = staged[["customer_id", "stage", "orders", "occasions", "net_sales"]].assign(
        order_value=customers["net_sales"] / customers["orders"],
        silence_days=silence,
        usual_gap_days=np.maximum(np.round(model.predictive_gap(count, between, 0.5)), 1),
        days_to_expected=np.maximum(np.round(np.minimum(ahead, 36500)), 1),
    )
    if context.first_purchase_observed:
        frame["days_since_first"] = rhythm["age"].to_numpy(dtype=float)
    frame = _with_extras(frame, extras)
    if extras.forecasts is not None:
        frame = _with_forecasts(frame, extras.forecasts)
    frame = _with_offers(frame, inside)
    frame = _with_prices(frame, brand, inside)
    frame = _with_people(frame, brand, days, book)
    festival = next_festival(getattr(brand, "calendar", Calendar()), after=days.end)
    if festival is not None:
        frame["festival"] = festival.code
        frame["days_to_festival"] = float((festival.day - days.end).days)
    return Facts(frame, festival, "spend" if extras.value is None else "expected_value")


def _with_extras(frame: pd.DataFrame, extras: Extras) -> pd.DataFrame:
    for column, table in (("segment", extras.segments), ("recommended", extras.recommended)):
        if table is not None:
            frame = frame.merge(_texts(table, column), on="customer_id", how="left")
    worth = frame["net_sales"].to_numpy(dtype=float)
    if extras.value is not None:
        values = _one_each(extras.value, "value", name="value")
        joined = frame[["customer_id"]].merge(values, on="customer_id", how="left")
        worth = joined["value"].to_numpy(dtype=float)
    known = np.isfinite(worth)
    bands = np.zeros(len(frame), dtype=int)
    bands[known] = scores_from_ranks(twice_mid_rank(worth[known]), 3)
    return frame.assign(value_band=_BANDS[bands])


def _with_forecasts(frame: pd.DataFrame, forecasts: Any) -> pd.DataFrame:
    """Add the stage ahead and the chance of a quieter one, where both see the same stage now.

    A forecast may be of another period; a chance to leave a stage says nothing of whoever stands in
    another.
    """
    names = ["customer_id", "stage", *AHEAD]
    rows = as_table(forecasts, name="forecasts")
    require_columns(rows, names, name="forecasts")
    known = collect(rows.select(*names), sort_by=["customer_id"])
    _refuse_twice(known, name="forecasts")
    joined = frame[["customer_id", "stage"]].merge(
        known, on="customer_id", how="left", suffixes=("", "_then")
    )
    silent = joined["stage"].where(joined["stage"].isin(STAGES_AHEAD), "active")
    ahead = joined[list(AHEAD)].where(silent == joined["stage_then"])
    return frame.assign(**{name: ahead[name] for name in AHEAD})


def _texts(table: Any, column: str) -> pd.DataFrame:
    """Return a column of texts by customer; the first of ranked items nobody bought before."""
    own = table.recommend(k=1) if hasattr(table, "recommend") else table
    if isinstance(own, pd.DataFrame) and {"name", "rank", "repeat"} <= set(own.columns):
        first = own[(own["rank"] == 1) & ~own["repeat"].astype(bool)]
        own = first.rename(columns={"name": column})[["customer_id", column]]
    frame = _one_each(own, column, name="segments" if column == "segment" else column)
    known = frame[frame[column].notna()]
    return known.assign(**{column: known[column].astype(str)})


def _one_each(table: Any, column: str, *, name: str) -> pd.DataFrame:
    """Return a column of a table of one row a customer."""
    rows = as_table(table, name=name)
    require_columns(rows, ["customer_id", column], name=name)
    frame = collect(rows.select("customer_id", column), sort_by=["customer_id"])
    _refuse_twice(frame, name=name)
    return frame


def _refuse_twice(frame: pd.DataFrame, *, name: str) -> None:
    """Refuse a table in which a customer stands in several rows."""
    twice = frame.loc[frame["customer_id"].duplicated(), "customer_id"].tolist()
    if twice:
        raise DataError(
            problem(
                "{name}: customer_id {found!r} stands in several rows; allowed: one row each",
                name=name,
                found=twice[0],
            )
        )


def _with_offers(frame: pd.DataFrame, inside: ir.Table) -> pd.DataFrame:
    if _CUTS & set(inside.columns):
        cuts = collect(discount_totals(inside), sort_by=["customer_id"])
        spent = cuts["net_sales"].where(cuts["net_sales"] > 0)
        share = (cuts["on_offer"] / spent).clip(0.0, 1.0)
        cuts = cuts.assign(
            share_on_offer=share, offer_rank=(share.rank() - 0.5) / share.notna().sum()
        )
        facts = cuts[["customer_id", "share_on_offer", "offer_rank"]]
        frame = frame.merge(facts, on="customer_id", how="left")
    if "channel" in inside.columns:
        channels = collect(main_channel(inside), sort_by=["customer_id"])
        frame = frame.merge(channels, on="customer_id", how="left")
    return frame


def _with_prices(frame: pd.DataFrame, brand: Any, inside: ir.Table) -> pd.DataFrame:
    """Add the price paid for the units bought against their categories' median unit prices."""
    if not brand.has("products") or "category" not in brand.products.columns:
        return frame
    lines = brand.transactions
    if not {"product_id", "quantity"} <= set(lines.columns):
        return frame
    products = brand.products.select("product_id", "category")
    units = unit_lines(lines, orders=inside, products=products)
    prices = collect(product_prices(units), sort_by=["product_id", "category"])
    prices = prices[prices["category"].notna()]
    if prices.empty:
        return frame
    levels = price_levels(units, medians=as_table(_medians(prices), name="medians"))
    own = collect(levels, sort_by=["customer_id"])
    own["price_index"] = own["net_sales"] / own["at_median"].where(own["at_median"] > 0)
    return frame.merge(own[["customer_id", "price_index"]], on="customer_id", how="left")


def _medians(prices: pd.DataFrame) -> pd.DataFrame:
    """Return each category's median unit price over the units sold, by product."""
    ordered = prices.assign(price=prices["net_sales"] / prices["units"]).sort_values(
        ["category", "price", "product_id"], ignore_index=True
    )
    below = ordered.groupby("category")["units"].cumsum()
    whole = ordered.groupby("category")["units"].transform("sum")
    middle = ordered[below >= whole / 2].drop_duplicates("category")
    return middle[["category", "price"]].rename(columns={"price": "median_price"})


def _with_people(frame: pd.DataFrame, brand: Any, days: Days, book: RuleBook) -> pd.DataFrame:
    """Add the tier, the birthday month, and what is missing for the next tier."""
    has = set(brand.customers.columns) if brand.has("customers") else set()
    names = [name for name in ("tier", "birthday_month") if name in has]
    if names:
        rows = brand.customers.select("customer_id", *names)
        people = collect(rows, sort_by=["customer_id", *names])
        people = people[people["customer_id"].notna()].drop_duplicates("customer_id")
        frame = frame.merge(people, on="customer_id", how="left")
    if "birthday_month" in has:
        following = days.end.month % 12 + 1 if _is_last_of_month(days) else days.end.month
        month = pd.to_numeric(frame["birthday_month"], errors="coerce").astype(float)
        month = month.where(month.between(1, 12))
        frame = frame.assign(birthday_month=month, months_to_birthday=(month - following) % 12)
    return _with_next_tier(frame, book) if book.tiers else frame


def _is_last_of_month(days: Days) -> bool:
    return bool(pd.Timestamp(days.end).is_month_end)


def _with_next_tier(frame: pd.DataFrame, book: RuleBook) -> pd.DataFrame:
    tiers = sorted(book.tiers.items(), key=lambda item: item[1])
    names = np.array([name for name, _ in tiers] + [None], dtype=object)
    limits = np.array([float(limit) for _, limit in tiers] + [np.nan])
    spent = frame["net_sales"].to_numpy(dtype=float)
    place = np.searchsorted(limits[:-1], spent, side="right")
    if "tier" in frame.columns:  # whoever holds a tier already is near the one above it
        held = (
            frame["tier"].astype(str).map({name: rank + 1 for rank, (name, _) in enumerate(tiers)})
        )
        place = np.maximum(place, held.fillna(0).to_numpy(dtype=int))
    missing = limits[place] - spent
    return frame.assign(
        next_tier=names[place],
        missing_for_tier=missing,
        share_missing_for_tier=missing / limits[place],
    )
