"""What the numbers of the first page are compared with, in both languages."""

from __future__ import annotations

import pytest

from loyalty_research.findings import Finding, Value
from loyalty_research.language import Translator
from loyalty_research.report.front import _changes


def number(**values: Value) -> Finding:
    return Finding(
        id="board_order_value",
        template="board_order_value",
        chapter="profile",
        section="board",
        subject="order_value",
        estimate=40.0,
        unit="money",
        base=100,
        base_unit="orders",
        definition="order_value",
        period=("2024-01-01", "2024-12-31"),
        method="linearised_ratio",
        values=values,
    )


def compared(kind: str, unit: str, *, month: bool = False) -> dict[str, Value]:
    found = {kind: Value(0.031, unit), f"{kind}_then": Value(38.8, "money")}
    found |= {f"{kind}_low": Value(-0.004, unit), f"{kind}_high": Value(0.066, unit)}
    return found | ({f"{kind}_of": Value("2024-12", "month")} if month else {})


@pytest.mark.parametrize(
    ("kind", "unit", "zh", "en"),
    [
        ("yoy", "change", "同比 +3.1%（−0.4% 至 +6.6%）", "Year on year +3.1% (−0.4% to +6.6%)"),
        (
            "mom",
            "point_change",
            "环比 +3.1 个百分点（−0.4 至 +6.6）",
            "Period on period +3.1 percentage points (−0.4 to +6.6)",
        ),
        (
            "mom_month",
            "change",
            "2024年12月环比 +3.1%（−0.4% 至 +6.6%）",
            "Dec 2024, on the month before: +3.1% (−0.4% to +6.6%)",
        ),
    ],
)
def test_a_change_is_named_and_signed(kind, unit, zh, en) -> None:
    finding = number(**compared(kind, unit, month=kind.endswith("month")))
    assert list(_changes(finding, Translator("zh"))) == [zh]
    assert list(_changes(finding, Translator("en"))) == [en]


def test_without_bounds_the_change_stands_alone_and_without_a_change_nothing_does() -> None:
    words = Translator("zh")
    assert list(_changes(number(yoy=Value(-0.02, "change")), words)) == ["同比 −2.0%"]
    assert list(_changes(number(days=Value(90, "days")), words)) == []


def test_two_comparisons_stand_in_a_fixed_order() -> None:
    both = compared("mom_month", "change", month=True) | compared("yoy_month", "change", month=True)
    texts = list(_changes(number(**both), Translator("zh")))
    assert [text.partition(" ")[0] for text in texts] == ["2024年12月同比", "2024年12月环比"]
