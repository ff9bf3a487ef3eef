"""The board's indicators and comparisons against a slow and obvious count."""

from __future__ import annotations

import datetime as dt
import math
import random
from typing import Any

import pandas as pd

import loyalty_research as lr
from loyalty_research import profile, worlds
from loyalty_research.profile.board_compare import SHARES
from proofs import Proof, _slow_board
from proofs.common import table

TITLE = "Does the board say what a slow count of the lines says?"
FAMILIES = {"bakery": "exponential", "renewal": "renewal"}
SEEDS, SMALL = range(1, 7), range(1, 2)
CUSTOMERS = 400
CLOSE = 1e-9
"""Largest relative difference: what rounding to twelve digits leaves."""
NOW = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
THEN = dt.date(2023, 1, 1), dt.date(2023, 12, 31)
_ALONE = "net_member_growth"
"""Not compared."""


def run(*, small: bool) -> Proof:
    """Compare every number of the board over worlds of both families."""
    seeds = SMALL if small else SEEDS
    found = pd.concat(
        [
            _compared(name, seed).assign(family=family)
            for name, family in FAMILIES.items()
            for seed in seeds
        ]
    )
    worst = found.groupby(["indicator", "family"], sort=False)["apart"].max().unstack("family")
    counts = found.groupby("indicator").size()
    rows = [
        [name, counts[name], *(f"{row[family]:.1e}" for family in FAMILIES.values())]
        for name, row in worst.iterrows()
    ]
    text = (
        f"Worlds `bakery` (exponential) and `renewal`, seeds {seeds[0]} to {seeds[-1]}, "
        f"{CUSTOMERS} customers that could come, 2023 and 2024, opened as a brand for 2024 with "
        "2023 to compare; a third of the members cancel on a random day. The reference loops over "
        "the lines in Python (`proofs/_slow_board.py`) and shares no code with the board. Numbers: "
        "the value, both sides of the comparison and the change. Largest relative difference "
        f"(absolute below 1); asked: at most {CLOSE:.0e}.\n\n"
        + table(["indicator", "numbers", *FAMILIES.values()], rows)
    )
    return Proof(text, bool((found["apart"] <= CLOSE).all()))


def _compared(name: str, seed: int) -> pd.DataFrame:
    """Return one row a number of one world: indicator, apart."""
    world = worlds.make(name, seed=seed, customers=CUSTOMERS)
    brand = lr.open_brand(
        f"world:{name}?seed={seed}&customers={CUSTOMERS}", period=NOW, compare=THEN
    )
    rows = _members(world, seed)
    board = profile.board(
        brand.orders,
        period=brand.period,
        customers=pd.DataFrame(rows),
        compare=brand.compare,
        compared_orders=brand.orders_compared,
    )
    now, then = (
        _slow_board.indicators(world, days, whole=True) | _slow_board.members(rows, days)
        for days in (NOW, THEN)
    )
    summary = board.summary().set_index("indicator")
    comparison = board.frames["comparison_yoy"].set_index("indicator")
    wanted = {"value": {key: now[key] for key in summary.index}}
    now, then = ({key: side[key] for key in side if key != _ALONE} for side in (now, then))
    wanted |= {"now": now, "then": then, "change": _slow_board.changes(now, then, SHARES)}
    told = []
    for kind, values in wanted.items():
        frame = summary if kind == "value" else comparison
        for indicator, value in values.items():
            mine = float(frame[kind].get(indicator, math.nan))
            apart = abs(mine - value) / max(abs(value), 1.0)
            told.append((indicator, math.inf if math.isnan(apart) else apart))
    return pd.DataFrame(told, columns=["indicator", "apart"])


def _members(world: worlds.World, seed: int) -> list[dict[str, Any]]:
    """Return the customers, a third of the members with a day on which they cancelled."""
    draw = random.Random(seed)
    rows = world.tables["customers"].select(["customer_id", "joined_on"]).to_pylist()
    for row in rows:
        leaves = row["joined_on"] is not None and draw.random() < 1 / 3
        row["cancelled_on"] = (
            row["joined_on"] + dt.timedelta(days=draw.randrange(400)) if leaves else None
        )
    return rows
