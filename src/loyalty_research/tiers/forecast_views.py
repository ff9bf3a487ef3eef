"""Figures and tables of the break-even lift and of what was simulated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, TableView, Value
from loyalty_research.tiers.break_even_views import PROGRAMME, lift_chart, name_of, paying_tables
from loyalty_research.tiers.forecast_runs import Simulated, Terms
from loyalty_research.tiers.replays import Replays


def forecast_charts(
    made: Replays, frames: Mapping[str, pd.DataFrame], runs: Simulated | None, terms: Terms
) -> tuple[Chart, ...]:
    """Describe the lift that pays, the gain by candidate, and the cost of rewards."""
    first = lift_chart(made, frames["break_even"], terms.margin)
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
            "best": name_of(best),
            "best_pays": Value(best["pays"], "share"),
            "least": name_of(least),
            "least_pays": Value(least["pays"], "share"),
        },
        definitions=("forecast_gain",),
        **_without_values(rest),
    )
    if blocks["reward_cost"].sum() == 0 or blocks["block"].nunique() < 2:
        return (*first, gain)
    return (*first, gain, _cost_chart(blocks, rest))


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
        | {"dearest": name_of(dearest), "cost": Value(float(each.max()), "money")},
        definitions=("forecast_cost",),
        **_without_values(rest),
    )


def forecast_tables(
    made: Replays, frames: Mapping[str, pd.DataFrame], runs: Simulated | None, terms: Terms
) -> tuple[TableView, ...]:
    """Describe the tables: break-even, by level, money, members, what was assumed."""
    tables = list(paying_tables(made, frames, terms.margin))
    if runs is None or runs.customers < made.context.base_limit:
        return tuple(tables)
    rest = _common(made, runs, terms)
    return (*tables, _money(rest), _risk(rest), _people(rest), _assumed(rest))


def _money(rest: dict[str, Any]) -> TableView:
    return TableView(
        name="money",
        key="programme_forecast.money",
        frame="summary",
        columns=(
            PROGRAMME,
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
            PROGRAMME,
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
            PROGRAMME,
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
