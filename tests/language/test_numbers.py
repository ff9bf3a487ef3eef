"""Numbers, money, dates and intervals: the exact strings of both languages."""

from __future__ import annotations

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_research.engine.context import Context
from loyalty_research.findings.finding import Unit
from loyalty_research.language.numbers import (
    MISSING,
    axis_scale,
    format_interval,
    format_value,
    unit_word,
)

CNY, USD = Context(currency="CNY"), Context(currency="USD")
HOUSEHOLDS = Context(currency="USD", customer_unit="household")
BARE = Context()
PRINTED = [  # value, unit, context, Chinese, English
    (0.4234, "share", BARE, "42.3%", "42.3%"),
    (0, "share", BARE, "0.0%", "0.0%"),
    (-0.0001, "share", BARE, "0.0%", "0.0%"),
    (-0.05, "share", BARE, "−5.0%", "−5.0%"),
    (1, "share", BARE, "100.0%", "100.0%"),
    (0.1, "change", BARE, "+10.0%", "+10.0%"),
    (-0.031, "change", BARE, "−3.1%", "−3.1%"),
    (0.026, "percentage_point", BARE, "2.6 个百分点", "2.6 percentage points"),
    (0.012, "point_change", BARE, "+1.2 个百分点", "+1.2 percentage points"),
    (-0.026, "percentage_point", BARE, "−2.6 个百分点", "−2.6 percentage points"),
    (29.584, "money", CNY, "29.58 元", "CN¥29.58"),
    (29.584, "money", USD, "29.58 美元", "$29.58"),
    (29.584, "money", BARE, "29.58", "29.58"),
    (1861.4, "money", CNY, "1,861 元", "CN¥1,861"),
    (12_345, "money", CNY, "1.23 万元", "CN¥12,345"),
    (345_678, "money", CNY, "34.6 万元", "CN¥345,678"),
    (34_560_000, "money", CNY, "3,456.0 万元", "CN¥34.56m"),
    (120_000_000, "money", CNY, "1.20 亿元", "CN¥120.00m"),
    (4_596_000, "money", USD, "459.6 万美元", "$4.60m"),
    (2_500_000_000, "money", USD, "25.00 亿美元", "$2.50bn"),
    (-7500, "money", USD, "−7,500 美元", "−$7,500"),
    (0, "money", USD, "0.00 美元", "$0.00"),
    (44_469, "money_change", USD, "+4.45 万美元", "+$44,469"),
    (-7500, "money_change", USD, "−7,500 美元", "−$7,500"),
    (155_370, "count", BARE, "155,370", "155,370"),
    (155_370, "orders", BARE, "155,370 单", "155,370 orders"),
    (1, "orders", BARE, "1 单", "1 order"),
    (62.93, "orders_rate", BARE, "62.9 单", "62.9 orders"),
    (7.96, "orders_rate", BARE, "8.0 单", "8.0 orders"),
    (1.04, "orders_rate", BARE, "1.0 单", "1.0 orders"),
    (494, "customers", BARE, "494 人", "494 customers"),
    (1, "customers", BARE, "1 人", "1 customer"),
    (2469, "customers", HOUSEHOLDS, "2,469 户", "2,469 households"),
    (51.6, "occasions_rate", BARE, "51.6 次", "51.6 purchase days"),
    (1, "occasions", BARE, "1 次", "1 purchase day"),
    (12, "lines", BARE, "12 行", "12 lines"),
    (6.0, "days", BARE, "6 天", "6 days"),
    (1, "days", BARE, "1 天", "1 day"),
    (10.5, "days", BARE, "10.5 天", "10.5 days"),
    (1, "months", BARE, "1 个月", "1 month"),
    (3, "months", BARE, "3 个月", "3 months"),
    (3.5, "times", BARE, "3.5 倍", "3.5 times"),
    (17, "hour", BARE, "17 时", "17:00"),
    (13.376, "number", BARE, "13.38", "13.38"),
    (0.0312, "p_value", BARE, "0.031", "0.031"),
    (0.0004, "p_value", BARE, "<0.001", "<0.001"),
    (93_100_000, "rounded", BARE, "9,310 万", "93.1 million"),
    (192_400_000, "rounded", BARE, "1.924 亿", "192.4 million"),
    (7_400_000_000, "rounded", BARE, "74 亿", "7.4 billion"),
    (270.5, "rounded", BARE, "270.5", "270.5"),
    (0.3, "rounded_share", BARE, "30%", "30%"),
    (0.353, "rounded_share", BARE, "35.3%", "35.3%"),
    (7_500, "rounded_money", CNY, "7,500 元", "CN¥7,500"),
    (-7_500, "rounded_money", USD, "−7,500 美元", "−$7,500"),
    (37_000_000_000, "rounded_money", USD, "370 亿美元", "$37 billion"),
    (24, "figures", BARE, "24 个公开数字", "24 published figures"),
    (250, "respondents", BARE, "250 名受访者", "250 respondents"),
    (240, "reviews", BARE, "240 条评论", "240 comments"),
    (14, "programmes", BARE, "14 个方案", "14 programmes"),
    ("2017-01-02", "date", BARE, "2017-01-02", "2 Jan 2017"),
    ("2017-12", "month", BARE, "2017年12月", "Dec 2017"),
    ("2017-12-31", "month", BARE, "2017年12月", "Dec 2017"),
    ("abc", "text", BARE, "abc", "abc"),
]


