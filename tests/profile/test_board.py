"""The board against slow, obvious references in pandas, formulas as in the glossary."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.stats import proportion, ratio

CLOSE = 1e-9
CENTS = 1e-6


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(80, seed=5)


@pytest.fixture(scope="module")
def result(orders):
    return profile.board(orders, period=PERIOD)


@pytest.fixture(scope="module")
def indicators(result) -> pd.DataFrame:
    return result.summary().set_index("indicator")


def known(orders: pd.DataFrame) -> pd.DataFrame:
    rows = orders[orders["customer_id"].notna()]
    return rows.assign(
        day=rows["ordered_at"].dt.normalize(), customer_id=rows["customer_id"].astype(int)
    )


def expected(orders: pd.DataFrame) -> dict[str, float]:
    """Return every indicator, one customer after the other."""
    rows = known(orders)
    people = dict(list(rows.groupby("customer_id")))
    days = {who: part["day"].nunique() for who, part in people.items()}
    countable = orders[orders["units"] > 0]
    start = pd.Timestamp(PERIOD[1]) - pd.Timedelta(days=89)
    before, eve = start - pd.Timedelta(days=90), start - pd.Timedelta(days=1)
    early = {who for who, part in people.items() if part["day"].between(before, eve).any()}
    late = {who for who, part in people.items() if (part["day"] >= start).any()}
    return {
        "identified_share": len(rows) / len(orders),
        "member_share_of_sales": rows["net_sales"].sum() / orders["net_sales"].sum(),
        "active_customers": len(late),
        "repurchase_rate": sum(count >= 2 for count in days.values()) / len(people),
        "repeat_retention": len(early & late) / len(early),
        "purchase_frequency": sum(days.values()) / len(people),
        "order_value": orders["net_sales"].sum() / len(orders),
        "spend_per_customer": rows["net_sales"].sum() / len(people),
        "orders_per_customer": len(rows) / len(people),
        "units_per_order": countable["units"].sum() / len(countable),
        "unit_price": countable["unit_sales"].sum() / countable["units"].sum(),
    }


def test_every_indicator(orders, indicators) -> None:
    want = expected(orders)
    stated = indicators[indicators["status"] == "stated"]
    assert stated["value"].to_dict() == pytest.approx(want, rel=CLOSE)
    unknown = indicators.drop(stated.index)["reason"].to_dict()
    assert unknown == {
        "second_purchase_rate": "first_purchase_not_observed",
        "net_member_growth": "no_join_date",
    }


def test_intervals_take_the_customer_as_the_sampled_unit(orders, indicators) -> None:
    people = (
        known(orders)
        .groupby("customer_id")
        .agg(sales=("net_sales", "sum"), orders=("net_sales", "size"), days=("day", "nunique"))
    )
    ones = np.ones(len(people))
    wanted = {
        "spend_per_customer": ratio(people["sales"], ones),
        "orders_per_customer": ratio(people["orders"], ones),
        "purchase_frequency": ratio(people["days"], ones),
        "repurchase_rate": proportion(int((people["days"] >= 2).sum()), len(people)),
    }
    # An order without a customer is a unit of its own.
    loose = orders.loc[orders["customer_id"].isna(), "net_sales"].to_numpy()
    wanted["order_value"] = ratio(
        np.concatenate([people["sales"], loose]),
        np.concatenate([people["orders"], np.ones(len(loose))]),
    )
    for name, item in wanted.items():
        found = indicators.loc[name, ["low", "high"]].tolist()
        assert found == pytest.approx([item.low, item.high], rel=1e-7), name


def test_months(orders, result) -> None:
    rows = known(orders).assign(month=lambda x: x["day"].dt.strftime("%Y-%m"))
    month = orders["ordered_at"].dt.strftime("%Y-%m")
    buyers = rows.groupby("month")["customer_id"].agg(set)
    names = [f"2024-{number:02d}" for number in range(1, 13)]
    found = result.frames["months"].set_index("month")
    assert list(found.index) == names
    assert found["days"].tolist() == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    for index, name in enumerate(names):
        row = found.loc[name]
        part = orders[month == name]
        assert row["orders"] == len(part)
        assert row["net_sales"] == pytest.approx(part["net_sales"].sum(), abs=CENTS)
        assert row["sales_per_day"] == pytest.approx(part["net_sales"].sum() / row["days"])
        assert row["order_value"] == pytest.approx(part["net_sales"].mean())
        assert row["buyers"] == len(buyers[name])
        assert row["orders_per_customer"] == pytest.approx(
            (rows["month"] == name).sum() / len(buyers[name])
        )
        if index:
            last = buyers[names[index - 1]]
            assert row["repeat_retention"] == pytest.approx(len(last & buyers[name]) / len(last))
    assert np.isnan(found["repeat_retention"].iloc[0])


def test_parts_of_each_step_add_up_to_the_change(result) -> None:
    months, steps = result.frames["months"], result.frames["decomposition"]
    assert steps["month"].tolist() == months["month"].tolist()[1:]
    parts = steps.filter(like="part_").sum(axis=1)
    assert parts.to_numpy() == pytest.approx(months["net_sales"].diff()[1:].to_numpy(), abs=CENTS)
    loose = (months["net_sales"] - months["identified_sales"]).diff()[1:]
    assert steps["part_unidentified"].to_numpy() == pytest.approx(loose.to_numpy(), abs=CENTS)


def test_change_between_the_halves(orders, result) -> None:
    rows = known(orders)
    first = rows.loc[rows["day"] <= "2024-07-01", "net_sales"].sum()
    last = rows.loc[rows["day"] >= "2024-07-02", "net_sales"].sum()
    finding = next(item for item in result.findings if item.id == "board_sales_change")
    assert finding.estimate == pytest.approx(last / first - 1)
    printed = finding.values  # noqa: PD011  a finding, no frame
    values = {name: item.value for name, item in printed.items()}
    assert values["change"] == pytest.approx(last - first, abs=CENTS)
    parts = sum(values[name] for name in ("buyers", "orders", "value"))
    assert parts == pytest.approx(last - first, abs=CENTS)
    assert (values["first_end"], values["last_start"]) == ("2024-07-01", "2024-07-02")


def test_an_odd_day_in_the_middle_belongs_to_no_half(orders) -> None:
    halves = profile.board(orders, period=("2024-01-01", "2024-03-31")).frames["halves"]
    assert halves["end"].tolist() == ["2024-02-14", "2024-03-31"]
    assert halves["start"].tolist() == ["2024-01-01", "2024-02-16"]


def test_months_cut_short_count_their_own_days_and_are_not_compared(orders) -> None:
    frames = profile.board(orders, period=("2024-01-16", "2024-05-10")).frames
    months = frames["months"].set_index("month")
    assert months["days"].tolist() == [16, 29, 31, 30, 10]
    assert months.loc["2024-01", "sales_per_day"] == pytest.approx(
        months.loc["2024-01", "net_sales"] / 16
    )
    assert frames["decomposition"]["month"].tolist() == ["2024-03", "2024-04"]


def test_a_month_without_orders_leaves_a_gap_not_a_step(orders) -> None:
    open_months = orders[orders["ordered_at"].dt.month != 3]
    frames = profile.board(open_months, period=PERIOD).frames
    assert "2024-03" not in set(frames["months"]["month"])
    assert "2024-04" not in set(frames["decomposition"]["month"])
    april = frames["months"].set_index("month").loc["2024-04"]
    assert np.isnan(april["repeat_retention"])


@pytest.mark.parametrize(("window", "stated"), [(60, True), (90, True), (183, True), (184, False)])
def test_repeat_retention_needs_two_windows(orders, window, stated) -> None:
    made = profile.board(orders, period=PERIOD, active_days=window).summary()
    row = made.set_index("indicator").loc["repeat_retention"]
    assert (row["status"] == "stated") == stated
    assert row["reason"] == ("" if stated else "period_too_short")


@pytest.mark.parametrize("count", [1, 7, 30, 90])
def test_active_window_ends_with_the_period(count) -> None:
    days = pd.date_range("2024-01-01", "2024-12-31")
    orders = pd.DataFrame({"customer_id": range(len(days)), "ordered_at": days, "net_sales": 1.0})
    made = profile.board(orders, period=PERIOD, active_days=count).summary()
    assert made.set_index("indicator").loc["active_customers", "value"] == count


def test_a_saturated_rate_is_printed_but_not_stated() -> None:
    days = pd.to_datetime(["2024-02-01", "2024-05-01"] * 40)
    orders = pd.DataFrame(
        {"customer_id": np.repeat(range(40), 2), "ordered_at": days, "net_sales": 3.0}
    )
    many = profile.board(orders, period=PERIOD).summary().set_index("indicator")
    row = many.loc["repurchase_rate"]
    assert (row["status"], row["reason"], row["value"]) == ("withheld", "saturated", 1.0)
    few = profile.board(orders.head(20), period=PERIOD).summary().set_index("indicator")
    assert few.loc["repurchase_rate", "reason"] == "base_too_small"
    assert np.isnan(few.loc["repurchase_rate", "value"])


def test_unidentified_orders_change_only_what_they_should(orders) -> None:
    plain = orders[orders["customer_id"].notna()]
    extra = plain.head(40).assign(customer_id=pd.NA, net_sales=500.0)
    before, after = (
        profile.board(rows, period=PERIOD).summary().set_index("indicator")
        for rows in (plain, pd.concat([plain, extra]))
    )
    same = [
        "active_customers",
        "repurchase_rate",
        "repeat_retention",
        "purchase_frequency",
        "spend_per_customer",
        "orders_per_customer",
    ]
    pd.testing.assert_frame_equal(before.loc[same], after.loc[same])
    assert after.loc["order_value", "value"] > before.loc["order_value", "value"]
    assert after.loc["identified_share", "value"] == len(plain) / (len(plain) + 40)
    assert before.loc["member_share_of_sales", "reason"] == "all_identified"
    assert after.loc["member_share_of_sales", "status"] == "stated"
