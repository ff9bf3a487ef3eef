"""Made-up purchases, dressed as retail systems write their exports; the truth is known.

Everything is drawn from a seed: no order, id or phone number is anybody's.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

GOODS = {  # number: name, price
    "C001": ("芒果西米露", Decimal("18.00")),
    "C002": ("杨枝甘露（大）", Decimal("22.50")),
    "C003": ("红豆双皮奶", Decimal("15.00")),
    "C004": ("黑芝麻糊", Decimal("12.00")),
    "C005": ("榴莲千层", Decimal("38.80")),
    "C006": ("桂花酒酿圆子", Decimal("16.60")),
}
FIRST, LAST = dt.date(2024, 1, 1), dt.date(2024, 3, 31)
CENT = Decimal("0.01")
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Line:
    """A product of an order; ``paid`` is what was paid for it, ``refund`` what was given back."""

    product: str
    pieces: int
    cut: Decimal
    refund: Decimal = Decimal(0)

    @property
    def listed(self) -> Decimal:
        return GOODS[self.product][1] * self.pieces

    @property
    def paid(self) -> Decimal:
        return self.listed - self.cut


@dataclass(frozen=True)
class Order:
    """An order; ``state`` is paid, unpaid, closed, returned (all of it) or partly (returned)."""

    number: str
    at: dt.datetime
    buyer: str | None
    state: str
    freight: Decimal
    lines: tuple[Line, ...] = field(default=())

    @property
    def paid(self) -> Decimal:
        return sum((line.paid for line in self.lines), Decimal(0))

    @property
    def refund(self) -> Decimal:
        return sum((line.refund for line in self.lines), Decimal(0))

    @property
    def net(self) -> Decimal:
        return self.paid - self.refund if self.state in ("paid", "partly") else Decimal(0)


@dataclass(frozen=True)
class Truth:
    """What a right reading of the exports comes to."""

    orders: int
    net_sales: Decimal
    buyers: int
    repurchase_rate: float


def made_orders(
    seed: int, *, count: int = 400, people: int = 90, walk_ins: float = 0.0, freight: bool = True
) -> list[Order]:
    """Draw orders of three months; the first and the last day have one each."""
    draw = random.Random(seed)
    phones = [f"1{draw.choice('3578')}{draw.randrange(10**8, 10**9)}" for _ in range(people)]
    days = (LAST - FIRST).days
    orders = []
    for place in range(count):
        day = FIRST + dt.timedelta({0: 0, 1: days}.get(place, draw.randint(0, days)))
        at = dt.datetime.combine(day, dt.time(draw.randint(9, 21), draw.randint(0, 59), 7))
        state = draw.choices(["paid", "unpaid", "closed", "returned", "partly"], [84, 4, 4, 4, 4])[
            0
        ]
        state = "paid" if place < 2 else state
        lines = []
        for product in draw.sample(sorted(GOODS), draw.choices([1, 2, 3], [5, 3, 2])[0]):
            pieces = draw.choices([1, 2], [8, 2])[0]
            cut = Decimal(draw.choice(["0", "0", "1.50", "3.00"]))
            lines.append(Line(product, pieces, cut))
        if state == "returned":
            lines = [Line(x.product, x.pieces, x.cut, x.paid) for x in lines]
        if state == "partly":
            first = lines[0]
            half = (first.paid / 2).quantize(CENT)
            lines[0] = Line(first.product, first.pieces, first.cut, half)
        buyer = None if draw.random() < walk_ins else draw.choice(phones)
        fee = Decimal(draw.choice(["0", "6.00", "8.00"])) if freight else Decimal(0)
        number = f"{6917 * 10**14 + draw.randrange(10**14)}"
        orders.append(Order(number, at, buyer, state, fee, tuple(lines)))
    return orders


def truth_of(orders: Iterable[Order]) -> Truth:
    """Return the true totals, counted in plain Python."""
    valid = [order for order in orders if order.net > 0]
    days: dict[str, set[dt.date]] = defaultdict(set)
    for order in valid:
        if order.buyer is not None:
            days[order.buyer].add(order.at.date())
    again = sum(len(dates) >= 2 for dates in days.values())
    return Truth(
        orders=len(valid),
        net_sales=sum((order.net for order in valid), Decimal(0)),
        buyers=len(days),
        repurchase_rate=again / len(days) if days else 0.0,
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return out.getvalue()


def stamp(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def masked(phone: str | None) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""


def youzan(folder: Path, orders: Sequence[Order]) -> tuple[Path, Path]:
    """Write the two files of 有赞: orders, and the products of orders; ids with a leading tab."""
    states = {
        "paid": "交易完成",
        "partly": "交易完成",
        "returned": "交易关闭",
        "unpaid": "待付款",
        "closed": "交易关闭",
    }
    heads = [
        "订单号", "订单状态", "订单创建时间", "买家付款时间", "交易成功时间", "全部商品名称",
        "商品种类数", "订单商品总件数", "商品金额合计", "店铺优惠合计", "运费", "买家昵称",
        "买家姓名", "买家手机号", "买家是否会员", "下单次数", "收货人省份",
    ]  # fmt: skip
    rows = [
        [
            f"\t{order.number}",
            states[order.state],
            stamp(order.at - dt.timedelta(minutes=3)),
            "" if order.state == "unpaid" else stamp(order.at),
            stamp(order.at + dt.timedelta(days=9)),
            ";".join(GOODS[line.product][0] for line in order.lines),
            len(order.lines),
            sum(line.pieces for line in order.lines),
            sum(line.listed for line in order.lines),
            sum(line.cut for line in order.lines),
            order.freight,
            "甜品控",
            "王*",
            f"\t{order.buyer or ''}",
            "是",
            3,
            "上海市",
        ]
        for order in orders
    ]
    by_order = folder / "有赞订单.csv"
    by_order.write_text(table(heads, rows), encoding="utf-8-sig")
    heads = [
        "订单号", "外部订单号", "订单商品状态", "交易成功时间", "商品名称", "商品类型", "商品规格",
        "规格编码", "商品编码", "商品单价", "商品优惠方式", "商品数量", "商品金额小计",
        "店铺优惠（分摊）", "商品实际成交金额", "商品抵用积分数", "商品留言",
        "收货人/提货人", "收货人手机号/提货人手机号", "商品退款状态", "商品已退款金额",
    ]  # fmt: skip
    lines = [
        [
            f"\t{order.number}", "", states[order.state],
            stamp(order.at + dt.timedelta(days=9)),
            GOODS[line.product][0], "实物", "", "", line.product, GOODS[line.product][1], "",
            line.pieces, line.listed, line.cut, line.paid, 0, "", "张三", "13900000000",
            "退款成功" if line.refund == line.paid else "部分退款" if line.refund else "",
            line.refund,
        ]
        for order in orders
        for line in order.lines
    ]  # fmt: skip
    by_line = folder / "有赞商品.csv"
    by_line.write_text(table(heads, lines), encoding="utf-8-sig")
    return by_order, by_line


def tmall(folder: Path, orders: Sequence[Order]) -> list[Path]:
    """Write the order report of 天猫 in GB18030, a file a month, the edges in both files."""
    states = {
        "paid": "交易成功",
        "partly": "交易成功",
        "returned": "交易关闭",
        "unpaid": "等待买家付款",
        "closed": "交易关闭",
    }
    heads = [
        "订单编号", "买家会员名", "买家支付宝账号", "买家应付货款", "买家应付邮费", "买家支付积分",
        "总金额", "返点积分", "买家实际支付金额", "买家实际支付积分", "订单状态", "收货地址 ",
        "订单创建时间", "订单付款时间 ", "宝贝标题 ", "宝贝种类 ", "宝贝总数量", "退款金额",
        "店铺名称", "订单关闭原因",
    ]  # fmt: skip
    rows = []
    for order in sorted(orders, key=lambda item: item.at):
        nothing = order.state in ("unpaid", "closed")
        listed = sum((line.listed for line in order.lines), Decimal(0))
        refund = order.refund + (order.freight if order.state == "returned" else 0)
        rows.append(
            (
                order.at.month,
                [
                    f"'{order.number}", f"tb{order.buyer}", masked(order.buyer), order.paid,
                    order.freight, 0, listed + order.freight, 0,
                    0 if nothing else order.paid + order.freight, 0, states[order.state],
                    "上海市 某区", stamp(order.at - dt.timedelta(minutes=2)),
                    "" if nothing else stamp(order.at),
                    "，".join(GOODS[line.product][0] for line in order.lines), len(order.lines),
                    sum(line.pieces for line in order.lines), refund or "", "某某旗舰店",
                    "订单未关闭" if order.state == "paid" else "其他",
                ],
            )
        )  # fmt: skip
    paths = []
    for month in (1, 2, 3):
        path = folder / f"天猫订单2024-{month:02d}.csv"
        own = [row for at, row in rows if at == month]
        own += [row for at, row in rows if at == month + 1][:7]
        path.write_bytes(table(heads, own).encode("gb18030"))
        paths.append(path)
    return paths


def douyin(folder: Path, orders: Sequence[Order]) -> Path:
    """Write an export of 抖店: encrypted buyers, the order's amount on each of its sub-orders."""
    states = {"paid": "已完成", "partly": "已完成", "returned": "已关闭", "unpaid": "待支付"}
    heads = [
        "主订单编号", "子订单编号", "选购商品", "商品规格", "商品数量", "商品ID", "商家编码",
        "商品金额", "订单应付金额", "运费", "平台实际承担优惠金额", "商家实际承担优惠金额",
        "达人实际承担优惠金额", "收件人", "收件人手机号", "详细地址", "订单提交时间",
        "支付完成时间", "订单完成时间", "订单状态", "售后状态", "取消原因", "达人ID", "达人昵称",
    ]  # fmt: skip
    rows = []
    for order in orders:
        for place, line in enumerate(order.lines):
            paid = "" if order.state in ("unpaid", "closed") else stamp(order.at)
            rows.append(
                [
                    f"\t{order.number}", f"\t{order.number}{place}", GOODS[line.product][0], "",
                    line.pieces, f"\t35{line.product[1:]}", line.product, line.listed,
                    order.paid + order.freight, order.freight, 0, line.cut, 0,
                    f"##{order.number[-6:]}=", f"$${order.number[-8:]}$1$", "***",
                    stamp(order.at - dt.timedelta(minutes=1)), paid, "",
                    states.get(order.state, "已关闭"),
                    "退款成功" if order.state == "returned" else "-", "", "0", "",
                ]
            )  # fmt: skip
    path = folder / "抖店.csv"
    path.write_text(table(heads, rows), encoding="utf-8-sig")
    return path


