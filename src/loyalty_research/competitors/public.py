"""Section: what is published of the brands of the same trade, side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.brand import Facts, load_facts
from loyalty_research.brand.facts import facts_path
from loyalty_research.competitors.common import both
from loyalty_research.competitors.public_frames import public_frames
from loyalty_research.competitors.public_indices import newest_scores
from loyalty_research.competitors.public_peers import Peers, peers_of
from loyalty_research.competitors.public_views import public_charts, public_tables
from loyalty_research.competitors.sections import CHAPTER
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.performance_frames import days_of
from loyalty_research.results import Result

_SECTION = "public_performance"


def public_performance(
    brand: Any, *, facts: Facts | None = None, trade: str | None = None
) -> Result:
    """Set published figures of the brands of a trade side by side, each as its company counts it.

    Parameters
    ----------
    brand
        A brand as opened by :func:`loyalty_research.open_brand`; its file gives ``trade`` and, by
        ``facts``, its own name among the published figures.
    facts
        In place of those of ``data/facts/performance.yaml``.
    trade
        In place of that of the brand file.

    Returns
    -------
    Result
        Frames ``summary`` (newest figure a brand and measure: period, value, unit, currency,
        status, grade, number of its source), ``panels_<family>`` (series drawn, a panel a brand and
        measure), ``split`` (see
        :func:`~loyalty_research.competitors.public_split.growth_split`) and ``split_<brand>``,
        ``not_split`` and ``reasons``, ``indices``, ``scores`` and ``history`` (satisfaction
        indices), ``newest_<index>``, ``definitions``, ``unknown``, ``sources``. Where nothing is
        published of the trade, one finding that says so.

    Raises
    ------
    BrandFileError
        With every problem of the file of published figures.

    Notes
    -----
    Published figures are quoted, neither estimated nor checked. Series share an axis only within
    one definition, unit and currency; scores of an index only within its sector.
    """
    given = facts if facts is not None else _facts()
    file = getattr(brand, "file", None)
    own_trade = trade if trade is not None else getattr(file, "trade", "")
    own = getattr(file, "facts", None) or ""
    peers = peers_of(given, own_trade, own)
    context = dataclasses.replace(
        brand.context, evidence="published", provenance="", public=True, currency=None
    )
    if not peers.brands and not peers.indices:
        frames = {"summary": public_frames(peers)["summary"]}
        found = [_nothing(own_trade)]
        return _result(context, frames, findings=found)
    frames = public_frames(peers)
    real = ("public_real",) if brand.context.evidence == "synthetic" else ()
    return _result(
        context,
        frames,
        findings=tuple(_findings(peers, frames)),
        charts=tuple(public_charts(peers, frames, notes=real)),
        tables=tuple(public_tables(peers, frames, notes=real)),
    )


def _facts() -> Facts:
    """Return the published figures of the project; none where it has no file of them."""
    if not facts_path().is_file():
        return Facts(brands={}, measures={}, series={}, unknown=())
    return load_facts()


def _result(context: Any, frames: Mapping[str, pd.DataFrame], **rest: Any) -> Result:
    return Result(
        name=_SECTION, chapter=CHAPTER, section=_SECTION, frames=frames, context=context, **rest
    )


def _findings(peers: Peers, frames: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    summary = frames["summary"]
    if len(summary):
        yield _overview(peers, summary)
    for brand, rows in frames["split"].groupby("brand", sort=False):
        yield _split(peers, str(brand), rows.iloc[-1])
    if len(summary) and frames["split"].empty:
        yield _finding(
            "public_split_year", peers, None, "change", status="withheld", reason="public_no_split"
        )
    yield from _index_findings(peers, frames["scores"])


def _overview(peers: Peers, summary: pd.DataFrame) -> Finding:
    second_hand = int((summary["grade"] == "C").sum())
    return _finding(
        "public_figures",
        peers,
        float(len(summary)),
        "count",
        values={
            "trade": Value(peers.trade, "label:trade"),
            "brands": Value(int(summary["brand"].nunique()), "count"),
            "definitions": Value(int(summary["measure"].nunique()), "count"),
            "second_hand": Value(second_hand, "count"),
        },
    )


def _split(peers: Peers, brand: str, row: pd.Series[Any]) -> Finding:
    template = "public_split_year" if row["basis"] == "year_before" else "public_split_period"
    values = {
        "name": Value({"zh": row["name_zh"], "en": row["name_en"]}, "bilingual"),
        "measure": Value({"zh": row["measure_zh"], "en": row["measure_en"]}, "bilingual"),
        "when": Value(row["when"], "text"),
        "before_when": Value(row["before_when"], "text"),
        "stores": _change(row["stores_part"]),
        "per_store": _change(row["per_store_part"]),
        "grade": Value(row["grade"], "label:fact_grade"),
    }
    if np.isfinite(row["stores_part_mean"]):
        template += "_mean"
        values["stores_mean"] = _change(row["stores_part_mean"])
        values["per_store_mean"] = _change(row["per_store_part_mean"])
    change = float(np.expm1(row["total_part"]))
    return _finding(template, peers, change, "change", id=f"public_split_{brand}", values=values)


def _change(part: float) -> Value:
    return Value(float(np.expm1(part)), "change")


def _index_findings(peers: Peers, scores: pd.DataFrame) -> Iterator[Finding]:
    for name, item in peers.indices.items():
        values = {
            "index": both(item.name),
            "publisher": both(item.publisher),
            "sector": both(item.sector),
            "country": both(item.country),
        }
        known = {"id": f"public_index_{name}"}
        if item.withheld is not None:
            values["why"] = both(item.withheld)
            yield _finding(
                "public_index", peers, None, "rounded", status="withheld", values=values,
                reason="public_index_withheld", **known,
            )  # fmt: skip
        elif len(rows := newest_scores(scores, name)):
            yield _finding(
                "public_index", peers, float(rows.loc[~rows["is_average"], "value"].max()),
                "rounded", values=values | _scores_told(rows), **known,
            )  # fmt: skip


def _scores_told(rows: pd.DataFrame) -> dict[str, Value]:
    brands = rows[~rows["is_average"]]
    means = rows.loc[rows["is_average"], "value"]
    first = brands.iloc[0]
    return {
        "year": Value(first["period"], "text"),
        "highest": Value({"zh": first["name_zh"], "en": first["name_en"]}, "bilingual"),
        "low": Value(float(brands["value"].min()), "rounded"),
        "mean": Value(float(means.iloc[0]) if len(means) else None, "rounded"),
        "count": Value(len(brands), "count"),
        "grade": Value(max(rows["grade"]), "label:fact_grade"),
    }


def _nothing(trade: str) -> Finding:
    empty = Peers(trade, "", (), {}, Facts(brands={}, measures={}, series={}, unknown=()))
    return _finding(
        "public_figures", empty, None, "count", status="withheld", reason="no_public_figures"
    )


def _finding(
    template: str, peers: Peers, estimate: float | None, unit: str, **rest: Any
) -> Finding:
    points = [point for facts in peers.brands for s in facts.series for point in s.points]
    months = [point.period for point in points]
    span = (min(p.first for p in months), max(p.last for p in months)) if months else None
    return Finding(
        id=rest.pop("id", template),
        template=template,
        chapter=CHAPTER,
        section=_SECTION,
        subject=rest.pop("subject", template),
        estimate=estimate,
        unit=unit,
        base=len(points),
        base_unit="figures",
        definition="published_figure",
        period=days_of(*span) if span else ("", ""),
        method="published",
        evidence="published",
        **rest,
    )
