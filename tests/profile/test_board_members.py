"""Who joined and who left; joined alone is no growth."""

from __future__ import annotations

import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.errors import DataError
from loyalty_research.language import translator


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(60)


def members(*, cancelled: bool = False) -> pd.DataFrame:
    """Return 50 members: 12 joined before, 20 on the first day, 8 on the last, 6 after, 4 unknown.

    Of them cancelled: 3 before the period, 5 inside it, 2 after.
    """
    days = [pd.Timestamp(day) for day in ("2023-12-31", *PERIOD, "2025-01-01")]
    joined = [days[0]] * 12 + [days[1]] * 20 + [days[2]] * 8 + [days[3]] * 6 + [pd.NaT] * 4
    frame = pd.DataFrame({"customer_id": range(1, 51), "joined_on": joined})
    left = [days[0]] * 3 + [days[1]] * 2 + [days[2]] * 3 + [days[3]] * 2 + [pd.NaT] * 40
    return frame.assign(cancelled_on=left) if cancelled else frame


def findings(orders, customers) -> dict:
    result = profile.board(orders, period=PERIOD, customers=customers)
    return {item.id.removeprefix("board_"): item for item in result.findings}


def test_without_cancellations_joined_is_not_called_growth(orders) -> None:
    found = findings(orders, members())
    new, net = found["new_members"], found["net_member_growth"]
    assert (new.estimate, new.base) == (28, 46)
    assert (net.status, net.reason, net.estimate) == ("withheld", "cancellations_unknown", None)
    assert "入会 28 人，退会人数未知" in translator("zh").finding(net)
    assert "28 customers joined in the period, but cancellations are unknown" in translator(
        "en"
    ).finding(net)


def test_with_cancellations_the_net_is_stated(orders) -> None:
    net = findings(orders, members(cancelled=True))["net_member_growth"]
    assert (net.status, net.estimate) == ("stated", 28 - 5)
    text = translator("zh").finding(net)
    assert all(part in text for part in ("净增 23 人", "入会 28 人", "退会 5 人"))


def test_more_left_than_joined(orders) -> None:
    shrunk = members(cancelled=True).assign(joined_on=pd.Timestamp("2020-01-01"))
    net = findings(orders, shrunk)["net_member_growth"]
    assert net.estimate == -5
    assert "−5" in translator("en").finding(net)


@pytest.mark.parametrize("customers", [None, pd.DataFrame({"customer_id": [1], "tier": ["a"]})])
def test_without_join_dates_it_says_what_would_tell(orders, customers) -> None:
    found = findings(orders, customers)
    assert "new_members" not in found
    net = found["net_member_growth"]
    assert (net.status, net.reason) == ("withheld", "no_join_date")
    assert "joined_on" in translator("zh").finding(net)


def test_days_and_time_stamps_count_alike(orders) -> None:
    stamps = members(cancelled=True)
    names = ["joined_on", "cancelled_on"]
    days = stamps.assign(**{name: stamps[name].dt.date.replace({pd.NaT: None}) for name in names})
    late = stamps.assign(joined_on=stamps["joined_on"] + pd.Timedelta(hours=23))
    wanted = findings(orders, stamps)
    for other in (days, late):
        found = findings(orders, other)
        assert found["new_members"] == wanted["new_members"]
        assert found["net_member_growth"] == wanted["net_member_growth"]


def test_wrong_tables_are_refused(orders) -> None:
    text = members(cancelled=True).astype({"joined_on": str, "cancelled_on": str})
    with pytest.raises(DataError) as caught:
        profile.board(orders, period=PERIOD, customers=text)
    assert len(caught.value.problems) == 2
    assert "cancelled_on" in str(caught.value.problems[1])
    with pytest.raises(DataError, match="customer_id"):
        profile.board(orders, period=PERIOD, customers=pd.DataFrame({"joined_on": []}))
