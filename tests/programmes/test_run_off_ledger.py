"""The run-off that the ledger adds up, against one made movement by movement from its postings."""

from __future__ import annotations

import zlib
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from programmes.points_history import NAME, programme

from loyalty_research.engine import collect
from loyalty_research.programmes.replay import replay

RULES = {
    "expiring": {"expiry": {"rule": "fixed", "months": 3}},
    "end of the quarter": {"expiry": {"rule": "end_of_quarter", "months": 3}},
    "lasting": {"expiry": {"rule": "never"}},
    "inactive": {"expiry": {"rule": "inactivity", "months": 2}, "returns": "pending_only"},
}


def purchases(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    size = 900
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 425, size), unit="D")
    paid = rng.integers(5, 90, size) * np.where(rng.random(size) < 0.08, -1, 1)
    return pd.DataFrame(
        {
            "order_id": [f"o{number}" for number in range(size)],
            "customer_id": [f"c{number}" for number in rng.integers(0, 70, size)],
            "ordered_at": day + pd.to_timedelta(rng.integers(0, 86_400, size), unit="s"),
            "amount": paid.astype(float),
        }
    )


def from_postings(postings: pd.DataFrame) -> Counter[Any]:
    """Follow every point: those earned first leave first, whatever the reason."""
    cells: Counter[Any] = Counter()
    held: dict[Any, list[list[int]]] = {}
    for row in postings.itertuples():
        part = zlib.crc32(str(row.customer_id).encode()) % 40
        month = pd.Period(row.at, freq="M").ordinal
        lots = held.setdefault((row.customer_id, row.wallet), [])
        if row.points > 0:
            lots.append([month, row.points])
            cells[row.wallet, part, month, 0, "earned"] += row.points
            continue
        left = -row.points
        kind = {"redeem": "redeemed", "expire": "expired"}.get(row.kind)
        for lot in lots:
            taken = min(lot[1], left)
            lot[1] -= taken
            left -= taken
            if kind is None:  # taken back: it never was
                cells[row.wallet, part, lot[0], 0, "earned"] -= taken
            else:
                cells[row.wallet, part, lot[0], month - lot[0], kind] += taken
        assert not left
    return Counter({name: points for name, points in cells.items() if points})


@pytest.mark.parametrize("wallet", RULES.values(), ids=RULES.keys())
def test_the_same_from_postings(wallet) -> None:
    rules = programme(wallets={"points": {"name": NAME, **wallet}})
    period = ("2024-01-01", "2025-02-28")
    ledger = replay(purchases(3), rules, redemption="at_once", period=period)
    postings = collect(ledger.postings, sort_by=["customer_id", "seq"])
    told: Counter[Any] = Counter()
    for row in ledger.run_off.itertuples():
        month = pd.Period(row.earned_month, freq="M").ordinal
        for kind in ("earned", "redeemed", "expired"):
            told[row.wallet, row.part, month, row.age_months, kind] += getattr(row, kind)
    assert Counter({name: points for name, points in told.items() if points}) == from_postings(
        postings
    )
    for kind in ("earned", "redeemed", "expired"):
        assert ledger.run_off[kind].sum() == ledger.balances[kind].sum()
    assert ledger.run_off["redeemed"].sum() > 0
