"""What may be asked of a replay: every argument that cannot be used is named at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from loyalty_research.engine import collect
from loyalty_research.errors import MissingTableError, ParameterError, Problem, problem, raise_all
from loyalty_research.programmes.asks import GOODS, NAMED, asks_of, names_used
from loyalty_research.programmes.entries import is_lines, quantities_known

if TYPE_CHECKING:
    from loyalty_research.programmes.replay import Given

POLICIES = ("none", "at_once", "observed")


def checked_arguments(
    given: Given, *, redemption: str, paid: str | None, period: Any
) -> tuple[str, ...]:
    """Refuse what cannot be replayed; return the rules that no row can meet.

    Raises
    ------
    MissingTableError
        With the columns that tables lack.
    ParameterError
        With everything else.
    """
    raise_all(_columns(given), MissingTableError)
    programme = given.programme
    found = list(_words(given, redemption, paid))
    if period is not None and period_of(period) is None:
        found.append(
            problem(
                "period: found {found!r}; allowed: a pair (first day, last day) in order",
                found=period,
            )
        )
    if programme.status == "card":
        found.append(
            problem(
                "programme {programme}: too little is known of it to replay it (status: card)",
                programme=programme.id,
            )
        )
    found += _goods(given)
    if not found:
        found += _unknown_names(given)
    raise_all(found, ParameterError)
    return tuple(sorted(_never_met(given)))


def period_of(period: Any) -> tuple[dt.date, dt.date] | None:
    """Return first and last day of a period, or None where it is none."""
    if period is None:
        return None
    pair = (period.start, period.end) if hasattr(period, "start") else period
    try:
        first, last = (_day(value) for value in pair)
    except (TypeError, ValueError):
        return None
    return (first, last) if first <= last else None


def _day(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


def _columns(given: Given) -> Iterator[Problem]:
    money = "amount" if is_lines(given.rows) else "net_sales"
    wanted = {
        "rows": (given.rows, ("order_id", "customer_id", "ordered_at", money)),
        "events": (given.events, ("customer_id", "at", "kind")),
        "joined": (given.joined, ("customer_id", "joined_on")),
        "customers": (given.customers, ("customer_id",)),
        "products": (given.products, ("product_id",)),
    }
    for name, (table, columns) in wanted.items():
        missing = [] if table is None else [c for c in columns if c not in table.columns]
        if table is not None and missing:
            yield problem(
                "{name}: missing column(s) {missing}; the table has {found}",
                name=name,
                missing=", ".join(missing),
                found=", ".join(table.columns),
            )


def _words(given: Given, redemption: str, paid: str | None) -> Iterator[Problem]:
    programme = given.programme
    policies = [*POLICIES, *(reward.id for reward in programme.rewards)]
    if redemption not in policies:
        yield _no_such("redemption", redemption, policies)
    if redemption == "observed" and "points_used" not in given.rows.columns:
        yield problem(
            "redemption: observed needs a column points_used; the rows have {found}",
            found=", ".join(given.rows.columns),
        )
    levels = programme.tiers.levels if programme.tiers else ()
    if paid is not None and paid not in [level.id for level in levels if level.fee]:
        yield _no_such("paid", paid, [level.id for level in levels if level.fee])
    for name, table, column in _stamps(given):
        if getattr(table[column].type(), "timezone", None):
            yield problem(
                "{name}: {column} carries the time zone {zone}; allowed: times of the brand's own "
                "zone, without one",
                name=name,
                column=column,
                zone=table[column].type().timezone,
            )


def _stamps(given: Given) -> Iterator[tuple[str, ir.Table, str]]:
    yield "rows", given.rows, "ordered_at"
    if given.events is not None:
        yield "events", given.events, "at"


def _no_such(name: str, found: str, allowed: list[str]) -> Problem:
    near = get_close_matches(str(found), allowed, n=1)
    return problem(
        "{name}: found {found!r}; allowed: {allowed}{near}",
        name=name,
        found=found,
        allowed=", ".join(allowed) or "nothing",
        near=f"; did you mean {near[0]!r}?" if near else "",
    )


def _goods(given: Given) -> Iterator[Problem]:
    """Yield rules that look at products where the rows do not show them."""
    lines = is_lines(given.rows)
    for name, ask in asks_of(given.programme).items():
        if ask.about == "items" and not quantities_known(given.rows):
            yield problem(
                "programme {programme}: rule {rule} counts items, and the orders have no units; "
                "give lines",
                programme=given.programme.id,
                rule=name,
            )
        if ask.goods is None:
            continue
        by_category = ask.where.categories or ask.where.not_categories
        if not lines or "product_id" not in given.rows.columns:
            yield problem(
                "programme {programme}: rule {rule} looks at products, and the rows do not show "
                "them; give lines with product_id",
                programme=given.programme.id,
                rule=name,
            )
        elif by_category and (given.products is None or "category" not in given.products.columns):
            yield problem(
                "programme {programme}: rule {rule} looks at categories; give products with "
                "product_id and category",
                programme=given.programme.id,
                rule=name,
            )


def _unknown_names(given: Given) -> Iterator[Problem]:
    """Yield names in rules that are neither terms nor values of the brand."""
    values: dict[str, list[str]] = {}
    for rule, condition, name in names_used(given.programme):
        column = NAMED[condition]
        table = given.products if column == "category" else given.rows
        if name in given.terms or table is None or column not in table.columns:
            continue
        if column not in values:
            values[column] = _values(table, column)
        if name not in values[column]:
            near = get_close_matches(name, [*given.terms, *values[column]], n=1)
            yield problem(
                "programme {programme}: rule {rule}, {condition}: {name!r} is neither a term of "
                "the brand nor a value of {column}{near}",
                programme=given.programme.id,
                rule=rule,
                condition=condition,
                name=name,
                column=column,
                near=f"; did you mean {near[0]!r}?" if near else "",
            )


def _values(table: ir.Table, column: str) -> list[str]:
    chosen = table.select(value=table[column].cast("string")).distinct()
    return [str(value) for value in collect(chosen, sort_by=["value"]).value.dropna()]


def _never_met(given: Given) -> set[str]:
    """Return rules with a condition on a channel or store that the rows do not tell."""
    return {
        rule
        for rule, condition, _ in names_used(given.programme)
        if condition not in GOODS
        and not condition.startswith("not_")
        and NAMED[condition] not in given.rows.columns
    }
