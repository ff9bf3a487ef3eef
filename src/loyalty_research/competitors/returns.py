"""What a light, a median and a heavy customer would have got back in a year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.common import (
    GROUPS,
    NAMES,
    both,
    in_group,
    name_of,
    names,
    notes_of,
    rewards_of,
    stated,
    telling,
    withheld,
)
from loyalty_research.competitors.compare import Comparison
from loyalty_research.competitors.replays import Outcome
from loyalty_research.competitors.sections import result
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.results import Result
from loyalty_research.stats import ratio

_SECTION = "competitor_returns"
_COLUMNS = (
    Column("name_{language}", heading="programme"),
    Column("group", "label:spend_group"),
    Column("net_sales", "money", heading="year_spend"),
    Column("value", "money", heading="face_value"),
    Column("rate", "share", low="rate_low", high="rate_high", heading="reward_rate"),
    Column("redemptions", "number", heading="rewards_a_year"),
    Column("held", "money", heading="left_at_face_value"),
    Column("at_once", "share", heading="rate_at_once"),
    Column("known", "label:value_known"),
)


def returns(comparison: Comparison) -> Result:
    """Set out what programmes of the same trade would have paid for a year's purchases.

    Parameters
    ----------
    comparison
        Of :func:`compare`.

    Returns
    -------
    Result
        Frame ``summary``: one row a programme and group (``light``, ``median``, ``heavy``: those
        around the 20th, 50th and 90th percentile of spend): customers, mean net_sales, value, held,
        redemptions, rate and its interval, at_once; ``rates``: one row a programme.

    Notes
    -----
    rate = face value redeemed / net sales, both summed over the customers of the group; the
    interval takes customers as the sampled units. Amounts are in the brand's currency. Benefits
    beside points are not in it. Where a source gives a maximum only, the rate is an upper bound;
    where it gives no value, the number of rewards stands alone.
    """
    known = telling(comparison.outcomes)
    if comparison.shop is None:
        return _nothing(comparison, "needs_table", {"table": "transactions", "columns": ""})
    if not known:
        return _nothing(comparison, "no_programme_of_trade", {})
    frame = pd.DataFrame([row for item in known for row in _rows(item)])
    wide = _wide(frame, known)
    base = len(comparison.shop.spend)
    return result(
        comparison,
        _SECTION,
        {"summary": frame, "rates": wide},
        findings=_findings(comparison, known, frame),
        charts=_charts(comparison, known, wide, base),
        tables=(_table(comparison, known, base),),
    )


def _nothing(comparison: Comparison, reason: str, values: dict[str, str]) -> Result:
    told = {name: Value(text, "text") for name, text in values.items()}
    found = withheld(
        comparison, _SECTION, "competitor_return", reason, definition="reward_rate", values=told
    )
    return result(comparison, _SECTION, {}, findings=(found,))


def _rows(outcome: Outcome) -> Iterator[dict[str, Any]]:
    for group in GROUPS:
        yield {**names(outcome), "group": group, **_group(outcome, group), "known": outcome.known}


def _group(outcome: Outcome, group: str) -> dict[str, Any]:
    """Return what a group got back on average; missing where no value is published."""
    inside = in_group(outcome.customers["net_sales"], group)
    people = outcome.customers[inside]
    told = outcome.known != "unknown"
    rate = ratio(people["value"].to_numpy(), people["net_sales"].to_numpy())
    spent = float(people["net_sales"].sum())
    return {
        "customers": len(people),
        "net_sales": _mean(people["net_sales"]),
        "value": _mean(people["value"]) if told else np.nan,
        "rate": rate.value if told else np.nan,
        "rate_low": max(rate.low, 0.0) if told and rate.low is not None else np.nan,
        "rate_high": rate.high if told else np.nan,
        "redemptions": _mean(rewards_of(outcome)[inside]),
        "held": _mean(people["held"]) if told else np.nan,
        "at_once": float(people["at_once"].sum()) / spent if told and spent else np.nan,
    }


def _mean(column: pd.Series[Any]) -> float:
    return float(column.mean()) if len(column) else np.nan


def _wide(frame: pd.DataFrame, outcomes: list[Outcome]) -> pd.DataFrame:
    """Return one row a programme: rate and customers of each group, best for the heavy first."""
    rows = []
    for outcome in outcomes:
        own = frame[frame["id"] == outcome.id].set_index("group")
        rates = {f"rate_{group}": own["rate"][group] for group in GROUPS}
        sizes = {f"customers_{group}": own["customers"][group] for group in GROUPS}
        rows.append({**names(outcome), **rates, **sizes})
    wide = pd.DataFrame(rows)
    wide = wide[wide[[f"rate_{group}" for group in GROUPS]].notna().any(axis=1)]
    order = wide.sort_values(["rate_heavy", "rate_median", "id"], ascending=[False, False, True])
    return order.reset_index(drop=True)


def _findings(
    comparison: Comparison, known: list[Outcome], frame: pd.DataFrame
) -> Iterator[Finding]:
    for outcome in known:
        own = frame[(frame["id"] == outcome.id)].set_index("group")
        yield _finding(comparison, outcome, own)


def _finding(comparison: Comparison, outcome: Outcome, own: pd.DataFrame) -> Finding:
    """State what the median customer would have got back, and the rates of light and heavy."""
    people = int(own["customers"]["median"])
    told = {"name": both(name_of(outcome)), "spend": Value(own["net_sales"]["median"], "money")}
    shared: dict[str, Any] = {
        "id": f"competitor_return_{outcome.id}",
        "definition": "reward_rate",
        "method": "replay",
        "base": people,
        "subject": f"competitor_{outcome.id}",
    }
    if outcome.known == "unknown" and outcome.reward is not None:
        return stated(
            comparison,
            _SECTION,
            "competitor_rewards",
            _known(own["redemptions"]["median"]),
            unit="number",
            values={
                **told,
                "reward": both(outcome.reward.name),
                "light": Value(_known(own["redemptions"]["light"]), "number"),
                "heavy": Value(_known(own["redemptions"]["heavy"]), "number"),
            },
            **shared,
        )
    if outcome.reward is None:
        return stated(
            comparison, _SECTION, "competitor_nothing", 0.0, unit="money", values=told, **shared
        )
    template = "competitor_return" + ("_at_most" if outcome.known == "at_most" else "")
    told["reward"] = both(outcome.reward.name)
    told |= {group: Value(own["rate"][group], "share") for group in GROUPS}
    return stated(
        comparison,
        _SECTION,
        template,
        _known(own["value"]["median"]),
        unit="money",
        values=told,
        **shared,
    )


def _known(number: Any) -> float | None:
    """Return a number; None for a group without customers."""
    return None if pd.isna(number) else float(number)


def _charts(
    comparison: Comparison, known: list[Outcome], wide: pd.DataFrame, base: int
) -> tuple[Chart, ...]:
    paying = wide[(wide[[f"rate_{group}" for group in GROUPS]] > 0).any(axis=1)]
    if paying.empty:
        return ()
    best = wide.iloc[0]
    return (
        Chart(
            name="rates",
            key="competitors.returns" if len(wide) > 1 else "competitors.returns_one",
            kind="bars",
            frame="rates",
            encode={
                "x": "name_{language}",
                "y": [f"rate_{group}" for group in GROUPS],
                "unit": "share",
                "horizontal": True,
                "y_label": "reward_rate",
                "height": max(1.0, 0.22 * len(wide) + 0.4),
            },
            values={
                "name": Value({"zh": best["name_zh"], "en": best["name_en"]}, "bilingual"),
                "rate": Value(float(best["rate_heavy"]), "share"),
                "count": Value(len(wide), "programmes"),
            },
            definitions=("reward_rate",),
            base=base,
            base_unit="customers",
            period=comparison.days.iso,
            persons=tuple(
                Persons(
                    f"customers_{group}",
                    names=NAMES,
                    rows="apart",
                    hides=(f"rate_{group}",),
                    rates=(f"rate_{group}",),
                )
                for group in GROUPS
            ),
            notes=notes_of(known),
        ),
    )


def _table(comparison: Comparison, known: list[Outcome], base: int) -> TableView:
    return TableView(
        name="groups",
        key="competitors.returns",
        frame="summary",
        columns=_COLUMNS,
        definitions=("reward_rate", "spend_groups"),
        base=base,
        base_unit="customers",
        period=comparison.days.iso,
        persons=(
            Persons(
                "customers",
                names=("id", "name_zh", "name_en", "group"),
                rows="apart",
                rates=("net_sales", "value", "rate", "redemptions", "held", "at_once"),
            ),
        ),
        notes=("saved_for", *notes_of(known)),
    )
