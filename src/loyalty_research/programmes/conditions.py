"""Conditions of rules as expressions on lines, orders and events."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from loyalty_research.programmes.asks import Terms, own_values
from loyalty_research.programmes.fields import Where

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def goods_fit(lines: ir.Table, where: Where, terms: Terms) -> ir.BooleanValue:
    """Tell for each line whether it fits the conditions on products.

    A product without a category fits no list, and no list that excludes.
    """
    fits = _true()
    if where.categories:
        fits &= _among(lines._category, where.categories, terms)
    if where.products:
        fits &= _among(lines.product_id, where.products, terms)
    if where.not_categories:
        fits &= ~_among(lines._category, where.not_categories, terms)
    return fits


def is_one_of(orders: ir.Table, where: Where, terms: Terms) -> ir.BooleanValue:
    """Tell for each order whether its channel and store fit; where unknown, they fit no list."""
    fits = _true()
    for name, column in (("channels", "channel"), ("stores", "store_id")):
        if getattr(where, name):
            known = column in orders.columns
            fits &= _among(orders[column], getattr(where, name), terms) if known else ~_true()
    if where.not_channels and "channel" in orders.columns:
        fits &= ~_among(orders.channel, where.not_channels, terms)
    return fits


def about_time(at: ir.TimestampValue, where: Where) -> ir.BooleanValue:
    """Tell for each time whether weekday, day of the month, date and hour fit."""
    fits = _true()
    if where.weekdays:
        days = [_WEEKDAYS.index(name) for name in where.weekdays]
        fits &= at.date().day_of_week.index().isin(days)
    if where.days_of_month:
        fits &= at.date().day().isin(list(where.days_of_month))
    if where.dates:
        spells = [
            at.date().between(ibis.date(spell.start.isoformat()), ibis.date(spell.end.isoformat()))
            for spell in where.dates
        ]
        fits &= ibis.or_(*spells)
    if where.hours:
        first, end = (_minutes(clock) for clock in where.hours)
        minute = at.hour().cast("int64") * 60 + at.minute().cast("int64")
        fits &= (minute >= first) & (minute < end)
    return fits


def _among(values: ir.Value, named: tuple[str, ...], terms: Terms) -> ir.BooleanValue:
    own = own_values(named, terms)
    if not own:
        return ~_true()
    return ibis.coalesce(values.cast("string").isin(own), ibis.literal(False))


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _true() -> ir.BooleanValue:
    return ibis.literal(True)
