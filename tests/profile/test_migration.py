"""Moves between bands in two halves: margins, chance, planted changes, regression to the mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders, supermarket_results, supermarket_sql
from scipy.stats import binomtest, nbinom
from statsmodels.stats.multitest import multipletests

from loyalty_research import profile
from loyalty_research.profile.common import as_days
from loyalty_research.stats import fit_gamma_poisson

START = pd.Timestamp(PERIOD[0])
HALF = 183
CHANCE = 1e-4
"""Below it a count is no longer put down to chance."""
LEVEL = 0.05


def buyers(
    seed: int, people: int = 200, *, r: float = 1.3, mean: float = 8.0, slowed: float = 0.0
) -> pd.DataFrame:
    """Return a year of buyers at constant rates; a share ``slowed`` buys a fifth as often later."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(r, mean / r / 2, people)
    later = np.where(rng.random(people) < slowed, 0.2 * rate, rate)
    first, last = rng.poisson(rate), rng.poisson(later)
    who = np.concatenate([np.repeat(np.arange(people), count) for count in (first, last)])
    day = rng.integers(0, HALF, len(who)) + np.repeat([0, HALF], [first.sum(), last.sum()])
    return pd.DataFrame(
        {
            "customer_id": who,
            "ordered_at": START + pd.to_timedelta(day, unit="D"),
            "net_sales": rng.integers(100, 5000, len(who)) / 100,
        }
    )


def found_in(result) -> dict:
    return {item.id: item for item in result.findings}


def halves(orders: pd.DataFrame) -> pd.DataFrame:
    """Return purchase days and sales of each customer in both halves."""
    known = orders[orders["customer_id"].notna()]
    day = known["ordered_at"].dt.normalize()
    half = np.where(day < START + pd.Timedelta(days=HALF), "first", "last")
    who = known["customer_id"].astype(int)
    days = day.groupby([who, half]).nunique().unstack(fill_value=0)
    sales = known["net_sales"].groupby([who, half]).sum().unstack(fill_value=0.0)
    return days.join(sales.add_suffix("_sales"))


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(300, seed=41)


@pytest.fixture(scope="module")
def result(orders):
    return profile.migration(orders, period=PERIOD)


@pytest.mark.parametrize(
    "period",
    [PERIOD, ("2024-01-01", "2024-12-30"), ("2024-03-05", "2024-04-01"), ("2024-01-01",) * 2],
)
def test_halves_are_equally_long(period) -> None:
    days = as_days(period)
    first, last = days.halves()
    assert first.count == last.count == days.count // 2
    assert (first.start, last.end) == (days.start, days.end)
    assert (last.start - first.end).days == 1 + days.count % 2


def test_moves_are_customers(orders, result) -> None:
    people, flows = halves(orders), result.summary()
    edges = sorted({int(name.rstrip("+").split("–")[0]) for name in flows["to_band"]})
    bands = people[["first", "last"]].apply(
        lambda count: np.searchsorted(edges, count, "right") - 1
    )
    want = people.groupby([bands["first"], bands["last"]])
    sizes, sales = want.size(), want[["first_sales", "last_sales"]].sum()
    found = flows.set_index(["origin", "target"])
    assert found["observed"].sum() == len(people)
    for move, row in found.iterrows():
        assert row["observed"] == sizes.get(move, 0)
        for name in sales:
            assert row[name] == pytest.approx(sales[name].get(move, 0.0))
    assert found["change"].sum() == pytest.approx(
        (people["last_sales"] - people["first_sales"]).sum()
    )


def test_expected_moves_add_up_to_those_who_could_move(result) -> None:
    flows = result.summary()
    rows = flows.groupby("origin")[["observed", "expected", "excess"]].sum()
    assert rows["expected"].to_numpy() == pytest.approx(rows["observed"].to_numpy())
    assert rows["excess"].to_numpy() == pytest.approx(np.zeros(len(rows)), abs=1e-6)
    assert flows["expected"].ge(0).all()
    assert flows["spread"].ge(0).all()


def test_expected_moves_follow_the_conditional_trend(orders, result) -> None:
    people, flows = halves(orders), result.summary()
    total = people["first"] + people["last"]
    model = fit_gamma_poisson(total.to_numpy(), np.full(len(people), 2.0 * HALF), truncated=True)
    names = dict(zip(flows["target"], flows["to_band"], strict=True))
    lows = [int(names[band].rstrip("+").split("–")[0]) for band in range(len(names))]
    want = np.zeros((len(names), len(names)))
    for count in people["first"]:
        share = (model.alpha + HALF) / (model.alpha + 2 * HALF)
        below = nbinom.cdf(np.array(lows) - 1, model.r + count, share)
        chance = np.diff(np.append(below, 1.0))
        if count == 0:  # seen only because of a purchase in the second half
            chance = np.append(0.0, chance[1:] / chance[1:].sum())
        want[np.searchsorted(lows, count, "right") - 1] += chance
    for row in flows.itertuples():
        assert row.expected == pytest.approx(want[row.origin, row.target], abs=1e-6)


