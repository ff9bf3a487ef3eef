"""How far net sales are from the client's own totals."""

from __future__ import annotations

import pytest
from results.analyses import reconciled_brand

from loyalty_research.language import translator
from loyalty_research.profile import overview


def test_what_is_left_is_stated_after_the_parts_the_client_counts() -> None:
    # gross of refunds, and 11 in each month that nothing accounts for
    result = overview(reconciled_brand(551, 571))
    found = next(item for item in result.findings if item.id == "data_reconciliation")
    assert found.status == "stated"
    assert found.estimate == pytest.approx(22 / 1122)
    assert found.values["widest"].value == pytest.approx(11 / 551)
    total = result.frames["reconciliation"].set_index("month").loc["total"]
    assert (total["refunds"], total["freight"], total["remainder"]) == (-100, 0, -22)
    for language in ("zh", "en"):
        words = translator(language, result.context)
        assert "2.0%" in words.finding(found)
        assert any(words.title(view) for view in result.tables if view.name == "reconciliation")


def test_nothing_is_said_where_the_client_gives_no_total() -> None:
    result = overview(reconciled_brand())
    assert "data_reconciliation" not in {item.id for item in result.findings}
    assert "reconciliation" not in {view.name for view in result.tables}
