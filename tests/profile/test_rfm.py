"""RFM: metrics, tie-fair scores, classes and their cuts, against obvious references."""

from __future__ import annotations

import math

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.engine import collect
from loyalty_research.errors import ParameterError
from loyalty_research.profile.rfm import rfm_scores

CLOSE = 1e-9
AS_OF = pd.Timestamp(PERIOD[1])
METRICS = ["recency_days", "occasions", "net_sales"]


def rows_of(result) -> pd.DataFrame:
    return collect(result.table, sort_by=["customer_id"])


def reference(orders: pd.DataFrame, bins: int) -> pd.DataFrame:
    """Return metrics and scores, counting who is worse and who is equal, one by one."""
    rows = orders[orders["customer_id"].notna()]
    made = []
    for who, part in rows.groupby("customer_id"):
        days = part["ordered_at"].dt.normalize()
        made.append(
            {
                "customer_id": int(who),
                "recency_days": (AS_OF - days.max()).days,
                "occasions": days.nunique(),
                "net_sales": round(part["net_sales"].sum(), 4),
            }
        )
    frame = pd.DataFrame(made)
    for name, metric, sign in (
        ("r_score", "recency_days", -1),
        ("f_score", "occasions", 1),
        ("m_score", "net_sales", 1),
    ):
        values = (sign * frame[metric]).tolist()
        frame[name] = [
            1
            + math.floor(
                bins
                * (2 * sum(other < value for other in values) + values.count(value))
                / (2 * len(values))
            )
            for value in values
        ]
    return frame


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(90, seed=8)


@pytest.mark.parametrize("bins", [2, 3, 5, 10])
def test_metrics_and_scores(orders, bins) -> None:
    found = rows_of(profile.rfm(orders, as_of=AS_OF, bins=bins))
    want = reference(orders, bins)
    pd.testing.assert_frame_equal(found[want.columns], want, check_dtype=False, rtol=CLOSE)


@pytest.mark.parametrize("how", ["median", "mean", "own"])
def test_classes_cut_where_they_say(orders, how) -> None:
    want = reference(orders, 5)
    own = {"recency_days": 20, "occasions": 4, "net_sales": 300.0}
    cuts = own if how == "own" else {name: getattr(want[name], how)() for name in METRICS}
    code = (
        (want["recency_days"] <= cuts["recency_days"]).astype(int).astype(str)
        + (want["occasions"] >= cuts["occasions"]).astype(int).astype(str)
        + (want["net_sales"] >= cuts["net_sales"]).astype(int).astype(str)
    )
    result = profile.rfm(orders, as_of=AS_OF, cuts=own if how == "own" else how)
    assert rows_of(result)["segment"].tolist() == code.tolist()
    frame = result.frames["cuts"].set_index("metric")
    assert frame["cut"].to_dict() == pytest.approx(cuts, rel=CLOSE)
    assert frame.loc["net_sales", "share_high"] == (want["net_sales"] >= cuts["net_sales"]).mean()
    assert (
        frame.loc["recency_days", "share_high"]
        == (want["recency_days"] <= cuts["recency_days"]).mean()
    )


def test_classes_grid_and_sensitivity_add_up(orders) -> None:
    result = profile.rfm(orders, as_of=AS_OF)
    people, summary, grid = rows_of(result), result.summary(), result.frames["grid"]
    total = people["net_sales"].sum()
    for row in summary.itertuples():
        inside = people[people["segment"] == row.segment]
        assert row.customers == len(inside)
        assert row.net_sales == pytest.approx(inside["net_sales"].sum(), rel=CLOSE)
        assert row.share_sales == pytest.approx(inside["net_sales"].sum() / total, rel=CLOSE)
        assert row.recency_days == inside["recency_days"].median()
    assert summary["customers"].sum() == len(people) == grid["customers"].sum()
    assert summary["share_sales"].sum() == pytest.approx(1)
    assert grid["share_customers"].sum() == pytest.approx(1)
    assert grid["net_sales"].sum() == pytest.approx(total)
    sensitivity = result.frames["sensitivity"].set_index("bins")
    for bins in (3, 5, 10):
        scored = reference(orders, bins)
        top = (scored[["r_score", "f_score", "m_score"]] == bins).all(axis=1)
        assert sensitivity.loc[bins, "customers"] == top.sum()
        assert sensitivity.loc[bins, "share_sales"] == pytest.approx(
            scored.loc[top, "net_sales"].sum() / total
        )


