"""Amounts that an export repeats on every line of an order, and payments that hold the freight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import collect, collect_one
from loyalty_research.intake.notes import Note, note
from loyalty_research.intake.recognise import Guess
from loyalty_research.intake.vocabulary import holds_freight

OTHER = "other_amount_"
"""Beginning of the names under which other candidates for the amount are read."""
_CUTS = ("discount", "coupon_discount", "platform_discount")
_PARTS = ("amount", "list_amount", "freight", *_CUTS)
_OF_ORDERS = (*_PARTS, "refund_amount", "stored_value_used")
_ENOUGH = 5
_CONSTANT = 0.98
_SEVERAL = 10
"""Different amounts beyond which it is no accident that the lines of an order cost the same."""
_AGREE = 0.8
_SOME = 0.2
_LOOKED_AT = 5000
_CENT = 0.02
_BESIDE = ("__present", "__bad")


@dataclass(frozen=True, slots=True)
class Repeats:
    """How an amount stands on orders of several lines.

    Parameters
    ----------
    orders, constant
        Orders of several lines with an amount; those that show the same one on each line.
    once, every
        Sum over these orders of one line each, and of all lines.
    amounts
        How many different amounts the constant ones show.
    """

    orders: int
    constant: int
    once: float
    every: float
    amounts: int

    @property
    def repeated(self) -> bool:
        """Whether the order's amount stands on each of its lines."""
        return self.orders >= _ENOUGH and self.constant >= _CONSTANT * self.orders


def repeats(lines: ir.Table, names: Sequence[str]) -> dict[str, Repeats]:
    """Count for each amount how often it is the same on all lines of an order."""
    measures: dict[str, ir.Value] = {"lines": lines.count()}
    for name in names:
        measures |= {
            f"{name}_least": lines[name].min(),
            f"{name}_most": lines[name].max(),
            f"{name}_sum": lines[name].sum(),
            f"{name}_known": lines[name].count(),
        }
    orders = lines.group_by("order_id").aggregate(**measures)
    totals: dict[str, ir.Value] = {}
    for name in names:
        least, most = orders[f"{name}_least"], orders[f"{name}_most"]
        several = (orders.lines > 1) & ((most != 0) | (least != 0))
        same = several & (least == most) & (orders[f"{name}_known"] == orders.lines)
        totals |= {
            f"{name}_orders": several.sum(),
            f"{name}_constant": same.sum(),
            f"{name}_once": most.sum(where=several),
            f"{name}_every": orders[f"{name}_sum"].sum(where=several),
            f"{name}_amounts": most.nunique(where=same),
        }
    found = collect_one(orders.aggregate(**totals))
    return {
        name: Repeats(
            int(found[f"{name}_orders"] or 0),
            int(found[f"{name}_constant"] or 0),
            float(found[f"{name}_once"] or 0),
            float(found[f"{name}_every"] or 0),
            int(found[f"{name}_amounts"] or 0),
        )
        for name in names
    }


def with_levels(guesses: Mapping[str, Guess], lines: ir.Table) -> dict[str, Guess]:
    """Return the guesses of a line-level source, amounts of the order marked as such.

    Parameters
    ----------
    guesses
        By canonical column.
    lines
        The source, cast.
    """
    result = dict(guesses)
    names = [name for name in _OF_ORDERS if name in guesses]
    if "order_id" not in guesses or not names:
        return result
    found = repeats(lines, names)
    if "amount" in names and found["amount"].repeated:
        result["amount"] = _paid(guesses["amount"], found["amount"], found.get("list_amount"))
    of_orders = "amount" in result and "level" in result["amount"].rule
    for name in names:
        seen = found[name]
        # A cut of 1.00 on every line is common; many different ones that repeat are the order's.
        evident = of_orders or name == "freight" or seen.amounts >= _SEVERAL
        if name != "amount" and seen.repeated and evident:
            result[name] = guesses[name].ruled(level="order").told(_order_level(seen))
    return result


