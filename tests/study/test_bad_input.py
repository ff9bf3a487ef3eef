"""Every mistake gets one clear message, and leaves nothing behind in the cache."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from loyalty_research.errors import BrandFileError, DataError, LoyaltyError, MissingTableError
from loyalty_research.study import open_brand

Spoil = Callable[[Any], None]


def _lines(old: str, new: str) -> Spoil:
    def spoil(shop: Any) -> None:
        path = shop.folder / "lines.csv"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return spoil


def _settings(change: Callable[[Any], object]) -> Spoil:
    def spoil(shop: Any) -> None:
        before = copy.deepcopy(shop.settings)
        change(shop)
        assert shop.settings != before
        shop.save()

    return spoil


def _source(value: str) -> Spoil:
    return _settings(lambda shop: shop.settings["tables"]["transactions"].update(source=value))


def _file(name: str, text: str) -> Spoil:
    return lambda shop: shop.write(name, text)


def _leave_by_link(shop: Any) -> None:
    outside = shop.home / "outside.csv"
    outside.write_text((shop.folder / "lines.csv").read_text("utf-8"), encoding="utf-8")
    (shop.folder / "link.csv").symlink_to(outside)
    _source("link.csv")(shop)


FILE = "data/brands/shop/brand.yaml"
CASES: dict[str, tuple[Spoil, type[LoyaltyError], tuple[str, ...]]] = {
    "unreadable YAML": (
        _file("brand.yaml", "name: {zh: 小店\ntrade: [\n"),
        BrandFileError,
        (FILE, "line ", "YAML"),
    ),
    "key twice": (
        _file("brand.yaml", "trade: a\nname: {}\ntrade: b\n"),
        BrandFileError,
        (FILE, "line 3", "'trade'", "line 1"),
    ),
    "YAML that would run code": (
        _file("brand.yaml", "trade: !!python/object/apply:os.getcwd []\n"),
        BrandFileError,
        (FILE, "line 1"),
    ),
    "not UTF-8": (
        lambda shop: (shop.folder / "brand.yaml").write_bytes("a: 1\nb: 小店".encode("gb18030")),
        BrandFileError,
        (FILE, "line 2", "UTF-8"),
    ),
    "unknown key": (
        _settings(lambda shop: shop.settings.update(curency="CNY")),
        BrandFileError,
        (FILE, "curency", "unknown key", "currency"),
    ),
    "unknown key inside": (
        _settings(lambda shop: shop.settings["customers"].update(units="x")),
        BrandFileError,
        (FILE, "customers.units", "unit"),
    ),
    "unknown table": (
        _settings(
            lambda shop: shop.settings["tables"].update(product={"source": "x.csv", "columns": {}})
        ),
        BrandFileError,
        (FILE, "tables.product", "products"),
    ),
    "unknown column": (
        _settings(lambda shop: shop.columns.update(custmer="buyer")),
        BrandFileError,
        (FILE, "tables.transactions.columns.custmer", "customer_id"),
    ),
    "missing required column in the file": (
        _settings(lambda shop: shop.columns.pop("amount")),
        BrandFileError,
        (FILE, "tables.transactions.columns", "amount"),
    ),
    "wrong enumeration": (
        _settings(lambda shop: shop.settings["customers"].update(unit="persn")),
        BrandFileError,
        (FILE, "customers.unit", "persn", "person, household"),
    ),
    "wrong currency": (
        _settings(lambda shop: shop.settings.update(currency="RMB")),
        BrandFileError,
        (FILE, "currency", "RMB", "CNY"),
    ),
    "wrong time zone": (
        _settings(lambda shop: shop.settings.update(timezone="Asia/Beijing")),
        BrandFileError,
        (FILE, "timezone", "Asia/Beijing", "Asia/Shanghai"),
    ),
    "period backwards": (
        _settings(
            lambda shop: shop.settings.update(period={"start": "2024-03-02", "end": "2024-03-01"})
        ),
        BrandFileError,
        (FILE, "period", "end on or after"),
    ),
    "status without its meaning": (
        _settings(lambda shop: shop.columns.update(status="item")),
        BrandFileError,
        (FILE, "sale_status"),
    ),
    "fact that is none": (
        _settings(
            lambda shop: shop.settings.update(
                notices=[{"id": "n", "zh": "{order}", "en": "{order}"}]
            )
        ),
        BrandFileError,
        (FILE, "notices.n", "order", "orders"),
    ),
    "missing file": (_source("line.csv"), DataError, (FILE, "line.csv", "lines.csv")),
    "missing package": (
        _source("package:no-such-data/x.parquet"),
        DataError,
        (FILE, "no-such-data", "not installed", "install"),
    ),
    "no such file": (_source("lines.txt"), DataError, ("lines.txt", "did you mean 'lines.csv'")),
    "path that leaves": (_source("../lines.csv"), BrandFileError, (FILE, "../lines.csv", "leaves")),
    "link that leaves": (_leave_by_link, BrandFileError, (FILE, "link.csv", "leaves")),
    "package path that leaves": (
        _source("package:babel/../x.csv"),
        BrandFileError,
        (FILE, "package:<distribution>"),
    ),
    "missing column": (
        _lines("order,buyer,at,paid", "order,buyer,at,payed"),
        DataError,
        (FILE, "tables.transactions", "lines.csv", "'paid'", "amount", "payed"),
    ),
    "wrong type": (
        _lines("5.50", "five"),
        DataError,
        ("tables.transactions", "paid", "amount", "1 of 5", "'five'", "row 2", "12.50"),
    ),
    "unparseable dates": (
        _lines("2024-03-02", "2024-13-45"),
        DataError,
        ("tables.transactions", "ordered_at", "'2024-13-45 18:30:00'", "row 3", "2024-03-01"),
    ),
    "missing value in a key": (
        _lines("A3,", ","),
        DataError,
        ("tables.transactions", "order_id", "1 of 5", "missing"),
    ),
    "duplicate keys": (
        _file("products.csv", "item,title,group\np1,Tea,Drinks\np1,Soap,\n"),
        DataError,
        ("tables.products", "products.csv", "product_id", "'p1'", "1 of 2"),
    ),
    "negative discount": (
        _lines("3.00,0,p2", "3.00,-1,p2"),
        DataError,
        ("tables.transactions", "discount", "1 of 5", "-1", "0 or more"),
    ),
    "empty table": (
        _file("lines.csv", "order,buyer,at,paid,cut,item,pieces\n"),
        DataError,
        ("tables.transactions", "empty"),
    ),
    "empty file": (_file("lines.csv", ""), DataError, ("tables.transactions", "lines.csv")),
    "line with too many values": (
        _lines("7.25,0,p9,1", "7.25,0,p9,1,extra,more"),
        DataError,
        ("tables.transactions", "lines.csv", "line 5"),
    ),
    "no line in the period": (
        _settings(
            lambda shop: shop.settings.update(period={"start": "2020-01-01", "end": "2020-12-31"})
        ),
        DataError,
        ("tables.transactions", "no line is left", "2020-01-01"),
    ),
    "no Parquet": (
        lambda shop: (shop.write("lines.parquet", "text"), _source("lines.parquet")(shop)),
        DataError,
        ("tables.transactions", "lines.parquet", "Parquet"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_one_clear_message_and_nothing_left(shop: Any, case: str) -> None:
    spoil, family, words = CASES[case]
    spoil(shop)
    with pytest.raises(LoyaltyError) as caught:
        open_brand("shop")
    message = str(caught.value)
    assert type(caught.value) is family
    assert [word for word in words if word not in message] == [], message
    assert len(caught.value.problems) == 1, message
    assert str(shop.cache) not in message
    assert str(shop.home) not in message
    assert shop.leftovers() == []


def test_missing_brand_names_the_near_one(shop: Any) -> None:
    with pytest.raises(BrandFileError, match=r"'shp'.*data/brands.*shop.*did you mean 'shop'"):
        open_brand("shp")
    assert shop.leftovers() == []


def test_all_problems_of_a_file_at_once(shop: Any) -> None:
    shop.settings.update(currency="RMB", evidence="guessed", more=1)
    shop.columns.pop("amount")
    shop.save()
    with pytest.raises(BrandFileError) as caught:
        open_brand("shop")
    text = str(caught.value)
    assert len(caught.value.problems) == 4, text
    assert all(word in text for word in ("currency", "evidence", "more", "amount"))


def test_all_problems_of_the_data_at_once(shop: Any) -> None:
    _lines("5.50", "five")(shop)
    _lines("2024-03-02", "2024-13-45")(shop)
    shop.settings["tables"]["products"]["columns"]["launched_on"] = "title"
    shop.save()
    with pytest.raises(DataError) as caught:
        open_brand("shop")
    assert len(caught.value.problems) == 3, str(caught.value)


def test_personal_identifiers_stay_out_of_messages_and_checks(shop: Any) -> None:
    shop.settings["customers"]["identifiers"] = "personal"
    shop.save()
    assert open_brand("shop").quality.checks["example"].isna().all()
    shop.write("products.csv", "item,title,group\nsecret,Tea,\nsecret,Soap,\n")
    with pytest.raises(DataError) as caught:
        open_brand("shop")
    assert "secret" not in str(caught.value)


@pytest.mark.usefixtures("shop")
def test_absent_table_says_how_to_add_it() -> None:
    brand = open_brand("shop")
    assert not brand.has("survey")
    with pytest.raises(MissingTableError, match=r"'shop'.*'survey'.*brand\.yaml.*respondent_id"):
        _ = brand.survey
    with pytest.raises(AttributeError, match="no attribute 'surveys'"):
        _ = brand.surveys
