"""Figures and tables of the break-even lift and of what was simulated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.tiers.common import notes
from loyalty_research.tiers.forecast_runs import Simulated, Terms
from loyalty_research.tiers.replays import Replays

_PROGRAMME = Column("programme_{language}", "text", heading="programme")
_NAMES = ("programme", "programme_zh", "programme_en")
_COSTS = ("net_sales", "own_cost", "lift")
_ALL = (
    Persons(
        "members",
        names=_NAMES,
        rows="apart",
        rates=(*_COSTS, "present_cost", "extra_cost"),
    ),
)
_LEVELS = (
    Persons(
        "members",
        names=(*_NAMES, "tier", "level_zh", "level_en"),
        by=("programme",),
        rates=_COSTS,
    ),
)


def forecast_charts(
    made: Replays, frames: Mapping[str, pd.DataFrame], runs: Simulated | None, terms: Terms
) -> tuple[Chart, ...]:
    """Describe the lift that pays, the gain by candidate, and the cost of rewards."""
    first = _lift_chart(made, frames["break_even"], terms)
    if runs is None or runs.customers < made.context.base_limit:
        return first
    summary, blocks = frames["summary"], frames["blocks"]
    rest = _common(made, runs, terms)
    tried = summary.iloc[1:]
    best = tried.iloc[int(tried["pays"].to_numpy().argmax())].to_dict()
    least = tried.iloc[int(tried["pays"].to_numpy().argmin())].to_dict()
    gain = Chart(
        name="gain",
        key="programme_forecast.gain" if len(tried) > 1 else "programme_forecast.gain_one",
        kind="forest",
        frame="candidates",
        encode={
            "y": "programme_{language}",
            "value": "gain",
            "low": "low",
            "high": "high",
            "unit": "money_change",
            "x_label": "gain_forecast",
            "height": max(0.6, 0.16 * len(summary)),
        },
        values=rest["values"]
        | {
            "best": _name(best),
            "best_pays": Value(best["pays"], "share"),
            "least": _name(least),
            "least_pays": Value(least["pays"], "share"),
        },
        definitions=("forecast_gain",),
        **_without_values(rest),
    )
    if blocks["reward_cost"].sum() == 0 or blocks["block"].nunique() < 2:
        return (*first, gain)
    return (*first, gain, _cost_chart(blocks, rest))


def _lift_chart(made: Replays, paying: pd.DataFrame, terms: Terms) -> tuple[Chart, ...]:
    base = int(paying["members"].max())
    if base < made.context.base_limit or not np.isfinite(paying["lift"]).all():
        return ()
    most = paying.iloc[int(paying["lift"].to_numpy().argmax())].to_dict()
    chart = Chart(
        name="break_even",
        key="programme_forecast.break_even",
        kind="bars",
        frame="break_even",
        encode={
            "x": "programme_{language}",
            "y": "lift",
            "unit": "share",
            "horizontal": True,
            "annotate": True,
            "y_label": "break_even_lift",
            "height": max(0.5, 0.16 * len(paying)),
        },
        values={
            "most": _name(most),
            "lift": Value(most["lift"], "change"),
            "margin": Value(terms.margin, "share"),
        },
        definitions=("break_even",),
        base=base,
        base_unit="customers",
        period=made.days.iso,
        persons=_ALL,
        notes=notes(made),
    )
    return (chart,)


def _cost_chart(blocks: pd.DataFrame, rest: dict[str, Any]) -> Chart:
    each = blocks.groupby("programme", sort=False)["reward_cost"].mean()
    dearest = blocks[blocks["programme"] == each.idxmax()].iloc[0].to_dict()
    return Chart(
        name="cost",
        key="programme_forecast.cost",
        kind="lines",
        frame="blocks",
        encode={
            "x": "block",
            "y": "reward_cost",
            "group": "programme_{language}",
            "unit": "money",
            "x_unit": "count",
            "x_label": "four_weeks",
            "y_label": "reward_cost_simulated",
        },
        values=rest["values"]
        | {"dearest": _name(dearest), "cost": Value(float(each.max()), "money")},
        definitions=("forecast_cost",),
        **_without_values(rest),
    )


def forecast_tables(
    made: Replays, frames: Mapping[str, pd.DataFrame], runs: Simulated | None, terms: Terms
) -> tuple[TableView, ...]:
    """Describe the tables: break-even, by level, money, members, what was assumed."""
    paying = frames["break_even"]
    common: dict[str, Any] = {
        "base": int(paying["members"].max()),
        "base_unit": "customers",
        "period": made.days.iso,
        "values": {"margin": Value(terms.margin, "share")},
        "notes": notes(made),
    }
    tables = [_paying(common, frames)]
    if len(frames["levels"]):
        tables.append(_levels(common))
    if runs is None or runs.customers < made.context.base_limit:
        return tuple(tables)
    rest = _common(made, runs, terms)
    return (*tables, _money(rest), _risk(rest), _people(rest), _assumed(rest))


def _paying(common: dict[str, Any], frames: Mapping[str, pd.DataFrame]) -> TableView:
    unknown = Column("unknown", "count", heading="unknown_costs")
    return TableView(
        name="break_even",
        key="programme_forecast.break_even",
        frame="break_even",
        columns=(
            _PROGRAMME,
            Column("net_sales", "money", heading="member_sales"),
            Column("own_cost", "money", heading="known_cost"),
            Column("present_cost", "money"),
            Column("extra_cost", "money_change"),
            Column("lift", "change", heading="break_even_lift"),
            *([unknown] if frames["break_even"]["unknown"].any() else []),
        ),
        definitions=("break_even",),
        persons=_ALL,
        **common,
    )


def _levels(common: dict[str, Any]) -> TableView:
    return TableView(
        name="levels",
        key="programme_forecast.levels",
        frame="levels",
        columns=(
            _PROGRAMME,
            Column("level_{language}", "text", heading="programme_level"),
            Column("members", "customers"),
            Column("net_sales", "money", heading="member_sales"),
            Column("own_cost", "money", heading="known_cost"),
            Column("lift", "change", heading="break_even_lift"),
        ),
        definitions=("break_even_level",),
        persons=_LEVELS,
        **common,
    )


def _money(rest: dict[str, Any]) -> TableView:
    return TableView(
        name="money",
        key="programme_forecast.money",
        frame="summary",
        columns=(
            _PROGRAMME,
            Column("net_sales", "money"),
            Column("margin", "money", heading="margin_simulated"),
            Column("cost", "money", heading="cost_simulated"),
            Column("gain", "money_change", heading="gain_simulated", low="low", high="high"),
        ),
        definitions=("forecast_gain", "forecast_cost"),
        **rest,
    )


def _risk(rest: dict[str, Any]) -> TableView:
    return TableView(
        name="risk",
        key="programme_forecast.risk",
        frame="summary",
        columns=(
            _PROGRAMME,
            Column("noise", "money", heading="chance_alone"),
            Column("pays", "share", heading="share_paying"),
            Column("expected_regret", "money"),
            Column("worst_regret", "money"),
        ),
        definitions=("forecast_regret",),
        **rest,
    )


def _people(rest: dict[str, Any]) -> TableView:
    return TableView(
        name="members",
        key="programme_forecast.members",
        frame="summary",
        columns=(
            _PROGRAMME,
            Column("orders", "orders"),
            Column("retained", "customers", heading="retained_simulated"),
            Column("participation", "share", heading="participation_simulated"),
            Column("able", "share", heading="able_simulated"),
            Column("liability", "money", heading="liability_simulated"),
        ),
        definitions=("forecast_people",),
        **rest,
    )


def _assumed(rest: dict[str, Any]) -> TableView:
    return TableView(
        name="assumptions",
        key="programme_forecast.assumptions",
        frame="assumptions",
        columns=(
            Column("parameter", "text", heading="parameter"),
            Column("term", "label:response_term", heading="response_term"),
            Column("low", "number", heading="range_low"),
            Column("median", "number", heading="range_middle"),
            Column("high", "number", heading="range_high"),
            Column("source", "label:response_source", heading="response_source"),
        ),
        definitions=("prior_range",),
        **rest,
    )


def _common(made: Replays, runs: Simulated, terms: Terms) -> dict[str, Any]:
    """Return what every view of the simulation has; its rows are no groups of persons."""
    sampled = runs.sampled < runs.customers
    return {
        "base": runs.customers,
        "base_unit": "customers",
        "period": made.days.iso,
        "persons": (),
        "values": {
            "weeks": Value(terms.periods, "count"),
            "draws": Value(terms.draws, "count"),
            "sampled": Value(runs.sampled, "customers"),
        },
        "notes": ("forecast_sampled" if sampled else "forecast_all", "forecast_assumed"),
    }


def _without_values(rest: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rest.items() if name != "values"}


def _name(row: Mapping[Any, Any]) -> Value:
    names = {"zh": str(row["programme_zh"]), "en": str(row["programme_en"])}
    return Value(names, "bilingual")
