"""The fitted models: groups, totals, value, Ibis, refusals, and what is never said wrongly."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom

from loyalty_research.errors import DataError, LoyaltyError, ParameterError, sentences
from loyalty_research.profile import clv

CLOSE = 1e-9
FITS = {
    "bg_nbd": clv.fit_bg_nbd,
    "mbg_nbd": clv.fit_mbg_nbd,
    "pareto_nbd": clv.fit_pareto_nbd,
    "nbd": clv.fit_nbd,
}
NAMES = list(FITS)


def shop(size: int = 1_500, seed: int = 0, *, chance: float = 0.15) -> pd.DataFrame:
    """Return customers who buy at rates of their own and may leave after a repeat purchase."""
    rng = np.random.default_rng(seed)
    age = np.round(rng.uniform(25, 52, size) * 7) / 7
    gap = 8.0 / rng.gamma(1.2, size=size)
    leaves = rng.beta(2 * chance, 2 * (1 - chance), size) if chance else np.zeros(size)
    x, now, recency = np.zeros(size), np.zeros(size), np.zeros(size)
    rows = np.arange(size)
    while len(rows):
        now[rows] += rng.exponential(gap[rows])
        rows = rows[now[rows] <= age[rows]]
        x[rows] += 1
        recency[rows] = now[rows]
        rows = rows[rng.random(len(rows)) >= leaves[rows]]
    level = rng.gamma(4, 10, size)
    spend = np.where(x > 0, rng.gamma(np.maximum(x, 1) * 3) / (np.maximum(x, 1) * 3) * level, 0)
    return pd.DataFrame(
        {
            "customer_id": np.arange(size) + 100,
            "frequency": x.astype(int),
            "recency": recency,
            "T": age,
            "mean_spend": spend,
        }
    )


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return shop()


@pytest.fixture(scope="module")
def models(rows) -> dict[str, clv.CustomerModel]:
    return {name: fit(rows) for name, fit in FITS.items()}


@pytest.fixture(scope="module")
def spend(rows) -> clv.GammaGamma:
    return clv.fit_gamma_gamma(rows)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_says_what_it_rests_on(name: str, models) -> None:
    model = models[name]
    assert model.name == name
    assert model.base == 1_500
    assert model.converged
    table = model.summary()
    assert table["parameter"].tolist() == list(model.params)
    assert (table["low"] < table["estimate"]).all()
    assert (table["high"] > table["estimate"]).all()
    assert table["standard_error"].tolist() == list(model.standard_errors.values())
    assert (model.summary(level=0.5)["high"] < table["high"]).all()
    assert model.cite().startswith("@")
    with pytest.raises(dataclasses.FrozenInstanceError):
        model.base = 1
    assert model.dropout_identified == (name != "nbd")


@pytest.mark.parametrize("name", NAMES)
def test_ibis_gives_what_pandas_gives(name: str, rows, models) -> None:
    table = ibis.memtable(rows.sample(frac=1, random_state=1))
    model = FITS[name](table)
    assert [*model.params.values()] == pytest.approx([*models[name].params.values()], rel=1e-5)
    for method in ("p_alive", "expected_orders"):
        options = {"periods": 20} if method == "expected_orders" else {}
        found = getattr(model, method)(table, **options)
        assert found.index.tolist() == rows["customer_id"].tolist()
        want = getattr(models[name], method)(rows, **options)
        assert found.to_numpy() == pytest.approx(want.to_numpy(), rel=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_a_row_may_stand_for_many_customers(name: str, rows) -> None:
    coarse = rows.assign(recency=np.ceil(rows["recency"]), T=np.ceil(rows["T"]))
    keys = ["frequency", "recency", "T"]
    groups = coarse.groupby(keys).size().rename("customers").reset_index()
    assert len(groups) < len(coarse)
    one, many = FITS[name](coarse), FITS[name](groups)
    assert many.base == one.base
    assert many.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-4)
    a, b = (m.expected_total(f, periods=10).iloc[0] for m, f in ((one, coarse), (many, groups)))
    assert b["customers"] == 1_500
    for column in ("expected", "low", "high", "se_parameters", "sd_customers"):
        assert b[column] == pytest.approx(a[column], rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_the_index_of_the_rows_is_kept(name: str, rows, models) -> None:
    some = rows.iloc[[7, 3, 900]].set_index("customer_id")
    alive = models[name].p_alive(some)
    assert alive.index.tolist() == some.index.tolist()
    assert alive.between(0, 1).all()


@pytest.mark.parametrize("name", NAMES)
def test_more_time_brings_more_orders(name: str, rows, models) -> None:
    model = models[name]
    ahead = [model.expected_orders(rows, periods=t).to_numpy() for t in (0, 1, 10, 52)]
    assert ahead[0] == pytest.approx(0.0, abs=CLOSE)
    assert all((late > early).all() for early, late in pairwise(ahead))
    new = model.expected_orders_new([0, 1, 52])
    assert new[0] == 0
    assert new[2] > new[1] > 0
    assert isinstance(model.expected_orders_new(52), float)


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd", "pareto_nbd"])
def test_longer_silence_means_less_likely_alive(name: str, models) -> None:
    silent = pd.DataFrame({"frequency": 4, "recency": [40.0, 30.0, 20.0, 5.0], "T": 40.0})
    assert (np.diff(models[name].p_alive(silent)) < 0).all()


def test_totals_add_up_over_groups(rows, models) -> None:
    model = models["bg_nbd"]
    band = np.where(rows["frequency"] > 2, "many", "few")
    parts = model.expected_total(rows, periods=26, groups=band)
    assert parts["group"].tolist() == ["few", "many"]
    whole = model.expected_total(rows, periods=26).iloc[0]
    assert parts["expected"].sum() == pytest.approx(whole["expected"])
    assert parts["customers"].sum() == whole["customers"] == len(rows)
    assert np.hypot.reduce(parts["sd_customers"]) == pytest.approx(whole["sd_customers"])
    named = model.expected_total(rows.assign(band=band), periods=26, groups="band")
    pd.testing.assert_frame_equal(named, parts)
    narrow = model.expected_total(rows, periods=26, level=0.5).iloc[0]
    assert whole["low"] < narrow["low"] < narrow["expected"] < narrow["high"] < whole["high"]


def test_the_spread_of_one_customer_is_that_of_the_nbd(models) -> None:
    model = models["nbd"]
    row = pd.DataFrame({"frequency": [3], "recency": [9.0], "T": [30.0]})
    r, alpha = model.params.values()
    law = nbinom(r + 3, (alpha + 30) / (alpha + 30 + 12))
    found = model.expected_total(row, periods=12).iloc[0]
    assert found["expected"] == pytest.approx(law.mean())
    assert found["sd_customers"] == pytest.approx(law.std())


@pytest.mark.parametrize("name", ["bg_nbd", "pareto_nbd"])
def test_value_is_spend_times_orders_without_discount(name: str, rows, models, spend) -> None:
    plain = {"spend": spend, "periods": 52, "discount_rate_per_period": 0.0, "margin": 1.0}
    value = models[name].discounted_value(rows, **plain)
    orders = models[name].expected_orders(rows, periods=52)
    want = orders * spend.expected_spend(rows)
    assert value.to_numpy() == pytest.approx(want.to_numpy(), rel=1e-6)
    half = models[name].discounted_value(rows, **(plain | {"margin": 0.5}))
    assert half.to_numpy() == pytest.approx(value.to_numpy() / 2)
    low, high = (
        models[name].discounted_value(rows, **(plain | {"discount_rate_per_period": rate}))
        for rate in (0.002, 0.01)
    )
    assert (value > low).all()
    assert (low > high).all()


def test_discounting_is_that_of_many_short_periods(rows, models, spend) -> None:
    model, some = models["bg_nbd"], rows.iloc[:5]
    rate, steps = 0.004, np.linspace(0, 52, 2_081)
    orders = np.array([model.expected_orders(some, periods=float(t)) for t in steps])
    middle = (steps[1:] + steps[:-1]) / 2
    summed = (np.diff(orders, axis=0) * (1 + rate) ** -middle[:, None]).sum(axis=0)
    found = model.discounted_value(
        some, spend=spend, periods=52, discount_rate_per_period=rate, margin=0.3
    )
    want = 0.3 * summed * spend.expected_spend(some).to_numpy()
    assert found.to_numpy() == pytest.approx(want, rel=1e-5)


def test_spend_that_moves_with_frequency_is_said(rows, spend) -> None:
    assert not spend.spend_depends_on_frequency
    assert abs(spend.frequency_slope.value) < 0.05
    x = rows["frequency"].clip(lower=1)
    tilted = rows.assign(mean_spend=rows["mean_spend"] * x**0.3)
    found = clv.fit_gamma_gamma(tilted)
    assert found.spend_depends_on_frequency
    assert found.frequency_slope.value == pytest.approx(2**0.3 - 1, abs=0.1)


def test_spend_leaves_out_who_did_not_pay(rows) -> None:
    refunded = rows.copy()
    bought = refunded.index[refunded["frequency"] > 0]
    refunded.loc[bought[:3], "mean_spend"] = [-5.0, 0.0, -1.0]
    model = clv.fit_gamma_gamma(refunded)
    assert model.left_out == 3
    assert model.base == len(bought) - 3
    expected = model.expected_spend(refunded)
    assert expected[bought[:3]].to_numpy() == pytest.approx(model.population_mean)


def test_no_dropout_ends_at_the_bound_with_the_numbers_of_the_nbd() -> None:
    rows = shop(seed=3, chance=0.0)
    # Regular to the end: nothing that a departure would explain.
    x = rows["frequency"]
    rows["recency"] = rows["T"] * x / (x + 1)
    plain = clv.fit_nbd(rows).expected_total(rows, periods=20).iloc[0]
    for name in ("bg_nbd", "mbg_nbd", "pareto_nbd"):
        model = FITS[name](rows)
        assert model.converged
        assert model.at_bound == tuple(model.params)[2:]
        assert not model.dropout_identified
        table = model.summary().set_index("parameter")
        stuck = list(model.at_bound)
        assert np.isinf(table.loc[stuck, "high"]).all()
        assert (table.loc[stuck, "low"] == 0).all()
        assert np.isfinite(table.loc[["r", "alpha"], "standard_error"]).all()
        total = model.expected_total(rows, periods=20).iloc[0]
        for column in ("expected", "low", "high"):
            assert total[column] == pytest.approx(plain[column], rel=2e-3)


def changed(**columns: object) -> pd.DataFrame:
    return shop(200).assign(**columns)


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (shop(200).drop(columns=["recency", "T"]), "missing column.s. recency, T"),
        (shop(200).iloc[:0], "no customer"),
        (changed(frequency=0, recency=0.0), "0 customer.s. bought again"),
        (shop(200).iloc[:1], "customer.s. bought again; needed: at least 10"),
        (changed(T="a year"), "column T has type"),
        (changed(T=np.nan), "200 row.s. hold a value that is missing or not finite"),
        (changed(T=np.inf), "missing or not finite"),
        (changed(frequency=-1), "negative"),
        (changed(frequency=1.5), "not a whole number"),
        (changed(recency=99.0), "above T"),
        (changed(frequency=0, recency=3.0, T=9.0), "above 0 with a frequency of 0"),
        (changed(customers=0), "zero"),
    ],
)
@pytest.mark.parametrize("name", ["bg_nbd", "nbd"])
def test_rows_that_cannot_be_are_refused_in_both_languages(name: str, frame, told: str) -> None:
    with pytest.raises(DataError, match=told) as caught:
        FITS[name](frame)
    for line in sentences(caught.value, "zh"):
        assert not any(word in line for word in ("value", "customer(s)", "row(s)", "column "))


def test_all_that_is_wrong_comes_at_once() -> None:
    with pytest.raises(DataError) as caught:
        clv.fit_bg_nbd(changed(T=np.nan, frequency="x", recency=-1.0))
    assert len(caught.value.problems) == 3


def test_no_table_is_refused() -> None:
    with pytest.raises(ParameterError, match="found list"):
        clv.fit_bg_nbd([1, 2, 3])


def test_equal_amounts_are_no_spend_model() -> None:
    with pytest.raises(DataError, match="same mean_spend"):
        clv.fit_gamma_gamma(changed(mean_spend=12.0))


@pytest.mark.parametrize("periods", [-1, np.nan, np.inf, "52", True, None])
def test_time_ahead_is_a_number(periods: object, rows, models) -> None:
    with pytest.raises(ParameterError, match="periods"):
        models["bg_nbd"].expected_orders(rows, periods=periods)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"margin": 0}, "margin"),
        ({"margin": 1.2}, "margin"),
        ({"discount_rate_per_period": -0.1}, "discount_rate_per_period"),
    ],
)
def test_rates_are_checked(wrong: dict[str, float], told: str, rows, models, spend) -> None:
    given = {"periods": 52, "discount_rate_per_period": 0.01, "margin": 0.3} | wrong
    with pytest.raises(ParameterError, match=told):
        models["nbd"].discounted_value(rows, spend=spend, **given)


def test_labels_of_groups_are_checked(rows, models) -> None:
    for groups in ("band", ["a", "b"]):
        with pytest.raises(LoyaltyError, match=r"band|groups"):
            models["nbd"].expected_total(rows, periods=5, groups=groups)


def test_a_spend_model_without_a_mean_says_so(rows, models, spend) -> None:
    endless = dataclasses.replace(spend, params={"p": 5.0, "q": 0.9, "v": 10.0})
    assert endless.population_mean == np.inf
    none = rows[rows["frequency"] == 0]
    assert np.isinf(endless.expected_spend(none)).all()
    with pytest.raises(DataError, match="no finite mean"):
        models["nbd"].discounted_value(
            rows, spend=endless, periods=9, discount_rate_per_period=0.0, margin=1.0
        )
