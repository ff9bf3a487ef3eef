"""How a list could be evaluated: the base rate it starts from, the gain that pays, the numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, collect_one, context_of
from loyalty_research.profile.common import Days, identified
from loyalty_research.profile.offers.actions_choose import NO_RULE, choose
from loyalty_research.profile.offers.actions_facts import Extras, customer_facts
from loyalty_research.profile.offers.actions_power import (
    MOST_SHARE,
    Stakes,
    customers_needed,
    detectable,
    holdout_share,
    smallest_paying,
)
from loyalty_research.profile.offers.actions_rows import buyers_between, margin_sums, unit_lines
from loyalty_research.profile.offers.rules import RuleBook
from loyalty_research.stats import Estimate, proportion

SHARE = "holdout_share"
USUAL_SHARE = 0.10
_MARGIN, _OFFER, _CONTACT = 0.30, 0.10, 0.0
_SHORTEST_DAYS = 90


@dataclass(frozen=True, slots=True)
class Term:
    """A number that the smallest gain rests on, and whether given, measured or assumed."""

    name: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a later evaluation of the list needs.

    Parameters
    ----------
    frame
        One row a rule: customers, earlier, bought, base_rate with interval, paying, needed,
        detectable.
    terms
        Margin, value of the offer, cost of contact, horizon, share to be left untouched.
    rules
        Rules whose offer can pay, and whose base rate rests on enough customers.
    share
        Share to be left untouched.
    customers
        Customers of those rules on the list.
    base
        Share of the customers those rules picked a horizon earlier who bought within it.
    gain, least, needed
        Smallest gain that pays; smallest that their customers tell from chance; customers that
        the first needs. None where there is none.
    reason
        Why nothing can be said of the share; empty where something can.
    """

    frame: pd.DataFrame
    terms: tuple[Term, ...]
    rules: tuple[str, ...]
    share: float
    customers: int
    base: Estimate
    gain: float | None
    least: float | None
    needed: int | None
    reason: str = ""

    @property
    def assumed(self) -> bool:
        """Whether a number was neither given nor measured."""
        return any(term.source == "assumed" for term in self.terms)


def trial_of(
    brand: Any,
    orders: ir.Table,
    days: Days,
    *,
    book: RuleBook,
    listed: pd.DataFrame,
    base_limit: int,
) -> Trial:
    """Return what a later evaluation needs.

    Parameters
    ----------
    brand, orders, days
        As for the facts.
    book
        Rules and assumptions.
    listed
        One row a customer on the list: rule, orders, net_sales.
    base_limit
        Fewest customers a base rate rests on.

    Notes
    -----
    The base rate: the same rules, applied a horizon before the end of the period, and the share
    of those they pick who bought in what was left of it. Whatever the brand did then is part of it.
    Value bands are those of net sales there, and rules about segments or recommended items pick
    nobody: neither table is known as of then.
    Rules that acquire customers are judged by other people's purchases, and have none.
    """
    terms = tuple(_terms(brand, orders, book))
    stakes = _stakes(terms, listed)
    horizon = book.assumptions.horizon_days
    earlier = _earlier(brand, orders, days, book=book, horizon=horizon)
    counts = listed["rule"].value_counts()
    judged = {
        rule.id: _rate(earlier, (rule.id,))
        for rule in book.rules
        if rule.task != "acquire" and rule.id in counts.index
    }
    paying = tuple(
        name
        for name, rate in judged.items()
        if rate.base >= base_limit and smallest_paying(float(rate.value or 0.0), stakes) is not None
    )
    customers = int(counts.reindex(list(paying)).sum())
    base = _rate(earlier, paying)
    gain = None if base.value is None else smallest_paying(base.value, stakes)
    rate = float(base.value or 0.0)
    tells = detectable(customers, rate, MOST_SHARE) is not None
    reason = _reason(earlier, gain, stakes, tells=tells)
    untouched = _share(book, reason, customers, rate, gain)
    share = untouched.value
    rows = [_row(rule, int(counts[rule]), judged.get(rule), stakes, share) for rule in counts.index]
    return Trial(
        frame=_in_order(pd.DataFrame(rows), book),
        terms=(*terms, untouched),
        rules=paying,
        share=share,
        customers=customers,
        base=base,
        gain=gain,
        least=None if gain is None else detectable(customers, rate, share),
        needed=customers_needed(rate, gain, share) if gain else None,
        reason=reason,
    )


