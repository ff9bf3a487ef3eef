"""What members bring over to a design, against the ledgers member by member, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from programme_shop import (
    EACH,
    KINDS,
    as_present,
    easy,
    late,
    levelled,
    lines,
    programme,
    repeat_shop,
    shop,
)

import loyalty_research as lr
from loyalty_research import tiers
from loyalty_research.errors import LoyaltyError
from loyalty_research.results.disclosure import protected
from loyalty_research.tiers.simulation.carried import carried_from

CLOSE = 1e-9


def moved(*programmes: object, brand: object = None, **more: object) -> tuple:
    """Return the result, and the replays it was made of, the first programme the present one."""
    own = shop() if brand is None else brand
    made = as_present(tiers.replays(own, programmes))
    return tiers.transition(own, replays=made, **more), made


def counts(result: object, programme: str) -> dict:
    frame = result.frames["levels"]
    own = frame[frame["programme"] == programme]
    return {(row.tier, row.outcome): row.members for row in own.itertuples()}


def test_who_falls_stays_and_rises_is_what_the_ledgers_say() -> None:
    result, made = moved(late(), easy(), brand=repeat_shop())
    now, then = (run.ledger.customers.set_index("customer_id")["tier"] for run in made.runs)
    place = {"l0": 0, "l1": 1, "l2": 2}
    wanted: dict = {}
    for customer, tier in now.items():
        before, after = min(place[tier], 1), place[then[customer]]
        outcome = "rises" if after > before else "falls" if after < before else "keeps"
        wanted[tier, outcome] = wanted.get((tier, outcome), 0) + 1
    found = {key: members for key, members in counts(result, "easy").items() if members}
    assert found == wanted
    assert {outcome for _, outcome in wanted} >= {"keeps", "rises"} or len(wanted) > 2


def test_higher_thresholds_by_hand() -> None:
    """Kind i spends 100 i: 400 holds kinds 4 to 10, 900 kinds 9 and 10."""
    result, _ = moved(
        levelled("now", price=100, thresholds=(0, 400)),
        levelled("strict", price=200, thresholds=(0, 900)),
    )
    assert counts(result, "strict") == {
        ("l0", "falls"): 0,
        ("l0", "keeps"): 3 * EACH,
        ("l0", "rises"): 0,
        ("l1", "falls"): 5 * EACH,
        ("l1", "keeps"): 2 * EACH,
        ("l1", "rises"): 0,
    }


def test_an_identical_programme_changes_nothing() -> None:
    result, _ = moved(late(), late("again"))
    outcomes = result.frames["levels"].groupby("outcome")["members"].sum()
    assert outcomes["keeps"] == EACH * len(KINDS)
    summary = result.summary()
    assert (summary["losing"] == 0).all()
    assert (summary["worth_after"] == summary["worth_before"]).all()
    assert (summary["cost"] == 0).all()


def test_points_are_those_the_ledger_leaves() -> None:
    result, made = moved(easy(), late(), brand=repeat_shop())
    held = made.main.ledger.balances["closing"]
    row = result.frames["points"].iloc[0]
    assert row["points"] == held.sum()
    assert row["worth"] == pytest.approx(held.sum() * 10 / 100, rel=CLOSE)
    assert row["one_worth"] == pytest.approx(held.sum() * 40 / 300, rel=CLOSE)
    equal = sum(int(points * (10 / 100) / (40 / 300) + 1e-9) for points in held)
    assert row["equal"] == equal
    assert row["equal_worth"] == pytest.approx(equal * 40 / 300, rel=CLOSE)


def test_equal_worth_is_what_the_simulator_carries() -> None:
    brand = repeat_shop()
    result, made = moved(easy(), late(), brand=brand)
    people = tiers.population(brand, margin=0.5, period=made.days.iso, present=easy())
    carried, _ = carried_from(people, easy(), late())
    assert result.frames["points"].iloc[0]["equal"] == carried["points"].sum()


def test_protecting_costs_what_the_level_held_would_have_brought() -> None:
    """Who falls: kinds 4 to 8, at 2 points a yuan instead of 1, worth 10 / 200, and a coffee."""
    result, _ = moved(
        levelled("now", price=100, thresholds=(0, 400)),
        levelled("strict", price=200, thresholds=(0, 900)),
        protect_months=3,
    )
    spend = EACH * sum(100 * kind for kind in range(4, 9))
    orders = 2 * 5 * EACH
    wanted = spend * (2 - 1) * 10 / 200 + orders * 0.5 * 3
    days = 91  # January to March
    assert result.frames["levels"]["protection"].sum() == pytest.approx(wanted, rel=CLOSE)
    own = result.summary().set_index("option")
    assert own.loc["protected", "protection"] == pytest.approx(wanted, rel=CLOSE)
    assert own.loc["protected", "falling"] == 0
    assert own.loc["equal_worth", "falling"] == 5 * EACH
    longer, _ = moved(
        levelled("now", price=100, thresholds=(0, 400)),
        levelled("strict", price=200, thresholds=(0, 900)),
    )
    year = longer.frames["levels"]["protection"].sum()  # 2024-04-01 back to 2023-04-01: 366 days
    assert year == pytest.approx(wanted * 366 / days, rel=CLOSE)


def test_liability_expects_what_expires_never_to_be_redeemed() -> None:
    result, made = moved(easy(), late())
    own = result.summary().set_index("option").loc["one_to_one"]
    moves = made.main.ledger.balances[["redeemed", "expired"]].sum()
    share = moves["redeemed"] / moves.sum()
    assert own["liability_before"] == pytest.approx(own["worth_before"] * share, rel=CLOSE)


def test_a_design_without_levels_takes_them_away() -> None:
    result, _ = moved(late(), programme("flat", price=100, value=10, thresholds=()))
    own = counts(result, "flat")
    assert own["l1", "falls"] + own["l2", "falls"] == 6 * EACH
    assert set(result.summary()["option"]) == {"one_to_one", "equal_worth"}


def test_designs_may_be_handed_over_beside_replays() -> None:
    brand = shop()
    made = as_present(tiers.replays(brand, [late()]))
    result = tiers.transition(brand, easy(), replays=made)
    both, _ = moved(late(), easy())
    assert result.summary().equals(both.summary())


def test_rewards_of_unknown_worth_leave_gaps_not_zeros() -> None:
    result, _ = moved(easy(), programme("gift", price=100, value=None, thresholds=(0, 800)))
    assert result.summary()["worth_after"].isna().all()
    assert result.summary()["falling"].notna().all()


def test_without_a_present_programme_one_line_says_so() -> None:
    brand = shop()
    result = tiers.transition(brand, replays=tiers.replays(brand, [easy(), late()]))
    (finding,) = result.findings
    assert (finding.status, finding.reason) == ("withheld", "no_present_programme")


@pytest.mark.parametrize("months", [0, 37, 1.5])
def test_a_protection_of_no_length_is_refused(months) -> None:
    with pytest.raises(LoyaltyError, match="protect_months"):
        tiers.transition(shop(), easy(), protect_months=months)


def test_small_groups_are_not_told() -> None:
    rows = lines()
    brand = lr.Brand.from_frames(
        transactions=rows,
        currency="CNY",
        name="shop",
        period=("2024-01-01", "2024-03-31"),
        identifiers="personal",
        provenance="made by hand",
    )
    made = as_present(tiers.replays(brand, [late(), easy()]))
    assert made.context.disclosure_limit == 10
    small = made.runs[0].ledger.customers["tier"].value_counts()["l2"]
    assert 0 < small < 10
    frame = protected(tiers.transition(brand, replays=made)).frames["levels"]
    told = frame.set_index(["level_en", "outcome"])["members"]
    assert np.isnan(told["Level 2", "keeps"])
    assert told.isna().sum() > 1  # alone it could be worked out from the others
