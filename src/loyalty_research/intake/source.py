"""Read what a table is made from: every column as text, with a profile of its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from loyalty_research.engine import collect, collect_one
from loyalty_research.intake.values import Column, clean
from loyalty_research.study.casting import cast_table
from loyalty_research.study.files import Converted
from loyalty_research.study.plan import ColumnPlan
from loyalty_research.study.texts import present_text, step_by_step, trimmed

_SAMPLE = 2000


@dataclass(frozen=True, slots=True)
class Source:
    """A table's files, read.

    Parameters
    ----------
    given
        What the brand file names as source.
    rows
        Ibis table of cleaned texts, headings as they stand in the files.
    columns
        Profile of every column.
    converted
        What reading the files has told.
    options
        Further keys of the source in the brand file.
    backend
        Engine that holds the rows.
    """

    given: tuple[str, ...]
    rows: ir.Table
    columns: tuple[Column, ...]
    converted: Converted
    options: dict[str, object]
    backend: BaseBackend

    def column(self, heading: str) -> Column:
        """Return the column under a heading."""
        return next(item for item in self.columns if item.heading == heading)

    def cast(self, plans: Sequence[ColumnPlan], *, timezone: str) -> ir.Table:
        """Return columns as the ingest reads them, with ``__present`` and ``__bad`` beside each."""
        cast = cast_table(self.rows, plans, zone=timezone, kinds={})
        return self.stored(cast, "cast")

    def stored(self, table: ir.Table, name: str) -> ir.Table:
        """Return a table computed once, so that what is built on it stays small."""
        return _stored(self.backend, self.converted, table, name)


def open_source(
    backend: BaseBackend,
    converted: Converted,
    *,
    given: Sequence[str],
    options: dict[str, object] | None = None,
) -> Source:
    """Return a source with the profile of its columns.

    Parameters
    ----------
    backend
        Engine that keeps the order of rows.
    converted
        The files as one Parquet file.
    given, options
        As in :class:`Source`.
    """
    typed = backend.read_parquet(str(converted.path))
    texts = typed.select(**{name: trimmed(typed[name].cast("string")) for name in typed.columns})
    rows = _stored(backend, converted, texts, "texts")
    return Source(tuple(given), rows, profile(rows), converted, dict(options or {}), backend)


def _stored(backend: BaseBackend, converted: Converted, table: ir.Table, name: str) -> ir.Table:
    path = converted.path.with_suffix(f".{name}.parquet")
    with step_by_step():
        backend.to_parquet(table, str(path))
    return backend.read_parquet(str(path))


def profile(rows: ir.Table) -> tuple[Column, ...]:
    """Return the profile of every column of a table of cleaned texts."""
    measures: dict[str, ir.Value] = {"rows": rows.count()}
    for place, heading in enumerate(rows.columns):
        text = present_text(rows[heading])
        measures[f"present_{place}"] = text.count()
        measures[f"distinct_{place}"] = text.approx_nunique()
        measures[f"least_{place}"], measures[f"most_{place}"] = text.min(), text.max()
    found = collect_one(rows.aggregate(**measures))
    sample = _sample(rows, int(found["rows"]))
    columns = []
    for place, heading in enumerate(rows.columns):
        constant = found[f"least_{place}"] == found[f"most_{place}"]
        taken = (clean(value) for value in sample[heading])
        columns.append(
            Column(
                heading=heading,
                rows=int(found["rows"]),
                present=int(found[f"present_{place}"]),
                distinct=1 if constant else max(2, int(found[f"distinct_{place}"])),
                sample=tuple(value for value in taken if value),
            )
        )
    return tuple(columns)


def _sample(rows: ir.Table, count: int) -> Any:
    """Return rows from all over the source: the first, and then every n-th."""
    step = max(1, count // _SAMPLE)
    numbered = rows.mutate(_row=ibis.row_number())
    return collect(numbered.filter(numbered._row % step == 0), sort_by=["_row"])
