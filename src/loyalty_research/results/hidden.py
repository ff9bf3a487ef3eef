"""Cells that are hidden: how a frame carries them, and how they print."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

HIDDEN = "hidden_cells"
"""Column of a frame that names, row by row, the columns hidden there."""
MARK = "…"
"""What a hidden cell prints, in both languages."""
OTHER = "other"


def is_hidden(row: Mapping[Any, Any], name: str) -> bool:
    """Tell whether the cell of column ``name`` is hidden in ``row``."""
    marked = row.get(HIDDEN)
    return isinstance(marked, str) and name in marked.split(",")


class Sheet:
    """A frame some of whose cells will be hidden.

    Parameters
    ----------
    frame
        As the analysis made it; it is not changed.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self.records: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
        self._hidden: dict[int, dict[str, str]] = {}
        self._merged: list[tuple[list[int], dict[str, Any]]] = []
        self._kept: list[int] | None = None

    @property
    def changed(self) -> bool:
        """Whether anything is hidden, merged or left out."""
        return bool(self._hidden) or self._kept is not None

    def hide(self, row: int, columns: Iterable[str], *, note: str = "disclosure") -> None:
        """Hide cells; where they are hidden already, the first reason stays."""
        for name in columns:
            if name in self.records[row]:
                self._hidden.setdefault(row, {}).setdefault(name, note)

    def thin(self, column: str, step: float) -> None:
        """Keep only rows of a rising or falling column that lie at least ``step`` apart."""
        values = [float(record[column]) for record in self.records]
        if len(values) < 2:
            return
        kept = [0]
        for row, value in enumerate(values):
            if abs(value - values[kept[-1]]) >= step - 1e-9:
                kept.append(row)
        last = len(values) - 1
        if kept[-1] != last and abs(values[last] - values[0]) >= step - 1e-9:
            kept = [*kept[:-1], last] if len(kept) > 1 else [0, last]
        self._kept = kept

    def merge(self, rows: Sequence[int], names: Sequence[str], adds: Sequence[str]) -> None:
        """Put hidden rows together as one row of others, with what adds up over them."""
        if len(rows) < 2:
            return
        made: dict[str, Any] = dict.fromkeys(self.records[0])
        made |= dict.fromkeys(names, OTHER)
        made |= {name: sum(self.records[row][name] for row in rows) for name in adds}
        self._merged.append((list(rows), made))

    def hidden_numbers(self) -> Iterator[float]:
        """Yield the numbers of hidden cells, as far as they could be recognised elsewhere."""
        for row, columns in self._hidden.items():
            for name, note in columns.items():
                value = self.records[row][name]
                if note == "disclosure" and _is_number(value):
                    yield float(f"{float(value):.12g}")

    def notes(self, columns: Iterable[str]) -> list[str]:
        """Return the reasons for what is hidden in some columns."""
        shown = set(columns)
        merged = {row for rows, _ in self._merged for row in rows}
        found = {
            note
            for row, hidden in self._hidden.items()
            for name, note in hidden.items()
            if row not in merged and name in shown
        }
        return [*(["merged"] if self._merged else []), *sorted(found, reverse=True)]

    def frame(self) -> pd.DataFrame:
        """Return the frame with hidden cells empty and named in the column :data:`HIDDEN`."""
        if not self.changed:
            return self._frame
        frame = self._frame.copy()
        for name in {name for columns in self._hidden.values() for name in columns}:
            frame[name] = _emptied(
                frame[name], [row for row, columns in self._hidden.items() if name in columns]
            )
        frame[HIDDEN] = [",".join(self._hidden.get(row, ())) for row in range(len(frame))]
        if self._kept is not None:
            frame = frame.iloc[self._kept]
        return self._with_others(frame).reset_index(drop=True)

    def _with_others(self, frame: pd.DataFrame) -> pd.DataFrame:
        for rows, made in self._merged:
            empty = [name for name in self.records[0] if made[name] is None]
            other = made | {HIDDEN: ",".join(empty)}
            frame = frame.drop(index=rows)
            frame = pd.DataFrame({name: [*frame[name], other[name]] for name in frame.columns})
        return frame


def _emptied(column: pd.Series, rows: Sequence[int]) -> pd.Series:
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    changed = column.astype(float) if numeric else column.astype(object)
    changed.iloc[list(rows)] = math.nan if numeric else None
    return changed


def _is_number(value: Any) -> bool:
    if isinstance(value, (bool, str)) or value is None:
        return False
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False
