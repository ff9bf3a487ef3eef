"""The figure and the tables of the action list: counts only, never a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days

_KEY = "action_rule"
_NAME = Column("name_{language}", "text", heading="action_rule")


def action_charts(frames: Mapping[str, pd.DataFrame], base: int, days: Days) -> tuple[Chart, ...]:
    """Describe the figure: customers by the rule whose offer they get."""
    rules = frames["rules"]
    largest = rules.iloc[0]
    return (
        Chart(
            name="rules",
            key="actions.rules",
            kind="bars",
            frame="rules",
            encode={
                "x": "rule",
                "x_unit": "label:action_rule",
                "y": "customers",
                "unit": "customers",
                "horizontal": True,
                "annotate": True,
                "y_label": "on_the_list",
                "height": max(1.0, len(rules) / 8),
            },
            values={
                "rule": Value({"zh": largest["name_zh"], "en": largest["name_en"]}, "bilingual"),
                "people": Value(int(largest["customers"]), "customers"),
                "listed": Value(int(rules["customers"].sum()), "customers"),
                "rules": Value(len(rules), "count"),
            },
            definitions=("action_rule",),
            base=base,
            base_unit="customers",
            period=days.iso,
            persons=(Persons(names=("name_zh", "name_en", "task", "rule"), key=_KEY),),
        ),
    )


def action_tables(
    frames: Mapping[str, pd.DataFrame],
    base: int,
    evaluated: tuple[str, ...],
    days: Days,
) -> tuple[TableView, ...]:
    """Describe the tables; a finding adds up the customers of the rules ``evaluated``."""
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    listed = tuple(frames["rules"]["rule"])
    tables = [_rules(listed, common), _groups("stage", "label:stage", common)]
    if "segments" in frames:
        tables.append(_groups("segment", "label:traits", common))
    tables += [_weeks(common), _trial(evaluated, common), _terms(common)]
    if "missing" in frames:
        tables.append(_missing(common))
    return tuple(tables)


def _rules(listed: tuple[str, ...], common: Mapping[str, Any]) -> TableView:
    names = ("name_zh", "name_en", "task", "rule")
    return TableView(
        name="rules",
        key="actions.rules",
        frame="summary",
        columns=(
            _NAME,
            Column("task", "label:task"),
            Column("holds", "customers", heading="rule_holds"),
            Column("customers", "customers", heading="rule_taken"),
            Column("share_customers", "share"),
            Column("net_sales", "money", heading="potential_size"),
            Column("share_sales", "share"),
        ),
        definitions=("action_rule", "potential_size"),
        persons=(
            Persons(names=names, key=_KEY, told=(listed,)),
            # Those for whom a rule holds, less those who get its offer, are a group too.
            Persons("others", names=names, rows="apart", hides=("holds",)),
        ),
        **common,
    )


def _groups(column: str, unit: str, common: Mapping[str, Any]) -> TableView:
    names = (column,)
    return TableView(
        name=f"{column}s",
        key=f"actions.{column}s",
        frame=f"{column}s",
        columns=(
            Column(column, unit),
            Column("group_customers", "customers"),
            Column("customers", "customers", heading="on_the_list"),
            Column("share_listed", "share"),
        ),
        persons=(
            Persons("group_customers", names=names, key=column),
            Persons(names=names, rows="apart"),
            Persons("unlisted", names=names, rows="apart"),
        ),
        **common,
    )


def _weeks(common: Mapping[str, Any]) -> TableView:
    return TableView(
        name="weeks",
        key="actions.weeks",
        frame="weeks",
        columns=(
            Column("week_{language}", "text", heading="contact_week"),
            Column("customers", "customers"),
            Column("share_customers", "share"),
        ),
        persons=(Persons(names=("week", "week_zh", "week_en")),),
        **common,
    )


def _trial(evaluated: tuple[str, ...], common: Mapping[str, Any]) -> TableView:
    rates = ("base_rate", "base_rate_low", "base_rate_high", "paying", "needed", "detectable")
    names = ("name_zh", "name_en", "rule")
    told = (evaluated,) if evaluated else ()
    return TableView(
        name="trial",
        key="actions.trial",
        frame="trial",
        columns=(
            _NAME,
            Column("customers", "count", heading="on_the_list"),
            Column("earlier", "count", heading="listed_earlier"),
            Column("base_rate", "share", low="base_rate_low", high="base_rate_high"),
            Column("paying", "percentage_point", heading="paying_gain"),
            Column("needed", "count", heading="customers_needed"),
            Column("detectable", "percentage_point", heading="detectable_gain"),
        ),
        definitions=("base_rate", "paying_gain", "detectable_gain"),
        persons=(
            Persons(names=names, key=_KEY, told=told),
            Persons("earlier", names=names, rows="apart", told=told, rates=rates),
            Persons("bought", names=names, rows="share", of="earlier", hides=rates),
        ),
        **common,
    )


def _terms(common: Mapping[str, Any]) -> TableView:
    return TableView(
        name="terms",
        key="actions.terms",
        frame="terms",
        columns=(
            Column("name", "label:action_term", heading="action_term"),
            Column("value", "@unit"),
            Column("source", "label:action_source", heading="action_source"),
        ),
        persons=(),
        **common,
    )


def _missing(common: Mapping[str, Any]) -> TableView:
    return TableView(
        name="missing",
        key="actions.missing",
        frame="missing",
        columns=(_NAME, Column("need", "label:action_need", heading="action_need")),
        persons=(),
        **common,
    )
