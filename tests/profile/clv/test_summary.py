"""One row a customer: by hand, against plain pandas, left truncation, refusals."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest

from loyalty_research.errors import DataError, LoyaltyError, ParameterError
from loyalty_research.profile import clv

CLOSE = 1e-9
END, LAST = "2024-03-31", "2024-06-30"


def orders(*rows: tuple[object, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "net_sales"])
    return frame.assign(ordered_at=pd.to_datetime(frame["ordered_at"]))


BY_HAND = orders(
    (1, "2024-01-01 10:00", 10.0),
    (1, "2024-01-15 09:00", 20.0),
    (1, "2024-01-15 18:00", 5.0),
    (1, "2024-03-04 12:00", 7.0),
    (1, "2024-04-01 12:00", 9.0),
    (1, "2024-07-01 12:00", 99.0),
    (2, "2024-03-31 23:59", 8.0),
    (2, "2024-06-30 23:59", 3.0),
    (3, "2024-04-01 00:00", 4.0),
    (None, "2024-01-05 10:00", 6.0),
)


def test_by_hand() -> None:
    found = clv.summarise_customers(
        BY_HAND, calibration_end=END, observation_end=LAST, first_purchase_observed=True
    )
    assert found["customer_id"].tolist() == [1, 2]  # 3 came later
    first, second = found.to_dict("records")
    assert first["frequency"] == 2
    assert first["recency"] == pytest.approx(63 / 7)
    assert first["T"] == pytest.approx(90 / 7)
    assert first["mean_spend"] == pytest.approx((20 + 5 + 7) / 2)
    assert (first["holdout_orders"], first["holdout_sales"]) == (1, 9.0)
    assert (second["frequency"], second["recency"], second["T"]) == (0, 0.0, 0.0)
    assert second["mean_spend"] == 0.0
    assert (second["holdout_orders"], second["holdout_sales"]) == (1, 3.0)
    assert not found.isna().any().any()


def test_established_customers_have_the_clock_of_the_window() -> None:
    found = clv.summarise_customers(BY_HAND, calibration_end=END, start="2024-01-15")
    assert found["customer_id"].tolist() == [1]
    row = found.iloc[0]
    assert row["clock_start"] == pd.Timestamp("2024-01-14")
    assert row["frequency"] == 2  # the first one in the window counts
    assert row["recency"] == pytest.approx(50 / 7)
    assert row["T"] == pytest.approx(77 / 7)
    assert "holdout_orders" not in found


def test_a_warm_up_of_its_own_length() -> None:
    found = clv.summarise_customers(
        BY_HAND, calibration_end=END, start="2024-01-15", warm_up_start="2024-01-02"
    )
    assert len(found) == 0


def test_new_customers_after_a_warm_up() -> None:
    found = clv.summarise_customers(
        BY_HAND, calibration_end=END, start="2024-01-15", cohort="acquired"
    )
    assert found["customer_id"].tolist() == [2]


def test_a_middle_of_a_history_is_no_beginning() -> None:
    with pytest.raises(ParameterError, match="first purchases are not observed") as caught:
        clv.summarise_customers(BY_HAND, calibration_end=END)
    assert "first_purchase_observed=True" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"observation_end": END}, "it must come after calibration_end"),
        ({"start": "2024-05-01"}, "it must come after start"),
        ({"start": "2024-01-15", "warm_up_start": "2024-02-01"}, "after warm_up_start"),
        ({"unit": "fortnight"}, "allowed: day, week, month"),
        ({"cohort": "all"}, "allowed: acquired, established"),
        ({"cohort": "established"}, "give start="),
        ({"calibration_end": "soon"}, "calibration_end"),
    ],
)
def test_refusals(arguments: dict[str, object], told: str) -> None:
    given = {"calibration_end": END, "first_purchase_observed": True} | arguments
    with pytest.raises(LoyaltyError, match=told):
        clv.summarise_customers(BY_HAND, **given)


def test_all_refusals_come_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        clv.summarise_customers(
            BY_HAND, calibration_end=END, observation_end=END, unit="x", cohort="y"
        )
    assert len(caught.value.problems) == 4


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="net_sales"):
        clv.summarise_customers(BY_HAND.drop(columns="net_sales"), calibration_end=END)


def test_many_customers_are_those_of_plain_pandas() -> None:
    rng = np.random.default_rng(4)
    size = 5_000
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 180, size), unit="D")
    frame = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 700, size),
            "ordered_at": days + pd.to_timedelta(rng.integers(0, 86_400, size), unit="s"),
            "net_sales": np.round(rng.gamma(2, 20, size), 2),
        }
    )
    end, last = pd.Timestamp(END), pd.Timestamp("2024-05-31")
    by_day = (
        frame.assign(day=frame["ordered_at"].dt.normalize())
        .groupby(["customer_id", "day"], as_index=False)["net_sales"]
        .sum()
    )
    by_day["first"] = by_day.groupby("customer_id")["day"].transform("min")
    by_day = by_day[by_day["first"] <= end]
    repeat = by_day[(by_day["day"] > by_day["first"]) & (by_day["day"] <= end)]
    ahead = by_day[(by_day["day"] > end) & (by_day["day"] <= last)]
    known = by_day.groupby("customer_id")["first"].first()
    want = pd.DataFrame({"first": known})
    want["frequency"] = repeat.groupby("customer_id").size()
    want["recency"] = (repeat.groupby("customer_id")["day"].max() - known).dt.days
    want["mean_spend"] = repeat.groupby("customer_id")["net_sales"].mean()
    want["holdout_orders"] = ahead.groupby("customer_id").size()
    want["holdout_sales"] = ahead.groupby("customer_id")["net_sales"].sum()
    want = want.fillna(0)
    for data in (frame, ibis.memtable(frame)):
        found = clv.summarise_customers(
            data,
            calibration_end=end,
            observation_end=last,
            unit="day",
            first_purchase_observed=True,
        ).set_index("customer_id")
        assert found.index.tolist() == want.index.tolist()
        assert (found["T"] == (end - want["first"]).dt.days).all()
        for column in want.columns.drop("first"):
            assert found[column].to_numpy() == pytest.approx(want[column].to_numpy(), rel=CLOSE)


def test_units_are_multiples_of_days() -> None:
    made = {
        unit: clv.summarise_customers(
            BY_HAND, calibration_end=END, unit=unit, first_purchase_observed=True
        )
        for unit in ("day", "week", "month")
    }
    for column in ("recency", "T"):
        days = pytest.approx(made["day"][column].tolist())
        assert (made["week"][column] * 7).tolist() == days
        assert (made["month"][column] * 365.25 / 12).tolist() == days
