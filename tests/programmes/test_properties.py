"""The fast ledger against the slow one over generated programmes, and what holds of any ledger."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programmes.generate import Case, cases, features, seeded
from programmes.ledgers import LINE, differences, fast, frame_of, given_frames, slow
from programmes.mistakes import MISTAKES, TELLING, planted

from loyalty_research.programmes import replay
from loyalty_research.programmes.fields import Spell, Where
from loyalty_research.programmes.schema import (
    Conversion,
    Earn,
    Expiry,
    Limit,
    On,
    Per,
    Programme,
    Returns,
    Tiers,
    Validity,
    Window,
)

SEEDS = sorted({*TELLING, *range(30)})
DERANDOMISED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def replayed(case: Case, ledger: Any = fast, **changes: Any) -> Any:
    return ledger(case.rows, case.programme, **(case.options | changes))


@settings(DERANDOMISED, max_examples=80)
@given(cases())
def test_the_fast_ledger_is_the_slow_one(case: Case) -> None:
    assert differences(replayed(case, slow), replayed(case)) == []


@pytest.mark.parametrize("part", range(4))
def test_the_fast_ledger_is_the_slow_one_over_the_whole_language(part) -> None:
    for seed in SEEDS[part::4]:
        case = seeded(seed)
        assert differences(replayed(case, slow), replayed(case)) == [], f"seed {seed}"


def test_the_seeds_speak_the_whole_language() -> None:
    said = frozenset().union(*(features(seeded(seed).programme) for seed in SEEDS))
    language = {
        "earn: on": get_args(On),
        "earn: per": get_args(Per),
        "earn: cap per": get_args(Spell),
        "returns:": get_args(Returns),
        "where:": tuple(Where.model_fields),
        "expiry:": choices(Expiry, "rule"),
        "rounding:": choices(Earn, "rounding"),
        "conversion:": choices(Conversion, "at"),
        "levels: by": choices(Tiers, "metric"),
        "levels:": (*choices(Tiers, "upgrade"), "grace", "granted", "for life", "soft landing"),
        "levels: validity": choices(Validity, "kind"),
        "reward: limit per": choices(Limit, "per"),
    }
    assert {f"{word} {value}" for word, values in language.items() for value in values} <= said
    assert {f"levels: {kind} window" for kind in choices(Window, "kind")} <= said


def test_many_orders_of_a_day_find_room() -> None:
    """A reward that empties the wallet and points that wait make a lot an order, not a day."""
    reward = {"id": "off", "name": "off", "wallet": "points", "kind": "cash"}
    programme = Programme.model_validate(
        {
            "name": "n",
            "operator": "o",
            "market": "m",
            "trade": "tea",
            "currency": "CNY",
            "origin": "invented",
            "wallets": {"points": {"name": "p"}},
            "earn": [
                {"id": "now", "name": "n", "wallets": ["points"], "points": 1},
                {"id": "later", "name": "l", "wallets": ["points"], "points": 1, "pending_days": 1},
            ],
            "rewards": [reward | {"points": 1, "value": 1}],
        }
    )
    start = dt.datetime(2024, 1, 30, 8)
    rows = [
        dict.fromkeys(LINE)
        | {"customer_id": "a", "order_id": f"{n:04d}", "amount": 1 + n % 3}
        | {"ordered_at": start + dt.timedelta(minutes=7 * n)}
        for n in range(400)
    ]
    for row in rows:
        row["product_id"] = "x"
    options = {"redemption": "off", "period": (start.date(), dt.date(2024, 2, 2))}
    assert differences(slow(rows, programme, **options), fast(rows, programme, **options)) == []


def choices(model: Any, name: str) -> tuple[str, ...]:
    return get_args(model.model_fields[name].annotation)


def test_the_seeds_see_every_mistake() -> None:
    """Each rule of docs/ledger.md, done wrong in the reference, changes one of these cases."""
    assert sorted(name for names in TELLING.values() for name in names) == sorted(MISTAKES)
    for seed, names in TELLING.items():
        case = seeded(seed)
        right = replayed(case, slow)
        for name in names:
            with planted(name):
                assert differences(right, replayed(case, slow)), f"{name}: not seen by seed {seed}"


@settings(DERANDOMISED, max_examples=12)
@given(cases(), st.integers(0, 800))
def test_accounts_add_up_at_any_date(case: Case, days: int) -> None:
    start, end = case.period
    until = min(end, start + dt.timedelta(days=days))
    whole = replayed(case)
    part = replayed(case, period=(start, until))
    for row in part.balances:
        flows = row["opening"] + row["earned"] - row["redeemed"] - row["expired"]
        assert flows == row["closing"], row
    # A replay to an earlier date is the beginning of the longer one.
    known = {row["customer_id"] for row in part.customers}
    cut = [r for r in whole.postings if r["at"].date() <= until and r["customer_id"] in known]
    assert [r for r in part.postings if r["customer_id"] in known] == cut
    closing: dict[tuple[str, str], int] = {}
    for row in cut:
        closing[row["customer_id"], row["wallet"]] = row["balance"]
    assert {(row["customer_id"], row["wallet"]): row["closing"] for row in part.balances} == {
        (row["customer_id"], row["wallet"]): 0 for row in part.balances
    } | closing


@settings(DERANDOMISED, max_examples=12)
@given(cases())
def test_balances_fall_below_zero_only_where_returns_may(case: Case) -> None:
    found = replayed(case)
    debts = {
        name
        for name, wallet in case.programme.wallets.items()
        if wallet.returns == "negative_balance"
    }
    balance: dict[tuple[str, str], int] = {}
    for row in found.postings:
        key = row["customer_id"], row["wallet"]
        before = balance.get(key, 0)
        balance[key] = row["balance"]
        assert row["balance"] == before + row["points"]
        assert (row["points"] > 0) == (row["kind"] in ("earn", "convert_in"))
        if row["wallet"] in debts:
            continue
        assert row["balance"] >= 0
        if row["kind"] == "redeem":
            assert -row["points"] <= before


@settings(DERANDOMISED, max_examples=10)
@given(cases())
def test_points_by_month_of_earning_are_those_that_stand(case: Case) -> None:
    """Of each month's points, what is neither used nor expired is there at the end."""
    ledger = replay(frame_of(case.rows, LINE), case.programme, **given_frames(case.options))
    left = ledger.run_off.eval("left = earned - redeemed - expired").groupby("wallet")["left"].sum()
    for name, wallet in case.programme.wallets.items():
        if wallet.returns != "negative_balance":  # a debt stands in no month
            own = ledger.balances["wallet"] == name
            assert left.get(name, 0) == ledger.balances.loc[own, "closing"].sum()


