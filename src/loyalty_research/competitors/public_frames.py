"""Published figures of the brands of a trade, as tidy frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from loyalty_research.brand import BrandFacts, FactPoint, FactSeries
from loyalty_research.brand.fact_file import Measure
from loyalty_research.competitors.public_indices import (
    index_rows,
    index_scores,
    newest_scores,
    score_history,
)
from loyalty_research.competitors.public_peers import Peers, told
from loyalty_research.competitors.public_split import growth_split, not_split
from loyalty_research.profile.performance_frames import drawn_points, series_frame, shown_unit

LEAST_DRAWN = 2
"""Plain figures of one kind of period from which a series has a panel: a change can be seen."""
_FIGURES = (
    "brand", "own", "name_zh", "name_en", "family", "measure", "measure_zh", "measure_en",
    "figure_zh", "figure_en", "period", "value", "unit", "currency", "status", "grade", "number",
    "note_zh", "note_en",
)  # fmt: skip


def public_frames(peers: Peers) -> dict[str, pd.DataFrame]:
    """Return all frames of the section; see :func:`~.public.public_performance`."""
    numbers = peers.numbers()
    split = growth_split(peers.brands)
    missing, scores = not_split(peers.brands, split), index_scores(peers, numbers)
    frames = {
        "summary": _figures(peers, numbers),
        "split": split,
        "not_split": missing,
        "reasons": _reasons(missing),
        "indices": index_rows(peers, numbers),
        "scores": scores,
        "history": score_history(scores),
        "definitions": _definitions(peers),
        "unknown": _unknown(peers),
        "sources": _sources(peers, numbers),
    }
    for family, several in by_family(peers.brands).items():
        frames[f"panels_{family}"] = pd.concat(
            [_panel(facts, series) for facts, series in several], ignore_index=True
        )
    for brand, own in split.groupby("brand", sort=False):
        frames[f"split_{brand}"] = own.reset_index(drop=True)
    for name in peers.indices:
        last = newest_scores(scores, name)
        if len(last):
            frames[f"newest_{name}"] = last
    return frames


def by_family(
    brands: Iterable[BrandFacts],
) -> dict[str, list[tuple[BrandFacts, FactSeries]]]:
    """Return the series long enough for a panel, by what they are about."""
    found: dict[str, list[tuple[BrandFacts, FactSeries]]] = {}
    for facts in brands:
        for series in facts.series:
            if len(drawn_points(series)) >= LEAST_DRAWN:
                found.setdefault(series.measure.family, []).append((facts, series))
    return found


def unit_of(measure: Measure) -> str:
    """Return the unit of a measure: amounts stand beside their currency, not in the brand's."""
    unit = shown_unit(measure)
    return {"money": "rounded", "number": "rounded", "share": "rounded_share"}.get(unit, unit)


def newest(series: FactSeries) -> FactPoint:
    """Return the figure of the latest period that may be told; the latest of all where none may."""
    told = [point for point in series.points if point.caution is None]
    return max(told or series.points, key=lambda point: (point.period.last, point.period.first))


def _figures(peers: Peers, numbers: dict[str, int]) -> pd.DataFrame:
    rows = [
        {
            "brand": facts.brand,
            "own": facts.brand == peers.own,
            "name_zh": facts.about.name.zh,
            "name_en": facts.about.name.en,
            "family": series.measure.family,
            "measure": series.measure_id,
            "measure_zh": series.measure.name.zh,
            "measure_en": series.measure.name.en,
            "figure_zh": f"{facts.about.name.zh}：{series.measure.name.zh}",
            "figure_en": f"{facts.about.name.en}: {series.measure.name.en}",
            "unit": unit_of(series.measure),
            "currency": facts.about.currency if series.measure.unit == "money" else None,
            **told(newest(series), numbers),
        }
        for facts in peers.brands
        for series in facts.series
    ]
    families = list(dict.fromkeys(row["family"] for row in rows))
    measures = list(dict.fromkeys(row["measure"] for row in rows))
    rows.sort(key=lambda row: (families.index(row["family"]), measures.index(row["measure"])))
    return pd.DataFrame(rows, columns=list(_FIGURES))


def _panel(facts: BrandFacts, series: FactSeries) -> pd.DataFrame:
    money = series.measure.unit == "money"
    end = {"zh": f"（{facts.about.currency}）", "en": f" ({facts.about.currency})"}
    tail = end if money else {"zh": "", "en": ""}
    frame = series_frame(series, drawn_points(series))
    unit = unit_of(series.measure)
    return frame.assign(
        brand=facts.brand,
        panel_zh=f"{facts.about.name.zh}\n{series.measure.name.zh}{tail['zh']}",
        panel_en=f"{facts.about.name.en}\n{series.measure.name.en}{tail['en']}",
        unit="share" if unit in {"change", "rounded_share"} else unit,
    )


def _reasons(missing: pd.DataFrame) -> pd.DataFrame:
    """Return a row a reason with the brands it holds for."""
    rows = [
        {
            "reason": reason,
            "brands_zh": "、".join(own["name_zh"]),
            "brands_en": ", ".join(own["name_en"]),
        }
        for reason, own in missing.groupby("reason", sort=False)
    ]
    return pd.DataFrame(rows, columns=["reason", "brands_zh", "brands_en"])


def _definitions(peers: Peers) -> pd.DataFrame:
    return pd.DataFrame(
        [_definition(measure) for measure in _measures(peers)],
        columns=["measure_zh", "measure_en", "definition_zh", "definition_en"],
    )


def _measures(peers: Peers) -> Iterator[Measure]:
    ids = [series.measure_id for facts in peers.brands for series in facts.series]
    ids += [item.measure for item in peers.indices.values() if item.measure]
    for name in dict.fromkeys(ids):
        yield peers.facts.measures[name]


def _definition(measure: Measure) -> dict[str, str]:
    return {
        "measure_zh": measure.name.zh,
        "measure_en": measure.name.en,
        "definition_zh": measure.definition.zh,
        "definition_en": measure.definition.en,
    }


def _unknown(peers: Peers) -> pd.DataFrame:
    rows = [
        {
            "name_zh": facts.about.name.zh,
            "name_en": facts.about.name.en,
            "what_zh": what.zh,
            "what_en": what.en,
        }
        for facts in peers.brands
        for what in facts.unknown
    ]
    return pd.DataFrame(rows, columns=["name_zh", "name_en", "what_zh", "what_en"])


def _sources(peers: Peers, numbers: dict[str, int]) -> pd.DataFrame:
    rows = []
    for name, number in numbers.items():
        source = peers.facts.sources[name]
        rows.append(
            {
                "number": number,
                "title": source.title,
                "grade": source.grade,
                "date": source.date,
                "url": source.url,
            }
        )
    return pd.DataFrame(rows, columns=["number", "title", "grade", "date", "url"])
