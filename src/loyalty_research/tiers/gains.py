"""Who would have been given more, and who less, by one programme than by another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import proportion
from loyalty_research.tiers.common import (
    buyers,
    deciles,
    empty,
    given,
    named,
    no_value,
    result,
    state,
    withheld,
)
from loyalty_research.tiers.gains_views import gain_charts, gain_tables
from loyalty_research.tiers.replays import AT_ONCE, Replays, Run

_SECTION = "programme_gains"
_CENT = 0.005
"""Differences below half a cent are none: values are sums of exact amounts held as floats."""


def gains(
    brand: Any,
    programmes: Any = None,
    *,
    replays: Replays | None = None,
    redemption: str = AT_ONCE,
    period: Any = None,
) -> Result:
    """Set the value each member gets from one programme against that from another.

    Parameters
    ----------
    brand
        An opened brand.
    programmes
        Programmes, the first of which is compared with every other; None for the brand's own and
        its candidates.
    replays
        What :func:`replays` returned; the other arguments are not looked at then.
    redemption, period
        As in :func:`replays`.

    Returns
    -------
    Result
        Frame ``summary``: a row a programme and tenth of members by spend, 1 lowest: members, value
        a member under the first programme and under this one, difference, members better off, worse
        off and alike, and the sums that change hands. Nothing with fewer than two programmes.

    Notes
    -----
    Value is the face value of rewards redeemed in the period, on the purchases as they were.
    Members of both programmes with an order are compared.
    """
    made = given(brand, programmes, replays, redemption=redemption, period=period)
    if len(made.runs) < 2 or made.main is None:
        return empty(made, _SECTION)
    main = made.main
    pairs = [other for other in made.others if gives(main) and gives(other)]
    lacking = [other for other in made.others if other not in pairs]
    told = tuple(
        withheld(
            made,
            "programme_gains",
            no_value(made, (main, other)),
            about=(main, other),
            section=_SECTION,
            definition="gain",
        )
        for other in lacking
    )
    if not pairs:
        return empty(made, _SECTION, told[:1])
    summary = pd.concat(
        [by_decile(other, pairwise(main, other)) for other in pairs], ignore_index=True
    )
    return result(
        made,
        _SECTION,
        {"summary": summary},
        findings=(*(_finding(made, main, other, summary) for other in pairs), *told),
        charts=gain_charts(made, pairs, summary),
        tables=gain_tables(made, summary),
    )


def gives(run: Run) -> bool:
    """Tell whether a programme gave anything of known value."""
    return float(run.ledger.customers["value"].sum()) > 0


def pairwise(first: Run, other: Run) -> pd.DataFrame:
    """Return the members of both with an order: spend, value under each, and the difference."""
    columns = ["customer_id", "net_sales", "value"]
    pair = buyers(first)[columns].merge(
        buyers(other)[["customer_id", "value"]], on="customer_id", suffixes=("_first", "_other")
    )
    difference = pair["value_other"] - pair["value_first"]
    # An identical programme differs by nothing, whatever floats do.
    difference = difference.where(difference.abs() >= _CENT, 0.0)
    return pair.assign(difference=difference, decile=deciles(pair["net_sales"]))


def by_decile(other: Run, pair: pd.DataFrame) -> pd.DataFrame:
    """Add up a pair of programmes by tenth of members."""
    difference = pair["difference"]
    marked = pair.assign(
        better=difference > 0,
        worse=difference < 0,
        gained=difference.clip(lower=0),
        lost=difference.clip(upper=0),
    )
    sums = marked.groupby("decile").agg(
        members=("customer_id", "size"),
        net_sales=("net_sales", "sum"),
        value_first=("value_first", "sum"),
        value_other=("value_other", "sum"),
        better=("better", "sum"),
        worse=("worse", "sum"),
        gained=("gained", "sum"),
        lost=("lost", "sum"),
    )
    frame = sums.reset_index()
    size = frame["members"].to_numpy(dtype=float)
    return frame.assign(
        **other.named(),
        alike=frame["members"] - frame["better"] - frame["worse"],
        each_first=frame["value_first"] / size,
        each_other=frame["value_other"] / size,
        each_difference=(frame["gained"] + frame["lost"]) / size,
        share_better=frame["better"] / size,
        share_worse=frame["worse"] / size,
        minus_worse=-frame["worse"] / size,
    )


def _finding(made: Replays, main: Run, other: Run, summary: pd.DataFrame) -> Finding:
    own = summary[summary["programme"] == other.programme.id]
    sums = own[["members", "better", "worse", "gained", "lost"]].sum()
    members = int(sums["members"])
    worse = proportion(int(sums["worse"]), members)
    return state(
        made,
        "programme_gains",
        proportion(int(sums["better"]), members),
        about=(main, other),
        section=_SECTION,
        unit="share",
        definition="gain",
        method="wilson",
        values={
            "programme": named(main),
            "other": named(other),
            "worse": Value(worse.value, "share"),
            "gained": Value(float(sums["gained"]), "money"),
            "lost": Value(float(np.abs(sums["lost"])), "money"),
        },
    )
