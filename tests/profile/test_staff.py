"""Staff: the same estimates as stores, nobody named, nobody ranked who cannot be told apart."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.engine import Context, attach_context, connect


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    made = make_orders(250, seed=71, unidentified=60)
    staff = np.array(["G07", "G03", "G11", "G01"])[made["staff_id"].to_numpy() - 1]
    return made.assign(staff_id=pd.Series(staff).mask(made.index % 31 == 0))


def of_brand(orders: pd.DataFrame, **context: object) -> ibis.Table:
    backend = connect()
    table = backend.create_table("orders", pa.Table.from_pandas(orders, preserve_index=False))
    attach_context(backend, Context(**context))
    return table


def test_as_stores(orders) -> None:
    made = profile.staff(of_brand(orders, public=True), period=PERIOD)
    as_stores = orders.drop(columns="store_id").rename(columns={"staff_id": "store_id"})
    want = profile.stores(as_stores, period=PERIOD)
    found = made.frames["staff"].set_index("staff").sort_index()
    other = want.frames["stores"].set_index("store_id")
    assert found.index.tolist() == other.index.tolist()
    for name in ("net_sales", "buyers", "identified_share", "shrunk", "low", "high", "group"):
        assert found[name].tolist() == other[name].tolist(), name
    assert made.findings[0].estimate == want.findings[0].estimate
    assert made.findings[0].base == want.findings[0].base
    covered = orders.loc[orders["staff_id"].notna(), "net_sales"].sum() / orders["net_sales"].sum()
    assert made.findings[0].values["covered"].value == pytest.approx(covered)  # noqa: PD011


def test_staff_of_a_client_are_numbered_and_have_no_mark(orders) -> None:
    made = profile.staff(of_brand(orders, public=False), period=PERIOD)
    frame = made.frames["staff"]
    assert frame["staff"].tolist() == ["1", "2", "3", "4"]
    assert frame["net_sales"].is_monotonic_decreasing
    assert made.charts == ()
    for table in made.frames.values():
        assert "staff_id" not in table.columns
        assert not table.astype(str).isin(set(orders["staff_id"].dropna())).any(axis=None)


def test_at_most_thirty_are_listed() -> None:
    who = np.arange(40 * 35)
    orders = pd.DataFrame(
        {
            "customer_id": who,
            "ordered_at": pd.Timestamp("2024-03-01"),
            "net_sales": 1.0 + who % 40,
            "staff_id": who % 40,
        }
    )
    made = profile.staff(orders, period=PERIOD)
    assert len(made.frames["staff"]) == 30
    assert made.frames["staff"]["net_sales"].min() == 35 * 11
    assert made.summary()["staff"].sum() == 40


@pytest.mark.parametrize(
    ("keep", "reason"), [(None, "no_staff"), (["G07", "G03"], "few_staff"), ([], "few_staff")]
)
def test_what_cannot_be_told_is_withheld(orders, keep, reason) -> None:
    if keep is None:
        frame = orders.drop(columns="staff_id")
    else:
        frame = orders[orders["staff_id"].isin(keep)]
    made = profile.staff(frame, period=PERIOD)
    assert [item.reason for item in made.findings] == [reason]
