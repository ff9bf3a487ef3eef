"""The simulated worlds post points by a programme of their own, written apart: both must agree.

A world's club gives a point for each whole currency unit of an order, lets points expire a year
after the end of their quarter, takes 200 for a product whenever its customer feels like it (which
the orders tell), and has levels by the spend of this or the last calendar year.
"""

from __future__ import annotations

from typing import Any

import pytest
from programmes.ledgers import LEDGERS, programme_of

from loyalty_research import worlds
from loyalty_research.worlds.world import World

KINDS = {"earn": "earn", "redeem": "redeem", "expire": "expire"}


@pytest.fixture(scope="module", params=[("bakery", 11), ("renewal", 12)])
def world(request) -> World:
    name, seed = request.param
    return worlds.make(name, seed=seed, customers=150)


def club(world: World) -> Any:
    """Return the world's programme in the rule language."""
    programme = world.parameters.programme
    assert programme is not None
    (rule,) = programme.rules  # no change of rules
    thresholds = [0, *(cents // 100 for cents in rule.thresholds)]
    assert all(cents % 100 == 0 for cents in rule.thresholds)
    return programme_of(
        wallets={"points": {"expiry": {"rule": "end_of_quarter", "months": 12}}},
        earn=[
            {
                "id": "spend",
                "wallets": ["points"],
                "per": "amount",
                "whole": True,
                "points": rule.points_per_unit,
            }
        ],
        tiers={
            "metric": "spend",
            "window": {"kind": "calendar", "months": 12},
            "levels": [{"id": f"l{n}", "threshold": least} for n, least in enumerate(thresholds)],
        },
        rewards=[
            {"id": "product", "wallet": "points", "points": rule.reward_cost, "kind": "product"}
        ],
    )


@pytest.mark.parametrize("kind", sorted(LEDGERS))
def test_every_posting_and_level_of_a_world(world, kind) -> None:
    columns = ["order_id", "customer_id", "ordered_at", "amount", "points_used", "line_id"]
    rows = world.tables["transactions"].select(columns).to_pylist()
    members = world.tables["customers"].select(["customer_id", "joined_on", "tier"]).to_pylist()
    for row in rows:
        row["customer_id"] = name(row["customer_id"])
        row["order_id"] = f"{row['order_id'] or 0:09d}"
        row["line_id"] = str(row["line_id"])
    found = LEDGERS[kind](
        [row for row in rows if row["customer_id"] is not None],
        club(world),
        period=(world.parameters.start, world.parameters.end),
        joined={name(row["customer_id"]): row["joined_on"] for row in members},
        redemption="observed",
    )
    mine = [
        (row["customer_id"], row["at"], row["points"], KINDS[row["kind"]]) for row in found.postings
    ]
    theirs = [
        (name(row["customer_id"]), row["at"], row["delta"], row["reason"])
        for row in world.tables["points"].to_pylist()
    ]
    assert {kind for *_, kind in theirs} == set(KINDS)
    assert mine == theirs
    assert not found.notes.get("observed_short")
    assert world.parameters.programme is not None
    words = [getattr(tier, world.parameters.language) for tier in world.parameters.programme.tiers]
    assert {row["customer_id"]: words[int(row["tier"][1:])] for row in found.tiers} == {
        name(row["customer_id"]): row["tier"] for row in members if row["joined_on"]
    }


def name(customer: int | None) -> str | None:
    """Return the number of a customer as text that sorts like it."""
    return None if customer is None else f"{customer:06d}"
