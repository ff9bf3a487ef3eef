"""What a result shows besides sentences: figures and tables, described without language.

A view names a frame and how its columns are used. Titles, labels and alternative texts are keys of
the catalogues; the numbers in them are :class:`~loyalty_research.findings.Value`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from loyalty_research.findings.finding import Value, _plain

Rows = Literal["parts", "apart", "nested", "share", "curve"]


@dataclass(frozen=True, slots=True)
class Persons:
    """How the rows of a frame are groups of persons, so that small groups can be hidden.

    Parameters
    ----------
    column
        Column that counts the persons of a row; for ``curve`` the share of persons it has come to.
    names
        Columns that name the group; they stay where the rest of the row is hidden.
    rows
        ``parts``: rows split one whole; ``apart``: a person may be in several; ``nested``: each row
        holds the smaller ones; ``share``: the count is part of the column ``of``; ``curve``: every
        row adds some persons to the row before.
    by
        Columns; the rows of each combination split the whole on their own.
    margins
        Columns whose sums of persons can be known from elsewhere.
    total, rest
        Name of the row that holds all groups, and of the row that holds all not named.
    of
        Column of the whole a count is a share of; ``base`` for the view's base.
    key
        Groups of one key and name are the same persons in every frame and result.
    known_as
        What the columns ``names`` are called in the other frames of the key; empty for the same.
    told
        Names whose persons some sentence adds up.
    adds
        Columns that add up over rows: where all that matters adds up, small rows become one.
    rates
        Columns whose base is the persons of the row, or of ``of`` for ``share``; hidden below the
        base limit.
    hides
        Columns hidden with a small group; empty for the whole row.
    shares
        Names of rows, columns or printed values, and the share of persons they speak of.
    """

    column: str = "customers"
    names: tuple[str, ...] = ()
    rows: Rows = "parts"
    by: tuple[str, ...] = ()
    margins: tuple[str, ...] = ()
    total: str = ""
    rest: str = ""
    of: str = ""
    key: str = ""
    known_as: tuple[str, ...] = ()
    told: tuple[tuple[str, ...], ...] = ()
    adds: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    shares: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure: which frame it draws, how, and what it says.

    Parameters
    ----------
    name
        Name within the result; the catalogues hold ``chart.<key>.title`` (a sentence with a
        number) and ``chart.<key>.alt`` (what the figure states, for who cannot see it).
    key
        Key in the catalogues, mostly ``<result>.<name>``.
    kind
        Name of a drawing function in :mod:`loyalty_research.charts`.
    frame
        Key of the frame in the result.
    encode
        Keyword arguments of the drawing function: columns, units, label domains. ``{language}`` in
        a column stands for ``zh`` or ``en``, for frames that hold a text in each.
    values
        Values that the title and the alternative text print.
    definitions
        Glossary ids noted under the figure.
    base, base_unit
        Printed under the figure as N.
    period
        First and last day, ISO.
    persons
        How the rows of the frame are groups of persons; empty where none is, None where nobody has
        said: such a view is not shown for a brand whose identifiers are personal, unless another
        view of the same frame says it.
    notes
        Keys ``note.<note>`` printed under the figure.
    """

    name: str
    key: str
    kind: str
    frame: str
    encode: Mapping[str, Any]
    base: int
    base_unit: str
    period: tuple[str, str]
    values: Mapping[str, Value] = field(default_factory=dict)
    definitions: tuple[str, ...] = ()
    persons: tuple[Persons, ...] | None = None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the view as plain values."""
        return _plain(dataclasses.asdict(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Chart:
        """Rebuild a view from :meth:`as_dict`."""
        return cls(**_restore(data))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a shown table: its frame column, unit, and heading key ``column.<heading>``.

    A unit ``@<column>`` is read row by row from that column of the frame, so that a board can mix
    money and shares. ``{language}`` in ``name`` stands for ``zh`` or ``en``, for columns that hold
    a text in each.
    """

    name: str
    unit: str = "text"
    heading: str = ""
    low: str = ""
    high: str = ""
    """Columns of the interval, printed in brackets behind the value; empty for none."""


@dataclass(frozen=True, slots=True)
class TableView:
    """A table: which frame it prints, which columns, with which units.

    The catalogues hold ``table.<key>.title``; ``persons`` and ``notes`` are those of a
    :class:`Chart`.
    """

    name: str
    key: str
    frame: str
    columns: tuple[Column, ...]
    base: int
    base_unit: str
    period: tuple[str, str]
    values: Mapping[str, Value] = field(default_factory=dict)
    definitions: tuple[str, ...] = ()
    persons: tuple[Persons, ...] | None = None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the view as plain values."""
        return _plain(dataclasses.asdict(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TableView:
        """Rebuild a view from :meth:`as_dict`."""
        rest = _restore(data)
        rest["columns"] = tuple(Column(**column) for column in rest["columns"])
        return cls(**rest)


def _restore(data: Mapping[str, Any]) -> dict[str, Any]:
    rest = dict(data)
    rest["period"] = tuple(rest["period"])
    rest["definitions"] = tuple(rest["definitions"])
    rest["values"] = {name: Value(**value) for name, value in rest["values"].items()}
    rest["notes"] = tuple(rest.get("notes", ()))
    persons = rest.get("persons")
    rest["persons"] = None if persons is None else tuple(Persons(**_tuples(p)) for p in persons)
    return rest


def _tuples(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return lists of JSON as the tuples they were."""
    return {name: _tuple(value) for name, value in data.items()}


def _tuple(value: Any) -> Any:
    return tuple(_tuple(item) for item in value) if isinstance(value, list) else value
