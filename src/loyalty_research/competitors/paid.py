"""Whether a paid membership would have paid for itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.common import NAMES, both, name_of, names, notes_of, stated
from loyalty_research.competitors.compare import Comparison
from loyalty_research.competitors.replays import Outcome
from loyalty_research.competitors.sections import result
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.results import Result
from loyalty_research.stats import proportion

_SECTION = "competitor_paid"
_YEAR = 365


def paid(comparison: Comparison) -> Result:
    """Set the price of paid memberships against what they would have given back.

    Parameters
    ----------
    comparison
        Of :func:`compare`.

    Returns
    -------
    Result
        Frame ``summary``: one row a paid level: fee and extra_fee (over the cheapest paid level of
        the programme) for the year compared, rate, break_even and extra_break_even (yearly spend),
        customers, covered (customers whose points are worth the fee), share with its interval, and
        the same over the extra fee. Empty where no membership is sold.

    Notes
    -----
    break_even = fee / rate; rate = face value of all points earned, redeemed or left, over net
    sales; of a programme that is free as well, what its points are worth beyond those of the free
    level. A year shorter than twelve months bears that part of the fee. Prices for members,
    delivery and other benefits are not in it, so that the share says for whom points alone would
    have paid the fee, not for whom membership is worth it.
    """
    known = [item for item in comparison.outcomes if item.fee]
    if comparison.shop is None or not known:
        return result(comparison, _SECTION, {})
    part = min(1.0, comparison.days.count / _YEAR)
    frame = pd.DataFrame([_row(item, comparison.outcomes, part) for item in known])
    paying = frame[frame["rate"] > 0]
    return result(
        comparison,
        _SECTION,
        {"summary": frame, "paying": paying.reset_index(drop=True)},
        findings=_findings(comparison, known, frame),
        charts=_charts(comparison, paying, known),
        tables=(_table(comparison, known),),
    )


def _row(outcome: Outcome, several: Sequence[Outcome], part: float) -> dict[str, Any]:
    levels = sorted((i for i in several if i.programme is outcome.programme), key=lambda i: i.fee)
    free = next((item for item in levels if not item.fee), None)
    cheapest = next(item for item in levels if item.fee)
    extra = cheapest if cheapest.fee < outcome.fee else None
    people = len(outcome.customers)
    whole = _against(outcome, free, part)
    step = _against(outcome, extra, part) if extra else None
    return {
        **names(outcome),
        "fee": whole.fee,
        "rate": whole.rate,
        "break_even": whole.break_even,
        "customers": people,
        "covered": whole.covered,
        **_share("fee_covered", whole.covered, people),
        "extra_fee": step.fee if step else np.nan,
        "extra_rate": step.rate if step else np.nan,
        "extra_break_even": step.break_even if step else np.nan,
        "extra_covered": step.covered if step else 0,
        **_share("extra_fee_covered", step.covered if step else 0, people if step else 0),
    }


@dataclass(frozen=True, slots=True)
class _Step:
    """What a paid level costs and gives beyond another, for the year."""

    fee: float
    rate: float
    break_even: float
    covered: int


def _against(outcome: Outcome, other: Outcome | None, part: float) -> _Step:
    """Set a paid level against a cheaper one, or against nothing."""
    given = _given(outcome) - (_given(other) if other is not None else 0.0)
    fee = (outcome.fee - (other.fee if other is not None else 0.0)) * part
    spent = float(outcome.customers["net_sales"].sum())
    rate = float(given.sum()) / spent if spent > 0 and outcome.known != "unknown" else np.nan
    if not rate > 0:
        return _Step(fee, rate, np.nan, 0)
    return _Step(fee, rate, fee / rate, int((given >= fee).sum()))


def _given(outcome: Outcome) -> pd.Series[Any]:
    """Return the face value of all points each customer earned, redeemed or left."""
    return outcome.customers["value"] + outcome.customers["held"]


def _share(name: str, covered: int, people: int) -> dict[str, float | None]:
    found = proportion(covered, people)
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def _findings(
    comparison: Comparison, known: list[Outcome], frame: pd.DataFrame
) -> Iterator[Finding]:
    for outcome in known:
        row = frame[frame["id"] == outcome.id].iloc[0]
        if not row["rate"] > 0:
            continue
        values = {
            "name": both(name_of(outcome)),
            "fee": Value(float(row["fee"]), "money"),
            "spend": Value(float(row["break_even"]), "money"),
            "rate": Value(float(row["rate"]), "share"),
        }
        extra = bool(row["extra_rate"] > 0)
        if extra:
            values |= {
                "extra": Value(float(row["extra_fee"]), "money"),
                "extra_spend": Value(float(row["extra_break_even"]), "money"),
                "extra_share": Value(float(row["extra_fee_covered"]), "share"),
            }
        yield stated(
            comparison,
            _SECTION,
            _template(outcome, extra=extra),
            proportion(int(row["covered"]), int(row["customers"])),
            id=f"competitor_paid_{outcome.id}",
            unit="share",
            definition="membership_price",
            method="wilson",
            subject=f"competitor_paid_{outcome.id}",
            values=values,
        )


def _template(outcome: Outcome, *, extra: bool) -> str:
    if outcome.known == "at_most":
        return "competitor_paid_at_most"
    return "competitor_paid_extra" if extra else "competitor_paid"


def _persons() -> tuple[Persons, ...]:
    def part(column: str, share: str) -> Persons:
        shown = (share, f"{share}_low", f"{share}_high")
        return Persons(column, names=NAMES, rows="share", of="customers", hides=(column, *shown))

    return part("covered", "fee_covered"), part("extra_covered", "extra_fee_covered")


def _charts(
    comparison: Comparison, paying: pd.DataFrame, known: list[Outcome]
) -> tuple[Chart, ...]:
    if paying.empty:
        return ()
    best = paying.iloc[int(paying["fee_covered"].to_numpy().argmax())]
    return (
        Chart(
            name="paid",
            key="competitors.paid",
            kind="bars",
            frame="paying",
            encode={
                "x": "name_{language}",
                "y": ["fee_covered", "extra_fee_covered"],
                "unit": "share",
                "horizontal": True,
                "annotate": True,
                "y_label": "share_of_customers",
                "height": max(0.6, 0.14 * len(paying) + 0.35),
            },
            values={
                "name": Value({"zh": best["name_zh"], "en": best["name_en"]}, "bilingual"),
                "share": Value(float(best["fee_covered"]), "share"),
                "fee": Value(float(best["fee"]), "money"),
                "count": Value(len(paying), "programmes"),
            },
            definitions=("membership_price",),
            base=int(best["customers"]),
            base_unit="customers",
            period=comparison.days.iso,
            persons=_persons(),
            notes=notes_of(known),
        ),
    )


def _table(comparison: Comparison, known: list[Outcome]) -> TableView:
    return TableView(
        name="paid",
        key="competitors.paid",
        frame="summary",
        columns=(
            Column("name_{language}", heading="programme"),
            Column("fee", "money", heading="yearly_fee"),
            Column("rate", "share", heading="reward_rate"),
            Column("break_even", "money", heading="break_even"),
            Column("fee_covered", "share", low="fee_covered_low", high="fee_covered_high"),
            Column("extra_fee", "money", heading="extra_fee"),
            Column("extra_break_even", "money", heading="extra_break_even"),
            Column(
                "extra_fee_covered",
                "share",
                low="extra_fee_covered_low",
                high="extra_fee_covered_high",
            ),
        ),
        definitions=("membership_price",),
        base=len(comparison.shop.spend) if comparison.shop else 0,
        base_unit="customers",
        period=comparison.days.iso,
        persons=_persons(),
        notes=notes_of(known),
    )
