"""A shop small enough to count by hand, one with regular customers, and programmes for them.

Forty customers, four of each spend: those of kind i = 1..10 buy twice, on 10 January and on
10 February 2024, for 50 i yuan each time; so each kind is a tenth of the members.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

import loyalty_research as lr
from loyalty_research.errors import problem
from loyalty_research.programmes.schema import Expiry, Programme

KINDS, EACH = range(1, 11), 4
PERIOD = ("2024-01-01", "2024-03-31")


def lines() -> pd.DataFrame:
    """Return the lines of the shop, one an order."""
    rows = [
        {
            "order_id": f"{kind:02d}{twin}{visit}",
            "customer_id": f"c{kind:02d}{twin}",
            "ordered_at": f"2024-{visit:02d}-10 12:00",
            "amount": 50.0 * kind,
        }
        for kind in KINDS
        for twin in range(EACH)
        for visit in (1, 2)
    ]
    return pd.DataFrame(rows).assign(ordered_at=lambda x: pd.to_datetime(x["ordered_at"]))


def shop(*, identifiers: str = "public", **tables: Any) -> Any:
    """Return the shop, opened."""
    return lr.Brand.from_frames(
        transactions=lines(),
        currency="CNY",
        name="shop",
        period=PERIOD,
        identifiers=identifiers,
        provenance="made by hand",
        **tables,
    )


def repeat_lines() -> pd.DataFrame:
    """Return half a year's lines of 240 customers who differ in how often they buy."""
    random = np.random.default_rng(8)
    rows = [
        {
            "order_id": f"{customer}-{day}",
            "customer_id": f"r{customer:03d}",
            "ordered_at": pd.Timestamp("2024-01-01 12:00") + pd.Timedelta(days=int(day)),
            "amount": float(random.integers(10, 60)),
        }
        for customer in range(240)
        for day in np.flatnonzero(random.random(182) < random.gamma(1.0, 0.05))
    ]
    return pd.DataFrame(rows)


@cache
def repeat_shop() -> Any:
    """Return a shop with these lines, opened."""
    return _opened(repeat_lines())


def once_shop() -> Any:
    """Return the shop with the first order of each customer alone."""
    return _opened(lines().drop_duplicates("customer_id"))


def _opened(rows: pd.DataFrame) -> Any:
    return lr.Brand.from_frames(
        transactions=rows,
        currency="CNY",
        name="shop",
        period=("2024-01-01", "2024-06-30"),
        provenance="made by hand",
    )


def programme(
    name: str, *, price: int, value: float | None, thresholds: tuple[int, ...], **more: Any
) -> Programme:
    """Return a programme: a point a yuan, one reward, levels by spend in the calendar year."""
    levels = [
        {"id": f"l{place}", "name": {"zh": f"{place}级", "en": f"Level {place}"}, "threshold": at}
        for place, at in enumerate(thresholds)
    ]
    document: dict[str, Any] = {
        "name": {"zh": f"方案{name}", "en": f"Plan {name}"},
        "operator": {"zh": "小店", "en": "Shop"},
        "market": {"zh": "中国", "en": "China"},
        "trade": "coffee",
        "currency": "CNY",
        "origin": "proposal",
        "wallets": {"points": {"name": {"zh": "积分", "en": "Points"}}},
        "earn": [
            {
                "id": "spend",
                "name": {"zh": "消费", "en": "Spend"},
                "wallets": ["points"],
                "points": 1,
            }
        ],
        "rewards": [
            {
                "id": "treat",
                "name": {"zh": "赠品", "en": "A treat"},
                "wallet": "points",
                "points": price,
                "kind": "product",
                **({} if value is None else {"value": value, "cost": value / 2}),
            }
        ],
        **({"tiers": {"levels": levels}} if levels else {}),
        **more,
    }
    return Programme.model_validate(document, context={"path": Path(f"{name}.yaml")})


def easy(name: str = "easy") -> Programme:
    """Return a programme with a small reward soon, and one level above the base at 800 yuan."""
    return programme(name, price=100, value=10, thresholds=(0, 800))


def late(name: str = "late") -> Programme:
    """Return a programme with a large reward late, and levels at 500 and 1000 yuan."""
    return programme(name, price=300, value=40, thresholds=(0, 500, 1000))


