"""If customers respond: the lift that pays for a programme, and what assumed responses would do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.errors import DataError, ParameterError, Problem, problem
from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate
from loyalty_research.tiers.break_even import (
    SECTION,
    break_even_findings,
    by_level,
    designs,
    lifts,
    present_name,
)
from loyalty_research.tiers.common import empty, given, named, result, state, withheld
from loyalty_research.tiers.forecast_runs import (
    Simulated,
    Terms,
    blocks_of,
    simulated,
    summary_of,
)
from loyalty_research.tiers.forecast_views import forecast_charts, forecast_tables
from loyalty_research.tiers.optimisation.regret import LEVEL
from loyalty_research.tiers.replays import Replays, in_both
from loyalty_research.tiers.simulation import Priors
from loyalty_research.tiers.simulation import priors as default_priors

_REFERENCES = ("kivetz2006", "kopalle2012", "taylor2005", "dreze2009", "liu2007")
_LEAST_DRAWS = 10


def forecast(
    brand: Any,
    programmes: Any = None,
    *,
    replays: Replays | None = None,
    margin: float | None = None,
    responses: Priors = default_priors,
    periods: int = 104,
    draws: int = 24,
    customers: int = 3000,
    seed: int = 1,
    period: Any = None,
) -> Result:
    """Tell what a programme must bring to pay, then what it would gain under assumed responses.

    Parameters
    ----------
    brand
        An opened brand with orders of identified customers.
    programmes
        Programmes, the brand's own among them or not; None for its own and its candidates.
    replays
        What :func:`replays` returned; ``programmes`` and ``period`` are not looked at then.
    margin
        Share of net sales; None for the brand file's ``margin``.
    responses
        What is assumed; see :data:`priors`.
    periods
        Weeks.
    draws
        Sets drawn from the priors, at least 10.
    customers
        Simulated at most; a larger population is sampled by its customers' random numbers.
    seed
        Of all random numbers.
    period
        First and last day of the past.

    Returns
    -------
    Result
        Frames ``break_even`` and ``levels`` (the lift in purchases that pays, no behaviour
        assumed), ``summary`` (a row a programme, the present or none first: means over the draws,
        gain with its range over the draws, noise of chance, share of draws in which it pays,
        regrets, liability, retained), ``candidates`` (its rows but the first), ``blocks`` (cost of
        rewards by four weeks) and ``assumptions``. Without a margin, or with nothing to compare,
        one finding says so.

    Raises
    ------
    ParameterError
        For a margin of zero or above one, or too few draws.

    Notes
    -----
    Lift = (own cost - cost of the present) / (margin x net sales of members - own cost), from the
    ledgers. Nothing simulated here was observed, and priors alone recommend no programme.

    Examples
    --------
    >>> lr.show(tiers.forecast(b, margin=0.3))  # doctest: +SKIP
    """
    made = given(brand, programmes, replays, period=period)
    share = made.context.margin if margin is None else margin
    if not designs(made):
        return empty(made, SECTION)
    if share is None:
        return empty(made, SECTION, (_withheld(made, "programme_forecast", "no_margin"),))
    _check(share, draws, customers)
    frames = {"break_even": lifts(made, share), "levels": by_level(made, share)}
    against = present_name(made, in_both("label.programme_status.nothing"))
    paying = break_even_findings(made, frames["break_even"], share, against)
    terms = Terms(share, responses, periods, draws, customers, seed)
    try:
        runs = simulated(brand, made, terms)
    except DataError:
        paying.append(_withheld(made, "programme_forecast", "no_purchase_model"))
        return _result(made, frames | {"summary": frames["break_even"]}, paying, None, terms)
    frames = {"summary": summary_of(runs), **frames, "blocks": blocks_of(runs)}
    frames["candidates"] = frames["summary"].iloc[1:].reset_index(drop=True)
    frames["assumptions"] = assumptions(responses)
    said = [*paying, *_forecasts(made, frames["summary"], runs, terms, against)]
    said.append(_withheld(made, "programme_choice", "priors_alone"))
    return _result(made, frames, said, runs, terms)


def assumptions(responses: Priors) -> pd.DataFrame:
    """Return the table of priors: term, unit, range, median and source of each parameter.

    Parameters
    ----------
    responses
        What is assumed.
    """
    frame = responses.table()
    return frame.assign(term=frame["parameter"], source=frame["source"].replace("", "assumed"))


def _result(
    made: Replays,
    frames: dict[str, pd.DataFrame],
    findings: list[Finding],
    runs: Simulated | None,
    terms: Terms,
) -> Result:
    return result(
        made,
        SECTION,
        frames,
        findings=findings,
        charts=forecast_charts(made, frames, runs, terms),
        tables=forecast_tables(made, frames, runs, terms),
        references=_REFERENCES,
    )


def _forecasts(
    made: Replays, summary: pd.DataFrame, runs: Simulated, terms: Terms, against: Value
) -> list[Finding]:
    """State each candidate's mean gain with its range over the draws."""
    rows = summary.iloc[1:].to_dict("records")
    return [
        state(
            made,
            "programme_forecast",
            Estimate(row["gain"], row["low"], row["high"], runs.customers, LEVEL),
            about=(run,),
            section=SECTION,
            unit="money_change",
            definition="forecast_gain",
            method="simulation",
            values={
                "programme": against,
                "other": named(run),
                "weeks": Value(terms.periods, "count"),
                "pays": Value(row["pays"], "share"),
                "noise": Value(row["noise"], "money"),
            },
        )
        for run, row in zip(designs(made), rows, strict=True)
    ]


def _withheld(made: Replays, template: str, reason: str) -> Finding:
    return withheld(
        made, template, reason, about=designs(made), section=SECTION, definition="forecast_gain"
    )


def _check(margin: float, draws: int, customers: int) -> None:
    wrong: list[Problem] = []
    if not (np.isfinite(margin) and 0 < margin <= 1):
        wrong.append(
            problem(
                "forecast: margin is {found!r}; allowed: a share of net sales above 0, at most 1",
                found=margin,
            )
        )
    if draws < _LEAST_DRAWS or customers < 1:
        wrong.append(
            problem(
                "forecast: draws {draws} and customers {customers}; allowed: at least {least} "
                "draws and one customer",
                draws=draws,
                customers=customers,
                least=_LEAST_DRAWS,
            )
        )
    if wrong:
        raise ParameterError(*wrong)
