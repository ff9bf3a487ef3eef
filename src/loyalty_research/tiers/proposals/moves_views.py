"""Figures and tables of levels, flows, winners and losers in the simulation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.tiers.proposals.options import Option, Proposals
from loyalty_research.tiers.proposals.shared import OPTION, common

_LEVEL = ("level_zh", "level_en")
_PYRAMID = (
    Persons(
        "members",
        names=("option", "tier", "option_zh", "option_en", "label_zh", "label_en", *_LEVEL),
        by=("option",),
    ),
    Persons("before", names=("option", "tier"), rows="apart", hides=("before",)),
)
_FLOWS = (
    Persons(
        "members",
        names=("option", "tier", "other_tier", "option_zh", "option_en", *_LEVEL, "other_zh",
               "other_en"),
        by=("option",),
        margins=("tier", "other_tier"),
    ),
    Persons("level_members", names=("option", "tier", "other_tier"), rows="apart",
            rates=("share",), hides=("share",)),
)  # fmt: skip
_NAMES = ("kind", "group", "group_zh", "group_en")
_SHARES = ("share_better", "share_worse", "minus_worse")
_GROUPS = (
    Persons("customers", names=_NAMES, by=("kind",), rates=(*_SHARES, "given", "gain")),
    Persons("better", names=_NAMES, rows="share", of="customers", hides=("share_better", "better")),
    Persons("worse", names=_NAMES, rows="share", of="customers", hides=_SHARES[1:]),
)


def move_charts(proposals: Proposals, frames: Mapping[str, pd.DataFrame]) -> tuple[Chart, ...]:
    """Describe the pyramid, the flows of both designs, and winners and losers by spend."""
    if proposals.watched < proposals.replays.context.base_limit:
        return ()
    levels = frames["pyramid"].groupby("option").size()
    charts = []
    if levels.max() > 1:
        charts += [_pyramid(proposals, frames["pyramid"])] if levels.min() > 1 else []
        charts += [
            _flow(proposals, item, frames["flows"])
            for item in (proposals.options[0], proposals.chosen)
            if levels.get(item.key, 0) > 1
        ]
    return (*charts, _winners(proposals, frames["groups"]))


def move_tables(proposals: Proposals, pyramid: pd.DataFrame) -> tuple[TableView, ...]:
    """Describe the tables of levels, and of who gains and who loses."""
    rest = _common(proposals)
    levels = TableView(
        name="pyramid",
        key="programme_moves.pyramid",
        frame="pyramid",
        columns=(
            OPTION,
            Column("level_{language}", "text", heading="programme_level"),
            Column("before", "customers", heading="level_start"),
            Column("members", "customers", heading="level_end"),
            Column("share", "share", heading="share_members"),
        ),
        definitions=("programme_level",),
        **rest | {"persons": _PYRAMID},
    )
    groups = TableView(
        name="groups",
        key="programme_moves.groups",
        frame="groups",
        columns=(
            Column("kind", "label:customer_grouping", heading="grouping"),
            Column("group_{language}", "text", heading="customer_group"),
            Column("customers", "customers", heading="simulated_customers"),
            Column("share_better", "share", heading="share_given_more"),
            Column("share_worse", "share", heading="share_given_less"),
            Column("given", "money_change", heading="given_each"),
            Column("gain", "money_change", heading="gain_each"),
        ),
        definitions=("simulated_winners",),
        **rest | {"persons": _GROUPS},
    )
    return (levels, groups) if pyramid.groupby("option").size().max() > 1 else (groups,)


def _common(proposals: Proposals) -> dict[str, Any]:
    rest = common(proposals, middle=True)
    values = rest["values"] | {
        "other": proposals.chosen.called,
        "programme": proposals.options[0].called,
    }
    return rest | {"base": proposals.watched, "values": values}


def _pyramid(proposals: Proposals, pyramid: pd.DataFrame) -> Chart:
    rest = _common(proposals)
    own = pyramid[pyramid["option"] == proposals.chosen.key]
    first = pyramid[pyramid["option"] == proposals.options[0].key]
    return Chart(
        name="pyramid",
        key="programme_moves.pyramid",
        kind="bars",
        frame="pyramid",
        encode={
            "x": "label_{language}",
            "y": "share",
            "unit": "share",
            "horizontal": True,
            "annotate": True,
            "y_label": "share_members",
            "height": max(0.8, len(pyramid) / 8),
        },
        definitions=("programme_level",),
        **rest
        | {
            "persons": _PYRAMID,
            "values": rest["values"]
            | {
                "top": Value(float(own["share"].iloc[-1]), "share"),
                "top_before": Value(float(first["share"].iloc[-1]), "share"),
            },
        },
    )


def _flow(proposals: Proposals, item: Option, flows: pd.DataFrame) -> Chart:
    rest = _common(proposals)
    own = flows[flows["option"] == item.key]
    kept = own[own["tier"] == own["other_tier"]]["members"].sum() / own["members"].sum()
    return Chart(
        name=f"flows_{item.key}",
        key="programme_moves.flows",
        kind="layers",
        frame="flows",
        encode={
            "x": "level_{language}",
            "y": "share",
            "group": "other_{language}",
            "unit": "share",
            "ranked": True,
            "horizontal": True,
            "annotate": True,
            "where": {"option": item.key},
            "y_label": "share_of_level_start",
            "height": max(0.6, 0.18 * own["tier"].nunique()),
        },
        definitions=("programme_level",),
        **rest
        | {
            "persons": _FLOWS,
            "values": rest["values"] | {"design": item.called, "kept": Value(float(kept), "share")},
        },
    )


def _winners(proposals: Proposals, groups: pd.DataFrame) -> Chart:
    rest = _common(proposals)
    own = groups[groups["kind"] == "band"]
    size = float(own["customers"].sum())
    return Chart(
        name="winners",
        key="programme_moves.winners",
        kind="stacked",
        frame="groups",
        encode={
            "x": "group_{language}",
            "parts": ["share_better", "minus_worse"],
            "unit": "share",
            "x_label": "spend_band",
            "y_label": "better_and_worse",
            "where": {"kind": "band"},
        },
        definitions=("simulated_winners",),
        **rest
        | {
            "persons": _GROUPS,
            "values": rest["values"]
            | {
                "better": Value(float(own["better"].sum()) / size, "share"),
                "worse": Value(float(own["worse"].sum()) / size, "share"),
            },
        },
    )
