"""``loyalty new`` and ``loyalty check`` as commands: what is written, told and refused."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from intake import exports
from intake.desk import Desk

from loyalty_research.brand import load_brand_file
from loyalty_research.cli import main
from loyalty_research.intake import totals_of
from loyalty_research.study import open_brand

Lines = Callable[..., Path]


def test_a_brand_is_begun_proven_and_told(desk: Desk, lines_file: Lines):
    status, out, errors = desk.new(
        "甜品 小店", "--transactions", lines_file(), "--name", "甜品小店/Sweet shop"
    )
    assert (status, errors) == (0, "")
    assert "Compare with the back office" in out
    assert "loyalty check '甜品 小店'" in out
    file = load_brand_file("甜品 小店")
    assert (file.name.zh, file.name.en) == ("甜品小店", "Sweet shop")
    assert file.customers.audience_word == "会员"
    assert file.customers.identifiers == "personal"
    assert file.calendar == "cn"
    assert "# [sure] name and values agree" in desk.brand_file("甜品 小店").read_text("utf-8")


def test_comments_are_in_the_language_asked_for(desk: Desk, lines_file: Lines):
    assert desk.new("a", "--transactions", lines_file(), "--language", "zh")[0] == 0
    assert "# [确定] 名称与内容相符" in desk.brand_file("a").read_text("utf-8")


def test_a_preview_writes_nothing(desk: Desk, lines_file: Lines):
    path = lines_file(rows=1500)
    status, out, _ = desk.new("shop", "--transactions", path, "--preview")
    assert status == 0
    assert "1,000 rows" in out
    assert "Nothing was written" in out
    assert list((desk.home / "data" / "brands").iterdir()) == []


def test_a_brand_that_is_there_is_not_touched(desk: Desk, lines_file: Lines):
    path = lines_file()
    assert desk.new("shop", "--transactions", path)[0] == 0
    desk.brand_file("shop").write_text("mine", encoding="utf-8")
    status, out, errors = desk.new("shop", "--transactions", path)
    assert (status, out) == (2, "")
    assert "--force" in errors
    assert desk.brand_file("shop").read_text("utf-8") == "mine"
    assert desk.new("shop", "--transactions", path, "--force")[0] == 0
    backup = desk.brand_file("shop").with_name("brand.yaml.bak")
    assert backup.read_text("utf-8") == "mine"


def test_files_in_the_brands_folder_are_named_relative_to_it(desk: Desk, lines_file: Lines):
    folder = desk.brand_file("shop").parent
    folder.mkdir()
    lines_file().rename(folder / "lines.csv")
    assert desk.new("shop", "--transactions", folder / "lines.csv")[0] == 0
    assert desk.settings("shop")["tables"]["transactions"]["source"] == ["lines.csv"]


def test_patterns_stay_patterns(desk: Desk, lines_file: Lines):
    lines_file("jan.csv")
    assert desk.new("shop", "--transactions", desk.files / "*.csv")[0] == 0
    (source,) = desk.settings("shop")["tables"]["transactions"]["source"]
    assert source == (desk.files / "*.csv").as_posix()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "no file of purchases"),
        (["--orders", "o.csv"], "found only --orders"),
        (["--orders", "o.csv", "--lines", "l.csv", "--transactions", "t.csv"], "one or the other"),
        (["--transactions", "nowhere.csv"], "nowhere.csv"),
        (["--transactions", "t.csv", "--column", "amont=x"], "the columns of transactions are"),
        (["--transactions", "t.csv", "--column", "stores.name=x"], "no file was given for stores"),
    ],
)
def test_what_does_not_go_together_is_refused(desk: Desk, arguments: list[str], told: str):
    status, out, errors = desk.new("shop", *arguments)
    assert (status, out) == (2, "")
    assert told in errors
    assert not desk.brand_file("shop").parent.exists()


@pytest.mark.parametrize("options", [["--currency", "RMB"], ["--timezone", "Asia/Peking"]])
def test_a_brand_file_that_does_not_load_is_not_left_behind(
    desk: Desk, lines_file: Lines, options: list[str]
):
    status, _, errors = desk.new("shop", "--transactions", lines_file(), *options)
    assert status == 2
    assert f"{options[0][2:]}: found" in errors
    assert not desk.brand_file("shop").parent.exists()


@pytest.mark.parametrize("name", ["a/b", ".hidden", " ", "x:y", "tab\tname"])
def test_names_that_are_no_folder_are_refused(desk: Desk, lines_file: Lines, name: str):
    status, _, errors = desk.new(name, "--transactions", lines_file())
    assert status == 2
    assert "cannot be the name of a folder" in errors


def test_a_missing_column_is_told_with_the_way_out(desk: Desk, lines_file: Lines):
    path = lines_file(实付金额=None, 钱=lambda i: f"{i}.00")
    status, _, errors = desk.new("shop", "--transactions", path)
    assert status == 2
    assert "no heading for amount" in errors
    assert "--column transactions.amount=HEADING" in errors
    assert desk.new("shop", "--transactions", path, "--column", "amount=金钱")[0] == 2
    assert desk.new("shop", "--transactions", path, "--column", "amount=钱")[0] == 0


def test_order_numbers_cut_by_a_spreadsheet_are_refused(desk: Desk):
    book = openpyxl.Workbook()
    book.active.append(["订单编号", "付款时间", "实付金额"])
    for place in range(30):
        book.active.append([412345678901234567 + place, "2024-03-01 10:00:00", 9.5])
    path = desk.files / "orders.xlsx"
    book.save(path)
    status, _, errors = desk.new("shop", "--transactions", path)
    assert status == 2
    assert "have lost their last digits" in errors
    assert "export the file again as CSV" in errors


def test_unknown_statuses_do_not_count_and_are_told(desk: Desk, lines_file: Lines):
    state = lambda i: ["交易成功", "交易关闭", "待定", "交易成功"][i % 4]  # noqa: E731
    path = lines_file(订单状态=state, 实付金额=lambda _: "10.00")
    status, out, _ = desk.new("shop", "--transactions", path)
    assert status == 0
    assert "Status “待定” is unknown and does not count as a sale (10 rows, 100.00)" in out
    assert open_brand("shop").quality.facts["orders"] == 20
    again = desk.new("shop", "--transactions", path, "--force", "--sale-status", "待定")
    assert "is unknown" not in again[1]
    assert open_brand("shop").quality.facts["orders"] == 30


def test_no_known_sale_at_all_is_refused(desk: Desk, lines_file: Lines):
    path = lines_file(订单状态=lambda i: ["甲", "乙"][i % 2])
    status, _, errors = desk.new("shop", "--transactions", path)
    assert status == 2
    assert "乙 (20), 甲 (20)" in errors
    assert "--sale-status" in errors


def test_without_a_buyer_the_rest_runs(desk: Desk, lines_file: Lines):
    path = lines_file(会员号=lambda i: f"138****{i % 10:04d}")
    status, out, _ = desk.new("shop", "--transactions", path)
    assert status == 0
    assert "No heading says who bought" in out
    assert "customer_id" not in open_brand("shop").orders.columns


@pytest.mark.parametrize(
    ("write", "options", "order", "told"),
    [
        (lambda i: f"{1 + i % 28:02d}/03/2024", [], "dmy", "no other reading"),
        (lambda i: f"03/{1 + i % 28:02d}/2024", [], "mdy", "no other reading"),
        (lambda i: f"{1 + i % 12:02d}/03/2024", [], "dmy", "--date-order"),
        (lambda i: f"{1 + i % 12:02d}/03/2024", ["--date-order", "mdy"], "mdy", "as given"),
    ],
)
def test_the_order_of_dates(
    desk: Desk, lines_file: Lines, write: Callable, options: list[str], order: str, told: str
):
    status, out, _ = desk.new("shop", "--transactions", lines_file(支付时间=write), *options)
    assert status == 0
    assert told in out
    columns = desk.settings("shop")["tables"]["transactions"]["columns"]
    assert columns["ordered_at"]["date_order"] == order


def test_whole_months_unless_they_lose_a_tenth(desk: Desk, lines_file: Lines):
    def days(last: str, count: int) -> Callable[[int], str]:
        return lambda i: f"2024-01-{1 + i % 31:02d}" if i < count else last

    path = lines_file("half.csv", rows=62, 支付时间=days("2024-02-20", 31))
    assert desk.new("half", "--transactions", path)[0] == 0
    assert desk.settings("half")["period"]["end"].isoformat() == "2024-02-20"
    path = lines_file("few.csv", rows=62, 支付时间=days("2024-02-20", 60))
    status, out, _ = desk.new("few", "--transactions", path)
    assert status == 0
    assert desk.settings("few")["period"]["end"].isoformat() == "2024-01-31"
    assert "2 sales lie outside 2024-01-01 to 2024-01-31" in out


def test_a_stray_date_does_not_stretch_the_period(desk: Desk, lines_file: Lines):
    stray = lambda i: "1970-01-01" if i == 5 else f"2024-01-{1 + i % 31:02d}"  # noqa: E731
    _status, out, _ = desk.new("shop", "--transactions", lines_file(rows=2000, 支付时间=stray))
    assert desk.settings("shop")["period"]["start"].isoformat() == "2024-01-01"
    assert "1 sales lie outside" in out


def test_odd_headings_survive(desk: Desk):
    heads = ['订单号("ID": #1)', "支付时间 ", "实付金额（元）", "会员号\t", "- [x]: {y}"]
    rows = [
        [f"A{i}", f"2024-01-{1 + i % 31:02d}", f"{i + 1}.00", f"M{i % 7}", ""] for i in range(62)
    ]
    path = desk.write("odd.csv", exports.table(heads, rows))
    status, _out, errors = desk.new("shop", "--transactions", path)
    assert (status, errors) == (0, "")
    assert open_brand("shop").quality.facts["orders"] == 62
    columns = desk.settings("shop")["tables"]["transactions"]["columns"]
    assert columns["order_id"] == heads[0]


def test_a_workbook_with_typed_cells(desk: Desk):
    book = openpyxl.Workbook()
    book.active.append(["销售流水", None, None, None])
    book.active.append(["小票号", "销售时间", "实收金额", "会员卡号"])
    for i in range(62):
        at = dt.datetime(2024, 1, 1 + i % 31, 10, 30)
        book.active.append([f"S{i:05d}", at, 10.25, 88000 + i % 5])
    path = desk.files / "流水.xlsx"
    book.save(path)
    status, _, errors = desk.new("shop", "--transactions", path)
    assert (status, errors) == (0, "")
    found = totals_of(open_brand("shop"))
    assert (found.orders, found.net_sales, found.buyers) == (62, 635.5, 5)


def test_data_that_cannot_be_read_is_written_down_and_told(desk: Desk, lines_file: Lines):
    path = lines_file(rows=400, 实付金额=lambda i: "十元" if i == 399 else "10.00")
    status, out, _ = desk.new("shop", "--transactions", path)
    assert status == 2
    assert "The brand cannot be opened yet" in out
    assert "'十元'" in out
    assert desk.brand_file("shop").is_file()
    assert main(["--ui", "en", "check", "shop"]) == 2


def test_further_tables_are_linked_by_the_ids_of_the_transactions(desk: Desk, lines_file: Lines):
    phone = lambda i: f"1380000{i % 9:04d}"  # noqa: E731
    lines = lines_file(会员号=None, 手机号=phone)
    members = "会员号,手机号,性别,会员等级\n" + "".join(
        f"V{i},{phone(i)},{i % 3},金卡\n" for i in range(9)
    )
    path = desk.write("members.csv", members)
    status, out, _ = desk.new("shop", "--transactions", lines, "--customers", path)
    assert status == 0
    columns = desk.settings("shop")["tables"]["customers"]["columns"]
    assert columns["customer_id"] == "手机号"
    assert "systems number genders differently" in out


def test_every_other_table(desk: Desk, lines_file: Lines):
    made = {
        "points": ("会员号,操作时间,操作类型,变动积分数", "M1,2024-01-05 10:00,消费,5"),
        "events": ("会员号,行为类型,发生时间", "M1,签到,2024-01-05 10:00:00"),
        "stores": ("门店编号,门店名称,城市,开业日期", "S1,一店,上海,2020-05-01"),
        "campaigns": ("活动编号,活动类型,开始日期,结束日期", "K1,满减,2024-01-01,2024-01-07"),
        "feedback": ("评价ID,评价时间,评价内容,评分,会员号", "F1,2024-01-06 09:00:00,很好,5,M1"),
        "products": ("商品编码,商品名称,一级分类,成本价", "P1,茶,饮品,3.20"),
        "market": ("家庭编号,购买编号,品牌,购买日期,单价", "H1,1,甲,2024-01-01,9.9"),
    }
    arguments = []
    for name, (heads, row) in made.items():
        path = desk.write(f"{name}.csv", f"{heads}\n{row}\n", "gb18030")
        arguments += [f"--{name}", str(path)]
    status, out, errors = desk.new("shop", "--transactions", lines_file(), *arguments)
    assert (status, errors) == (0, ""), out
    brand = open_brand("shop")
    assert all(brand.has(name) for name in made)
    columns = {name: set(desk.settings("shop")["tables"][name]["columns"]) for name in made}
    assert columns["points"] == {"customer_id", "at", "reason", "delta"}
    assert columns["feedback"] == {"feedback_id", "posted_at", "text", "rating", "customer_id"}


def test_survey_answers_get_names_of_their_own(desk: Desk, lines_file: Lines):
    text = "序号,您对服务满意吗？,q2,姓名\n" + "".join(
        f"{i},{1 + i % 5},{1 + i % 7},某人{i}\n" for i in range(30)
    )
    path = desk.write("survey.csv", text, "gb18030")
    assert desk.new("shop", "--transactions", lines_file(), "--survey", path)[0] == 0
    columns = desk.settings("shop")["tables"]["survey"]["columns"]
    assert columns == {"respondent_id": "序号", "item_01": "您对服务满意吗？", "q2": "q2"}


def test_check_in_json_has_stable_keys(desk: Desk, lines_file: Lines):
    assert desk.new("shop", "--transactions", lines_file())[0] == 0
    assert main(["check", "shop", "--json"]) == 0
    found = json.loads(desk.capture.readouterr().out)
    assert list(found) == [
        "brand", "status", "period", "balance", "checks", "reconciliation", "errors",
    ]  # fmt: skip
    assert (found["status"], found["errors"]) == (0, [])
    assert found["balance"] == [{"table": "transactions", "read": 40, "kept": 40, "dropped": 0}]
    assert found["reconciliation"][-1]["month"] == "total"


def test_check_tells_errors_in_json_too(desk: Desk):
    assert main(["--ui", "zh", "check", "nobody", "--json"]) == 2
    found = json.loads(desk.capture.readouterr().out)
    assert found["status"] == 2
    assert "没有找到" in found["errors"][0]


def test_check_tells_what_was_done_and_what_to_do(desk: Desk, lines_file: Lines):
    path = lines_file(会员号=lambda i: f"138****{i:04d}" if i == 7 else f"M{i % 9}", rows=400)
    desk.new("shop", "--transactions", path)
    assert main(["--ui", "zh", "check", "shop"]) == 1
    out = desk.capture.readouterr().out
    assert "请导出未脱敏的顾客" in out
    assert "提醒" in out
