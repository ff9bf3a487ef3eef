"""Hand-made results for the notebooks of the test home; copied beside the package there."""

import pandas as pd

from loyalty_research.engine import Context
from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.results import Result

PERIOD = ("2024-01-01", "2024-12-31")


def context(evidence="observed"):
    return Context(
        brand="tiny",
        currency="CNY",
        evidence=evidence,
        public=True,
        provenance="Tiny <test> & sons",
    )


def finding(template, estimate, **more):
    settings = {
        "id": template,
        "template": template,
        "chapter": "profile",
        "section": "first",
        "subject": template,
        "estimate": estimate,
        "unit": "share",
        "base": 240,
        "base_unit": "customers",
        "definition": "repurchase_rate",
        "period": PERIOD,
        "method": "count",
        "provenance": "Tiny",
    }
    return Finding(**(settings | more))


def board(bins=5, evidence="observed"):
    """Numbers of the first page, a table with mixed units, one finding that is withheld."""
    frame = pd.DataFrame(
        {
            "name": ["net_sales", "repurchase_rate", "<script>alert(1)</script>"],
            "value": [1234567.0, 0.421, float("nan")],
            "low": [None, 0.40, None],
            "high": [None, 0.44, None],
            "unit": ["money", "share", "count"],
            "note_zh": ["甲", "乙", "丙"],
            "note_en": ["first", "second", "third"],
        }
    )
    withheld = {
        "status": "withheld",
        "reason": "base_too_small",
        "base": 12,
    }
    return Result(
        name="board",
        chapter="profile",
        section="first",
        frames={"summary": frame},
        findings=(
            finding("board_repurchase_rate", 0.421, low=0.40, high=0.44, level=0.95),
            finding("board_order_value", 88.5, unit="money", definition="order_value"),
            finding("board_active_customers", 240.0, unit="customers", definition="active_member"),
            finding("board_second_purchase_rate", None, **withheld),
            finding("concentration_top20", 0.61, definition="concentration"),
        ),
        tables=(
            TableView(
                "board",
                "test.board",
                "summary",
                (
                    Column("name", "label:test_name"),
                    Column("value", "@unit", low="low", high="high"),
                    Column("note_{language}", heading="note"),
                ),
                240,
                "customers",
                PERIOD,
                values={"bins": Value(bins, "count")},
                definitions=("repurchase_rate",),
            ),
        ),
        context=context(evidence),
    )


def segments(evidence="observed"):
    """A figure, and findings with net sales at stake."""
    frame = pd.DataFrame(
        {
            "segment": ["111", "011", "000"],
            "share": [0.5, 0.3, 0.2],
            "low": [0.45, 0.26, 0.17],
            "high": [0.55, 0.34, 0.23],
        }
    )
    people = {"people": Value(24, "customers")}
    return Result(
        name="segments",
        chapter="profile",
        section="second",
        frames={"summary": frame},
        findings=(
            finding("rfm_best_share", 0.5, subject="rfm", at_stake=617283.5, values=people),
            finding("rfm_lapsing_value", 0.3, subject="lapsing", at_stake=370370.1, values=people),
            finding("price_discounted_share", 0.25, subject="price", at_stake=100.0),
        ),
        charts=(
            Chart(
                "segments",
                "test.segments",
                "bars",
                "summary",
                {
                    "x": "segment",
                    "y": "share",
                    "unit": "share",
                    "x_unit": "label:test_segment",
                    "low": "low",
                    "high": "high",
                },
                240,
                "customers",
                PERIOD,
                values={"best": Value(0.5, "share")},
                definitions=("rfm8",),
            ),
        ),
        references=("hughes1994rfm",),
        context=context(evidence),
    )
