"""What to read for a table, whether a brand file or frames bring it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from loyalty_research.brand import BrandFile, ColumnRule, shown
from loyalty_research.brand.mapping import is_attribute
from loyalty_research.errors import DataError, Problem, problem, raise_all
from loyalty_research.tables import TABLES, Column, Table


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """A canonical column and the source columns it is made from."""

    column: Column
    sources: tuple[str, ...]
    timezone: str | None = None
    at_most: float | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Canonical name."""
        return self.column.name


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A canonical table, its columns, and how messages call its place."""

    table: Table
    place: str
    columns: tuple[ColumnPlan, ...]
    sale_status: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    """Columns of a frame that are not read."""

    @property
    def name(self) -> str:
        """Canonical name of the table."""
        return self.table.name

    def has(self, column: str) -> bool:
        """Tell whether the canonical ``column`` is read."""
        return any(item.name == column for item in self.columns)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the tables of a brand have in common."""

    timezone: str | None
    """Zone time stamps are told in; None where none was given: zoned stamps are then refused."""
    public: bool
    """Whether identifiers may be printed."""
    period: tuple[str, str] | None = None
    """First and last day, ISO; None for those of the data."""


def plans_of_file(file: BrandFile) -> dict[str, TablePlan]:
    """Return the plan of every table a brand file maps."""
    plans = {}
    for name, spec in file.tables.items():
        table = TABLES[name]
        plans[name] = TablePlan(
            table=table,
            place=f"{shown(file.path)}: tables.{name} ({', '.join(spec.source)})",
            columns=tuple(
                _plan(_column(table, key), spec.columns[key])
                for key in _ordered(table, list(spec.columns))
            ),
            sale_status=spec.sale_status or (),
        )
    return plans


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
    )


def _plain(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
