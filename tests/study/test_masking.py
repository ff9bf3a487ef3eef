"""Identities in generated text: how many are found, and how much else is taken for one.

The generator builds identities from parts; it does not know the patterns.
"""

from __future__ import annotations

import random

import pandas as pd
import pyarrow as pa
import pytest

from loyalty_research.study.identities import identity_kind, is_masked, is_resident_number
from loyalty_research.study.masking import KINDS, find_identities, mask_column, mask_text

SURNAMES = [
    "王",
    "李",
    "张",
    "刘",
    "陈",
    "杨",
    "赵",
    "黄",
    "周",
    "吴",
    "徐",
    "孙",
    "胡",
    "朱",
    "高",
]
SURNAMES += [
    "林",
    "何",
    "郭",
    "马",
    "罗",
    "梁",
    "宋",
    "郑",
    "谢",
    "韩",
    "唐",
    "冯",
    "于",
    "董",
    "欧阳",
]
TITLES = ["先生", "女士", "小姐", "老师", "总", "经理", "阿姨", "医生", "师傅", "店长", "哥", "姐"]
GIVEN = list("伟芳娜敏静强磊军洋勇艳杰涛明超霞平刚桂佳欣雨梓涵")
CITIES = [
    ("广东省", "深圳市", "南山区"),
    ("浙江省", "杭州市", "西湖区"),
    ("", "上海市", "浦东新区"),
]
CITIES += [("四川省", "成都市", "武侯区"), ("", "北京市", "朝阳区"), ("江苏省", "苏州市", "昆山市")]
ROADS = ["科技路", "人民南路", "中山大道", "解放街", "文三路", "张江路", "和平胡同", "建国西路"]
ESTATES = ["阳光花园", "万科小区", "金色家园", "丽景苑", "时代公寓", ""]
MAILS = ["qq.com", "163.com", "gmail.com", "sina.cn", "company.com.cn"]
BEFORE = [
    "麻烦联系一下，",
    "我的信息是",
    "请备注：",
    "货没有收到，",
    "上次买的茶很好，",
    "投诉！",
    "你好，",
    "",
]
AFTER = ["，谢谢", "。", "，尽快处理", " 收", "，已经等了3天", "！", "，价格是128元", ""]
HARD = [
    "这款原价13800元，现在打8折",
    "2024年11月11日买的，到12月5号才发货",
    "型号 AX-1390-2024 和 BX200 有货吗",
    "会员积分 12500 分，可抵125元",
    "第1380号店活动到2024-12-31",
    "净含量 500g×12 共 6000 克",
    "周总结：本周总额 35,000.00 元",
    "QQ糖和小熊糖买了3包",
    "微信支付成功，支付宝也可以",
    "人民路店排队2小时",
    "地铁2号线出口左转3分钟",
    "高级经理班和高中老师都来了",
    "营业时间 09:00-21:30，周末 10:00-22:00",
    "尺码 155 160 165 170 都缺货",
    "温度 38.5 度，湿度 60%",
    "用了 3 张 50-20 的券",
    "白班店员态度很好",
    "咖啡买一送一，第 2 杯半价",
    "wifi 密码找不到",
    "版本 v2.13.4 打不开小程序",
    "黄金搭档和钱包都在做活动",
    "5号楼的电梯坏了",
    "排名 1/2000，超过 99.5% 的会员",
    "满 199 减 50，满 399 减 120",
    "订了 12 份，共 1,380.50 元",
    "2024-01-05 12:30 下的单",
    "门店在万达广场，很好找",
    "金额 13800.00 已退",
    "方面很多，总体不错",
    "小姐姐很热情",
    "何时到货，什么时候发货",
    "江苏省和安徽省都缺货",
    "毛巾和马克杯各一件",
    "任何问题都找不到客服经理",
    "温度计和白色款都退了",
    "全家都爱喝，老板大方",
    "路由器 192.168.10.105",
    "批号 20240105A，保质期 12 个月",
    "第 12 街区的店，3 楼 5 号位",
    "唐装和于是乎都有",
]
AWKWARD = {
    "phone": lambda rng: " ".join("1" + rng.choice("3589") + digits(rng, 9)),
    "email": lambda rng: f"abc{digits(rng, 3)} at {rng.choice(MAILS)}",
    "wechat": lambda rng: "".join(rng.choice("abcdefghijklmnop") for _ in range(7)),
    "address": lambda rng: f"{rng.choice(CITIES)[2]}{rng.choice(ROADS)}{rng.choice(ESTATES)}",
    "name": lambda rng: rng.choice("逄佘贲仝亓") + rng.choice(TITLES),
}
"""Forms that are written as well, and that are hard to find."""


def digits(rng: random.Random, length: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(length))


def phone(rng: random.Random) -> str:
    number = "1" + rng.choice("3456789") + digits(rng, 9)
    parts = [number[:3], number[3:7], number[7:]]
    return rng.choice(["", "", "", "+86", "+86 ", "86-"]) + rng.choice(["", "", " ", "-"]).join(
        parts
    )


