"""Before any forecast: how much more members would have to buy for a programme to pay."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Chart, Finding, Value
from loyalty_research.results import Result
from loyalty_research.tiers.break_even import (
    break_even_findings,
    by_level,
    by_margin,
    designs,
    lifts,
    margin_of,
    present_name,
)
from loyalty_research.tiers.break_even_views import lift_chart, paying_tables
from loyalty_research.tiers.common import empty, given, named, notes, result, state
from loyalty_research.tiers.optimisation.break_even import PUBLISHED_LIFT
from loyalty_research.tiers.replays import Replays, in_both

_SECTION = "programme_break_even"
ASSUMED_NOTE = "margin_assumed"


def break_even(
    brand: Any,
    programmes: Any = None,
    *,
    replays: Replays | None = None,
    margin: float | None = None,
    period: Any = None,
) -> Result:
    """Tell how much more members would have to buy for a programme to pay, from its ledger alone.

    Parameters
    ----------
    brand
        An opened brand.
    programmes
        Programmes; None for the brand's own and its candidates.
    replays
        What :func:`replays` returned; ``programmes`` and ``period`` are not looked at then.
    margin
        Share of net sales; None for the brand file's, else 30 % is assumed and said so.
    period
        First and last day.

    Returns
    -------
    Result
        Frames ``break_even`` (a row a programme other than the present), ``levels`` (a row a
        programme and level, with whether published effects reach the lift) and ``margins`` (the
        lift at margins from 10 % to 80 %). Nothing where no programme was replayed.

    Raises
    ------
    ParameterError
        For a margin of zero or above one.

    Notes
    -----
    Lift = (own cost - cost of the present) / (margin x net sales of members - own cost). No
    behaviour is assumed. True effects of membership found in the literature lie mostly below a
    tenth (Leenheer et al. 2007), which is what ``plausible`` compares with.

    Examples
    --------
    >>> lr.show(tiers.break_even(b, margin=0.3))  # doctest: +SKIP
    """
    made = given(brand, programmes, replays, period=period)
    if not made.runs:
        return empty(made, _SECTION)
    share, assumed = margin_of(made, margin)
    if not 0 < share <= 1:
        raise ParameterError(
            problem(
                "break_even: margin is {found!r}; allowed: a share of net sales above 0, at most 1",
                found=share,
            )
        )
    levels = by_level(made, share)
    if not designs(made):
        return empty(made, _SECTION)
    frames = {"break_even": lifts(made, share), "levels": levels, "margins": by_margin(made)}
    against = present_name(made, in_both("label.programme_status.nothing"))
    more = (ASSUMED_NOTE,) if assumed else ()
    return result(
        made,
        _SECTION,
        {"summary": frames["break_even"], **frames},
        findings=[
            *break_even_findings(made, frames["break_even"], share, against, _SECTION),
            *_levels(made, levels),
        ],
        charts=(
            *lift_chart(made, frames["break_even"], share),
            *_margins(made, frames["margins"], share, more),
        ),
        tables=paying_tables(made, frames, share, *more),
        references=("leenheer2007",),
    )


def _levels(made: Replays, levels: pd.DataFrame) -> list[Finding]:
    """State, by programme, how many members stand on levels that published effects do not pay."""
    found = []
    for run in made.runs:
        own = levels[levels["programme"] == run.programme.id] if len(levels) else levels
        members = int(own["members"].sum()) if len(own) else 0
        if not members:
            continue
        dear = own[(own["plausible"] != "yes") & (own["members"] > 0)]
        found.append(
            state(
                made,
                "programme_dear_levels" if len(dear) else "programme_levels_repay",
                float(dear["members"].sum()) / members,
                section=_SECTION,
                about=(run,),
                base=members,
                unit="share",
                definition="break_even_level",
                method="ledger",
                values={
                    "programme": named(run),
                    "count": Value(len(dear), "count"),
                    "levels": Value(len(own), "count"),
                    "published": Value(PUBLISHED_LIFT, "share"),
                },
            )
        )
    return found


def _margins(
    made: Replays, margins: pd.DataFrame, share: float, more: tuple[str, ...]
) -> tuple[Chart, ...]:
    """Describe the lift by margin; nothing where it stands at fewer than two of them."""
    base = int(margins["members"].max()) if len(margins) else 0
    if base < made.context.base_limit or margins["margin"].nunique() < 2:
        return ()
    low = margins[margins["margin"] == margins["margin"].min()]
    most = low.iloc[int(low["lift"].to_numpy().argmax())].to_dict()
    chart = Chart(
        name="margins",
        key="programme_break_even.margins",
        kind="lines",
        frame="margins",
        encode={
            "x": "margin",
            "y": "lift",
            "group": "programme_{language}",
            "unit": "share",
            "x_unit": "share",
            "x_label": "margin",
            "y_label": "break_even_lift",
        },
        values={
            "most": Value(
                {"zh": str(most["programme_zh"]), "en": str(most["programme_en"])}, "bilingual"
            ),
            "at": Value(float(most["margin"]), "share"),
            "lift": Value(float(most["lift"]), "change"),
            "margin": Value(share, "share"),
        },
        definitions=("break_even",),
        base=base,
        base_unit="customers",
        period=made.days.iso,
        persons=(),
        notes=notes(made, *more),
    )
    return (chart,)
