"""The yearly review of the programme: where it stands, what was expected, when to change it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.errors import DataError
from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate
from loyalty_research.tiers.common import empty, given, named, result, state, withheld
from loyalty_research.tiers.replays import AT_ONCE, Replays, Run
from loyalty_research.tiers.review_expected import Terms, expected_after, expected_before
from loyalty_research.tiers.review_rows import SECTION, drift_of, measures_of, quarter_ends
from loyalty_research.tiers.review_views import review_tables
from loyalty_research.tiers.simulation import Priors
from loyalty_research.tiers.simulation import priors as default_priors


def review(
    brand: Any,
    *,
    replays: Replays | None = None,
    margin: float | None = None,
    responses: Priors = default_priors,
    customers: int = 2000,
    draws: int = 20,
    seed: int = 1,
    redemption: str = AT_ONCE,
    period: Any = None,
) -> Result:
    """Set the programme the brand runs against what was to be expected of it, to be filed yearly.

    Parameters
    ----------
    brand
        An opened brand that runs a programme.
    replays
        What :func:`replays` returned; ``redemption`` and ``period`` are not looked at then.
    margin
        Share of net sales; None for the brand file's, without which the reward rate has no limit
        to be set against.
    responses
        What is assumed, or was calibrated.
    customers
        Simulated at most.
    draws
        Sets of responses, for the range of what is expected.
    seed
        Of the random numbers.
    redemption, period
        As in :func:`replays`.

    Returns
    -------
    Result
        Frames ``summary`` (a row a measure: a year before, now, the range expected in a year, what
        triggers a change, whether it does now) and ``drift`` (a row a level and quarter end of the
        last year: share of those who were members a year before, expected share and range, whether
        it lies outside). One finding says so where the brand runs no programme.

    Notes
    -----
    The expectation for the last year is simulated from the purchases before it; that for the next
    from all. Ranges are 90 % ranges: quantiles over the draws, widened by the chance of the sample
    and of the customers, z sqrt(p (1 - p) (1 / sample + 1 / members)). New members are left out on
    both sides. A level triggers where its share was outside on the last two quarter ends.

    Examples
    --------
    >>> lr.show(tiers.review(b))  # doctest: +SKIP
    """
    made = given(brand, None, replays, redemption=redemption, period=period)
    main = made.main
    if not made.runs:
        return empty(made, SECTION)
    if main is None or not main.present:
        return empty(made, SECTION, (_withheld(made, "no_present_programme"),))
    share = made.context.margin if margin is None else margin
    terms = Terms(share or 1.0, responses, customers, draws, seed)
    ends = quarter_ends(made.days)
    if len(ends) < 5:
        return empty(made, SECTION, (_withheld(made, "review_short"),))
    try:
        before = expected_before(brand, made, main, terms, ends)
        after = expected_after(brand, made, main, terms)
    except DataError:
        return empty(made, SECTION, (_withheld(made, "no_purchase_model"),))
    drift = drift_of(brand, made, main, ends, before)
    summary = measures_of(main, drift, before, after, share)
    frames = {"summary": summary, "drift": drift}
    return result(
        made,
        SECTION,
        frames,
        findings=_findings(made, main, frames),
        tables=review_tables(made, main, frames),
    )


def _findings(made: Replays, main: Run, frames: dict[str, pd.DataFrame]) -> list[Finding]:
    """State the top level's share against its range, and how many measures call for a change."""
    drift, summary = frames["drift"], frames["summary"]
    last = drift[drift["quarter"] == drift["quarter"].iloc[-1]]
    found = []
    if len(main.levels) > 1:
        top = last.iloc[-1]
        found.append(
            state(
                made,
                "review_drift_outside" if top["outside"] == "yes" else "review_drift",
                Estimate(top["share"], None, None, int(top["members_all"])),
                about=(main,),
                section=SECTION,
                unit="share",
                definition="review_drift",
                method="count",
                values={
                    "programme": named(main),
                    "top": Value({"zh": top["level_zh"], "en": top["level_en"]}, "bilingual"),
                    "low": Value(top["low"], "share"),
                    "high": Value(top["high"], "share"),
                },
            )
        )
    called = summary[summary["state"] == "met"]
    found.append(
        state(
            made,
            "review_triggers" if len(called) else "review_no_triggers",
            float(len(called)),
            base=int(drift["members_all"].max()),
            about=(main,),
            section=SECTION,
            unit="count",
            definition="review_trigger",
            method="count",
            values={
                "programme": named(main),
                "all": Value(int((summary["state"] != "untold").sum()), "count"),
                **({"measures": _listed(called)} if len(called) else {}),
            },
        )
    )
    return found


def _listed(called: pd.DataFrame) -> Value:
    return Value(
        {"zh": "、".join(called["measure_zh"]), "en": "; ".join(called["measure_en"])}, "bilingual"
    )


def _withheld(made: Replays, reason: str) -> Finding:
    return withheld(made, "review_drift", reason, section=SECTION, definition="review_drift")
