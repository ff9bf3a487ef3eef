"""The programme files of the project: sourced, whole, and what they claim to be."""

from __future__ import annotations

import re
from functools import cache

import pytest
from programmes.files import ROOT

from loyalty_research.brand import list_brands, load_brand_file
from loyalty_research.programmes.checking import check_family, rules_of
from loyalty_research.programmes.load import list_programmes, load_programme
from loyalty_research.programmes.schema import Programme
from loyalty_research.worlds.presets import load as load_world

HAN = re.compile(r"[\u4e00-\u9fff]")
NAMES = list_programmes(ROOT)
REPLAYABLE = {
    "starbucks_us_2026",
    "starbucks_us_2023",
    "dunkin_us_2025",
    "mcdonalds_us",
    "tim_hortons_ca_2023",
    "costa_uk",
    "tesco_clubcard",
    "nectar_uk",
    "costco_executive",
    "kroger_plus",
    "lindt_uk",
    "butlers_ie",
    "starbucks_cn",
    "sams_club_cn",
}
CARDS = {
    "starbucks_us_2019",
    "mixue_cn",
    "luckin_cn",
    "heytea_cn",
    "nayuki_cn",
    "chagee_cn",
    "cotti_cn",
    "freshippo_x",
}
TERMS = {"drink", "hot_drink", "delivery", "fuel"}
REJECTED = ("visualfoodie", "winenfood", "consultingtimes", "gilin.com", "worldmetrics", "3cdn.net")


@cache
def every() -> dict[str, Programme]:
    return {name: load_programme(name, ROOT) for name in NAMES}


def published() -> list[Programme]:
    return [item for item in every().values() if item.origin == "published"]


def test_what_was_asked_for_is_there() -> None:
    states = {item.id: item.status for item in published()}
    assert {name for name in states if states[name] == "replayable"} >= REPLAYABLE
    assert {name for name in states if states[name] == "card"} >= CARDS
    assert len(REPLAYABLE) == 14


@pytest.mark.parametrize("name", NAMES)
def test_sources_are_those_used(name: str) -> None:
    programme = every()[name]
    used = {source for _, rule in rules_of(programme) for source in rule.source}
    used |= {source for wallet in programme.wallets.values() for source in wallet.expiry.source}
    if programme.tiers:
        used |= set(programme.tiers.source)
        used |= {s for level in programme.tiers.levels if level.fee for s in level.fee.source}
    assert used == set(programme.sources)
    for source in programme.sources.values():
        assert not any(host in (source.url or "") for host in REJECTED)


def test_published_rules_are_sourced_or_said_to_be_assumed() -> None:
    for programme in published():
        assert programme.sources
        assert programme.unknown, programme.id  # nobody publishes everything
        for key, rule in rules_of(programme):
            assert rule.source or rule.assumed, (programme.id, key)


def test_costs_of_published_rewards_are_not_invented() -> None:
    for programme in published():
        assert all(reward.cost is None for reward in programme.rewards), programme.id
        assert all(item.cost is None for item in programme.benefits), programme.id


def test_own_designs_say_what_they_cost_and_claim_no_source() -> None:
    own = [item for item in every().values() if item.origin != "published"]
    assert len(own) == 12
    for programme in own:
        assert not programme.sources
        assert all(reward.cost is not None for reward in programme.rewards)
        assert all(reward.assumed is not None for reward in programme.rewards), programme.id
        marks = ("示例", "虚构")
        assert any(mark in programme.name.zh for mark in marks), programme.id


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_are_written(name: str) -> None:
    programme = every()[name]
    texts = [rule.assumed for _, rule in rules_of(programme) if rule.assumed]
    texts += [item.text for item in programme.mechanics]
    texts += [item.what for item in programme.unknown]
    texts.append(programme.market)
    for text in texts:
        assert HAN.search(text.zh), text
        assert not HAN.search(text.en), text
        assert not re.search(rf"{HAN.pattern}[,;:()]|[,;:()]{HAN.pattern}", text.zh), text


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_what_checks_it(name: str) -> None:
    text = every()[name].path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=programme.schema.json\n")


def test_families_are_one_state_at_a_time() -> None:
    families: dict[str, list[Programme]] = {}
    for programme in every().values():
        if programme.family:
            families.setdefault(programme.family, []).append(programme)
    simulated = {"luckin_simulated", "mixue_simulated"}
    assert set(families) == {"starbucks_us", "tim_hortons_ca", *simulated}
    for states in families.values():
        assert len(states) > 1
        assert list(check_family(states)) == []


def test_words_of_rules_are_few_and_every_brand_with_programmes_explains_them() -> None:
    words: set[str] = set()
    for programme in every().values():
        for rule in (*programme.earn, *programme.rewards):
            where = rule.where
            words |= {*where.categories, *where.not_categories, *where.products}
            words |= {*where.channels, *where.not_channels, *where.stores}
    assert words == TERMS
    for name in ("supermarket", "candy", "luckin", "mixue"):
        assert set(load_brand_file(name).terms) == TERMS


def test_brands_name_programmes_of_their_own_trade_and_currency() -> None:
    for name in list_brands():
        brand = load_brand_file(name)
        named = [*([brand.programme] if brand.programme else []), *brand.candidates]
        for programme in (every()[item] for item in named):
            assert programme.trade == brand.trade
            assert programme.currency == brand.currency
            assert programme.status == "replayable"
    assert load_brand_file("luckin").programme == "luckin_simulated"
    assert load_brand_file("mixue").programme == "mixue_simulated"
    assert load_brand_file("supermarket").programme is None


def test_the_invented_programmes_are_those_the_worlds_run() -> None:
    for name in ("luckin", "mixue"):
        planted = load_world(name, {}).programme
        assert planted is not None
        rule = planted.rules[-1]
        programme = every()[f"{name}_simulated"]
        assert programme.earn[0].points == rule.points_per_unit
        assert programme.rewards[0].points == rule.reward_cost
        assert programme.tiers is not None
        thresholds = [level.threshold for level in programme.tiers.levels]
        assert thresholds == [0, *(cents / 100 for cents in rule.thresholds)]
        names = [level.name.zh for level in programme.tiers.levels]
        assert names == [tier.zh for tier in planted.tiers]
