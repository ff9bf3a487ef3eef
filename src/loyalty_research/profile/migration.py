"""Who bought more or less in the second half than random buying alone would show."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import norm, poisson

from loyalty_research.engine import collect, reduction
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Stater,
    as_days,
    identified,
    stater,
    valid_orders,
    within,
)
from loyalty_research.profile.migration_views import flow_charts, migration_tables
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, GammaPoisson, fit_gamma_poisson, holm

_SECTION = "migration"
_LEVEL = 0.95


def migration(orders: Any, *, period: Any, bands: int = 4) -> Result:
    """Compare moves between bands of orders in two halves with those expected without change.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales. Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day); its halves are of equal length.
    bands
        Number of bands of customers with at least one purchase in a half, cut at the quantiles of
        the counts; customers without a purchase are a band of their own.

    Returns
    -------
    Result
        Frames ``summary`` (one row a move: customers, expected, excess, net sales of both halves)
        and ``fifths`` (spend of fifths of customers in both halves, chosen by either).

    Notes
    -----
    Who bought little by chance buys more next time, and who bought much buys less, although nobody
    has changed. A gamma-Poisson model fitted to the counts of the whole period says how many
    customers would make each move at an unchanged rate of their own (conditional trend); only the
    excess over it is a finding, at 95 % over all moves together (Holm).

    References
    ----------
    Goodhardt & Ehrenberg 1967; Holm 1979.
    """
    table = valid_orders(orders, "customer_id")
    days = as_days(period)
    first, last = days.halves()
    state = stater(table, _SECTION, days)
    counts = collect(
        half_counts(
            within(table, days),
            first_end=first.end.isoformat(),
            last_start=last.start.isoformat(),
        ),
        sort_by=["customer_id"],
    ).fillna(0.0)
    counts = counts[(counts["first"] + counts["last"]) > 0].reset_index(drop=True)
    if len(counts) < state.context.base_limit:
        return _withheld(state, "base_too_small", len(counts))
    edges = _edges(counts, bands)
    total = (counts["first"] + counts["last"]).to_numpy(dtype=float)
    model = fit_gamma_poisson(total, np.full(len(total), 2.0 * first.count), truncated=True)
    if not model.converged:
        return _withheld(state, "rhythm_not_identified", len(counts))
    flows = _flows(counts, edges, model, float(first.count))
    frames = {"summary": flows, "fifths": _fifths(counts)}
    return Result(
        name="migration",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=_findings(state, flows, frames["fifths"], len(counts)),
        charts=flow_charts(flows, len(counts), days),
        tables=migration_tables(len(counts), days),
        references=("goodhardt1967", "holm1979"),
        context=state.context,
        table=half_counts(
            within(table, days),
            first_end=first.end.isoformat(),
            last_start=last.start.isoformat(),
        ),
    )


def _withheld(state: Stater, reason: str, base: int) -> Result:
    """Return the result that says why no move is judged."""
    findings = (state.withheld("migration_down", reason, definition="migration", base=base),)
    return Result(
        name="migration",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame({"origin": [], "observed": []})},
        findings=findings,
        context=state.context,
    )


@reduction
def half_counts(orders: ir.Table, *, first_end: str, last_start: str) -> ir.Table:
    """Return one row an identified customer: purchase days and net sales of both halves.

    Columns: customer_id, first, last (purchase days), first_sales, last_sales.
    """
    known = identified(orders)
    early = known.day <= ibis.date(first_end)
    late = known.day >= ibis.date(last_start)
    return known.group_by("customer_id").aggregate(
        first=known.day.nunique(where=early),
        last=known.day.nunique(where=late),
        first_sales=known.net_sales.sum(where=early),
        last_sales=known.net_sales.sum(where=late),
    )


def _edges(counts: pd.DataFrame, bands: int) -> list[int]:
    """Lower bounds of the bands: 0, 1, then quantiles of the positive counts of the first half."""
    positive = counts.loc[counts["first"] > 0, "first"].to_numpy(dtype=float)
    inner = np.quantile(positive, np.arange(1, bands) / bands) if len(positive) else []
    return [0, 1, *sorted({int(np.ceil(edge)) for edge in inner if edge > 1})]


def _band(values: np.ndarray, edges: list[int]) -> np.ndarray:
    return np.searchsorted(edges, values, side="right") - 1


def _names(edges: list[int]) -> list[str]:
    """Print each band as ``0``, ``1-4``, ``12+``."""
    names = []
    for low, after in zip(edges, [*edges[1:], None], strict=True):
        if after is None:
            names.append(f"{low}+")
        else:
            names.append(str(low) if after - low == 1 else f"{low}–{after - 1}")
    return names


def _flows(
    counts: pd.DataFrame, edges: list[int], model: GammaPoisson, length: float
) -> pd.DataFrame:
    first = counts["first"].to_numpy(dtype=int)
    last = counts["last"].to_numpy(dtype=int)
    names = _names(edges)
    chance = _move_chances(np.unique(first), edges, model, length)
    origin, target = _band(first, edges), _band(last, edges)
    rows = []
    for start in range(len(edges)):
        here = origin == start
        chances = np.array([chance[value] for value in first[here]])
        for end in range(len(edges)):
            moved = here & (target == end)
            if not len(chances) or start == end == 0:
                continue  # a customer in neither half is not in the data
            probability = chances[:, end]
            expected = float(probability.sum())
            spread = float(np.sqrt((probability * (1 - probability)).sum()))
            observed = int(moved.sum())
            rows.append(
                {
                    "origin": start,
                    "target": end,
                    "from_band": names[start],
                    "to_band": names[end],
                    "observed": observed,
                    "expected": expected,
                    "excess": observed - expected,
                    "spread": spread,
                    "p_value": _p_value(observed, expected, spread, int(here.sum())),
                    "first_sales": float(counts["first_sales"][moved].sum()),
                    "last_sales": float(counts["last_sales"][moved].sum()),
                }
            )
    frame = pd.DataFrame(rows)
    frame["change"] = frame["last_sales"] - frame["first_sales"]
    frame["beyond_chance"] = holm(frame["p_value"].to_numpy())
    return frame


def _p_value(observed: int, expected: float, spread: float, base: int) -> float:
    """Two-sided chance of a count so far from the expected one; exact enough for rare moves.

    A move that all but a few make is rare the other way round.
    """
    if base - expected < expected:
        observed, expected = base - observed, max(base - expected, 0.0)
    if expected < 10:
        tail = (
            poisson.sf(observed - 1, expected)
            if observed > expected
            else poisson.cdf(observed, expected)
        )
        return float(min(1.0, 2 * tail))
    return float(2 * norm.sf(abs(observed - expected) / spread))


def _move_chances(
    values: np.ndarray, edges: list[int], model: GammaPoisson, length: float
) -> dict[int, np.ndarray]:
    """P(band in the second half | count in the first), at an unchanged rate.

    A customer without a purchase in the first half is in the data only because of a purchase in
    the second, so the chance of none is taken out there.
    """
    top = int(max(values.max() if len(values) else 0, edges[-1])) * 3 + 60
    band = _band(np.arange(top + 1), edges)
    found = {}
    for value in values:
        chance = model.conditional_counts(int(value), length, length, upto=top)
        chance[-1] += max(0.0, 1.0 - float(chance.sum()))
        if value == 0:
            chance[0] = 0.0
        chance = np.bincount(band, weights=chance, minlength=len(edges))
        found[int(value)] = np.clip(chance / chance.sum(), 0.0, 1.0)  # rounding may pass 1
    return found


def _fifths(counts: pd.DataFrame) -> pd.DataFrame:
    """Compare the spend of fifths of customers in both halves, from either side.

    The same split by the second half stands beside: where nobody changed, both tell the same story
    in opposite directions, which is regression to the mean.
    """
    rows = []
    for by, other, name in (
        ("first_sales", "last_sales", "first"),
        ("last_sales", "first_sales", "last"),
    ):
        ranks = counts[by].rank(method="average").to_numpy() / len(counts)
        fifth = np.clip(np.ceil(ranks * 5).astype(int), 1, 5)
        for number in range(1, 6):
            group = counts[fifth == number]
            chosen, opposite = float(group[by].sum()), float(group[other].sum())
            rows.append(
                {
                    "chosen_by": name,
                    "fifth": number,
                    "customers": len(group),
                    "chosen_sales": chosen,
                    "other_sales": opposite,
                    "factor": opposite / chosen if chosen > 0 else np.nan,
                }
            )
    return pd.DataFrame(rows)


def _findings(
    state: Stater,
    flows: pd.DataFrame,
    fifths: pd.DataFrame,
    base: int,
) -> tuple[Finding, ...]:
    gained = fifths[fifths["chosen_by"] == "first"].set_index("fifth")["factor"]
    reverse = fifths[fifths["chosen_by"] == "last"].set_index("fifth")["factor"]
    regression = state(
        "migration_regression",
        _known(gained.loc[1]),
        unit="times",
        definition="migration",
        method="fifths",
        base=base,
        subject="migration_regression",
        reason="" if np.isfinite(gained.loc[1]) else "bottom_fifth_silent",
        values={
            "top": Value(_known(gained.loc[5] - 1), "change"),
            "reverse_bottom": Value(_known(reverse.loc[1]), "times"),
            "reverse_top": Value(_known(reverse.loc[5] - 1), "change"),
        },
    )
    down = _direction(state, flows, flows["target"] < flows["origin"], "down", base)
    up = _direction(state, flows, flows["target"] > flows["origin"], "up", base)
    return regression, down, up


def _known(factor: float) -> float | None:
    """Return None where a fifth spent nothing in the half it was chosen by."""
    return float(factor) if np.isfinite(factor) else None


def _direction(
    state: Stater, flows: pd.DataFrame, moves: pd.Series, name: str, base: int
) -> Finding:
    """State how many more moved than random buying would show, or that chance explains it."""
    group = flows[moves]
    excess = float(group["excess"].sum())
    margin = float(norm.ppf(0.5 + _LEVEL / 2) * np.sqrt((group["spread"] ** 2).sum()))
    sales = float(group["first_sales"].sum() + group["last_sales"].sum())
    values = {
        "people": Value(int(group["observed"].sum()), "customers"),
        "expected": Value(float(group["expected"].sum()), "customers"),
        "sales": Value(sales, "money"),
        "change": Value(float(group["change"].sum()), "money_change"),
    }
    template = f"migration_{name}"
    if excess - margin <= 0:
        return state.withheld(
            template, "no_excess", definition="migration", base=base, values=values
        )
    return state(
        template,
        Estimate(excess, excess - margin, excess + margin, int(group["observed"].sum()), _LEVEL),
        unit="customers",
        definition="migration",
        method="conditional_trend",
        subject=template,
        task="retain" if name == "down" else "activate",
        group=template,
        at_stake=sales,
        values=values,
    )