@pytest.mark.parametrize("seed", [1, 2])
def test_several_moves_are_judged_together(seed) -> None:
    flows = profile.migration(buyers(seed, 400, slowed=0.25), period=PERIOD).summary()
    want, *_ = multipletests(flows["p_value"], alpha=LEVEL, method="holm")
    assert flows["beyond_chance"].tolist() == want.tolist()
    assert flows["p_value"].between(0, 1).all()
    assert want.any()


def test_without_change_nothing_is_stated_oftener_than_the_level() -> None:
    worlds = 60
    stated = {"migration_down": 0, "migration_up": 0}
    any_move = 0
    for seed in range(worlds):
        made = profile.migration(buyers(100 + seed, 150), period=PERIOD)
        for name in stated:
            stated[name] += found_in(made)[name].status == "stated"
        any_move += made.summary()["beyond_chance"].any()
    for count in (*stated.values(), any_move):
        assert binomtest(int(count), worlds, LEVEL, alternative="greater").pvalue > 0.01


def test_a_planted_slow_down_is_found() -> None:
    made = profile.migration(buyers(7, 600, slowed=0.25), period=PERIOD)
    down, up = (found_in(made)[f"migration_{name}"] for name in ("down", "up"))
    assert down.status == "stated"
    assert 0 < down.low < down.estimate < down.high
    flows = made.summary()
    moved = flows[flows["target"] < flows["origin"]]
    assert down.estimate == pytest.approx(moved["observed"].sum() - moved["expected"].sum())
    assert down.at_stake == pytest.approx(moved[["first_sales", "last_sales"]].to_numpy().sum())
    assert down.values["people"].value == moved["observed"].sum()  # noqa: PD011
    assert up.status == "withheld"
    assert up.reason == "no_excess"


def test_fifths_regress_from_both_sides() -> None:
    """Nobody has changed, and yet the lowest gain and the highest lose, whichever half chooses."""
    orders = buyers(3, 1500, mean=20.0)
    made = profile.migration(orders, period=PERIOD)
    fifths = made.frames["fifths"].set_index(["chosen_by", "fifth"])
    for half in ("first", "last"):
        assert fifths.loc[(half, 1), "factor"] > 1.2
        assert fifths.loc[(half, 5), "factor"] < 0.97
    people = halves(orders)
    for half, other in (("first", "last"), ("last", "first")):
        ranks = people[f"{half}_sales"].rank(pct=True)
        fifth = np.ceil(5 * ranks).astype(int)
        sums = people.groupby(fifth)[[f"{half}_sales", f"{other}_sales"]].sum()
        found = fifths.loc[half]
        assert found["customers"].to_dict() == fifth.value_counts().to_dict()
        assert found["chosen_sales"].to_dict() == pytest.approx(sums[f"{half}_sales"].to_dict())
        assert found["other_sales"].to_dict() == pytest.approx(sums[f"{other}_sales"].to_dict())
    item = found_in(made)["migration_regression"]
    assert item.estimate == fifths.loc[("first", 1), "factor"]


def test_a_fifth_without_sales_has_no_factor() -> None:
    made = profile.migration(buyers(5, 300, mean=0.8), period=PERIOD)
    item = found_in(made)["migration_regression"]
    assert (item.status, item.reason) == ("withheld", "bottom_fifth_silent")
    assert made.summary()["spread"].notna().all()


def test_what_cannot_be_told_is_withheld() -> None:
    alike = pd.DataFrame({"customer_id": np.repeat(np.arange(60), 24)})
    alike["ordered_at"] = START + pd.to_timedelta(np.tile(np.arange(3, 363, 15), 60), unit="D")
    for orders, reason in (
        (buyers(1, 25), "base_too_small"),
        (alike.assign(net_sales=1.0), "rhythm_not_identified"),
    ):
        made = profile.migration(orders, period=PERIOD)
        (item,) = made.findings
        assert (item.status, item.reason) == ("withheld", reason)
        assert made.charts == made.tables == ()


def test_supermarket() -> None:
    made = supermarket_results()["migration"]
    people, first, last = (
        supermarket_sql()
        .execute(
            """with h as (select who, sum(paid) filter (day < '2017-07-02') a,
                    sum(paid) filter (day >= '2017-07-03') b from orders group by 1),
                f as (select coalesce(a, 0) a, coalesce(b, 0) b, ntile(5) over (
                    order by coalesce(a, 0)) fifth from h)
            select count(*), sum(a)::double, sum(b)::double from f where fifth = 1"""
        )
        .fetchone()
    )
    lowest = made.frames["fifths"].set_index(["chosen_by", "fifth"]).loc[("first", 1)]
    # ntile gives the odd customer to the lowest fifth, and the day in the middle is in neither.
    assert lowest["customers"] == people - 1 == 493
    assert lowest["chosen_sales"] == pytest.approx(first, rel=0.01)
    assert lowest["other_sales"] == pytest.approx(last, rel=0.01)
    assert found_in(made)["migration_regression"].estimate == pytest.approx(3.475, abs=5e-4)
    assert made.summary()["observed"].sum() == 2469