def pinduoduo(folder: Path, orders: Sequence[Order]) -> Path:
    """Write an export of 拼多多, which has no buyer; one line an order."""
    states = {
        "paid": "已收货",
        "partly": "已收货",
        "returned": "已发货，退款成功",
        "unpaid": "待付款",
        "closed": "已取消",
    }
    heads = [
        "商品", "订单号", "订单状态", "商品总价(元)", "邮费(元)", "店铺优惠折扣(元)",
        "平台优惠折扣(元)", "多多支付立减金额(元)", "用户实付金额(元)", "商家实收金额(元)",
        "商品数量(件)", "商品id", "商品规格", "商家编码-规格维度", "售后状态", "订单成交时间",
        "支付时间",
    ]  # fmt: skip
    rows = []
    for order in orders:
        line = order.lines[0]
        paid = line.paid + order.freight
        rows.append(
            [
                GOODS[line.product][0], f"{order.at:%y%m%d}-{order.number}", states[order.state],
                line.listed, order.freight, line.cut, 0, 0, paid, paid, line.pieces,
                f"\t88{line.product[1:]}", "", line.product,
                "退款成功" if order.state == "returned" else "无售后或售后取消",
                stamp(order.at), "" if order.state in ("unpaid", "closed") else stamp(order.at),
            ]
        )  # fmt: skip
    path = folder / "拼多多.csv"
    path.write_bytes(table(heads, rows).encode("utf-8-sig"))
    return path


