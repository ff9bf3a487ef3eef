"""What customers are expected to be worth: parts that add up, terms that move it, what is held."""

from __future__ import annotations

import dataclasses

import ibis
import numpy as np
import pandas as pd
import pytest
from value_shops import PERIOD, bought

import loyalty_research as lr
from loyalty_research.engine import attach_context, connect
from loyalty_research.engine.context import DEFAULT_CONTEXT
from loyalty_research.errors import ParameterError
from loyalty_research.language import translator
from loyalty_research.profile import clv
from loyalty_research.profile.clv.amounts import expected_amounts
from loyalty_research.profile.clv.holdout import count_windows
from loyalty_research.profile.clv.value import discounted_orders, fifths
from loyalty_research.profile.clv.windows import split_weeks
from loyalty_research.profile.common import as_days
from loyalty_research.results.disclosure import protected

CLOSE = 1e-9


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return bought(7, 900, dropout=(0.8, 4.0))


@pytest.fixture(scope="module")
def result(orders):
    return clv.customer_value(orders, period=PERIOD, first_purchase_observed=True)


@pytest.fixture(scope="module")
def loyal():
    """Nobody leaves."""
    return clv.customer_value(
        bought(11, 700, entry=3), period=PERIOD, first_purchase_observed=False
    )


def found_in(result) -> dict:
    return {item.id: item for item in result.findings}


def printed(result, name: str) -> dict:
    """Return the values that a finding's sentence prints."""
    return {key: item.value for key, item in found_in(result)[name].values.items()}  # noqa: PD011


def test_groups_add_up_to_the_whole(result) -> None:
    groups, people = result.frames["values"], result.table.execute()
    assert groups["customers"].sum() == len(people) == 900
    assert groups["value"].sum() == pytest.approx(people["value"].sum(), rel=CLOSE)
    assert groups["orders"].sum() == pytest.approx(people["expected_orders"].sum(), rel=CLOSE)
    assert groups["share_value"].sum() == pytest.approx(1)
    assert groups["value"].is_monotonic_decreasing
    for low, value, high in groups[["value_low", "value", "value_high"]].to_numpy():
        assert 0 < low < value < high
    whole = found_in(result)["clv_value"]
    assert whole.estimate == pytest.approx(people["value"].sum(), rel=CLOSE)
    assert whole.low < whole.estimate < whole.high
    assert printed(result, "clv_value")["weeks"] == 52


def test_past_sales_are_those_of_the_period(result, orders) -> None:
    assert result.frames["values"]["past_sales"].sum() == pytest.approx(orders["net_sales"].sum())


def test_discounted_value_is_that_of_the_model(result, orders) -> None:
    windows = split_weeks(as_days(PERIOD), first_purchase_observed=True).at_end()
    counts = count_windows(orders, windows)
    name = printed(result, "clv_value")["model"]
    model, spend = getattr(clv, f"fit_{name}")(counts), clv.fit_gamma_gamma(counts)
    weekly = 1.1 ** (7 / 365.25) - 1
    direct = model.discounted_value(
        counts, spend=spend, periods=52, discount_rate_per_period=weekly, margin=1.0
    )
    assert result.table.execute()["value"].to_numpy() == pytest.approx(direct.to_numpy(), rel=1e-6)


def test_discounting_lies_between_its_ends(orders) -> None:
    windows = split_weeks(as_days(PERIOD), first_purchase_observed=True).at_end()
    counts = count_windows(orders, windows)
    model = clv.fit_bg_nbd(counts)
    plain = discounted_orders(model, counts, weeks=30, rate=0.0)
    assert plain == pytest.approx(model.expected_orders(counts, periods=30).to_numpy())
    some = discounted_orders(model, counts, weeks=30, rate=0.01)
    assert (some <= plain).all()
    assert (some >= plain * np.exp(-0.3)).all()


@pytest.mark.parametrize(
    ("terms", "factor"),
    [({"margin": 0.4}, 0.4), ({"margin": 1.0}, 1.0)],
)
def test_margin_scales_value(orders, result, terms, factor) -> None:
    other = clv.customer_value(orders, period=PERIOD, first_purchase_observed=True, **terms)
    assert other.frames["values"]["value"].to_numpy() == pytest.approx(
        factor * result.frames["values"]["value"].to_numpy()
    )
    assert "clv_value_margin" in found_in(other)
    assert "clv_value" in found_in(result)


def test_a_higher_discount_lowers_value_and_a_longer_time_raises_it(orders, result) -> None:
    usual = result.frames["values"]["value"].sum()
    for terms, larger in (({"discount": 0.5}, False), ({"horizon_weeks": 80}, True)):
        other = clv.customer_value(orders, period=PERIOD, first_purchase_observed=True, **terms)
        assert (other.frames["values"]["value"].sum() > usual) == larger


