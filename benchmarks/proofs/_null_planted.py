"""Effects planted into null worlds, one for every claim, so that a claim can be found lacking."""

from __future__ import annotations

import numpy as np
import pandas as pd

from proofs._null_worlds import WINDOWS, YEAR, Frames

EFFECTS = (
    "three orders in ten are left out in 2023, and half of the customers' in November 2024",
    "in worlds of even seed six customers in ten lose most orders of the first half of 2024, in "
    "the others of the second",
    "women lose half of their orders; a third of the stores and of the staff keep one order a "
    "customer",
    "a half of the lines of busy customers turn to one category, half of the lines of June to "
    "another",
    "offers go to those with many orders, gold to those with the most",
    "users of several channels pay half as much again",
    "of those whose first purchase falls into a window seven in ten never return, and of those new "
    "in 2024 half",
)
"""What is planted, for the page."""


def planted(first: Frames, second: Frames, *, seed: int) -> tuple[Frames, Frames]:
    """Return the steady world and the one of newcomers with effects."""
    rng = np.random.default_rng(seed)
    lines = _thinned(first, rng, seed=seed)
    lines = _priced(_turned(lines, first.products, rng), rng)
    orders = lines.groupby("customer_id")["order_id"].nunique()
    counts = first.people["customer_id"].map(orders).fillna(0)
    people = first.people.assign(tier=np.where(counts >= counts.quantile(0.8), "gold", "basic"))
    return Frames(lines, people, first.products), _left(second, rng)


def _thinned(frames: Frames, rng: np.random.Generator, *, seed: int) -> pd.DataFrame:
    """Leave out orders by time, by customer, by gender, and repeats at some stores and staff."""
    orders = frames.lines.drop_duplicates("order_id").set_index("order_id")
    day, who = orders["ordered_at"], orders["customer_id"]
    half = day >= "2024-07-01"
    lost = half if seed % 2 else (day >= YEAR[0]) & ~half
    november = (day >= "2024-11-01") & (day < "2024-12-01") & who.notna()
    keep = np.select([day < YEAR[0], november], [0.7, 0.5], 1.0)
    keep = np.where((who % 5 < 3) & lost, 0.25 * keep, keep)
    women = frames.people.loc[frames.people["gender"] == "女", "customer_id"]
    keep = np.where(who.isin(women), 0.5 * keep, keep)
    chosen = orders[rng.random(len(orders)) < keep]
    dropped = np.zeros(len(chosen), dtype=bool)
    for column in ("store_id", "staff_id"):
        names = sorted(chosen[column].unique())
        here = chosen[column].isin(names[: len(names) // 3])
        again = chosen[["customer_id", column]].duplicated() & chosen["customer_id"].notna()
        dropped |= (here & again).to_numpy()
    return frames.lines[frames.lines["order_id"].isin(chosen.index[~dropped])]


def _turned(lines: pd.DataFrame, products: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Turn lines to other categories: by the customer's number of orders, and in June."""
    kinds = sorted(products["category"].unique())
    one, two = (
        products.loc[products["category"] == kind, "product_id"].iloc[0] for kind in kinds[:2]
    )
    draw = rng.random(len(lines))
    june = lines["ordered_at"].dt.month == 6
    product = lines["product_id"].mask(_busy(lines) & (draw < 0.5), one)
    return lines.assign(product_id=product.mask(june & (draw > 0.5), two))


def _priced(lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Give offers to busy customers, and let users of several channels pay more."""
    offered = _busy(lines) & (rng.random(len(lines)) < 0.5)
    several = lines.groupby("customer_id")["channel"].transform("nunique") > 1
    paid = lines["amount"].where(~several, lines["amount"] * 1.5).round(2)
    return lines.assign(
        amount=paid, discount=lines["discount"].mask(offered, lines["amount"] * 0.2)
    )


def _busy(lines: pd.DataFrame) -> pd.Series:
    orders = lines.groupby("customer_id")["order_id"].transform("nunique")
    return orders > orders.median()


def _left(frames: Frames, rng: np.random.Generator) -> Frames:
    """Let newcomers of the windows, and of the second year, go after their first order."""
    firsts = frames.lines.groupby("customer_id")["ordered_at"].min()
    lost = (firsts >= YEAR[0]) & (rng.random(len(firsts)) < 0.5)
    for _, start, end in WINDOWS:
        lost |= firsts.between(start, f"{end} 23:59:59") & (rng.random(len(firsts)) < 0.7)
    day = frames.lines["ordered_at"]
    first = frames.lines["customer_id"].map(firsts)
    gone = frames.lines["customer_id"].map(lost).eq(True) & (day > first)
    return Frames(frames.lines[~gone], frames.people, frames.products)