def till(folder: Path, orders: Sequence[Order], *, recharges: int = 25) -> Path:
    """Write a POS report in GB18030: title rows, subtotals, walk-ins, recharges, the till's names.

    Only paid orders without refund stand in it; returns are negative lines.
    """
    heads = [
        "销售时间", "单据号", "会员编号", "会员名称", "商品编号", "商品名称", "单价", "打折率",
        "数量", "实收金额", "单位", "规格型号",
    ]  # fmt: skip
    draw = random.Random(len(orders))
    rows: list[list[object]] = []
    for order in orders:
        who = f"VIP{order.buyer[-6:]}" if order.buyer else draw.choice(["散客", "来宾", "0", ""])
        name = "会员" if order.buyer else "散客"
        for line in order.lines:
            title, price = GOODS[line.product]
            rate = "1.00" if not line.cut else "0.95"
            rows.append(
                [order.at.strftime("%Y/%m/%d %H:%M"), order.number[-12:], who, name, line.product,
                 title, price, rate, line.pieces, line.paid, "份", ""]
            )  # fmt: skip
    for place in range(recharges):
        at = dt.datetime(2024, 2, 1 + place % 28, 12, 0)
        rows.append(
            [at.strftime("%Y/%m/%d %H:%M"), f"R{place:011d}", f"VIP{place:06d}", "会员", "CZ01",
             "储值卡充值", 200, "1.00", 1, "200.00", "次", ""]
        )  # fmt: skip
    total = sum(Decimal(str(row[9])) for row in rows)
    blank = [""] * len(heads)
    head = [["商品销售明细表", *blank[1:]], ["查询日期：2024-01-01 至 2024-03-31", *blank[1:]]]
    end = [["合计", *blank[1:8], sum(int(str(row[8])) for row in rows), total, "", ""]]
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([*head, heads, *rows, *end])
    path = folder / "门店销售明细.csv"
    path.write_bytes(out.getvalue().encode("gb18030"))
    return path


