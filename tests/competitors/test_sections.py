"""The sections of the comparison: what they show, what they leave out, and in which words."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from competitors.shop import (
    PERIOD,
    SECTIONS,
    brand,
    busy_shop,
    comparison_results,
    many_programmes,
    programme,
    reward,
)

from loyalty_research import competitors
from loyalty_research.brand.exchange import load_rates
from loyalty_research.brand.tickets import load_tickets
from loyalty_research.competitors import compare
from loyalty_research.competitors.common import GROUPS, in_group
from loyalty_research.engine import Context
from loyalty_research.language import LANGUAGES, Translator
from loyalty_research.report.slide_charts import native
from loyalty_research.results.disclosure import protected


@pytest.fixture(scope="module")
def found():
    return compare(busy_shop(), period=PERIOD, trade="toys", programmes=many_programmes())


def test_groups_stand_around_their_percentile(found) -> None:
    spent = found.shop.spend["net_sales"]
    for name, at in (("light", 0.2), ("median", 0.5), ("heavy", 0.9)):
        inside = in_group(spent, name)
        low, high = GROUPS[name]
        assert (low + high) / 2 == pytest.approx(at)
        assert inside.sum() >= 25
        assert (spent[inside] <= spent.quantile(high)).all()
        assert (spent[inside] >= spent.quantile(low) * 0.99).all()


def test_equal_spend_is_never_parted() -> None:
    same = compare(
        brand([(who, "2024-03-01", 20) for who in range(90)]),
        period=PERIOD,
        trade="toys",
        programmes=[programme("exact")],
    )
    spent = same.shop.spend["net_sales"]
    assert in_group(spent, "median").all()
    assert not in_group(spent, "heavy").any()


def test_a_rate_is_sums_over_sums(found) -> None:
    outcome = next(item for item in found.outcomes if item.id == "exact")
    own = competitors.returns(found).summary().query("id == 'exact' and group == 'heavy'").iloc[0]
    people = outcome.customers[in_group(outcome.customers["net_sales"], "heavy")]
    assert own["rate"] == pytest.approx(people["value"].sum() / people["net_sales"].sum())
    assert own["rate_low"] <= own["rate"] <= own["rate_high"]


def test_what_a_paid_level_gives_is_set_against_its_fee(found) -> None:
    # 5 % of spend with the basic level for 5 yuan, 10 % with plus for 12: 100 and 120 yuan a year,
    # and 140 for the 7 yuan more. 2024 has more than 365 days, so that the whole fee counts.
    frame = competitors.paid(found).summary().set_index("id")
    basic, plus = frame.loc["two_fees_basic"], frame.loc["two_fees_plus"]
    assert basic["break_even"] == pytest.approx(100)
    assert plus["break_even"] == pytest.approx(120)
    assert plus["extra_fee"] == pytest.approx(7)
    assert plus["extra_break_even"] == pytest.approx(140)
    spent = found.shop.spend["net_sales"]
    assert basic["covered"] == (spent >= 100).sum()
    assert plus["covered"] == (spent >= 120).sum()
    assert plus["extra_covered"] == (spent >= 140).sum()


def test_a_free_level_is_taken_off_what_a_paid_one_gives() -> None:
    # Free members get 1 %, paid ones 3 %: only the 2 % beyond count against the fee of 4 yuan.
    levels = [
        {"id": "free", "name": "free", "threshold": 0},
        {"id": "paid", "name": "paid", "fee": {"amount": 4}},
    ]
    back = {"id": "back", "name": "b", "wallets": ["points"], "points": 0.01}
    made = programme(
        "club",
        earn=[back | {"by_tier": {"paid": 0.03}}],
        rewards=[{**reward("off", 0.01, value=0.01), "kind": "cash"}],
        tiers={"levels": levels},
    )
    shop = compare(busy_shop(), period=PERIOD, trade="toys", programmes=[made])
    assert [item.level for item in shop.outcomes] == ["", "paid"]
    row = competitors.paid(shop).summary().set_index("id").loc["club_paid"]
    assert row["break_even"] == pytest.approx(200)
    assert row["covered"] == (shop.shop.spend["net_sales"] >= 200).sum()


def test_levels_count_whoever_reached_them(found) -> None:
    frame = competitors.first_rewards(found).frames["levels"].set_index(["id", "level"])
    spent = found.shop.spend["net_sales"]
    assert frame.loc[("exact", "up"), "members"] == (spent >= 200).sum()
    assert frame.loc[("exact", "low"), "members"] == len(spent)


def test_versions_of_one_programme_stand_in_time_order(found) -> None:
    result = competitors.evolution(found)
    assert result.summary()["id"].tolist() == ["old", "new"]
    assert {item.id for item in result.findings} == {"competitor_change_new"}
    assert "old" not in {item.id for item in found.outcomes}  # superseded


def test_a_brand_without_orders_says_one_sentence() -> None:
    bare = SimpleNamespace(
        context=Context(brand="bare", currency="EUR", public=True), has=lambda _: False
    )
    made = compare(bare, period=PERIOD, trade="toys", programmes=many_programmes())
    results = [section(made) for section in SECTIONS]
    told = [item for result in results for item in result.findings]
    assert [item.id for item in told] == ["competitor_return"]
    assert told[0].status == "withheld"
    assert "transactions" in str(told[0].values)


def test_a_home_without_programmes_needs_no_rates(monkeypatch) -> None:
    def refused() -> None:
        raise AssertionError

    module = importlib.import_module("loyalty_research.competitors.compare")
    monkeypatch.setattr(module, "load_rates", refused)
    made = compare(busy_shop(), period=PERIOD, trade="toys", programmes=[])
    assert not made.outcomes
    with pytest.raises(AssertionError):
        compare(busy_shop(), period=PERIOD, trade="toys", programmes=many_programmes())


def test_a_trade_without_programmes_says_so() -> None:
    made = compare(busy_shop(), period=PERIOD, trade="toys", programmes=[])
    told = [item for section in SECTIONS for item in section(made).findings]
    assert [item.reason for item in told] == ["no_published_programme", "no_programme_of_trade"]


def test_product_rules_need_terms_that_stand_for_something() -> None:
    drink = {"id": "stamp", "name": "stamp", "wallets": ["points"], "points": 1, "per": "item"}
    stamps = programme("stamps", earn=[drink | {"where": {"categories": ["drink"]}}])
    made = compare(busy_shop(), period=PERIOD, trade="toys", programmes=[stamps])
    assert [(item.programme.id, item.reason) for item in made.left_out] == [
        ("stamps", "needs_products")
    ]
    assert made.outcomes == ()


@pytest.mark.parametrize("identifiers", ["public", "personal"])
def test_every_section_can_be_told(identifiers) -> None:
    for result in comparison_results(identifiers):
        shown = protected(result)
        for language in LANGUAGES:
            words = Translator(language, shown.context)
            for item in shown.findings:
                assert "{" not in words.finding(item)
            for view in (*shown.charts, *shown.tables):
                assert "{" not in words.title(view)
                assert all("{" not in note for note in words.notes(view))
        for chart in shown.charts:
            assert result.plot(chart.name, language="zh") is not None


def test_bars_are_native_charts_of_slides() -> None:
    (result,) = (
        item for item in comparison_results() if item.name == "competitor_returns" and item.charts
    )
    (chart,) = result.charts
    for language in LANGUAGES:
        words = Translator(language, result.context)
        assert native(chart, result.frames[chart.frame], words) is not None


def test_nothing_is_worded_as_an_effect() -> None:
    for result in comparison_results():
        words = Translator("zh", result.context)
        for item in result.findings:
            assert not any(word in words.finding(item) for word in ("提升", "带来", "导致", "增收"))


def test_no_customer_is_shown() -> None:
    for result in comparison_results():
        for view in (*result.charts, *result.tables):
            assert "customer_id" not in result.frames[view.frame].columns


def test_rates_and_tickets_carry_their_source() -> None:
    rates = load_rates()
    assert {"CNY", "GBP", "EUR", "CAD"} <= set(rates.rates)
    for rate in rates.rates.values():
        assert rate.title
        assert rate.grade in "ABC"
        assert rate.url.startswith("https://")
        assert rate.date
    # The pound and the euro are printed in dollars, the yuan for a dollar.
    assert float(rates.factor("GBP", "USD")) == pytest.approx(1.2440)
    assert float(rates.factor("USD", "CNY")) == pytest.approx(7.0809)
    assert float(rates.factor("GBP", "CNY")) == pytest.approx(1.2440 * 7.0809, rel=1e-6)
    tickets = load_tickets()
    assert {trade: several[0].point.amount for trade, several in tickets.items()} == {
        "coffee": 20.0,
        "tea": 32.4,
        "candy": 32.5,
    }
