"""Where the heading stands in the first rows of a file or sheet, and what around it is no data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.options import FileOptions
from loyalty_research.study.files.where import Where

HEAD_ROWS = 200
_LONGEST_HEADING = 80
_LOOKED_AT = 30
_FILLED = 0.8
_DIGITS = 0.2
_EXPLANATIONS = 2
_EDGES = "\ufeff\u200b\u3000\xa0 \t\r\n"
_WRAPPED = re.compile(r'="(.*)"', re.DOTALL)
_VALUE = re.compile(
    r"[-+(¥￥$]*\d[\d,，.]*\)?[%元件-]?"
    r"|\d{2,4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?([ T]*\d{1,2}[:时]\d{0,2}.*)?"
    r"|\d(\.\d+)?[eE][+-]?\d+"
    r"|\d{1,2}:\d{2}(:\d{2})?"
)
TOTAL = (
    r"^[\s　]*(本页|本日|本月|本店|当日|当页|当天|当月|全部|分类|页|日|月|总|以上|[\d年月日./ -]+)?"
    r"[\s　]*"
    r"([合小总累共][\s　]*计)"
    r"[\s　]*[:：]?[\s　\d.,，￥¥元条笔件行]*$"
    r"|^[\s　]*共[\s　]*\d+[\s　]*[条笔行](记录|数据)?[。.]?$"
    r"|^\s*(?i:grand[ -]?total|sub[ -]?totals?|page[ -]?total|totals?)\s*[:：]?\s*[\d.,]*$"
)
_TOTAL = re.compile(TOTAL)
_MISSING = {"", "-", "--", "/", "无", "空", "null", "none", "nan", "n/a", "#n/a"}

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its number, counted from 1 in the file."""

    number: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class Shape:
    """The heading, and the rows of the head that are data.

    ``names`` has an entry a column; ``width`` counts trailing columns without heading as well.
    """

    names: tuple[str, ...]
    width: int
    heading_row: int
    title_rows: int
    explanation_rows: int
    blank_rows: int
    data: tuple[Row, ...]


def find_shape(head: Sequence[Row], options: FileOptions, where: Where) -> Shape | None:
    """Return where heading and data stand in the first rows; None where there is no row at all.

    The heading is the first row that is as wide as the rows after it and whose cells are short
    texts, hardly any of them a number or a date.

    Raises
    ------
    DataError
        Where no row is a heading, or a heading stands twice.
    """
    filled = [row for row in head if _filled(row.cells)]
    if not filled:
        return None
    skipped = set(options.skip_rows)
    rows = [row for row in filled if row.number not in skipped]
    at = _heading(rows, options.heading_row, where)
    below = rows[at + 1 :]
    explaining = 0 if skipped else _explanations(below, rows[at].cells)
    heading = rows[at]
    blank = [row for row in head if row.number > heading.number and not _filled(row.cells)]
    return Shape(
        names=_names(heading, where),
        width=len(heading.cells),
        heading_row=heading.number,
        title_rows=at,
        explanation_rows=len([row for row in filled if row.number in skipped]) + explaining,
        blank_rows=len(blank),
        data=tuple(below[explaining:]),
    )


def _filled(cells: Cells) -> int:
    return sum(1 for cell in cells if cell.strip(_EDGES))


def _heading(rows: Sequence[Row], given: int | None, where: Where) -> int:
    if given is not None:
        for index, row in enumerate(rows):
            if row.number == given:
                return index
        raise DataError(
            problem(
                "{place}: {file}: heading_row: row {row} holds no heading; allowed: a row that is "
                "not blank, among the first {most}",
                **where.of,
                row=given,
                most=HEAD_ROWS,
            )
        )
    for index, row in enumerate(rows):
        below = rows[index + 1 :][: _LOOKED_AT + 1]
        if _is_heading(row.cells, [item.cells for item in below[:_LOOKED_AT]]):
            return index + 1 if _is_band(row, below) else index
    raise DataError(
        problem(
            "{place}: {file}: no row of headings found among the first {most}; the first row reads "
            "{row}; say heading_row: in the brand file, or add a row of headings",
            **where.of,
            most=len(rows),
            row=", ".join(rows[0].cells)[:200],
        )
    )


