"""Customers by level held, stage of the life cycle and spend: who gains and who loses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.engine import collect
from loyalty_research.profile.common import customer_totals, valid_orders, within
from loyalty_research.profile.lifecycle import STAGES, rhythm_of, stages_of
from loyalty_research.stats import fit_gamma_poisson
from loyalty_research.tiers.proposals.options import Option, Proposals
from loyalty_research.tiers.replays import in_both
from loyalty_research.tiers.simulation import Simulation
from loyalty_research.tiers.simulation.outcome import NO_MEMBER

Group = tuple[str, str, str]
"""Code that sorts, Chinese and English name."""
_BANDS = 5
_CENT = 0.005


def by_group(proposals: Proposals) -> pd.DataFrame:
    """Return who gets more and who less under the best-judged design, by group of customers.

    Parameters
    ----------
    proposals
        Judged.

    Returns
    -------
    pandas.DataFrame
        A row a group of ``kind`` (``tier`` held at the start under the present programme,
        ``stage`` of the life cycle, ``band`` of spend, fifths): customers (simulated), better,
        worse (whose rewards and benefits are worth at least half a cent more, or less), their
        shares, given (change of their cost by customer and year), gain (of the brand, by
        customer and year, discounted); medians of the responses.
    """
    one, other = proposals.middle[proposals.best], proposals.middle[0]
    given = _given(one) - _given(other)
    frame = pd.DataFrame(
        {
            "customer_id": other.population.ids.to_pylist(),
            "customers": 1,
            "better": given >= _CENT,
            "worse": given <= -_CENT,
            "given": given,
            "gain": one.gains - other.gains,
        }
    )
    kinds = {
        "tier": _tiers(proposals.options[0], other),
        "stage": _stages(other, frame["customer_id"]),
        "band": _bands(other),
    }
    years = proposals.terms.periods / (365.25 / 7)
    return pd.concat(
        [_added(frame, kind, groups, years) for kind, groups in kinds.items()], ignore_index=True
    )


def level_names(option: Option) -> dict[str, dict[str, str]]:
    """Return the names of an option's levels by id, and of those who are no members."""
    tiers = option.programme.tiers
    none = in_both("label.programme_level.no_member")
    if tiers is None:
        only = in_both("label.programme_level.none")
        return {"": only, NO_MEMBER: none}
    named = {item.id: {"zh": item.name.zh, "en": item.name.en} for item in tiers.levels}
    return {**named, NO_MEMBER: none}


def _given(made: Simulation) -> np.ndarray:
    people = made.done.people
    return np.asarray(people["reward"] + people["benefit"])


def _tiers(option: Option, made: Simulation) -> list[Group]:
    """Return the level each customer holds at the start, as id and names."""
    names = level_names(option)
    held = made.customers["tier_start"].tolist()
    known = {
        level: (f"{place:02d}_{level}", text["zh"], text["en"])
        for place, (level, text) in enumerate(names.items())
    }
    first = next(iter(known.values()))
    return [known.get(level, first) for level in held]


def _stages(made: Simulation, ids: pd.Series[Any]) -> list[Group]:
    """Return each customer's stage by the own rhythm; nothing where it cannot be told."""
    source: Any = made.population.source
    days = source.days
    orders = valid_orders(source.brand.orders, "customer_id")
    totals = collect(customer_totals(within(orders, days)), sort_by=["customer_id"])
    rhythm = rhythm_of(totals, days)
    if not (rhythm["age"] > 0).any():
        return []
    model = fit_gamma_poisson(rhythm["count"].to_numpy(), rhythm["age"].to_numpy())
    if not model.converged:
        return []
    observed = source.brand.context.first_purchase_observed
    staged = stages_of(totals, rhythm, model, observed=observed).set_index("customer_id")["stage"]
    words = {
        stage: _named(f"{place}_{stage}", f"label.stage.{stage}")
        for place, stage in enumerate(STAGES)
    }
    return [words[stage] for stage in staged.reindex(ids)]


def _bands(made: Simulation) -> list[Group]:
    """Return the fifth of base spend each customer lies in, 1 lowest."""
    part = made.population
    place = pd.Series(part.rate * part.templates.means).rank(method="average", pct=True)
    fifth = np.clip(np.ceil(np.round(place.to_numpy() * _BANDS, 9)), 1, _BANDS).astype(int)
    words = {
        number: _named(str(number), "programme.spend_band", number=str(number))
        for number in range(1, _BANDS + 1)
    }
    return [words[number] for number in fifth]


def _named(code: str, key: str, **values: str) -> Group:
    names = in_both(key, **values)
    return code, names["zh"], names["en"]


def _added(frame: pd.DataFrame, kind: str, groups: list[Group], years: float) -> pd.DataFrame:
    """Add up customers by group."""
    if not groups:
        return pd.DataFrame()
    marked = frame.drop(columns="customer_id").assign(group=[item[0] for item in groups])
    summed = marked.groupby("group", as_index=False).sum()
    names = {item[0]: item for item in groups}
    size = summed["customers"].to_numpy(dtype=float)
    return summed.assign(
        kind=kind,
        group_zh=[names[item][1] for item in summed["group"]],
        group_en=[names[item][2] for item in summed["group"]],
        share_better=summed["better"] / size,
        share_worse=summed["worse"] / size,
        minus_worse=-summed["worse"] / size,
        given=summed["given"] / size / years,
        gain=summed["gain"] / size / years,
    )
