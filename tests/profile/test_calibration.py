"""The comparison of simulated totals with published figures: numbers, limits, and where it is."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
import yaml
from results.analyses import calibrated_brand

import loyalty_research as lr
from loyalty_research import profile
from loyalty_research.brand import brand_folder, load_brand_file, load_facts
from loyalty_research.brand.calibration import CalibrationRow
from loyalty_research.errors import BrandFileError, ParameterError
from loyalty_research.findings import Value
from loyalty_research.language import translator
from loyalty_research.profile.calibration_rows import compare
from loyalty_research.profile.calibration_totals import Totals, days_of

CUSTOMERS = 4000
LIMITS = {"luckin": 0.08, "mixue": 0.08}
"""How far a fitted total may be from its figure, at this number of customers."""
WORDS = {"zh": "甲", "en": "A"}


@pytest.fixture(params=sorted(LIMITS))
def brand(request: pytest.FixtureRequest) -> lr.Brand:
    return calibrated_brand(request.param, CUSTOMERS)


def test_fitted_totals_are_near_their_figures(brand) -> None:
    summary = profile.calibration(brand).summary()
    fitted = summary[summary["use"] == "fitted"]
    assert len(fitted) >= 3
    assert fitted["distance"].abs().max() < LIMITS[brand.name]
    bounds = summary[summary["use"] == "at_most"]
    assert (bounds["distance"] < 0.02).all()


def test_totals_are_counted_from_the_orders(brand) -> None:
    """The engine's totals against pandas on the lines of one quarter."""
    row = profile.calibration(brand).summary().iloc[0]
    orders = brand.orders.execute()
    day = pd.to_datetime(orders["ordered_at"])
    if brand.name == "luckin":
        months = orders.groupby(day.dt.to_period("M"))["customer_id"].nunique()
        assert row["simulated"] == pytest.approx(months.mean(), rel=5e-3)  # printed in three digits
        published = [
            load_facts().point("luckin_monthly_customers", f"{year}Q{quarter}").amount
            for year in (2024, 2025)
            for quarter in (1, 2, 3, 4)
        ]
        assert row["scale"] == pytest.approx(sum(published) / 8 / months.mean())
        return
    some = orders[day < "2024-10-01"]
    opened = pd.to_datetime(brand.stores.execute()["opened_on"])
    store_days = sum(
        pd.Period(month).days_in_month * (opened <= pd.Period(month).end_time).sum()
        for month in pd.period_range("2024-01", "2024-09", freq="M")
    )
    assert row["simulated"] == pytest.approx(some["units"].sum() / store_days)
    assert row["fact"] == pytest.approx(7.1e9 / 43218 / 274)


def test_the_finding_names_the_furthest_figure(brand) -> None:
    result = profile.calibration(brand)
    summary = result.summary()
    fitted = summary[summary["use"] == "fitted"]
    finding = {item.id: item for item in result.findings}["calibration_fitted"]
    furthest = fitted.loc[fitted["distance"].abs().idxmax()]
    assert finding.estimate == pytest.approx(furthest["distance"])
    assert dict(finding.values)["when"] == Value(furthest["when"], "text")
    assert finding.evidence == "synthetic"
    for language in ("zh", "en"):
        words = translator(language, result.context)
        text = words.finding(finding)
        assert furthest["when"] in text
        assert words.value(furthest["simulated"], furthest["unit"]) in text


def test_what_is_assumed_and_not_public_is_listed(brand) -> None:
    result = profile.calibration(brand)
    told = load_brand_file(str(brand.file.path)).calibration.assumed
    assert result.frames["assumed"]["parameter_zh"].tolist() == [t.parameter.zh for t in told]
    unknown = load_facts().of(brand.name).unknown
    assert result.frames["unknown"]["what_en"].tolist() == [item.en for item in unknown]
    finding = {item.id: item for item in result.findings}["calibration_unknown"]
    assert finding.estimate == len(told)


def test_every_figure_has_its_source(brand) -> None:
    result = profile.calibration(brand)
    sources = result.frames["sources"]
    assert sources["source"].is_unique
    quoted = {when for periods in sources["when"] for when in periods.split(", ")}
    shown = result.summary()
    single = shown[~shown["when"].str.contains("[/–]")]
    assert set(single["when"]) <= quoted
    assert set(sources["grade"]) <= {"A", "B", "C"}
    assert not {"source", "sources"} & set(shown.columns)


def test_a_shorter_period_leaves_out_what_it_does_not_cover(brand) -> None:
    result = profile.calibration(brand, period=("2025-01-01", "2025-12-31"))
    summary = result.summary()
    early = summary["when"].str.startswith("2024Q")
    assert summary.loc[early, "simulated"].isna().all()
    assert summary["scale"].isna().all()  # it needs both years
    assert "calibration_unknown" in {item.id for item in result.findings}


