"""One world from its history to a choice, beside what every design would truly gain."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import loyalty_research as lr
from loyalty_research import tiers
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.optimisation import Limits, optimise, space
from proofs._tier_worlds import (
    AHEAD,
    BEFORE,
    BONUSES,
    MARGIN,
    PRICES,
    THRESHOLDS,
    TierWorld,
    programme,
    tier_world,
)

KINDS = ("model", "still", "other")
PATHS = ("rewards.thing.points", "tiers.levels.gold.threshold", "earn.spend.by_tier.gold")
_WEEKS = 52


@dataclass(frozen=True)
class Size:
    """How much is done for a world.

    Parameters
    ----------
    customers
        Of the world.
    fitted, steps
        Customers and length of chains of the calibration.
    draws, simulated
        Sets of responses and customers of the search.
    seeds
        Runs of the future that the truth is a mean of.
    prices, thresholds
        Of the space, with every bonus.
    """

    customers: int = 3_000
    fitted: int = 2_000
    steps: int = 200
    draws: int = 40
    simulated: int = 1_200
    seeds: int = 3
    prices: tuple[int, ...] = PRICES
    thresholds: tuple[int, ...] = THRESHOLDS


def tried(number: int, kind: str, size: Size) -> dict[str, Any]:
    """Return what was found in a world, and what is true in it.

    Parameters
    ----------
    number
        Of the world.
    kind
        ``model``, ``still`` (the same without any response) or ``other`` (the second family).
    size
        How much is done.
    """
    begun = time.process_time()
    family = "other" if kind == "other" else "model"
    world = tier_world(number, family=family, customers=size.customers, effect=kind != "still")
    brand = brand_of(world)
    people = tiers.population(brand, margin=MARGIN, present=world.after)
    learned = tiers.calibrate(
        brand, world.before, world.after, world.change_on, customers=size.fitted, steps=size.steps
    )
    choices = choices_of(world, size)
    found = optimise(
        people,
        space_of(world, choices),
        baseline=world.after,
        responses=learned.responses,
        limits=Limits(reach=0.0, top=1.0),
        customers=size.simulated,
        draws=size.draws,
        sensitivity_draws=0,
        periods=AHEAD,
    )
    names = {name: _place(choices, rules) for name, rules in found.programmes.items()}
    rows = found.designs.iloc[:-1]
    gains = found.draws.pivot_table(index="design", columns="draw", values="gain")
    return {
        "number": number,
        "kind": kind,
        "calibrated": learned.calibrated,
        "effective": round(learned.effective, 1),
        "verdict": found.verdict,
        "chosen": None if found.recommended is None else _place(choices, found.recommended),
        "present": names["present"],
        "places": [names[name] for name in rows["design"]],
        "cost": rows["cost"].round(1).tolist(),
        "noise": ((rows["noise_high"] - rows["noise_low"]) / 2).round(1).tolist(),
        "gains": gains.loc[rows["design"]].round(1).to_numpy().tolist(),
        **truths(world, choices, size.seeds),
        **naive_of(world),
        "customers": len(world.people),
        "seconds": round(time.process_time() - begun, 1),
    }


def brand_of(world: TierWorld) -> Any:
    """Return the history as a brand."""
    columns = ["order_id", "customer_id", "ordered_at", "net_sales", "points_used"]
    members = world.members.dropna()
    joined = pd.DataFrame(
        {"customer_id": members["customer_id"], "joined_on": members["joined"].dt.date}
    )
    return lr.Brand.from_frames(
        transactions=world.orders[columns].rename(columns={"net_sales": "amount"}),
        customers=joined,
        currency="CNY",
        name="world",
        period=tuple(day.isoformat() for day in world.period),
        identifiers="public",
        provenance="simulated",
    )


def choices_of(world: TierWorld, size: Size) -> list[dict[str, Any]]:
    """Return the designs of the space, keyword arguments of ``programme``."""
    points, own = world.present["points"], world.present
    return [
        {"points": points, "price": price, "threshold": threshold, "bonus": bonus}
        for price in sorted({*size.prices, own["price"]})
        for threshold in sorted({*size.thresholds, own["threshold"]})
        for bonus in BONUSES
    ]


def space_of(world: TierWorld, choices: list[dict[str, Any]]) -> Any:
    """Return the space of the designs."""
    values = [sorted({one[name] for one in choices}) for name in ("price", "threshold")]
    gold = sorted(round(world.present["points"] * bonus, 4) for bonus in BONUSES)
    return space(programme(**world.present), dict(zip(PATHS, (*values, gold), strict=True)))


def truths(world: TierWorld, choices: list[dict[str, Any]], seeds: int) -> dict[str, Any]:
    """Return margin of the present, true gain and further cost of each design over it."""
    gains, costs, margin = np.zeros(len(choices)), np.zeros(len(choices)), 0.0
    for seed in range(5, 5 + seeds):
        kept = world.outcome(world.after, seed=seed)
        margin += float(kept.margin.sum()) / seeds
        for place, one in enumerate(choices):
            made = world.outcome(programme(**one), seed=seed)
            gains[place] += float((made.gain - kept.gain).sum()) / seeds
            costs[place] += (_cost(made) - _cost(kept)) / seeds
    return {
        "margin": round(margin, 1),
        "truth": gains.round(2).tolist(),
        "true_cost": costs.round(2).tolist(),
    }


def _cost(made: Any) -> float:
    return float((made.reward + made.displaced + made.benefit).sum())


def naive_of(world: TierWorld) -> dict[str, float]:
    """Return members' spend over that of others, less 1, and what responses truly added to it."""
    last = world.orders[world.orders["ordered_at"].dt.date >= world.change_on]
    by = last.groupby("customer_id")["net_sales"].sum()
    names = np.array([f"c{row:06d}" for row in range(len(world.people))])
    spend = by.reindex(names).fillna(0.0).to_numpy()
    member = world.people.member
    with_, without = (
        float(made.orders["amount"][_counted(made, member)].sum())
        for made in (world.lived, world.quiet)
    )
    return {
        "naive_lift": round(float(spend[member].mean() / spend[~member].mean() - 1), 4),
        "true_lift": round(with_ / without - 1, 4),
    }


def _counted(made: Any, member: Any) -> Any:
    weeks = made.orders["week"]
    return member[made.orders["row"]] & (weeks >= BEFORE) & (weeks < BEFORE + _WEEKS)


def _place(choices: list[dict[str, Any]], rules: Programme) -> int:
    told = _told(rules)
    return next(place for place, one in enumerate(choices) if _told(programme(**one)) == told)


def _told(made: Programme) -> tuple[Any, ...]:
    assert made.tiers is not None
    earn, level = made.earn[0], made.tiers.levels[1]
    return (earn.points, earn.by_tier["gold"], level.threshold, made.rewards[0].points)
