"""Pairs of items: counts, lift, the comparison by volume, intervals and the error rate."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests

from loyalty_research.errors import MissingTableError, ParameterError
from loyalty_research.profile import offers
from loyalty_research.profile.common import as_days
from loyalty_research.profile.offers.items import bought, top_items
from loyalty_research.profile.offers.pairs_lift import pair_frame
from loyalty_research.profile.offers.pairs_null import expected_both, fitted_weights, inclusion
from loyalty_research.profile.offers.pairs_rows import Counts, count_pairs
from loyalty_research.results.html import result_html

PERIOD = ("2024-01-01", "2024-12-31")


def lines_of(held: np.ndarray, *, seed: int = 0) -> pd.DataFrame:
    """Return one line a customer and item held, on days of the year, some of them twice."""
    rng = np.random.default_rng(seed)
    who, item = np.nonzero(held)
    again = rng.random(len(who)) < 0.3
    who, item = np.concatenate([who, who[again]]), np.concatenate([item, item[again]])
    day = pd.Timestamp(PERIOD[0]) + pd.to_timedelta(rng.integers(0, 366, len(who)), unit="D")
    return pd.DataFrame(
        {
            "customer_id": who,
            "ordered_at": day,
            "amount": 5.0,
            "category": [f"item {place:02d}" for place in item],
        }
    )


def by_volume(customers: int, items: int, *, seed: int) -> np.ndarray:
    """Return who holds what where customers differ in volume and choose items independently."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.0, 8.0, customers)
    share = rng.dirichlet(np.full(items, 3.0))
    return rng.poisson(rate[:, None] * share[None, :]) > 0


def counts_of(held: np.ndarray) -> Counts:
    """Return the counts in plain Python, as slow as can be."""
    size = [int(row.sum()) for row in held]
    most, items = max(size), held.shape[1]
    customers, buyers = np.zeros(most + 1), np.zeros((most + 1, items))
    both = np.zeros((most + 1, items, items))
    for row, number in zip(held, size, strict=True):
        customers[number] += 1
        own = [place for place in range(items) if row[place]]
        for place in own:
            buyers[number, place] += 1
        for first, second in itertools.permutations(own, 2):
            both[number, first, second] += 1
    return Counts(len(held), customers, buyers, both)


def test_the_engine_counts_as_plain_python_does() -> None:
    held = by_volume(300, 8, seed=3)
    held[held.sum(axis=1) == 0, 0] = True
    found = bought(lines_of(held), as_days(PERIOD), level="category")
    top = top_items(found.lines, most=100)
    order = [int(name[-2:]) for name in top["item"]]
    fast, slow = count_pairs(found.lines, top), counts_of(held[:, order])
    assert fast.everybody == slow.everybody
    for name in ("customers", "buyers", "both"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name))


def test_only_the_items_with_the_most_customers_are_looked_at() -> None:
    held = by_volume(300, 8, seed=3)
    result = offers.pairs(lines_of(held), period=PERIOD, level="category", most=3)
    names = set(result.summary()["item"]) | set(result.summary()["other_item"])
    buyers = pd.Series(held.sum(axis=0), index=[f"item {place:02d}" for place in range(8)])
    assert names == set(buyers.nlargest(3).index)


@pytest.mark.parametrize("size", range(1, 7))
def test_inclusion_is_what_all_sets_of_a_size_give(size: int) -> None:
    weights = np.array([0.02, 0.3, 1.0, 1.0, 4.0, 90.0])
    one, two, total = np.zeros(6), np.zeros((6, 6)), 0.0
    for chosen in itertools.combinations(range(6), size):
        chance = float(np.prod(weights[list(chosen)]))
        total += chance
        one[list(chosen)] += chance
        for first, second in itertools.permutations(chosen, 2):
            two[first, second] += chance
    found_one, found_two = inclusion(weights, np.array([size]))
    np.fill_diagonal(found_two[0], 0.0)
    np.testing.assert_allclose(found_one[0], one / total, atol=1e-12)
    np.testing.assert_allclose(found_two[0], two / total, atol=1e-12)


def test_inclusion_adds_up_for_many_items_of_unlike_weight() -> None:
    weights = np.random.default_rng(1).lognormal(0, 2.5, 100)
    sizes = np.arange(1, 101)
    one, two = inclusion(weights, sizes)
    for pairs in two:
        np.fill_diagonal(pairs, 0.0)
    np.testing.assert_allclose(one.sum(axis=1), sizes, atol=1e-9)
    np.testing.assert_allclose(two.sum(axis=2), (sizes - 1)[:, None] * one, atol=1e-9)


def test_weights_are_found_back() -> None:
    true = np.array([0.1, 0.5, 1.0, 2.0, 7.0, 0.3, 1.3])
    sizes, customers = np.array([1, 2, 4]), np.array([500.0, 800.0, 300.0])
    buyers = customers @ inclusion(true, sizes)[0]
    found = fitted_weights(sizes, customers, buyers)
    np.testing.assert_allclose(found / found[2], true, rtol=1e-4)


