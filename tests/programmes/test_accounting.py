"""Points as deferred revenue: the published example, identities, and what the Result says."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from programmes.points_history import History, ledger_of, month, programme, saved_up

from loyalty_research.engine import Context
from loyalty_research.errors import ParameterError
from loyalty_research.programmes.accounting import allocate, deferred_revenue, liability
from loyalty_research.programmes.accounting_price import point_prices

CENT = 0.005
EXAMPLE = {"sales": [100_000, 0], "point_price": 1, "rate": [0.95, 0.97]}


def test_example_52_allocation() -> None:
    split = allocate(100_000, product_price=100_000, points_price=9_500, places=0)
    assert (split.products, split.points) == (91_324, 8_676)


def test_example_52_revenue_and_liability() -> None:
    found = deferred_revenue([10_000, 0], [4_500, 4_000], **EXAMPLE)
    revenue = found["revenue"] + found["reestimate"]
    assert revenue.round().tolist() == [4_110, 3_493]
    assert found["closing"].round().tolist()[-1] == 1_073
    # Of the second year: at the old estimate 4,000 of 9,500 points are 3,653; 200 points more
    # expected take 160 of the earlier revenue back.
    assert found["revenue"].round().tolist()[-1] == 3_653
    assert found["reestimate"].round().tolist() == [0, -160]


def test_in_the_end_everything_is_revenue() -> None:
    found = deferred_revenue([1_000, 0, 0], [300, 100, 0], [0, 0, 600], sales=[5_000, 0, 0],
                             point_price="0.5", rate=[0.6, 0.6, 0.4])  # fmt: skip
    assert found["closing"].tolist()[-1] == 0
    assert found[["revenue", "reestimate"]].to_numpy().sum() == pytest.approx(
        found["deferred"].sum(), abs=CENT
    )
    # 5,000 x 300 / 5,300; then 300 of 600, 400 of 600.
    assert found["deferred"].tolist()[0] == 283.02
    assert found["closing"].tolist()[:2] == [141.51, 94.34]


amounts = st.decimals(min_value=0, max_value=10**7, places=4)


@given(price=amounts, product=amounts, points=amounts, places=st.integers(0, 4))
def test_a_price_is_split_without_a_rest(price, product, points, places) -> None:
    if not product + points:
        return
    split = allocate(price, product_price=product, points_price=points, places=places)
    assert split.products + split.points == price
    assert split.points >= 0
    assert split.products >= 0
    exact = price * points / (product + points)
    assert abs(split.points - exact) <= Decimal(1).scaleb(-places)


@given(data=st.data())
def test_the_liability_rolls_forward(data) -> None:
    periods = data.draw(st.integers(1, 8))
    earned, redeemed, expired, left = [], [], [], 0
    for _ in range(periods):
        earned.append(data.draw(st.integers(0, 1000)))
        redeemed.append(data.draw(st.integers(0, left + earned[-1])))
        expired.append(data.draw(st.integers(0, left + earned[-1] - redeemed[-1])))
        left += earned[-1] - redeemed[-1] - expired[-1]
    sales = data.draw(st.lists(st.integers(0, 5000), min_size=periods, max_size=periods))
    rate = data.draw(st.lists(st.integers(0, 100), min_size=periods, max_size=periods))
    found = deferred_revenue(
        earned, redeemed, expired, sales=sales, point_price=1, rate=[share / 100 for share in rate]
    )
    moved = found["opening"] + found["deferred"] - found["revenue"] - found["reestimate"]
    assert moved.to_numpy() == pytest.approx(found["closing"].to_numpy(), abs=CENT)
    assert found["opening"].tolist()[1:] == pytest.approx(found["closing"].tolist()[:-1], abs=CENT)
    assert (found["closing"] >= 0).all()
    if not left:
        assert found["closing"].tolist()[-1] == 0


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(ParameterError) as error:
        deferred_revenue([10, -1], [1, 1], sales=[1, "x"], point_price=0.1, rate=[0.5, 1.5])
    told = str(error.value)
    assert all(name in told for name in ("earned[1]", "sales[1]", "rate[1]"))
    assert "from 0 to 1" in told


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"redeemed": [1]}, "redeemed 1"),
        ({"redeemed": [9, 9]}, "more points are redeemed"),
        ({"point_price": None}, "point_price"),
        ({"sales": [float("nan"), 1]}, "sales[0]"),
    ],
)
def test_what_deferred_revenue_refuses(wrong, told) -> None:
    good = {"earned": [10, 0], "redeemed": [1, 1], "sales": [9, 9], "point_price": 1}
    arguments = good | {"rate": [0.5, 0.5]} | wrong
    with pytest.raises(ParameterError) as error:
        deferred_revenue(arguments.pop("earned"), arguments.pop("redeemed"), **arguments)
    assert told in str(error.value)


def test_what_allocate_refuses() -> None:
    with pytest.raises(ParameterError, match="both 0"):
        allocate(10, product_price=0, points_price=0)
    with pytest.raises(ParameterError, match="points_price"):
        allocate(10, product_price=1, points_price=-1)


# The liability of a ledger


@pytest.fixture(scope="module")
def ledger():
    return ledger_of(saved_up(customers=80, months=14, life=6), months=14)


@pytest.fixture(scope="module")
def result(ledger):
    return liability(ledger)


def told(finding) -> dict:
    return finding.as_dict()["values"]


def by_id(result) -> dict:
    return {finding.id: finding for finding in result.findings}


def test_months_roll_forward_and_end_where_the_finding_says(result) -> None:
    months = result.summary()
    moved = months["opening"] + months["deferred"] - months["revenue"] - months["reestimate"]
    assert moved.to_numpy() == pytest.approx(months["closing"].to_numpy(), abs=CENT)
    assert months["month"].tolist() == [month(number) for number in range(14)]
    found = by_id(result)["liability_closing"]
    assert found.estimate == months["closing"].tolist()[-1]
    assert found.low < found.estimate < found.high


def test_one_month_of_earning_by_hand() -> None:
    # Three lots of 400 points for CNY 400, each point worth CNY 0.05. Half of every lot is redeemed
    # a month later, the rest expires a month after that. Only then may breakage be expected: until
    # three months of earning have been seen at an age, its points count as redeemed.
    history = History()
    for start in range(8):
        history.earn(start % 3, start, 400)
    for start in range(8):
        if start + 1 < 8:
            history.use(start % 3, start + 1, 200)
        if start + 2 < 8:
            history.expire(start % 3, start + 2, older_than=1)
    own = ledger_of(history, months=8)
    own.context = dataclasses.replace(own.context, base_limit=1)
    months = liability(own).summary()
    # Month 1: 400 x 20 / 420 = 19.05. All four months 1 to 4 defer that; from month 5 on, age 2 is
    # known of three months of earning (1, 2, 3): half is expected, 400 x 10 / 410 = 9.76.
    assert months["deferred"].tolist() == [19.05] * 4 + [9.76] * 4
    # At the end: 9.76 of month 8, all ahead, and of month 7 nothing: its half is redeemed.
    assert months["closing"].tolist()[-1] == pytest.approx(9.76, abs=CENT)


def test_closing_is_what_points_still_expected_are_worth(result) -> None:
    # In a programme whose rate hardly changes the liability is near points ahead x price, less the
    # part of the price that falls on products.
    wallets = result.frames["wallets"].iloc[0]
    assert wallets["closing"] == pytest.approx(
        wallets["expected"] * wallets["price_hundred"] / 100, rel=0.1
    )
    assert wallets["price_basis"] == "redeemed"


def test_one_point_fewer_lowers_the_liability(result) -> None:
    found = by_id(result)
    point, closing = found["liability_point"], found["liability_closing"]
    assert 0 < point.estimate < closing.estimate


def test_a_policy_is_not_observed(ledger) -> None:
    for policy, evidence in (("observed", "observed"), ("at_once", "assumed"), ("off", "assumed")):
        ledger.redemption = policy
        findings = liability(ledger).findings
        assert {finding.evidence for finding in findings} == {evidence}
    ledger.redemption = "observed"


def test_points_of_a_proposal_were_never_earned() -> None:
    proposal = ledger_of(
        saved_up(customers=80, months=10, life=3),
        months=10,
        programme=programme(origin="proposal"),
    )
    assert {finding.evidence for finding in liability(proposal).findings} == {"assumed"}


def test_simulated_purchases_stay_simulated() -> None:
    simulated = ledger_of(
        saved_up(customers=80, months=10, life=3),
        months=10,
        redemption="at_once",
        context=Context(evidence="synthetic"),
    )
    assert {finding.evidence for finding in liability(simulated).findings} == {"synthetic"}


def test_without_expiry_the_rate_is_a_range() -> None:
    found = by_id(liability(ledger_of(saved_up(customers=80, months=12, life=None), months=12)))
    range_ = found["liability_redemption_range"]
    assert range_.low is None
    assert 0 < told(range_)["least"]["value"] < range_.estimate <= 1
    most = found["liability_closing_most"]
    assert 0 <= told(most)["least"]["value"] < most.estimate


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"redemption": "none"}, "redemption_none"),
        ({"programme": programme(rewards=[])}, "no_redeemable_wallet"),
        ({"run_off": saved_up(customers=9, months=9, will=0).run_off()}, "nothing_redeemed"),
    ],
)
def test_why_nothing_is_told(changes, reason) -> None:
    (finding,) = liability(ledger_of(History(), months=9, **changes)).findings
    assert finding.status == "withheld"
    assert finding.reason == reason


def test_short_histories_and_small_bases_are_withheld() -> None:
    (short,) = liability(ledger_of(saved_up(customers=40, months=5), months=5)).findings
    assert short.reason == "run_off_short"
    small = liability(ledger_of(saved_up(customers=20, months=9, life=3), months=9))
    assert {finding.reason for finding in small.findings} == {"base_too_small"}
    assert small.charts == ()


def test_without_a_replay_there_is_nothing_to_tell() -> None:
    found = liability(None)
    assert (found.findings, found.charts, found.tables) == ((), (), ())


def test_value_of_a_point(ledger) -> None:
    assert float(point_prices(ledger)["points"].value) == 0.05
    assert float(point_prices(ledger, "0.02")["points"].value) == 0.02
    assert float(point_prices(ledger, {"points": 0.03})["points"].value) == 0.03
    nothing = ledger.rewards.iloc[:0]
    unused = ledger_of(History(), months=9, rewards=nothing)
    assert point_prices(unused)["points"].basis == "catalogue"
    with pytest.raises(ParameterError, match="unknown wallet coins"):
        point_prices(ledger, {"coins": 1})
    with pytest.raises(ParameterError, match="above 0"):
        liability(ledger, price_per_point=0)


def test_twice_the_value_of_a_point_is_nearly_twice_the_liability(ledger, result) -> None:
    double = liability(ledger, price_per_point=0.1).summary()["closing"].to_numpy()
    once = result.summary()["closing"].to_numpy()
    assert np.all((double > 1.9 * once - CENT) & (double < 2 * once + CENT))


def test_points_of_two_wallets_share_a_price() -> None:
    # CNY 400 paid earn points worth CNY 20 in each of two wallets: 400 x 20 / 440 each.
    one = saved_up(customers=40, months=8, life=3)
    own = ledger_of(one, months=8)
    name = {"zh": "金币", "en": "Coins"}
    both = programme(
        wallets={"points": {"name": name}, "coins": {"name": name}},
        rewards=[
            {"id": wallet, "name": name, "wallet": wallet, "points": 100, "kind": "voucher",
             "value": 5}
            for wallet in ("points", "coins")
        ],
    )  # fmt: skip
    run_off = pd.concat([own.run_off, own.run_off.assign(wallet="coins")])
    doubled = ledger_of(
        one, months=8, programme=both, units={"points": 1, "coins": 1}, run_off=run_off,
        rewards=own.rewards.iloc[:0], activity=own.activity,
    )  # fmt: skip
    found = liability(doubled)
    wallets = found.frames["wallets"]
    assert len(set(wallets["closing"])) == 1
    alone = liability(own).summary()["deferred"].sum()
    together = found.summary()["deferred"].sum()
    assert 1.8 * alone < together < 2 * alone