def test_the_brands_margin_is_taken(orders) -> None:
    backend = connect()
    attach_context(backend, dataclasses.replace(DEFAULT_CONTEXT, margin=0.25, public=True))
    table = backend.create_table("some_orders", orders)
    found = clv.customer_value(table, period=PERIOD, first_purchase_observed=True)
    assert printed(found, "clv_value_margin")["margin"] == 0.25


def test_chance_to_be_there_only_where_it_is_borne_out(result, loyal) -> None:
    assert found_in(result)["clv_alive"].status == "stated"
    assert result.table.execute()["p_alive"].between(0, 1).all()
    risk = found_in(result)["clv_at_risk"]
    assert risk.at_stake == printed(result, "clv_at_risk")["sales"] > 0
    away = found_in(loyal)["clv_alive"]
    assert away.status == "withheld"
    assert away.reason in {"dropout_no_gain", "dropout_boundary"}
    assert "clv_at_risk" not in found_in(loyal)
    assert loyal.table.execute()["p_alive"].isna().all()
    assert "p_alive" not in [c.name for view in loyal.tables for c in view.columns]


def test_base_is_told(result, loyal) -> None:
    assert found_in(result)["clv_base_acquired"].estimate == 900
    told = printed(loyal, "clv_base_established")
    assert told["warm_up"] == 16
    assert told["calibration"] == told["holdout"] == 44


def test_wrong_terms_are_told_together(orders) -> None:
    with pytest.raises(ParameterError) as caught:
        clv.customer_value(orders, period=PERIOD, horizon_weeks=0, margin=1.5, discount=-1)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("period", "people", "reason"),
    [
        (("2023-01-01", "2023-03-31"), 300, "clv_period_too_short"),
        (PERIOD, 40, "clv_base_too_small"),
    ],
)
def test_too_little_is_one_line(period, people, reason) -> None:
    found = clv.customer_value(bought(2, people), period=period, first_purchase_observed=True)
    assert [(item.status, item.reason) for item in found.findings] == [("withheld", reason)]
    assert found.charts == found.tables == ()
    for language in ("zh", "en"):
        assert "{" not in translator(language).finding(found.findings[0])


def test_both_languages_have_every_text(result, loyal, orders) -> None:
    margin = clv.customer_value(
        orders, period=PERIOD, first_purchase_observed=True, margin=0.3, horizon_weeks=26
    )
    for one in (result, loyal, margin):
        assert one.cite()
        for language in ("zh", "en"):
            words = translator(language, one.context)
            texts = [words.finding(item) for item in one.findings]
            texts += [words.title(view) for view in (*one.charts, *one.tables)]
            texts += [words.alt(chart) for chart in one.charts]
            assert all(text and "{" not in text for text in texts)
            for chart in one.charts:
                one.plot(chart.name, language=language)


def test_spend_that_rises_with_frequency_is_fitted_by_bands() -> None:
    windows = split_weeks(as_days(PERIOD), first_purchase_observed=True).at_end()
    free = expected_amounts(count_windows(bought(3, 900), windows))
    tied = expected_amounts(count_windows(bought(3, 900, depends=0.5), windows))
    assert (free.method, tied.method) == ("gamma_gamma", "gamma_gamma_by_band")
    assert tied.slope.low > 0.05


def test_amounts_without_spread_keep_the_own_mean() -> None:
    counts = pd.DataFrame({"frequency": [0, 2, 3] * 20, "mean_spend": [0.0, 5.0, 5.0] * 20})
    found = expected_amounts(counts)
    assert found.method == "own_mean"
    assert set(found.expected) == {5.0}
    assert expected_amounts(counts.assign(mean_spend=0.0)) is None


def test_fifths_are_fifths_where_values_are_equal_too() -> None:
    rising, same = np.arange(10.0), np.ones(10)
    want = [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert fifths(rising, same).tolist() == want
    assert fifths(same, rising).tolist() == want
    assert fifths(same, same).tolist() == want[::-1]


def test_personal_data_show_no_small_group(orders) -> None:
    table = ibis.memtable(orders)
    shown = protected(clv.customer_value(table, period=PERIOD, first_purchase_observed=True))
    assert {view.name for view in shown.tables} >= {"models", "bands", "values", "params"}
    assert {chart.name for chart in shown.charts} == {"bands", "weekly", "cumulative", "groups"}
    assert "customer_id" not in {name for frame in shown.frames.values() for name in frame.columns}


def test_the_cdnow_brand_shows_its_holdout() -> None:
    brand = lr.open_brand("cdnow")
    found = clv.customer_value(brand.orders, period=brand.period)
    told = printed(found, "clv_base_acquired")
    assert (told["calibration"], told["holdout"]) == (39, 39)
    models = found.summary().set_index("model")
    better = models.loc[["bg_nbd", "mbg_nbd", "pareto_nbd"]]
    assert (better["gain_low"] > 0).all()
    assert (better["mae"] < models.loc["nbd", "mae"]).all()
    assert found_in(found)["clv_alive"].status == "stated"
