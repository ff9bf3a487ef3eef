"""Both catalogues say the same things, in their own words, and code asks for nothing they lack."""

from __future__ import annotations

import io
import re
from importlib.resources import files
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from competitors.choice.panels import choice_results
from competitors.choice.tills import till_results
from competitors.market.made import market_results
from competitors.position.placed import position_results
from competitors.public import public_results
from competitors.shop import comparison_results
from driver_shops import drivers_results
from programme_shop import (
    forecast_results,
    proposal_results,
    review_results,
    tiers_results,
    transition_results,
)
from programmes.points_history import accounting_results
from results.analyses import (
    SHOPS,
    calibrated_results,
    published_results,
    reconciled_brand,
    shop_results,
    supermarket_results,
    supermarket_sql,
    survey_brand,
)
from results.offer_shops import offer_results
from results.segment_shops import segment_results
from value_shops import value_results

from loyalty_research.errors import ParameterError
from loyalty_research.findings import Finding, Value
from loyalty_research.language import (
    LANGUAGES,
    Translator,
    catalogue,
    current_language,
    set_language,
    translator,
)
from loyalty_research.profile import overview
from loyalty_research.results.html import heading

ZH, EN = catalogue("zh"), dict(catalogue("en"))
# An error's English is its key; tests/test_ui.py asks for the Chinese of every one.
ERRORS = files("loyalty_research").joinpath("language", "locales", "zh", "errors.po")
EN |= {str(item.id): str(item.id) for item in read_po(io.BytesIO(ERRORS.read_bytes())) if item.id}
SPARE = {"{who}", "{Who}", "{each}", "{per}"}
"""The brand's words for its customers; Chinese and English need them in different places."""
HAN = r"[\u4e00-\u9fff]"
CAUSAL = ("导致", "带来", "提升了", "造成", "使得", "促使")
EMPTY = ("赋能", "抓手", "闭环")
CAUSAL_EN = (" cause", " led to", " leads to", " boost", " thanks to ", " increased because")


def placeholders(message: str) -> set[str]:
    return {f"{{{name}}}" for _, name, _, _ in Formatter().parse(message) if name is not None}


def test_same_keys() -> None:
    assert set(ZH) == set(EN)
    assert len(ZH) > 300


def test_same_placeholders() -> None:
    unlike = {
        key: (placeholders(ZH[key]), placeholders(EN[key]))
        for key in ZH
        if placeholders(ZH[key]) - SPARE != placeholders(EN[key]) - SPARE
    }
    assert unlike == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_empty_or_loose(language) -> None:
    for key, message in catalogue(language).items():
        assert message.strip(), key
        # Separators are punctuation with its space, the one kind that may end in one.
        assert message == message.strip() or len(message.strip()) <= 1, key


def test_chinese_punctuation_is_full_width() -> None:
    for key, message in ZH.items():
        assert not re.search(rf"{HAN}[,.;:?!()]", message), (key, message)
        assert not re.search(rf"[,.;?!]{HAN}", message), (key, message)
        assert not re.search(r"[，。；：] ", message), (key, message)


def test_english_has_no_chinese_in_it() -> None:
    for key, message in catalogue("en").items():
        assert not re.search(rf"{HAN}|[，。；：（）]", message), (key, message)


def test_no_empty_words_and_no_causal_ones() -> None:
    for key, message in ZH.items():
        assert not any(word in message for word in EMPTY), (key, message)
        if key.split(".")[0] in {"finding", "headline", "meaning", "chart", "definition"}:
            # 不能说优惠造就了… denies a cause; nothing may claim one.
            assert not any(word in message for word in CAUSAL), (key, message)
    for key, message in EN.items():
        if key.split(".")[0] in {"finding", "headline", "meaning", "chart"}:
            assert not any(word in message for word in CAUSAL_EN), (key, message)


def test_every_definition_has_a_term() -> None:
    def names(kind: str) -> set[str]:
        return {key.partition(".")[2] for key in ZH if key.startswith(f"{kind}.")}

    assert names("definition") == names("term")
    assert names("finding") <= names("subject")
    assert names("headline") <= names("finding")
    assert names("meaning") <= names("finding")


def everything() -> list:
    made = [("supermarket", result) for result in supermarket_results().values()]
    made.append(("reconciled", overview(reconciled_brand(551, 571))))
    made.append(("survey", overview(survey_brand())))
    made += list(published_results().items())
    made += list(calibrated_results().items())
    made += list(segment_results().items())
    made += list(value_results().items())
    made += [("toys", result) for result in comparison_results()]
    made += [("markets", result) for result in market_results()]
    made += [("brands", result) for result in position_results()]
    made += [("public", result) for result in public_results()]
    made += [("choices", result) for result in (*choice_results(), *till_results())]
    made += [("points", result) for result in accounting_results()]
    made += [("forty", result) for result in tiers_results()]
    made += [("responding", result) for result in forecast_results()]
    made += [("bringing", result) for result in transition_results()]
    made += [("reviewing", result) for result in review_results()]
    made += [("proposing", result) for result in proposal_results()]
    made += [(shop, result) for shop, results in offer_results().items() for result in results]
    made += [("drivers", result) for result in drivers_results()]
    for shop in SHOPS:
        made += [(shop, result) for result in shop_results(shop).values()]
    return made


