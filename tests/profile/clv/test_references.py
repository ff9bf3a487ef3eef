"""Published numbers of the customer models, from the files of the lifetimes package."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import distribution

import numpy as np
import pandas as pd
import pytest

from loyalty_research.profile import clv
from loyalty_research.profile.clv.count_fit import count_probabilities

DIGITS = 1.01
"""Of half the last printed digit, where a number is printed to its rounding."""
WEEKS = 39.0
Models = dict[str, clv.CustomerModel]


def printed(value: float, digits: int) -> object:
    """Return what equals a number printed with so many decimals."""
    return pytest.approx(value, abs=DIGITS * 0.5 * 10.0**-digits)


def read(name: str, **options: object) -> pd.DataFrame:
    package = distribution("lifetimes")
    (file,) = (path for path in package.files or () if path.name == name)
    return pd.read_csv(str(package.locate_file(file)), **options)


@pytest.fixture(scope="module")
def summary() -> pd.DataFrame:
    frame = read("cdnow_customers_summary_with_transactions.csv")
    names = {"x": "frequency", "t_x": "recency", "zbar": "mean_spend", "ID": "customer_id"}
    return frame.rename(columns=names)


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """The log of the 2,357 customers, a line an order."""
    names = ["all_id", "customer_id", "date", "cds", "net_sales"]
    frame = read("CDNOW_sample.txt", sep=r"\s+", header=None, names=names)
    return frame.assign(ordered_at=pd.to_datetime(frame["date"].astype(str)))


@pytest.fixture(scope="module")
def made(orders) -> pd.DataFrame:
    return clv.summarise_customers(
        orders,
        calibration_end="1997-09-30",
        observation_end="1998-06-30",
        first_purchase_observed=True,
    )


@pytest.fixture(scope="module")
def models(summary) -> Models:
    fits: tuple[Callable[..., clv.CustomerModel], ...] = (
        clv.fit_bg_nbd,
        clv.fit_pareto_nbd,
        clv.fit_mbg_nbd,
    )
    return {model.name: model for model in (fit(summary) for fit in fits)}


def customer(x: int, recency: float, age: float) -> pd.DataFrame:
    return pd.DataFrame({"frequency": [x], "recency": [recency], "T": [age]})


def test_the_log_gives_the_published_summary(made, summary) -> None:
    assert len(made) == 2357
    assert made["customer_id"].tolist() == summary["customer_id"].tolist()
    assert made["frequency"].tolist() == summary["frequency"].tolist()
    for column in ("recency", "T", "mean_spend"):  # printed with two decimals
        assert np.abs(made[column] - summary[column]).max() < 0.0051
    assert made["holdout_orders"].sum() == 1882


def test_both_summaries_of_the_package_are_the_same(summary) -> None:
    other = read("cdnow_customers_summary.csv")
    for column in ("frequency", "recency", "T"):
        assert other[column].tolist() == summary[column].tolist()


def test_parameters_and_log_likelihoods(models) -> None:
    bg, pareto, mbg = (models[name] for name in ("bg_nbd", "pareto_nbd", "mbg_nbd"))
    for model in models.values():
        assert model.converged
        assert model.at_bound == ()
        assert model.dropout_identified
        assert model.base == 2357
    assert list(bg.params) == ["r", "alpha", "a", "b"]
    assert [*bg.params.values()] == [
        printed(0.24259, 5),
        printed(4.41353, 5),
        printed(0.79289, 5),
        printed(2.42575, 5),
    ]
    assert bg.log_likelihood == printed(-9582.4256, 4)
    assert [*mbg.params.values()] == [
        printed(0.52484, 5),
        printed(6.18299, 5),
        printed(0.89136, 5),
        printed(1.61400, 5),
    ]
    assert mbg.log_likelihood == printed(-9582.1327, 4)
    # The search behind the printed numbers ended just short of the top.
    assert list(pareto.params) == ["r", "alpha", "s", "beta"]
    assert [*pareto.params.values()] == pytest.approx([0.55328, 10.5777, 0.60624, 11.669], rel=2e-4)
    assert pareto.log_likelihood == pytest.approx(-9594.976, abs=0.003)
    assert pareto.log_likelihood > -9594.976


def test_repeat_purchases_of_a_new_customer(models) -> None:
    expected = {name: model.expected_orders_new(52) for name, model in models.items()}
    assert expected == {
        "pareto_nbd": printed(1.4734, 4),
        "bg_nbd": printed(1.4440, 4),
        "mbg_nbd": printed(1.4189, 4),
    }


def test_repeat_purchases_of_a_new_customer_over_time(models) -> None:
    times = np.array([0.1429, 1, 3, 31.857, 32])
    found = models["bg_nbd"].expected_orders_new(times)
    assert found.tolist() == [
        printed(0.0078, 4),
        printed(0.0532, 4),
        printed(0.1506, 4),
        printed(1.0405, 4),
        printed(1.0437, 4),
    ]
    # The spreadsheet's last number breaks its series off after 150 terms.
    r, alpha, a, b = models["bg_nbd"].params.values()

    def series(t: float, terms: int) -> float:
        j = np.arange(1, terms + 1)
        z = t / (alpha + t)
        ratio = (r + j - 1) * (b + j - 1) / ((a + b + j - 2) * j) * z
        whole = 1 + np.cumprod(ratio).sum()
        return float((a + b - 1) / (a - 1) * (1 - (1 - z) ** r * whole))

    assert series(78, 150) == printed(1.8576, 4)
    assert models["bg_nbd"].expected_orders_new(78) == pytest.approx(series(78, 2000), abs=1e-9)


def test_a_customer_with_two_repeat_purchases(models) -> None:
    row = customer(2, 30.43, 38.86)
    ahead = {name: m.expected_orders(row, periods=WEEKS).item() for name, m in models.items()}
    assert ahead == {
        "bg_nbd": printed(1.2259, 4),
        "pareto_nbd": printed(1.4551, 4),
        "mbg_nbd": printed(1.2627, 4),
    }
    alive = {name: model.p_alive(row).item() for name, model in models.items()}
    assert alive == {
        "bg_nbd": printed(0.7266, 4),
        "pareto_nbd": printed(0.8691, 4),
        "mbg_nbd": printed(0.7061, 4),
    }


def test_without_a_repeat_purchase_only_mbg_nbd_and_pareto_nbd_doubt(models) -> None:
    row = customer(0, 0.0, 38.86)
    assert models["mbg_nbd"].p_alive(row).item() == printed(0.3897, 4)
    assert models["bg_nbd"].p_alive(row).item() == 1.0
    assert models["pareto_nbd"].p_alive(row).item() < 1.0


def test_a_customer_with_many_repeat_purchases(models) -> None:
    row = customer(26, 30.857, 31.0)
    pareto, bg = models["pareto_nbd"], models["bg_nbd"]
    # To what the parameters are printed to.
    assert pareto.expected_orders(row, periods=52).item() == pytest.approx(25.456, abs=0.001)
    assert bg.expected_orders(row, periods=52).item() == pytest.approx(25.757, abs=0.001)
    assert pareto.p_alive(row).item() == printed(0.99787, 5)
    assert bg.p_alive(row).item() == printed(0.96885, 5)


def test_numbers_of_repeat_purchases_in_the_calibration(models, summary) -> None:
    actual = np.bincount(summary["frequency"].clip(upper=7))
    assert actual.tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    bg = models["bg_nbd"]
    expected = np.zeros(7)
    for age, customers in summary["T"].value_counts().items():
        expected += customers * count_probabilities("bg_nbd", bg.params, float(age), upto=6)
    # 59.847 and 25.549 are printed as 59.9 and 25.6: rounded twice.
    want = [1407.7, 460.3, 192.5, 101.2, 59.9, 38.1, 25.6]
    assert expected == pytest.approx(want, abs=0.056)
    # The printed cells sum to 2356.5: the last leaves the far end out.
    assert 71.2 < 2357 - expected.sum() < 71.2 + 0.7


def test_purchases_in_the_holdout(models, summary, made) -> None:
    expected = {
        name: float(model.expected_orders(summary, periods=WEEKS).sum())
        for name, model in models.items()
    }
    assert expected["pareto_nbd"] == printed(1665.5, 1)
    assert expected["bg_nbd"] == printed(1653.4, 1)
    total = models["pareto_nbd"].expected_total(summary, periods=WEEKS).iloc[0]
    assert total["expected"] == pytest.approx(expected["pareto_nbd"])
    assert total["low"] < made["holdout_orders"].sum() < total["high"]


def test_spend(summary) -> None:
    model = clv.fit_gamma_gamma(summary)
    assert model.base == 946
    assert model.converged
    assert [*model.params.values()] == [
        printed(6.2488, 4),
        printed(3.7446, 4),
        pytest.approx(15.4477, abs=2e-4),
    ]
    assert model.log_likelihood == printed(-4055.9232, 4)
    assert model.population_mean == printed(35.171, 3)
    rows = pd.DataFrame({"frequency": [2, 1, 7, 2], "mean_spend": [22.35, 11.77, 73.74, 25.55]})
    assert model.expected_spend(rows).tolist() == [
        printed(24.66, 2),
        printed(18.91, 2),
        printed(71.46, 2),
        printed(27.28, 2),
    ]
