"""Programme cards: every rule told in both languages, with its source, and shown as it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from programmes.files import ROOT, load, small

from loyalty_research.errors import ParameterError
from loyalty_research.findings import TableView
from loyalty_research.language import translator
from loyalty_research.programmes.card import card, cards
from loyalty_research.programmes.load import list_programmes, load_programme
from loyalty_research.programmes.mechanics import mechanics
from loyalty_research.results.html import cell_texts, heading, result_html

HAN = re.compile(r"[\u4e00-\u9fff]")
NAMES = list_programmes(ROOT)


def told(data: dict[str, Any], home: Path, rule: str) -> tuple[str, str]:
    """Return the sentences of a rule of a small programme."""
    frame = mechanics(load(data, home))
    row = frame[frame["rule"] == rule].iloc[0]
    return row["text_zh"], row["text_en"]


def cells(view: TableView, frame: Any, language: str) -> list[list[str]]:
    words = translator(language)
    rows = frame.to_dict("records")
    return [[cell_texts(column, row, words)[0] for column in view.columns] for row in rows]


def test_a_rule_of_earning_is_told_with_all_its_conditions(tmp_path: Path) -> None:
    data = small()
    data["partners"] = {"bank": {"name": "Bank"}}
    data["earn"].append(
        {
            "id": "much",
            "name": "Much",
            "wallets": ["coins"],
            "every": 12.5,
            "points": 1.25,
            "whole": True,
            "by_tier": {"gold": 2},
            "minimum": 20,
            "cap_per_order": 30,
            "cap": {"points": 1500, "per": "month"},
            "pending_days": 3,
            "partner": "bank",
            "where": {
                "categories": ["drink", "Cake"],
                "not_channels": ["delivery"],
                "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "days_of_month": [1, 15],
                "hours": ["07:00", "11:00"],
                "tiers": ["silver", "gold"],
            },
        }
    )
    chinese, english = told(data, tmp_path, "much")
    assert chinese == (
        "Much：每 12.50 元，Coins +1.25（Gold +2）；每单不足 12.50 元的部分不计；每单满 20 元；"
        "每单最多 30；每月最多 1,500；3 天后可用；仅限Bank；仅限饮品、Cake；外送除外；"
        "仅限周一至周五；每月 1、15 日；07:00–11:00；仅限Silver、Gold"
    )
    assert english == (
        "Much: Coins +1.25 for every CN¥12.50 (Gold +2); parts of CN¥12.50 do not count; "
        "from CN¥20 an order; at most 30 an order; at most 1,500 per month; usable after 3 days; "
        "Bank only; drinks, Cake only; except delivery; Mondays to Fridays only; "
        "on day 1, 15 of the month; 07:00–11:00; Silver, Gold only"
    )


@pytest.mark.parametrize(
    ("change", "chinese", "english"),
    [
        ({"on": "join"}, "入会时，Points +5", "Points +5 on joining"),
        ({"on": "event", "event": "refer", "per": "order"}, "每次推荐好友", "for a referral"),
        (
            {"on": "event", "event": "check_in", "per": "order", "streak": 7},
            "连续 7 天才得",
            "after 7 days in a row",
        ),
        ({"per": "visit"}, "每天首单，Points +5", "Points +5 with the first order of a day"),
        ({"per": "item", "every": 2}, "每 2 件商品，Points +5", "Points +5 for every 2 items"),
    ],
)
def test_occasions(tmp_path: Path, change: dict[str, Any], chinese: str, english: str) -> None:
    data = small()
    data["earn"].append({"id": "more", "name": "More", "wallets": ["points"], "points": 5} | change)
    zh, en = told(data, tmp_path, "more")
    assert chinese in zh
    assert english in en


@pytest.mark.parametrize(
    ("expiry", "english"),
    [
        ({"rule": "never"}, "Points: never expire"),
        ({"rule": "fixed", "days": 0}, "Points: last for the day of earning only"),
        ({"rule": "fixed", "months": 6}, "Points: expire 6 months after earning"),
        ({"rule": "end_of_year"}, "Points: expire at the end of the year of earning"),
        (
            {"rule": "end_of_month", "months": 12},
            "Points: expire at the end of the month that lies 12 months after earning",
        ),
        (
            {"rule": "inactivity", "days": 90, "never_for": ["gold"]},
            "Points: all expire after 90 days without an order or redemption; never for Gold",
        ),
    ],
)
def test_expiry(tmp_path: Path, expiry: dict[str, Any], english: str) -> None:
    data = small()
    data["wallets"]["points"]["expiry"] = expiry
    frame = mechanics(load(data, tmp_path))
    assert frame[frame["part"] == "expiry"]["text_en"].iloc[0] == english


def test_what_is_not_published_is_not_told_as_a_rule() -> None:
    frame = mechanics([load_programme(name, ROOT) for name in ("costa_uk", "mixue_cn")])
    living = frame[frame["part"] == "expiry"]["text_en"].tolist()
    assert living[0] == "Beans: not known; taken as never expiring"
    assert living[1:] == ["Coins: not known", "Growth value: not known"]


def test_a_programme_from_the_file_to_the_sentence() -> None:
    frame = mechanics(load_programme("starbucks_us_2026", ROOT)).set_index("rule")
    assert (
        frame.loc["off_60", "text_zh"] == "任意商品立减 2 美元：60 星星；面值 2 美元；每单限 1 次"
    )
    assert frame.loc["off_60", "assumed_en"] == "Once an order is assumed"
    assert frame.loc["handcrafted_200", "text_en"].endswith("200 Stars; worth $10 at most")
    assert frame.loc["handcrafted_200", ["source", "grade"]].tolist() == ["SBNEW2, SBcap", "B"]
    assert frame.loc["birthday", "topic"] == "birthday"
    fees = mechanics(load_programme("costco_executive", ROOT)).set_index("rule")
    assert fees.loc["executive", "topic"] == "paid"
    assert fees.loc["executive", "text_zh"] == "行政会员：会费 130 美元（12 个月）"


@pytest.mark.parametrize("name", NAMES)
def test_every_programme_is_told_in_both_languages(name: str) -> None:
    programme = load_programme(name, ROOT)
    frame = mechanics(programme)
    assert not frame["text_en"].str.contains(HAN).any()
    assert not frame["text_zh"].str.contains(r"\{|\}|rule\.|label\.").any()
    told = frame[~frame["unknown"]]
    assert set(programme.sources) == {
        source for text in told["source"].dropna() for source in text.split(", ")
    } | {source for level in _fees(programme) for source in level.fee.source}
    for text in told["text_zh"]:
        assert HAN.search(text), text


def _fees(programme: Any) -> list[Any]:
    levels = programme.tiers.levels if programme.tiers else ()
    return [level for level in levels if level.fee]


def test_a_card_shows_rules_sources_and_unknowns() -> None:
    programme = load_programme("starbucks_us_2026", ROOT)
    result = card(programme, chapter="competitors", section="competitor_rules")
    assert (result.name, result.chapter) == ("programme_card", "competitors")
    assert result.context.evidence == "published"
    views = {view.name: view for view in result.tables}
    assert list(views) == [
        "summary",
        "rules_starbucks_us_2026",
        "reach_starbucks_us_2026",
        "complexity",
        "unknown",
        "sources",
    ]
    rules = views["rules_starbucks_us_2026"]
    words = translator("en", result.context)
    assert [heading(column, words) for column in rules.columns] == [
        "Part",
        "Rule",
        "Assumed for the replay",
        "Grade",
        "Date of source",
        "No. of source",
    ]
    shown = cells(rules, result.frames[rules.frame], "en")
    (customisation,) = [row for row in shown if row[1].startswith("Drink customisation")]
    assert customisation[0] == "Rewards"
    assert customisation[3] == "B, C"  # the price from the press, the highest value second hand
    numbers = {row[0]: row[1] for row in cells(views["sources"], result.frames["sources"], "en")}
    titles = [numbers[number] for number in customisation[5].split(", ")]
    assert titles == [programme.sources[name].title for name in ("SBNEW2", "SBcap")]
    assert len(result.frames["unknown"]) == len(programme.unknown)


def test_what_rewards_take_is_told_in_the_programmes_own_currency() -> None:
    result = card(load_programme("lindt_uk", ROOT), chapter="competitors")
    (row,) = result.frames["reach_lindt_uk"].to_dict("records")
    assert row["takes_zh"] == "消费 50 英镑；每年至多计消费 150 英镑"
    assert row["takes_en"] == "£50 spent; up to £150 spent per year"
    assert (row["rate"], row["rate_is"]) == (0.1, "exact")
    costco = card(load_programme("costco_executive", ROOT), chapter="x").frames
    fee = costco["reach_costco_executive"].iloc[-1]
    assert fee["what_zh"] == "行政会员：多付的会费回本"
    assert fee["takes_en"] == "$3,250 spent within 12 months"


def test_several_cards_share_their_sources_and_own_designs_need_none() -> None:
    both = [load_programme(name, ROOT) for name in ("luckin_simulated", "coffee_tiers_example")]
    result = cards(both, chapter="tiers")
    assert result.context.evidence == "assumed"
    assert "sources" not in {view.name for view in result.tables}
    rules = next(view for view in result.tables if view.name == "rules_luckin_simulated")
    assert [column.name for column in rules.columns][:2] == ["part", "text_{language}"]
    assert "grades" not in {column.name for column in rules.columns}
    family = [load_programme(f"starbucks_us_{year}", ROOT) for year in (2019, 2023, 2026)]
    numbers = cards(family, chapter="competitors").frames["sources"]["number"].tolist()
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_cards_are_shown(language: str) -> None:
    result = cards([load_programme(name, ROOT) for name in NAMES], chapter="competitors")
    page = result_html(result, language)
    for view in result.tables:
        for column in view.columns:
            assert translator(language).has(f"column.{column.heading}"), column.heading
    assert page.count("<table>") == len(result.tables)
    assert not re.search(r"label\.|column\.|table\.programmes", page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_of_a_cell_is_known(language: str) -> None:
    result = cards([load_programme(name, ROOT) for name in NAMES], chapter="competitors")
    words = translator(language)
    for view in result.tables:
        for column in view.columns:
            if column.unit.startswith("label:"):
                domain = column.unit.removeprefix("label:")
                for code in result.frames[view.frame][column.name].dropna().unique():
                    assert words.has(f"label.{domain}.{code}"), (domain, code)


def test_every_word_of_the_shipped_rules_is_known() -> None:
    words = translator("zh")
    for name in NAMES:
        programme = load_programme(name, ROOT)
        levels = programme.tiers.levels if programme.tiers else ()
        events = {rule.event for rule in programme.earn if rule.event}
        events |= {event for level in levels for event in level.granted_by}
        terms = {
            term
            for rule in (*programme.earn, *programme.rewards)
            for field in ("categories", "not_categories", "channels", "not_channels")
            for term in getattr(rule.where, field)
        }
        assert all(words.has(f"label.rule_event.{event}") for event in events), events
        assert all(words.has(f"label.rule_term.{term}") for term in terms), terms


def test_a_design_without_any_date_prints_none(tmp_path: Path) -> None:
    programme = load(small(), tmp_path)
    view = card(programme, chapter="tiers").tables[0]
    assert translator("en").source(view).endswith("period: –")
    days = ("2025-01-01", "2025-12-31")
    assert card(programme, chapter="tiers", period=days).tables[0].period == days


def test_no_card_without_a_programme() -> None:
    with pytest.raises(ParameterError, match="found no programme"):
        cards([], chapter="tiers")
