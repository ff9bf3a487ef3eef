"""Dated changes of a programme's rules: the brand file names them, the worlds run them."""

from __future__ import annotations

import datetime as dt

import pytest

from loyalty_research.brand import load_brand_file
from loyalty_research.errors import BrandFileError, sentence
from loyalty_research.programmes.load import load_family
from loyalty_research.programmes.rule_changes import rule_changes
from loyalty_research.worlds.presets import load as load_world

FILE = """
name: {{zh: 店, en: Shop}}
trade: coffee
currency: CNY
timezone: Asia/Shanghai
customers: {{unit: person, identifiers: public}}
evidence: observed
period: {{start: 2024-01-01, end: 2024-12-31}}
sources: [{{name: us, licence: MIT, provenance: {{zh: 自有, en: own}}}}]
{keys}
tables:
  transactions:
    source: lines.csv
    columns: {{order_id: order_id, ordered_at: ordered_at, amount: amount}}
"""
OWN = "programme: luckin_simulated\n"


def brand_file(tmp_path, keys: str):
    path = tmp_path / "shop" / "brand.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(FILE.format(keys=keys), encoding="utf-8")
    return load_brand_file(str(path))


def earlier(*until: str) -> str:
    items = "".join(f"  - {{programme: luckin_simulated_2024, until: {day}}}\n" for day in until)
    return f"earlier_programmes:\n{items}"


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (earlier("2024-06-30"), "no key programme"),
        (OWN + earlier("2024-12-31"), "do not change within the period"),
        (OWN + earlier("2023-12-31"), "do not change within the period"),
        (OWN + earlier("2024-06-30", "2024-03-31"), "earlier_programmes.1.until: found 2024-03-31"),
        (OWN + earlier("soon"), "a date such as"),
        (OWN + "earlier_programmes: [{programme: x, until: 2024-06-30, from: 2024}]", "from"),
        (OWN + "campaign_tests: [{campaign: '1', value_per_spend: 3}]", "value_per_spend"),
    ],
)
def test_the_brand_file_refuses_what_is_no_change(tmp_path, keys, told) -> None:
    with pytest.raises(BrandFileError) as caught:
        brand_file(tmp_path, keys)
    (found,) = caught.value.problems
    assert told in str(found)
    assert sentence(found, "zh") != str(found)


def test_a_change_begins_the_day_after_the_earlier_rules_end(tmp_path) -> None:
    (change,) = rule_changes(brand_file(tmp_path, OWN + earlier("2024-06-30")))
    assert change.on == dt.date(2024, 7, 1)
    assert (change.before.id, change.after.id) == ("luckin_simulated_2024", "luckin_simulated")
    assert rule_changes(brand_file(tmp_path, OWN)) == ()
    assert rule_changes(brand_file(tmp_path, "")) == ()


@pytest.mark.parametrize("name", ["luckin", "mixue"])
def test_the_simulated_chains_change_on_the_day_and_to_the_rules_of_their_worlds(name) -> None:
    world = load_world(name, {})
    planted = world.programme
    (change,) = rule_changes(load_brand_file(name))
    assert change.on == world.start + dt.timedelta(days=planted.change_after)
    assert [item.id for item in load_family(f"{name}_simulated")] == [
        change.before.id,
        change.after.id,
    ]
    for programme, rule in zip((change.before, change.after), planted.rules, strict=True):
        assert programme.rewards[0].points == rule.reward_cost
        assert programme.earn[0].points == rule.points_per_unit
        thresholds = [level.threshold for level in programme.tiers.levels]
        assert thresholds == [0, *(cents / 100 for cents in rule.thresholds)]


@pytest.mark.parametrize("name", ["luckin", "mixue"])
def test_what_is_planted_is_listed_as_assumed_with_its_size(name) -> None:
    """The report prints margin and responses among the assumptions of the simulation."""
    file = load_brand_file(name)
    planted = load_world(name, {}).programme.responses
    told = {item.parameter.en: item.value.en for item in file.calibration.assumed}
    assert told["Margin"] == f"{file.margin:.0%}"
    sizes = told["What the programme's rules do to purchases"]
    for size in (planted.member, planted.points, planted.tier, planted.reward):
        assert f"+{size:.0%}" in sizes
