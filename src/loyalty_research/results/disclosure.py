"""The one door to what is shown, stored or saved: no small group of persons gets through it.

Two limits of a brand's context hold here. *Disclosure*: where identifiers are personal, a group of
1 to limit - 1 persons is merged with others or hidden, together with what would let it be worked
out. *Base*: a rate on fewer persons than the limit is hidden, for every brand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from loyalty_research.engine.context import Context
from loyalty_research.findings import Chart, Persons, TableView
from loyalty_research.results.groups import Network, Rows, networks, shown_columns, whole_number
from loyalty_research.results.hidden import HIDDEN, Sheet
from loyalty_research.results.statements import (
    STATED,
    is_statements,
    repeats,
    safe,
    telling_statements,
    tells_small_group,
)
from loyalty_research.results.suppression import cells_to_hide

if TYPE_CHECKING:
    from loyalty_research.results.result import Result

_R = TypeVar("_R")
View = Chart | TableView
Names = Mapping[str, frozenset[str]]
"""Names of groups hidden, by the key of their population."""
Bounds = Mapping[str, tuple[str, str]]
"""Columns of the interval of a column."""
IDENTITIES = frozenset({"customer_id", "respondent_id", "order_id", "line_id", "phone", "openid"})
"""Columns that make a frame a list of persons; it is never shown."""


def protected(result: _R) -> _R:
    """Return ``result`` as it may be shown, stored or saved.

    Parameters
    ----------
    result
        Fresh from an analysis. One read from a store has been through here.

    Returns
    -------
    Result
        For public or synthetic data the same but for rates below the base limit. Else frames hold
        only what views show, small groups are merged or hidden, findings that tell one are
        withheld with the reason ``disclosure``, and views of which nobody has said how their rows
        are groups of persons are left out.

    Notes
    -----
    A group of 1 to limit - 1 persons is small; a group of none is not. What is hidden with it, so
    that totals, bases and other tables do not give it away, is chosen by
    :func:`~loyalty_research.results.suppression.cells_to_hide`.
    """
    from loyalty_research.results.store import StoredResult

    if isinstance(result, StoredResult):
        return result
    return cast("_R", protect(cast("Result", result), {})[0])


def is_personal(context: Context) -> bool:
    """Tell whether the disclosure limit applies."""
    return not context.public and context.evidence != "synthetic"


def protect(result: Result, before: Names) -> tuple[Result, Names]:
    """Return the protected result, and the groups hidden in it.

    Parameters
    ----------
    result
        Fresh from an analysis.
    before
        Groups that results shown before have hidden: they are hidden here too, since the same
        group in two tables could be worked out from the other.
    """
    context = result.context
    views: list[View] = [*result.charts, *result.tables]
    said = _said(views)
    personal = is_personal(context)
    if personal:
        views = [view for view in views if _may_be_shown(view, result, said)]
    frames = {view.frame: Sheet(result.frames[view.frame]) for view in views}
    hidden: dict[str, frozenset[str]] = {}
    if personal:
        rows = _rows(views, frames, said)
        limit = context.disclosure_limit
        hidden = _hide_small(rows, frames, limit, before)
        _hide_statements(frames, limit)
    bounds = _bounds(views)
    for name, sheet in frames.items():
        _hide_rates(sheet, said.get(name, ()), bounds.get(name, {}), context.base_limit)
    if not personal and not any(sheet.changed for sheet in frames.values()):
        return result, {}
    return _rebuilt(result, views, frames, personal=personal), hidden


def _said(views: Iterable[View]) -> dict[str, tuple[Persons, ...]]:
    """Return what is said of each frame, by whichever of its views."""
    said: dict[str, tuple[Persons, ...]] = {}
    for view in views:
        if view.persons is not None:
            said[view.frame] = tuple(dict.fromkeys((*said.get(view.frame, ()), *view.persons)))
    return said


def _may_be_shown(view: View, result: Result, said: Mapping[str, tuple[Persons, ...]]) -> bool:
    frame, limit = result.frames[view.frame], result.context.disclosure_limit
    if IDENTITIES & set(frame.columns):
        return False
    if view.base_unit in {"customers", "orders"} and 0 < view.base < limit:
        return False
    shares = [
        share for item in view.persons or () for _, share in item.shares if item.rows == "curve"
    ]
    if any(0 < round(share * view.base) < limit for share in shares):
        return False
    counted = {
        name
        for item in said.get(view.frame, ())
        for name in (item.column, item.of, *item.names, *item.by)
        if name and name != "base"
    }
    if view.frame not in said:
        return is_statements(frame)
    return frame.empty or counted <= set(frame.columns)


def _rows(
    views: Iterable[View], frames: Mapping[str, Sheet], said: Mapping[str, tuple[Persons, ...]]
) -> list[Rows]:
    found = {}
    for view in views:
        base = view.base if view.base_unit == "customers" else None
        records = frames[view.frame].records
        for item in said.get(view.frame, ()):
            if (view.frame, item) not in found:
                found[view.frame, item] = Rows(view.frame, item, records, base)
    return [rows for rows in found.values() if rows.records]


def _hide_small(
    frames: list[Rows], sheets: Mapping[str, Sheet], limit: int, before: Names
) -> dict[str, frozenset[str]]:
    hidden: dict[str, frozenset[str]] = {}
    for rows in frames:
        if rows.said.rows == "curve":
            sheets[rows.frame].thin(rows.said.column, limit / max(rows.base or 1, 1))
        elif rows.said.rows == "share":
            _hide_shares(rows, sheets[rows.frame], limit)
        _hide_small_shares(rows, sheets[rows.frame], limit)
    for network in networks(frames):
        key = network.places[0][0].said.key if network.places else ""
        known = before.get(key, frozenset()) if key else frozenset()
        names = [str(rows.name(row)) for rows, row in network.places]
        taken = {place for place, name in enumerate(names) if name in known}
        chosen = cells_to_hide(network.counts(), limit=limit, hidden=taken)
        if key and chosen:
            hidden[key] = hidden.get(key, frozenset()) | {names[place] for place in chosen}
        _apply(network, chosen, sheets)
    return hidden


def _apply(network: Network, chosen: Iterable[int], sheets: Mapping[str, Sheet]) -> None:
    by_frame: dict[int, tuple[Rows, list[int]]] = {}
    for place in sorted(chosen):
        rows, row = network.places[place]
        by_frame.setdefault(id(rows), (rows, []))[1].append(row)
    for rows, places in by_frame.values():
        sheet = sheets[rows.frame]
        others = {item.said.column for item, _ in network.places if item.frame == rows.frame}
        columns = [
            name for name in shown_columns(rows) if name == rows.said.column or name not in others
        ]
        for row in places:
            sheet.hide(row, columns)
        if rows.said.adds and not network.unprinted(rows):
            sheet.merge(places, rows.said.names, rows.said.adds)


def _hide_shares(rows: Rows, sheet: Sheet, limit: int) -> None:
    """Hide a share that tells a small group: those who did, or those who did not."""
    for row, record in enumerate(rows.records):
        count = rows.size(row)
        of = rows.base if rows.said.of == "base" else record[rows.said.of]
        whole = whole_number(of)
        if any(0 < size < limit for size in (whole, count, whole - count)):
            sheet.hide(row, shown_columns(rows))


def _hide_small_shares(rows: Rows, sheet: Sheet, limit: int) -> None:
    """Hide what speaks of a share of the persons where these are few."""
    for name, share in rows.said.shares:
        for row, record in enumerate(rows.records):
            base = rows.size(row) if rows.said.column in record else rows.base or 0
            if not 0 < round(share * base) < limit:
                continue
            if name in record:
                sheet.hide(row, [name, "low", "high"])
            elif rows.said.names and str(record[rows.said.names[-1]]) == name:
                sheet.hide(row, shown_columns(rows))


def _hide_statements(frames: Mapping[str, Sheet], limit: int) -> None:
    """Hide statements that tell a small group, or a number that another frame hides."""
    numbers = {number for sheet in frames.values() for number in sheet.hidden_numbers()}
    for sheet in frames.values():
        for row in telling_statements(sheet.records, numbers, limit):
            sheet.hide(row, STATED)


def _hide_rates(sheet: Sheet, said: Iterable[Persons], bounds: Bounds, limit: int) -> None:
    for item in said:
        base = item.of if item.rows == "share" and item.of != "base" else item.column
        for row, record in enumerate(sheet.records):
            if item.rates and 0 < whole_number(record.get(base)) < limit:
                for name in item.rates:
                    sheet.hide(row, [name, *bounds.get(name, ())], note="base")


def _bounds(views: Iterable[View]) -> dict[str, dict[str, tuple[str, str]]]:
    """Return, by frame, the columns of the interval of every column that has one."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for view in views:
        own = found.setdefault(view.frame, {})
        if isinstance(view, TableView):
            own |= {item.name: (item.low, item.high) for item in view.columns if item.low}
            continue
        value = view.encode.get("value", view.encode.get("y"))
        if isinstance(value, str) and view.encode.get("low"):
            own[value] = (view.encode["low"], view.encode["high"])
    return found


