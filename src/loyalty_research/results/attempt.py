"""``lr.attempt``: a section whose table or column is missing says so, and the rest runs on."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import pandas as pd

from loyalty_research.engine import DEFAULT_CONTEXT, Context, context_of
from loyalty_research.errors import MissingTableError, Problem
from loyalty_research.findings import Finding, Value
from loyalty_research.results.result import Result

_OWN_ORDERS = {"orders": "transactions"}


def attempt(analysis: Callable[..., Result], data: Any, **arguments: Any) -> Result:
    """Return what an analysis finds, or which table or column would answer its question.

    Parameters
    ----------
    analysis
        Such as ``profile.rfm``.
    data
        A brand, whose orders are taken where the analysis takes orders; or a table.
    **arguments
        Of the analysis.

    Returns
    -------
    Result
        Of the analysis; where the brand does not bring what it needs, a result of the same name
        without figures, whose one finding is withheld and names the table and column.

    Examples
    --------
    ``lr.show(lr.attempt(profile.rfm, b, as_of=b.period.end))``
    """
    try:
        return analysis(_orders_of(data) if _takes_orders(analysis) else data, **arguments)
    except MissingTableError as error:
        return _unanswered(
            analysis.__name__, _chapter_of(analysis), error.problems[0], data, arguments
        )


def _chapter_of(analysis: Callable[..., Result]) -> str:
    package, _, rest = analysis.__module__.partition(".")
    return rest.partition(".")[0] if package == "loyalty_research" else "profile"


def _takes_orders(analysis: Callable[..., Result]) -> bool:
    return next(iter(signature(analysis).parameters), "") == "orders"


def _orders_of(data: Any) -> Any:
    """Return a brand's orders; a table as it is."""
    return data.orders if isinstance(getattr(data, "context", None), Context) else data


def _unanswered(
    name: str, chapter: str, missing: Problem, data: Any, arguments: dict[str, Any]
) -> Result:
    context = _context(data)
    table, columns = _needed(missing)
    finding = Finding(
        id=f"unanswered_{name}",
        template=f"unanswered_{name}",
        chapter=chapter,
        section=name,
        subject=name,
        estimate=None,
        unit="text",
        base=0,
        base_unit="customers",
        definition="orders",
        period=_period(arguments, data),
        method="none",
        evidence=context.evidence,
        provenance=context.provenance,
        status="withheld",
        reason="needs_column" if columns else "needs_table",
        values={"table": Value(table, "text"), "columns": Value(columns, "text")},
    )
    return Result(
        name=name,
        chapter=chapter,
        section=name,
        frames={"summary": pd.DataFrame()},
        findings=(finding,),
        context=context,
    )


def _needed(missing: Problem) -> tuple[str, str]:
    """Return the table, and the columns where the table is there without them."""
    fields = missing.fields
    table = str(fields.get("table") or fields.get("name") or "")
    return _OWN_ORDERS.get(table, table), str(fields.get("missing", ""))


def _context(data: Any) -> Context:
    own = getattr(data, "context", None)
    if isinstance(own, Context):
        return own
    try:
        return context_of(data)
    except AttributeError:
        return DEFAULT_CONTEXT


def _period(arguments: dict[str, Any], data: Any) -> tuple[str, str]:
    period = arguments.get("period", getattr(data, "days", None))
    if period is not None:
        start, end = getattr(period, "iso", period)
        return str(start), str(end)
    first, last = arguments.get("start"), arguments.get("as_of")
    return str(first or last or ""), str(last or "")
