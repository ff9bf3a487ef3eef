"""The action list: facts by hand, the first rule taken, counts that add up, and no person shown."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from actions_shop import PERIOD, open_shop, shop, shop_frames

from loyalty_research.brand import Bilingual, Calendar
from loyalty_research.brand.schema import Promotion
from loyalty_research.errors import DataError
from loyalty_research.language import translator
from loyalty_research.profile import lifecycle
from loyalty_research.profile.common import Days, valid_orders
from loyalty_research.profile.offers.actions import actions
from loyalty_research.profile.offers.actions_days import (
    contact_days,
    contact_weeks,
    next_festival,
)
from loyalty_research.profile.offers.actions_facts import Extras, customer_facts
from loyalty_research.profile.offers.actions_list import with_item_names
from loyalty_research.profile.offers.rules import RuleBook, load_rules
from loyalty_research.results import Result
from loyalty_research.results.disclosure import protected

DAYS = Days(dt.date(2024, 1, 1), dt.date(2024, 12, 31))


@pytest.fixture(scope="module")
def result() -> Result:
    return actions(shop(), period=PERIOD)


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return facts_of(shop()).frame


def facts_of(brand: Any, **extras: Any) -> Any:
    orders = valid_orders(brand.orders, "customer_id")
    return customer_facts(brand, orders, DAYS, book=book(), extras=Extras(**extras))


def book(rules: list[Mapping[str, Any]] | None = None, **parts: Any) -> RuleBook:
    own = load_rules()
    content = {"tiers": {"silver": 60.0, "gold": 200.0}} | parts
    chosen = own.rules if rules is None else [_rule(**rule) for rule in rules]
    return RuleBook.model_validate({"rules": chosen, **content})


def _rule(**parts: Any) -> dict[str, Any]:
    both = {"zh": "文", "en": "text"}
    usual = {"name": both, "offer": both, "reason": both, "task": "retain", "priority": 1}
    return usual | parts


def test_facts_are_those_of_the_lines(people) -> None:
    lines = shop_frames()["transactions"]
    names = sorted(lines["customer_id"].unique())
    for place in (0, 7, 123):
        own = lines[lines["customer_id"] == names[place]]
        row = people.set_index("customer_id").loc[place]
        assert row["net_sales"] == pytest.approx(own["amount"].sum())
        assert row["occasions"] == own["ordered_at"].nunique()
        last = own["ordered_at"].max()
        assert row["silence_days"] == (pd.Timestamp(PERIOD[1]) - last).days
        assert row["days_since_first"] == (pd.Timestamp(PERIOD[1]) - own["ordered_at"].min()).days
        offered = own.loc[own["discount"] > 0, "amount"].sum() / own["amount"].sum()
        assert row["share_on_offer"] == pytest.approx(offered)
        assert row["channel"] in set(own["channel"])
        most = own.groupby("channel").size()
        assert most[row["channel"]] == most.max()
        month = shop_frames()["customers"].set_index("customer_id").loc[names[place]]
        assert row["months_to_birthday"] == (month["birthday_month"] - 1) % 12


def test_the_price_index_is_against_the_categorys_median(people) -> None:
    lines = shop_frames()["transactions"].merge(shop_frames()["products"], on="product_id")
    medians = {}
    for category, rows in lines.groupby("category"):
        product = rows.groupby("product_id")[["amount", "quantity"]].sum()
        product = product.assign(price=product["amount"] / product["quantity"]).sort_values("price")
        half = product["quantity"].cumsum() >= product["quantity"].sum() / 2
        medians[category] = product.loc[half, "price"].iloc[0]
    at_median = lines["quantity"] * lines["category"].map(medians)
    wanted = (
        lines.groupby("customer_id")["amount"].sum() / at_median.groupby(lines["customer_id"]).sum()
    )
    found = people.set_index("customer_id")["price_index"].to_numpy()
    assert found == pytest.approx(wanted.sort_index().to_numpy(), rel=1e-3)


def test_the_next_tier_and_what_is_missing_for_it(people) -> None:
    spent = people["net_sales"].to_numpy()
    below = spent < 200
    assert (people.loc[spent < 60, "next_tier"] == "silver").all()
    assert (people.loc[(spent >= 60) & below, "next_tier"] == "gold").all()
    assert people.loc[~below, "share_missing_for_tier"].isna().all()
    gold = (spent >= 60) & below
    assert people.loc[gold, "missing_for_tier"].to_numpy() == pytest.approx(200 - spent[gold])


def test_a_tier_that_is_held_is_not_offered_again() -> None:
    frames = shop_frames()
    frames["customers"]["tier"] = "silver"
    found = facts_of(open_shop(frames)).frame
    assert "silver" not in set(found["next_tier"])


def test_stages_are_those_of_the_life_cycle(result) -> None:
    own = lifecycle(shop().orders, period=PERIOD).summary().set_index("stage")["customers"]
    counts = result.frames["stages"].set_index("stage")["group_customers"]
    assert counts.to_dict() == own.to_dict()


def test_the_expected_day_waits_for_the_silent(people) -> None:
    """The longer the silence at the same past, the later the next purchase is expected."""
    for _, own in people.groupby("occasions"):
        assert (own["days_to_expected"] >= 1).all()
    mature = people[(people["occasions"] > 8) & (people["silence_days"] < 10)]
    assert (mature["days_to_expected"] <= 3 * mature["usual_gap_days"]).all()


def test_value_bands_are_thirds_of_what_is_given(people) -> None:
    shares = people["value_band"].value_counts(normalize=True)
    assert shares.between(0.3, 0.37).all()
    low = people.groupby("value_band")["net_sales"].median()
    assert low["low"] < low["middle"] < low["high"]
    value = people[["customer_id"]].assign(value=-people["net_sales"])
    turned = facts_of(shop(), value=value)
    again = turned.frame.groupby("value_band")["net_sales"].median()
    assert again["low"] > again["high"]
    assert turned.value_rule == "expected_value"


def test_the_first_rule_that_holds_is_taken() -> None:
    rules = [
        {"id": "second", "when": {"occasions": {"min": 2}}, "priority": 20},
        {"id": "first", "when": {"occasions": {"min": 5}}, "priority": 10},
        {"id": "never", "when": {"occasions": {"min": 5}}, "priority": 30},
    ]
    ordered = sorted(rules, key=lambda rule: rule["priority"])
    found = actions(shop(), period=PERIOD, rules=book(ordered))
    occasions = facts_of(shop()).frame["occasions"]
    summary = found.summary().set_index("rule")
    assert summary.loc["first", "customers"] == (occasions >= 5).sum()
    assert summary.loc["second", "customers"] == ((occasions >= 2) & (occasions < 5)).sum()
    assert summary.loc["second", "holds"] == (occasions >= 2).sum()
    assert summary.loc["never", ["holds", "customers"]].tolist() == [(occasions >= 5).sum(), 0]


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ({"occasions": {"min": 3, "max": 4}}, lambda f: f["occasions"].between(3, 4)),
        ({"stage": ["lost"]}, lambda f: f["stage"] == "lost"),
        ({"channel": {"known": True}}, lambda f: f["channel"].notna()),
        (
            {"next_tier": {"known": True}, "value_band": ["low"]},
            lambda f: f["next_tier"].notna() & (f["value_band"] == "low"),
        ),
    ],
)
def test_conditions(when, wanted, people) -> None:
    found = actions(shop(), period=PERIOD, rules=book([{"id": "only", "when": when}]))
    assert found.summary().set_index("rule").loc["only", "holds"] == wanted(people).sum()


def test_counts_add_up(result) -> None:
    summary = result.summary()
    everybody = shop_frames()["transactions"]["customer_id"].nunique()
    assert summary["customers"].sum() == everybody
    assert (summary["holds"] >= summary["customers"]).all()
    sales = shop_frames()["transactions"]["amount"].sum()
    assert summary["net_sales"].sum() == pytest.approx(sales)
    listed = int(summary.loc[summary["rule"] != "none", "customers"].sum())
    for name in ("rules", "stages", "trial"):
        assert result.frames[name]["customers"].sum() == listed, name
    weeks = result.frames["weeks"].set_index("week")["customers"]
    assert weeks.sum() == everybody
    assert weeks["none"] == everybody - listed
    table = result.table.to_pandas()
    assert len(table) == listed
    assert not table["customer_id"].duplicated().any()
    by_rule = table["rule"].value_counts()
    assert (
        by_rule.to_dict()
        == summary.set_index("rule")["customers"].drop("none").loc[by_rule.index].to_dict()
    )
    first = result.findings[0]
    assert first.values["people"].value == listed  # noqa: PD011
    assert first.estimate == pytest.approx(listed / everybody)


def test_rules_that_the_data_cannot_evaluate_are_listed_with_what_is_missing() -> None:
    frames = shop_frames()
    bare = {"transactions": frames["transactions"][["order_id", "customer_id", "ordered_at",
                                                    "amount"]]}  # fmt: skip
    found = actions(open_shop(bare, first_purchase_observed=False), period=PERIOD)
    missing = found.frames["missing"].groupby("rule")["need"].agg(set).to_dict()
    assert missing == {
        "likely_quieter": {"forecasts"},
        "second_purchase": {"first_purchase"},
        "near_tier": {"tiers"},
        "birthday": {"birthday"},
        "win_back_on_offer": {"discount"},
        "festival": {"calendar"},
        "quality_seeking": {"prices", "discount"},
        "price_sensitive": {"discount"},
        "next_product": {"recommended"},
    }
    assert not set(missing) & set(found.summary()["rule"])


def test_segments_and_recommendations_are_taken_in() -> None:
    people = facts_of(shop()).frame
    half = people["customer_id"] % 2
    segments = pd.DataFrame({"customer_id": people["customer_id"], "segment": 1 + half})
    items = pd.DataFrame(
        {
            "customer_id": people["customer_id"],
            "item": 3,
            "name": "tart",
            "rank": 1,
            "score": 0.5,
            "repeat": half == 1,
        }
    )
    found = actions(shop(), period=PERIOD, segments=segments, recommended=items)
    counts = found.frames["segments"]
    assert counts["segment"].tolist() == ["1", "2"]
    assert counts["group_customers"].sum() == len(people)
    table = found.table.to_pandas()
    told = table[table["recommended"].notna()]
    assert set(told["customer_id"] % 2) == {0}
    assert "next_product" in set(found.summary()["rule"])
    empty = Result(name="x", chapter="profile", section="x", frames={})
    assert "segments" not in actions(shop(), period=PERIOD, segments=empty).frames


def test_a_table_with_two_rows_a_customer_is_refused() -> None:
    twice = pd.DataFrame({"customer_id": [1, 1], "segment": ["a", "b"]})
    with pytest.raises(DataError, match="segments: customer_id 1 stands in several rows"):
        actions(shop(), period=PERIOD, segments=twice)


def test_the_base_rate_is_what_those_picked_earlier_did() -> None:
    """One rule for everybody: the share of all earlier buyers who bought in the last 30 days."""
    rules = book([{"id": "all", "when": {"occasions": {"min": 1}}}])
    found = actions(shop(), period=PERIOD, rules=rules)
    lines = shop_frames()["transactions"]
    split = pd.Timestamp(PERIOD[1]) - pd.Timedelta(days=30)
    before = set(lines.loc[lines["ordered_at"] < split + pd.Timedelta(days=1), "customer_id"])
    after = set(lines.loc[lines["ordered_at"] >= split + pd.Timedelta(days=1), "customer_id"])
    row = found.frames["trial"].iloc[0]
    assert (row["earlier"], row["bought"]) == (len(before), len(before & after))
    assert row["base_rate"] == pytest.approx(len(before & after) / len(before))


def test_what_the_hold_out_rests_on(result) -> None:
    terms = result.frames["terms"].set_index("name")
    frames = shop_frames()
    lines = frames["transactions"].merge(frames["products"], on="product_id")
    cost = (lines["quantity"] * lines["cost"]).sum()
    assert terms.loc["margin", "value"] == pytest.approx(1 - cost / lines["amount"].sum())
    assert terms["source"].to_dict() == {
        "margin": "measured",
        "offer_value": "assumed",
        "contact_cost": "assumed",
        "horizon_days": "given",
        "holdout_share": "worked_out",
    }
    finding = result.findings[1]
    assert finding.status == "stated"
    assert finding.evidence == "assumed"
    assert finding.estimate == terms.loc["holdout_share", "value"]


def test_given_assumptions_are_taken_and_a_given_share_is_kept() -> None:
    said = {"margin": 0.5, "offer_value": 0.05, "contact_cost": 0.2, "holdout_share": 0.12}
    found = actions(shop(), period=PERIOD, rules=book(assumptions=said))
    terms = found.frames["terms"].set_index("name")
    assert set(terms["source"]) == {"given"}
    assert terms.loc["holdout_share", "value"] == 0.12
    assert found.findings[1].evidence == "observed"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"margin": 0.1, "offer_value": 0.2}, "offer_never_pays"),
        ({"margin": 0.3, "contact_cost": 500}, "no_room_for_gain"),
        ({"horizon_days": 300}, "period_too_short"),
    ],
)
def test_where_nothing_can_be_said_of_the_share_the_reason_is(said, reason) -> None:
    found = actions(shop(), period=PERIOD, rules=book(assumptions=said))
    assert (found.findings[1].status, found.findings[1].reason) == ("withheld", reason)
    share = found.frames["terms"].set_index("name").loc["holdout_share"]
    assert (share["value"], share["source"]) == (0.10, "usual")


def test_too_few_customers_are_no_list() -> None:
    few = actions(shop(20), period=PERIOD)
    assert [finding.reason for finding in few.findings] == ["base_too_small"]
    assert few.table is None


def test_where_no_rule_holds_there_is_no_list() -> None:
    rules = book([{"id": "only", "when": {"occasions": {"min": 10_000}}}])
    nobody = actions(shop(), period=PERIOD, rules=rules)
    assert [finding.reason for finding in nobody.findings] == ["no_rule_holds"]
    assert nobody.table is None


def test_nothing_of_a_person_is_shown() -> None:
    """Personal identifiers: small groups are hidden, and no frame shown is a list of persons."""
    brand = shop(identifiers="personal")
    found = actions(brand, period=PERIOD)
    shown = protected(found)
    for name, frame in shown.frames.items():
        assert "customer_id" not in frame.columns
        assert len(frame) < 30, name
        for column in ("customers", "holds", "group_customers", "earlier"):
            if column in frame.columns:
                numbers = pd.to_numeric(frame[column], errors="coerce").dropna()
                assert not numbers.between(1, 9).any(), (name, column)
    text = json.dumps([finding.as_dict() for finding in shown.findings])
    assert "C000" not in text
    small = found.summary()["customers"].between(1, 9)
    assert small.any()  # or the test above would have nothing to find


def test_a_festival_is_the_next_that_leaves_time() -> None:
    spring = next_festival(Calendar(kind="cn"), after=dt.date(2024, 12, 31))
    assert (spring.code, spring.day) == ("spring_festival", dt.date(2025, 1, 29))
    assert next_festival(Calendar(), after=dt.date(2024, 12, 31)) is None
    own = Promotion(
        name=Bilingual(zh="店庆", en="Anniversary"), start="2025-01-10", end="2025-01-12"
    )
    found = next_festival(Calendar(kind="cn", windows=(own,)), after=dt.date(2024, 12, 31))
    assert (found.day, found.name.zh) == (dt.date(2025, 1, 10), "店庆")


def test_days_and_weeks_of_contact() -> None:
    timing = pd.Series(["now", "own_rhythm", "birthday", "birthday", "festival"])
    facts = pd.DataFrame({"days_to_expected": [9.0] * 5, "months_to_birthday": [0, 0, 1, 0, 0]})
    festival = next_festival(Calendar(kind="cn"), after=dt.date(2024, 12, 31))
    days = contact_days(timing, facts, as_of=dt.date(2024, 12, 31), festival=festival)
    assert days.dt.date.map(str).tolist() == [
        "2025-01-01", "2025-01-09", "2025-02-01", "2025-01-01", "2025-01-15"
    ]  # fmt: skip
    weeks = contact_weeks(days, as_of=dt.date(2024, 12, 31), week_start=0)
    assert weeks.tolist() == [
        "2025-01-01", "2025-01-06", "2025-01-27", "2025-01-01", "2025-01-13"
    ]  # fmt: skip
    far = contact_weeks(days + pd.Timedelta(days=70), as_of=dt.date(2024, 12, 31), week_start=0)
    assert set(far) == {"later"}


def test_the_list_does_not_depend_on_the_order_of_lines(result) -> None:
    frames = shop_frames()
    rows = np.random.default_rng(3).permutation(len(frames["transactions"]))
    frames["transactions"] = frames["transactions"].iloc[rows]
    again = actions(open_shop(frames), period=PERIOD)
    for name, frame in result.frames.items():
        pd.testing.assert_frame_equal(frame, again.frames[name])


@pytest.mark.parametrize(("language", "name"), [("zh", "汤品"), ("en", "Soup")])
def test_recommended_items_go_by_their_names(language, name) -> None:
    listed = pd.DataFrame({"recommended": ["SOUP", "an item without a name", None]})
    named = with_item_names(listed, translator(language))["recommended"]
    assert named.tolist()[:2] == [name, "an item without a name"]
    assert named.isna().tolist() == [False, False, True]


def forecasts_of(people: pd.DataFrame, chance: np.ndarray) -> pd.DataFrame:
    """Return a forecast that sees the stages of the list."""
    silent = people["stage"].isin(["cooling", "dormant", "lost"])
    stage = people["stage"].where(silent, "active")
    return pd.DataFrame(
        {
            "customer_id": people["customer_id"],
            "stage": stage,
            "stage_next": np.where(chance > 0.5, "dormant", stage),
            "chance_quieter": chance,
            "forecast_weeks": 13,
        }
    )


def test_chances_count_only_where_both_see_the_same_stage(people) -> None:
    ahead = forecasts_of(people, np.linspace(0, 1, len(people)))
    other = ahead["stage"] == "active"
    other &= np.arange(len(ahead)) % 2 == 0
    ahead.loc[other, "stage"] = "cooling"
    found = facts_of(shop(), forecasts=ahead).frame
    assert found["chance_quieter"].isna().equals(other)
    kept = found.loc[~other, "chance_quieter"].to_numpy(dtype=float)
    assert kept == pytest.approx(ahead.loc[~other, "chance_quieter"].to_numpy())
    assert found.loc[~other, "stage_next"].tolist() == ahead.loc[~other, "stage_next"].tolist()


def test_whoever_is_likely_to_fall_silent_is_approached_now(people) -> None:
    rng = np.random.default_rng(3)
    ahead = forecasts_of(people, rng.random(len(people)))
    listed = actions(shop(), period=PERIOD, forecasts=ahead).table.to_pandas()
    plain = actions(shop(), period=PERIOD).table.to_pandas()
    own = listed[listed["rule"] == "likely_quieter"]
    joined = people[["customer_id", "stage", "value_band"]].merge(
        ahead[["customer_id", "chance_quieter"]]
    )
    wanted = joined[
        joined["stage"].isin(["growing", "mature"])
        & joined["value_band"].isin(["high", "middle"])
        & (joined["chance_quieter"] >= 0.5)
    ]
    assert len(wanted) > 20
    assert set(own["customer_id"]) == set(wanted["customer_id"])
    assert set(pd.to_datetime(own["contact_on"])) == {pd.Timestamp("2025-01-01")}
    before = plain.set_index("customer_id").reindex(own["customer_id"])["contact_on"].dropna()
    assert (pd.to_datetime(before) >= pd.Timestamp("2025-01-01")).all()
    assert (pd.to_datetime(before) > pd.Timestamp("2025-01-01")).any()


def test_a_forecast_that_may_not_be_used_leaves_the_columns_empty(result) -> None:
    unusable = dataclasses.replace(result, table=None)
    found = actions(shop(), period=PERIOD, forecasts=unusable)
    listed = found.table.to_pandas()
    assert listed[["stage_next", "chance_quieter"]].isna().all().all()
    missing = found.frames["missing"].set_index("rule")["need"]
    assert missing["likely_quieter"] == "forecasts"
    assert "chance_quieter" not in result.table.to_pandas()


def test_a_forecast_of_one_row_a_customer_is_asked_for(people) -> None:
    ahead = forecasts_of(people, np.full(len(people), 0.4))
    twice = pd.concat([ahead, ahead.head(1)])
    with pytest.raises(DataError, match="forecasts: customer_id"):
        actions(shop(), period=PERIOD, forecasts=twice)
    with pytest.raises(DataError, match="chance_quieter"):
        actions(shop(), period=PERIOD, forecasts=ahead.drop(columns="chance_quieter"))
