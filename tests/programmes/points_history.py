"""Histories of points made for the tests, one movement at a time, and a ledger that holds them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.engine import Context
from loyalty_research.programmes.schema import Programme

FIRST = pd.Period("2024-01", freq="M")
NAME = {"zh": "积分", "en": "Points"}


def month(number: int) -> str:
    return str(FIRST + number)


@dataclass
class History:
    """Points of customers, used oldest first; every movement is counted by hand."""

    cells: Counter = field(default_factory=Counter)
    held: dict[Any, list[list[int]]] = field(default_factory=lambda: defaultdict(list))
    earned: Counter = field(default_factory=Counter)
    redeemed: Counter = field(default_factory=Counter)

    def earn(self, customer: int, at: int, points: int) -> None:
        self.held[customer].append([at, points])
        self.cells[customer % 40, at, 0, "earned"] += points
        self.earned[customer] += points

    def use(self, customer: int, at: int, points: int, kind: str = "redeemed") -> int:
        left = points
        for lot in self.held[customer]:
            taken = min(lot[1], left)
            lot[1] -= taken
            left -= taken
            if taken:
                self.cells[customer % 40, lot[0], at - lot[0], kind] += taken
        if kind == "redeemed":
            self.redeemed[at] += points - left
        return points - left

    def expire(self, customer: int, at: int, *, older_than: int) -> None:
        old = sum(lot[1] for lot in self.held[customer] if at - lot[0] > older_than)
        self.use(customer, at, old, "expired")

    def run_off(self) -> pd.DataFrame:
        rows: dict[Any, dict[str, Any]] = {}
        for (part, start, age, kind), points in sorted(self.cells.items()):
            empty = {"earned": 0, "redeemed": 0, "expired": 0}
            rows.setdefault((part, start, age), empty)[kind] += points
        return pd.DataFrame(
            [
                {"wallet": "points", "part": part, "earned_month": month(start), "age_months": age}
                | points
                for (part, start, age), points in rows.items()
            ]
        )


def saved_up(
    *,
    customers: int,
    months: int,
    life: int | None = 12,
    price: int = 100,
    will: float | None = None,
    seed: int = 1,
) -> History:
    """Return customers who collect at their own pace and, some of them, redeem what they can."""
    rng = np.random.default_rng(seed)
    pace, wills = rng.gamma(2, 20, customers), rng.beta(1, 1, customers)
    wills = wills if will is None else np.full(customers, will)
    history = History()
    for at in range(months):
        for customer in range(customers):
            if life is not None:
                history.expire(customer, at, older_than=life)
            history.earn(customer, at, int(rng.poisson(pace[customer])) + 1)
            held = sum(lot[1] for lot in history.held[customer])
            if held >= price and rng.random() < wills[customer]:
                history.use(customer, at, price)
    return history


def programme(**changes: Any) -> Programme:
    """Return a programme with one kind of points and one reward."""
    return Programme.model_validate(
        {
            "name": NAME,
            "operator": NAME,
            "market": NAME,
            "trade": "grocery",
            "currency": "CNY",
            "origin": "published",
            "wallets": {"points": {"name": NAME}},
            "earn": [{"id": "spend", "name": NAME, "wallets": ["points"], "points": 1}],
            "rewards": [
                {
                    "id": "off",
                    "name": NAME,
                    "wallet": "points",
                    "points": 100,
                    "kind": "voucher",
                    "value": 5,
                    "cost": 4,
                }
            ],
        }
        | changes
    )


def ledger_of(history: History, *, months: int, **changes: Any) -> SimpleNamespace:
    """Return what the accounts read of a ledger: CNY 1 paid a point, CNY 5 for 100 points."""
    run_off = changes.get("run_off", history.run_off())
    sales = run_off.groupby("earned_month")["earned"].sum() if len(run_off) else {}
    customers = len(history.earned)
    names = [month(number) for number in range(months)]
    held = {
        "context": Context(currency="CNY", evidence="observed"),
        "currency": "CNY",
        "programme": programme(),
        "units": {"points": 1},
        "redemption": "observed",
        "period": (FIRST.start_time.date(), (FIRST + months - 1).end_time.date()),
        "run_off": run_off,
        "balances": pd.DataFrame(
            [(name, "points", points) for name, points in history.earned.items()],
            columns=["customer_id", "wallet", "earned"],
        ),
        "customers": pd.DataFrame({"customer_id": list(history.earned)}),
        "rewards": pd.DataFrame(
            [
                (month(at), "off", points // 100, points, points / 20, points / 25)
                for at, points in sorted(history.redeemed.items())
            ],
            columns=["month", "reward", "redemptions", "points", "value", "cost"],
        ),
        "activity": pd.DataFrame(
            {
                "month": names,
                "tier": "",
                "orders": customers,
                "net_sales": [float(sales.get(name, 0)) for name in names],
                "joined": 0,
                "birthdays": 0,
            }
        ),
        "members": pd.DataFrame({"month": names, "tier": "", "members": customers}),
        "moves": pd.DataFrame(columns=["month", "from_tier", "to_tier", "members"]),
        "earned": pd.DataFrame(columns=["month", "rule", "wallet", "postings", "points"]),
        "notes": {},
    }
    return SimpleNamespace(**(held | changes))


def accounting_results() -> list[Any]:
    """Return a liability of every kind: points that expire, points that do not, none redeemed."""
    from loyalty_research.programmes.accounting import liability

    expiring = ledger_of(saved_up(customers=60, months=12, life=3), months=12)
    lasting = saved_up(customers=60, months=12, life=None)
    return [
        liability(expiring),
        liability(ledger_of(lasting, months=12, redemption="at_once"), price_per_point=0.02),
        liability(ledger_of(lasting, months=12, redemption="off")),
        liability(ledger_of(lasting, months=12, redemption="none")),
        liability(ledger_of(lasting, months=12, programme=programme(rewards=[]))),
        liability(ledger_of(saved_up(customers=60, months=5), months=5)),
    ]
