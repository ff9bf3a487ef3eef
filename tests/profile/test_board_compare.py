"""Against which period, how far, and whether beyond chance: slow references and made trends."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.errors import DataError, ParameterError
from loyalty_research.language import translator
from loyalty_research.profile.board_compare import SHARES
from loyalty_research.profile.board_dates import kind_of, last_months
from loyalty_research.profile.common import as_days

BEFORE = ("2023-01-01", "2023-12-31")
CLOSE = 1e-9


def year_before(orders: pd.DataFrame) -> pd.DataFrame:
    return orders.assign(
        order_id=orders["order_id"] + 1_000_000,
        ordered_at=orders["ordered_at"] - pd.Timedelta(days=366),
    )


@pytest.fixture(scope="module")
def now() -> pd.DataFrame:
    return make_orders(200, seed=3)


@pytest.fixture(scope="module")
def then() -> pd.DataFrame:
    """Return the orders of 150 customers a year before; 2 January 2023 to 31 December."""
    return year_before(make_orders(150, seed=4))


@pytest.fixture(scope="module")
def result(now, then):
    return profile.board(now, period=PERIOD, compare=BEFORE, compared_orders=then)


@pytest.mark.parametrize(
    ("period", "compare", "kind"),
    [
        (("2024-01-01", "2024-12-31"), ("2023-01-01", "2023-12-31"), "yoy"),
        (("2024-06-03", "2024-06-20"), ("2023-06-03", "2023-06-20"), "yoy"),
        (("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28"), "yoy"),
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29"), "yoy"),
        (("2024-06-01", "2024-06-30"), ("2024-05-01", "2024-05-31"), "mom"),
        (("2024-04-01", "2024-06-30"), ("2024-01-01", "2024-03-31"), "mom"),
        (("2024-06-11", "2024-06-20"), ("2024-06-01", "2024-06-10"), "mom"),
        (("2024-06-01", "2024-06-30"), ("2024-01-01", "2024-01-31"), "compared"),
        (("2024-06-11", "2024-06-20"), ("2024-06-02", "2024-06-10"), None),
        (("2024-06-01", "2024-06-30"), ("2024-04-01", "2024-05-31"), None),
        (("2024-01-01", "2024-06-30"), ("2023-01-01", "2023-12-31"), None),
    ],
)
def test_what_a_comparison_is_called(period, compare, kind) -> None:
    assert kind_of(as_days(period), as_days(compare)) == kind


@pytest.mark.parametrize(
    ("period", "pairs"),
    [
        (PERIOD, [("mom", "2024-12", "2024-11")]),
        (
            ("2023-12-01", "2024-12-31"),
            [("yoy", "2024-12", "2023-12"), ("mom", "2024-12", "2024-11")],
        ),
        (("2023-12-02", "2024-12-31"), [("mom", "2024-12", "2024-11")]),
        (("2024-01-16", "2024-04-10"), [("mom", "2024-03", "2024-02")]),
        (("2024-02-02", "2024-04-10"), []),
        (("2024-03-01", "2024-03-31"), []),
    ],
)
def test_months_inside_the_period(period, pairs) -> None:
    found = [
        (kind, f"{last.start:%Y-%m}", f"{before.start:%Y-%m}")
        for kind, last, before in last_months(as_days(period))
    ]
    assert found == pairs


def test_both_sides_are_the_boards_own_numbers(result, then) -> None:
    frame = result.frames["comparison_yoy"].set_index("indicator")
    summary = result.summary().set_index("indicator")
    other = profile.board(then, period=BEFORE).summary().set_index("indicator")
    shared = [name for name in frame.index if name in summary.index]
    assert len(shared) == 11
    assert frame.loc[shared, "now"].to_numpy() == pytest.approx(summary.loc[shared, "value"])
    assert frame.loc[shared, "then"].to_numpy() == pytest.approx(other.loc[shared, "value"])
    for name, row in frame.iterrows():
        apart = row["now"] - row["then"] if name in SHARES else row["now"] / row["then"] - 1
        assert row["change"] == pytest.approx(apart, rel=CLOSE), name
        assert row["change_unit"] == ("point_change" if name in SHARES else "change")
    assert summary.loc[shared, "change"].to_numpy() == pytest.approx(frame.loc[shared, "change"])


def test_the_other_way_round_everything_moves_back(now, then) -> None:
    """The first of January is left out: 2024 has a day more."""
    now = now[now["ordered_at"] >= "2024-01-02"]
    then = then[then["ordered_at"] >= "2023-01-01"]
    later = then.assign(ordered_at=then["ordered_at"] + pd.Timedelta(days=366))
    there, back = (
        profile.board(first, period=PERIOD, compare=BEFORE, compared_orders=second)
        .frames["comparison_yoy"]
        .set_index("indicator")
        for first, second in ((now, then), (later, year_before(now)))
    )
    shared = there.index.intersection(back.index)  # a rate near 100 % is not stated
    for name in shared:
        first, last = there.loc[name, "change"], back.loc[name, "change"]
        if name in SHARES:
            assert first == pytest.approx(-last, abs=CLOSE), name
        else:
            assert (1 + first) * (1 + last) == pytest.approx(1), name
    assert len(shared) >= 12
    assert back.loc[shared, "p_value"].to_numpy() == pytest.approx(
        there.loc[shared, "p_value"].to_numpy(), rel=1e-6, nan_ok=True
    )


def test_orders_of_both_periods_in_one_table_give_the_same(now, then, result) -> None:
    one = profile.board(pd.concat([then, now]), period=PERIOD, compare=BEFORE)
    pd.testing.assert_frame_equal(one.frames["comparison_yoy"], result.frames["comparison_yoy"])
    pd.testing.assert_frame_equal(one.summary(), result.summary())


def test_findings_carry_the_comparison_and_the_season_is_no_longer_open(result) -> None:
    found = {item.id: item for item in result.findings}
    values = found["board_order_value"].values  # noqa: PD011  a finding, no frame
    row = result.frames["comparison_yoy"].set_index("indicator").loc["order_value"]
    assert values["yoy"].value == row["change"]
    assert (values["yoy_low"].value, values["yoy_high"].value) == (row["low"], row["high"])
    assert (values["yoy_then"].value, values["yoy_then"].unit) == (row["then"], "money")
    assert values["yoy"].unit == "change"
    assert "board_season" not in found
    rate = found["board_repurchase_rate"].values  # noqa: PD011
    assert rate["yoy"].unit == "point_change"


def test_what_grew_beyond_chance_is_told_in_both_languages(result) -> None:
    """A third more customers, who buy no differently."""
    moves = [item for item in result.findings if item.template == "board_move"]
    assert [item.status for item in moves] == ["stated"] * 3
    assert {item.id.removeprefix("board_move_") for item in moves} == {
        "buyers", "active_customers", "net_sales",
    }  # fmt: skip
    frame = result.frames["comparison_yoy"].dropna(subset="p_value")
    for item in moves:
        p_value = frame.set_index("indicator").loc[item.id.removeprefix("board_move_"), "p_value"]
        assert p_value <= 0.05 / (len(frame) - 2)
        assert item.low * item.high > 0
    assert "购买顾客数同比 +33.3%" in translator("zh").finding(moves[0])
    assert "Buyers, year on year: +33.3%" in translator("en").finding(moves[0])


def test_a_year_like_the_last_is_called_no_difference() -> None:
    """The same customers at the same rates, drawn anew: simulated without a trend."""
    rng = np.random.default_rng(6)
    rate = rng.gamma(2.0, 4.0, 250)
    who = np.concatenate([np.repeat(np.arange(250), rng.poisson(rate)) for _ in range(2)])
    size = len(who)
    start = pd.Timestamp(BEFORE[0])
    orders = pd.DataFrame(
        {
            "customer_id": who,
            "ordered_at": start + pd.to_timedelta(rng.integers(0, 731, size), unit="D"),
            "net_sales": rng.lognormal(3, 0.4, size).round(2),
        }
    )
    made = profile.board(orders, period=PERIOD, compare=BEFORE)
    (move,) = [item for item in made.findings if item.template == "board_move"]
    assert (move.status, move.reason) == ("withheld", "no_difference")


def test_a_shift_of_returns_is_found_in_points() -> None:
    """Simulated: 30 % come back in the first year, 60 % in the second; others do not overlap."""
    rng = np.random.default_rng(9)
    rows = []
    for year, share in ((2023, 0.3), (2024, 0.6)):
        for who in range(400):
            days = rng.choice(360, 2 if rng.random() < share else 1, replace=False)
            first = pd.Timestamp(f"{year}-01-03")
            rows += [(year * 1000 + who, first + pd.Timedelta(days=int(d)), 9.0) for d in days]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "net_sales"])
    frame = profile.board(orders, period=PERIOD, compare=BEFORE).frames["comparison_yoy"]
    row = frame.set_index("indicator").loc["repurchase_rate"]
    assert row["low"] <= 0.3 <= row["high"]
    assert row["high"] - row["low"] == pytest.approx(
        2 * 1.96 * np.sqrt((0.3 * 0.7 + 0.6 * 0.4) / 400), rel=0.05
    )


def test_rates_that_grow_with_the_period_need_equal_lengths(now) -> None:
    """November has 30 days, December 31, October 31."""
    frames = {
        month: profile.board(
            now, period=(f"2024-{month}-01", end), compare=(f"2024-{before}-01", before_end)
        )
        for month, end, before, before_end in (
            ("12", "2024-12-31", "11", "2024-11-30"),
            ("08", "2024-08-31", "07", "2024-07-31"),
        )
    }
    grows = {"repurchase_rate", "purchase_frequency", "spend_per_customer", "orders_per_customer"}
    unlike, alike = (
        set(frames[month].frames["comparison_mom"]["indicator"]) for month in ("12", "08")
    )
    assert not grows & unlike
    assert grows <= alike
    assert {"net_sales", "buyers", "order_value"} <= unlike
    # The active window is cut to the period: 31 days are not compared with 30.
    assert "active_customers" not in unlike
    assert "active_customers" in alike


def test_a_longer_month_alone_is_no_finding() -> None:
    """Each of 60 customers buys every day: March has three days more than February."""
    days = pd.date_range("2023-02-01", "2023-03-31")
    orders = pd.DataFrame(
        {
            "customer_id": np.tile(np.arange(60), len(days)),
            "ordered_at": np.repeat(days, 60),
            "net_sales": 5.0 + np.tile(np.arange(60), len(days)) % 3,
        }
    )
    made = profile.board(orders, period=(days[0], days[-1]))
    frame = made.frames["comparison_mom_month"].set_index("indicator")
    assert frame.loc["net_sales", "change"] == pytest.approx(31 / 28 - 1)
    assert not [
        item for item in made.findings if item.template == "board_move" and item.status == "stated"
    ]


def test_months_inside_the_period_are_named_and_use_the_same_window(now) -> None:
    made = profile.board(now, period=PERIOD)
    found = {item.id: item for item in made.findings}
    values = found["board_active_customers"].values  # noqa: PD011  a finding, no frame
    assert values["mom_month_of"].value == "2024-12"
    people = now[now["customer_id"].notna()]
    active = [
        people.loc[
            people["ordered_at"].between(end - pd.Timedelta(days=89), end + pd.Timedelta(hours=23)),
            "customer_id",
        ].nunique()
        for end in (pd.Timestamp("2024-12-31"), pd.Timestamp("2024-11-30"))
    ]
    assert values["mom_month"].value == pytest.approx(active[0] / active[1] - 1)
    assert "change" not in made.summary()
    assert "comparison_yoy" not in made.frames


def test_thirteen_months_compare_the_last_with_the_same_month_a_year_before(now, then) -> None:
    both = pd.concat([then[then["ordered_at"] >= "2023-01-01"], now], ignore_index=True)
    made = profile.board(both, period=("2023-12-01", "2024-12-31"))
    frame = made.frames["comparison_yoy_month"].set_index("indicator")
    december = both["ordered_at"].dt.month == 12
    sales = both[december].groupby(both["ordered_at"].dt.year)["net_sales"].sum()
    assert frame.loc["net_sales", ["then", "now"]].tolist() == pytest.approx(sales.tolist())
    # The window of the earlier December would begin before the period.
    assert "active_customers" not in frame.index


@pytest.mark.parametrize(
    ("period", "compare", "cut", "reason"),
    [
        (PERIOD, ("2023-01-01", "2023-06-30"), None, "periods_differ"),
        (PERIOD, BEFORE, ("2022-01-01", "2022-02-01"), "compared_empty"),
        (PERIOD, BEFORE, ("2023-03-01", "2023-12-31"), "compared_incomplete"),
        (("2024-05-05", "2024-05-06"), ("2023-05-05", "2023-05-06"), None, "compared_too_small"),
    ],
)
def test_what_cannot_be_compared_says_why(now, then, period, compare, cut, reason) -> None:
    kept = then if cut is None else then[then["ordered_at"].between(*cut)]
    made = profile.board(now, period=period, compare=compare, compared_orders=kept)
    move = next(item for item in made.findings if item.id == "board_compared")
    assert (move.status, move.reason) == ("withheld", reason)
    for language in ("zh", "en"):
        assert "{" not in translator(language).finding(move)
    assert "comparison_yoy" not in made.frames
    assert "change" not in made.summary()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"compare": ("2024-01-01", "2024-06-30")}, "ends before 2024-01-01"),
        ({"compare": ("2023-12-31", "2023-01-01")}, "compare: it ends"),
        ({"compare": "2023"}, "compare: found '2023'"),
        ({"compared_orders": pd.DataFrame()}, "without compare"),
    ],
)
def test_wrong_comparisons(now, arguments, message) -> None:
    with pytest.raises(ParameterError, match=message):
        profile.board(now, period=PERIOD, **arguments)


def test_compared_orders_are_checked_for_columns(now) -> None:
    with pytest.raises(DataError, match="customer_id"):
        profile.board(
            now, period=PERIOD, compare=BEFORE, compared_orders=now.drop(columns="customer_id")
        )


def test_new_members_and_second_purchases_compare_too(now, then) -> None:
    joined = [dt.date(2023, 5, 1)] * 60 + [dt.date(2024, 1, 1)] * 90 + [dt.date(2020, 1, 1)] * 50
    members = pd.DataFrame({"customer_id": range(1, 201), "joined_on": joined})
    who = then["customer_id"].fillna(0)
    joined_later = who.between(1, 60) & (then["ordered_at"] < "2023-05-02")
    late = then[(who < 61) & ~joined_later]
    made = profile.board(
        now, period=PERIOD, compare=BEFORE, compared_orders=late, customers=members
    )
    frame = made.frames["comparison_yoy"].set_index("indicator")
    assert frame.loc["new_members", "change"] == pytest.approx(0.5)
    alone = profile.board(late, period=BEFORE, customers=members)
    rate = alone.summary().set_index("indicator").loc["second_purchase_rate"]
    assert frame.loc["second_purchase_rate", "then"] == pytest.approx(rate["value"])
    assert "net_member_growth" not in frame.index
