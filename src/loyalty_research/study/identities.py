"""What identities look like: patterns of text, headings and values of columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏"
    "吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱"
    "严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚"
    "符舒阮柯纪梅童凌毕单裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁房滕屈饶解牟艾尤阳时穆农司"
)
"""The commonest surnames of one character."""
_DOUBLE = "欧阳|司马|上官|诸葛|慕容|夏侯|皇甫|尉迟|令狐|司徒|南宫|东方|端木|公孙|轩辕"
_SURNAME = f"(?:{_DOUBLE}|[{SURNAMES}])"
_HAN = r"[\u4e00-\u9fff]"
_NO_NAME = (
    "高中|高级|高铁|白班|白金|金牌|黄金|万达|方面|马上|毛绒|江苏|温州|徐州|常州|安徽|成都|时候|路过"
)
_FULL = "先生|女士|小姐|太太|夫人|老师|教授|医生|律师|同学"
_SHORT = (
    f"{_FULL}|总监|总裁|总经理|副总|经理|主任|店长|老板|师傅|阿姨|叔叔|大姐|大哥"
    "|姐(?![姐妹])|哥(?![哥弟])"
)
_TOTAL = r"总(?![是结体额共计部价量数分和会算店公收支得要成归司监裁经])"
NAME = re.compile(
    rf"(?<![本上下每一二三四五六两几半整])(?!{_NO_NAME})"
    rf"(?P<own>{_SURNAME}(?:(?:{_SHORT}|{_TOTAL})|{_HAN}{{1,2}}?(?:{_FULL}))"
    rf"|(?<=姓名[:是为 ])\s?{_SURNAME}{_HAN}{{1,2}}"
    rf"|(?<=[货件系]人[:是为 ])\s?{_SURNAME}{_HAN}{{1,2}}"
    rf"|(?<=我叫){_SURNAME}{_HAN}{{1,2}}(?![\u4e00-\u9fff]))"
)
PHONE = re.compile(
    r"(?<![\dA-Za-z])(?P<own>(?:(?:\+|00)?86[- ]?)?"
    r"(?:1[3-9]\d{9}|1[3-9]\d[-. ]\d{4}[-. ]\d{4}|1[3-9]\d[- ]\d{3}[- ]\d{5}|1 [3-9](?: \d){9})"
    r"|0\d{2,3}[- ]\d{7,8})(?!\d)"
)
RESIDENT = re.compile(
    r"(?<!\d)(?P<own>[1-9]\d{5}[ -]?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"[ -]?\d{3}[\dXx]|[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})(?!\d)"
)
EMAIL = re.compile(r"(?P<own>[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})")
WECHAT = re.compile(
    r"(?:微信|[Vv]信|威信|薇信|wechat|weixin|(?<![A-Za-z])[vw]x)"
    r"(?: ?(?:号码?|账号|ID)? ?[:=是为] ?|号码? ?|ID ?|(?<=加微信) ?| ?(?=[A-Za-z_-]*\d))"
    r"(?P<own>[A-Za-z][A-Za-z0-9_-]{5,19}|1[3-9]\d{9})",
    re.IGNORECASE,
)
QQ = re.compile(
    r"(?:(?<![A-Za-z])QQ|扣扣|企鹅)(?:号码?|群号?)?[: 是为]{0,2}(?P<own>[1-9]\d{4,10})(?!\d)",
    re.IGNORECASE,
)
LONG_NUMBER = re.compile(r"(?<!\d)(?P<own>\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?|\d{9,})(?!\d)")
_PLACE = r"[^\W\d_A-Za-z我你他她们住在到寄送是于的了去从给请往家址收发回改]"
_REGION = (
    rf"(?:(?:{_PLACE}{{2,7}}?(?:省|自治区))?(?:{_PLACE}{{2,6}}?(?:市|自治州))?"
    rf"(?:{_PLACE}{{1,6}}?(?:新区|区|县))?(?:{_PLACE}{{1,6}}?(?:街道|镇|乡))?)"
)
_HOUSE = r"(?: ?[\dA-Za-z一二三四五六七八九十]{1,5} ?(?:号院|号楼|号|弄|栋|幢|座|单元|层|楼|室))"
_ESTATE = rf"(?:{_PLACE}{{1,8}}?(?:小区|花园|家园|苑|公寓|大厦|广场|新村|府|城))"
ADDRESS = re.compile(
    rf"(?P<own>{_REGION}(?:{_PLACE}{{1,8}}?(?:大道|路|街|巷|胡同|道))"
    r" ?\d{1,5} ?(?:号|弄)(?!线|店)"
    rf"{_ESTATE}?{_HOUSE}*(?: ?\d{{3,4}}(?!\d))?"
    rf"|{_REGION}{_ESTATE}{_HOUSE}{{1,5}}(?: ?\d{{3,4}}(?!\d))?"
    rf"|\d{{1,3}} ?(?:号楼|栋|幢|座) ?(?:\d{{1,2}} ?单元 ?)?\d{{3,4}} ?室?)"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_OPENID = re.compile(r"o[A-Za-z0-9_-]{27}")
_WXID = re.compile(r"wxid_[A-Za-z0-9]{8,24}")
_PLAIN_NAME = re.compile(rf"{_SURNAME}{_HAN}{{1,2}}")
_NOT_PERSONS = re.compile(
    r"商品|产品|货品|品名|品类|品牌|门店|店铺|店名|城市|活动|渠道|区域|供应商|公司|product|item|goods|store|shop|brand|city|category|campaign|channel|file|company|supplier",
    re.IGNORECASE,
)
_HEADINGS = (
    ("openid", r"open_?id|union_?id"),
    ("wechat", r"微信(?!支付|渠道|订单|小程序)|we_?chat|wxid"),
    ("qq", r"^qq|qq号"),
    ("email", r"邮箱|邮件地址|e-?mail"),
    ("id_number", r"身份证|证件号|id_?card|id_?number|passport|护照"),
    ("phone", r"手机|电话|联系方式|mobile|phone|(?:^|_)tel(?:$|_)"),
    ("address", r"地址|住址|(?<!e_)(?<!mail_)address|邮编|post_?code"),
    (
        "name",
        r"姓名|名字|客户名|顾客名|会员名|昵称|收货人|收件人|联系人|购货人|买家名"
        r"|^name$|(?:customer|member|full|first|last|nick|user|real|buyer)_?name|receiver|consignee",
    ),
)
_MASK = re.compile(
    r"(?=.{2,40}$)(?:.*[*＊×●•]{2,}.*|[\u4e00-\u9fff][*＊×●•][\u4e00-\u9fff]?"
    r"|[*＊×●•][\u4e00-\u9fff]{1,2}|\$\$.*|##.*)|[*＊×●•#$]+"
)
_LOOKED_AT = 2_000
_MOST, _ALMOST_ALL = 0.5, 0.8


def is_resident_number(text: str) -> bool:
    """Tell whether a text is a resident identity number: its check digit, or the old 15 digits.

    References
    ----------
    GB 11643-1999; ISO 7064, MOD 11-2.
    """
    digits = re.sub(r"[ -]", "", text).upper()
    if len(digits) == 15:
        return digits.isdigit()
    total = sum(int(digit) * weight for digit, weight in zip(digits[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == digits[17]


def identity_kind(values: Iterable[Any], heading: str) -> str | None:
    """Tell what identity of persons a column holds; None where it holds none.

    Parameters
    ----------
    values
        Its values, or the first of them.
    heading
        Its heading in the source.

    Returns
    -------
    str or None
        ``name``, ``phone``, ``id_number``, ``email``, ``address``, ``wechat``, ``qq`` or
        ``openid``.

    Notes
    -----
    By heading, unless the heading speaks of goods, stores or firms; else where half of the values
    look like one kind. Names are told by value only where four fifths of the values are a surname
    with one or two characters, most of them different: many a dish starts with a surname.
    """
    head = re.sub(r"[\s-]+", "_", heading.strip()).lower()
    elsewhere = _NOT_PERSONS.search(head)
    if not elsewhere:
        for kind, words in _HEADINGS:
            if re.search(words, head):
                return kind
    texts = _texts(values)
    if not texts:
        return None
    for kind, pattern in (
        ("openid", _OPENID),
        ("wechat", _WXID),
        ("email", EMAIL),
        ("id_number", RESIDENT),
        ("phone", PHONE),
    ):
        if _share(texts, pattern) >= _MOST and _holds(kind, texts):
            return kind
    if elsewhere:
        return None
    if _share(texts, ADDRESS) >= _MOST:
        return "address"
    different = len(set(texts)) / len(texts)
    return "name" if _share(texts, _PLAIN_NAME) >= _ALMOST_ALL and different >= _MOST else None


def is_masked(values: Iterable[Any]) -> float:
    """Return the share of a column's values that came masked: 138****1234, 张*, $$..., ##....

    Parameters
    ----------
    values
        Texts; missing and empty ones do not count.
    """
    texts = _texts(values)
    return sum(_MASK.fullmatch(text) is not None for text in texts) / len(texts) if texts else 0.0


def _texts(values: Iterable[Any]) -> list[str]:
    known = (str(value).strip() for value in values if value is not None and value == value)
    return list(islice((text for text in known if text), _LOOKED_AT))


def _share(texts: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(pattern.fullmatch(text) is not None for text in texts) / len(texts)


def _holds(kind: str, texts: Sequence[str]) -> bool:
    """Tell whether digits that look like identity numbers are some, and not by chance."""
    if kind != "id_number":
        return True
    found = [text for text in texts if RESIDENT.fullmatch(text)]
    return sum(map(is_resident_number, found)) / len(found) >= _MOST
