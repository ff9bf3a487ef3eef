"""What the values of a source column look like, whatever its heading says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

MISSING = frozenset({"", "-", "--", "/", "无", "null", "none", "nan", "n/a", "\\n"})
_WRAPPED = re.compile(r'^="(.*)"$', re.DOTALL)
_AMOUNT = re.compile(
    r"^[(]?[-+]?(¥|\$|€|£|RMB|CNY)?[-+]?(\d[\d,]*(\.\d*)?|\.\d+)(元|圆|RMB|CNY)?[)]?-?$",
    re.IGNORECASE,
)
_DAY = r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))"
_HALF = r"(上午|下午|凌晨|早上|清晨|中午|傍晚|晚上|[ap]\.?m\.?)"
_CLOCK = r"\d{1,2}[:时時点點](\d{1,2}([:分](\d{1,2}(\.\d+)?秒?)?)?)?"
_TIME = re.compile(
    rf"^({_DAY}(T?{_HALF}?{_CLOCK}{_HALF}?(Z|UTC|[+-]\d{{2}}(:?\d{{2}})?)?)?"
    r"|(19|20)\d{6}(\d{4}|\d{6})?)$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile("(星期|周)[一二三四五六日天]")
_SERIAL = re.compile(r"^\d{5}(\.\d+)?$")
_SERIALS = (32874, 73416)
"""Excel's day numbers of 1990-01-01 and of the day after 2100-12-31."""
_EPOCH = {"seconds": re.compile(r"^1\d{9}$"), "milliseconds": re.compile(r"^1\d{12}$")}
_PHONE = re.compile(r"^(\+?86[- ]?)?1[3-9]\d{9}$")
_MASKED = re.compile(r"\*|^\$\$|^##|^~")
_SCIENCE = re.compile(r"^\d(\.\d+)?[eE]\+?\d{2}$")
MOST_WRONG = 0.02
"""Share of values that may contradict a kind: odd rows stand in every export."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a source.

    Parameters
    ----------
    heading
        As it stands in the source.
    rows, present, distinct
        Rows of the source; those with a value; different values.
    sample
        Values from all over the source, cleaned, missing ones left out.
    """

    heading: str
    rows: int
    present: int
    distinct: int
    sample: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether no row has a value."""
        return not self.present

    def share(self, test: Callable[[str], bool]) -> float:
        """Return the share of the sample for which ``test`` holds; 0 without a sample."""
        return sum(map(test, self.sample)) / len(self.sample) if self.sample else 0.0

    def mostly(self, test: Callable[[str], bool]) -> bool:
        """Tell whether ``test`` holds for all but a few values."""
        return bool(self.sample) and self.share(test) >= 1 - MOST_WRONG


def clean(value: object) -> str:
    """Return a value without white space, apostrophe and ``="…"`` around; empty where missing."""
    text = "" if value is None else str(value).strip().strip("\ufeff\u200b\u3000").strip()
    wrapped = _WRAPPED.match(text)
    text = (wrapped.group(1) if wrapped else text.lstrip("'")).strip()
    return "" if text.lower() in MISSING else text


def plain(value: str) -> str:
    """Return a value in half width and without blanks, as the ingest compares it."""
    return "".join(unicodedata.normalize("NFKC", value).split())


def is_amount(value: str) -> bool:
    """Tell whether a value is an amount of money or another number."""
    return bool(_AMOUNT.match(plain(value)))


def number(value: str) -> Decimal | None:
    """Return the number a value stands for; None where it is none."""
    text = plain(value)
    if not _AMOUNT.match(text):
        return None
    try:
        size = Decimal(re.sub(r"[^\d.]", "", text))
    except InvalidOperation:
        return None
    return -size if "-" in text or text.startswith("(") else size


def is_time(value: str) -> bool:
    """Tell whether a value is a day or a time stamp; a bare 0 is one that is still to come."""
    text = _WEEKDAY.sub("", plain(value))
    if _TIME.match(text) or is_serial(text):
        return True
    return text == "0" or epoch_of([text]) is not None


def is_serial(value: str) -> bool:
    """Tell whether a value is a day number of Excel, such as 45352.5 for noon of 2024-03-01."""
    return bool(_SERIAL.match(value)) and _SERIALS[0] <= float(value) < _SERIALS[1]


def epoch_of(values: Sequence[str]) -> str | None:
    """Return the unit in which times count from 1970; None where they are written out."""
    known = [value for value in values if value != "0"]
    for unit, pattern in _EPOCH.items():
        if known and all(pattern.match(value) for value in known):
            return unit
    return None


def is_phone(value: str) -> bool:
    """Tell whether a value is a mobile number of mainland China."""
    return bool(_PHONE.match(value))


def is_masked(value: str) -> bool:
    """Tell whether a value is masked or encrypted, so that two persons can share it."""
    return bool(_MASKED.search(value))


def is_science(value: str) -> bool:
    """Tell whether a number was written as 4.12E+17, its last digits lost."""
    return bool(_SCIENCE.match(value))


def is_several(value: str) -> bool:
    """Tell whether a cell holds several values, such as the sub-orders of one order."""
    return ";" in value or "；" in value


def is_rate(values: Sequence[str]) -> bool:
    """Tell whether numbers are rates such as 0.85, 8.5 or 85 折 rather than amounts."""
    numbers = [item for value in values if (item := number(value.rstrip("折%"))) is not None]
    written = any(value.endswith(("折", "%")) for value in values)
    return written or (bool(numbers) and all(0 < item <= 1 for item in numbers))
