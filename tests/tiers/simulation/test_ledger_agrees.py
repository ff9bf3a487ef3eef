"""What the simulator posts is what the ledger posts for the same orders."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tiers.simulation.crowds import COFFEE, START, coffee, crowd

from loyalty_research import programmes, tiers
from loyalty_research.programmes.plan_rows import level_ids

FLOWS = ["earned", "redeemed", "expired", "closing"]


def members(made: tiers.Simulation) -> np.ndarray:
    return np.flatnonzero(made.done.people["joined"] == 1)


def same_ledger(made: tiers.Simulation, ledger: programmes.Ledger) -> None:
    rules, who = made.programme, members(made)
    assert sorted(ledger.customers["customer_id"]) == who.tolist()
    for place, wallet in enumerate(rules.wallets):
        rows = ledger.balances[ledger.balances["wallet"] == wallet].set_index("customer_id")
        mine = pd.DataFrame(made.done.accounts[who][:, place], columns=FLOWS, index=who)
        pd.testing.assert_frame_equal(rows[FLOWS], mine, check_names=False)
    if rules.tiers:
        names = np.array(level_ids(rules), dtype=object)
        held = ledger.tiers.set_index("customer_id")["tier"]
        assert held.tolist() == names[made.done.people["level"][who]].tolist()


@pytest.mark.parametrize("name", COFFEE)
@pytest.mark.parametrize("policy", ["at_once", "none"])
@pytest.mark.parametrize("responses", [tiers.priors.off(), tiers.priors.median()])
def test_orders_taken_out_replay_to_the_same_balances(name, policy, responses) -> None:
    made = tiers.simulate(
        crowd(), coffee(name), responses=responses, redemption=policy, keep_orders=True
    )
    ledger = programmes.replay(
        made.orders, made.programme, redemption=policy, period=(START, made.period[1])
    )
    same_ledger(made, ledger)
    taken = ledger.customers["redemptions"].sum()
    assert made.totals["redemptions"] == taken
    assert (taken > 0) == (policy == "at_once")
    assert made.weeks["reward_cost"].sum() == pytest.approx(ledger.rewards["cost"].sum())


def test_redemption_by_the_model_replays_as_observed() -> None:
    """The points that left with an order, put on it, are redeemed there."""
    rules = coffee()
    made = tiers.simulate(crowd(), rules, keep_orders=True)
    at_once = tiers.simulate(crowd(), rules, redemption="at_once")
    assert 0 < made.totals["redemptions"] < at_once.totals["redemptions"]
    lines = made.orders.rename(columns={"net_sales": "amount"})
    ledger = programmes.replay(lines, rules, redemption="observed", period=(START, made.period[1]))
    assert ledger.notes["observed_short"] == 0
    same_ledger(made, ledger)


def test_weeks_add_up_to_totals() -> None:
    made = tiers.simulate(crowd(), coffee(), keep_orders=True)
    assert made.weeks["orders"].sum() == len(made.orders) == made.totals["orders"]
    assert made.weeks["net_sales"].sum() == pytest.approx(made.orders["net_sales"].sum())
    assert made.weeks["redemptions"].sum() == made.totals["redemptions"]
    first = made.weeks[made.weeks["week"] == 0]["customers"].sum()
    assert first <= made.population.size
    assert made.done.people["margin"].sum() == pytest.approx(made.totals["margin"])


def test_amounts_are_those_of_templates_without_responses() -> None:
    made = tiers.simulate(crowd(), coffee(), responses=tiers.priors.off(), keep_orders=True)
    templates = made.population.templates
    rows = made.done.orders
    assert (rows[:, 2] == templates.amounts[rows[:, 3]]).all()
    moment = (rows[:, 1] - pd.Timestamp(START).value // 1000) // 1_000_000 % (7 * 86_400)
    assert (moment == templates.moments[rows[:, 3]]).all()
