"""The report of a brand whose identifiers are personal, searched for persons."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from results.small_groups import (
    LIMIT,
    NAMES,
    PEOPLE,
    PHONES,
    make_customers,
    make_lines,
    make_products,
    source_ids,
)

import loyalty_research

PROJECT = Path(__file__).parents[2]
BRAND = """\
name: {zh: 茶铺, en: Tea house}
trade: food_service
currency: CNY
timezone: Asia/Shanghai
customers: {unit: person, audience_word: 会员, identifiers: personal, first_purchase_observed: true}
evidence: observed
tables:
  transactions:
    source: lines.csv
    columns:
      order_id: 订单号
      ordered_at: 时间
      amount: 金额
      discount: 优惠
      customer_id: 会员号
      product_id: 商品
      store_id: 门店
  products:
    source: products.csv
    columns: {product_id: product_id, name: name, category: category}
  customers:
    source: members.csv
    columns: {customer_id: 会员号, tier: 等级, age_band: 年龄段}
"""
HEADS = {
    "order_id": "订单号",
    "ordered_at": "时间",
    "amount": "金额",
    "discount": "优惠",
    "customer_id": "会员号",
    "product_id": "商品",
    "store_id": "门店",
}


def make_home(home: Path) -> Path:
    """Write a home folder with the project's notebooks and one brand of persons."""
    folder = home / "data" / "brands" / "tea"
    folder.mkdir(parents=True)
    shutil.copytree(PROJECT / "notebooks", home / "notebooks")
    (folder / "brand.yaml").write_text(BRAND, encoding="utf-8")
    make_lines().rename(columns=HEADS).to_csv(folder / "lines.csv", index=False)
    make_products().to_csv(folder / "products.csv", index=False)
    members = make_customers()
    who = range(len(members))
    members["姓名"] = [NAMES[place % len(NAMES)] for place in who]
    members["手机"] = [PHONES[place % len(PHONES)] for place in who]
    heads = {"customer_id": "会员号", "tier": "等级", "age_band": "年龄段"}
    members.rename(columns=heads).to_csv(folder / "members.csv", index=False)
    return home


@pytest.fixture(scope="module")
def delivered(tmp_path_factory) -> dict[str, bytes]:
    """Return every delivered file by path; those inside a workbook as well."""
    root = tmp_path_factory.mktemp("persons")
    home = make_home(root / "home")
    variables = {
        "LOYALTY_HOME": str(home),
        "LOYALTY_CACHE": str(root / "cache"),
        "PYTHONPATH": str(Path(loyalty_research.__file__).parents[1]),
    }
    command = [
        sys.executable,
        "-m",
        "loyalty_research",
        "report",
        "tea",
        "--out",
        str(root / "out"),
    ]
    made = subprocess.run(
        command, cwd=root, env={**os.environ, **variables}, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    assert not (home / "private").exists()
    place = root / "out" / "tea"
    files = {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }
    for name in [name for name in files if name.endswith((".xlsx", ".docx", ".pptx", ".zip"))]:
        with zipfile.ZipFile(io.BytesIO(files[name])) as book:
            files |= {f"{name}/{part}": book.read(part) for part in book.namelist()}
    return files


def texts(files: dict[str, bytes]) -> dict[str, str]:
    endings = (".html", ".json", ".ipynb", ".xml", ".csv", ".svg", ".js", ".txt", ".md", ".rels")
    return {name: data.decode("utf-8") for name, data in files.items() if name.endswith(endings)}


def test_the_report_is_there(delivered) -> None:
    kinds = {name.rpartition(".")[2] for name in delivered}
    assert {"html", "json", "xlsx", "xml", "ipynb"} <= kinds
    assert len(json.loads(delivered["findings.json"])) > 0


def test_no_planted_identity_is_in_any_file(delivered) -> None:
    planted = [*NAMES, *PHONES, *source_ids()]
    pattern = re.compile("|".join(map(re.escape, planted)))
    for name, text in texts(delivered).items():
        assert not pattern.search(text), (name, pattern.search(text))


def test_no_identity_is_in_any_bytes(delivered) -> None:
    for name, data in delivered.items():
        for item in (*NAMES, *PHONES, "VIP-"):
            assert item.encode("utf-8") not in data, (name, item)


def test_no_internal_id_is_shown(delivered) -> None:
    """Neither the word, but in the code of a notebook, nor a list as long as the customers."""
    for name, text in texts(delivered).items():
        if name.endswith(".ipynb"):
            cells = json.loads(text)["cells"]
            text = json.dumps([cell.get("outputs", []) for cell in cells])
        if name.endswith(".html") or "/index" in name:
            text = re.sub(r"<(pre|code)\b.*?</\1>", "", text, flags=re.DOTALL)
        assert "customer_id" not in text, name
    book = openpyxl.load_workbook(io.BytesIO(delivered["tables.xlsx"]), read_only=True)
    for sheet in book:
        rows = list(sheet.iter_rows(values_only=True))
        for column in itertools.zip_longest(*rows):
            ids = {item for item in column if isinstance(item, int) and 0 <= item < PEOPLE}
            assert len(ids) < PEOPLE / 4, sheet.title


def counted(book: openpyxl.Workbook):
    """Yield the numbers of persons in a workbook: columns whose unit is a person."""
    for sheet in book:
        rows = list(sheet.iter_rows(values_only=True))
        for column in itertools.zip_longest(*rows):
            if any(isinstance(item, str) and item in {"人 customers", "人"} for item in column):
                yield sheet.title, [item for item in column if isinstance(item, (int, float))]


def test_no_small_count_is_in_the_workbook(delivered) -> None:
    found = 0
    book = openpyxl.load_workbook(io.BytesIO(delivered["tables.xlsx"]))
    for title, numbers in counted(book):
        found += 1
        assert not [number for number in numbers if 0 < number < LIMIT], title
    assert found


def test_hidden_cells_are_marked_and_explained_in_every_format(delivered) -> None:
    pages = texts(delivered)
    assert any("…</td>" in text for name, text in pages.items() if name.startswith("zh/"))
    assert any("不足 10 人" in text for name, text in pages.items() if name.startswith("zh/"))
    assert any("fewer than 10 persons" in t for n, t in pages.items() if n.startswith("en/"))
    strings = delivered["tables.xlsx/xl/sharedStrings.xml"].decode("utf-8")
    assert "<t>…</t>" in strings
    assert "不足 10 人" in strings


def test_no_finding_tells_a_small_group(delivered) -> None:
    document = json.loads(delivered["findings.json"])
    findings = document["findings"] if isinstance(document, dict) else document
    assert any(item["reason"] == "disclosure" for item in findings)
    for item in findings:
        values = [*item["values"].values(), {"value": item["estimate"], "unit": item["unit"]}]
        people = [v["value"] for v in values if v["unit"] == "customers" and v["value"]]
        people += [item["base"]] if item["base_unit"] == "customers" else []
        assert not [n for n in people if 0 < n < LIMIT and float(n).is_integer()], item["id"]