def _paid(guess: Guess, seen: Repeats, listed: Repeats | None) -> Guess:
    """Return the guess for an amount that is the same on all lines of an order."""
    if listed is not None and not listed.repeated:
        # The list prices of all lines come to what was paid once, or each time.
        if abs(listed.every - seen.once) > abs(listed.every - seen.every):
            return guess.told(note("level.line", orders=f"{seen.orders:,}"))
        return guess.ruled(level="order").told(_order_level(seen))
    if seen.amounts >= _SEVERAL:
        return guess.ruled(level="order").told(_order_level(seen), confidence="guess")
    told = note("level.ask", orders=f"{seen.orders:,}", amounts=seen.amounts)
    return guess.told(told, confidence="guess")


def _order_level(seen: Repeats) -> Note:
    return note(
        "level.order",
        constant=f"{seen.constant:,}",
        orders=f"{seen.orders:,}",
        once=f"{seen.once:,.2f}",
        every=f"{seen.every:,.2f}",
    )


def with_freight(guesses: Mapping[str, Guess], lines: ir.Table) -> dict[str, Guess]:
    """Return the guesses with freight taken off the amounts that hold it.

    The amounts decide where list amount less discounts, with or without freight, is what was paid;
    elsewhere what systems usually do with an amount of this heading.
    """
    result = dict(guesses)
    if not {"amount", "freight", "order_id"} <= guesses.keys():
        return result
    paid, freight = guesses["amount"], guesses["freight"]
    frame = _orders(guesses, lines)
    counted = _holds(frame)
    held = holds_freight(paid.heading) if counted is None else counted
    how = "usual" if counted is None else "counted"
    sure = paid.confidence if counted is not None else "guess"
    where = {"heading": freight.heading}
    if not held:
        result["amount"] = paid.told(note(f"freight.outside_{how}", **where), confidence=sure)
    elif paid.rule.get("level") != freight.rule.get("level"):
        result["amount"] = paid.told(note("freight.other_level", **where), confidence="guess")
    else:
        less = paid.ruled(less=freight.heading)
        result["amount"] = less.told(note(f"freight.inside_{how}", **where), confidence=sure)
        listed = guesses.get("list_amount")
        if listed is not None and _listed_with_freight(frame):
            told = note("freight.inside_counted", **where)
            result["list_amount"] = listed.ruled(less=freight.heading).told(told)
    return result


def _holds(frame: pd.DataFrame) -> bool | None:
    """Tell whether what was paid holds the freight; None where the amounts do not tell."""
    bases = [name for name in frame.columns if name == "list_amount" or name.startswith(OTHER)]
    cuts = [name for name in frame.columns if name in _CUTS]
    if len(frame) < _ENOUGH or not bases:
        return None
    best = {True: 0.0, False: 0.0}
    for base, choice in product(bases, product((0, 1), repeat=len(cuts))):
        off = sum((frame[name] * on for name, on in zip(cuts, choice, strict=True)), 0.0)
        for inside in best:
            rest = frame[base] - off + frame["freight"] * inside - frame["amount"]
            best[inside] = max(best[inside], float((rest.abs() <= _CENT).mean()))
    if max(best.values()) < _AGREE or best[True] == best[False]:
        return None
    return best[True] > best[False]


def _listed_with_freight(frame: pd.DataFrame) -> bool:
    """Tell whether the list amount holds the freight too: some orders have no discount."""
    gap = frame["list_amount"] - frame["amount"]
    same = float((gap.abs() <= _CENT).mean())
    without = float(((gap + frame["freight"]).abs() <= _CENT).mean())
    return same > without and same >= _SOME


def _orders(guesses: Mapping[str, Guess], lines: ir.Table) -> pd.DataFrame:
    """Return the amounts of some orders that paid freight, one row an order."""
    names = [name for name in _PARTS if name in guesses]
    names += [
        name for name in lines.columns if name.startswith(OTHER) and not name.endswith(_BESIDE)
    ]
    zero = ibis.literal(0).cast("decimal(18, 4)")
    sums = {}
    for name in names:
        repeated = name in guesses and guesses[name].rule.get("level")
        sums[name] = ibis.coalesce(lines[name].max() if repeated else lines[name].sum(), zero)
    orders = lines.group_by("order_id").aggregate(**sums)
    some = orders.filter(orders.freight > 0, orders.amount > 0)
    return collect(some.order_by("order_id").limit(_LOOKED_AT), sort_by=["order_id"])