def weengine(folder: Path, orders: Sequence[Order]) -> Path:
    """Write a table dump of 人人商城: epoch seconds, states as codes, recharges among them."""
    states = {"paid": 3, "returned": 4, "unpaid": 0, "closed": -1}
    heads = [
        "id", "openid", "ordersn", "price", "goodsprice", "discountprice", "dispatchprice",
        "status", "createtime", "paytime", "deductcredit2", "couponprice", "refundstate",
    ]  # fmt: skip
    rows: list[list[object]] = []
    for place, order in enumerate(orders):
        at = int(order.at.replace(tzinfo=SHANGHAI).timestamp())
        status = 1 if order.state == "paid" and place % 5 == 0 else states[order.state]
        listed = sum((line.listed for line in order.lines), Decimal(0))
        cut = sum((line.cut for line in order.lines), Decimal(0))
        rows.append(
            [place, f"oX{order.buyer}", f"SH{order.number}", order.paid + order.freight, listed,
             cut, order.freight, status, at - 60, at if status > 0 else 0, 0, 0, 0]
        )  # fmt: skip
    for place in range(9):
        at = int(dt.datetime(2024, 2, 1 + place, tzinfo=SHANGHAI).timestamp())
        rows.append(
            [9000 + place, f"oX{place}", f"RC{place:012d}", 500, 500, 0, 0, 3, at, at, 0, 0, 0]
        )
    path = folder / "ims_ewei_shop_order.csv"
    path.write_text(table(heads, rows), encoding="utf-8")
    return path


def tmall_items(folder: Path, orders: Sequence[Order]) -> Path:
    """Write the item report of 天猫, which goes with its order report: no amount paid, no buyer."""
    heads = [
        "子订单编号", "主订单编号", "商品标题", "商品价格", "购买数量", "商品属性", "套餐信息",
        "订单状态", "商家编码",
    ]  # fmt: skip
    rows = [
        [f"\t{order.number}{place}", f"\t{order.number}", GOODS[line.product][0],
         GOODS[line.product][1], line.pieces, "", "", "", line.product]
        for order in orders
        for place, line in enumerate(order.lines)
    ]  # fmt: skip
    path = folder / "天猫宝贝.csv"
    path.write_bytes(table(heads, rows).encode("gb18030"))
    return path
