"""Columns of a table as headings and typed cells, words in both languages side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from loyalty_research.engine.context import Context
from loyalty_research.language import LANGUAGES, Language, Translator, translator
from loyalty_research.language.numbers import unit_word
from loyalty_research.results.columns import DataColumn, is_words, plain, typed
from loyalty_research.results.hidden import MARK, is_hidden

Texts = Mapping[Language, str]
Words = Mapping[Language, Translator]
_OWN_WORDS = ("date", "hour", "month", "percentage_point", "text")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and the unit that decides its number format; None for an empty cell."""

    value: str | float | int | dt.date | None
    unit: str = "text"


@dataclass(frozen=True, slots=True)
class Head:
    """Heading of a column in both languages, and the unit of its numbers in words."""

    zh: str
    en: str
    unit: str = ""


def words_of(context: Context) -> Words:
    """Return the translators of both languages."""
    return {language: translator(language, context) for language in LANGUAGES}


def unit_text(unit: str, context: Context) -> str:
    """Return the word of a unit in both languages; empty where numbers have none."""
    if unit in {"share", "change"}:
        return "%"
    if unit in {"money", "money_change"}:
        if context.currency is None:
            return ""
        return both(unit_word("money", "zh", context), context.currency)
    if unit == "point_change":
        unit = "percentage_point"
    if unit in _OWN_WORDS:
        return both(*(translator(language).text(f"workbook.unit.{unit}") for language in LANGUAGES))
    if unit.startswith("label:"):
        return ""
    return both(*(unit_word(unit, language, context) for language in LANGUAGES))


def both(zh: str, en: str) -> str:
    """Return a text in both languages on one line; once where they are the same."""
    return zh if zh == en else f"{zh} {en}"


def column_parts(
    columns: Iterable[DataColumn], frame: pd.DataFrame, words: Words
) -> Iterator[tuple[Head, list[Cell]]]:
    """Yield heading and cells of every column: words twice, intervals behind their value."""
    rows = frame.to_dict("records")
    context = words["zh"].context
    for column in columns:
        heads = [column.heading(words[language]) for language in LANGUAGES]
        units = [column.unit_of(row) for row in rows]
        texts = [
            [
                _text(column, row, unit, words[language])
                for row, unit in zip(rows, units, strict=True)
            ]
            for language in LANGUAGES
        ]
        if all(is_words(unit) for unit in units) and texts[0] != texts[1]:
            for language, cells in zip(LANGUAGES, texts, strict=True):
                label = translator(language).text("report.language")
                yield Head(heads[0], heads[1], label), cells
            continue
        yield _numbers(column.name, heads, column, rows, units, words)
        for bound, key in ((column.low, "low"), (column.high, "high")):
            if bound:
                named = [
                    words[language].text(f"workbook.{key}", name=head)
                    for language, head in zip(LANGUAGES, heads, strict=True)
                ]
                yield _numbers(bound, named, column, rows, units, words)
        if column.unit.startswith("@"):
            named = [
                words[language].text("workbook.unit_of", name=head)
                for language, head in zip(LANGUAGES, heads, strict=True)
            ]
            yield Head(named[0], named[1]), [Cell(unit_text(unit, context)) for unit in units]


def _text(column: DataColumn, row: Mapping[Any, Any], unit: str, words: Translator) -> Cell:
    if is_hidden(row, column.name):
        return Cell(MARK)
    value = plain(row[column.name.replace("{language}", words.language)])
    if value is None or value == "":
        return Cell(None)
    return Cell(words.value(value, unit) if unit.startswith("label:") else str(value))


def _numbers(
    name: str,
    heads: Sequence[str],
    column: DataColumn,
    rows: Sequence[Mapping[Any, Any]],
    units: Sequence[str],
    words: Words,
) -> tuple[Head, list[Cell]]:
    """Return a column of numbers, days, or words that are the same in both languages."""
    cells = []
    for row, unit in zip(rows, units, strict=True):
        if is_hidden(row, name):
            cells.append(Cell(MARK))
        elif unit.startswith("label:"):
            zh, en = (_text(column, row, unit, words[language]).value for language in LANGUAGES)
            cells.append(Cell(both(str(zh), str(en)) if zh else None))
        else:
            cells.append(Cell(typed(row[name.replace("{language}", "zh")], unit), unit))
    stated = "" if column.unit.startswith("@") or is_words(column.unit) else column.unit
    unit = unit_text(stated, words["zh"].context) if stated else ""
    return Head(heads[0], heads[1], unit), cells
