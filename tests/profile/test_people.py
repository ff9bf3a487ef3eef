"""Attributes against spend: levels, their order, their base, and how far they reach."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from results.analyses import (
    PERIOD,
    make_brand,
    make_customers,
    make_lines,
    make_orders,
    supermarket_results,
    supermarket_sql,
)
from scipy.stats import binomtest

from loyalty_research import profile
from loyalty_research.stats import ratio

LEVELS = ["Under 15K", "15-24K", "25-34K", "100-124K", "250K+", "Unknown"]


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return make_lines(make_orders(400, seed=61))


@pytest.fixture(scope="module")
def customers(spend) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    made = make_customers(420)  # twenty of them never bought
    return made.assign(
        income=rng.choice(LEVELS, len(made), p=[0.2, 0.2, 0.2, 0.05, 0.15, 0.2]),
        children=pd.Series(rng.choice(["0", "1", "2", "3+"], len(made))).mask(
            rng.random(len(made)) < 0.3
        ),
        # Who spends much is a homeowner, more often than not.
        home_ownership=np.where(
            made["customer_id"].map(spend).fillna(0) > rng.uniform(0, 900, len(made)),
            "Homeowner",
            "Renter",
        ),
        staff_id="s1",
        postcode=[f"p{number}" for number in range(len(made))],  # as many as customers
    )


@pytest.fixture(scope="module")
def result(lines, customers):
    return profile.people(make_brand(lines, customers=customers), period=PERIOD)


@pytest.fixture(scope="module")
def spend(lines) -> pd.Series:
    known = lines[lines["customer_id"].notna()]
    return known.groupby(known["customer_id"].astype(int))["amount"].sum()


def test_levels(customers, spend, result) -> None:
    known = customers.set_index("customer_id").join(spend, how="inner")
    found = result.summary().set_index(["attribute", "level"])
    assert set(found.index.get_level_values(0)) == {
        "household_size",
        "home_ownership",
        "income",
        "children",
    }
    for attribute in ("household_size", "income", "children"):
        sizes = known[attribute].value_counts()
        assert found.loc[attribute]["customers"].to_dict() == sizes[sizes >= 30].to_dict()
    assert "100-124K" not in found.loc["income"].index
    for (attribute, level), row in found.iterrows():
        group = known.loc[known[attribute] == level, "amount"].to_numpy()
        want = ratio(group, np.ones(len(group)))
        assert (row["spend"], row["spend_low"], row["spend_high"]) == pytest.approx(
            (want.value, want.low, want.high)
        )
        assert row["share_customers"] == pytest.approx(len(group) / len(known))


def test_levels_stand_in_their_own_order(result) -> None:
    summary = result.summary()
    income = summary.loc[summary["attribute"] == "income", "level"].tolist()
    assert income == [level for level in LEVELS if level != "100-124K"]
    children = summary.loc[summary["attribute"] == "children", "level"].tolist()
    assert children == ["0", "1", "2", "3+"]


def test_coverage_and_the_widest_attribute(customers, spend, result) -> None:
    known = spend[spend.index.isin(customers["customer_id"])]
    (item,) = result.findings
    printed = {name: value.value for name, value in dict(item.values).items()}
    assert item.base == printed["described"] == len(known) < len(spend)
    assert printed["share"] == pytest.approx(len(known) / len(spend))
    assert printed["share_sales"] == pytest.approx(known.sum() / spend.sum())
    by_attribute = result.summary().groupby("attribute")["spend"]
    times = by_attribute.max() / by_attribute.min()
    assert printed["attribute"] == times.idxmax()
    assert item.estimate == pytest.approx(times.max())
    assert printed["high_spend"] / printed["low_spend"] == pytest.approx(item.estimate)
    (chart,) = result.charts
    assert chart.encode["where"] == {"attribute": times.idxmax()}


def test_without_a_difference_none_is_stated_oftener_than_the_level(lines) -> None:
    worlds = 40
    stated = 0
    for seed in range(worlds):
        made = profile.people(
            make_brand(lines, customers=make_customers(400, seed=seed)), period=PERIOD
        )
        stated += made.findings[0].status == "stated"
        assert len(made.charts) == (made.findings[0].status == "stated")
        assert made.findings[0].reason in {"", "no_difference"}
    assert binomtest(stated, worlds, 0.05, alternative="greater").pvalue > 0.01


def test_one_level_is_no_comparison(lines) -> None:
    customers = make_customers(400).assign(home_ownership="Renter")
    customers.loc[:20, "home_ownership"] = "Homeowner"  # too few to compare
    made = profile.people(make_brand(lines, customers=customers), period=PERIOD)
    assert set(made.summary()["attribute"]) == {"household_size"}


def test_what_cannot_be_told_is_withheld(lines, customers) -> None:
    few = make_brand(lines, customers=customers.head(20))
    split = make_brand(lines, customers=make_customers(40))  # no two levels of thirty
    nobody = make_brand(lines, customers=customers.assign(customer_id=range(9000, 9378)))
    for brand, reason in (
        (make_brand(lines), "no_customers_table"),
        (few, "base_too_small"),
        (split, "not_computable"),
        (nobody, "base_too_small"),
    ):
        made = profile.people(brand, period=PERIOD)
        (item,) = made.findings
        assert (item.status, item.reason) == ("withheld", reason)
        assert made.charts == made.tables == ()


def test_supermarket() -> None:
    made = supermarket_results()["people"]
    (item,) = made.findings
    described, share, sales = (
        supermarket_sql()
        .execute(
            """with p as (select who, sum(paid) paid from orders group by 1)
            select count(*) filter (known), avg(known::int),
                (sum(paid) filter (known) / sum(paid))::double
            from (select *, who in (select household_id from homes) known from p)"""
        )
        .fetchone()
    )
    printed = item.values  # noqa: PD011
    assert item.base == described == 801
    assert printed["share"].value == pytest.approx(share)
    assert printed["share_sales"].value == pytest.approx(sales)
    want = (
        supermarket_sql()
        .execute(
            """select income, avg(paid)::double spend, count(*) n from homes join (
                select who household_id, sum(paid) paid from orders group by 1)
            using (household_id) group by 1 having count(*) >= 30"""
        )
        .df()
    )
    summary = made.summary()
    found = summary[summary["attribute"] == "income"].set_index("level")
    assert found["spend"].to_dict() == pytest.approx(want.set_index("income")["spend"].to_dict())
    assert found["customers"].to_dict() == want.set_index("income")["n"].to_dict()
