"""Whether customers fall into segments, what sets these apart, and who moves between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import ibis
import numpy as np
import pandas as pd

from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Chart, Finding, TableView, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    drawable,
    stater,
    valid_orders,
    within,
)
from loyalty_research.profile.segments.choose import TESTS, Choice, choose_segments
from loyalty_research.profile.segments.describe import (
    FEW,
    REST,
    names_of,
    sizes_frame,
    traits_frame,
)
from loyalty_research.profile.segments.features import (
    FEATURES,
    LEAST_OCCASIONS,
    features_of,
    splits,
)
from loyalty_research.profile.segments.model import SegmentModel, fit_model
from loyalty_research.profile.segments.moves import moves_frame, moves_of
from loyalty_research.profile.segments.scaling import fit_scaling, scaled_rows
from loyalty_research.profile.segments.told import (
    continuum_finding,
    found_finding,
    largest_finding,
    moved_finding,
)
from loyalty_research.profile.segments.views import (
    evidence_chart,
    evidence_frame,
    evidence_tables,
    lines_frame,
    segment_charts,
    segment_tables,
    sizes_table,
)
from loyalty_research.results import Result
from loyalty_research.stats.seeds import seed_from

_SECTION = "segments"
LEAST_CUSTOMERS = 200
LEAST_FEATURES = 3
_COMPARED = 600
_FITTED = 5000
_UNITS = {
    "frequency": "occasions_rate",
    "silence": "number",
    "order_value": "money",
    "breadth": "number",
}
_REFERENCES = (
    "lloyd1982kmeans",
    "mclachlan2000mixture",
    "hubert1985rand",
    "tibshirani2001gap",
    "hennig2007stability",
)


@dataclass(frozen=True, slots=True)
class SegmentsResult(Result):
    """A result with the model that puts customers into segments.

    Parameters
    ----------
    model
        None where customers vary on a continuum.
    """

    model: SegmentModel | None = None


def find_segments(brand: Any, *, period: Any, tests: int = TESTS) -> SegmentsResult:
    """Look for segments of customers, and say so where they vary on a continuum.

    Parameters
    ----------
    brand
        A brand, or orders: customer_id, ordered_at, net_sales, and any of discount,
        discounted_sales, channel. With products that have a category, categories are counted too.
    period
        The brand's period or (first day, last day); its halves are of equal length.
    tests
        Structureless data sets compared with: 19, 39, 59 and so on.

    Returns
    -------
    SegmentsResult
        ``table``: customer_id, segment (code of the name; ``few`` below 5 purchase days,
        ``continuum`` for all others where there is no segment). ``model``: assigns customers.
        Frames ``summary`` (segment: customers, net sales, shares, order value, purchase days),
        ``features`` (feature, used), ``evidence`` (method x number: stability and fit with their
        limits), and with segments ``traits``, ``marked`` and ``moves``.

    Raises
    ------
    ParameterError
        Where ``period`` or ``tests`` is not allowed.

    Notes
    -----
    Customers with at least 5 purchase days, at least 200 of them. Features are scaled as
    :func:`fit_scaling` says; the number of segments is chosen on at most 600 customers drawn by a
    seed, as :func:`choose_segments` says, and the model fitted to at most 5,000. Segments are put
    in the order of their net sales. Moves: segments in both halves by the same model, beside odd
    and even weeks, in which nothing can have changed.

    References
    ----------
    Lloyd 1982; McLachlan & Peel 2000; Hubert & Arabie 1985; Hennig 2007.
    """
    days = as_days(period)
    if tests < 19 or (tests + 1) % 20:
        raise ParameterError(
            problem("tests: found {found!r}; allowed: 19, 39, 59 and so on", found=tests)
        )
    orders = within(valid_orders(getattr(brand, "orders", brand), "customer_id"), days)
    state = stater(orders, _SECTION, days)
    hour, channel = splits(orders)
    everybody = features_of(brand, orders, days, early_before=hour, channel=channel)
    frame = everybody[everybody["occasions"] >= LEAST_OCCASIONS].reset_index(drop=True)
    if len(frame) < LEAST_CUSTOMERS:
        return _withheld(state, "few_for_segments", len(frame))
    names = [name for name in FEATURES if name in frame]
    features, left_out = fit_scaling(frame, names=names)
    if len(features) < LEAST_FEATURES:
        return _withheld(state, "few_features", len(frame))
    rows = scaled_rows(frame, features)
    choice = choose_segments(_some(rows, _COMPARED, "compared"), name="segments", tests=tests)
    frames = {
        "evidence": evidence_frame(choice),
        "features": _features_frame(names, left_out, hour),
    }
    frames["lines"] = lines_frame(frames["evidence"])
    found = _Found(brand, orders, days, state, everybody, frame, choice)
    if choice.segments == 1:
        return _continuum(found, frames)
    model = SegmentModel(
        features=features, early_before=hour, channel=channel, **_fitted(found, rows)
    )
    return _segments(found, frames, model, rows)


def _features_frame(names: list[str], left_out: tuple[str, ...], hour: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "feature": names,
            "rule": [f"early_{hour}" if name == "early" else name for name in names],
            "used": [name not in left_out for name in names],
        }
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What the ends of the analysis share."""

    brand: Any
    orders: Any
    days: Days
    state: Stater
    everybody: pd.DataFrame
    frame: pd.DataFrame
    choice: Choice


