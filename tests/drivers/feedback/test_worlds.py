"""What was planted in simulated worlds is found again, and nothing where nothing was planted."""

from __future__ import annotations

import loyalty_research as lr
from loyalty_research.drivers import feedback
from loyalty_research.results import Result
from loyalty_research.study import Brand

COMMON = "world:bakery?seed=5&customers=800&feedback.share=0.15&feedback.chinese=1.0"
LEAVING = f"{COMMON}&feedback.complaint_leave=0.6&feedback.answer_keeps=0.9"


def of(result: Result, template: str):
    return next(item for item in result.findings if item.template == template)


def opened(address: str) -> Brand:
    return lr.open_brand(address)


def test_answers_that_keep_complainers_are_told_and_others_are_not() -> None:
    for address, status in ((LEAVING, "stated"), (COMMON, "withheld")):
        brand = opened(address)
        result = feedback.complainers_stayed(brand, period=brand.period)
        assert of(result, "feedback_stayed").status == status
        if status == "stated":
            assert of(result, "feedback_stayed").low > 0.1


def test_shares_resolved_are_those_planted() -> None:
    brand = opened(COMMON)
    result = feedback.resolution_times(brand, period=brand.period)
    row = result.summary().set_index("within").loc[14]
    assert row["share_low"] - 0.03 < 0.6 < row["share_high"] + 0.03


def test_a_fix_planted_is_told_and_named_by_the_brand_file() -> None:
    fix = "{name: {zh: 加派人手, en: More staff}, after: 365, wait_factor: 0.4}"
    brand = opened(f"{COMMON}&feedback.wait_minutes=10&feedback.fix={fix}")
    (named,) = brand.file.fixes
    assert named.aspects == ("waiting",)
    result = feedback.before_after(brand, period=brand.period)
    row = result.summary().iloc[0]
    assert row["told"]
    assert row["level_high"] < 0
    assert row["others_low"] < 0 < row["others_high"]
    plain = opened(f"{COMMON}&feedback.wait_minutes=10")
    same = feedback.before_after(plain, fixes=[named], period=plain.period)
    assert of(same, "feedback_fix").reason == "no_level_change"
