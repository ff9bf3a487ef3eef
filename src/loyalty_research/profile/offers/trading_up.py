"""Trading up: dearer products and more pieces of a category in the second half of the period."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.engine import collect, reduction, require_columns
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import CHAPTER, Days, Stater, as_days, drawable, present
from loyalty_research.profile.offers.items import bought
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, proportion

_SECTION = "trading_up"
STEP = 0.05
"""A customer trades up where the level rises by at least this share."""
_MEASURES = ("price", "size")
_Z = float(norm.ppf(0.975))
# A day's number times the factor, modulo a prime: neighbours land far from each other.
_FAR, _FACTOR, _MODULUS = 100_000, 48_271, 65_537


def trading_up(lines: Any, *, period: Any, level: str | None = None) -> Result:
    """Compare the price level and the pieces a customer buys of a category in both halves.

    Parameters
    ----------
    lines
        A brand with transactions (product_id, quantity) and products; or one row a line with
        customer_id, ordered_at, amount, quantity, product_id and the category.
    period
        The brand's period or (first day, last day).
    level
        ``category`` or ``subcategory``, within which products are compared; None for
        subcategories where there are 12 to 1,000, else categories.

    Returns
    -------
    Result
        Frame ``summary``: one row a measure (price: dearer products; size: pieces a purchase):
        customers, mean change with interval, share that moved up and down by at least 5 %, the
        same shares by chance, and the differences with intervals.

    Notes
    -----
    Every product counts at its mean price of the whole period, so that neither inflation nor a
    price cut is taken for a choice. A customer's change is the mean of log(second half / first
    half) over the categories bought in both halves, weighted by pieces. Who bought dear by chance
    buys cheaper afterwards, and the reverse; so the shares are set against the same comparison with
    each customer's purchase days dealt to two sides of the same sizes without regard to time, which
    differ by chance only.
    """
    days = as_days(period)
    found = bought(lines, days, level=level or _group_level(lines, days))
    needed = ["quantity", "product_id"]
    require_columns(found.lines, needed, name="transactions")
    state = Stater(found.context, _SECTION, days.iso)
    first, second = days.halves()
    table = product_changes(found.lines, first_end=first.end, last_start=second.start)
    people = collect(table, sort_by=["customer_id"])
    summary = pd.DataFrame([_row(people, name) for name in _MEASURES])
    charts = _charts(summary, days)
    return Result(
        name="trading_up",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": summary, "shares": _shares(summary)},
        findings=tuple(_finding(state, row) for row in _records(summary)),
        charts=drawable(charts, state.context),
        tables=_tables(summary, days) if len(people) >= state.context.base_limit else (),
        context=state.context,
    )


def _group_level(lines: Any, days: Days) -> str:
    """Return the level of groups of products; products where that is all there is."""
    found = bought(lines, days)
    if found.level == "subcategory" or "category" not in found.lines.columns:
        return found.level
    return "category"


@reduction
def product_changes(lines: ir.Table, *, first_end: dt.date, last_start: dt.date) -> ir.Table:
    """Return one row a customer: mean log changes of price level and pieces a purchase.

    Columns: customer_id; price and size (second half against first), price_chance and size_chance
    (as many days on either side, dealt without regard to time). Only customers with a category
    bought in both halves.
    """
    rows = lines.filter(lines.quantity > 0, present(lines.product_id))
    whole = rows.group_by("product_id").aggregate(
        usual=rows.amount.sum().cast("float64") / rows.quantity.sum().cast("float64")
    )
    rows = rows.inner_join(whole, "product_id")
    pieces = rows.quantity.cast("float64")
    rows = rows.mutate(pieces=pieces, worth=pieces * rows.usual)
    daily = rows.group_by("customer_id", "item", "day").aggregate(
        pieces=rows.pieces.sum(), worth=rows.worth.sum()
    )
    early, late = daily.day <= ibis.literal(first_end), daily.day >= ibis.literal(last_start)
    daily = daily.filter(early | late)
    early = daily.day <= ibis.literal(first_end)
    number = daily.day.delta(ibis.literal(first_end), unit="day").cast("int64") + _FAR
    group = ["customer_id", "item"]
    daily = daily.mutate(
        early=early,
        dealt=number * _FACTOR % _MODULUS,  # a fixed shuffle of the calendar
        before=early.cast("int64").sum().over(ibis.window(group_by=group)),
    )
    turn = ibis.row_number().over(group_by=group, order_by="dealt")
    daily = daily.mutate(chosen=turn < daily.before)
    sides = {
        "first": daily.early,
        "last": ~daily.early,
        "dealt": daily.chosen,
        "others": ~daily.chosen,
    }
    sums: dict[str, ir.Value] = {"weight": daily.pieces.sum()}
    for name, side in sides.items():
        sums[f"pieces_{name}"] = daily.pieces.sum(where=side)
        sums[f"worth_{name}"] = daily.worth.sum(where=side)
        sums[f"days_{name}"] = daily.count(where=side).cast("float64")
    groups = daily.group_by("customer_id", "item").aggregate(**sums)
    return _customer_changes(groups)


def _customer_changes(groups: ir.Table) -> ir.Table:
    both = (groups.days_first > 0) & (groups.days_last > 0)
    known = groups.filter(both)
    changes = {}
    for name, before, after in (("", "first", "last"), ("_chance", "dealt", "others")):
        worth = known[f"worth_{after}"] * known[f"pieces_{before}"]
        worth = worth / (known[f"worth_{before}"] * known[f"pieces_{after}"])
        size = known[f"pieces_{after}"] * known[f"days_{before}"]
        size = size / (known[f"pieces_{before}"] * known[f"days_{after}"])
        changes[f"price{name}"] = (worth.ln() * known.weight).sum() / known.weight.sum()
        changes[f"size{name}"] = (size.ln() * known.weight).sum() / known.weight.sum()
    return known.group_by("customer_id").aggregate(**changes)


def _row(people: pd.DataFrame, name: str) -> dict[str, Any]:
    change = people[name].to_numpy(dtype=float)
    chance = people[f"{name}_chance"].to_numpy(dtype=float)
    n, step = len(people), np.log1p(STEP)
    mean = _mean(change)
    row: dict[str, Any] = {
        "measure": name,
        "customers": n,
        "change": _ratio(mean.value),
        "change_low": _ratio(mean.low),
        "change_high": _ratio(mean.high),
    }
    for side, sign in (("up", 1), ("down", -1)):
        moved, by_chance = sign * change >= step, sign * chance >= step
        # Dealt days have no direction: both directions tell the same chance.
        by_chance = (by_chance.astype(float) + (-sign * chance >= step)) / 2
        share, usual = proportion(int(moved.sum()), n), _mean(by_chance)
        beyond = _mean(moved - by_chance)
        row |= {
            side: share.value,
            f"{side}_low": share.low,
            f"{side}_high": share.high,
            f"{side}_chance": usual.value,
            f"{side}_beyond": beyond.value,
            f"{side}_beyond_low": beyond.low,
            f"{side}_beyond_high": beyond.high,
        }
    return {key: np.nan if value is None else value for key, value in row.items()}


def _mean(values: np.ndarray) -> Estimate:
    if len(values) < 2:
        return Estimate(None, None, None, len(values))
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    return Estimate(mean, mean - _Z * error, mean + _Z * error, len(values))


def _ratio(value: float | None) -> float:
    return np.nan if value is None else float(np.expm1(value))


def _finding(state: Stater, row: dict[str, Any]) -> Finding:
    base, name = int(row["customers"]), f"trading_up_{row['measure']}"
    if base < 2:
        return state.withheld(name, "not_computable", definition="trading_up", base=base)
    return state(
        name,
        Estimate(row["change"], row["change_low"], row["change_high"], base),
        unit="change",
        definition="trading_up",
        method="mean_by_customer",
        subject=name,
        values={
            "up": Value(row["up"], "share"),
            "down": Value(row["down"], "share"),
            "up_chance": Value(row["up_chance"], "share"),
            "down_chance": Value(row["down_chance"], "share"),
            "step": Value(STEP, "share"),
        },
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): item for key, item in row.items()} for row in frame.to_dict("records")]


def _shares(summary: pd.DataFrame) -> pd.DataFrame:
    """Return one row a measure and direction: the share that moved, and by chance."""
    rows = [
        {
            "move": f"{row['measure']}_{side}",
            "customers": row["customers"],
            "moved": row[side],
            "by_chance": row[f"{side}_chance"],
        }
        for row in _records(summary)
        for side in ("up", "down")
    ]
    return pd.DataFrame(rows)


def _charts(summary: pd.DataFrame, days: Days) -> tuple[Chart, ...]:
    price = summary.iloc[0]
    return (
        Chart(
            name="shares",
            key="trading_up.shares",
            kind="bars",
            frame="shares",
            encode={
                "x": "move",
                "x_unit": "label:trading_move",
                "y": ["moved", "by_chance"],
                "unit": "share",
                "horizontal": True,
                "y_label": "share_customers",
                "annotate": True,
                "height": 0.9,
            },
            values={
                name: Value(float(price[name]), "share")
                for name in ("up", "down", "up_chance", "down_chance")
            }
            | {"step": Value(STEP, "share")},
            definitions=("trading_up",),
            persons=(
                Persons(
                    names=("move",),
                    rows="apart",
                    rates=("moved", "by_chance"),
                    shares=tuple((name, float(price[name])) for name in ("up", "down")),
                ),
            ),
            base=int(price["customers"]),
            base_unit="customers",
            period=days.iso,
        ),
    )


def _tables(summary: pd.DataFrame, days: Days) -> tuple[TableView, ...]:
    return (
        TableView(
            name="moves",
            key="trading_up.moves",
            frame="summary",
            columns=(
                Column("measure", "label:trading_measure"),
                Column("customers", "customers"),
                Column(
                    "change",
                    "change",
                    low="change_low",
                    high="change_high",
                    heading="mean_change",
                ),
                Column("up", "share", low="up_low", high="up_high", heading="moved_up"),
                Column(
                    "up_beyond",
                    "point_change",
                    low="up_beyond_low",
                    high="up_beyond_high",
                    heading="beyond_chance_up",
                ),
                Column("down", "share", low="down_low", high="down_high", heading="moved_down"),
                Column(
                    "down_beyond",
                    "point_change",
                    low="down_beyond_low",
                    high="down_beyond_high",
                    heading="beyond_chance_down",
                ),
            ),
            values={"step": Value(STEP, "share")},
            definitions=("trading_up",),
            persons=(Persons(names=("measure",), rows="apart", rates=("change", "up", "down")),),
            base=int(summary["customers"].max()),
            base_unit="customers",
            period=days.iso,
        ),
    )