def test_order_value_of_a_class_is_sales_over_orders(orders) -> None:
    result = profile.rfm(orders, as_of=AS_OF)
    code = rows_of(result).set_index("customer_id")["segment"]
    known = orders[orders["customer_id"].notna()]
    segment = known["customer_id"].astype(int).map(code)
    want = known.groupby(segment)["net_sales"].mean()
    assert result.summary().set_index("segment")["order_value"].to_dict() == pytest.approx(
        want.to_dict()
    )


customers = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([1, 2, 4]), st.sampled_from([1.0, 3.5, 9.25])),
    min_size=1,
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(customers, st.integers(2, 10))
def test_equal_values_score_equally_and_better_ones_never_lower(values, bins) -> None:
    metrics = pd.DataFrame(values, columns=METRICS).rename_axis("customer_id").reset_index()
    found = collect(rfm_scores(ibis.memtable(metrics), bins=bins), sort_by=["customer_id"])
    for metric, score, sign in (
        ("recency_days", "r_score", -1),
        ("occasions", "f_score", 1),
        ("net_sales", "m_score", 1),
    ):
        assert found[score].between(1, bins).all()
        levels = found.groupby(sign * found[metric])[score].agg(["min", "max"])
        assert (levels["min"] == levels["max"]).all()
        assert levels["min"].is_monotonic_increasing
        if len(levels) == 1:
            assert (found[score] == bins // 2 + 1).all()


def test_amounts_that_only_rounding_tells_apart_tie() -> None:
    orders = pd.DataFrame(
        {
            "customer_id": [1, 1, 2, 3],
            "ordered_at": AS_OF,
            "net_sales": [0.1, 0.2, 0.3, 0.4],  # 0.1 + 0.2 is not 0.3 in floats
        }
    )
    found = rows_of(profile.rfm(orders, as_of=AS_OF))
    assert found["m_score"].nunique() == 2
    assert found["m_score"].iloc[0] == found["m_score"].iloc[1]


def test_window(orders) -> None:
    start = "2024-06-01"
    windowed = rows_of(profile.rfm(orders, as_of=AS_OF, start=start))
    cut = rows_of(profile.rfm(orders[orders["ordered_at"] >= start], as_of=AS_OF))
    pd.testing.assert_frame_equal(windowed, cut)
    earlier = rows_of(profile.rfm(orders, as_of="2024-06-30"))
    assert len(earlier) < orders["customer_id"].nunique()
    assert (earlier["recency_days"] >= 0).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bins": 1}, "bins: found 1"),
        ({"bins": 11}, "2 to 10"),
        ({"bins": True}, "bins"),
        ({"bins": "5"}, "bins"),
        ({"cuts": "mode"}, "median, mean"),
        ({"cuts": 5}, "median, mean"),
        ({"cuts": {"recency_days": 3}}, "occasions, net_sales"),
        ({"cuts": {"recency_days": 3, "occasions": "x", "net_sales": 1}}, "occasions: found 'x'"),
        ({"cuts": {"recency_days": math.nan, "occasions": 1, "net_sales": 1}}, "recency_days"),
        ({"as_of": "31.12.2024"}, "as_of"),
        ({"as_of": pd.NaT}, "as_of"),
        ({"start": "2025-06-01"}, "ends"),
        ({"start": "soon"}, "soon"),
    ],
)
def test_wrong_arguments(orders, options, message) -> None:
    with pytest.raises(ParameterError, match=message):
        profile.rfm(orders, **({"as_of": AS_OF} | options))


def test_all_wrong_arguments_at_once(orders) -> None:
    with pytest.raises(ParameterError) as caught:
        profile.rfm(orders, as_of=AS_OF, bins=0, cuts="mode")
    assert len(caught.value.problems) == 2


def test_findings_say_what_the_summary_says() -> None:
    orders = make_orders(300, seed=2)
    result = profile.rfm(orders, as_of=AS_OF)
    summary = result.summary().set_index("segment")
    stated = {item.id: item for item in result.findings}
    for name, code in (("rfm_best_share", "111"), ("rfm_lapsing_value", "011")):
        row, item = summary.loc[code], stated[name]
        assert item.status == ("stated" if row["customers"] >= 30 else "withheld")
        if item.status == "stated":
            assert (item.estimate, item.base) == (row["share_sales"], row["customers"])
            assert item.at_stake == row["net_sales"]
    assert any(item.status == "stated" for item in stated.values())
    assert np.isclose(summary["share_customers"].sum(), 1)