@settings(DERANDOMISED, max_examples=10)
@given(cases())
def test_nobody_redeems_by_the_policy_none(case: Case) -> None:
    found = replayed(case, redemption="none")
    assert not [row for row in found.postings if row["kind"] == "redeem"]
    assert not [row for row in found.customers if row["redemptions"] or row["value"]]


@settings(DERANDOMISED, max_examples=10)
@given(cases())
def test_without_rules_nothing_is_posted(case: Case) -> None:
    silent = case.programme.model_copy(update={"earn": ()})
    assert replayed(replace(case, programme=silent)).postings == []


@settings(DERANDOMISED, max_examples=12)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(case: Case, chance: Any) -> None:
    rows, events = list(case.rows), list(case.events)
    chance.shuffle(rows)
    chance.shuffle(events)
    assert differences(replayed(case), replayed(replace(case, rows=rows, events=events))) == []


@settings(DERANDOMISED, max_examples=12)
@given(cases())
def test_customers_can_be_replayed_apart(case: Case) -> None:
    whole = replayed(case)
    apart = [replayed(only(case, name)) for name in ("c0", "c1", "c2")]
    for frame in ("postings", "balances", "tiers", "customers"):
        rows = [row for part in apart for row in getattr(part, frame)]
        assert rows == getattr(whole, frame), frame


def only(case: Case, name: str) -> Case:
    """Return a case with the entries of one customer."""
    joined, customers = (
        None if known is None else {who: value for who, value in known.items() if who == name}
        for known in (case.joined, case.customers)
    )
    return replace(
        case,
        rows=[row for row in case.rows if row["customer_id"] == name],
        events=[row for row in case.events if row["customer_id"] == name],
        joined=joined,
        customers=customers,
    )


def test_generated_programmes_pass_the_checks_of_files() -> None:
    """What is generated could stand in a file: the suite is about programmes that exist."""
    for seed in range(100):
        programme = seeded(seed).programme
        assert Programme.model_validate(programme.model_dump(mode="python")) == programme