def _terms(brand: Any, orders: ir.Table, book: RuleBook) -> Iterator[Term]:
    said = book.assumptions
    margin = context_of(orders).margin if said.margin is None else said.margin
    measured = None if margin is not None else _measured_margin(brand, orders)
    for name, given, own, usual, unit in (
        ("margin", margin, measured, _MARGIN, "share"),
        ("offer_value", said.offer_value, None, _OFFER, "share"),
        ("contact_cost", said.contact_cost, None, _CONTACT, "money"),
    ):
        if given is not None:
            yield Term(name, float(given), unit, "given")
        elif own is not None:
            yield Term(name, own, unit, "measured")
        else:
            yield Term(name, usual, unit, "assumed")
    yield Term("horizon_days", float(said.horizon_days), "days", "given")


def _measured_margin(brand: Any, orders: ir.Table) -> float | None:
    """Return the share of net sales above the cost of goods; None where no cost is known."""
    if not brand.has("products") or "cost" not in brand.products.columns:
        return None
    if not {"product_id", "quantity"} <= set(brand.transactions.columns):
        return None
    products = brand.products.select("product_id", "cost")
    sums = collect_one(
        margin_sums(unit_lines(brand.transactions, orders=orders, products=products))
    )
    sales, cost = float(sums["net_sales"] or 0.0), float(sums["cost"] or 0.0)
    return 1 - cost / sales if sales > 0 and 0 < cost < sales else None


def _stakes(terms: tuple[Term, ...], listed: pd.DataFrame) -> Stakes:
    values: Mapping[str, float] = {term.name: term.value for term in terms}
    orders = float(listed["orders"].sum())
    order = float(listed["net_sales"].sum()) / orders if orders else 0.0
    contact = values["contact_cost"] / order if order > 0 else 0.0
    return Stakes(values["margin"], values["offer_value"], contact)


def _earlier(
    brand: Any, orders: ir.Table, days: Days, *, book: RuleBook, horizon: int
) -> pd.DataFrame | None:
    """Return whom the rules would have picked a horizon earlier, and who bought since."""
    split = days.end - dt.timedelta(days=horizon)
    if (split - days.start).days < _SHORTEST_DAYS:
        return None
    before = Days(days.start, split)
    facts = customer_facts(brand, orders, before, book=book, extras=Extras())
    if isinstance(facts, str):
        return None
    picked = pd.DataFrame(
        {"customer_id": facts.frame["customer_id"], "rule": choose(facts, book).rule}
    )
    picked = picked[picked["rule"] != NO_RULE]
    since = buyers_between(
        identified(orders),
        start=(split + dt.timedelta(days=1)).isoformat(),
        end=days.end.isoformat(),
    )
    bought = collect(since, sort_by=["customer_id"])["customer_id"]
    return picked.assign(bought=picked["customer_id"].isin(bought))


def _rate(earlier: pd.DataFrame | None, rules: tuple[str, ...]) -> Estimate:
    """Return the share who bought of those that some rules picked earlier."""
    if earlier is None:
        return proportion(0, 0)
    own = earlier[earlier["rule"].isin(rules)]
    return proportion(int(own["bought"].sum()), len(own))


def _reason(
    earlier: pd.DataFrame | None, gain: float | None, stakes: Stakes, *, tells: bool
) -> str:
    if earlier is None:
        return "period_too_short"
    if stakes.margin <= stakes.offer:
        return "offer_never_pays"
    if gain is None:
        return "no_room_for_gain"
    return "" if tells else "too_few_to_tell"


def _share(book: RuleBook, reason: str, customers: int, rate: float, gain: float | None) -> Term:
    """Return the share to leave untouched: given, worked out, or the usual one."""
    given = book.assumptions.holdout_share
    if given is not None:
        return Term(SHARE, float(given), "share", "given")
    if reason:
        return Term(SHARE, USUAL_SHARE, "share", "usual")
    return Term(SHARE, holdout_share(customers, rate, gain), "share", "worked_out")


def _in_order(frame: pd.DataFrame, book: RuleBook) -> pd.DataFrame:
    place = {rule.id: number for number, rule in enumerate(book.rules)}
    return frame.sort_values("rule", key=lambda names: names.map(place), ignore_index=True)


def _row(
    rule: str, customers: int, rate: Estimate | None, stakes: Stakes, share: float
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "rule": rule,
        "customers": customers,
        "earlier": np.nan,
        "bought": np.nan,
    }
    names = ("base_rate", "base_rate_low", "base_rate_high", "paying", "needed", "detectable")
    row |= dict.fromkeys(names, np.nan)
    if rate is None or rate.value is None:
        return row
    gain = smallest_paying(rate.value, stakes)
    least = detectable(customers, rate.value, share)
    return row | {
        "earlier": rate.base,
        "bought": round(rate.value * rate.base),
        "base_rate": rate.value,
        "base_rate_low": rate.low,
        "base_rate_high": rate.high,
        "paying": np.nan if gain is None else gain,
        "needed": float(customers_needed(rate.value, gain, share)) if gain else np.nan,
        "detectable": np.nan if least is None else least,
    }
