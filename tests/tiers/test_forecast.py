"""Break-even against hand-counted money, and what assumed responses are said to do."""

from __future__ import annotations

import numpy as np
import pytest
from programme_shop import EACH, KINDS, easy, forecast_results, late, programme, repeat_shop, shop

from loyalty_research import tiers
from loyalty_research.errors import LoyaltyError
from loyalty_research.language import translator
from loyalty_research.tiers.break_even import by_level, lift_of, lifts

CLOSE = 1e-9
SPEND = 100 * sum(KINDS) * EACH
EASY, LATE = 180.0, 400.0
"""What the two programmes cost on the shop: counted in test_compare."""
MARGIN = 0.5


@pytest.fixture(scope="module")
def results() -> list:
    return forecast_results()


def test_the_lift_that_pays_is_extra_cost_over_what_is_left_of_the_margin() -> None:
    made = tiers.replays(shop(), [easy(), late()])
    frame = lifts(made, MARGIN).set_index("programme")
    assert frame["extra_cost"].to_dict() == {"easy": EASY, "late": LATE}
    wanted = [cost / (MARGIN * SPEND - cost) for cost in (EASY, LATE)]
    assert frame["lift"].tolist() == pytest.approx(wanted, rel=CLOSE)


def test_a_lift_of_that_size_leaves_the_profit_as_it_was() -> None:
    """Margin x S x (1 + l) - C x (1 + l) = margin x S - C0."""
    margin, own, before = 1000.0, 300.0, 100.0
    lift = lift_of(own - before, own, margin)
    assert (margin - own) * (1 + lift) == pytest.approx(margin - before)
    assert lift_of(0.0, own, margin) == 0
    assert np.isnan(lift_of(1.0, margin, margin))


def test_levels_add_up_to_the_cost_of_the_programme() -> None:
    made = tiers.replays(shop(), [late()])
    frame = by_level(made, MARGIN)
    assert frame["own_cost"].sum() == LATE
    assert frame["net_sales"].sum() == SPEND
    assert frame["members"].sum() == len(KINDS) * EACH


def test_without_a_margin_one_line_names_the_key() -> None:
    result = tiers.forecast(shop(), [easy(), late()])
    (finding,) = result.findings
    assert finding.status == "withheld"
    assert "margin:" in translator("en").finding(finding)
    assert result.charts == result.tables == ()


def test_an_identical_programme_gains_exactly_nothing(results) -> None:
    summary = results[0].summary().set_index("programme")
    assert summary.loc["same", ["gain", "low", "high", "noise"]].tolist() == [0.0] * 4
    assert summary.loc["same", "pays"] == 0
    assert summary.loc["dear", "gain"] != 0


def test_ranges_hold_the_mean_and_regrets_are_not_below_zero(results) -> None:
    summary = results[0].summary()
    tried = summary.iloc[1:]
    assert (tried["low"] <= tried["gain"]).all()
    assert (tried["gain"] <= tried["high"]).all()
    assert (summary[["expected_regret", "worst_regret"]] >= 0).all(axis=None)
    best = summary["gain"].max()
    assert summary["expected_regret"].to_numpy() - summary["expected_regret"].min() == (
        pytest.approx((best - summary["gain"]).to_numpy(), abs=1e-6)
    )


def test_assumptions_are_no_effect_and_recommend_nothing(results) -> None:
    result = results[0]
    assert {item.evidence for item in result.findings} <= {"assumed", "synthetic"}
    choice = [item for item in result.findings if item.template == "programme_choice"]
    assert [item.reason for item in choice] == ["priors_alone"]
    words = translator("zh", result.context)
    said = [words.finding(item) for item in result.findings]
    assert any("并非观察所得" in text for text in said)
    assert not any("效果" in text or "提升" in text for text in said)


def test_another_term_changes_the_table_and_the_gain() -> None:
    brand = repeat_shop()
    made = tiers.replays(brand, [programme("dear", price=60, value=30, thresholds=())])
    common = {"replays": made, "margin": MARGIN, "periods": 12, "draws": 10}
    weak = tiers.priors.with_range("theta_P", 0.0, 0.01)
    strong = tiers.priors.with_range("theta_P", 0.4, 0.8)
    one = tiers.forecast(brand, responses=weak, **common)
    other = tiers.forecast(brand, responses=strong, **common)
    assert one.frames["assumptions"].set_index("parameter").loc["theta_P", "high"] == 0.01
    assert one.summary()["orders"].iloc[1] < other.summary()["orders"].iloc[1]
    assert one.summary()["orders"].iloc[0] == other.summary()["orders"].iloc[0]


def test_a_sample_is_scaled_to_all(results) -> None:
    """Half the customers make about as many orders, scaled, as all of them."""
    whole = results[0].summary()
    brand = repeat_shop()
    half = tiers.forecast(
        brand,
        [programme("dear", price=60, value=30, thresholds=())],
        margin=MARGIN, periods=12, draws=10, customers=120,
    )  # fmt: skip
    ratio = half.summary()["orders"].iloc[0] / whole["orders"].iloc[0]
    assert 0.7 < ratio < 1.4
    words = translator("en", half.context)
    assert any("chosen at random" in text for text in words.notes(half.charts[-1]))


@pytest.mark.parametrize(
    ("given", "said"),
    [({"margin": 0.0}, "margin is 0.0"), ({"margin": 0.3, "draws": 2}, "draws 2")],
)
def test_refusals(given, said) -> None:
    with pytest.raises(LoyaltyError, match=said):
        tiers.forecast(shop(), [easy()], **given)


def test_too_few_repeat_purchases_leave_the_break_even(results) -> None:
    """One order each: no model of purchases, but the ledger still tells the cost."""
    once = results[-1]
    reasons = {item.reason for item in once.findings if item.status == "withheld"}
    assert "no_purchase_model" in reasons
    assert [view.name for view in once.tables][:1] == ["break_even"]
