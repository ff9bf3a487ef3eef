"""The simulator beside the model written a second time in NumPy and pandas (benchmarks/weekly).

Both draw the same hashed numbers, so that every simulated order must be the same.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from weekly import frames
from weekly.loop import Setting
from weekly.loop import simulate as reference
from weekly.people import OFF, People

from loyalty_research import tiers
from loyalty_research.programmes.schema import Programme

START = dt.date(2026, 1, 5)
WEEKS = 40
CLOSE = 1e-6
ON = {
    "beta_V": 1.0, "theta_P": 0.3, "theta_T": 0.25, "theta_R": 0.1, "theta_L": 0.2, "psi": 0.4,
    "c": 0.3, "sd": 0.1, "theta_1": -0.1, "zeta": 0.2, "d_L": 0.3, "d_1": -0.3,
}  # fmt: skip
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "everything off": ({}, {}),
    "value": ({}, {"beta_V": 1.0}),
    "points": ({}, {"theta_P": 0.3}),
    "level": ({}, {"theta_T": 0.3}),
    "reward and loss": ({}, {"theta_R": 0.15, "theta_L": 0.3}),
    "people": ({}, {"theta_P": 0.3, "theta_1": -0.15, "sd": 0.2}),
    "shifting and baskets": ({}, {"theta_P": 0.4, "psi": 0.6, "c": 0.4, "H": 3}),
    "dropout": ({}, {"d_1": -0.4, "d_L": 0.5}),
    "all": ({}, ON),
    "all, two rewards, a welcome": ({"rewards": ((120, 6), (300, 21)), "welcome": 40}, ON),
    "all, points that live 60 days": ({"expiry": {"rule": "fixed", "days": 60}}, ON),
    "all, levels by orders for a lifetime": (
        {"tiers": {"metric": "orders", "window": {"kind": "lifetime"}}, "limits": (6, 15)}, ON
    ),
    "all, soft landing, more points above": ({"soft": True, "by_tier": {"b": 1.5, "c": 2}}, ON),
    "all, benefits": ({"benefits": True}, ON | {"beta_B": 1.5, "d_V": 4.0, "nu": 0.3}),
}  # fmt: skip


def programme(
    *, rewards: Any = ((200, 15),), welcome: int = 0, expiry: Any = None, tiers: Any = None,
    limits: Any = (150, 400), soft: bool = False, by_tier: Any = None, benefits: bool = False,
) -> Programme:  # fmt: skip
    """Return a simple programme."""
    expiry = expiry or {"rule": "end_of_month", "months": 3}
    earn = [{"id": "spend", "name": "S", "wallets": ["points"], "points": 1,
             "by_tier": by_tier or {}}]  # fmt: skip
    if welcome:
        earn.append({"id": "hi", "name": "H", "wallets": ["points"], "on": "join",
                     "points": welcome})  # fmt: skip
    window = tiers or {"metric": "spend", "window": {"kind": "calendar", "months": 3},
                       "validity": {"kind": "window", "windows": 1}}  # fmt: skip
    names = zip("abc", (0, *limits), strict=True)
    levels = [{"id": name, "name": name, "threshold": limit} for name, limit in names]
    perks = [
        {"id": "perk", "name": "P", "tiers": ["b", "c"], "per": "order", "value": 2, "cost": 1,
         "take_up": 0.5},
        {"id": "box", "name": "B", "tiers": ["c"], "per": "month", "value": 8, "cost": 3,
         "take_up": 0.8},
    ]  # fmt: skip
    return Programme.model_validate(
        {
            "name": "P", "operator": "O", "market": "M", "trade": "tea", "currency": "CNY",
            "origin": "invented",
            "wallets": {"points": {"name": "Points", "expiry": expiry}},
            "earn": earn,
            "tiers": {**window, "soft_landing": soft, "levels": levels},
            "rewards": [
                {"id": f"r{price}", "name": "R", "wallet": "points", "points": price,
                 "kind": "product", "value": value}
                for price, value in rewards
            ],
            "benefits": perks if benefits else [],
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def population() -> tiers.Population:
    rng = np.random.default_rng(3)
    return tiers.population_of(
        rng.gamma(1.2, 0.4, 600) + 0.01,
        amount=rng.lognormal(3, 0.4, (600, 5)).round(2),
        dropout=0.01,
        member=rng.random(600) < 0.8,
        season=(1.2, 0.8, 1.0),
        start=START,
        margin=0.6,
    )


def people_of(population: tiers.Population) -> People:
    templates = population.templates
    return People(
        keys=population.keys.astype(np.uint64),
        rate=population.rate,
        alive=population.alive,
        dropout=population.dropout,
        member=population.member,
        starts=templates.starts,
        day=templates.moments // 86_400,  # the first day is a Monday
        second=templates.moments % 86_400,
        amount=templates.amounts,
    )


def rows(made: tiers.Simulation) -> np.ndarray:
    found = np.asarray(made.done.orders)[:, :3]
    return found[np.lexsort(found.T[::-1])]


@pytest.mark.parametrize("case", CASES)
def test_every_order_is_the_same(case, population) -> None:
    rules, values = CASES[case]
    rules, values = programme(**rules), OFF | values
    made = tiers.simulate(
        population,
        rules,
        responses=tiers.priors.off().replace(**values),
        periods=WEEKS,
        start="fresh",
        seed=7,
        keep_orders=True,
    )
    setting = Setting(
        START, WEEKS, seed=7, margin=0.6, season=population.season, keep_orders=True
    )  # fmt: skip
    found = reference(people_of(population), rules, values, setting)
    kept = found.orders
    second = (kept["day"] * 86_400 + kept["second"]) * 1_000_000
    mine = np.column_stack([kept["row"], second, kept["amount"]])
    mine = mine[np.lexsort(mine.T[::-1])]
    assert len(mine) > 5_000
    assert (kept["reward"] >= 0).sum() > 100
    np.testing.assert_array_equal(mine, rows(made))
    for name in ("margin", "reward", "displaced", "benefit"):
        np.testing.assert_allclose(made.done.people[name], getattr(found, name), rtol=CLOSE)
    np.testing.assert_array_equal(made.done.people["redemptions"].sum(),
                                  (kept["reward"] >= 0).sum())  # fmt: skip
    np.testing.assert_allclose(made.gains, found.gain, rtol=CLOSE, atol=1e-6)


def test_pandas_gains_what_numpy_gains(population) -> None:
    people = people_of(population)
    everybody = People(**{name: getattr(people, name) for name in People.__dataclass_fields__}
                       | {"member": np.ones(len(people), dtype=bool)})  # fmt: skip
    setting = Setting(START, 12, seed=2, margin=0.6)
    rules = programme(rewards=((60, 5), (90, 8)))
    mine = reference(everybody, rules, OFF | ON, setting)
    np.testing.assert_allclose(
        frames.simulate(everybody, rules, OFF | ON, setting), mine.gain, rtol=1e-9
    )
