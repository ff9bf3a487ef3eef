"""Complaints before and after a dated change, and the key of the brand file that names it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from drivers.feedback.made import FIX, FIX_DAY, PERIOD, comments, shop
from scipy.special import expit

from loyalty_research.brand import load_brand_file
from loyalty_research.drivers import feedback
from loyalty_research.drivers.feedback.interrupted import difference_of, fit_segments
from loyalty_research.errors import BrandFileError, ParameterError


def series(seed: int, *, level: float = 0.0, weeks: int = 104, after: int = 60) -> tuple:
    rng = np.random.default_rng(seed)
    base = rng.poisson(30, weeks).astype(float)
    share = expit(-2 + 0.002 * np.arange(weeks) + level * (np.arange(weeks) >= after))
    return rng.binomial(base.astype(int), share).astype(float), base


def value(finding, name: str):
    return finding.as_dict()["values"][name]["value"]


def reasons(result) -> set[str]:
    return {item.reason for item in result.findings if item.status == "withheld"}


def test_the_fit_is_that_of_the_formula() -> None:
    hits, base = series(3, level=-0.8)
    found = fit_segments(hits, base, 60)
    week = np.arange(104.0)
    late = (week >= 60).astype(float)
    x = np.column_stack([np.ones(104), week - 60, late, (week - 60) * late])
    fit = sm.GLM(np.column_stack([hits, base - hits]), x, family=sm.families.Binomial()).fit()
    assert found.odds[0] == pytest.approx(fit.params[2], rel=1e-6)
    assert found.level.value == pytest.approx(
        expit(fit.params[0] + fit.params[2]) - expit(fit.params[0]), rel=1e-6
    )
    assert found.slope.value == pytest.approx(np.exp(4 * fit.params[3]), rel=1e-6)
    assert found.odds[1] >= 0.99 * fit.bse[2]  # never below that of independent comments
    assert found.fitted == pytest.approx(fit.predict(x), rel=1e-6)


def test_overdispersed_weeks_widen_the_interval() -> None:
    hits, base = series(4)
    calm = fit_segments(hits, base, 60)
    rng = np.random.default_rng(4)
    wild = rng.binomial(base.astype(int), expit(-2 + rng.normal(0, 0.9, 104))).astype(float)
    rough = fit_segments(wild, base, 60)
    assert rough.dispersion > 1.5
    assert rough.odds[1] > 1.2 * calm.odds[1]


@pytest.mark.parametrize(("weeks", "after"), [(60, 4), (60, 57)])
def test_too_few_weeks_on_a_side(weeks, after) -> None:
    hits, base = series(5, weeks=weeks, after=after)
    assert fit_segments(hits, base, after) is None


def test_all_or_nothing_has_no_interval() -> None:
    hits, base = series(6)
    hits[60:] = 0
    assert fit_segments(hits, base, 60) is None


def test_a_series_differs_from_itself_by_nothing() -> None:
    hits, base = series(7, level=-1)
    fit = fit_segments(hits, base, 60)
    apart = difference_of(fit, fit)
    assert apart.value == 1
    assert apart.low < 1 < apart.high


def test_a_planted_change_is_told_beside_the_other_aspects() -> None:
    made = shop(comments(3, waiting=(0.35, 0.12)))
    result = feedback.before_after(made, fixes=[FIX], period=PERIOD)
    row = result.summary().iloc[0]
    assert row["told"]
    assert row["level_low"] < 0.12 - 0.35 < row["level_high"]
    assert row["apart_high"] < 1
    assert row["others_low"] < 0 < row["others_high"]
    found = next(item for item in result.findings if item.template == "feedback_fix")
    assert value(found, "own") == "own"
    assert row["weeks_before"] == 60


def test_where_all_aspects_move_alike_the_change_is_not_called_its_own() -> None:
    made = shop(
        comments(4, n=3000, **dict.fromkeys(("waiting", "service", "product"), (0.3, 0.12)))
    )
    result = feedback.before_after(made, fixes=[FIX], period=PERIOD)
    found = next(item for item in result.findings if item.template == "feedback_fix")
    assert found.status == "stated"
    assert value(found, "own") == "shared"


def test_without_a_change_none_is_told() -> None:
    results = [
        feedback.before_after(comments(seed, n=700), fixes=[FIX], period=PERIOD)
        for seed in range(10)
    ]
    told = sum(any(item.status == "stated" for item in result.findings) for result in results)
    assert told <= 3


def test_what_comes_after_the_period_changes_nothing() -> None:
    said = comments(5)
    whole = feedback.before_after(said, fixes=[FIX], period=(PERIOD[0], "2024-09-29"))
    cut = said[said["posted_at"] < "2024-09-30"]
    alone = feedback.before_after(cut, fixes=[FIX], period=(PERIOD[0], "2024-09-29"))
    assert whole.summary().equals(alone.summary())


@pytest.mark.parametrize(
    ("on", "reason"),
    [("2023-01-20", "few_weeks"), ("2024-12-20", "few_weeks"), ("2022-06-01", "fix_outside")],
)
def test_a_fix_without_weeks_on_both_sides(on, reason) -> None:
    fix = FIX | {"on": dt.date.fromisoformat(on)}
    result = feedback.before_after(comments(6, n=400), fixes=[fix], period=PERIOD)
    assert reasons(result) == {reason}


def test_no_fix_names_the_key() -> None:
    assert reasons(feedback.before_after(comments(6, n=400), period=PERIOD)) == {"no_fix"}


def test_an_unknown_aspect_is_one_message() -> None:
    with pytest.raises(ParameterError, match=r"aspects.*'queue'.*waiting"):
        feedback.before_after(
            comments(6, n=100), fixes=[FIX | {"aspects": ["queue"]}], period=PERIOD
        )


FILE = """
name: {{zh: 店, en: Shop}}
trade: coffee
currency: CNY
timezone: Asia/Shanghai
customers: {{unit: person, identifiers: public}}
evidence: observed
period: {{start: 2024-01-01, end: 2024-12-31}}
sources: [{{name: us, licence: MIT, provenance: {{zh: 自有, en: own}}}}]
fixes: [{{name: {{zh: 加派人手, en: More staff}}, on: {on}, aspects: [{aspect}]}}]
tables:
  transactions:
    source: lines.csv
    columns: {{order_id: order_id, ordered_at: ordered_at, amount: amount}}
"""


@pytest.mark.parametrize(
    ("on", "aspect", "told"),
    [
        ("2024-01-01", "waiting", "outside the period"),
        ("2025-02-01", "waiting", "outside the period"),
        ("2024-06-01", "queue", "'queue'"),
        ("soon", "waiting", "a date such as"),
    ],
)
def test_the_brand_file_refuses_what_is_no_fix(tmp_path, on, aspect, told) -> None:
    path = tmp_path / "shop" / "brand.yaml"
    path.parent.mkdir()
    path.write_text(FILE.format(on=on, aspect=aspect), encoding="utf-8")
    with pytest.raises(BrandFileError, match="fixes") as caught:
        load_brand_file(str(path))
    assert told in str(caught.value)
    assert len(caught.value.problems) == 1


def test_the_brand_file_takes_a_fix(tmp_path) -> None:
    path = tmp_path / "shop" / "brand.yaml"
    path.parent.mkdir()
    path.write_text(FILE.format(on="2024-06-01", aspect="waiting"), encoding="utf-8")
    (fix,) = load_brand_file(str(path)).fixes
    assert (fix.on, fix.aspects) == (dt.date(2024, 6, 1), ("waiting",))
    assert pd.Timestamp(PERIOD[0]) < FIX_DAY