def _fitted(found: _Found, rows: np.ndarray) -> dict[str, Any]:
    return fit_model(
        _some(rows, _FITTED, "fitted"),
        _some(found.frame["net_sales"].to_numpy(dtype=float), _FITTED, "fitted"),
        segments=found.choice.segments,
        method=found.choice.method,
        rng=np.random.default_rng(seed_from("segments", "model")),
    )


def _some(rows: np.ndarray, most: int, name: str) -> np.ndarray:
    """Return at most ``most`` rows, drawn by a seed, in their order."""
    if len(rows) <= most:
        return rows
    rng = np.random.default_rng(seed_from("segments", name))
    return rows[np.sort(rng.choice(len(rows), most, replace=False))]


def _continuum(found: _Found, frames: dict[str, pd.DataFrame]) -> SegmentsResult:
    enough = found.everybody["occasions"].to_numpy() >= LEAST_OCCASIONS
    codes = np.where(enough, REST, FEW)
    frames["summary"] = sizes_frame(found.everybody, codes, (REST, FEW))
    finding = continuum_finding(
        found.state, found.choice, len(found.frame), int(frames["features"]["used"].sum())
    )
    return _result(found, frames, (finding,), codes)


def _segments(
    found: _Found, frames: dict[str, pd.DataFrame], model: SegmentModel, rows: np.ndarray
) -> SegmentsResult:
    labels = model.labels(rows)
    names = [feature.name for feature in model.features]
    traits = traits_frame(found.frame, rows, labels, names)
    model = replace(model, names=names_of(traits))
    traits["segment"] = traits["place"].map(dict(enumerate(model.names)))
    traits["unit"] = traits["feature"].map(lambda name: _UNITS.get(name, "share"))
    codes = np.full(len(found.everybody), FEW, dtype=object)
    enough = found.everybody["occasions"].to_numpy() >= LEAST_OCCASIONS
    codes[enough] = np.array(model.names, dtype=object)[labels]
    moves = moves_of(found.brand, found.orders, found.days, model)
    frames |= {
        "summary": sizes_frame(found.everybody, codes, (*model.names, FEW)),
        "traits": traits,
        "marked": traits[traits["marked"]].reset_index(drop=True),
        "moves": moves_frame(moves, model.names),
    }
    findings = (
        found_finding(found.state, found.choice, len(found.frame)),
        largest_finding(found.state, frames["summary"]),
        moved_finding(found.state, moves),
    )
    base = len(found.frame)
    compared = len(moves) if len(moves) >= found.state.context.base_limit else 0
    return _result(
        found,
        frames,
        findings,
        codes,
        charts=segment_charts(frames["summary"], traits, base, found.days),
        tables=segment_tables(compared, base, found.days),
        model=model,
    )


def _result(
    found: _Found,
    frames: dict[str, pd.DataFrame],
    findings: tuple[Finding, ...],
    codes: np.ndarray,
    *,
    charts: tuple[Chart, ...] = (),
    tables: tuple[TableView, ...] = (),
    model: SegmentModel | None = None,
) -> SegmentsResult:
    base = len(found.frame)
    everybody = len(found.everybody)
    customers = pd.DataFrame({"customer_id": found.everybody["customer_id"], "segment": codes})
    return SegmentsResult(
        name=_SECTION,
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=findings,
        charts=drawable(
            (evidence_chart(found.choice, base, found.days), *charts), found.state.context
        ),
        tables=(
            sizes_table(everybody, found.days),
            *tables,
            *evidence_tables(base, found.days),
        ),
        references=_REFERENCES,
        context=found.state.context,
        table=ibis.memtable(customers),
        model=model,
    )


def _withheld(state: Stater, reason: str, base: int) -> SegmentsResult:
    """Return the result that says in one line why segments are not looked for."""
    finding = state.withheld(
        "segments_found",
        reason,
        definition="segments",
        base=base,
        values={"least": Value(LEAST_CUSTOMERS, "customers")},
    )
    return SegmentsResult(
        name=_SECTION,
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame({"segment": [], "customers": []})},
        findings=(finding,),
        context=state.context,
    )
