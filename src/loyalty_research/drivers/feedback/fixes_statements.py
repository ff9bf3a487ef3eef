"""What is said of complaints before and after a change."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.feedback.heard import BASE, Heard
from loyalty_research.findings import Finding, Value
from loyalty_research.stats import Estimate


def _points(share: float) -> Value:
    """Return a bound in percentage points, printed without its unit."""
    return Value(round(100 * float(share), 1), "rounded")


def fix_statements(heard: Heard, frame: pd.DataFrame) -> tuple[Finding, ...]:
    """State the change of every aspect that a fix was meant for."""
    found: list[Finding] = []
    for place, row in frame.iterrows():
        template = "feedback_fix" if place == 0 else f"feedback_fix_{place}"
        found.append(_finding(heard, row, template))
    return tuple(found)


def _finding(heard: Heard, row: pd.Series[Any], name: str) -> Finding:
    values = {
        "fix": Value({"zh": row["fix_zh"], "en": row["fix_en"]}, "bilingual"),
        "on": Value(str(row["on"]), "date"),
        "aspect": Value(str(row["aspect"]), "label:feedback_aspect"),
        "before": Value(float(row["before"]), "share"),
        "after": Value(float(row["after"]), "share"),
    }
    common: dict[str, Any] = {
        "definition": "level_change",
        "base": int(row["reviews"]),
        "base_unit": BASE,
    }
    if not row["told"]:
        interval = {
            "level": Value(float(row["level"]), "point_change"),
            "level_low": _points(row["level_low"]),
            "level_high": _points(row["level_high"]),
        }
        gone = heard.state.withheld(
            "feedback_fix", "no_level_change", values=values | interval, **common
        )
        return dataclasses.replace(gone, id=name)
    compared = np.isfinite(row["others"])
    if compared:
        values |= {
            "others": Value(float(row["others"]), "point_change"),
            "others_low": _points(row["others_low"]),
            "others_high": _points(row["others_high"]),
            "own": Value(
                "own" if row["apart_low"] > 1 or row["apart_high"] < 1 else "shared",
                "label:fix_compared",
            ),
        }
    template = "feedback_fix" if compared else "feedback_fix_alone"
    stated = heard.state(
        template,
        Estimate(row["level"], row["level_low"], row["level_high"], int(row["reviews"])),
        unit="point_change",
        method="segmented",
        subject="feedback_fix",
        task="retain",
        values=values,
        **common,
    )
    return dataclasses.replace(stated, id=name)
