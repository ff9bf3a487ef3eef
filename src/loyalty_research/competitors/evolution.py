"""How one programme has changed: its states over time on the same baskets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.common import both, notes_of, reached_persons, rewards_of, stated
from loyalty_research.competitors.compare import Comparison
from loyalty_research.competitors.first import first_row
from loyalty_research.competitors.replays import Outcome
from loyalty_research.competitors.sections import result
from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.programmes.schema import Earn, Programme
from loyalty_research.results import Result

_SECTION = "competitor_evolution"


def evolution(comparison: Comparison) -> Result:
    """Set out the states of a programme of the same trade that has changed, on the same baskets.

    Parameters
    ----------
    comparison
        Of :func:`compare`.

    Returns
    -------
    Result
        Frame ``summary``: one row a state: since, until, rate, share (of customers with a reward in
        reach), median_days, rewards, reward (saved for); missing where a state is a card only;
        ``prices``: one row a state and reward: points, spend (needed at the lowest level). Empty
        where no programme of the trade has a family.

    Notes
    -----
    spend = points / points earned for a currency unit by members of the lowest level, without
    bonuses; missing where the earning is not published. In the programme's own currency.
    """
    several = _families(comparison.published)
    if comparison.shop is None or not several:
        return result(comparison, _SECTION, {})
    states = [item for family in several for item in family]
    frame = pd.DataFrame([row for item in states for row in _states(comparison, item)])
    prices = pd.DataFrame([row for item in states for row in _prices(item)])
    drawn = dict(_drawn(frame, several))
    return result(
        comparison,
        _SECTION,
        {"summary": frame, "prices": prices, **drawn},
        findings=_findings(comparison),
        charts=[_chart(comparison, name, own) for name, own in drawn.items()],
        tables=_tables(comparison),
    )


def _families(published: Sequence[Programme]) -> list[list[Programme]]:
    """Return programmes of which several states are known, each by the day its state began."""
    known = sorted({item.family for item in published if item.family})
    families = [[item for item in published if item.family == family] for family in known]
    return [
        sorted(family, key=lambda item: (item.effective_from or "", item.id))
        for family in families
        if len(family) > 1
    ]


def _states(comparison: Comparison, programme: Programme) -> Iterator[dict[str, Any]]:
    when = {"since": programme.effective_from or "", "until": programme.effective_to or ""}
    done = [item for item in comparison.family if item.programme is programme]
    for outcome in done:
        row = first_row(outcome)
        reward = outcome.reward
        yield {
            **row,
            **when,
            "rate": outcome.rate,
            "reward_zh": reward.name.zh if reward else None,
            "reward_en": reward.name.en if reward else None,
            "known": outcome.known,
        }
    if not done:
        name = programme.name
        yield {
            "id": programme.id,
            "name_zh": name.zh,
            "name_en": name.en,
            **when,
            "known": "card",
            "customers": 0,
            "reached": 0,
            "others": 0,
        }


def _drawn(
    frame: pd.DataFrame, several: Sequence[Sequence[Programme]]
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the states of each programme that were replayed, where there are two."""
    for family in several:
        states = {item.id for item in family}
        own = frame[frame["id"].isin(states) & (frame["known"] != "card")]
        if len(own) > 1:
            yield f"drawn_{family[0].family}", own.reset_index(drop=True)


def _prices(programme: Programme) -> Iterator[dict[str, Any]]:
    each = _points_per_unit(programme)
    for reward in programme.rewards:
        points = float(reward.points)
        yield {
            "id": programme.id,
            "name_zh": programme.name.zh,
            "name_en": programme.name.en,
            "since": programme.effective_from or "",
            "reward_zh": reward.name.zh,
            "reward_en": reward.name.en,
            "points": points,
            "spend": f"{points / each:,.0f} {programme.currency}" if each else None,
            "value": float(reward.value) if reward.value is not None else np.nan,
            "known": "unknown" if reward.value is None else reward.value_is,
        }