def test_other_brands_get_nothing() -> None:
    brand = lr.open_brand("world:bakery?customers=60")
    result = profile.calibration(brand)
    assert (result.findings, result.tables, result.charts) == ((), (), ())
    assert result.summary().empty


def row(**given) -> CalibrationRow:
    base = {"parameter": WORDS, "how": WORDS, "use": "checked", "measure": "stores"}
    return CalibrationRow.model_validate(base | given)


@pytest.fixture
def totals() -> Totals:
    months = range(2024 * 12, 2026 * 12)
    return Totals(
        months=pd.DataFrame(
            {
                "buyers": [10 * (1 + (m >= 2025 * 12)) for m in months],
                "known_sales": [100.0] * 24,
                "pieces": [50.0] * 24,
                "listed": [400.0] * 24,
            },
            index=list(months),
        ),
        parts=pd.DataFrame(
            {
                "month_index": [m for m in months for _ in range(2)],
                "store_id": [1, 2] * 24,
                "channel": ["a", "b"] * 24,
                "orders": [3, 1] * 24,
                "net_sales": [4.0 + (m >= 2025 * 12) * one for m in months for one in (2, 40)],
            }
        ),
        opened=pd.Series({1: 2020 * 12, 2: 2024 * 12 + 6}),
    )


def test_every_total(totals) -> None:
    quarter = range(2025 * 12, 2025 * 12 + 3)
    assert totals.of("monthly_customers", quarter) == 20
    assert totals.of("spend_per_monthly_customer", quarter) == 5
    assert totals.of("stores", [2024 * 12 + 5]) == 1
    assert totals.of("stores", [2024 * 12 + 6]) == 2
    assert totals.of("channel_share", quarter, channel="a") == 0.75
    assert totals.of("same_store_growth", quarter) == 1.5  # the store that opened later is left out
    assert totals.of("item_price", quarter) == 8
    assert totals.of("pieces", quarter) == 150
    assert totals.of("pieces_per_store_day", quarter) == 150 / (2 * 90)
    assert totals.of("same_store_growth", range(2024 * 12, 2024 * 12 + 3)) is None
    assert totals.of("pieces", [2030 * 12]) is None
    assert [days_of(2024 * 12 + 1), days_of(2025 * 12 + 1), days_of(2024 * 12 + 11)] == [29, 28, 31]


def test_growth_is_compared_as_a_factor(totals) -> None:
    fact = {"series": "luckin_same_store_growth", "period": "2025Q1"}
    (found,) = compare([row(measure="same_store_growth", fact=fact)], load_facts(), totals)
    assert (found.fact, found.unit) == (pytest.approx(0.081), "change")
    assert found.simulated == pytest.approx(0.5)
    assert found.distance == pytest.approx(1.5 / 1.081 - 1)
    fact = {"series": "luckin_stores", "period": "2025Q1", "over": "2024Q1"}
    (found,) = compare([row(fact=fact)], load_facts(), totals)
    assert found.fact == pytest.approx(24097 / 18590 - 1)
    assert found.simulated == pytest.approx(1)


def test_the_scale_multiplies_the_other_rows_of_its_measure(totals) -> None:
    fact = {"series": "luckin_monthly_customers", "period": ["2024Q1", "2025Q1"]}
    rows = [
        row(measure="monthly_customers", use="fitted", fact=fact),
        row(measure="monthly_customers", use="scale", fact=fact),
    ]
    scale, *others = compare(rows, load_facts(), totals)
    assert scale.distance is None
    assert scale.scale == pytest.approx((59.9e6 + 74.3e6) / 2 / 15)
    assert [round(item.distance, 3) for item in others] == [
        pytest.approx(10 * scale.scale / 59.9e6 - 1, abs=1e-3),
        pytest.approx(20 * scale.scale / 74.3e6 - 1, abs=1e-3),
    ]


def test_a_figure_that_is_not_there_is_named(totals) -> None:
    wrong = row(fact={"series": "luckin_store", "period": "2025Q1"})
    with pytest.raises(ParameterError, match="luckin_stores"):
        list(compare([wrong], load_facts(), totals))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stated": {"value": 1, "period": "2024", "title": "t", "grade": "A"}}, "one of fact and"),
        ({"measure": "channel_share"}, "channel for the measure"),
        ({"use": "guessed"}, "guessed"),
        ({"measure": "cups"}, "cups"),
    ],
)
def test_mistakes_in_the_brand_file_are_told(change, words, tmp_path) -> None:
    document = yaml.safe_load((brand_folder("luckin") / "brand.yaml").read_text(encoding="utf-8"))
    document["calibration"]["rows"][3] |= change
    place = tmp_path / "brand.yaml"
    place.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(BrandFileError, match=words):
        load_brand_file(str(place))


def test_rows_are_plain_and_frozen(totals) -> None:
    (found,) = compare(
        [row(fact={"series": "luckin_stores", "period": "2025Q1"})], load_facts(), totals
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.fact = 1.0  # type: ignore[misc]
