"""Promotion windows and member days: as they are given, and the days they fall on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.errors import ParameterError, problem
from loyalty_research.profile.common import Days, as_days, present

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LAST_OF_MONTH = 31
Spans = Sequence[tuple[str, str]]
"""First and last days, ISO."""


@dataclass(frozen=True, slots=True)
class Window:
    """A promotion window with its name in both languages."""

    zh: str
    en: str
    days: Days

    def within(self, period: Days) -> Window | None:
        """Return the part that lies in a period; None where none does."""
        start, end = max(self.days.start, period.start), min(self.days.end, period.end)
        return Window(self.zh, self.en, Days(start, end)) if start <= end else None


@dataclass(frozen=True, slots=True)
class MemberDays:
    """Days of the week (0 is Monday) and of the month on which members get more."""

    weekdays: frozenset[int] = frozenset()
    days_of_month: frozenset[int] = frozenset()

    def __contains__(self, day: dt.date) -> bool:
        return day.weekday() in self.weekdays or day.day in self.days_of_month

    def __bool__(self) -> bool:
        return bool(self.weekdays or self.days_of_month)


def as_windows(windows: Iterable[Any], period: Days) -> tuple[Window, ...]:
    """Return promotion windows as far as they lie in a period, by their first day.

    Parameters
    ----------
    windows
        Those of a brand's calendar, or (name, first day, last day); a name is one text or
        ``{"zh": ..., "en": ...}``.
    period
        The period.

    Raises
    ------
    ParameterError
        Where one is neither.
    """
    found = [_window(item).within(period) for item in windows]
    inside = [item for item in found if item is not None]
    return tuple(sorted(inside, key=lambda item: (item.days.start, item.days.end, item.en)))


def _window(item: Any) -> Window:
    parts = tuple(item) if isinstance(item, (list, tuple)) else _attributes(item)
    if len(parts) != 3 or None in parts:
        raise ParameterError(
            problem(
                "windows: found {found!r}; allowed: (name, first day, last day) each", found=item
            )
        )
    name, start, end = parts
    if isinstance(name, str):
        zh = en = name
    elif isinstance(name, Mapping):
        zh, en = str(name.get("zh", "")), str(name.get("en", ""))
    else:
        zh, en = str(getattr(name, "zh", "")), str(getattr(name, "en", ""))
    return Window(zh, en, as_days((start, end), name="windows"))


def _attributes(item: Any) -> tuple[Any, ...]:
    return tuple(getattr(item, name, None) for name in ("name", "start", "end"))


def as_member_days(given: Any) -> MemberDays:
    """Return member days: those of a brand's calendar, a mapping, or None for none.

    Raises
    ------
    ParameterError
        Where a day of the week or of the month is none.
    """
    if given is None:
        return MemberDays()
    get = given.get if isinstance(given, Mapping) else lambda name: getattr(given, name, None)
    weekdays, of_month = (tuple(get(name) or ()) for name in ("weekdays", "days_of_month"))
    wrong = [item for item in weekdays if item not in _WEEK]
    wrong += [item for item in of_month if item not in range(1, _LAST_OF_MONTH + 1)]
    if wrong:
        raise ParameterError(
            problem(
                "member_days: found {found}; allowed: weekdays from monday to sunday, "
                "days_of_month from 1 to 31",
                found=", ".join(str(item) for item in wrong),
            )
        )
    return MemberDays(frozenset(map(_WEEK.index, weekdays)), frozenset(of_month))


def in_spans(day: ir.Value, spans: Spans) -> ir.BooleanValue:
    """Tell whether a day lies in one of some spans."""
    return ibis.or_(*(day.between(ibis.date(start), ibis.date(end)) for start, end in spans))


@reduction
def day_totals(orders: ir.Table) -> ir.Table:
    """Return one row a day with orders: orders, identified_orders, net_sales."""
    return orders.group_by("day").aggregate(
        orders=orders.count(),
        identified_orders=present(orders.customer_id).sum()
        if "customer_id" in orders.columns
        else orders.count(),
        net_sales=orders.net_sales.sum(),
    )


@reduction
def day_group_persons(orders: ir.Table, *, groups: ir.Table) -> ir.Table:
    """Return one row a group of days: day_group, persons.

    ``groups`` has day and day_group. Persons are customers, and one for each order without one.
    """
    rows = orders.inner_join(groups, "day")
    persons = rows.count()
    if "customer_id" in orders.columns:
        persons = rows.customer_id.nunique() + (~present(rows.customer_id)).sum()
    return rows.group_by("day_group").aggregate(persons=persons)


def persons_on(orders: ir.Table, groups: Mapping[dt.date, str]) -> dict[str, int]:
    """Return how many persons bought on the days of each group; 0 is left out."""
    if not groups:
        return {}
    frame = pd.DataFrame({"day": list(groups), "day_group": list(groups.values())})
    found = collect(day_group_persons(orders, groups=ibis.memtable(frame)), sort_by=["day_group"])
    return dict(zip(found["day_group"], found["persons"].astype(int), strict=True))


def every_day(totals: pd.DataFrame, days: Days) -> pd.DataFrame:
    """Return one row a day of the period, those without orders too, with dates of Python."""
    index = pd.date_range(days.start, days.end, freq="D")
    frame = totals.assign(day=pd.to_datetime(totals["day"])).set_index("day")
    frame = frame[["orders", "net_sales"]].astype(float).reindex(index, fill_value=0.0)
    return frame.rename_axis("day").reset_index().assign(day=[item.date() for item in index])