@pytest.mark.parametrize(("value", "unit", "context", "zh", "en"), PRINTED)
def test_printed(value, unit, context, zh, en) -> None:
    assert format_value(value, unit, "zh", context) == zh
    assert format_value(value, unit, "en", context) == en


def test_every_unit_is_in_the_table() -> None:
    assert {row[1] for row in PRINTED} == set(get_args(Unit))


@pytest.mark.parametrize("unit", get_args(Unit))
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_missing_is_a_dash(unit, value) -> None:
    assert format_value(value, unit, "zh", CNY) == MISSING == format_value(value, unit, "en", CNY)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_unknown_units_are_refused(language) -> None:
    with pytest.raises(ValueError, match="furlongs"):
        format_value(1, "furlongs", language, BARE)


@pytest.mark.parametrize(
    ("low", "high", "unit", "context", "zh", "en"),
    [
        (0.4, 0.44, "share", BARE, "（40.0%–44.0%）", " (40.0%–44.0%)"),
        (28.6, 30.57, "money", USD, "（28.60–30.57 美元）", " ($28.60–$30.57)"),
        (9000, 12_000, "money", CNY, "（9,000–1.20 万元）", " (CN¥9,000–CN¥12,000)"),
        (0.012, 0.039, "percentage_point", BARE, "（1.2–3.9）", " (1.2–3.9)"),
        (5, 7, "days", BARE, "（5–7）", " (5–7)"),
        (1, 7, "days", BARE, "（1–7）", " (1–7)"),
        (49.8, 53.4, "occasions_rate", BARE, "（49.8–53.4）", " (49.8–53.4)"),
        (-0.004, 0.043, "change", BARE, "（−0.4% 至 +4.3%）", " (−0.4% to +4.3%)"),
        (None, 7, "days", BARE, "", ""),
        (5, math.nan, "days", BARE, "", ""),
        (0.42301, 0.42302, "share", BARE, "", ""),  # narrower than what is printed
    ],
)
def test_intervals(low, high, unit, context, zh, en) -> None:
    assert format_interval(low, high, unit, "zh", context) == zh
    assert format_interval(low, high, unit, "en", context) == en


@pytest.mark.parametrize(
    ("largest", "unit", "zh", "en"),
    [
        (0.8, "share", (0.01, "%"), (0.01, "%")),
        (900, "money", (1.0, "美元"), (1.0, "$")),
        (12_000, "money", (1e4, "万美元"), (1e3, "$k")),
        (3e8, "money", (1e8, "亿美元"), (1e6, "$m")),
        (60, "days", (1.0, "天"), (1.0, "days")),
    ],
)
def test_axes(largest, unit, zh, en) -> None:
    assert axis_scale(largest, unit, "zh", USD) == zh
    assert axis_scale(largest, unit, "en", USD) == en


def test_unknown_currency_prints_its_code() -> None:
    assert unit_word("money", "zh", Context(currency="CHF")) == "CHF"
    assert format_value(5, "money", "zh", Context(currency="CHF")) == "5.00 CHF"


@given(st.floats(-1e11, 1e11))
def test_chinese_money_keeps_its_size(number) -> None:
    text = format_value(number, "money", "zh", CNY)
    size = 1e8 if "亿" in text else 1e4 if "万" in text else 1
    digits = text.split()[0].replace(",", "").replace("−", "-")
    # Two decimals of the printed unit, or whole yuan from a thousand.
    assert float(digits) * size == pytest.approx(number, rel=0.006, abs=0.0051)
    assert not text.startswith("−0.00 ")