def _is_heading(cells: Cells, below: Sequence[Cells]) -> bool:
    texts = [cell.strip(_EDGES) for cell in cells]
    texts = [text for text in texts if text]
    if any(len(text) > _LONGEST_HEADING for text in texts):
        return False
    if sum(1 for text in texts if is_value(text)) > _DIGITS * len(texts):
        return False
    widths = sorted(_filled(row) for row in below)
    usual = widths[int(_FILLED * (len(widths) - 1))] if widths else 1
    return len(texts) >= _FILLED * usual


def _is_band(row: Row, below: Sequence[Row]) -> bool:
    """Tell whether a row of words only groups the headings, which stand in the row below it."""
    if not below or _filled(row.cells) >= _filled(below[0].cells):
        return False
    later = [item.cells for item in below[1:]]
    strong = _strong_columns(later)
    return (
        len(strong) > 1 and _explains(below[0].cells, strong) and _is_heading(below[0].cells, later)
    )


def is_value(text: str) -> bool:
    """Tell whether a cell reads as a number, an amount, a date or a time."""
    return _VALUE.fullmatch(unicodedata.normalize("NFKC", text).strip(_EDGES)) is not None


def is_total(cells: Cells) -> bool:
    """Tell whether the leading cell of a row says that it sums others up."""
    leading = next((cell for cell in cells if cell.strip(_EDGES)), "")
    return _TOTAL.search(leading) is not None


def _explanations(below: Sequence[Row], heading: Cells) -> int:
    """Count the rows under the heading that hold words where all later rows hold values."""
    for count in range(_EXPLANATIONS, 0, -1):
        later = [row.cells for row in below[count:][:_LOOKED_AT]]
        later = [cells for cells in later if not is_total(cells) and cells != heading]
        strong = _strong_columns(later)
        explains = [_explains(row.cells, strong) for row in below[:count]]
        if len(strong) > 1 and explains and all(explains):
            return count
    return 0


def _strong_columns(rows: Sequence[Cells]) -> list[int]:
    """Return the columns in which every cell that is not missing is a value."""
    strong = []
    for column in range(max((len(row) for row in rows), default=0)):
        cells = [row[column].strip(_EDGES) for row in rows if column < len(row)]
        cells = [cell for cell in cells if cell.lower() not in _MISSING]
        if cells and all(is_value(cell) for cell in cells):
            strong.append(column)
    return strong


def _explains(cells: Cells, strong: Sequence[int]) -> bool:
    found = [cells[column].strip(_EDGES) for column in strong if column < len(cells)]
    words = [text for text in found if text.lower() not in _MISSING]
    return bool(words) and not any(is_value(text) for text in words)


def heading(text: str) -> str:
    """Return a heading as written, without marks and white space at its edges."""
    text = text.strip(_EDGES)
    wrapped = _WRAPPED.fullmatch(text)
    return (wrapped[1] if wrapped else text.removeprefix("'")).strip(_EDGES)


def _names(row: Row, where: Where) -> tuple[str, ...]:
    names = [heading(cell) for cell in row.cells]
    while names and not names[-1]:
        names.pop()
    check_names(names, where)
    taken = set(names)
    return tuple(name or _numbered(index, taken) for index, name in enumerate(names, 1))


def _numbered(index: int, taken: set[str]) -> str:
    """Name a column that has none, between columns that have one."""
    name = f"column{index}"
    while name in taken:
        name += "_"
    return name


def check_names(names: Sequence[str], where: Where) -> None:
    """Refuse headings that stand twice."""
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise DataError(
            problem(
                "{place}: {file}: the heading names {names} twice; allowed: each name once",
                **where.of,
                names=", ".join(map(repr, twice)),
            )
        )