def printed(result, words: Translator) -> list[str]:
    """Return every text a report prints of a result."""
    texts = []
    for item in result.findings:
        texts.append(words.finding(item))
        texts += words.text(f"subject.{item.template}"), words.text(f"definition.{item.definition}")
        if item.status == "stated" and words.has(f"headline.{item.template}"):
            texts.append(words.finding(item, prefix="headline"))
        if item.status == "stated" and words.has(f"meaning.{item.template}"):
            texts.append(words.text(f"meaning.{item.template}"))
    for chart in result.charts:
        texts += words.title(chart), words.alt(chart), words.source(chart)
        texts += [text for pair in words.definitions(chart) for text in pair]
    for view in result.tables:
        texts += words.title(view), words.source(view)
        texts += [text for pair in words.definitions(view) for text in pair]
        for column in view.columns:
            assert words.has(f"column.{column.heading or column.name}"), column
            texts.append(heading(column, words))
    return texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_is_asked_for_is_there(language) -> None:
    seen = set()
    for where, result in everything():
        words = Translator(language, result.context)
        for text in printed(result, words):
            assert text, (where, result.name)
            assert "{" not in text, (where, text)
            assert "nan" not in text.lower().split(), (where, text)
            seen.add(text)
        for item in result.findings:
            if item.status == "stated":
                assert "–" not in re.sub(r"[（(].*?[）)]|\d–\d", "", words.finding(item)), item.id
            else:
                assert words.reason(item) in words.finding(item)
                seen.add(item.reason)
    reasons = {"base_too_small", "not_computable", "period_too_short", "saturated", "one_year"}
    reasons |= {"all_identified", "none_identified", "no_quantity", "no_store", "no_discount"}
    reasons |= {"no_time_of_day", "first_purchase_not_observed", "rhythm_not_identified"}
    reasons |= {"no_excess", "no_products", "no_difference", "few_stores", "no_customers_table"}
    reasons |= {"no_staff", "no_channel", "no_stored_value", "one_snapshot", "no_recharges"}
    assert reasons <= seen  # the made shops reach every reason


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_of_every_table_cell_are_words(language) -> None:
    for where, result in everything():
        words = Translator(language, result.context)
        for view in result.tables:
            frame = result.frames[view.frame]
            for column in view.columns:
                if column.unit.startswith("label:"):
                    domain = column.unit.removeprefix("label:")
                    for code in frame[column.name].dropna():
                        parts = str(code).split("+") if domain == "traits" else [code]
                        known = all(words.has(f"label.{domain}.{part}") for part in parts)
                        known |= code == ""
                        known |= domain == "product"  # a brand's own names
                        assert known, (where, view.key, domain, code)


def test_names_of_the_sample_are_chinese_in_chinese() -> None:
    """Categories, attributes and their levels: the source's Latin names stay in the source."""
    words = Translator("zh", supermarket_results()["preferences"].context)
    named = {
        ("category", name) for name in supermarket_results()["preferences"].summary()["category"]
    }
    people = supermarket_results()["people"].summary()
    named |= {("attribute", name) for name in people["attribute"]}
    named |= {("level", name) for name in people["level"] if re.search("[A-Za-z]", name)}
    assert len(named) > 40
    for domain, name in named:
        text = words.value(name, f"label:{domain}")
        assert re.search(HAN, text), (domain, name)
        assert not re.search("[A-Za-z]", text), (domain, name, text)
    departments = supermarket_sql().execute("select distinct department from goods").fetchall()
    for (name,) in departments:
        if name is not None:
            assert re.search(HAN, words.value(name, "label:category")), name
    every = {key: text for key, text in ZH.items() if key.startswith("label.category.")}
    assert not [text for text in every.values() if re.search("[A-Za-z]", text)]


def test_every_sentence_of_the_profile_is_used() -> None:
    used = {item.template for _, result in everything() for item in result.findings}
    known = {key.removeprefix("finding.") for key in ZH if key.startswith("finding.")}
    assert known - used == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_placeholder_or_key_is_an_error(language) -> None:
    words = translator(language)
    with pytest.raises(KeyError):
        words.text("finding.concentration_top20")
    with pytest.raises(KeyError):
        words.text("finding.no_such")


@pytest.mark.parametrize(("language", "text"), [("zh", "样本仅 4 人"), ("en", "only 4 customers")])
def test_a_withheld_finding_says_why(language, text) -> None:
    item = Finding(
        id="cycle_median",
        template="cycle_median",
        chapter="profile",
        section="retention",
        subject="cycle",
        estimate=None,
        unit="days",
        base=4,
        base_unit="customers",
        definition="repurchase_cycle",
        period=("2024-01-01", "2024-12-31"),
        method="none",
        status="withheld",
        reason="base_too_small",
    )
    assert text in translator(language).finding(item)


def test_language_in_use(monkeypatch) -> None:
    monkeypatch.delenv("LOYALTY_LANGUAGE", raising=False)
    assert current_language() == "en"
    monkeypatch.setenv("LOYALTY_LANGUAGE", "en")
    set_language("zh")
    assert translator().language == "zh"
    assert translator("en").text("period", first="a", last="b") == "a to b"
    with pytest.raises(ParameterError, match="zh, en"):
        set_language("de")
    monkeypatch.setenv("LOYALTY_LANGUAGE", "fr")
    with pytest.raises(ParameterError, match="'fr'"):
        current_language()


def test_customers_are_called_what_the_brand_calls_them() -> None:
    from loyalty_research.engine import Context

    persons = Context(audience_word="会员")
    homes = Context(audience_word="客户", customer_unit="household")
    assert Translator("zh", persons).text("column.customers").startswith("会员")
    assert Translator("zh", homes).text("term.spend_per_customer") == "户均消费"
    assert Translator("en", homes).text("column.customers") == "Households"
    assert Translator("en", persons).value(Value(2).value, "customers") == "2 customers"
