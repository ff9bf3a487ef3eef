"""Rules as data: those of the package, a brand's own, and every mistake told at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from loyalty_research.errors import BrandFileError, sentences
from loyalty_research.language import catalogue
from loyalty_research.profile.offers.rules import OWN_RULES, load_rules
from loyalty_research.profile.offers.rules_facts import FACTS

RULE = {
    "id": "tea",
    "name": {"zh": "茶", "en": "Tea"},
    "task": "retain",
    "priority": 5,
    "when": {"occasions": {"min": 3}},
    "offer": {"zh": "送茶", "en": "Free tea"},
    "reason": {"zh": "购买 {occasions}", "en": "{occasions}"},
}


def write(folder: Path, **content: object) -> Path:
    (folder / "rules.yaml").write_text(
        yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8"
    )
    return folder


def wrong(folder: Path, **content: object) -> list[str]:
    with pytest.raises(BrandFileError) as caught:
        load_rules(write(folder, **content))
    return sentences(caught.value, "en")


def test_the_rules_of_the_package_serve_every_task_and_stand_by_priority() -> None:
    rules = load_rules().rules
    assert {rule.task for rule in rules} == {"acquire", "activate", "retain", "win_back"}
    assert [rule.priority for rule in rules] == sorted(rule.priority for rule in rules)
    assert len({rule.id for rule in rules}) == len(rules) >= 10
    assert {fact for rule in rules for fact in rule.facts} <= set(FACTS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_figures_name_the_rules_as_the_file_does(language: str) -> None:
    words = catalogue(language)
    for rule in load_rules().rules:
        assert words[f"label.action_rule.{rule.id}"] == getattr(rule.name, language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fact_that_may_be_missing_says_what_would_tell_it(language: str) -> None:
    assert {f"label.action_need.{fact.need}" for fact in FACTS.values()} <= set(catalogue(language))


def test_a_brand_without_rules_of_its_own_has_those_of_the_package(tmp_path) -> None:
    assert load_rules(tmp_path) == load_rules()


def test_a_copy_of_the_file_reads_the_same(tmp_path) -> None:
    shutil.copy(OWN_RULES, tmp_path / "rules.yaml")
    assert load_rules(tmp_path) == load_rules()


def test_own_rules_stand_in_place_and_what_is_left_out_stays(tmp_path) -> None:
    second = RULE | {"id": "first", "priority": 1}
    book = load_rules(write(tmp_path, rules=[RULE, second], tiers={"gold": 500}))
    assert [rule.id for rule in book.rules] == ["first", "tea"]
    assert book.tiers == {"gold": 500}
    assert book.assumptions == load_rules().assumptions
    only = load_rules(write(tmp_path, assumptions={"margin": 0.4, "horizon_days": 60}))
    assert only.rules == load_rules().rules
    assert (only.assumptions.margin, only.assumptions.horizon_days) == (0.4, 60)


def test_all_mistakes_are_told_at_once(tmp_path) -> None:
    rules = [
        RULE | {"task": "sell"},
        RULE | {"when": {"ocasions": {"min": 1}}},
        RULE | {"when": {"stage": ["asleep"], "silence_days": {"over": 3}}, "colour": "red"},
        RULE | {"id": "T-1", "reason": {"zh": "{password}", "en": "{net_sales.__class__}"}},
        RULE | {"id": "x", "when": {"occasions": {"min": 9, "max": 2}}, "priority": "high"},
        RULE | {"id": "y", "when": {}, "offer": {"zh": "{net_sales}", "en": "open {"}},
        "no rule",
    ]
    del rules[3]["offer"]
    told = wrong(
        tmp_path, rules=rules, assumptions={"margin": 1.4, "profit": 1}, tiers={"gold": -1}
    )
    text = "\n".join(told)
    for part in (
        "rules.0.task: found 'sell'; allowed: acquire, activate, retain, win_back",
        "rules.1.id: found 'tea' again, first in rules.0",
        "rules.1.when.ocasions: unknown fact 'ocasions'; nearest allowed: occasions",
        "rules.2.when.stage: found ['asleep']; allowed: a list of new, growing",
        "rules.2.when.silence_days: found {'over': 3}; allowed: min, max or both",
        "rules.2.colour: unknown key; allowed: id, name, task",
        "rules.3.id: found 'T-1'; allowed: small letters",
        "rules.3.offer: missing",
        "rules.3.reason.zh: unknown fact 'password'",
        "rules.3.reason.en: unknown fact 'net_sales.__class__'",
        "rules.4.when.occasions: found {'min': 9, 'max': 2}",
        "rules.4.priority: found 'high'; allowed: a whole number",
        "rules.5.when: found {}",
        "rules.5.offer.zh: found the field 'net_sales'; only a reason prints facts",
        "rules.5.offer.en: found a brace that is not closed",
        "rules.6: found 'no rule'; allowed: keys and values",
        "assumptions.margin: found 1.4; allowed: a share between 0 and 1",
        "assumptions.profit: unknown key",
        "tiers.gold: found -1; allowed: an amount",
    ):
        assert part in text, part
    assert all(line.split(": ")[0].endswith("rules.yaml") for line in told)


def test_mistakes_are_told_in_chinese(tmp_path) -> None:
    bad = [RULE | {"when": {"ocasions": {"min": 1}}, "priority": 1.5}]
    with pytest.raises(BrandFileError) as caught:
        load_rules(write(tmp_path, rules=bad))
    told = "\n".join(sentences(caught.value, "zh"))
    assert "没有 'ocasions' 这一项顾客特征" in told
    assert "rules.0.priority：值为 1.5；应为：整数" in told


@pytest.mark.parametrize("rules", [[], {}, "all", 3])
def test_rules_must_be_a_list(tmp_path, rules) -> None:
    assert any("rules: found" in line for line in wrong(tmp_path, rules=rules))


def test_a_file_that_is_no_yaml_is_told(tmp_path) -> None:
    (tmp_path / "rules.yaml").write_text("rules: [", "utf-8")
    with pytest.raises(BrandFileError, match="not readable as YAML"):
        load_rules(tmp_path)
