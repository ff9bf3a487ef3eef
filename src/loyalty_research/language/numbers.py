"""Numbers, money, dates and intervals as an analyst of each language writes them.

English: ``$4.60m``, ``42.3%``, ``1 Jan 2017``. Chinese: ``459.8 万美元``, ``42.3%``,
``2017-01-01``; amounts step by 万 and 亿, never by thousand.
"""

from __future__ import annotations

import datetime as dt
import math

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, get_currency_symbol

from loyalty_research.engine.context import Context

MISSING = "–"
_LOCALE = {"zh": "zh_Hans_CN", "en": "en_GB"}
_ZH_CURRENCY = {
    "CNY": "元",
    "USD": "美元",
    "EUR": "欧元",
    "GBP": "英镑",
    "JPY": "日元",
    "HKD": "港元",
    "CAD": "加元",
    "AUD": "澳元",
    "SGD": "新加坡元",
    "TWD": "新台币",
}
_WORDS = {
    "zh": {
        "orders": "单",
        "orders_rate": "单",
        "occasions": "次",
        "occasions_rate": "次",
        "lines": "行",
        "days": "天",
        "months": "个月",
        "figures": "个公开数字",
        "programmes": "个方案",
        "respondents": "名受访者",
        "reviews": "条评论",
        "times": "倍",
    },
    "en": {
        "orders": "orders",
        "orders_rate": "orders",
        "occasions": "purchase days",
        "occasions_rate": "purchase days",
        "lines": "lines",
        "days": "days",
        "months": "months",
        "figures": "published figures",
        "programmes": "programmes",
        "respondents": "respondents",
        "reviews": "comments",
        "times": "times",
    },
}
_LARGE = {"zh": ((1e8, "亿"), (1e4, "万")), "en": ((1e9, "billion"), (1e6, "million"))}
_POINTS = {"zh": "个百分点", "en": "percentage points"}
_SIGNED = {"change": "share", "money_change": "money", "point_change": "percentage_point"}


def format_value(value: float | str | None, unit: str, language: str, context: Context) -> str:
    """Print ``value`` in ``unit``; see :data:`loyalty_research.findings.finding.Unit`.

    Raises
    ------
    ValueError
        Where the unit is unknown.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return MISSING
    if unit == "text":
        return str(value)
    if unit in {"date", "month"}:
        return _date(str(value), unit, language)
    number = float(value)
    if unit == "share":
        return f"{_decimal(number * 100, language, 1, fixed=True)}%"
    if unit == "percentage_point":
        text = _decimal(number * 100, language, 1, fixed=True)
        return f"{text} {_POINTS[language]}"
    if unit == "money":
        return _money(number, language, context.currency)
    if unit in _SIGNED:
        text = format_value(number, _SIGNED[unit], language, context)
        return text if number < 0 else f"+{text}"
    if unit == "number":
        return _decimal(number, language, 2, fixed=True)
    if unit == "p_value":
        return "<0.001" if number < 0.001 else _decimal(number, language, 3, fixed=True)
    if unit in {"rounded", "rounded_money"}:
        return _rounded(
            number, language, unit_word(unit.removeprefix("rounded_"), language, context)
        )
    if unit == "rounded_share":
        return f"{_decimal(number * 100, language, 1)}%"
    if unit == "count":
        return _decimal(number, language, 0)
    if unit == "hour":
        return f"{int(number)} 时" if language == "zh" else f"{int(number)}:00"
    return _counted(number, unit, language, context)


def format_interval(
    low: float | None, high: float | None, unit: str, language: str, context: Context
) -> str:
    """Print an interval in the brackets of the language; empty where a bound is missing."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    first, last = (format_value(bound, unit, language, context) for bound in (low, high))
    if first == last:  # narrower than what is printed
        return ""
    points = unit in {"percentage_point", "point_change"}
    word = _POINTS[language] if points else unit_word(unit, language, context)
    if word and unit not in {"money", "money_change"}:
        # A bound of one has the singular: 1 day to 7 days prints as 1–7.
        words = (word, word.removesuffix("s")) if language == "en" else (word,)
        for form in words:
            first, last = (text.removesuffix(f" {form}") for text in (first, last))
    elif word and first.endswith(word) and last.endswith(word):
        first = first.removesuffix(word).rstrip()
    dash = "–"
    if unit in _SIGNED or low < 0:  # −0.4% to +4.3%: a dash beside a sign misleads
        dash = " 至 " if language == "zh" else " to "
    return f"（{first}{dash}{last}）" if language == "zh" else f" ({first}{dash}{last})"


