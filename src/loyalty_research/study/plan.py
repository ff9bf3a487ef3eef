"""What to read for a table, whether a brand file or frames bring it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from loyalty_research.brand import BrandFile, ColumnRule, shown
from loyalty_research.brand.mapping import is_attribute
from loyalty_research.brand.schema_tables import FileSpec
from loyalty_research.errors import DataError, Problem, problem, raise_all
from loyalty_research.tables import TABLES, Column, Table

DateOrder = Literal["ymd", "mdy", "dmy"]
Epoch = Literal["seconds", "milliseconds"]
NOT_CUSTOMERS = ("散客", "来宾", "非会员", "普通顾客", "匿名")
"""What tills write in place of a customer: no customer, wherever it stands."""
NUMBERS_OF_NOBODY = ("0", "00", "000", "0000", "00000", "000000", "00000000", "99999999")
"""Numbers that tills give to walk-ins. Frames that were made with care may start to count at 0."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """A canonical column and the source columns it is made from."""

    column: Column
    sources: tuple[str, ...]
    timezone: str | None = None
    at_most: float | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    less: tuple[str, ...] = ()
    level: Literal["line", "order"] = "line"
    date_order: DateOrder | None = None
    epoch: Epoch | None = None
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Canonical name."""
        return self.column.name

    @property
    def every_source(self) -> tuple[str, ...]:
        """Names of the source columns, those that are taken off included."""
        return (*self.sources, *self.less)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A canonical table, its columns, and how messages call its place."""

    table: Table
    place: str
    columns: tuple[ColumnPlan, ...]
    sale_status: tuple[str, ...] = ()
    refunded: tuple[str, ...] = ()
    not_customers: tuple[str, ...] = NOT_CUSTOMERS
    not_goods: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values of the lines that belong to the brand, by column, or by ``<table>.<column>``."""
    orders: TablePlan | None = None
    """The order-level file of transactions."""
    ignored: tuple[str, ...] = ()
    """Columns of a frame that are not read."""

    @property
    def name(self) -> str:
        """Canonical name of the table."""
        return self.table.name

    @property
    def every_column(self) -> tuple[ColumnPlan, ...]:
        """Columns, those of the order-level file included."""
        if self.orders is None:
            return self.columns
        return (*self.columns, *(c for c in self.orders.columns if c.name != "order_id"))

    def has(self, column: str) -> bool:
        """Tell whether the canonical ``column`` is read."""
        return any(item.name == column for item in self.every_column)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the tables of a brand have in common."""

    timezone: str | None
    """Zone time stamps are told in; None where none was given: zoned stamps are then refused."""
    public: bool
    """Whether identifiers may be printed."""
    today: dt.date
    """The day of reading: later dates are not believed."""
    period: tuple[str, str] | None = None
    """First and last day, ISO; None for those of the data."""
    compare: str | tuple[str, str] = "none"
    """The period to compare with."""


def plans_of_file(file: BrandFile) -> dict[str, TablePlan]:
    """Return the plan of every table a brand file maps."""
    plans = {}
    for name, spec in file.tables.items():
        orders = None
        if spec.orders is not None:
            orders = TablePlan(
                table=TABLES[name],
                place=f"{shown(file.path)}: tables.{name}.orders ({_named(spec.orders)})",
                columns=_columns(TABLES[name], spec.orders.columns),
            )
        plans[name] = TablePlan(
            table=TABLES[name],
            place=f"{shown(file.path)}: tables.{name} ({_named(spec)})",
            columns=_columns(TABLES[name], spec.columns),
            sale_status=spec.sale_status or (),
            refunded=spec.refunded,
            not_customers=(*NOT_CUSTOMERS, *NUMBERS_OF_NOBODY, *spec.not_customers),
            not_goods=spec.not_goods,
            only=spec.only,
            orders=orders,
        )
    return plans


def _named(spec: FileSpec) -> str:
    """Return how messages call the files: without the password of a database."""
    return ", ".join(without_password(source) for source in spec.source)


def without_password(source: str) -> str:
    """Return the address of a database without its password; other sources as they are."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1@", source)


def _columns(table: Table, rules: Mapping[str, ColumnRule]) -> tuple[ColumnPlan, ...]:
    names = _ordered(table, list(rules))
    return tuple(_plan(_column(table, name), rules[name]) for name in names)


def plan_of_frame(
    table: Table, found: Sequence[str], *, place: str, sale_status: Sequence[str] = ()
) -> TablePlan:
    """Return the plan of a frame that already has canonical names.

    Raises
    ------
    DataError
        Where required columns are missing, or statuses come without saying which are sales.
    """
    raise_all(_frame_problems(table, found, place, sale_status), DataError)
    names = [name for name in found if name in table.names or is_attribute(table, name, found)]
    return TablePlan(
        table=table,
        place=place,
        columns=tuple(ColumnPlan(_column(table, name), (name,)) for name in _ordered(table, names)),
        sale_status=tuple(sale_status),
        ignored=tuple(name for name in found if name not in names),
    )


def _frame_problems(
    table: Table, found: Sequence[str], place: str, sale_status: Sequence[str]
) -> list[Problem]:
    missing = [item.name for item in table.columns if item.required and item.name not in found]
    problems = []
    if missing:
        problems.append(
            problem(
                "{place}: missing column(s) {missing}; the table has {found}",
                place=place,
                missing=", ".join(missing),
                found=", ".join(found) or "none",
            )
        )
    if table.name == "transactions" and ("status" in found) != bool(sale_status):
        problems.append(
            problem(
                "{place}: a column status and sale_status=[...], the values of it that are sales, "
                "are needed together; found only {one}",
                place=place,
                one="sale_status" if sale_status else "the column",
            )
        )
    return problems


def _ordered(table: Table, names: Sequence[str]) -> list[str]:
    known = [name for name in table.names if name in names]
    return known + [name for name in names if name not in table.names]


def _column(table: Table, name: str) -> Column:
    return table.column(name) if name in table.names else Column(name, "text")


def _plan(column: Column, rule: ColumnRule) -> ColumnPlan:
    return ColumnPlan(
        column=column,
        sources=rule.sources,
        timezone=rule.timezone,
        at_most=rule.at_most,
        values={key: _plain(value) for key, value in (rule.values or {}).items()},
        less=rule.less or (),
        level=rule.level,
        date_order=rule.date_order,
        epoch=rule.epoch,
        missing=rule.missing or (),
    )


def _plain(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