def _points_per_unit(programme: Programme) -> float:
    """Return what a currency unit earns at the lowest level; 0 where that is not published."""
    return sum(float(rule.points / rule.every) for rule in programme.earn if _is_plain(rule))


def _is_plain(rule: Earn) -> bool:
    return rule.on == "order" and rule.per == "amount" and not rule.where.tiers


def _findings(comparison: Comparison) -> Iterator[Finding]:
    """State how many customers have a reward in reach under a state and the one before."""
    for before, after in pairwise(comparison.family):
        if before.programme.family != after.programme.family:
            continue
        old, new = first_row(before), first_row(after)
        yield stated(
            comparison,
            _SECTION,
            "competitor_change",
            float(new["share"] - old["share"]),
            id=f"competitor_change_{after.id}",
            unit="point_change",
            definition="first_reward",
            method="replay",
            base=int(new["customers"]),
            subject=f"competitor_change_{after.id}",
            values={
                "before": both(before.programme.name),
                "after": both(after.programme.name),
                "old": Value(old["share"], "share"),
                "new": Value(new["share"], "share"),
                **_rates(before, after),
            },
        )


def _rates(before: Outcome, after: Outcome) -> dict[str, Value]:
    return {
        "old_rewards": Value(float(rewards_of(before).mean()), "number"),
        "new_rewards": Value(float(rewards_of(after).mean()), "number"),
    }


def _chart(comparison: Comparison, name: str, drawn: pd.DataFrame) -> Chart:
    first, last = drawn.iloc[0], drawn.iloc[-1]
    return Chart(
        name=name.replace("drawn", "evolution"),
        key="competitors.evolution",
        kind="bars",
        frame=name,
        encode={
            "x": "name_{language}",
            "y": "share",
            "low": "share_low",
            "high": "share_high",
            "unit": "share",
            "horizontal": True,
            "annotate": True,
            "y_label": "share_of_customers",
            "height": max(0.6, 0.1 * len(drawn) + 0.35),
        },
        values={
            "first": Value({"zh": first["name_zh"], "en": first["name_en"]}, "bilingual"),
            "last": Value({"zh": last["name_zh"], "en": last["name_en"]}, "bilingual"),
            "old": Value(float(first["share"]), "share"),
            "new": Value(float(last["share"]), "share"),
        },
        definitions=("first_reward",),
        base=int(last["customers"]),
        base_unit="customers",
        period=comparison.days.iso,
        persons=reached_persons(),
        notes=("as_they_were",),
    )


def _tables(comparison: Comparison) -> Iterator[TableView]:
    shared: dict[str, Any] = {
        "base": len(comparison.shop.spend) if comparison.shop else 0,
        "base_unit": "customers",
        "period": comparison.days.iso,
    }
    yield TableView(
        name="evolution",
        key="competitors.evolution",
        frame="summary",
        columns=(
            Column("name_{language}", heading="programme"),
            Column("since", heading="in_force_from"),
            Column("until", heading="in_force_until"),
            Column("share", "share", low="share_low", high="share_high", heading="reached_reward"),
            Column("median_days", "days", heading="median_days_first"),
            Column("rewards", "number", heading="rewards_a_year"),
            Column("reward_{language}", heading="reward_saved_for"),
            Column("rate", "share", heading="reward_rate"),
            Column("known", "label:value_known"),
        ),
        definitions=("first_reward", "reward_rate"),
        persons=reached_persons(),
        notes=("saved_for", *notes_of(comparison.family)),
        **shared,
    )
    yield TableView(
        name="prices",
        key="competitors.prices",
        frame="prices",
        columns=(
            Column("name_{language}", heading="programme"),
            Column("reward_{language}", heading="reward"),
            Column("points", "rounded", heading="points_price"),
            Column("spend", heading="spend_needed"),
            Column("known", "label:value_known"),
        ),
        definitions=(),
        persons=(),
        notes=("spend_needed",),
        **shared,
    )