def axis_scale(largest: float, unit: str, language: str, context: Context) -> tuple[float, str]:
    """Return the divisor and the unit text of an axis whose largest value is ``largest``.

    Returns
    -------
    tuple
        Divisor of the values, and the unit in words, e.g. ``(10000, "万美元")``.
    """
    if unit in {"share", "percentage_point"}:
        return 0.01, "%"
    if unit == "point_change":
        return 0.01, "百分点" if language == "zh" else "percentage points"
    word = unit_word(unit, language, context)
    if language == "zh":
        for step, prefix in ((1e8, "亿"), (1e4, "万")):
            if largest >= step:
                return step, f"{prefix}{word}"
        return 1.0, word
    if unit == "money":
        for step, prefix in ((1e6, "m"), (1e3, "k")):
            if largest >= step:
                return step, f"{word}{prefix}"
    if unit == "rounded":
        for step, name in _LARGE["en"]:
            if largest >= step:
                return step, name
    return 1.0, word


def unit_word(unit: str, language: str, context: Context) -> str:
    """Return the word behind a number of ``unit``; empty where there is none."""
    if unit == "money":
        if context.currency is None:
            return ""
        if language == "zh":
            return _ZH_CURRENCY.get(context.currency, context.currency)
        return get_currency_symbol(context.currency, locale="en_US")
    if unit == "customers":
        household = context.customer_unit == "household"
        if language == "zh":
            return "户" if household else "人"
        return "households" if household else "customers"
    return _WORDS[language].get(unit, "")


def _counted(number: float, unit: str, language: str, context: Context) -> str:
    word = unit_word(unit, language, context)
    if not word:
        msg = f"unknown unit {unit!r}"
        raise ValueError(msg)
    average = unit in {"times", "orders_rate", "occasions_rate"}
    broken = unit == "days" and number != round(number)
    text = _decimal(number, language, 1 if average or broken else 0, fixed=average)
    if language == "en" and text == "1" and unit != "times":
        word = word.removesuffix("s")
    return f"{text} {word}"


def _rounded(number: float, language: str, word: str) -> str:
    """Return a number as press releases tell it, no digit added; ``word`` is that of a currency."""
    size = abs(number)
    lead, end = (word, "") if language == "en" else ("", word)
    lead = f"−{lead}" if number < 0 else lead
    for step, name in _LARGE[language]:
        if size >= step:
            return f"{lead}{_decimal(size / step, language, 3)} {name}{end}"
    return f"{lead}{_decimal(size, language, 2)} {end}".rstrip()


def _money(number: float, language: str, currency: str | None) -> str:
    size = abs(number)
    if language == "zh":
        word = "" if currency is None else _ZH_CURRENCY.get(currency, currency)
        if size >= 1e8:
            return f"{_decimal(number / 1e8, language, 2, fixed=True)} 亿{word}"
        if size >= 1e4:
            digits = 1 if size >= 1e5 else 2
            return f"{_decimal(number / 1e4, language, digits, fixed=True)} 万{word}"
        text = _decimal(number, language, 0 if size >= 1000 else 2, fixed=size < 1000)
        return f"{text} {word}".rstrip()
    symbol = "" if currency is None else get_currency_symbol(currency, locale="en_US")
    sign = "−" if number < 0 else ""
    if size >= 1e9:
        text = f"{_decimal(size / 1e9, language, 2, fixed=True)}bn"
    elif size >= 1e6:
        text = f"{_decimal(size / 1e6, language, 2, fixed=True)}m"
    elif size >= 1000:
        text = _decimal(size, language, 0)
    else:
        text = _decimal(size, language, 2, fixed=True)
    return f"{sign}{symbol}{text}"


def _decimal(number: float, language: str, digits: int, *, fixed: bool = False) -> str:
    pattern = "#,##0" if digits == 0 else "#,##0." + ("0" if fixed else "#") * digits
    text = format_decimal(number, format=pattern, locale=_LOCALE[language])
    return "0" + text[2:] if text in {"-0", "-0.0", "-0.00"} else text.replace("-", "−")


def _date(text: str, unit: str, language: str) -> str:
    day = dt.date.fromisoformat(f"{text}-01" if len(text) == 7 else text[:10])
    if unit == "month":
        return str(format_skeleton("yMMM", day, locale=_LOCALE[language]))
    if language == "zh":
        return day.isoformat()
    return str(format_date(day, format="d MMM y", locale=_LOCALE[language]))
