"""Expected redemption by run-off: by hand, against a slow count, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from programmes.points_history import History, month, saved_up

from loyalty_research.errors import MissingTableError, ParameterError
from loyalty_research.programmes.run_off import expected_redemption
from loyalty_research.programmes.run_off_triangle import triangle_of

CLOSE = 1e-12


def regular(months: int, *, parts: int = 1) -> History:
    """Every month 100 points a part: 50 used at once, 20 a month later; the rest ends then."""
    history = History()
    for customer in range(parts):
        for start in range(months):
            history.cells[customer, start, 0, "earned"] += 100
            history.cells[customer, start, 0, "redeemed"] += 50
            if start + 1 < months:
                history.cells[customer, start, 1, "redeemed"] += 20
            if start + 2 < months:
                history.cells[customer, start, 2, "expired"] += 30
    return history


def test_by_hand() -> None:
    # 10 months of 100 points. Redeemed: 10 x 50 + 9 x 20 = 680; of the last month's 50 left 20
    # will be, so 700 of 1,000.
    found = expected_redemption(regular(10).run_off())
    assert found.rate.value == pytest.approx(0.7, rel=CLOSE)
    assert found.unknown == pytest.approx(0, abs=CLOSE)
    assert (found.earned, found.redeemed, found.expired, found.outstanding) == (1000, 680, 240, 80)
    assert found.expected == pytest.approx(20, rel=CLOSE)
    ages = found.ages.set_index("age_months")
    assert ages["redeem_share"].tolist()[:3] == pytest.approx([0.5, 0.4, 0], rel=CLOSE)
    assert ages["expire_share"].tolist()[:3] == pytest.approx([0, 0, 1], rel=CLOSE)
    assert ages["cohorts"].tolist()[:3] == [10, 9, 8]
    assert found.cohorts["expected"].tolist() == pytest.approx([70] * 10, rel=CLOSE)


def slow_rate(run_off: pd.DataFrame, months: int, tail: float) -> float:
    """Count the same without arrays: what was left at an age, in the last twelve months."""
    earned, gone = {}, {}
    for row in run_off.to_dict("records"):
        start = pd.Period(row["earned_month"], freq="M").ordinal
        earned[start] = earned.get(start, 0) + row["earned"]
        place = (start, row["age_months"])
        before = gone.get(place, (0, 0))
        gone[place] = (before[0] + row["redeemed"], before[1] + row["expired"])
    last = min(earned) + months - 1

    def left(start: int, age: int) -> int:
        return earned[start] - sum(sum(gone.get((start, past), (0, 0))) for past in range(age))

    def to_come(age: int) -> float:
        reached = [start for start in earned if last - 12 < start + age <= last]
        if len(reached) < 3:
            return tail
        at_risk = sum(left(start, age) for start in reached)
        if not at_risk:
            return 0.0
        redeemed = sum(gone.get((start, age), (0, 0))[0] for start in reached) / at_risk
        expired = sum(gone.get((start, age), (0, 0))[1] for start in reached) / at_risk
        return redeemed + (1 - redeemed - expired) * to_come(age + 1)

    sofar = sum(points[0] for points in gone.values())
    ahead = sum(left(start, last - start + 1) * to_come(last - start + 1) for start in earned)
    return (sofar + ahead) / sum(earned.values())


@pytest.mark.parametrize(("months", "life"), [(14, 6), (18, None), (9, 12)])
def test_against_a_slow_count(months, life) -> None:
    run_off = saved_up(customers=60, months=months, life=life).run_off()
    found = expected_redemption(run_off)
    assert found.rate.value == pytest.approx(slow_rate(run_off, months, 1), rel=CLOSE)
    assert found.least.value == pytest.approx(slow_rate(run_off, months, 0), rel=CLOSE)


def test_the_start_of_a_programme_is_forgotten_after_a_year() -> None:
    # Points of the first ten months expire a month later, all others are redeemed then.
    history = History()
    for at in range(24):
        for customer in range(3):
            if at > 10:
                history.use(customer, at, 100)
            history.expire(customer, at, older_than=0)
            history.earn(customer, at, 100)
    found = expected_redemption(history.run_off())
    assert found.ages["cohorts"].max() == 12
    assert found.cohorts["expected"].tolist() == [0] * 10 + [300] * 14


def test_good_and_bad_months_make_it_wider() -> None:
    def width(sigma: float) -> float:
        rng = np.random.default_rng(5)
        history = History()
        for start in range(18):
            share = np.clip(0.4 * np.exp(rng.normal(0, sigma)), 0, 0.9)
            for customer in range(200):
                history.expire(customer, start, older_than=2)
                history.earn(customer, start, 100)
                if rng.random() < share:
                    history.use(customer, start, 150)
        found = expected_redemption(history.run_off())
        return found.rate.high - found.rate.low

    assert width(0.5) > 1.5 * width(0)


def test_points_beyond_the_ages_observed_are_told_apart() -> None:
    run_off = saved_up(customers=60, months=12, life=None).run_off()
    found = expected_redemption(run_off)
    assert found.unknown > 0.01
    assert found.least.value < found.rate.value
    # Ages 0 to 9 have three months of earning behind them; what is older has an open end.
    assert found.ages["age_months"].tolist() == list(range(10))


def test_points_that_all_expired_leave_nothing_to_estimate() -> None:
    history = History()
    for start in range(8):
        history.earn(start, start, 100)
        history.use(start, start, 10 * start)
        history.expire(start, start + 1, older_than=0)
    history.earn(40, 9, 0)
    found = expected_redemption(history.run_off())
    assert found.rate.value == found.rate.low == found.rate.high == 280 / 800


def test_points_scale_and_names_of_parts_do_not_matter() -> None:
    run_off = saved_up(customers=80, months=14, life=6).run_off()
    first = expected_redemption(run_off).rate
    times = run_off.assign(
        **{name: run_off[name] * 7 for name in ("earned", "redeemed", "expired")}
    )
    renamed = run_off.assign(part=[f"p{97 - part}" for part in run_off["part"]])
    for other in (times, renamed, run_off.sample(frac=1, random_state=2)):
        second = expected_redemption(other).rate
        for end in ("value", "low", "high"):
            assert getattr(second, end) == pytest.approx(getattr(first, end), rel=1e-9)


def test_more_customers_make_it_narrower() -> None:
    def width(customers: int) -> float:
        found = expected_redemption(saved_up(customers=customers, months=14, life=6).run_off())
        return found.rate.high - found.rate.low

    assert width(800) < 0.7 * width(80)


def test_the_last_month_counts_only_where_it_is_whole() -> None:
    whole = regular(10).run_off()
    last = month(9)
    broken = whole.copy()
    here = (broken["earned_month"] == last) & (broken["age_months"] == 0)
    broken.loc[here, "redeemed"] = 10  # the month has hardly begun
    found = expected_redemption(broken, complete=False)
    assert found.ages["redeem_share"].tolist()[0] == pytest.approx(0.5, rel=CLOSE)
    assert expected_redemption(broken).ages["redeem_share"].tolist()[0] < 0.5


def test_no_interval_on_few_months_or_parts() -> None:
    assert expected_redemption(regular(10).run_off()).rate.low is None
    assert expected_redemption(saved_up(customers=60, months=5).run_off()).rate.low is None
    assert (
        expected_redemption(saved_up(customers=60, months=9, life=3).run_off()).rate.low is not None
    )


def test_a_triangle_as_it_stood_earlier() -> None:
    history = saved_up(customers=30, months=12, life=6)
    early = saved_up(customers=30, months=7, life=6)  # the same seed, cut off
    seen = triangle_of(history.run_off()).at(7)
    known = triangle_of(early.run_off())
    for name in ("earned", "redeemed", "expired"):
        assert np.array_equal(getattr(seen, name), getattr(known, name)), name


def test_months_before_and_after_the_rows() -> None:
    triangle = triangle_of(regular(6).run_off(), since="2023-11", until=month(7))
    assert triangle.months[0] == "2023-11"
    assert triangle.months[-1] == month(7)
    assert triangle.earned.sum(axis=0).tolist() == [0, 0, *[100] * 6, 0, 0]


def test_what_is_refused() -> None:
    good = regular(6).run_off()
    with pytest.raises(MissingTableError, match="expired"):
        expected_redemption(good.drop(columns="expired"))
    two = pd.concat([good, good.assign(wallet="coins")])
    with pytest.raises(ParameterError, match="coins, points"):
        expected_redemption(two)
    with pytest.raises(ParameterError, match="more points leave"):
        expected_redemption(good.assign(redeemed=good["redeemed"] * 3))
