"""Counts from the engine, measures, brands beside the model, shared buyers, halves, sections."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
import pytest
from competitors.market import made

import loyalty_research as lr
from loyalty_research import competitors
from loyalty_research.brand import Bilingual
from loyalty_research.brand.market import MarketSpec
from loyalty_research.competitors import market
from loyalty_research.competitors.market.change import PARTS, hold_out, split_between
from loyalty_research.competitors.market.common import with_labels
from loyalty_research.competitors.market.compare import against_model
from loyalty_research.competitors.market.duplication import duplication
from loyalty_research.competitors.market.measures import brand_measures
from loyalty_research.competitors.market.opened import fitted
from loyalty_research.competitors.market.panel import as_panel, large_brands, pooled
from loyalty_research.competitors.market.purchases import (
    in_halves,
    panels,
    purchases_of_lines,
    purchases_of_market,
)
from loyalty_research.errors import DataError, MissingTableError
from loyalty_research.language import translator

ROWS = pd.DataFrame(
    [
        ("anna", "x", 1),
        ("anna", "x", 2),
        ("anna", "y", 3),
        ("bert", "y", 1),
        ("carl", "x", 1),
        ("carl", "z", 2),
        ("carl", "x", 3),
        ("carl", "x", 4),
    ],
    columns=["household_id", "brand", "sequence"],
)


@pytest.fixture(scope="module")
def drawn() -> market.Panel:
    """One market as the model has it."""
    return as_panel(wide(made.purchases(11, 1_500)))


@pytest.fixture(scope="module")
def niche() -> market.Panel:
    """The same kind of market with households that keep to B3."""
    return as_panel(wide(made.with_niche(made.purchases(12, 600, shares=(0.4, 0.25, 0.2, 0.15)))))


def wide(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.crosstab(rows["household_id"], rows["brand"])


# Counts


def test_counts_of_a_panel_by_hand() -> None:
    (panel,) = panels(ibis.memtable(ROWS.drop(columns="sequence")), households=None)
    assert panel.brands == ("x", "y", "z")
    assert panel.counts.tolist() == [[2, 1, 0], [0, 1, 0], [3, 0, 1]]
    assert panel.truncated
    assert not panel.rest


def test_brands_beyond_the_largest_are_one_rest() -> None:
    rows = ibis.memtable(ROWS.drop(columns="sequence"))
    (panel,) = panels(rows, households=10, most=1)
    assert panel.brands == ("x", "")
    assert panel.counts.tolist() == [[2, 1], [0, 1], [3, 1]]
    assert panel.named == ("x",)
    assert not panel.truncated
    assert panel.sizes.tolist() == [7, 1, 0, 1, 1]


def test_halves_of_own_purchases_keep_the_rows() -> None:
    rows = in_halves(ibis.memtable(ROWS))
    whole, first, second = panels(rows, households=None, halves=True)
    assert (first.counts + second.counts).tolist() == whole.counts.tolist()
    assert first.counts.sum(axis=1).tolist() == [1, 0, 2]
    assert first.counts.tolist() == [[1, 0, 0], [0, 0, 0], [1, 0, 1]]


def test_halves_of_the_calendar() -> None:
    rows = ROWS.assign(day=pd.to_datetime("2024-01-01") + pd.to_timedelta(ROWS["sequence"], "D"))
    table = ibis.memtable(rows.drop(columns="sequence")).cast({"day": "date"})
    _, first, _ = panels(in_halves(table, middle=dt.date(2024, 1, 3)), households=None, halves=True)
    assert first.counts.tolist() == [[2, 0, 0], [0, 1, 0], [1, 0, 1]]


def test_several_units_of_a_day_are_one_purchase_and_two_brands_two() -> None:
    lines = pd.DataFrame(
        {
            "customer_id": [1, 1, 1, 1, 2],
            "ordered_at": pd.to_datetime(
                [
                    "2024-01-01 09:00",
                    "2024-01-01 18:00",
                    "2024-01-01 18:00",
                    "2024-01-02 09:00",
                    "2024-01-01 09:00",
                ]
            ),
            "amount": [1.0, 1.0, 1.0, 0.0, -1.0],
            "product_id": ["a", "a", "b", "a", "a"],
        }
    )
    products = pd.DataFrame({"product_id": ["a", "b"], "maker": ["m", "n"]})
    found = purchases_of_lines(ibis.memtable(lines), ibis.memtable(products), column="maker")
    rows = found.execute().sort_values("brand")[["household_id", "brand"]]
    assert rows.to_numpy().tolist() == [[1, "m"], [1, "n"]]


def test_purchases_outside_the_period_are_left_out() -> None:
    rows = pd.DataFrame(
        {"household_id": [1, 2], "brand": "x", "at": pd.to_datetime(["2023-12-31", "2024-01-01"])}
    )
    found = purchases_of_market(
        ibis.memtable(rows), start=dt.date(2024, 1, 1), end=dt.date(2024, 12, 31)
    )
    assert found.execute()["household_id"].tolist() == [2]


def test_an_empty_category_is_refused() -> None:
    with pytest.raises(DataError, match="nobody bought anything"):
        panels(ibis.memtable(ROWS).filter(ibis._.brand == "q"), households=5)


def test_pooling_keeps_every_purchase() -> None:
    (panel,) = panels(ibis.memtable(ROWS.drop(columns="sequence")), households=None)
    kept = large_brands(panel, least=2, most=5)
    small = pooled(panel, kept)
    assert kept == ("x", "y")
    assert small.brands == ("x", "y", "")
    assert small.counts.sum() == panel.counts.sum()


# Measures


def test_measures_by_hand() -> None:
    (panel,) = panels(ibis.memtable(ROWS.drop(columns="sequence")), households=5)
    found = brand_measures(panel, seed=1).set_index("brand")
    x = found.loc["x"]
    assert x["buyers"] == 2
    assert x["purchases"] == 5
    assert x["share"] == pytest.approx(5 / 8)
    assert x["penetration"] == pytest.approx(2 / 5)
    assert x["purchase_frequency"] == pytest.approx(5 / 2)
    assert x["category_rate"] == pytest.approx(7 / 2)
    assert x["share_of_requirements"] == pytest.approx(5 / 7)
    assert x["sole_buyers"] == 0
    assert found.loc["y", "sole_buyers"] == pytest.approx(1 / 2)


def test_intervals_of_groups_are_those_of_households(drawn, monkeypatch) -> None:
    single = brand_measures(drawn, seed=5, draws=1_500)
    monkeypatch.setattr("loyalty_research.competitors.market.measures.GROUPS", 300)
    grouped = brand_measures(drawn, seed=5, draws=1_500)
    for name in ("penetration", "share_of_requirements", "purchase_frequency"):
        width = (single[f"{name}_high"] - single[f"{name}_low"]).to_numpy()
        other = (grouped[f"{name}_high"] - grouped[f"{name}_low"]).to_numpy()
        assert other == pytest.approx(width, rel=0.2)
        assert grouped[name].to_numpy() == pytest.approx(single[name].to_numpy())


def test_a_penetrations_interval_is_that_of_a_share(drawn) -> None:
    row = brand_measures(drawn, seed=6, draws=2_000).iloc[0]
    share, count = row["penetration"], drawn.households
    error = np.sqrt(share * (1 - share) / count)
    assert row["penetration_high"] - row["penetration_low"] == pytest.approx(3.92 * error, rel=0.1)


# Beside the model


def test_a_market_of_the_model_has_no_exceptions(drawn) -> None:
    found = against_model(market.fit_dirichlet_households(drawn), seed=3)
    assert set(found["verdict"]) == {"alike"}
    assert found["excess"].abs().max() < 0.15
    assert ((found["low"] < found["excess"]) & (found["excess"] < found["high"])).all()


def test_a_niche_brand_stands_out_and_small_ones_are_not_judged(niche) -> None:
    fit = market.fit_dirichlet_households(niche)
    own = against_model(fit, seed=3)
    own = own[own["measure"] == "share_of_requirements"].set_index("brand")
    assert own.loc["B3", "verdict"] == "above"
    assert own.loc["B3", "low"] > 0
    few = against_model(fit, seed=3, least=10_000)
    assert set(few["verdict"]) == {"few"}


def test_the_rest_of_the_market_is_fitted_and_not_judged(niche) -> None:
    fit = market.fit_dirichlet_households(pooled(niche, niche.brands[:2]))
    assert set(against_model(fit, seed=1)["brand"]) == set(niche.brands[:2])
    assert fit.shares.sum() == pytest.approx(1)


# Shared buyers


def test_duplication_by_hand() -> None:
    (panel,) = panels(ibis.memtable(ROWS.drop(columns="sequence")), households=None)
    found = duplication(panel, None, seed=1)
    table = found.table.set_index(["brand", "other"])
    assert table.loc[("x", "y"), "shared"] == pytest.approx(1 / 2)
    assert table.loc[("y", "z"), "shared"] == 0
    # Shared: x y .5, x z .5, y x .5, z x 1; penetrations of the other: 2/3 twice, 2/3 twice, 1/3.
    assert found.coefficient == pytest.approx((0.5 + 0.5 + 0.5 + 1) / (2 * (2 + 2 + 1) / 3))
    assert found.pairs.empty


def test_pairs_of_a_market_of_the_model_are_alike(drawn) -> None:
    fit = market.fit_dirichlet_households(drawn)
    found = duplication(drawn, fit, seed=2)
    assert set(found.pairs["verdict"]) == {"alike"}
    assert found.partitions == ()
    assert found.coefficient == pytest.approx(fit.duplication_coefficient(), rel=0.05)


def test_brands_bought_together_are_a_partition(niche) -> None:
    fit = market.fit_dirichlet_households(niche)
    found = duplication(niche, fit, seed=2)
    pairs = found.pairs.set_index(["brand", "other"])
    assert pairs.loc[("B3", "B4"), "verdict"] == "above"
    assert any({"B3", "B4"} <= set(group) for group in found.partitions)


# Halves


def halves(rows: pd.DataFrame) -> tuple[market.Panel, market.Panel]:
    opened = market.open_markets(made.panel_brand(rows), period=made.PERIOD)
    first, second = opened.categories[0].halves
    return first, second


def test_the_parts_of_a_change_add_up() -> None:
    first, second = halves(made.purchases())
    fit = fitted(first)
    assert fit is not None
    found = split_between(first, second, fit, seed=1)
    assert found[list(PARTS)].sum(axis=1).to_numpy() == pytest.approx(
        np.log1p(found["change"]).to_numpy()
    )
    assert (found["change_low"] < found["change"]).all()
    assert (found["change"] < found["change_high"]).all()


def test_nothing_moved_where_both_halves_are_the_same() -> None:
    first, _ = halves(made.purchases())
    fit = fitted(first)
    assert fit is not None
    found = split_between(first, first, fit, seed=1)
    parts = [*PARTS, *(f"{name}_expected" for name in PARTS)]
    assert np.abs(found[parts].to_numpy()).max() < 1e-9


def test_growth_by_new_households_is_penetration() -> None:
    first, _ = halves(made.purchases(21, 800))
    counts = first.counts.copy()
    third = np.arange(len(counts)) % 3 == 0
    counts[third, 1] = 0
    fit = fitted(first)
    assert fit is not None
    fewer = market.Panel(counts, first.brands, first.households)
    found = split_between(first, fewer, fit, seed=1).set_index("brand").loc[first.brands[1]]
    assert found["change"] < -0.2
    assert found["penetration"] / np.log1p(found["change"]) > 0.8
    assert found["penetration_expected"] / np.log1p(found["change"]) > 0.5


def test_the_model_tells_a_half_better_than_one_figure_for_all() -> None:
    first, second = halves(made.purchases(22, 1_000, shares=(0.55, 0.25, 0.12, 0.08)))
    fit = fitted(first)
    assert fit is not None
    errors = hold_out(first, second, fit).errors.set_index("measure")
    assert errors.loc["share_of_requirements", "model"] < 0.1
    assert (
        errors.loc["share_of_requirements", "model"] < errors.loc["share_of_requirements", "alike"]
    )


# Sections


def test_sections_of_every_kind_of_market_are_made_and_drawn() -> None:
    kinds = set()
    for result in made.market_results():
        for language in ("zh", "en"):
            words = translator(language, result.context)
            for finding in result.findings:
                assert "{" not in words.finding(finding)
        for chart in result.charts[:1]:
            kinds.add(chart.kind)
            assert result.plot(chart.name, language="zh").axes
    assert kinds == {"jeopardy", "matrix"}


def test_a_category_with_one_brand_says_so() -> None:
    opened = made.shop_markets(made.purchases(), evidence="observed")
    found = market.loyalty(opened).findings[-1]
    assert opened.categories[1].panel.brands == ("9",)
    assert (found.status, found.reason) == ("withheld", "one_brand")


def test_households_with_one_purchase_give_no_loyalty() -> None:
    rows = made.purchases().drop_duplicates("household_id")
    opened = market.open_markets(made.panel_brand(rows), period=made.PERIOD)
    found = market.loyalty(opened).findings[0]
    assert (found.status, found.reason) == ("withheld", "no_second_purchase")
    assert market.movement(opened).findings == ()
    assert market.brand_sizes(opened).findings[0].status == "stated"


def test_within_a_chain_the_share_is_never_one_of_the_market() -> None:
    opened = made.shop_markets(made.purchases())
    for section in made.SECTIONS:
        result = section(opened)
        for view in (*result.charts, *result.tables):
            if view.name.startswith("category"):
                assert "market_chain" in view.notes
        for finding in result.findings:
            assert finding.as_dict()["values"]["place"]["value"] == "chain"


def test_brands_are_called_as_the_brand_file_says() -> None:
    category = made.shop_markets(made.purchases()).categories[0]
    named = replace(category, by_maker=False, names={"B1": Bilingual(zh="甲", en="First")})
    assert [named.label(code).en for code in ("B1", "B2")] == ["First", "B2"]
    assert with_labels(pd.DataFrame({"brand": ["B1"]}), named)["brand_zh"].tolist() == ["甲"]


def test_makers_are_called_as_labelled() -> None:
    label = made.shop_markets(made.purchases()).categories[0].label("1")
    assert (label.zh, label.en) == ("厂商 1", "maker 1")


def test_a_brand_without_a_market_is_told_which_table_would_answer() -> None:
    brand = made.shop(made.purchases())
    opened = market.open_markets(brand, period=made.PERIOD)
    assert opened.categories == ()
    with pytest.raises(MissingTableError, match="market"):
        market.brand_sizes(opened)
    for section in made.SECTIONS[1:]:
        assert section(opened).findings == ()
    told = lr.attempt(market.brand_sizes, opened).findings
    assert [item.reason for item in told] == ["needs_table"]
    assert told[0].period == made.PERIOD


def test_a_missing_column_of_brands_is_named() -> None:
    brand = made.shop(made.purchases())
    spec = MarketSpec.model_validate({**made.SPEC.model_dump(), "brands": "brand"})
    shop = competitors.market.opened.open_shop(brand, period=made.PERIOD)
    with pytest.raises(MissingTableError, match="brand"):
        competitors.market.opened.of_shop(shop, spec, brand.products)
