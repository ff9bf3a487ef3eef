"""The figures and tables of customer value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.clv.statements import Judged
from loyalty_research.profile.clv.value import Forecast
from loyalty_research.profile.common import Days

_RATES = ("actual", "predicted", "repeated")


def value_charts(
    frames: Mapping[str, pd.DataFrame],
    judged: Judged,
    forecast: Forecast | None,
    days: Days,
    *,
    base_limit: int,
) -> tuple[Chart, ...]:
    """Describe the figures; the titles speak of bands of at least ``base_limit`` customers."""
    common: dict[str, Any] = {"base_unit": "customers", "period": days.iso}
    held = {**common, "base": judged.base, "definitions": ("clv_holdout",)}
    bands = frames["bands"]
    told = bands[bands["customers"] >= base_limit]
    charts = [
        _bands(told if len(told) else bands, judged, held),
        *_tracking(frames["weeks"], judged, held),
    ]
    if forecast is not None:
        charts.append(_groups(frames["values"], forecast, common))
    return tuple(charts)


def _bands(bands: pd.DataFrame, judged: Judged, common: Mapping[str, Any]) -> Chart:
    first, last = bands.iloc[0], bands.iloc[-1]
    return Chart(
        name="bands",
        key="customer_value.bands",
        kind="bars",
        frame="bands",
        encode={
            "x": "band",
            "y": list(_RATES),
            "unit": "occasions_rate",
            "x_label": "calibration_purchases",
            "y_label": "holdout_purchases",
        },
        values={
            "model": Value(judged.choice.used, "label:clv_model"),
            "low_band": Value(str(first["band"]), "text"),
            "low_actual": Value(float(first["actual"]), "number"),
            "low_predicted": Value(float(first["predicted"]), "number"),
            "high_band": Value(str(last["band"]), "text"),
            "high_actual": Value(float(last["actual"]), "number"),
            "high_predicted": Value(float(last["predicted"]), "number"),
        },
        **common,
    )


def _tracking(weeks: pd.DataFrame, judged: Judged, common: Mapping[str, Any]) -> list[Chart]:
    windows = judged.windows
    sums = weeks[weeks["week"] > windows.calibration].groupby("series")["occasions"].sum()
    values = {
        "model": Value(judged.choice.used, "label:clv_model"),
        "calibration": Value(windows.calibration, "count"),
        "holdout": Value(windows.holdout, "count"),
        "actual": Value(float(sums["actual"]), "occasions"),
        "predicted": Value(float(sums["predicted"]), "occasions"),
        "off": Value(float(sums["predicted"] / sums["actual"] - 1), "change"),
        "furthest": Value(_furthest(weeks, windows.calibration), "change"),
    }
    return [
        Chart(
            name=name,
            key=f"customer_value.{name}",
            kind="lines",
            frame="weeks",
            encode={
                "x": "week",
                "y": column,
                "group": "series",
                "group_unit": "label:clv_series",
                "unit": "occasions",
                "x_label": "week_number",
                "y_label": label,
            },
            values=values,
            persons=(),  # purchase days of the whole base by week
            **common,
        )
        for name, column, label in (
            ("weekly", "occasions", "weekly_purchases"),
            ("cumulative", "cumulative", "cumulative_purchases"),
        )
    ]


def _furthest(weeks: pd.DataFrame, split: int) -> float | None:
    """Return the largest relative error of the forecast over four weeks of the holdout."""
    ahead = weeks[weeks["week"] > split]
    table = ahead.pivot_table(
        index=(ahead["week"] - split - 1) // 4, columns="series", values="occasions", aggfunc="sum"
    )
    error = (table["predicted"] / table["actual"].where(table["actual"] > 0) - 1).dropna()
    return None if error.empty else float(error.iloc[int(error.abs().argmax())])


def _groups(values: pd.DataFrame, forecast: Forecast, common: Mapping[str, Any]) -> Chart:
    top = values.iloc[0]
    return Chart(
        name="groups",
        key="customer_value.groups",
        kind="bars",
        frame="values",
        encode={
            "x": "group",
            "x_unit": "label:clv_group",
            "y": "value",
            "unit": "money",
            "low": "value_low",
            "high": "value_high",
            "horizontal": True,
            "annotate": True,
            "y_label": "expected_value",
        },
        values={
            "share": Value(float(top["share_value"]), "share"),
            "weeks": Value(forecast.terms.weeks, "count"),
            "value": Value(float(top["value"]), "money"),
            "rest": Value(float(values["value"].iloc[-1]), "money"),
        },
        definitions=("clv",),
        base=len(forecast.customers),
        **common,
    )


def value_tables(judged: Judged, forecast: Forecast | None, days: Days) -> tuple[TableView, ...]:
    """Describe the tables."""
    common: dict[str, Any] = {
        "base": judged.base,
        "base_unit": "customers",
        "period": days.iso,
        "values": {"holdout": Value(judged.windows.holdout, "count")},
    }
    tables = [_models(common), _band_table(common)]
    if judged.choice.misfit:
        tables.append(_count_table(common))
    if forecast is not None:
        rest = common | {
            "base": len(forecast.customers),
            "values": {"weeks": Value(forecast.terms.weeks, "count")},
        }
        tables += [_value_table(rest, with_alive=forecast.tells_alive), _param_table(rest)]
    return tuple(tables)


def _models(common: Mapping[str, Any]) -> TableView:
    return TableView(
        name="models",
        key="customer_value.models",
        frame="summary",
        columns=(
            Column("model", "label:clv_model", heading="clv_model"),
            Column("status", "label:clv_status", heading="clv_status"),
            Column("mae", "number"),
            Column("gain", "number", low="gain_low", high="gain_high", heading="mae_gain"),
            Column("rmse", "number"),
            Column("predicted", "count", heading="predicted_total"),
            Column("total_error", "change"),
            Column("aic", "number"),
        ),
        persons=(),  # errors over the whole base
        definitions=("clv_holdout",),
        **common,
    )


def _band_table(common: Mapping[str, Any]) -> TableView:
    return TableView(
        name="bands",
        key="customer_value.bands",
        frame="bands",
        columns=(
            Column("band", "text", heading="clv_band"),
            Column("customers", "customers"),
            Column("actual", "number", low="low", high="high"),
            Column("predicted", "number"),
            Column("repeated", "number", heading="clv_repeated"),
        ),
        persons=(Persons(names=("band",), rates=_RATES, key="clv_band"),),
        definitions=("clv_holdout",),
        **common,
    )


def _count_table(common: Mapping[str, Any]) -> TableView:
    return TableView(
        name="counts",
        key="customer_value.counts",
        frame="counts",
        columns=(
            Column("purchases", "text", heading="clv_band"),
            Column("observed", "customers"),
            Column("expected", "customers", heading="clv_expected"),
        ),
        persons=(Persons("observed", names=("purchases",)),),
        definitions=("clv_fit",),
        **common,
    )


def _value_table(common: Mapping[str, Any], *, with_alive: bool) -> TableView:
    alive = (Column("p_alive", "share"),) if with_alive else ()
    return TableView(
        name="values",
        key="customer_value.values",
        frame="values",
        columns=(
            Column("group", "label:clv_group", heading="clv_group"),
            Column("customers", "customers"),
            Column(
                "orders", "occasions", low="orders_low", high="orders_high", heading="clv_orders"
            ),
            Column("value", "money", low="value_low", high="value_high", heading="clv_value"),
            Column("share_value", "share"),
            Column("past_sales", "money", heading="net_sales"),
            *alive,
        ),
        persons=(
            Persons(
                names=("group",),
                key="clv_group",
                rates=("p_alive",),
                adds=("customers", "orders", "value", "share_value", "past_sales"),
            ),
        ),
        definitions=("clv", "p_alive") if with_alive else ("clv",),
        **common,
    )


def _param_table(common: Mapping[str, Any]) -> TableView:
    return TableView(
        name="params",
        key="customer_value.params",
        frame="params",
        columns=(
            Column("model", "label:clv_model", heading="clv_model"),
            Column("parameter", "text"),
            Column("estimate", "number", low="low", high="high"),
            Column("standard_error", "number"),
        ),
        persons=(),  # parameters of the whole base
        definitions=("clv_holdout",),
        **common,
    )
