"""What classes prefer, private label and baskets, against obvious references."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from results.analyses import (
    PERIOD,
    make_brand,
    make_lines,
    make_orders,
    make_products,
    supermarket_results,
    supermarket_sql,
)
from scipy.stats import binomtest, norm

from loyalty_research import profile
from loyalty_research.errors import DataError
from loyalty_research.profile.rfm import CLASSES as RFM
from loyalty_research.stats import ratio

LEVEL = 0.05
PRINTED = 5e-7
CLASSES = ["111", "101", "000"]
GROUPS = ["11", "10", "00"]


def found_in(result) -> dict:
    return {item.id: item for item in result.findings}


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return make_lines(make_orders(150, seed=51), seed=2)


@pytest.fixture(scope="module")
def segments() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    return pd.DataFrame({"customer_id": range(1, 151), "segment": rng.choice(CLASSES, 150)})


@pytest.fixture(scope="module")
def result(lines, segments):
    brand = make_brand(lines, make_products())
    return profile.preferences(brand, period=PERIOD, segments=segments)


@pytest.fixture(scope="module")
def known(lines, segments) -> pd.DataFrame:
    """Return the lines of identified customers with product and class."""
    rows = lines[lines["customer_id"].notna()]
    return rows.merge(make_products(), on="product_id").merge(segments, on="customer_id")


def test_categories(known, result) -> None:
    found = result.summary().set_index("category")
    sums = known.groupby("category")["amount"].sum()
    assert found["net_sales"].to_dict() == pytest.approx(sums.to_dict())
    assert found["share_sales"].to_dict() == pytest.approx((sums / sums.sum()).to_dict())
    buyers = known[known["amount"] > 0].groupby("category")["customer_id"].nunique()
    reach = buyers / known["customer_id"].nunique()
    assert found["penetration"].to_dict() == pytest.approx(reach.to_dict())
    assert found["net_sales"].is_monotonic_decreasing


def test_index_and_interval(known, result) -> None:
    total = known["amount"].sum()
    by_customer = (
        known.assign(group=known["segment"].str[:2])
        .pivot_table(
            index=["group", "customer_id"], columns="category", values="amount", aggfunc="sum"
        )
        .fillna(0.0)
    )
    affinity = result.frames["affinity"].set_index(["category", "segment"])
    assert len(affinity) == 4 * len(GROUPS)
    critical = norm.ppf(1 - 0.025 / len(affinity)) / norm.ppf(0.975)
    for (category, segment), row in affinity.iterrows():
        group = by_customer.loc[segment]
        share = known.loc[known["category"] == category, "amount"].sum() / total
        want = ratio(group[category].to_numpy(), group.sum(axis=1).to_numpy())
        assert (row["index"], row["low"], row["high"]) == pytest.approx(
            (want.value / share, want.low / share, want.high / share)
        )
        assert row["customers"] == len(group)
        margin = (row["high"] - row["low"]) / 2
        assert row["beyond_chance"] == (abs(row["index"] - 1) > critical * margin)


def test_money_does_not_part_groups(lines, segments, result) -> None:
    """Money is made of the sales that are compared."""
    swapped = segments.assign(segment=segments["segment"].replace({"000": "001", "101": "100"}))
    swapped.loc[swapped.index % 2 == 0, "segment"] = segments["segment"]
    made = profile.preferences(make_brand(lines, make_products()), period=PERIOD, segments=swapped)
    pd.testing.assert_frame_equal(made.frames["affinity"], result.frames["affinity"])


def test_private_label(known, result) -> None:
    told = known[known["private_label"].notna()]
    own = told["amount"].where(told["private_label"].astype(bool), 0.0)
    item = found_in(result)["preference_private_label"]
    assert item.estimate == pytest.approx(own.sum() / told["amount"].sum())
    assert item.low < item.estimate < item.high
    assert item.base == known["customer_id"].nunique()


def test_baskets(lines, segments, result) -> None:
    known = lines[lines["customer_id"].notna()].merge(segments, on="customer_id")
    found = result.frames["baskets"].set_index("segment")
    assert found.index.tolist() == ["all", *(code for code in RFM if code in CLASSES)]
    for code, row in found.iterrows():
        part = known if code == "all" else known[known["segment"] == code]
        orders = part["order_id"].nunique()
        assert row["customers"] == part["customer_id"].nunique()
        assert row["lines_per_order"] == pytest.approx(len(part) / orders)
        assert row["order_value"] == pytest.approx(part["amount"].sum() / orders)
        assert row["lines_low"] < row["lines_per_order"] < row["lines_high"]
    assert found.loc[CLASSES, "customers"].sum() == found.loc["all", "customers"]


def shop(seed: int, *, shift: float = 0.0, people: int = 150):
    """Return a brand whose customers differ in taste, those of 11 by ``shift`` too."""
    rng = np.random.default_rng(seed)
    segment = rng.choice(CLASSES, people)
    who = np.repeat(np.arange(people), 1 + rng.poisson(rng.gamma(2.0, 6.0, people)))
    taste = rng.dirichlet(np.full(4, 2.0), people).cumsum(axis=1)
    category = (rng.random((len(who), 1)) > taste[who]).sum(axis=1).clip(0, 3)
    category[(segment[who] == "111") & (rng.random(len(who)) < shift)] = 2
    lines = pd.DataFrame(
        {
            "order_id": np.arange(len(who)),
            "customer_id": who,
            "ordered_at": pd.Timestamp(PERIOD[0])
            + pd.to_timedelta(rng.integers(0, 366, len(who)), unit="D"),
            "product_id": category,
            "amount": rng.integers(100, 3000, len(who)) / 100,
        }
    )
    classes = pd.DataFrame({"customer_id": range(people), "segment": segment})
    return make_brand(lines, make_products(4)), classes


def test_without_a_difference_none_is_stated_oftener_than_the_level() -> None:
    worlds = 30
    stated = 0
    for seed in range(worlds):
        brand, classes = shop(seed)
        made = profile.preferences(brand, period=PERIOD, segments=classes)
        item = found_in(made)["preference_affinity"]
        stated += item.status == "stated"
        if item.status != "stated":
            assert item.reason == "no_difference"
            assert "preferences.affinity_none" in {chart.key for chart in made.charts}
    assert binomtest(stated, worlds, LEVEL, alternative="greater").pvalue > 0.01


def test_a_planted_preference_is_found() -> None:
    brand, classes = shop(77, shift=0.3, people=300)
    made = profile.preferences(brand, period=PERIOD, segments=classes)
    item = found_in(made)["preference_affinity"]
    assert item.status == "stated"
    assert item.group == "11"
    printed = item.values  # noqa: PD011
    assert printed["category"].value == "FLORAL"
    assert 1 < item.low < item.estimate < item.high
    affinity = made.frames["affinity"]
    assert printed["cells"].value == len(affinity)
    assert printed["beyond"].value == affinity["beyond_chance"].sum()
    (chart,) = (chart for chart in made.charts if chart.name == "affinity")
    assert chart.values["index"].value == item.estimate  # noqa: PD011


def test_small_classes_are_not_compared(lines) -> None:
    few = pd.DataFrame({"customer_id": range(1, 151), "segment": ["111"] * 29 + ["000"] * 121})
    made = profile.preferences(make_brand(lines, make_products()), period=PERIOD, segments=few)
    assert set(made.frames["affinity"]["segment"]) == {"00"}
    assert set(made.frames["baskets"]["segment"]) == {"all", "000"}


def test_without_classes_or_products(lines) -> None:
    alone = profile.preferences(make_brand(lines, make_products()), period=PERIOD)
    assert "affinity" not in {chart.name for chart in alone.charts}
    assert found_in(alone)["preference_private_label"].status == "stated"
    assert found_in(alone)["preference_affinity"].status == "withheld"
    no_label = make_products().drop(columns="private_label")
    made = profile.preferences(make_brand(lines, no_label), period=PERIOD)
    assert "preference_private_label" not in found_in(made)
    for products in (None, make_products().drop(columns="category")):
        made = profile.preferences(make_brand(lines, products), period=PERIOD)
        assert [item.reason for item in made.findings] == ["no_products"]
        assert made.charts == made.tables == ()


def test_wrong_classes(lines) -> None:
    brand = make_brand(lines, make_products())
    with pytest.raises(DataError, match="customer_id, segment"):
        profile.preferences(brand, period=PERIOD, segments=pd.DataFrame({"customer": [1]}))


def test_supermarket() -> None:
    made = supermarket_results()["preferences"]
    own, told = (
        supermarket_sql()
        .execute(
            """select sum(sales_value) filter (brand = 'Private'), sum(sales_value)
            from lines join orders using (basket_id) join goods using (product_id)
            where brand is not null"""
        )
        .fetchone()
    )
    item = found_in(made)["preference_private_label"]
    assert item.estimate == pytest.approx(own / told, rel=PRINTED)
    assert round(item.estimate, 3) == 0.283
    want = (
        supermarket_sql()
        .execute(
            """select department, sum(sales_value)::double sales
            from lines join orders using (basket_id) join goods using (product_id)
            where department is not null group by 1 having sum(sales_value) > 0"""
        )
        .df()
    )
    found = made.summary().set_index("category")["net_sales"].to_dict()
    assert found == pytest.approx(dict(zip(want["department"], want["sales"], strict=True)))
    shown = made.frames["largest"]
    assert shown["share_sales"].sum() == pytest.approx(1)
    assert shown["category"].iloc[-1] == "other"
