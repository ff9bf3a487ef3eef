"""A population made of a brand: its orders are copied with all that rules ask of them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from programme_shop import easy
from tiers.simulation.shop import PERIOD, asking, lines, products, shop

from loyalty_research import LoyaltyError, programmes, tiers
from loyalty_research.engine import collect


@pytest.fixture(scope="module")
def brand() -> Any:
    return shop(lines())


@pytest.fixture(scope="module")
def rows(brand) -> pd.DataFrame:
    """The shop's lines, with the identifiers it has given the customers."""
    return collect(brand.transactions, sort_by=["order_id", "product_id"])


@pytest.fixture(scope="module")
def people(brand) -> tiers.Population:
    return tiers.population(brand, margin=0.5, present=asking())


def as_lines(made: tiers.Simulation, rows: pd.DataFrame) -> pd.DataFrame:
    """Return simulated orders with the products and channel of each customer's own ones."""
    own = rows.drop_duplicates(["customer_id", "product_id"])
    kept = own[["customer_id", "product_id", "quantity", "channel", "amount"]]
    found = made.orders.drop(columns="net_sales").merge(kept, on="customer_id")
    return found.assign(order_id="new" + found["order_id"].astype(str).str.zfill(8))


@pytest.mark.parametrize("policy", ["at_once", "none"])
def test_past_and_simulated_lines_replay_to_the_same_balances(rows, people, policy) -> None:
    rules = asking()
    made = tiers.simulate(
        people, rules, responses=tiers.priors.off(), redemption=policy, keep_orders=True
    )
    assert made.totals["orders"] > 200
    every = pd.concat([rows, as_lines(made, rows)], ignore_index=True)
    ledger = programmes.replay(
        every,
        rules,
        redemption=policy,
        period=(PERIOD[0], made.period[1]),
        products=products(),
    )
    balances = ledger.balances.set_index("customer_id")
    mine = pd.DataFrame(
        made.done.accounts[:, 0],
        columns=["earned", "redeemed", "expired", "closing"],
        index=people.ids.to_pylist(),
    )
    assert (ledger.earned.groupby("rule")["points"].sum() > 0).all()
    pd.testing.assert_frame_equal(balances[mine.columns], mine, check_names=False)
    held = ledger.tiers.set_index("customer_id")["tier"]
    assert held.tolist() == made.customers["tier"].tolist()


def test_nothing_but_the_past_is_the_ledgers_own_replay(rows, people) -> None:
    """Nobody alive: what the simulation begins with is what the ledger leaves."""
    nobody = dataclasses.replace(people, alive=np.zeros(people.size))
    rules = asking()
    made = tiers.simulate(nobody, rules, redemption="at_once", periods=4)
    ledger = programmes.replay(
        rows, rules, redemption="at_once", period=PERIOD, products=products()
    )
    closing = ledger.balances.set_index("customer_id")["closing"]
    assert made.totals["orders"] == 0
    assert made.done.opening[:, 0].tolist() == closing.reindex(people.ids.to_pylist()).tolist()


def test_rates_are_as_unlike_as_the_customers(rows, people) -> None:
    counts = rows.groupby("customer_id")["order_id"].nunique().to_numpy()
    assert people.size == len(counts)
    assert (people.rate * people.alive).sum() * 52 == pytest.approx(counts.sum(), rel=0.25)
    assert np.corrcoef(people.rate, counts)[0, 1] > 0.7
    assert people.past[:, 1].max() > 0


def test_covariates_of_the_past(rows, people) -> None:
    seen = tiers.covariates_of_history(people, asking())
    assert seen.covariates.shape == (people.size, 52, 6)
    assert seen.orders.sum() == rows["order_id"].nunique()
    points = seen.covariates[:, :, 1]
    assert points.min() >= 0
    assert points.max() <= 1
    before = seen.levels < 0
    assert (seen.covariates[before] == 0).all()
    joined = seen.orders.cumsum(axis=1) > 0
    assert (before[:, 1:] == ~joined[:, :-1]).all()


def test_carried_points_and_levels(people) -> None:
    rules = asking()
    as_if = tiers.simulate(people, rules, redemption="at_once", periods=4)
    carried = tiers.simulate(
        people, rules, redemption="at_once", periods=4, start="carry", present=rules
    )
    assert (carried.done.opening == as_if.done.opening).all()
    starts = [made.done.people["level_start"] for made in (carried, as_if)]
    assert (starts[0] == starts[1]).all()
    fresh = tiers.simulate(people, rules, redemption="at_once", periods=4, start="fresh")
    assert fresh.done.opening.sum() == 0
    assert (fresh.done.people["level_start"] == -1).all()


def test_comparison_says_that_it_is_simulated(people) -> None:
    design = tiers.simulate(people, easy(), periods=26, draws=3)
    found = design.compare(tiers.simulate(people, asking(), periods=26, draws=3))
    (finding,) = found.findings
    assert finding.evidence in ("assumed", "synthetic")
    assert finding.estimate == pytest.approx(found.summary()["difference"][0])
    assert "simul" in str(found.name)


def test_a_brand_without_a_margin(brand) -> None:
    with pytest.raises(LoyaltyError, match="names no margin"):
        tiers.population(brand)
    with pytest.raises(LoyaltyError, match=r"margin is 0\.0"):
        tiers.population(brand, margin=0.0)