def test_many_items_come_near_mantel_and_haenszel() -> None:
    """With many rare items, how many one holds hardly limits what else it holds."""
    rng = np.random.default_rng(5)
    volume = rng.choice([10, 60], 6000)
    held = rng.random((6000, 300)) < volume[:, None] / 300
    size = held.sum(axis=1)
    buyers = np.array([held[size == number].sum(axis=0) for number in range(size.max() + 1)])
    found = expected_both(np.bincount(size), buyers)
    tables = [
        np.histogram2d(held[size == n, 0], held[size == n, 1], bins=[[0, 0.5, 1]] * 2)[0][
            ::-1, ::-1
        ]
        for n in np.unique(size)
        if (size == n).sum() > 1
    ]
    peer = StratifiedTable(tables)
    expected = sum(t[0].sum() * t[:, 0].sum() / t.sum() for t in tables)
    observed = sum(t[0, 0] for t in tables)
    assert found.both[0, 1] == pytest.approx(expected, rel=0.05)
    assert found.variance[0, 1] == pytest.approx(
        (observed - expected) ** 2 / peer.test_null_odds(correction=False).statistic, rel=0.1
    )


def test_lift_support_and_error_rate_by_hand() -> None:
    held = by_volume(2000, 6, seed=8)
    frame = pair_frame(counts_of(held))
    n = len(held)
    for row in frame.to_dict("records"):
        a, b = held[:, row["place"]], held[:, row["other"]]
        both = (a & b).sum()
        assert row["customers"] == both
        assert row["support"] == pytest.approx(both / n)
        assert row["lift"] == pytest.approx(both * n / (a.sum() * b.sum()))
        term = (a & b) / both - a / a.sum() - b / b.sum() + 1 / n  # of the log lift, by customer
        wide = norm.ppf(0.975) * np.sqrt((term**2).sum())
        want = row["lift"] * np.exp([-wide, wide])
        # Shares of the pair stand in for those of each item, which differ by the lift itself.
        assert (row["lift_low"], row["lift_high"]) == pytest.approx(want, rel=0.04)
    np.testing.assert_allclose(frame["q"], multipletests(frame["p"], method="fdr_bh")[1])


def test_volume_alone_yields_no_pair_although_every_plain_lift_is_above_one() -> None:
    result = offers.pairs(lines_of(by_volume(3000, 20, seed=2)), period=PERIOD, level="category")
    frame = result.summary()
    assert (frame["lift"] > 1).mean() > 0.95
    assert frame["lift"].median() > 1.2
    assert frame["adjusted"].median() == pytest.approx(1, abs=0.02)
    assert not frame["together"].any()
    (finding,) = result.findings
    assert (finding.status, finding.reason) == ("withheld", "no_pair")
    assert not result.charts
    assert not result.tables


def test_a_planted_pair_is_found_and_nothing_else() -> None:
    held = by_volume(3000, 20, seed=2)
    rng = np.random.default_rng(0)
    second = held.sum(axis=0).argsort()[10]
    first = held.sum(axis=0).argsort()[11]
    held[:, second] |= held[:, first] & (rng.random(3000) < 0.5)
    result = offers.pairs(lines_of(held), period=PERIOD, level="category")
    frame = result.summary()
    chosen = frame[frame["together"]]
    assert [set(pair) for pair in chosen[["item", "other_item"]].to_numpy()] == [
        {f"item {first:02d}", f"item {second:02d}"}
    ]
    (finding,) = result.findings
    assert finding.status == "stated"
    assert finding.low > 1
    assert (chosen["adjusted"] < chosen["lift"]).all()
    for language in ("zh", "en"):
        page = result_html(result, language)
        assert page.count("<svg") + page.count("<img") >= 1
        assert f"item {first:02d}" in page


def test_customers_with_one_item_each_expect_no_pair() -> None:
    held = np.zeros((200, 4), dtype=bool)
    held[np.arange(200), np.arange(200) % 4] = True
    result = offers.pairs(lines_of(held), period=PERIOD, level="category")
    assert result.summary().empty
    assert result.findings[0].reason == "few_pairs"


def test_what_is_missing_is_named() -> None:
    lines = lines_of(by_volume(50, 5, seed=1))
    with pytest.raises(ParameterError, match="level"):
        offers.pairs(lines, period=PERIOD, level="aisle")
    with pytest.raises(MissingTableError, match="product_id"):
        offers.pairs(lines, period=PERIOD, level="product")
    with pytest.raises(MissingTableError, match="product_id"):
        offers.pairs(lines.drop(columns="category"), period=PERIOD)
    with pytest.raises(MissingTableError, match="amount"):
        offers.pairs(lines.drop(columns="amount"), period=PERIOD)


def test_items_on_sale_for_a_part_of_the_period_are_left_out() -> None:
    """Customers who come late meet both late items: no taste of theirs."""
    lines = lines_of(by_volume(1500, 12, seed=6))
    share = lines["customer_id"].to_numpy() % 10 / 10
    start = pd.Timestamp(PERIOD[0])
    lines["ordered_at"] = start + pd.to_timedelta((share * 400).astype(int), unit="D")
    late = lines["category"].isin(["item 00", "item 01"])
    lines = lines[~late | (share >= 0.5)]
    result = offers.pairs(lines, period=PERIOD, level="category")
    names = set(result.summary()["item"]) | set(result.summary()["other_item"])
    assert names == {f"item {place:02d}" for place in range(2, 12)}
