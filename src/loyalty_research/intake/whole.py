"""What the whole of a source says about the guesses: whether every value can be read."""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir

from loyalty_research.engine import collect_one
from loyalty_research.intake.amounts import OTHER
from loyalty_research.intake.notes import Note, note
from loyalty_research.intake.recognise import Guess
from loyalty_research.intake.source import Source
from loyalty_research.study.plan import ColumnPlan
from loyalty_research.tables import TABLES, Column


def cast_source(
    table: str, guesses: Mapping[str, Guess], source: Source, *, timezone: str
) -> ir.Table:
    """Read every guessed column of the whole source as the ingest will."""
    plans = [_plan(TABLES[table].column(name), guess) for name, guess in guesses.items()]
    if table == "transactions" and "amount" in guesses:
        plans += [
            ColumnPlan(Column(f"{OTHER}{place}", "money"), (heading,))
            for place, heading in enumerate(guesses["amount"].others)
        ]
    return source.cast(plans, timezone=timezone)


def _plan(column: Column, guess: Guess) -> ColumnPlan:
    return ColumnPlan(
        column,
        (guess.heading,),
        date_order=guess.rule.get("date_order"),  # type: ignore[arg-type]
        epoch=guess.rule.get("epoch"),  # type: ignore[arg-type]
    )


def readable(
    table: str,
    guesses: Mapping[str, Guess],
    refused: dict[str, tuple[Note, ...]],
    lines: ir.Table,
) -> dict[str, Guess]:
    """Return the guesses whose values can be read; the others are noted in ``refused``."""
    columns = {name: TABLES[table].column(name) for name in guesses}
    measures: dict[str, ir.Value] = {
        f"{name}__bad": lines[f"{name}__bad"].sum() for name in guesses
    }
    measures |= {
        f"{name}__below": (lines[name] < item.minimum).sum()
        for name, item in columns.items()
        if item.minimum is not None
    }
    counts = collect_one(lines.aggregate(**measures))
    result = dict(guesses)
    for name, guess in guesses.items():
        told = _objection(guess, counts)
        if told is None:
            continue
        if columns[name].required:
            result[name] = guess.told(told, confidence="guess")
        else:
            del result[name]
            refused[name] = (*refused.get(name, ()), told)
    return result


def _objection(guess: Guess, counts: Mapping[str, object]) -> Note | None:
    told = {"heading": guess.heading, "column": guess.column}
    if bad := counts[f"{guess.column}__bad"]:
        return note("not.unreadable", **told, count=f"{bad:,}")
    below = counts.get(f"{guess.column}__below")
    if below and guess.column != "refund_amount":
        return note("not.negative", **told, count=f"{below:,}")
    return None


def without_repeating(
    guesses: dict[str, Guess], refused: dict[str, tuple[Note, ...]], lines: ir.Table
) -> dict[str, Guess]:
    """Leave out line numbers that stand twice in an order."""
    if not {"order_id", "line_id"} <= guesses.keys():
        return guesses
    known = lines.filter(lines.line_id.notnull())
    groups = known.group_by("order_id", "line_id").aggregate(lines=known.count())
    if not collect_one(groups.aggregate(twice=(groups.lines > 1).sum()))["twice"]:
        return guesses
    told = note("not.repeating", heading=guesses["line_id"].heading, column="line_id")
    refused["line_id"] = (*refused.get("line_id", ()), told)
    return {name: guess for name, guess in guesses.items() if name != "line_id"}


def with_refunds(guesses: dict[str, Guess], lines: ir.Table) -> dict[str, Guess]:
    """Add refunds that are written as negative amounts to the amount itself."""
    if not {"refund_amount", "amount"} <= guesses.keys():
        return guesses
    refund, paid = guesses["refund_amount"], guesses["amount"]
    value = lines.refund_amount
    found = collect_one(lines.aggregate(below=(value < 0).sum(), above=(value > 0).sum()))
    if not found["below"]:
        return guesses
    rest = {name: guess for name, guess in guesses.items() if name != "refund_amount"}
    if found["above"]:
        told = note("refund.both_signs", heading=refund.heading)
        return {**rest, "amount": paid.told(told, confidence="guess")}
    told = note("refund.negative", heading=refund.heading)
    return {**rest, "amount": paid.ruled(plus=refund.heading).told(told)}
