"""New products: trial and repeat by hand, censoring, and what is left out."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, make_brand

from loyalty_research import profile
from loyalty_research.errors import ParameterError
from loyalty_research.stats import proportion

LAUNCH = dt.date(2024, 6, 3)
OLD, NEW = 0, 1


def lines(*rows: tuple[int, int, int]) -> pd.DataFrame:
    """Return lines of (customer, days since the launch, product)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "product_id"])
    day = pd.Timestamp(LAUNCH) + pd.to_timedelta(frame["day"], unit="D")
    return frame.assign(
        order_id=range(len(frame)), ordered_at=day + pd.Timedelta(hours=9), amount=8.0
    )


def products(launched: dt.date | None = LAUNCH) -> pd.DataFrame:
    return pd.DataFrame(
        {"product_id": [OLD, NEW], "name": ["old", "new"], "launched_on": [None, launched]}
    )


ACTIVE = [(who, -10, OLD) for who in range(40)]
EARLY = [(99, -100, OLD)]  # not active any more, and the first order known
TRIED = [(who, 3 + who, NEW) for who in range(10)]  # two of them after more than a week
AGAIN = [(who, 20, NEW) for who in range(4)]
OTHERS = [(who, 5, NEW) for who in range(200, 205)]  # not there before the launch


def made(rows, *, weeks=2, known=None, period=PERIOD):
    brand = make_brand(lines(*rows), products() if known is None else known)
    return profile.new_products(brand, period=period, weeks=weeks)


def found_in(result) -> dict:
    return {item.id: item for item in result.findings}


def test_trial_of_those_active_before() -> None:
    result = made(ACTIVE + EARLY + TRIED + AGAIN + OTHERS)
    (row,) = result.summary().to_dict("records")
    assert (row["product"], row["launched_on"]) == ("new", LAUNCH.isoformat())
    assert (row["active"], row["tried"], row["buyers"]) == (40, 10, 15)
    item = found_in(result)["new_product_trial"]
    want = proportion(10, 40)
    assert (item.estimate, item.low, item.high) == pytest.approx((want.value, want.low, want.high))
    curve = result.frames["trial"].set_index("week")["added"]
    assert curve.sum() == 0 or curve.loc[2] >= 10  # where customers are persons, steps of ten


def test_who_tries_after_the_weeks_does_not_count() -> None:
    late = [(30, 15, NEW)]
    (row,) = made(ACTIVE + EARLY + TRIED + late).summary().to_dict("records")
    assert (row["tried"], row["buyers"]) == (10, 11)


def test_repeat_respects_who_is_not_followed() -> None:
    first = [(who, 0, NEW) for who in range(40)]
    back = [(who, 7, NEW) for who in range(10)]
    left = [(who, 0, OLD) for who in range(40)]
    late_buyers = [(100 + who, 205, NEW) for who in range(10)]  # six days before the end
    result = made(ACTIVE + EARLY + first + back + left + late_buyers)
    (row,) = result.summary().to_dict("records")
    assert row["buyers"] == 50
    assert row["repeat"] == pytest.approx(10 / 40)
    same_day = made(ACTIVE + EARLY + first + first)
    assert same_day.summary()["repeat"].tolist() == [0]


def test_share_of_sales() -> None:
    item = found_in(made(ACTIVE + EARLY + TRIED))["new_product_share"]
    assert item.estimate == pytest.approx(10 / 51)
    assert item.base == 41


@pytest.mark.parametrize(
    ("rows", "period"),
    [
        (ACTIVE + TRIED, PERIOD),  # the first order lies ten days before the launch
        (ACTIVE + EARLY + TRIED, (PERIOD[0], "2024-06-10")),  # a week after the launch
    ],
)
def test_launches_that_cannot_be_followed(rows, period) -> None:
    result = made(rows, period=period)
    assert result.summary()["trial"].isna().all()
    assert found_in(result)["new_product_trial"].reason == "launch_not_followed"


def test_small_bases_are_withheld() -> None:
    result = made(ACTIVE[:20] + EARLY + TRIED)
    assert {
        item.reason for key, item in found_in(result).items() if key != "new_product_share"
    } == {"base_too_small"}
    assert result.charts == ()


def test_what_was_sold_before_its_launch_is_left_out() -> None:
    result = made([*ACTIVE, *EARLY, *TRIED, (7, -5, NEW)])
    assert [item.reason for item in result.findings] == ["none_launched"]


def test_without_dates_the_first_sale_counts_where_there_is_a_history() -> None:
    undated = products().drop(columns="launched_on")
    assert [item.reason for item in made(ACTIVE + EARLY + TRIED, known=undated).findings] == [
        "no_launch"
    ]
    period = ("2024-06-01", "2024-12-31")
    known = made(ACTIVE + EARLY + TRIED, known=undated, period=period)
    (row,) = known.summary().to_dict("records")
    assert row["launched_on"] == (LAUNCH + dt.timedelta(days=3)).isoformat()


def test_without_products_and_with_wrong_weeks() -> None:
    brand = make_brand(lines(*ACTIVE))
    assert [item.reason for item in profile.new_products(brand, period=PERIOD).findings] == [
        "no_launch"
    ]
    with pytest.raises(ParameterError, match="weeks"):
        made(ACTIVE, weeks=0)


def test_planted_trial_and_repeat_are_found() -> None:
    """Simulated launches: the intervals hold the planted shares about as often as they say."""
    tries, again, worlds, held = 0.3, 0.4, 40, np.zeros(2)
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        trier = np.flatnonzero(rng.random(200) < tries)
        first = rng.integers(0, 14, len(trier))
        back = rng.random(len(trier)) < again
        gap = rng.integers(1, 14, len(trier))
        rows = [(who, -9, OLD) for who in range(200)] + EARLY
        rows += [(int(who), int(day), NEW) for who, day in zip(trier, first, strict=True)]
        rows += [
            (int(who), int(day), NEW)
            for who, day in zip(trier[back], (first + gap)[back], strict=True)
        ]
        (row,) = made(rows).summary().to_dict("records")
        held += [
            row["trial_low"] <= tries <= row["trial_high"],
            row["repeat_low"] <= again <= row["repeat_high"],
        ]
    assert (held / worlds > 0.82).all(), held / worlds


def test_curves_rise_to_the_table() -> None:
    brand = make_brand(lines(*ACTIVE, *EARLY, *TRIED, *AGAIN), products())
    result = profile.new_products(brand, period=PERIOD, weeks=2)
    points = result.frames["trial"]
    assert points["share"].is_monotonic_increasing
    (chart,) = (chart for chart in result.charts if chart.name == "trial")
    assert chart.values["best_share"].value == points["share"].iloc[-1]  # noqa: PD011
    figure = result.plot("trial", language="en")
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["new"]
