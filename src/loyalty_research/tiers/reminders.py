"""Which reminders a programme would have given cause for, month by month."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.results import Result
from loyalty_research.tiers.common import empty, given, named, notes, result, state
from loyalty_research.tiers.replays import AT_ONCE, Replays, Run

_SECTION = "programme_reminders"
_MONTHS = 3
"""Months with something to tell from which a figure is drawn."""
KINDS = ("points_posted", "points_expiring", "level_reached", "level_ending")
_PERSONS = tuple(Persons(kind, names=("month",), rows="apart", hides=(kind,)) for kind in KINDS)
_KINDS_PERSONS = (Persons("count", names=("month", "kind"), rows="apart"),)


def reminders(
    brand: Any,
    programmes: Any = None,
    *,
    replays: Replays | None = None,
    redemption: str = AT_ONCE,
    period: Any = None,
) -> Result:
    """Count, by month, the members to whom a programme gave something to tell.

    Parameters
    ----------
    brand
        An opened brand.
    programmes
        Programmes; None for the brand's own and its candidates. Looked at is the brand's own, else
        the one with most kinds of reminders.
    replays
        What :func:`replays` returned; the other arguments are not looked at then.
    redemption, period
        As in :func:`replays`.

    Returns
    -------
    Result
        Frames ``summary`` (a row a month: points_posted, points_expiring, level_reached,
        level_ending) and ``kinds`` (the same, a row a month and kind, without points posted).
        Nothing where no programme was replayed.

    Notes
    -----
    Points expiring: members who at the end of the month hold points that expire within the next.
    Levels ending: levels whose last day lies within the next month. Counts of what there was to
    tell; whether a reminder would change anything only a hold-out shows.
    """
    made = given(brand, programmes, replays, redemption=redemption, period=period)
    run = _told_most(made)
    if run is None:
        return empty(made, _SECTION)
    told = run.ledger.reminders
    wide = told.pivot_table(index="month", columns="kind", values="count", aggfunc="sum")
    wide = wide.reindex(columns=list(KINDS)).fillna(0).astype(int).sort_index()
    summary = wide.reset_index().rename_axis(columns=None)
    kinds = summary.melt("month", list(KINDS[1:]), var_name="kind", value_name="count")
    kinds = kinds[kinds.groupby("kind")["count"].transform("sum") > 0].reset_index(drop=True)
    return result(
        made,
        _SECTION,
        {"summary": summary, "kinds": kinds},
        findings=(_finding(made, run, summary),),
        charts=_charts(made, run, kinds),
        tables=_tables(made, run, summary),
    )


def _told_most(made: Replays) -> Run | None:
    """Return the brand's own programme, else the first with more to tell than points posted."""
    runs = [run for run in made.runs if not run.ledger.reminders.empty]
    own = [run for run in runs if run.present]
    most = sorted(runs, key=lambda run: -len(set(run.ledger.reminders["kind"])))
    return next(iter((*own, *most)), None)


def _finding(made: Replays, run: Run, summary: pd.DataFrame) -> Finding:
    mean = summary[list(KINDS)].mean()
    return state(
        made,
        "programme_reminders",
        float(mean["points_expiring"] + mean["level_ending"]),
        about=(run,),
        section=_SECTION,
        base=len(run.ledger.customers),
        unit="count",
        definition="reminder",
        method="count",
        values={
            "programme": named(run),
            "posted": Value(float(mean["points_posted"]), "count"),
            "reached": Value(float(mean["level_reached"]), "count"),
            "expiring": Value(float(mean["points_expiring"]), "count"),
            "ending": Value(float(mean["level_ending"]), "count"),
        },
    )


def _charts(made: Replays, run: Run, kinds: pd.DataFrame) -> tuple[Chart, ...]:
    total = kinds.groupby("month")["count"].sum()
    if (total > 0).sum() < _MONTHS:
        return ()
    return (
        Chart(
            name="months",
            key="programme_reminders.months",
            kind="layers",
            frame="kinds",
            encode={
                "x": "month",
                "x_unit": "month",
                "y": "count",
                "group": "kind",
                "group_unit": "label:reminder",
                "unit": "count",
                "y_label": "reminders",
            },
            values={
                "programme": named(run),
                "most": Value(str(total.idxmax()), "month"),
                "count": Value(int(total.max()), "count"),
            },
            persons=_KINDS_PERSONS,
            definitions=("reminder",),
            notes=notes(made),
            **_common(made, run),
        ),
    )


def _tables(made: Replays, run: Run, summary: pd.DataFrame) -> tuple[TableView, ...]:
    shown = [kind for kind in KINDS if summary[kind].sum()]
    return (
        TableView(
            name="months",
            key="programme_reminders.months",
            frame="summary",
            columns=(Column("month", "month"), *(Column(kind, "count") for kind in shown)),
            values={"programme": named(run)},
            persons=_PERSONS,
            definitions=("reminder",),
            notes=notes(made),
            **_common(made, run),
        ),
    )


def _common(made: Replays, run: Run) -> dict[str, Any]:
    return {
        "base": len(run.ledger.customers),
        "base_unit": "customers",
        "period": made.days.iso,
    }
