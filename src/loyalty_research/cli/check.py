"""``loyalty check``: what was found in a brand's data, what was done, and what to do."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any

from loyalty_research.cli.columns import aligned
from loyalty_research.cli.words import has, text, ui
from loyalty_research.errors import LoyaltyError, sentences

if TYPE_CHECKING:
    from loyalty_research.study import Brand, Quality

_BALANCE = ("table", "read", "kept", "dropped")
_CHECKS = ("severity", "table", "check", "rows", "share", "action", "advice")
_COUNTS = ("orders", "members", "client_orders", "client_members")
_SHARES = ("remainder_share",)


def check_brand(name: str, *, as_json: bool = False) -> int:
    """Open a brand and print what was found.

    Parameters
    ----------
    name
        Name of the brand.
    as_json
        Print JSON: brand, status, period, balance, checks, reconciliation, errors.

    Returns
    -------
    int
        0 usable; 1 usable, with warnings; 2 cannot be analysed, in JSON only: else it raises.
    """
    from loyalty_research.study import open_brand

    try:
        brand = open_brand(name, say=stage)
    except LoyaltyError as error:
        if not as_json:
            raise
        print(_json({"brand": name, "status": 2, "errors": sentences(error, ui())}))
        return 2
    status = 1 if warnings(brand.quality) else 0
    print(_json(_document(brand, status)) if as_json else quality_text(brand.quality))
    return status


def stage(name: str, table: str) -> None:
    """Print on stderr which part of reading the data has begun."""
    line = text(f"check.stage.{name}", table=table) if table else text(f"check.stage.{name}_all")
    print(f"loyalty: {line}", file=sys.stderr, flush=True)


def warnings(quality: Quality) -> int:
    """Return how many checks found something that deserves a warning."""
    return int((quality.found()["severity"] == "warning").sum())


def quality_text(quality: Quality) -> str:
    """Return the quality of a brand's data as text.

    Parameters
    ----------
    quality
        Quality of a brand's data.

    Returns
    -------
    str
        Rows read, kept and dropped; the checks that found something, warnings first, each with
        what was done and what to do; what the months add up to, beside the client's own totals.
    """
    balance = [
        (str(row.table), _count(row.read), _count(row.kept), _count(row.dropped))
        for row in quality.balance.itertuples()
    ]
    found = sorted(quality.found().to_dict("records"), key=lambda row: row["severity"] != "warning")
    parts = [
        aligned([text(f"check.{name}") for name in _BALANCE], balance, right=(1, 2, 3)),
        aligned([text(f"check.{name}") for name in _CHECKS], [*map(_row, found)], right=(3, 4)),
        text("check.further", count=len(quality.checks) - len(found)),
    ]
    if len(quality.bridge):
        parts.append(_reconciliation(quality))
    return "\n\n".join(parts)


def _row(row: dict[Any, Any]) -> tuple[str, ...]:
    what = _label("label.check", row["code"])
    if row["column"]:
        what = text("check.of_column", check=what, column=row["column"])
    if isinstance(row["example"], str):
        what = text("check.such_as", check=what, example=row["example"])
    advice = f"check.advice.{row['code']}"
    return (
        text(f"check.severity.{row['severity']}"),
        str(row["table"]),
        what,
        _count(row["count"]),
        _share(row["share"]),
        _label("label.action", row["action"]),
        text(advice) if has(advice) else "",
    )


def _label(domain: str, code: str) -> str:
    """Return the words for a code; the code itself where there are none."""
    from loyalty_research.language.catalogue import catalogue

    return catalogue("zh" if ui() == "zh" else "en").get(f"{domain}.{code}", code)


def _reconciliation(quality: Quality) -> str:
    """Return what the months add up to; columns without any value are left out."""
    bridge = quality.bridge
    used = [
        str(name)
        for name in bridge.columns
        if name == "month" or (bridge[name].notna() & (bridge[name] != 0)).any()
    ]
    rows = [[_cell(name, row[name]) for name in used] for row in bridge.to_dict("records")]
    key = "check.reconciled" if "client_sales" in used else "check.not_reconciled"
    heads = [text(f"check.{name}") for name in used]
    return text(key) + "\n" + aligned(heads, rows, right=range(1, len(used)))


def _cell(name: str, value: Any) -> str:
    if name == "month":
        return text("check.total") if value == "total" else str(value)
    if value is None or value != value:
        return ""
    if name in _SHARES:
        return f"{value:.2%}"
    return f"{value:,.0f}" if name in _COUNTS else f"{value:,.2f}"


def _document(brand: Brand, status: int) -> dict[str, Any]:
    quality = brand.quality
    start, end = brand.period.iso
    return {
        "brand": brand.name,
        "status": status,
        "period": {"start": start, "end": end},
        "balance": quality.balance.to_dict("records"),
        "checks": quality.found().to_dict("records"),
        "reconciliation": quality.bridge.to_dict("records"),
        "errors": [],
    }


def _json(document: dict[str, Any]) -> str:
    return json.dumps(_plain(document), ensure_ascii=False, indent=1)


def _plain(value: Any) -> Any:
    """Return plain values only: no missing number, and none of another library."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _count(number: object) -> str:
    return f"{int(str(number)):,}"


def _share(share: float | None) -> str:
    if share is None or share != share:
        return ""
    return f"{share:.2%}"