def resident(rng: random.Random) -> str:
    day = f"{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    area = rng.choice(["440305", "310115", "110105", "510107"])
    if rng.random() < 0.1:
        return f"{area}{rng.randint(50, 79)}{day}{digits(rng, 3)}"
    body = f"{area}{rng.randint(1950, 2006)}{day}{digits(rng, 3)}"
    # The check digit by its definition: the weighted sum is 1 modulo 11.
    for last in "0123456789X":
        value = 10 if last == "X" else int(last)
        weights = [pow(2, 17 - place, 11) for place in range(17)]
        if (sum(int(d) * w for d, w in zip(body, weights, strict=True)) + value) % 11 == 1:
            return body + last
    raise AssertionError(body)


def email(rng: random.Random) -> str:
    name = "".join(rng.choice("abcdefghijklmnop") for _ in range(rng.randint(3, 9)))
    return f"{name}{rng.choice(['', '.', '_'])}{digits(rng, rng.randint(1, 4))}@{rng.choice(MAILS)}"


def account(rng: random.Random) -> str:
    name = "".join(rng.choice("abcdefghijklmnop") for _ in range(rng.randint(4, 8)))
    return f"{name}{rng.choice(['_', '-', ''])}{digits(rng, rng.randint(2, 4))}"


def long_number(rng: random.Random) -> str:
    if rng.random() < 0.4:
        card = "62" + digits(rng, rng.choice([14, 17]))
        return (
            card
            if rng.random() < 0.5
            else " ".join(card[at : at + 4] for at in range(0, len(card), 4))
        )
    return rng.choice(["", "SF", "DD", "JD"]) + digits(rng, rng.randint(12, 18))


def address(rng: random.Random) -> str:
    region = "".join(rng.choice(CITIES)[rng.choice([0, 1, 2]) :])
    house = f"{rng.choice(ROADS)}{rng.randint(1, 1999)}号{rng.choice(ESTATES)}"
    block = rng.choice(["栋", "号楼", "幢"])
    flat = f"{rng.randint(1, 30)}{block}{rng.randint(101, 2803)}{rng.choice(['室', ''])}"
    return (
        region
        + house
        + rng.choice(
            [flat, f"{rng.randint(1, 9)}栋{rng.randint(1, 4)}单元{rng.randint(101, 803)}室", ""]
        )
    )


def person(rng: random.Random) -> str:
    surname = rng.choice(SURNAMES)
    if rng.random() < 0.25:
        return (
            surname
            + "".join(rng.choice(GIVEN) for _ in range(rng.randint(1, 2)))
            + rng.choice(TITLES[:3])
        )
    return surname + rng.choice(TITLES)


PIECES = {
    "phone": (phone, ["电话{}", "手机号{}", "打{}", "{}", "我的号码是{}"]),
    "id_number": (resident, ["身份证{}", "证件号：{}", "{}"]),
    "email": (email, ["邮箱{}", "发到{}", "mail:{}"]),
    "wechat": (account, ["微信号{}", "微信：{}", "加微信 {}", "vx:{}", "wx {}", "V信{}"]),
    "qq": (lambda rng: str(rng.randint(10_000_000, 2_999_999_999)), ["QQ{}", "qq：{}", "QQ号是{}"]),
    "number": (long_number, ["单号{}", "卡号 {}", "订单：{}"]),
    "address": (address, ["地址：{}", "寄到{}", "我住在{}", "送{}"]),
    "name": (person, ["{}", "我是{}", "联系{}", "找{}", "收货人{}"]),
}  # fmt: skip


def sentence(rng: random.Random) -> tuple[str, list[tuple[str, int, int]]]:
    """Return a sentence and where its identities stand."""
    text, truth = rng.choice(BEFORE), []
    for place in range(rng.choice([1, 1, 1, 2])):
        kind = rng.choice(list(PIECES))
        make, frames = PIECES[kind]
        before, after = rng.choice(frames).split("{}")
        text += ("，" if place else "") + before
        awkward = kind in AWKWARD and rng.random() < 0.06
        value = AWKWARD[kind](rng) if awkward else make(rng)
        truth.append((kind, len(text), len(text) + len(value)))
        text += value + after
    return text + rng.choice(AFTER), truth


def measured(seed: int) -> tuple[dict[str, tuple[int, int]], int, int]:
    """Return found and all identities by kind, masked spans, and those that are identities."""
    rng = random.Random(seed)
    texts = [sentence(rng) for _ in range(2_400)]
    texts += [("，".join(rng.sample(HARD, rng.randint(1, 2))), []) for _ in range(1_000)]
    rng.shuffle(texts)
    found = dict.fromkeys(PIECES, (0, 0))
    spans = right = 0
    for text, truth in texts:
        masked = find_identities(text)
        covered = {place for span in masked for place in range(span.start, span.end)}
        for kind, start, end in truth:
            inside = set(range(start, end))
            # An identity is found where nearly nothing of it is left.
            hit = len(inside & covered) >= 0.8 * len(inside)
            found[kind] = found[kind][0] + hit, found[kind][1] + 1
        spans += len(masked)
        right += sum(
            any(s.start < end and start < s.end for _, start, end in truth) for s in masked
        )
    return found, spans, right


