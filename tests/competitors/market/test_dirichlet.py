"""The NBD-Dirichlet: published values, the truncation trap, refusals, and the truth got back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from loyalty_research.competitors.market import (
    MomentDirichlet,
    Panel,
    fit_dirichlet,
    fit_dirichlet_households,
)
from loyalty_research.competitors.market.likelihood import rates_slopes
from loyalty_research.competitors.market.sums import totals
from loyalty_research.errors import DataError, ParameterError

BRANDS = ("Colgate", "Macleans", "Close Up", "Signal", "Ultrabrite", "Gibbs", "Boots", "Sainsbury")
SHARES = (0.25, 0.19, 0.10, 0.10, 0.09, 0.08, 0.03, 0.02)
REACHED = (0.20, 0.17, 0.09, 0.08, 0.08, 0.07, 0.03, 0.02)
GIVEN = {
    "category_penetration": 0.56,
    "category_rate": 2.6,
    "shares": dict(zip(BRANDS, SHARES, strict=True)),
    "penetrations": dict(zip(BRANDS, REACHED, strict=True)),
}


@pytest.fixture(scope="module")
def toothpaste() -> MomentDirichlet:
    return fit_dirichlet(**GIVEN)


@pytest.fixture(scope="module")
def table(toothpaste) -> pd.DataFrame:
    return toothpaste.brand_table().set_index("brand")


def test_category_parameters(toothpaste) -> None:
    assert pytest.approx(1.456) == toothpaste.M
    assert pytest.approx(0.7788, abs=5e-5) == toothpaste.K


def test_single_brand_estimates(toothpaste) -> None:
    printed = [1.2977, 2.2134, 1.6031, 0.8446, 1.4493, 1.2930, 2.2198, 2.1382]
    assert toothpaste.single == pytest.approx(printed, abs=1e-4)


def test_the_mean_leaves_out_what_the_reference_leaves_out(toothpaste) -> None:
    kept = [name for name, inside in zip(BRANDS, toothpaste.kept, strict=True) if inside]
    assert kept == ["Colgate", "Close Up", "Signal", "Ultrabrite", "Gibbs"]
    # The reference solves for K to four digits only, which moves the fifth of S.
    assert pytest.approx(1.29528, abs=5e-5) == toothpaste.S


def test_the_plain_mean_stands_beside_and_can_be_chosen(toothpaste) -> None:
    plain = fit_dirichlet(**GIVEN, convention="weighted")
    assert toothpaste.weighted == pytest.approx(1.550, abs=5e-4)
    assert toothpaste.weighted == plain.S


@pytest.mark.parametrize(
    ("brand", "column", "printed", "tolerance"),
    [
        ("Colgate", "penetration", 0.19995, 1e-5),
        ("Colgate", "purchase_frequency", 1.8205, 1e-4),
        ("Colgate", "category_rate", 3.1615, 1e-4),
        ("Colgate", "share_of_requirements", 0.5758, 1e-4),
        ("Colgate", "sole_buyers", 0.4523, 1e-4),
        ("Boots", "penetration", 0.02698, 1e-5),
        ("Boots", "purchase_frequency", 1.6188, 1e-4),
        ("Boots", "category_rate", 3.3707, 1e-4),
    ],
)
def test_brand_table(table, brand, column, printed, tolerance) -> None:
    assert table.loc[brand, column] == pytest.approx(printed, abs=tolerance)


def test_purchase_distribution(toothpaste) -> None:
    found = toothpaste.purchase_distribution("Colgate")
    printed = [0.80005, 0.11883, 0.04249, 0.01880, 0.00919, 0.00476, 0.00588]
    assert found.to_numpy() == pytest.approx(printed, abs=1e-5)
    assert list(found.index) == ["0", "1", "2", "3", "4", "5", "6+"]


def test_duplication(toothpaste) -> None:
    printed = [0.18628, 0.10318, 0.10318, 0.09339, 0.08349, 0.03223, 0.02161]
    assert toothpaste.duplication("Colgate").to_numpy() == pytest.approx(printed, abs=1e-5)
    assert toothpaste.duplication_coefficient() == pytest.approx(1.1956, abs=1e-4)


def test_four_periods_are_not_cut_short(toothpaste) -> None:
    found = toothpaste.brand_table(4).set_index("brand").loc["Colgate"]
    printed = [0.3852, 3.780, 8.894]
    columns = ["penetration", "purchase_frequency", "category_rate"]
    assert found[columns].to_numpy(dtype=float) == pytest.approx(printed, abs=5e-4)
    assert found["category_rate"] > 8.85, "the sum was cut at 50 purchases"


@pytest.mark.parametrize("periods", [1, 4, 13, 52])
def test_category_rates_fall_with_size_at_any_length(toothpaste, periods) -> None:
    rates = toothpaste.brand_table(periods).sort_values("share")["category_rate"].to_numpy()
    assert (np.diff(rates) <= 1e-9).all()


@pytest.mark.parametrize(
    ("mean", "shape"), [(0.2, 0.1), (1.456, 0.7788), (80.0, 0.3), (20.0, 50.0)]
)
def test_sums_leave_out_less_than_a_trillionth(mean, shape) -> None:
    chances = totals(mean, shape)
    assert chances @ np.arange(len(chances)) == pytest.approx(mean, rel=1e-10)
    assert chances.sum() == pytest.approx(1, abs=1e-10)


def test_two_brands_as_one_are_bought_as_one(toothpaste) -> None:
    """The model of a market does not change when brands are pooled."""
    single = toothpaste.expected()
    whole = toothpaste.brand_table().set_index("brand")["penetration"]
    both = single.penetration[0] + single.penetration[1]
    shared = toothpaste.duplication("Colgate")["Macleans"] * whole["Colgate"]
    assert both - shared < both
    assert shared == pytest.approx(
        toothpaste.duplication("Macleans")["Colgate"] * whole["Macleans"]
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"shares": [0.7, 0.6], "penetrations": [0.3, 0.3]}, "add up to 1.3"),
        ({"shares": [0.7], "penetrations": [0.3]}, "one brand"),
        ({"shares": {"A": 0.7, "B": 0.3}, "penetrations": {"A": 0.4, "C": 0.2}}, "B, C"),
        ({"shares": [0.7, 0.3], "penetrations": [0.4]}, "2 and 1"),
        ({"shares": [0.7, 0.0], "penetrations": [0.4, 0.0]}, "nobody bought"),
        ({"shares": [0.7, 0.2], "penetrations": [0.4, 0.6]}, "at most 0.56"),
        ({"category_penetration": 1.2}, "between 0 and 1"),
        ({"category_rate": 0.9}, "above 1"),
        ({"category_rate": 1.2}, "buy alike"),
        ({"shares": [0.7, 0.2], "penetrations": [0.01, 0.01]}, "no S gives"),
    ],
)
def test_figures_that_cannot_be_are_refused(change, told) -> None:
    with pytest.raises(ParameterError, match=told):
        fit_dirichlet(**{**GIVEN, **change})


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ParameterError) as error:
        fit_dirichlet(
            category_penetration=2, category_rate=0.5, shares=[0.9, 0.9], penetrations=[0.1, 0.1]
        )
    assert len(error.value.problems) == 3


def test_unknown_brand_and_period_are_refused(toothpaste) -> None:
    with pytest.raises(ParameterError, match="Colgate, Macleans"):
        toothpaste.duplication("Crest")
    with pytest.raises(ParameterError, match="above 0"):
        toothpaste.brand_table(0)


# Households


def households(seed: int, count: int = 40_000) -> np.ndarray:
    """Draw a market: M 3, K .8, S 1.3, four brands."""
    rng = np.random.default_rng(seed)
    bought = rng.negative_binomial(0.8, 0.8 / 3.8, count)
    liking = rng.standard_gamma(1.3 * np.array([0.5, 0.3, 0.15, 0.05]), (count, 4))
    return rng.multinomial(bought, liking / liking.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("panel", ["all", "buyers"])
def test_the_truth_is_got_back(panel) -> None:
    counts = households(3)
    fit = fit_dirichlet_households(counts if panel == "all" else counts[counts.any(axis=1)])
    assert fit.truncated is (panel == "buyers")
    for name, truth in (("M", 3), ("K", 0.8), ("S", 1.3)):
        found = fit.estimate(name)
        assert found.low < truth < found.high
        assert found.high / found.low < 1.25
    assert fit.shares == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.015)


def test_households_without_a_row_count_as_zeros() -> None:
    counts = households(4, 2_000)
    whole = fit_dirichlet_households(counts)
    bought = fit_dirichlet_households(counts[counts.any(axis=1)], households=2_000)
    assert pytest.approx((bought.M, bought.K, bought.S)) == (whole.M, whole.K, whole.S)
    assert whole.estimate("K").low == pytest.approx(bought.estimate("K").low)


def test_moments_of_a_large_panel_agree_with_the_likelihood() -> None:
    counts = households(5)
    bought = counts.any(axis=1)
    size = counts.sum(axis=1)
    moments = fit_dirichlet(
        category_penetration=bought.mean(),
        category_rate=size[bought].mean(),
        shares=list(counts.sum(axis=0) / size.sum()),
        penetrations=list((counts > 0).mean(axis=0)),
        convention="weighted",
    )
    fit = fit_dirichlet_households(counts)
    assert pytest.approx((fit.M, fit.K, fit.S), rel=0.05) == (moments.M, moments.K, moments.S)


def test_buyers_only_condition_on_a_purchase() -> None:
    counts = households(6)
    fit = fit_dirichlet_households(counts[counts.any(axis=1)])
    seen = (counts[counts.any(axis=1)] > 0).mean(axis=0)
    assert fit.brand_table()["penetration"].to_numpy() == pytest.approx(seen, rel=0.03)
    later = fit.brand_table(4)["penetration"]
    assert (later > fit.brand_table()["penetration"]).all()


@pytest.mark.parametrize("truncated", [False, True])
def test_slopes_of_the_rates_are_those_of_the_likelihood(truncated) -> None:
    number, step = np.arange(1.0, 7), 1e-6
    here, slopes = rates_slopes(number, 0.5, 0.2, truncated=truncated)
    by_mean, _ = rates_slopes(number, 0.5 + step, 0.2, truncated=truncated)
    by_shape, _ = rates_slopes(number, 0.5, 0.2 + step, truncated=truncated)
    numeric = np.column_stack([by_mean - here, by_shape - here]) / step
    assert slopes == pytest.approx(numeric, abs=1e-5)


def test_scores_add_up_to_nothing_at_the_maximum() -> None:
    counts = households(7, 3_000)
    fit = fit_dirichlet_households(counts)
    spread = np.sqrt((fit.scores(counts) ** 2).sum(axis=0))
    assert np.abs(fit.scores(counts).sum(axis=0) / spread).max() < 1e-3


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([[1], [2]], "one brand"),
        ([[1, 0], [2, 0]], "nobody bought brand 2"),
        ([[0, 0], [0, 0]], "nobody bought anything"),
        ([[1, 0.5], [2, 0]], "whole numbers"),
        ([[1, -1], [2, 0]], "whole numbers"),
        ([[1, 0], [0, 1], [1, 0]], "two purchases"),
        ([[3, 0], [0, 4], [2, 0], [0, 5]] * 30, "one brand only"),
    ],
)
def test_counts_that_say_nothing_are_refused(counts, told) -> None:
    with pytest.raises(DataError, match=told):
        fit_dirichlet_households(np.array(counts))


def test_fewer_households_than_buyers_are_refused() -> None:
    with pytest.raises(DataError, match="at least the 200"):
        fit_dirichlet_households(np.array([[2, 1], [1, 2]] * 100), households=100)


def test_a_panel_can_be_given() -> None:
    counts = households(8, 1_000)
    panel = Panel(counts, ("a", "b", "c", "d"), 1_000)
    assert fit_dirichlet_households(panel).brands == ("a", "b", "c", "d")
