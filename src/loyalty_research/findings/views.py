"""What a result shows besides sentences: figures and tables, described without language.

A view names a frame and how its columns are used. Titles, labels and alternative texts are keys of
the catalogues; the numbers in them are :class:`~loyalty_research.findings.Value`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from loyalty_research.findings.finding import Value, _plain


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
        Keyword arguments of the drawing function: columns, units, label domains.
    values
        Values that the title and the alternative text print.
    definitions
        Glossary ids noted under the figure.
    base, base_unit
        Printed under the figure as N.
    period
        First and last day, ISO.
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

    The catalogues hold ``table.<key>.title``.
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
    return rest
