"""The model that weeks held out speak for: published holdout, own families, and baselines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from value_shops import PERIOD, bought, cdnow, cdnow_orders, regular

from loyalty_research.profile.clv.choice import Choice, choose, score_table
from loyalty_research.profile.clv.count_fit import compare_counts, count_probabilities
from loyalty_research.profile.clv.holdout import count_windows
from loyalty_research.profile.clv.scores import (
    band_edges,
    band_names,
    by_band,
    gain_over,
    score,
    total_error,
)
from loyalty_research.profile.clv.windows import split_weeks
from loyalty_research.profile.common import as_days

PUBLISHED = {
    "bg_nbd": {"r": 0.24259, "alpha": 4.41353, "a": 0.79289, "b": 2.42575},
    "pareto_nbd": {"r": 0.55328, "alpha": 10.5777, "s": 0.60624, "beta": 11.669},
    "mbg_nbd": {"r": 0.52484, "alpha": 6.18299, "a": 0.89136, "b": 1.61400},
    "nbd": {"r": 0.38477, "alpha": 12.072},
}
"""CDNOW; the NBD's are this project's own."""
FREQUENT = st.floats(0.2, 5.0)


def choice_of(orders: pd.DataFrame, *, observed: bool = True) -> tuple[Choice, pd.DataFrame]:
    windows = split_weeks(as_days(PERIOD), first_purchase_observed=observed)
    counts = count_windows(orders, windows)
    choice = choose(counts, windows.holdout)
    assert choice is not None
    return choice, counts


@pytest.fixture(scope="module")
def published() -> tuple[Choice, pd.DataFrame]:
    windows = split_weeks(as_days(("1997-01-01", "1998-06-30")), first_purchase_observed=True)
    counts = count_windows(cdnow_orders(), windows)
    return choose(counts, windows.holdout), counts


def test_holdout_of_the_papers(published) -> None:
    choice, counts = published
    table = score_table(choice, counts).set_index("model")
    assert set(table["actual"]) == {1882}
    assert table.loc["pareto_nbd", "predicted"] == pytest.approx(1665.5, abs=0.1)
    assert table.loc["bg_nbd", "predicted"] == pytest.approx(1653.4, abs=0.1)
    assert choice.dropout_identified
    assert choice.beats
    assert choice.used == table.loc[["nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"], "rmse"].idxmin()
    for name in ("bg_nbd", "mbg_nbd", "pareto_nbd"):
        aic = 8 - 2 * table.loc[name, "log_likelihood"]
        assert table.loc[name, "aic"] == pytest.approx(aic)


def test_calibration_is_that_of_the_papers(published) -> None:
    summary = pd.read_csv(cdnow("cdnow_customers_summary.csv"))
    counts = published[1]
    assert counts["frequency"].tolist() == summary["frequency"].tolist()
    assert counts["T"].to_numpy() == pytest.approx(summary["T"].to_numpy(), abs=0.006)


def test_counts_of_the_papers() -> None:
    summary = pd.read_csv(cdnow("cdnow_customers_summary.csv"))
    expected = np.zeros(8)
    for time, customers in summary["T"].value_counts().items():
        expected[:7] += customers * count_probabilities(
            "bg_nbd", PUBLISHED["bg_nbd"], float(time), upto=6
        )
    expected[7] = len(summary) - expected.sum()
    published = [1407.7, 460.3, 192.5, 101.2, 59.9, 38.1, 25.6, 71.2]
    assert expected == pytest.approx(published, abs=0.7)


@pytest.mark.parametrize("model", sorted(PUBLISHED))
def test_chances_add_up_and_have_the_mean_of_the_model(model) -> None:
    from loyalty_research.profile import clv

    chances = count_probabilities(model, PUBLISHED[model], 39.0, upto=4000)
    assert chances.min() >= 0
    assert chances.sum() == pytest.approx(1, abs=1e-6)
    summary = pd.read_csv(cdnow("cdnow_customers_summary.csv"))
    fitted = getattr(clv, f"fit_{model}")(summary)
    mean = fitted.expected_orders_new(39.0)
    own = count_probabilities(model, fitted.params, 39.0, upto=4000)
    assert own @ np.arange(4001) == pytest.approx(mean, rel=1e-5)


@settings(max_examples=30, deadline=None)
@given(r=FREQUENT, alpha=FREQUENT, a=FREQUENT, b=FREQUENT, time=st.floats(0.0, 30.0))
def test_chances_are_chances(r, alpha, a, b, time) -> None:
    params = {"r": r, "alpha": alpha, "a": a, "b": b, "s": a, "beta": b}
    for model in PUBLISHED:
        chances = count_probabilities(model, params, time, upto=50)
        assert chances.min() >= 0
        assert chances.sum() <= 1 + 1e-9
    assert count_probabilities("bg_nbd", params, 0.0, upto=3)[0] == pytest.approx(1)


def test_cells_hold_everybody() -> None:
    x = np.random.default_rng(3).negative_binomial(0.8, 0.1, 500)
    fit = compare_counts("nbd", {"r": 0.8, "alpha": 1.0}, x, np.full(500, 9.0))
    assert fit.table["observed"].sum() == 500
    assert fit.table["expected"].sum() == pytest.approx(500)
    assert fit.table["expected"].min() >= 5
    assert 2 < len(fit.table) <= 8
    edges = fit.table[["low", "high"]].to_numpy()
    assert (edges[1:, 0] == edges[:-1, 1] + 1).all()
    assert edges[-1, 1] == -1
    wrong = compare_counts("nbd", {"r": 5.0, "alpha": 6.25}, x, np.full(500, 9.0))
    assert wrong.p_value < 1e-4 < fit.p_value


def test_a_shop_whose_customers_leave() -> None:
    choice, counts = choice_of(bought(7, 900, dropout=(0.8, 4.0)))
    assert choice.used in {"bg_nbd", "mbg_nbd", "pareto_nbd"}
    assert choice.dropout_identified
    assert choice.gone.high < 0.5
    assert choice.beats
    statuses = {name: item.status for name, item in choice.candidates.items()}
    assert statuses[choice.used] == "used"
    assert statuses["nbd"] == "usable"
    table = score_table(choice, counts).set_index("model")
    assert table.loc[choice.used, "gain"] == pytest.approx(
        table.loc[choice.baseline, "mae"] - table.loc[choice.used, "mae"]
    )


@pytest.mark.parametrize("observed", [True, False])
def test_a_shop_whose_customers_stay(observed) -> None:
    choice, _ = choice_of(bought(11, 700, entry=3), observed=observed)
    assert choice.used == "nbd"
    assert not choice.dropout_identified
    assert {choice.candidates[name].status for name in ("bg_nbd", "mbg_nbd", "pareto_nbd")} <= {
        "no_gain",
        "boundary",
        "not_converged",
    }


def test_no_model_beats_customers_who_repeat_to_the_week() -> None:
    """Who buys every k weeks without fail is best forecast by the same again."""
    choice, _ = choice_of(regular(), observed=False)
    assert choice.baseline == "repeat_last"
    assert not choice.beats
    assert choice.gain.high < 0


def test_scores_by_hand() -> None:
    actual, forecast = np.array([0.0, 2.0, 4.0]), np.array([1.0, 2.0, 1.0])
    found = score(forecast, actual)
    assert found["mae"] == pytest.approx(4 / 3)
    assert found["rmse"] == pytest.approx(np.sqrt(10 / 3))
    assert found["total_error"] == pytest.approx(-1 / 3)
    assert total_error(forecast, actual).value == pytest.approx(-1 / 3)
    gain = gain_over(forecast, np.array([0.0, 5.0, 4.0]), actual)
    assert gain.value == pytest.approx((3 - 4) / 3)
    assert gain.low < gain.value < gain.high
    assert np.isnan(score(forecast, np.zeros(3))["total_error"])


@given(st.lists(st.integers(0, 60), min_size=1, max_size=200))
def test_bands_hold_everybody(values) -> None:
    frequency = np.array(values)
    table = by_band(frequency, frequency * 1.0, {"predicted": frequency * 2.0})
    assert table["customers"].sum() == len(values)
    assert (table["actual"] * table["customers"]).sum() == pytest.approx(sum(values))
    assert len(band_names(band_edges(frequency))) <= 7
