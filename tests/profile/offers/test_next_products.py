"""What to offer next: rankings, NDCG, the split in time, choice of a model, recommendations."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from loyalty_research.errors import ParameterError
from loyalty_research.profile import offers
from loyalty_research.profile.common import as_days
from loyalty_research.profile.offers.items import bought, top_items
from loyalty_research.profile.offers.next_judge import comparison, judge, ndcg, ranked
from loyalty_research.profile.offers.next_matrix import purchases
from loyalty_research.profile.offers.next_models import (
    fit_factors,
    fit_item_to_item,
    fit_rankers,
)
from loyalty_research.results.html import result_html

PERIOD = ("2024-01-01", "2024-12-30")
SPLIT = dt.date(2024, 10, 1)


def lines_of(who: np.ndarray, item: np.ndarray, day: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": who,
            "ordered_at": pd.Timestamp(PERIOD[0]) + pd.to_timedelta(day, unit="D"),
            "amount": 5.0,
            "category": [f"item {place:02d}" for place in item],
        }
    )


def world(
    customers: int = 700, items: int = 20, *, partners: float = 0.0, seed: int = 1
) -> pd.DataFrame:
    """Return lines of customers who choose items independently, or each item with its partner.

    ``partners`` is the share of purchases that repeat the partner (item + items / 2) of an item
    bought before.
    """
    rng = np.random.default_rng(seed)
    number = 4 + rng.poisson(rng.gamma(2.0, 4.0, customers))
    share = rng.dirichlet(np.full(items, 4.0))
    who = np.repeat(np.arange(customers), number)
    item = rng.choice(items, len(who), p=share)
    day = np.concatenate([np.sort(rng.integers(0, 365, n)) for n in number])
    follows = (rng.random(len(who)) < partners) & (np.diff(who, prepend=-1) == 0)
    for place in np.flatnonzero(follows):
        item[place] = (item[place - 1] + items // 2) % items
    return lines_of(who, item, day)


def test_ranks_come_best_first_and_ties_in_the_order_of_places() -> None:
    scores = np.array([[0.1, 3.0, 3.0, -np.inf, 2.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
    assert ranked(scores, depth=3).tolist() == [[1, 2, 4], [0, 1, 2]]
    assert ranked(scores, depth=9).tolist() == [[1, 2, 4, 0, 3], [0, 1, 2, 3, 4]]


def test_ndcg_by_hand() -> None:
    relevant = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]])
    wanted = np.array([2, 1, 5])
    best = [1 + 1 / np.log2(3), 1, 1 + 1 / np.log2(3) + 0.5]
    want = [(1 + 0.5) / best[0], 0, 1 / np.log2(3) / best[2]]
    np.testing.assert_allclose(ndcg(relevant, wanted), want)


def test_ndcg_is_that_of_scikit_learn() -> None:
    """Values of sklearn.metrics.ndcg_score 1.9.1, k = 10, for the same scores."""
    rng = np.random.default_rng(7)
    scores, bought_later = rng.normal(size=(4, 15)), rng.random((4, 15)) < 0.3
    order = ranked(scores, depth=10)
    found = np.take_along_axis(bought_later, order, axis=1).astype(float)
    np.testing.assert_allclose(ndcg(found, bought_later.sum(axis=1)), SKLEARN, rtol=1e-12)


SKLEARN = [0.32094798365376276, 0.3753127131864052, 0.37029133644382595, 0.24297182467963582]


def test_the_matrix_is_what_pandas_counts() -> None:
    lines = world(60)
    found = bought(lines, as_days(PERIOD), level="category")
    top = top_items(found.lines, most=15)
    own = purchases(found.lines, top, first=dt.date(2024, 3, 1), last=SPLIT)
    day = lines["ordered_at"].dt.date
    kept = lines[
        (day >= dt.date(2024, 3, 1)) & (day <= SPLIT) & lines["category"].isin(top["item"])
    ]
    want = kept.groupby(["customer_id", "category"])["ordered_at"].nunique().unstack(fill_value=0)
    assert own.customers.tolist() == want.index.tolist()
    np.testing.assert_array_equal(own.days.toarray(), want.reindex(columns=top["item"]).to_numpy())


def test_the_matrix_taken_in_parts_is_the_same(monkeypatch) -> None:
    lines = world(60).assign(customer_id=lambda frame: "c" + frame["customer_id"].astype(str))
    found = bought(lines, as_days(PERIOD), level="category")
    top = top_items(found.lines, most=15)
    span = {"first": dt.date(2024, 1, 1), "last": SPLIT}
    whole = purchases(found.lines, top, **span)
    monkeypatch.setattr("loyalty_research.profile.offers.next_matrix.PART", 7)
    parts = purchases(found.lines, top, **span)
    assert parts.customers.tolist() == whole.customers.tolist()
    assert (parts.days != whole.days).nnz == 0
    some = purchases(found.lines, top, **span, customers=whole.customers[::3])
    assert (some.days != whole.days[::3]).nnz == 0


def test_item_to_item_is_the_ridge_regression_of_each_item_on_the_others() -> None:
    rng = np.random.default_rng(2)
    days = sparse.csr_matrix(rng.poisson(0.6, (200, 6)).astype(np.float32))
    found = fit_item_to_item(days, shrinkage=30.0).weights
    logs = np.log1p(days.toarray().astype(float))
    for item in range(6):
        others = np.delete(np.arange(6), item)
        x, y = logs[:, others], logs[:, item]
        want = np.linalg.solve(x.T @ x + 30 * np.eye(5), x.T @ y)
        np.testing.assert_allclose(found[others, item], want, atol=1e-4)
    assert (np.diag(found) == 1).all()


def test_factors_are_a_truncated_singular_value_decomposition() -> None:
    rng = np.random.default_rng(2)
    days = sparse.csr_matrix(rng.poisson(0.6, (200, 12)).astype(np.float32))
    held = (days.toarray() > 0).astype(float)
    mean, spread = held.mean(axis=0), held.std(axis=0)
    left, values, right = np.linalg.svd((held - mean) / spread, full_matrices=False)
    want = mean + (left[:, :3] * values[:3]) @ right[:3] * spread
    np.testing.assert_allclose(fit_factors(days, factors=3).scores(days), want, atol=1e-4)


def test_repeats_and_first_times_are_judged_apart() -> None:
    before = sparse.csr_matrix(np.array([[2, 1, 0, 0, 0, 1.0], [1, 2, 1, 0, 0, 0]]))
    after = sparse.csr_matrix(np.array([[1, 0, 0, 1.0, 0, 0], [0, 0, 0, 0, 0, 0]]))
    rankers = fit_rankers(before)
    again = judge(rankers, before, after, kind="repeat", k=1)
    assert again.hits["own_most"].tolist() == [True]  # item 0, bought twice
    assert again.gains["own_most"].tolist() == [1.0]
    new = judge({"popular": rankers["popular"]}, before, after, kind="first", k=1)
    assert new.hits["popular"].tolist() == [False]  # item 2 is ranked first, item 3 was bought
    assert new.gains["popular"] == pytest.approx([1 / np.log2(3)])


def test_a_customer_with_no_more_than_k_to_rank_is_not_judged() -> None:
    before = sparse.csr_matrix(np.array([[2, 1, 0, 0.0]]))
    after = sparse.csr_matrix(np.array([[1, 0, 0, 0.0]]))
    assert not len(judge(fit_rankers(before), before, after, kind="repeat", k=2).hits["popular"])


def test_nothing_of_the_time_held_out_is_seen() -> None:
    """Purchases after the split may change what was bought later, not one ranking."""
    lines = world()
    late = lines["ordered_at"].dt.date >= SPLIT
    turned = lines.copy()
    turned.loc[late, "category"] = [
        f"item {19 - int(name[-2:]):02d}" for name in lines.loc[late, "category"]
    ]
    first, second = (_early_matrix(frame) for frame in (lines, turned))
    assert first[0] == second[0]
    assert (first[1] != second[1]).nnz == 0


def _early_matrix(lines: pd.DataFrame) -> tuple[list[str], sparse.csr_matrix]:
    found = bought(lines, as_days(PERIOD), level="category")
    top = top_items(found.lines.filter(found.lines.day < SPLIT), most=10)
    own = purchases(found.lines, top, first=dt.date(2024, 1, 1), last=SPLIT - dt.timedelta(days=1))
    return top["item"].tolist(), own.days


def test_partners_are_foretold_better_than_by_popularity() -> None:
    result = offers.next_products(world(1500, partners=0.6), period=PERIOD, level="category")
    first = result.summary().query("kind == 'first'").set_index("method")
    assert first.loc["item_to_item", "difference_low"] > 0
    assert first.loc["item_to_item", "hit"] > first.loc["popular", "hit"] + 0.1
    assert result.recommender.methods["first"] in {"item_to_item", "factors"}
    finding = {item.id: item for item in result.findings}["next_first"]
    assert finding.status == "stated"
    for language, word in (("zh", "矩阵分解"), ("en", "matrix factorisation")):
        assert word in result_html(result, language)


def test_independent_tastes_leave_the_simple_way() -> None:
    result = offers.next_products(world(), period=PERIOD, level="category")
    first = result.summary().query("kind == 'first'")
    assert not first["beats"].any()
    assert result.recommender.methods["first"] == "popular"
    assert "next_first_simple" in {item.id for item in result.findings}
    for language, word in (("zh", "热销排行"), ("en", "popularity")):
        assert word in result_html(result, language)


def test_the_comparison_counts_both_models() -> None:
    rng = np.random.default_rng(0)
    before = sparse.csr_matrix(rng.poisson(0.8, (400, 12)).astype(np.float32))
    after = sparse.csr_matrix((rng.random((400, 12)) < 0.2).astype(np.float32))
    judged = judge(fit_rankers(before), before, after, kind="repeat", k=2)
    frame = comparison(judged, "repeat").set_index("method")
    gap = judged.gains["factors"] - judged.gains[frame.index[frame["simple"]][0]]
    error = gap.std(ddof=1) / np.sqrt(len(gap))
    assert frame.loc["factors", "difference_low"] == pytest.approx(gap.mean() - 2.241403 * error)
    assert frame["used"].sum() == 1


def test_recommendations_of_some_customers() -> None:
    lines = world(300)
    result = offers.next_products(lines, period=PERIOD, level="category")
    every = result.recommender.recommend(k=2)
    held = set(zip(lines["customer_id"], lines["category"], strict=True))
    assert every["repeat"].tolist() == [
        pair in held for pair in zip(every["customer_id"], every["item"], strict=True)
    ]
    assert every.groupby(["customer_id", "repeat"]).size().max() == 2
    assert set(every["rank"]) == {1, 2}
    some = result.recommender.recommend([7, 3, 10**6], k=2)
    want = every[every["customer_id"].isin([3, 7])].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, want)
    counted = pd.Series(result.recommender.first_choices(), index=result.recommender.names)
    firsts = every[~every["repeat"] & (every["rank"] == 1)]["name"].value_counts()
    assert counted[counted > 0].sort_index().to_dict() == firsts.sort_index().to_dict()


def test_wrong_numbers_and_short_periods() -> None:
    with pytest.raises(ParameterError, match="k:"):
        offers.next_products(world(50), period=PERIOD, level="category", k=0)
    short = offers.next_products(world(50), period=("2024-01-01", "2024-02-20"), level="category")
    assert {item.reason for item in short.findings} == {"period_too_short"}
    assert short.recommender is None
    few = offers.next_products(world(12), period=PERIOD, level="category")
    assert {item.reason for item in few.findings} <= {"few_later_purchases", "base_too_small"}
