"""The table feedback as one row a comment, with the language and the sentences of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.drivers.feedback.script import HAN, LATIN, language_of
from loyalty_research.drivers.feedback.text import clean, split_sentences
from loyalty_research.engine import as_table, collect
from loyalty_research.errors import MissingTableError, problem, raise_all
from loyalty_research.profile.common import Days
from loyalty_research.tables import TABLES

READABLE = ("zh", "zh_hant", "en")
_TABLE = TABLES["feedback"]
_SAME = 10
"""Characters of a text from which on an equal one counts as repeated."""
LONG = 5_000
"""Characters of a comment that is counted as long."""
_KINDS = {"number": "float64", "id": "Int64", "text": "object", "time": "datetime64[us]"}


@dataclass(frozen=True, slots=True)
class Split:
    """Sentences of comments; equal ones stand once.

    Parameters
    ----------
    texts
        Distinct sentences.
    order
        Places in ``texts`` of all sentences, comment by comment.
    ends
        Where the sentences of each comment begin in ``order``, and the end; shape (n + 1,).
    """

    texts: tuple[str, ...]
    order: np.ndarray
    ends: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """Position of the comment of each sentence."""
        return np.repeat(np.arange(len(self.ends) - 1), np.diff(self.ends))

    @property
    def numbers(self) -> np.ndarray:
        """Number of each sentence within its comment, from 0."""
        return np.arange(len(self.order)) - np.repeat(self.ends[:-1], np.diff(self.ends))


def open_feedback(source: Any, days: Days | None) -> tuple[ir.Table, pd.DataFrame, int]:
    """Return the table, its dated comments by time, and how many are outside of ``days``.

    Raises
    ------
    MissingTableError
        Where a required column is missing; lists all of them.
    """
    table = as_table(getattr(source, "feedback", source), name="feedback")
    known = [column for column in _TABLE.columns if column.name in table.columns]
    missing = [c.name for c in _TABLE.columns if c.required and c.name not in table.columns]
    raise_all(_lacking(missing), MissingTableError)
    rows = collect(table.select(*(c.name for c in known)), sort_by=["posted_at", "feedback_id"])
    for column in _TABLE.columns:
        if column.name not in rows:
            rows[column.name] = pd.Series(None, index=rows.index, dtype=_KINDS[column.kind])
    rows["posted_at"] = _times(rows["posted_at"])
    rows["resolved_at"] = _times(rows["resolved_at"])
    rows["rating"] = pd.to_numeric(rows["rating"], errors="coerce").astype(float)
    rows["text"] = rows["text"].fillna("").astype(str)
    rows = rows[rows["posted_at"].notna()]
    if days is None:
        return table, rows.reset_index(drop=True), 0
    first, last = pd.Timestamp(days.start), pd.Timestamp(days.end) + pd.Timedelta(days=1)
    inside = (rows["posted_at"] >= first) & (rows["posted_at"] < last)
    return table, rows[inside].reset_index(drop=True), int((~inside).sum())


def _lacking(missing: Sequence[str]) -> Iterable[Any]:
    if missing:
        required = ", ".join(column.name for column in _TABLE.columns if column.required)
        yield problem(
            "feedback: no column {missing}; required: {required}",
            missing=", ".join(missing),
            required=required,
        )


def _times(values: pd.Series) -> pd.Series:
    times = pd.to_datetime(values, errors="coerce", format="ISO8601")
    if getattr(times.dt, "tz", None) is not None:
        times = times.dt.tz_localize(None)
    return times.astype("datetime64[us]")


def split_reviews(rows: pd.DataFrame) -> tuple[pd.DataFrame, Split, dict[str, int]]:
    """Return what is known of each comment, its sentences, and what was decided how often.

    Parameters
    ----------
    rows
        As :func:`open_feedback` returns them.
    """
    cleaned = [clean(text) for text in rows["text"]]
    languages = [language_of(text) for text in cleaned]
    index: dict[str, int] = {}
    order: list[int] = []
    ends = [0]
    for text, language in zip(cleaned, languages, strict=True):
        if language in READABLE:
            order.extend(index.setdefault(item, len(index)) for item in split_sentences(text))
        ends.append(len(order))
    reviews = rows.drop(columns="text")
    reviews.insert(1, "day", rows["posted_at"].dt.normalize())
    reviews.insert(2, "month", rows["posted_at"].dt.strftime("%Y-%m"))
    reviews["language"] = pd.Series(languages, index=rows.index, dtype=object)
    for name, counts in (
        ("han", [len(HAN.findall(text)) for text in cleaned]),
        ("latin", [len(LATIN.findall(text)) for text in cleaned]),
        ("characters", [len(text) for text in cleaned]),
        ("sentences", np.diff(ends)),
    ):
        reviews[name] = np.array(counts, dtype=np.int64)
    reviews["readable"] = reviews["language"].isin(READABLE)
    texts = pd.Series(cleaned, index=rows.index, dtype=object)
    reviews["repeated"] = texts.duplicated() & (reviews["characters"] >= _SAME)
    split = Split(tuple(index), np.array(order, np.int64), np.array(ends, np.int64))
    return reviews, split, _notes(reviews)


def _notes(reviews: pd.DataFrame) -> dict[str, int]:
    language = reviews["language"]
    blank = reviews["characters"] == 0
    counted: Mapping[str, pd.Series] = {
        "empty": blank,
        "symbols_only": (language == "none") & ~blank,
        "other_language": language == "other",
        "traditional": language == "zh_hant",
        "english": language == "en",
        "repeated": reviews["repeated"],
        "long": reviews["characters"] > LONG,
    }
    return {name: int(flags.sum()) for name, flags in counted.items()}