def _rebuilt(
    result: Result, views: Iterable[View], frames: Mapping[str, Sheet], *, personal: bool
) -> Result:
    """Put the result together again from what may be shown."""
    limit = result.context.disclosure_limit
    numbers = {number for sheet in frames.values() for number in sheet.hidden_numbers()}
    shown = [_with_notes(view, frames[view.frame], numbers, limit, personal) for view in views]
    made = {name: sheet.frame() for name, sheet in frames.items()}
    if personal:
        seen = {name: {HIDDEN} for name in made}
        for view in shown:
            seen[view.frame] |= _mentioned(view)
        made = {
            name: frame[[column for column in frame.columns if column in seen[name]]]
            for name, frame in made.items()
        }
    else:
        made = {**result.frames, **made}
    findings = result.findings
    if personal:
        findings = tuple(safe(item, numbers, limit) for item in findings)
    return dataclasses.replace(
        result,
        frames=made,
        findings=findings,
        charts=tuple(view for view in shown if isinstance(view, Chart)),
        tables=tuple(view for view in shown if isinstance(view, TableView)),
    )


def _with_notes(view: View, sheet: Sheet, numbers: set[Any], limit: int, personal: bool) -> View:
    notes = tuple(dict.fromkeys((*view.notes, *sheet.notes(_mentioned(view)))))
    changes: dict[str, Any] = {"notes": notes}
    small_share = any(
        name in view.values and 0 < round(share * view.base) < limit
        for item in view.persons or ()
        for name, share in item.shares
    )
    if personal and (small_share or repeats(view, numbers) or tells_small_group(view, limit)):
        # Its sentence tells what is hidden.
        changes |= {"key": "disclosure", "values": {}}
    return dataclasses.replace(view, **changes)


def _mentioned(view: View) -> set[str]:
    """Return the words of a view that can be columns of its frame."""
    if isinstance(view, Chart):
        named = set(_strings(view.encode))
        texts = {name.replace("{language}", item) for name in named for item in ("zh", "en")}
        return {*texts, "from_band", "to_band"}
    words: set[str] = set()
    for column in view.columns:
        words |= {column.name.replace("{language}", item) for item in ("zh", "en")}
        words |= {column.low, column.high, column.unit.removeprefix("@")}
    return words


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _strings(item)
