"""The short way of the simulator is the general one: every number that comes out is the same."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from programme_shop import programme
from proofs._tier_worlds import programme as world
from tiers.simulation.crowds import coffee, crowd
from tiers.simulation.shop import lines, shop

from loyalty_research import tiers
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.simulation import run

LIBRARY = (
    "candy_points_example", "candy_tiers_example", "dunkin_us_2025", "luckin_simulated",
    "luckin_simulated_2024", "mixue_simulated", "mixue_simulated_2024",
)  # fmt: skip
NOT_PLAIN = ("coffee_tiers_example", "starbucks_us_2026", "tea_tiers_example")
STARTS = ("fresh", "carry", "as_if")
EXPIRY: tuple[dict[str, Any], ...] = (
    {"rule": "never"}, {"rule": "fixed", "days": 40}, {"rule": "fixed", "months": 2},
    {"rule": "end_of_month", "months": 1}, {"rule": "end_of_quarter", "months": 0},
    {"rule": "end_of_year", "months": 0},
)  # fmt: skip
VALIDITY: tuple[dict[str, Any], ...] = (
    {"kind": "window", "windows": 0}, {"kind": "window", "windows": 1},
    {"kind": "months", "months": 2}, {"kind": "forever"},
)  # fmt: skip
WHERE: tuple[dict[str, Any], ...] = (
    {}, {}, {"categories": ["drinks"]}, {"channels": ["app"], "weekdays": ["monday", "friday"]},
)  # fmt: skip
"""With a condition on products lines are read, and returns with them."""
TABLES = ("people", "opening", "closing", "flows", "weeks", "accounts", "orders")


@functools.cache
def people() -> tiers.Population:
    """Return customers with a past, of which some orders were returned."""
    rows = lines(60)
    back = rows[rows["order_id"].str[-1] == "7"].copy()
    back["order_id"] = "r" + back["order_id"]
    back["ordered_at"] += pd.Timedelta(days=2)
    back["amount"] *= -0.5
    return tiers.population(shop(pd.concat([rows, back], ignore_index=True)), margin=0.6)


def drawn(number: int) -> Programme:
    """Return a plain programme at random."""
    random = np.random.default_rng(number)

    def one(of: Any) -> Any:
        return of[int(random.integers(len(of)))]

    rule = {
        "id": "spend", "name": {"zh": "消费", "en": "Spend"}, "wallets": ["points"],
        "points": one((1, 1.25, 10)), "every": one((1, 3)), "whole": bool(one((0, 1))),
        "rounding": one(("down", "nearest", "up")), "by_tier": {"l1": one((2, 12.5))},
        "minimum": one((0, 20)), "where": one(WHERE),
    }  # fmt: skip
    metric = one(("spend", "orders", "visits"))
    at = (0, 90, 240) if metric == "spend" else (0, 4, 9)
    levels = [
        {"id": f"l{place}", "name": {"zh": "级", "en": "Level"}, "threshold": at[place],
         **({"requalify": at[place] * 0.5} if place == 2 and one((0, 1)) else {})}
        for place in range(3)
    ]  # fmt: skip
    kind = one(("calendar", "rolling", "lifetime"))
    months = {} if kind == "lifetime" else {"months": one((1, 3, 6))}
    ladder = {
        "metric": metric, "window": {"kind": kind, **months}, "validity": one(VALIDITY),
        "soft_landing": bool(one((0, 1))), "grace_days": one((0, 10)), "levels": levels,
    }  # fmt: skip
    name = {"zh": "赠品", "en": "A treat"}
    rewards = [
        {"id": "cup", "name": name, "wallet": "points", "points": one((60, 150)),
         "kind": "product", "value": 8},
        {"id": "unknown", "name": name, "wallet": "points", "points": 40, "kind": "product"},
        {"id": "off", "name": name, "wallet": "points", "points": one((20, 300)), "kind": "cash",
         "value": 1, "cost": 1, "most_of_order": one((0.5, 1))},
        {"id": "top", "name": name, "wallet": "points", "points": 90, "kind": "product",
         "value": 30, "where": {"tiers": ["l2"]}},
    ]  # fmt: skip
    chosen = [reward for reward in rewards if one((0, 1))] or rewards[:1]
    benefits = [
        {"id": "upsize", "name": name, "tiers": ["l1", "l2"], "per": one(("order", "month")),
         "value": 2, "cost": 1, "take_up": 0.5},
        {"id": "gift", "name": name, "tiers": ["l2"], "per": "upgrade", "value": 5, "cost": 2,
         "take_up": 1},
    ]  # fmt: skip
    wallet = {"name": {"zh": "积分", "en": "Points"}, "expiry": one(EXPIRY),
              "returns": one(("within_balance", "kept"))}  # fmt: skip
    return programme(
        f"drawn {number}", price=1, value=None, thresholds=(), wallets={"points": wallet},
        earn=[rule], tiers=ladder, rewards=chosen, benefits=benefits,
    )  # fmt: skip


def same_both_ways(monkeypatch: pytest.MonkeyPatch, *given: Any, **more: Any) -> Any:
    """Return what the short way gives, the same as the general one."""
    short = tiers.simulate(*given, keep_orders=True, **more)
    assert run.is_plain(run.make_ready(short.population, given[1], short.settings).plan)
    with monkeypatch.context() as patch:
        patch.setattr(run, "_takes_short_way", lambda *_: False)
        full = tiers.simulate(*given, keep_orders=True, **more)
    for name in TABLES:
        ours, theirs = getattr(short.done, name), getattr(full.done, name)
        assert ours.tobytes() == theirs.tobytes(), name
    return short


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("name", LIBRARY)
def test_programmes_of_the_library(name, start, monkeypatch) -> None:
    more = {"present": coffee()} if start == "carry" else {}
    made = same_both_ways(
        monkeypatch, people(), coffee(name).model_copy(update={"currency": "CNY"}),
        responses=tiers.priors.median(), start=start, periods=60, seed=3, **more,
    )  # fmt: skip
    assert made.done.accounts[..., 0].sum() > 0


@pytest.mark.parametrize("number", range(48))
def test_programmes_drawn_at_random(number, monkeypatch) -> None:
    responses = next(iter(tiers.priors.draw(number, 1)))
    start = STARTS[number % 3]
    more: dict[str, Any] = {"present": coffee()} if start == "carry" else {}
    more |= {"redemption": ("model", "model", "at_once", "none")[number // 3 % 4]}
    same_both_ways(
        monkeypatch, people(), drawn(number), responses=responses, start=start, periods=50,
        seed=number, **more,
    )  # fmt: skip


def test_a_design_of_the_worlds_and_customers_who_may_join(monkeypatch) -> None:
    joining = np.random.default_rng(1).random(200) < 0.5
    made = same_both_ways(
        monkeypatch, crowd(200, member=joining), world(bonus=1.5, threshold=120),
        responses=tiers.priors.median(), start="fresh", periods=80,
    )  # fmt: skip
    new = (made.done.people["joined"] != 0) & ~joining
    assert 0 < new.sum() < (~joining).sum()


@pytest.mark.parametrize("name", NOT_PLAIN)
def test_other_programmes_take_the_general_way(name) -> None:
    ready = run.make_ready(crowd(10), coffee(name), run.Settings(20, 1))
    assert not run.is_plain(ready.plan)


def test_recorded_redemption_takes_the_general_way() -> None:
    plan = run.make_ready(crowd(10), coffee("mixue_simulated"), run.Settings(20, 1)).plan
    assert run.is_plain(plan)
    assert not run.is_plain(plan, "observed")