def tiers_results() -> list[Any]:
    """Return results of the chapter that between them use all its sentences."""
    from loyalty_research import tiers

    strict = programme("strict", price=10**6, value=10, thresholds=(0, 10**6))
    brief = programme("brief", price=100, value=10, thresholds=())
    points = brief.wallets["points"]
    lapsing = points.model_copy(update={"expiry": Expiry(rule="fixed", days=40)})
    brief = brief.model_copy(update={"wallets": {"points": lapsing}})
    brief._path = Path("brief.yaml")
    known = programme("known", price=100, value=10, thresholds=()).model_copy(
        update={"status": "card"}
    )
    known._path = Path("known.yaml")
    brand = shop()
    sections = (tiers.compare, tiers.levels, tiers.reach, tiers.rewards, tiers.gains)
    listed = [
        tiers.replays(brand, [late(), easy(), strict, known]),
        tiers.replays(brand, [brief, late()]),
        tiers.replays(brand, [easy()], redemption="none"),
        tiers.replays(brand),
    ]
    results = [section(brand, replays=made) for made in listed for section in sections]
    return [*results, tiers.reminders(brand, replays=listed[0]), *simulated_results()]


def simulated_results() -> list[Any]:
    """Return comparisons of simulations, with and without draws of the responses."""
    from loyalty_research import tiers

    people = tiers.population_of([0.3] * 100, amount=50, currency="CNY")
    found = []
    for draws in (0, 2):
        one, other = (
            tiers.simulate(people, rules, periods=4, draws=draws) for rules in (late(), easy())
        )
        found.append(one.compare(other))
    return found


def as_present(made: Any) -> Any:
    """Return replays whose first programme is taken as the one the shop runs."""
    first = dataclasses.replace(made.runs[0], present=True)
    return dataclasses.replace(made, runs=(first, *made.runs[1:]))


def levelled(name: str, *, price: int, thresholds: tuple[int, ...], per: Any = 2) -> Programme:
    """Return a programme whose second level earns ``per`` points a yuan and has a free coffee."""
    perk = {
        "id": "coffee",
        "name": {"zh": "咖啡", "en": "Coffee"},
        "tiers": ["l1"],
        "per": "order",
        "value": 8,
        "cost": 3,
        "take_up": 0.5,
    }
    plain = programme(name, price=price, value=10, thresholds=thresholds)
    rule = {**plain.earn[0].model_dump(exclude_defaults=True), "by_tier": {"l1": per}}
    return programme(
        name, price=price, value=10, thresholds=thresholds, earn=[rule], benefits=[perk]
    )


def transition_results() -> list[Any]:
    """Return results on bringing members over that between them use all sentences."""
    from loyalty_research import tiers

    brand = shop()
    strict = levelled("strict", price=200, thresholds=(0, 900))
    flat = programme("flat", price=100, value=10, thresholds=())
    made = tiers.replays(brand, [levelled("now", price=100, thresholds=(0, 400)), strict, flat])
    return [
        tiers.transition(brand, replays=as_present(made)),
        tiers.transition(brand, replays=made),
        _many_fall(),
        tiers.cards(brand, [easy(), late()], against=late()),
    ]


def _many_fall() -> Any:
    """Return a transition in which more fall than the base limit."""
    from loyalty_research import tiers

    brand = repeat_shop()
    low, high = (levelled(f"from{at}", price=100, thresholds=(0, at)) for at in (100, 400))
    return tiers.transition(brand, replays=as_present(tiers.replays(brand, [low, high])))


def review_lines(*, faster: float = 1.0) -> pd.DataFrame:
    """Return two years' lines of 300 customers, who in the second buy ``faster`` as often."""
    random = np.random.default_rng(4)
    rows = []
    for customer in range(300):
        chance = random.gamma(1.5, 0.03)
        daily = np.where(np.arange(730) < 365, chance, chance * faster)
        rows += [
            {
                "order_id": f"{customer}-{day}",
                "customer_id": f"y{customer:03d}",
                "ordered_at": pd.Timestamp("2023-01-01 12:00") + pd.Timedelta(days=int(day)),
                "amount": float(random.integers(10, 60)),
            }
            for day in np.flatnonzero(random.random(730) < daily)
        ]
    return pd.DataFrame(rows)


