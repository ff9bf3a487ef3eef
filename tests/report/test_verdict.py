"""What the first page says, by rules."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from loyalty_research.engine.context import DEFAULT_CONTEXT
from loyalty_research.findings import Finding, Value
from loyalty_research.language import LANGUAGES, catalogue
from loyalty_research.report.verdict import Placed, Verdict, decide, rules, unique

NUMBERS = rules("verdict")["numbers"]
PEOPLE = {"people": Value(9, "customers")}
RESERVES = rules("verdict")["reserves"]
UNPRICED = rules("verdict")["unpriced"]


def placed(template: str, estimate: float | None = 0.4, **more: Any) -> Placed:
    settings: dict[str, Any] = {
        "id": template,
        "template": template,
        "chapter": "profile",
        "section": "one",
        "subject": template,
        "estimate": estimate,
        "unit": "share",
        "base": 100,
        "base_unit": "customers",
        "definition": "repurchase_rate",
        "period": ("2024-01-01", "2024-12-31"),
        "method": "count",
    }
    return Placed(Finding(**(settings | more)), "profile", DEFAULT_CONTEXT)


def withheld(template: str, reason: str = "base_too_small", **more: Any) -> Placed:
    return placed(template, None, status="withheld", reason=reason, **more)


def verdict(*items: Placed, tables: tuple[str, ...] | None = None) -> Verdict:
    return decide(items, has=lambda _: True, tables=tables)


def templates(items: tuple[Placed, ...]) -> list[str]:
    return [item.finding.template for item in items]


def test_six_numbers_in_their_order() -> None:
    found = verdict(*map(placed, [*RESERVES, *reversed(NUMBERS)]))
    assert templates(found.numbers) == NUMBERS


def test_a_withheld_number_gives_way_to_the_next_reserve_and_is_told() -> None:
    first, *rest = NUMBERS
    found = verdict(
        withheld("other"), withheld(first, "saturated"), *map(placed, [*RESERVES, *rest])
    )
    assert templates(found.numbers) == [*rest, RESERVES[0]]
    assert templates(found.withheld) == [first, "other"]


def test_the_one_sentence_is_the_first_stated_one_with_a_wording() -> None:
    names = rules("verdict")["headlines"]
    items = [withheld(names[0]), placed(names[1]), placed(names[2])]
    assert verdict(*items).headline == items[1]
    other = decide(items, has=lambda key: key == f"headline.{names[2]}", tables=None)
    assert other.headline == items[2]
    assert verdict(withheld(names[0])).headline is None


def test_findings_rank_by_net_sales_one_a_subject_at_most_five() -> None:
    items = [placed(f"t{stake}", subject=f"s{stake % 7}", at_stake=stake) for stake in range(14)]
    items += [placed("none"), withheld("big", at_stake=None)]
    found = verdict(*items)
    assert templates(found.findings) == ["t13", "t12", "t11", "t10", "t9"]
    assert len({item.finding.subject for item in found.findings}) == 5


def test_findings_without_net_sales_keep_one_place_and_fill_those_left() -> None:
    survey = [placed(name, chapter="drivers") for name in reversed(UNPRICED)]
    assert templates(verdict(*survey).findings) == UNPRICED[:5]
    priced = [placed(f"t{stake}", at_stake=stake) for stake in range(8)]
    assert templates(verdict(*survey, *priced).findings) == ["t7", "t6", "t5", "t4", UNPRICED[0]]
    assert templates(verdict(*survey, *priced[:2]).findings) == ["t1", "t0", *UNPRICED[:3]]


def test_a_finding_without_net_sales_gives_way_to_one_of_its_subject() -> None:
    same = placed(UNPRICED[1], subject="paths")
    found = verdict(same, placed("other", subject="paths", at_stake=1), placed("not_listed"))
    assert templates(found.findings) == ["other"]


def test_a_number_is_not_told_again_as_a_finding() -> None:
    found = verdict(placed(NUMBERS[0], at_stake=10), placed("more", at_stake=1))
    assert templates(found.findings) == ["more"]


@pytest.mark.parametrize(("estimate", "applies"), [(0.19, False), (0.2, True), (None, False)])
def test_a_recommendation_needs_a_stated_finding_within_its_bounds(
    estimate: float | None, applies: bool
) -> None:
    item = withheld("rfm_best_share")
    if estimate is not None:
        item = placed("rfm_best_share", estimate, at_stake=5, values=PEOPLE)
    found = verdict(item).recommendations
    assert [entry.id for entry in found] == (["keep_best"] if applies else [])


def test_at_most_three_recommendations_by_net_sales() -> None:
    names = [rule["finding"] for rule in rules("recommendations")]
    assert len(names) > 3
    items = [placed(name, 0.9, at_stake=place, values=PEOPLE) for place, name in enumerate(names)]
    found = verdict(*items).recommendations
    assert [entry.source.finding.template for entry in found] == [*reversed(names)][:3]


def test_a_rule_may_need_a_value_of_the_finding() -> None:
    rule = {"id": "x", "finding": "t", "needs": ["customers"]}
    found = decide([placed("t")], has=lambda _: True, tables=None, advice=[rule])
    assert found.recommendations == ()


def test_questions_without_a_table_are_asked_only_where_tables_are_known() -> None:
    assert verdict().gaps == ()
    assert verdict(tables=("transactions", "campaigns")).gaps == ("survey", "feedback", "points")
    assert "survey" not in verdict(tables=("survey",)).gaps


def test_findings_shown_twice_count_once_and_a_clash_is_told() -> None:
    first = placed("a")
    other = dataclasses.replace(first, finding=dataclasses.replace(first.finding, estimate=0.9))
    assert unique([first, first]) == ([first], [])
    assert unique([first, other]) == ([first], ["a"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_worded(language: Any) -> None:
    words = catalogue(language)
    for rule in rules("recommendations"):
        for part in ("who", "action", "measure", "cost", "test", "when"):
            assert words[f"recommendation.{rule['id']}.{part}"]
        assert ("10%") in words[f"recommendation.{rule['id']}.test"]
    for gap in rules("verdict")["gaps"]:
        assert words[f"gap.{gap['id']}"]


@pytest.mark.parametrize(("remainder", "warned"), [(0.0099, False), (0.01, True), (0.3, True)])
def test_a_remainder_over_one_per_cent_is_warned_of(remainder: float, warned: bool) -> None:
    found = verdict(placed("data_reconciliation", remainder), placed(NUMBERS[0]))
    assert templates(found.warnings) == (["data_reconciliation"] if warned else [])


def test_a_withheld_reconciliation_warns_of_nothing() -> None:
    assert not verdict(withheld("data_reconciliation")).warnings
