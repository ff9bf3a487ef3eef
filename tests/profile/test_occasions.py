"""Occasions counted by mark equal occasions counted by day, and marks are never trusted blindly."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.engine import collect, connect, is_stored
from loyalty_research.profile.common import as_days, customer_totals, valid_orders, within
from loyalty_research.study.orders import mark_occasions

MARK = "counts_occasion"


def marked() -> tuple[ibis.Table, ibis.Table]:
    """Return stored orders with marks, several a day, and the same without."""
    frame = make_orders(80, seed=5)
    frame["ordered_at"] -= pd.to_timedelta(frame["ordered_at"].dt.day_of_year % 7, unit="D")
    plain = valid_orders(frame)
    backend = connect()
    stored = backend.create_table("orders", mark_occasions(plain).to_pyarrow())
    return stored, plain


ORDERS, PLAIN = marked()


def totals(orders: ibis.Table) -> pd.DataFrame:
    return collect(customer_totals(orders), sort_by=["customer_id"])


def test_one_order_of_each_customer_and_day_is_marked() -> None:
    rows = ORDERS.to_pandas()
    known = rows[rows["customer_id"].notna()]
    assert (known.groupby(["customer_id", "day"])[MARK].sum() == 1).all()
    assert known.groupby(["customer_id", "day"]).size().max() > 1
    assert not rows.loc[rows["customer_id"].isna(), MARK].any()
    kept = known[known[MARK]].set_index(["customer_id", "day"])["order_id"].sort_index()
    assert kept.equals(known.groupby(["customer_id", "day"])["order_id"].min().sort_index())


@pytest.mark.parametrize(
    ("narrow", "by_mark"),
    [
        (lambda t: t, True),
        (lambda t: within(valid_orders(t), as_days(("2024-02-03", "2024-09-30"))), True),
        (lambda t: t.filter(t.customer_id % 2 == 0), True),
        (lambda t: t.filter(t.store_id == 2), False),
        (lambda t: within(t.filter(t.store_id == 2), as_days(PERIOD)), False),
        (lambda t: t.filter(t.ordered_at.hour() > 12).cache(), False),
        (lambda t: ibis.memtable(t.filter(t.net_sales > 40).to_pyarrow()), False),
        (lambda t: t.filter((t.day > "2024-02-01") & (t.order_id % 3 > 0)), False),
        (lambda t: t.order_by("order_id").limit(150), False),
    ],
    ids=["all", "days", "customers", "store", "store, days", "hours", "frame", "mixed", "first"],
)
def test_whatever_is_left_out_occasions_are_days(narrow, by_mark) -> None:
    some = narrow(ORDERS)
    assert is_stored(some, "orders", narrowed_by=("day", "customer_id")) is by_mark
    rows = some.to_pandas()
    rows = rows[rows["customer_id"].notna()]
    want = rows.groupby("customer_id")["day"].nunique()
    found = totals(some).set_index("customer_id")["occasions"]
    assert found.to_dict() == want.to_dict()


def test_results_do_not_depend_on_marks() -> None:
    with_marks = profile.rfm(ORDERS, as_of=PERIOD[1])
    without = profile.rfm(PLAIN, as_of=PERIOD[1])
    for name, frame in with_marks.frames.items():
        pd.testing.assert_frame_equal(frame, without.frames[name], check_exact=True)
    assert repr(with_marks.findings) == repr(without.findings)


def test_no_predicate_of_chance_passes_for_a_whole_day() -> None:
    some = ORDERS.filter(ibis.random() < 0.5)
    assert not is_stored(some, "orders", narrowed_by=("day", "customer_id"))
