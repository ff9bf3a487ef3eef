"""A brand whose export names no buyer: what needs one says so, and the rest is answered."""

from __future__ import annotations

from typing import Any

import pytest

import loyalty_research as lr
from loyalty_research import profile
from loyalty_research.errors import ParameterError
from loyalty_research.language import translator


@pytest.fixture
def brand(shop: Any) -> Any:
    del shop.columns["customer_id"]
    shop.save()
    return lr.open_brand("shop")


def test_a_section_without_its_column_names_it_in_both_languages(brand: Any) -> None:
    result = lr.attempt(profile.rfm, brand.orders, as_of=brand.period.end)
    assert (result.name, result.charts, result.tables, result.table) == ("rfm", (), (), None)
    (finding,) = result.findings
    assert finding.status == "withheld"
    texts = [translator(language, result.context).finding(finding) for language in ("zh", "en")]
    assert all("customer_id" in text and "transactions" in text for text in texts)


def test_what_needs_no_buyer_is_answered(brand: Any) -> None:
    overview = lr.attempt(profile.overview, brand)
    assert {"data_base", "data_kept"} <= {item.id for item in overview.findings}
    assert overview.frames["balance"]["kept"].sum() == 5 + 2
    assert brand.quality.facts["orders"] == 3


def test_a_missing_table_is_named(brand: Any) -> None:
    def on_survey(given: Any, **_: Any) -> Any:
        return given.survey

    (finding,) = lr.attempt(on_survey, brand, period=brand.period).findings
    assert (finding.reason, finding.values["table"].value) == ("needs_table", "survey")
    assert finding.period == brand.period.iso


def test_other_mistakes_are_not_hidden() -> None:
    with pytest.raises(ParameterError):
        lr.attempt(profile.rfm, [1, 2], as_of="2024-03-31")