@pytest.mark.parametrize("seed", [1, 2])
def test_precision_and_recall(seed) -> None:
    found, spans, right = measured(seed)
    hits, every = (sum(pair[place] for pair in found.values()) for place in (0, 1))
    assert every > 2_900
    assert hits / every >= 0.96
    assert right / spans >= 0.96
    for kind, (hit, total) in found.items():
        assert total > 250
        assert hit / total >= 0.90, kind


def test_hard_negatives_are_left_alone() -> None:
    wrong = [text for text in HARD if find_identities(text)]
    assert len(wrong) <= 1, wrong


def test_what_is_not_detected_is_said() -> None:
    """The limits the module states: bare given names, nicknames, characters for digits."""
    for text in ("小敏说好吃", "叫我阿强就行", "一三九一二三四五六七八", "John bought it"):
        assert find_identities(text) == ()


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("电话13912345678", "电话〔手机号〕", "电话[phone]"),
        ("电话１３９１２３４５６７８", "电话〔手机号〕", "电话[phone]"),
        ("+86 139-1234-5678 张先生", "〔手机号〕 〔姓名〕", "[phone] [name]"),
        ("身份证11010519491231002X", "身份证〔身份证号〕", "身份证[id number]"),
        ("微信号：tea_lover88", "微信号：〔微信号〕", "微信号：[wechat]"),
        ("QQ 123456789 都行", "QQ 〔QQ号〕 都行", "QQ [qq] 都行"),
        ("卡号6222 0212 3456 7890 123", "卡号〔长号码〕", "卡号[number]"),
        ("13800 元", "13800 元", "13800 元"),
        ("", "", ""),
    ],
)
def test_labels(text, zh, en) -> None:
    assert mask_text(text).value == zh
    assert mask_text(text, language="en").value == en


def test_counts_by_kind() -> None:
    masked = mask_text("张先生 13912345678，李女士 13912345679，a1@b.cn")
    assert masked.counts == {"name": 2, "phone": 2, "email": 1}
    assert set(masked.counts) <= set(KINDS)


def test_masking_twice_changes_nothing() -> None:
    rng = random.Random(3)
    for _ in range(300):
        once = mask_text(sentence(rng)[0]).value
        assert mask_text(once).value == once


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("11010519491231002X", True),  # the example of GB 11643
        ("440524188001010014", True),  # the other one
        ("110105194912310021", False),
        ("110105491231002", True),
    ],
)
def test_check_digit_of_published_numbers(number, valid) -> None:
    assert is_resident_number(number) is valid


def test_columns_keep_their_type_and_gaps() -> None:
    texts = ["打13912345678", None, "很好", "打13912345678"]
    wanted = ["打〔手机号〕", None, "很好", "打〔手机号〕"]
    series = mask_column(pd.Series(texts, index=[3, 1, 4, 2], name="text"))
    assert series.value.index.tolist() == [3, 1, 4, 2]
    assert [None if pd.isna(v) else v for v in series.value] == wanted
    assert series.counts == {"phone": 2}
    assert mask_column(pa.array(texts)).value.to_pylist() == wanted
    assert mask_column(pa.chunked_array([texts[:2], texts[2:]])).value.to_pylist() == wanted


@pytest.mark.parametrize(
    ("heading", "values", "kind"),
    [
        ("客户姓名", ["a", "b"], "name"),
        ("Mobile", [], "phone"),
        ("收货地址", ["x"], "address"),
        ("openid", [1], "openid"),
        ("email", [], "email"),
        ("微信昵称", [], "wechat"),
        ("身份证号", [], "id_number"),
        ("商品名称", ["黄瓜", "白菜", "金桔"], None),
        ("门店地址", ["人民路12号"], None),
        ("商品名称", ["13912345678"] * 3, "phone"),
        ("备注1", ["13912345678", "13812345678", "x"], "phone"),
        ("col7", ["11010519491231002X", "440524188001010014"], "id_number"),
        ("col8", ["110105194912310021", "440524188001010015"], None),
        ("col9", ["a1@b.cn", "c2@d.com", ""], "email"),
        ("买家", ["王伟", "李娜", "张秀英", "刘洋", "陈静"], "name"),
        ("等级", ["金卡", "银卡", "金卡", "银卡", "金卡", "银卡"], None),
        ("金额", [12.5, 13800, 99], None),
        ("日期", ["2024-01-05", "2024-02-06"], None),
        ("x", [None, float("nan"), ""], None),
    ],
)
def test_columns_that_hold_persons(heading, values, kind) -> None:
    assert identity_kind(values, heading) == kind


@pytest.mark.parametrize(
    ("values", "share"),
    [
        (["138****1234", "139****0000", "13912345678", None], 2 / 3),
        (["张*", "李*明", "**", "王伟"], 0.75),
        (["$$abc", "##xyz"], 1.0),
        (["5*3", "60*90", "2024-01-05"], 0.0),
        ([], 0.0),
    ],
)
def test_share_that_came_masked(values, share) -> None:
    assert is_masked(values) == pytest.approx(share)
