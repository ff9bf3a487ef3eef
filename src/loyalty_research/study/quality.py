"""What was found in a brand's data, and what was done about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from loyalty_research.brand import BrandFile, Notice, SourceNote, shown
from loyalty_research.errors import BrandFileError, problem
from loyalty_research.study.bridge import Month, bridge_frame

Severity = Literal["info", "warning"]
Action = Literal[
    "passed",
    "kept",
    "dropped",
    "set_null",
    "smallest_taken",
    "largest_taken",
    "not_an_order",
    "compared",
    "not_compared",
]
CODES: dict[str, tuple[Severity, Action]] = {
    "amount_not_positive": ("info", "kept"),
    "quantity_zero": ("info", "kept"),
    "quantity_negative": ("info", "kept"),
    "quantity_missing": ("info", "kept"),
    "unidentified": ("info", "kept"),
    "product_missing": ("info", "kept"),
    "no_category": ("info", "kept"),
    "equal_rows": ("info", "kept"),
    "columns_ignored": ("info", "kept"),
    "unknown_product": ("warning", "kept"),
    "above_limit": ("warning", "set_null"),
    "not_a_sale": ("info", "dropped"),
    "status_left_out": ("info", "dropped"),
    "not_goods": ("info", "dropped"),
    "not_of_brand": ("info", "dropped"),
    "lines_without_order": ("warning", "dropped"),
    "orders_without_lines": ("warning", "kept"),
    "repeated_rows": ("info", "dropped"),
    "repeated_customers": ("warning", "dropped"),
    "total_rows": ("info", "dropped"),
    "outside_period": ("warning", "dropped"),
    "compared_period": ("info", "compared"),
    "compared_uncovered": ("warning", "not_compared"),
    "placeholder_customer": ("info", "set_null"),
    "masked_customer": ("warning", "set_null"),
    "heavy_customer": ("warning", "kept"),
    "refunded_in_full": ("info", "kept"),
    "refund_above_amount": ("warning", "kept"),
    "amount_repeated": ("warning", "kept"),
    "order_several_values": ("warning", "largest_taken"),
    "order_unpaid": ("info", "not_an_order"),
    "order_several_customers": ("warning", "smallest_taken"),
    "order_several_stores": ("warning", "smallest_taken"),
    "order_several_staff": ("warning", "set_null"),
    "order_several_times": ("warning", "smallest_taken"),
    # Refused where found: in a brand that opens, their count is 0.
    "null_key": ("info", "passed"),
    "wrong_type": ("info", "passed"),
    "unreadable_time": ("info", "passed"),
    "implausible_time": ("info", "passed"),
    "duplicate_key": ("info", "passed"),
    "negative_discount": ("info", "passed"),
    "below_minimum": ("info", "passed"),
}
"""Every check: its severity where something is found, and what is then done."""
DOCUMENT = "quality.json"
_BALANCE = ("table", "read", "kept", "dropped")


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one table: how many rows it concerns.

    Where nothing is found, severity is ``info`` and action ``passed``.
    """

    table: str
    code: str
    column: str
    severity: Severity
    count: int
    base: int
    share: float | None
    example: str | None
    action: Action


def check(
    table: str,
    code: str,
    count: float | None,
    base: float,
    *,
    column: str = "",
    example: str | None = None,
    action: Action | None = None,
) -> Check:
    """Build a check with the severity and the action of its code, unless another is given."""
    severity, usual = CODES[code]
    found = int(count or 0)
    return Check(
        table=table,
        code=code,
        column=column,
        severity=severity if found else "info",
        count=found,
        base=int(base),
        share=found / base if base else None,
        example=example if found else None,
        action=(action or usual) if found else "passed",
    )


@dataclass(frozen=True, slots=True)
class Balance:
    """Rows of a table: dropped + kept = read."""

    table: str
    read: int
    kept: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What ingesting a brand has found, as stored beside its tables."""

    checks: tuple[Check, ...]
    balance: tuple[Balance, ...]
    facts: dict[str, Any]
    period: tuple[str, str]
    compared: tuple[str, str] | None = None
    months: tuple[Month, ...] = ()

    def write(self, folder: Path) -> None:
        """Store as JSON in ``folder``."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (folder / DOCUMENT).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Findings:
        """Read what :meth:`write` stored."""
        data = json.loads((folder / DOCUMENT).read_text(encoding="utf-8"))
        return cls(
            checks=tuple(Check(**item) for item in data["checks"]),
            balance=tuple(Balance(**item) for item in data["balance"]),
            facts=data["facts"],
            period=tuple(data["period"]),
            compared=tuple(data["compared"]) if data["compared"] else None,
            months=tuple(Month(**item) for item in data["months"]),
        )


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of a brand's data.

    Parameters
    ----------
    checks
        One row a check: table, code, column, severity (info, warning), count, base, share, example
        (only where identifiers are public), action.
    balance
        One row a table: read, kept, dropped; dropped + kept = read.
    facts
        Counts and shares for the data section, by name.
    notices
        What a reader must know, with the facts filled in.
    sources
        Where the rows come from.
    bridge
        From the client's own totals to ours, as :func:`loyalty_research.study.bridge.bridge_frame`
        gives it; empty where there are no lines.
    """

    checks: pd.DataFrame
    balance: pd.DataFrame
    facts: Mapping[str, Any]
    notices: tuple[Notice, ...] = ()
    sources: tuple[SourceNote, ...] = field(default=())
    bridge: pd.DataFrame = field(default_factory=pd.DataFrame)

    def found(self) -> pd.DataFrame:
        """Return the checks that found something."""
        return self.checks[self.checks["count"] > 0].reset_index(drop=True)


def quality_of(findings: Findings, file: BrandFile | None) -> Quality:
    """Return the quality of a brand from what ingesting found and what its file says."""
    columns = list(Check.__dataclass_fields__)
    return Quality(
        checks=pd.DataFrame([asdict(item) for item in findings.checks], columns=columns),
        balance=pd.DataFrame([asdict(item) for item in findings.balance], columns=list(_BALANCE)),
        facts=findings.facts,
        notices=_filled(file, findings.facts) if file is not None else (),
        sources=file.sources if file is not None else (),
        bridge=bridge_frame(findings.months, file.control_totals if file is not None else ()),
    )


def _filled(file: BrandFile, facts: Mapping[str, Any]) -> tuple[Notice, ...]:
    printed = {name: _print(name, value) for name, value in facts.items()}
    filled = []
    for notice in file.notices:
        try:
            texts = {part: getattr(notice, part).format_map(printed) for part in ("zh", "en")}
        except (KeyError, ValueError, IndexError, AttributeError) as error:
            raise BrandFileError(
                problem(
                    "{file}: notices.{notice}: found a fact {fact}; allowed: {allowed}",
                    file=shown(file.path),
                    notice=notice.id,
                    fact=error,
                    allowed=", ".join(sorted(facts)),
                )
            ) from error
        filled.append(Notice(id=notice.id, **texts))
    return tuple(filled)


def _print(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name.endswith("_share"):
        return f"{value:.0%}"
    return value if isinstance(value, str) else f"{value:,.0f}"


def facts_of_checks(checks: Iterable[Check]) -> dict[str, int]:
    """Return the counts of the checks of transactions as facts, ``count_<code>``."""
    facts: dict[str, int] = {}
    for item in checks:
        if item.table == "transactions":
            name = f"count_{item.code}"
            facts[name] = facts.get(name, 0) + item.count
    return facts
