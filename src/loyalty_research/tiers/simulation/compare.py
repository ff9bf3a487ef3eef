"""Two simulations on the same random numbers: what the one gains over the other."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.engine import Context
from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import Stater
from loyalty_research.programmes.kernel_codes import E4
from loyalty_research.programmes.plan_rows import level_ids
from loyalty_research.results import Result
from loyalty_research.stats import Estimate
from loyalty_research.tiers.simulation.outcome import Simulation, liabilities

LEVEL = 0.90
_Z = float(norm.ppf((1 + LEVEL) / 2))
_SECTION = "simulated_gain"
_GROUPS = 5
_CENT = 0.005


def compared(design: Simulation, baseline: Simulation) -> Result:
    """Return what a design gains over a baseline; see :meth:`Simulation.compare`."""
    raise_all(_wrong(design, baseline), ParameterError)
    summary = _summary(design, baseline)
    frames = {
        "summary": summary,
        "groups": _groups(design, baseline),
        "levels": pd.concat([_levels(design), _levels(baseline)], ignore_index=True),
    }
    return Result(
        name=_SECTION,
        chapter="tiers",
        section=_SECTION,
        frames=frames,
        findings=(_finding(design, baseline, summary),),
        context=_context(design),
    )


def _summary(design: Simulation, baseline: Simulation) -> pd.DataFrame:
    """Return a row a measure, with the interval that chance alone gives its difference."""
    one, other = _each(design), _each(baseline)
    rows = []
    totals = baseline.totals.to_dict()
    for name, total in design.totals.to_dict().items():
        before = totals[name]
        low = high = math.nan
        if name in one:
            each = one[name] - other[name]
            half = _Z * math.sqrt(len(each)) * float(each.std())
            low, high = total - before - half, total - before + half
        rows.append(
            {
                "measure": name,
                "design": total,
                "baseline": before,
                "difference": total - before,
                "low": low,
                "high": high,
            }
        )
    frame = pd.DataFrame(rows)
    bounds = [_by_responses(design, baseline, str(name)) for name in frame["measure"]]
    return frame.assign(
        low_responses=[low for low, _ in bounds], high_responses=[high for _, high in bounds]
    )


def _each(made: Simulation) -> dict[str, np.ndarray]:
    """Return the measures that are sums over customers, by customer."""
    people = made.done.people
    opening, closing = liabilities(made.done, made.costs)
    return {
        "gain": made.gains,
        "margin": people["margin"],
        "reward_cost": people["reward"],
        "displaced": people["displaced"],
        "benefit_cost": people["benefit"],
        "liability_start": opening,
        "liability_end": closing,
        "orders": people["orders"].astype(float),
        "net_sales": people["net"] / E4,
        "redemptions": people["redemptions"].astype(float),
        "retained": (people["left_week"] == -1).astype(float),
        "members": (people["joined"] == 1).astype(float),
    }


def _by_responses(design: Simulation, baseline: Simulation, name: str) -> tuple[float, float]:
    """Return the 90 % range of a difference over the draws of the responses."""
    if design.draws.empty or len(design.draws) != len(baseline.draws):
        return math.nan, math.nan
    difference = (design.draws[name] - baseline.draws[name]).to_numpy(dtype=float)
    low, high = np.quantile(difference, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _groups(design: Simulation, baseline: Simulation) -> pd.DataFrame:
    """Return who gains, by fifth of the base rate, 1 lowest."""
    rate = design.population.rate
    place = pd.Series(rate).rank(method="average", pct=True).to_numpy()
    group = np.clip(np.ceil(np.round(place * _GROUPS, 9)), 1, _GROUPS).astype(int)
    one, other = _each(design), _each(baseline)
    worth = one["reward_cost"] - other["reward_cost"]
    frame = pd.DataFrame(
        {
            "group": group,
            "customers": 1,
            "rate": rate,
            "orders": one["orders"] - other["orders"],
            "net_sales": one["net_sales"] - other["net_sales"],
            "rewards": worth,
            "more_rewards": worth >= _CENT,
            "fewer_rewards": worth <= -_CENT,
            "gain": design.gains - baseline.gains,
        }
    )
    found = frame.groupby("group").agg(
        {name: "mean" if name == "rate" else "sum" for name in frame.columns if name != "group"}
    )
    return found.reset_index()


def _levels(made: Simulation) -> pd.DataFrame:
    """Return members by level at the start and the end."""
    names = level_ids(made.programme)
    people = made.done.people
    return pd.DataFrame(
        {
            "programme": made.programme.id,
            "tier": names,
            "start": [int((people["level_start"] == n).sum()) for n in range(len(names))],
            "end": [int((people["level"] == n).sum()) for n in range(len(names))],
            "end_retained": [
                int(((people["level"] == n) & (people["left_week"] == -1)).sum())
                for n in range(len(names))
            ],
        }
    )


def _context(made: Simulation) -> Context:
    brand = getattr(made.population.source, "brand", None)
    if brand is not None:
        return brand.context
    return dataclasses.replace(
        Context(), currency=made.population.currency, evidence="synthetic", provenance="simulated"
    )


def _finding(design: Simulation, baseline: Simulation, summary: pd.DataFrame) -> Finding:
    """State the gain; with draws the interval is that of the responses, else that of chance."""
    gain = summary[summary["measure"] == "gain"].iloc[0].to_dict()
    drawn = not math.isnan(gain["low_responses"])
    names = ("low_responses", "high_responses") if drawn else ("low", "high")
    low, high = (float(gain[name]) for name in names)
    estimate = Estimate(float(gain["difference"]), low, high, design.population.size, LEVEL)
    half = (float(gain["high"]) - float(gain["low"])) / 2
    finding = Stater(_context(design), _SECTION, design.period)(
        "simulated_gain" if drawn else "simulated_gain_median",
        estimate,
        unit="money",
        definition="gain",
        method="simulation",
        values={
            "programme": Value(
                {"zh": baseline.programme.name.zh, "en": baseline.programme.name.en}, "bilingual"
            ),
            "other": Value(
                {"zh": design.programme.name.zh, "en": design.programme.name.en}, "bilingual"
            ),
            "weeks": Value(design.settings.periods, "number"),
            "noise": Value(half, "money"),
        },
    )
    return dataclasses.replace(
        finding,
        id=f"{finding.template}_{design.programme.id}_{baseline.programme.id}",
        chapter="tiers",
        evidence="synthetic" if finding.evidence == "synthetic" else "assumed",
    )


def _wrong(design: Simulation, baseline: Simulation) -> Iterator[Problem]:
    given = {
        "population": (design.population.size, baseline.population.size),
        "periods": (design.settings.periods, baseline.settings.periods),
        "seed": (design.settings.seed, baseline.settings.seed),
        "discount": (design.settings.discount, baseline.settings.discount),
        "margin": (design.population.margin, baseline.population.margin),
        "responses": (dict(design.responses.values), dict(baseline.responses.values)),
    }
    for name, (one, other) in given.items():
        if one != other:
            yield problem(
                "compare: the two differ in {name} ({one} and {other}); simulate both alike",
                name=name,
                one=one,
                other=other,
            )
