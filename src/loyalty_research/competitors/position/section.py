"""Section: where brands stand among kinds of buyers and ways of buying."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.competitors.market import Markets
from loyalty_research.competitors.market.common import (
    both,
    named,
    require_markets,
    stated,
    withheld,
)
from loyalty_research.competitors.position.frames import axis_frame, map_frame
from loyalty_research.competitors.position.opened import Position, open_positions
from loyalty_research.competitors.position.resampled import LEVEL, beyond_chance
from loyalty_research.competitors.position.views import axes_table, map_chart, map_table
from loyalty_research.competitors.sections import result
from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, proportion

_SECTION = "brand_positions"
_AXES = ("first", "second")
_WHOLE = 1e-9
_METHOD = {"definition": "brand_position", "method": "correspondence", "subject": "brand_position"}


def brand_positions(markets: Markets, *, brand: Any) -> Result:
    """Map the brands of each category by who buys them and how.

    Parameters
    ----------
    markets
        Of :func:`~loyalty_research.competitors.market.open_markets`.
    brand
        The brand as opened.

    Returns
    -------
    Result
        Per category a frame with one row a brand and attribute: place on both axes, ellipse (half
        axes, angle), quality (cos2), contributions, whether it stands apart; ``axes``: one row a
        category and axis: share of inertia, p_value, brands clear of the average, whether it may
        be read.

    Raises
    ------
    MissingTableError
        Where the brand has no market, or its customers lack an attribute the brand file names.

    Notes
    -----
    See :func:`correspondence` and :func:`resampled`. A finding is stated of an axis only where it
    may be read.
    """
    require_markets(markets)
    several = open_positions(markets, brand=brand)
    mapped = [item for item in several if not item.refusal]
    frames: dict[str, pd.DataFrame] = {item.category.id: map_frame(item) for item in mapped}
    if mapped:
        frames["axes"] = axis_frame(mapped)
    flat = [item for item in mapped if len(item.found.eigenvalues) > 1]
    return result(
        markets,
        _SECTION,
        frames,
        findings=[finding for item in several for finding in _findings(markets, item)],
        charts=[map_chart(markets, item, frames[item.category.id]) for item in flat],
        tables=[
            *([axes_table(markets, mapped)] if mapped else []),
            *(map_table(markets, item) for item in mapped),
        ],
        references=("greenacre2017", "ringrose2012"),
    )


def _findings(markets: Markets, item: Position) -> Iterator[Finding]:
    if item.refusal:
        yield withheld(markets, _SECTION, "position_first", item.category, item.refusal, **{
            name: value for name, value in _METHOD.items() if name != "method"
        })  # fmt: skip
        return
    for axis in range(item.drawn.axes):
        yield _read(markets, item, axis)
    if item.drawn.axes < len(item.drawn.p_values):
        yield _unread(markets, item, item.drawn.axes)


def _read(markets: Markets, item: Position, axis: int) -> Finding:
    found, drawn = item.found, item.drawn
    clear = drawn.clear[:, axis]
    row = int(np.where(clear, np.abs(found.places[:, axis]), -1.0).argmax())
    values = {
        "inertia": Value(float(found.shares[axis]), "share"),
        "brand": named(item.category, item.brands[row]),
        "clear": Value(int(clear.sum()), "count"),
        "brands": Value(len(item.brands), "count"),
    }
    column = _telling(item, row, axis)
    if column is None:
        return stated(
            markets, _SECTION, f"position_{_AXES[axis]}_alone", item.category,
            float(found.places[row, axis]), unit="number", base=item.buyers[row], values=values,
            **_METHOD,
        )  # fmt: skip
    share, average = _shares(item, row, column)
    return stated(
        markets,
        _SECTION,
        f"position_{_AXES[axis]}",
        item.category,
        _estimate(item, row, column, share),
        unit="share",
        values={
            **values,
            "attribute": both(item.attributes[column].label),
            "average": Value(average, "share"),
        },
        **_METHOD,
    )


def _estimate(item: Position, row: int, column: int, share: float) -> Estimate:
    """Return a share with an interval that holds for all cells of the table together."""
    base = item.buyers[row]
    error = float(item.drawn.share_errors[row, column])
    if share > 1 - _WHOLE or share < _WHOLE:  # no sample of the buyers shows another share
        return proportion(round(share * base), base)
    reach = error * float(norm.isf((1 - LEVEL) / 2 / item.drawn.cell_scores.size))
    return Estimate(share, max(share - reach, 0.0), min(share + reach, 1.0), base)


def _telling(item: Position, row: int, axis: int) -> int | None:
    """Return the attribute that a brand has more of than chance gives, on its side of an axis."""
    found, drawn = item.found, item.drawn
    side = np.sign(found.attribute_places[:, axis]) == np.sign(found.places[row, axis])
    scores = drawn.cell_scores
    level = np.array([bool(one.level) for one in item.attributes])
    told = beyond_chance(scores)[row] & side & (scores[row] > 0) & level
    if not told.any():
        return None
    return int(np.where(told, found.attribute_contributions[:, axis], -1.0).argmax())


def _shares(item: Position, row: int, column: int) -> tuple[float, float]:
    """Return the share of an attribute in the purchases of a brand, and of all brands."""
    group = item.attributes[column].group
    own = [place for place, one in enumerate(item.attributes) if one.group == group]
    counts = item.counts.to_numpy()
    return (
        float(counts[row, column] / counts[row, own].sum()),
        float(counts[:, column].sum() / counts[:, own].sum()),
    )


def _unread(markets: Markets, item: Position, axis: int) -> Finding:
    drawn = item.drawn
    overlap = not drawn.clear[:, axis].any()
    return stated(
        markets,
        _SECTION,
        f"position_{_AXES[axis]}_unread",
        item.category,
        float(drawn.p_values[axis]),
        unit="p_value",
        base=item.households,
        values={
            "brands": Value(len(item.brands), "count"),
            "why": Value("overlap" if overlap else "chance", "label:position_why"),
            "inertia": Value(float(item.found.shares[axis]), "share"),
        },
        **_METHOD,
    )