@cache
def review_results() -> tuple[Any, ...]:
    """Return yearly reviews: as expected, twice the purchases, too short, and without a model."""
    from loyalty_research import tiers

    found = []
    for rows, days in (
        (review_lines(), ("2023-01-01", "2024-12-31")),
        (review_lines(faster=2.5), ("2023-01-01", "2024-12-31")),
        (review_lines(), ("2023-09-01", "2024-12-31")),
    ):
        brand = lr.Brand.from_frames(
            transactions=rows, currency="CNY", name="shop", period=days, provenance="made by hand"
        )
        rules = programme("yearly", price=150, value=10, thresholds=(0, 300, 900))
        made = as_present(tiers.replays(brand, [rules]))
        found.append(tiers.review(brand, replays=made, margin=0.5, customers=300, draws=10))
    return tuple(found)


def forecast_results() -> list[Any]:
    """Return results of the section on responses that between them use all its sentences.

    The first: a present programme against itself, a dearer and a cheaper one.
    """
    from loyalty_research import tiers

    brand = repeat_shop()
    dear = programme("dear", price=60, value=30, thresholds=(0, 300))
    listed = [easy(), easy("same"), dear, late()]
    made = tiers.replays(brand, listed)
    first = dataclasses.replace(made.runs[0], present=True)
    own = dataclasses.replace(made, runs=(first, *made.runs[1:]))
    common: dict[str, Any] = {"periods": 12, "draws": 10}
    return [
        tiers.forecast(brand, replays=own, margin=0.5, **common),
        tiers.forecast(brand, [dear], margin=0.5, customers=120, **common),
        tiers.forecast(brand, [dear]),
        tiers.forecast(brand, [dear], margin=0.001, **common),
        tiers.forecast(once_shop(), [dear], margin=0.5, **common),
    ]


@cache
def small_proposals(draws: int = 64, margin: float | None = 0.5) -> Any:
    """Return proposals for the shop with regular customers, on priors, after a small search."""
    from loyalty_research import tiers

    brand = repeat_shop()
    made = tiers.replays(brand, [late("own"), late("same"), easy()])
    first = dataclasses.replace(made.runs[0], present=True)
    own = dataclasses.replace(made, runs=(first, *made.runs[1:]))
    moves = {"rewards.treat.points": [200, 300], "tiers.levels.l1.threshold": [300, 500]}
    return tiers.proposals(
        brand,
        replays=own,
        margin=margin,
        responses=tiers.priors,
        space=tiers.space(first.programme, moves),
        periods=26,
        draws=draws,
    )


def proposal_results() -> list[Any]:
    """Return results of the sections on proposals that between them use all their sentences."""
    from loyalty_research import tiers

    made = small_proposals()
    table = tiers.priors.table().assign(moved=lambda x: x["parameter"] == "theta_P")
    belief = SimpleNamespace(
        table=table,
        reasons=(),
        rests_on_priors=("baskets", "benefits"),
        change_on=dt.date(2024, 3, 1),
        rewarded=1200,
        effective=120.0,
    )
    told = SimpleNamespace(**{**vars(belief), "change_on": None})
    why = problem("population: it has no customer; give a brand with orders, or at least one rate")
    variants = [
        made,
        dataclasses.replace(made, belief=SimpleNamespace(**{**vars(belief), "reasons": (why,)})),
        dataclasses.replace(made, evidence="posterior", verdict="change", belief=belief),
        dataclasses.replace(made, evidence="posterior", verdict="keep", belief=belief),
        dataclasses.replace(made, evidence="posterior", verdict="cannot_tell", belief=belief),
        dataclasses.replace(made, evidence="thin", verdict="cannot_tell", belief=belief),
        dataclasses.replace(made, evidence="thin", verdict="cannot_tell", belief=told),
    ]
    unreachable = tiers.proposals(
        repeat_shop(),
        replays=made.replays,
        margin=0.5,
        responses=tiers.priors,
        space=tiers.space(made.options[0].programme, {"tiers.levels.l2.threshold": [10**6, 10**7]}),
        periods=12,
        draws=10,
        customers=60,
    )
    variants += [unreachable, dataclasses.replace(unreachable, search=made.search)]
    shown = [section(item) for item in variants for section in (tiers.decide, tiers.beliefs)]
    brand = repeat_shop()
    return [
        *shown,
        tiers.break_even(brand, [late()], margin=0.99),
        tiers.moves(made),
        tiers.months(made),
        tiers.break_even(brand, replays=made.replays, margin=0.5),
        tiers.break_even(brand, [late()]),
        tiers.decide(tiers.proposals(once_shop(), [late()], margin=0.5)),
    ]
