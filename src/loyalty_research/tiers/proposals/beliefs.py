"""Which assumption decides, what was assumed, and what the brand's own data say of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.errors import sentence
from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.language import LANGUAGES, translator
from loyalty_research.results import Result
from loyalty_research.tiers.common import empty, result, withheld
from loyalty_research.tiers.optimisation.regret import sensitivities
from loyalty_research.tiers.proposals.options import Proposals
from loyalty_research.tiers.proposals.shared import common, simulated
from loyalty_research.tiers.simulation import priors as default_priors

_SECTION = "programme_beliefs"
_SHOWN = 8
"""Parameters in the figure."""


def beliefs(proposals: Proposals) -> Result:
    """Tell which assumption the gain hangs on, every response assumed, and which the data moved.

    Parameters
    ----------
    proposals
        Of :func:`proposals`.

    Returns
    -------
    Result
        Frames ``sensitivity`` (of the gain of the best-judged design: parameter, share of its
        variance by this parameter alone, low, high; empty with fewer than 64 draws) and
        ``assumptions`` (a row a parameter: unit, prior range, source, and, where the responses were
        calibrated, what is believed now and whether the brand's data moved it).

    References
    ----------
    Tarantola, Gatelli & Mara 2006; SALib.
    """
    made = proposals.replays
    if proposals.reason or proposals.responses is None:
        return empty(made, _SECTION)
    frames = {"sensitivity": sensitivity(proposals), "assumptions": assumptions(proposals)}
    return result(
        made,
        _SECTION,
        {"summary": frames["assumptions"], **frames},
        findings=[
            *_decisive(proposals, frames["sensitivity"]),
            _moved(proposals, frames["assumptions"]),
        ],
        charts=_charts(proposals, frames["sensitivity"]),
        tables=_tables(proposals),
        references=("tarantola2006", "herman2017"),
    )


def sensitivity(proposals: Proposals) -> pd.DataFrame:
    """Return how much of the gain's variance the eight foremost parameters explain, each alone.

    Parameters
    ----------
    proposals
        Judged.
    """
    assert proposals.responses is not None
    if not proposals.best:
        return pd.DataFrame(columns=["parameter", "share", "low", "high"])
    sets = proposals.responses.draw(proposals.terms.seed, proposals.terms.draws)
    names = [item.name for item in default_priors.parameters]
    found: pd.DataFrame = sensitivities(sets, proposals.gains[proposals.best - 1], names)
    return found.head(_SHOWN).assign(term=found["parameter"])


def assumptions(proposals: Proposals) -> pd.DataFrame:
    """Return every parameter of the responses: unit, prior, source, what is believed now.

    Parameters
    ----------
    proposals
        Judged.
    """
    assert proposals.responses is not None
    plain = proposals.responses.table() if proposals.evidence == "priors" else None
    frame = (default_priors.table() if plain is None else plain).rename(
        columns={"low": "prior_low", "median": "prior_median", "high": "prior_high"}
    )
    frame["source"] = frame["source"].replace("", "assumed")
    frame["term"] = frame["parameter"]
    told = getattr(proposals.belief, "table", None)
    if plain is None and told is None:
        sets = proposals.responses.draw(1, 200)
        rows = [
            np.quantile([item[name] for item in sets], (0.05, 0.5, 0.95))
            for name in frame["parameter"]
        ]
        told = pd.DataFrame(rows, columns=["low", "median", "high"])
        told = told.assign(parameter=frame["parameter"], moved=True)
    if told is None or proposals.evidence == "priors":
        return frame.assign(low=np.nan, median=np.nan, high=np.nan, moved=False)
    columns = ["parameter", "low", "median", "high", "moved"]
    made = frame.merge(told[columns], on="parameter", how="left")
    return made.assign(moved=made["moved"].astype(bool))


def _decisive(proposals: Proposals, frame: pd.DataFrame) -> list[Finding]:
    """State the assumption that explains most of the gain's spread."""
    if frame.empty:
        return []
    row = frame.iloc[0]
    finding = simulated(
        proposals,
        "programme_decisive",
        float(row["share"]),
        section=_SECTION,
        base=proposals.customers,
        unit="share",
        definition="sensitivity",
        method="rbd_fast",
        values={
            "other": proposals.chosen.called,
            "assumption": Value(str(row["parameter"]), "label:response_term"),
            "draws": Value(proposals.terms.draws, "count"),
        },
    )
    return [finding]


def _moved(proposals: Proposals, frame: pd.DataFrame) -> Finding:
    """State how many parameters the brand's data moved, and what rests on priors; or why none."""
    belief = proposals.belief
    if proposals.evidence == "priors":
        reasons = tuple(getattr(belief, "reasons", ()) or ())
        return withheld(
            proposals.replays,
            "programme_calibration",
            "not_calibrated" if reasons else "responses_given",
            section=_SECTION,
            definition="calibrated_response",
            about=proposals.replays.runs,
            values={"why": _texts(reasons)} if reasons else None,
        )
    moved = frame[frame["moved"]]["parameter"].tolist()
    rests = tuple(getattr(belief, "rests_on_priors", ()))
    day = getattr(belief, "change_on", None)
    effective = float(getattr(belief, "effective", 0.0))
    told = "programme_calibration" if proposals.evidence == "posterior" else "programme_thin"
    return simulated(
        proposals,
        told if day is not None and effective > 0 else "programme_elsewhere",
        float(len(moved)),
        section=_SECTION,
        base=int(getattr(belief, "rewarded", None) or proposals.customers),
        unit="count",
        definition="calibrated_response",
        method="calibration",
        values={
            "of": Value(len(frame), "count"),
            "moved": _labels("response_term", moved),
            "rests": _labels("rests_on", rests),
            **({} if day is None else {"day": Value(day.isoformat(), "date")}),
            "effective": Value(effective, "count"),
        },
    )


def _labels(domain: str, codes: Any) -> Value:
    """Return labels of codes as a list by language; a word for none."""
    joined: dict[str, str] = {}
    for language in LANGUAGES:
        words = translator(language)
        texts = [words.label(domain, code) for code in codes]
        joined[language] = words.text("programme.and").join(texts) or words.text(
            "programme.nothing"
        )
    return Value(joined, "bilingual")


def _texts(reasons: tuple[Any, ...]) -> Value:
    """Return problems as sentences by language."""
    between = {"zh": "；", "en": "; "}
    told: dict[str, str] = {
        language: between[language].join(sentence(item, language).rstrip("。.") for item in reasons)
        for language in LANGUAGES
    }
    return Value(told, "bilingual")


def _charts(proposals: Proposals, frame: pd.DataFrame) -> tuple[Chart, ...]:
    if frame.empty or proposals.customers < proposals.replays.context.base_limit:
        return ()
    rest = common(proposals)
    row = frame.iloc[0]
    chart = Chart(
        name="sensitivity",
        key="programme_beliefs.sensitivity",
        kind="forest",
        frame="sensitivity",
        encode={
            "y": "term",
            "y_unit": "label:response_term",
            "value": "share",
            "low": "low",
            "high": "high",
            "unit": "share",
            "reference": None,
            "x_label": "share_of_spread",
            "height": 0.9,
        },
        definitions=("sensitivity",),
        **rest
        | {
            "values": rest["values"]
            | {
                "other": proposals.chosen.called,
                "assumption": Value(str(row["parameter"]), "label:response_term"),
                "share": Value(float(row["share"]), "share"),
            }
        },
    )
    return (chart,)


def _tables(proposals: Proposals) -> tuple[TableView, ...]:
    rest = common(proposals)
    calibrated = proposals.evidence != "priors"
    now = (
        Column("median", "number", heading="believed_now", low="low", high="high"),
        Column("moved", "label:yes_no", heading="moved_by_data"),
    )
    listed = TableView(
        name="assumptions",
        key="programme_beliefs.assumptions",
        frame="assumptions",
        columns=(
            Column("term", "label:response_term", heading="response_term"),
            Column("parameter", "text", heading="parameter"),
            Column("unit", "label:response_unit", heading="response_unit"),
            Column("prior_median", "number", heading="prior_median", low="prior_low",
                   high="prior_high"),
            *(now if calibrated else ()),
            Column("source", "label:response_source", heading="response_source"),
        ),
        definitions=("prior_range", *(("calibrated_response",) if calibrated else ())),
        **rest,
    )  # fmt: skip
    return (listed,)
