"""Present programme, candidates and proposals side by side, and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.language import LANGUAGES, translator
from loyalty_research.results import Result
from loyalty_research.stats import Estimate
from loyalty_research.tiers.common import empty, result, withheld
from loyalty_research.tiers.optimisation.regret import LEVEL
from loyalty_research.tiers.proposals.decide_views import decide_charts, decide_tables
from loyalty_research.tiers.proposals.judge import quiet_lifts
from loyalty_research.tiers.proposals.options import Option, Proposals
from loyalty_research.tiers.proposals.shared import simulated

_SECTION = "programme_choice"
_REFERENCES = ("kivetz2006", "kopalle2012", "taylor2005", "dreze2009", "liu2007", "leenheer2007")
_WITHHELD = {"priors_alone": "priors_alone", "cannot_tell": "responses_uncertain"}
_MEASURES = (
    ("cost", "money"),
    ("cost_share", "share"),
    ("liability", "money"),
    ("participation", "share"),
    ("able", "share"),
    ("retained", "count"),
    ("goal", ""),
    ("top", "share"),
    ("lift", "change"),
    ("gain", "money_change"),
    ("low", "money_change"),
    ("high", "money_change"),
    ("noise", "money"),
    ("pays", "share"),
    ("expected_regret", "money"),
    ("worst_regret", "money"),
)

_GOALS = {
    "retain_high_value": "count",
    "raise_light_frequency": "count",
    "win_target_group": "count",
}
"""Objectives that are counts, with their unit; the margin is the gain itself."""
_COMPARED = {"lift", "gain", "low", "high", "noise", "pays"}


def decide(proposals: Proposals) -> Result:
    """Set all options side by side: cost, liability, participation, gain, risk, and a verdict.

    Parameters
    ----------
    proposals
        Of :func:`proposals`.

    Returns
    -------
    Result
        Frames ``side`` (a row a measure, a column an option; the gain with its 90 % range over the
        responses, and what chance alone makes), ``options`` (names, verdict, limits that are not
        kept), ``gains`` (a row an option but the present) and ``changes`` (what a proposal
        changes). A change is recommended only on calibrated responses, where the 90 % interval of
        the gain lies above 0; on priors alone nothing is.
    """
    made = proposals.replays
    if proposals.reason:
        return empty(made, _SECTION, () if not made.runs else (_nothing(proposals),))
    frames = {
        "options": _options(proposals),
        "side": _side(proposals),
        "gains": _gains(proposals),
        "changes": proposals.changes,
    }
    return result(
        made,
        _SECTION,
        {"summary": frames["side"], **frames},
        findings=[_verdict(proposals), *_each(proposals), *_unfound(proposals)],
        charts=decide_charts(proposals, frames["gains"]),
        tables=decide_tables(proposals, frames),
        references=_REFERENCES,
    )


def _options(proposals: Proposals) -> pd.DataFrame:
    judged = proposals.judged
    rows = [
        item.named()
        | {
            "name_zh": item.name["zh"],
            "name_en": item.name["en"],
            "verdict": verdict or "present",
            **{f"broken_{each}": _limits(broken, each) for each in LANGUAGES},
        }
        for item, verdict, broken in zip(
            proposals.options, judged["verdict"], judged["broken"], strict=True
        )
    ]
    return pd.DataFrame(rows)


def _limits(broken: str, language: str) -> str:
    """Return the limits an option does not keep, in words."""
    words = translator(language)
    codes = broken.split(", ") if broken else ["none"]
    return words.text("programme.and").join(words.label("programme_limit", code) for code in codes)


def _side(proposals: Proposals) -> pd.DataFrame:
    """Return a row a measure, with a column an option."""
    judged = proposals.judged.assign(
        cost_share=proposals.judged["cost"] / proposals.judged["net_sales"],
        lift=quiet_lifts(proposals.quiet),
    )
    goal = _GOALS.get(proposals.objective, "")
    levels = any(len(_levels(item)) > 1 for item in proposals.options)
    rows = []
    for measure, unit in _MEASURES:
        if (measure == "top" and not levels) or (measure == "goal" and not goal):
            continue
        named = f"goal_{proposals.objective}" if measure == "goal" else measure
        row: dict[str, Any] = {"measure": named, "unit": goal if measure == "goal" else unit}
        for place, item in enumerate(proposals.options):
            alone = place == 0 and measure in _COMPARED
            row[item.key] = np.nan if alone else float(judged[measure].iloc[place])
        rows.append(row)
    return pd.DataFrame(rows)


def _levels(option: Option) -> tuple[Any, ...]:
    return option.programme.tiers.levels if option.programme.tiers is not None else ()


def _gains(proposals: Proposals) -> pd.DataFrame:
    """Return the gain of every option but the first, with both intervals."""
    names = pd.DataFrame([item.named() for item in proposals.options[1:]])
    columns = ["gain", "low", "high", "noise_low", "noise_high", "pays", "worst_regret", "verdict"]
    numbers = proposals.judged[columns].iloc[1:].reset_index(drop=True)
    return pd.concat([names, numbers], axis=1)


def _verdict(proposals: Proposals) -> Finding:
    """State the recommendation, or why there is none."""
    verdict, place = proposals.verdict, proposals.best
    values = {
        "weeks": Value(proposals.terms.periods, "count"),
        "draws": Value(proposals.terms.draws, "count"),
    }
    if verdict in _WITHHELD:
        reason = "calibration_thin" if proposals.evidence == "thin" else _WITHHELD[verdict]
        if verdict == "priors_alone" and getattr(proposals.belief, "change_on", None):
            reason = "priors_not_calibrated"
        return withheld(
            proposals.replays,
            "programme_choice",
            reason,
            section=_SECTION,
            definition="forecast_gain",
            about=proposals.replays.runs,
            values=values,
        )
    row = proposals.judged.iloc[place]
    best = proposals.chosen.called if place else proposals.options[0].called
    return simulated(
        proposals,
        f"programme_verdict_{verdict}",
        _estimate(proposals, row),
        section=_SECTION,
        unit="money_change",
        definition="forecast_gain",
        method="simulation",
        values={
            **values,
            "best": best,
            "noise": Value(float(row["noise"]), "money"),
            "pays": Value(float(row["pays"]), "share"),
            "worst": Value(float(row["worst_regret"]), "money"),
        },
    )


def _each(proposals: Proposals) -> list[Finding]:
    """State the simulated gain of every option but the present, with both intervals."""
    found = []
    for item, row in zip(
        proposals.options[1:], proposals.judged.iloc[1:].to_dict("records"), strict=True
    ):
        finding = simulated(
            proposals,
            "programme_option",
            _estimate(proposals, row),
            section=_SECTION,
            unit="money_change",
            definition="forecast_gain",
            method="simulation",
            option=item.key,
            values={
                "other": item.called,
                "noise": Value(float(row["noise"]), "money"),
                "pays": Value(float(row["pays"]), "share"),
                "cost": Value(float(row["cost"]), "money"),
                "weeks": Value(proposals.terms.periods, "count"),
            },
        )
        found.append(finding)
    return found


def _unfound(proposals: Proposals) -> list[Finding]:
    """Say why no design is proposed, where none is."""
    if proposals.designs:
        return []
    reason = "no_better_design" if proposals.search is not None else "no_design_in_limits"
    return [
        withheld(
            proposals.replays,
            "programme_proposals",
            reason,
            section=_SECTION,
            definition="forecast_gain",
            about=proposals.replays.runs,
        )
    ]


def _estimate(proposals: Proposals, row: Any) -> Estimate:
    return Estimate(
        float(row["gain"]), float(row["low"]), float(row["high"]), proposals.customers, LEVEL
    )


def _nothing(proposals: Proposals) -> Finding:
    return withheld(
        proposals.replays,
        "programme_choice",
        proposals.reason,
        section=_SECTION,
        definition="forecast_gain",
        about=proposals.replays.runs,
    )
