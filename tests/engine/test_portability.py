"""Every reduction is written so that another engine can run it: each compiles for PySpark.

No Spark is needed. A reduction without an entry in EXAMPLES fails: give it the arguments of one
call, or leave the entry empty where it takes a table of lines or orders only.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from ibis.config import Config

from loyalty_research.engine import REDUCTIONS
from loyalty_research.programmes.asks import Ask
from loyalty_research.programmes.fields import DateRange, Where
from loyalty_research.tables import ORDERS, TABLES, Table

TYPES = {
    "id": "int64",
    "time": "timestamp",
    "date": "date",
    "money": "decimal(18, 4)",
    "number": "float64",
    "integer": "int64",
    "text": "string",
    "flag": "boolean",
}


def table_of(table: Table) -> ir.Table:
    """Return an unbound table with every column of a canonical one."""
    return ibis.table({c.name: TYPES[c.kind] for c in table.columns}, name=table.name)


LINES = table_of(TABLES["transactions"])
ORDER_ROWS = table_of(ORDERS)
JUDGED = LINES.mutate(_left_out=ibis.null("string"), _masked=ibis.literal(False))
"""Lines as ``study.rows.judged`` marks them."""
MARKET = table_of(TABLES["market"]).select("household_id", "brand", "sequence")
"""Purchases across competing brands."""
CATEGORY = LINES.select(
    *("product_id", "amount", "quantity", "store_id"),
    household_id=LINES.customer_id,
    brand=LINES.channel,
    day=LINES.ordered_at.date(),
)
"""Lines of a category of a retailer."""
MADE = {"orders": ORDER_ROWS, "lines": LINES, "table": LINES}
"""First arguments by the name of the parameter."""
PERIOD = {"start": "2024-01-01", "end": "2024-12-31"}


def _rfm(name: str = "", **arguments: Any) -> ir.Table:
    """Return RFM metrics, or what a further reduction makes of them."""
    metrics = REDUCTIONS["profile.rfm.rfm_metrics"](ORDER_ROWS, as_of="2024-12-31")
    return REDUCTIONS[f"profile.rfm.{name}"](metrics, **arguments) if name else metrics


def _lines_with_products() -> ir.Table:
    """Return lines of valid orders with category and private label."""
    products = table_of(TABLES["products"]).select("product_id", "category", "private_label")
    return REDUCTIONS["profile.preferences.valid_lines"](LINES, ORDER_ROWS, products)


def _events() -> ir.Table:
    """Return events of the year as the funnel reads them."""
    events = table_of(TABLES["events"])
    return REDUCTIONS["profile.funnel.events_within"](events, **PERIOD)


def _held() -> ir.Table:
    """Return what each day of a customer held."""
    return REDUCTIONS["profile.funnel.customer_days"](_events(), orders=ORDER_ROWS)


def _launches() -> ir.Table:
    """Return launched products with the days that count as before them."""
    names = {"product_id": "int64", "launched_on": "date", "active_from": "date"}
    return ibis.table(names, name="launches")


def _rows(name: str, *first: ir.Table, **arguments: Any) -> ir.Table:
    """Return what a reduction of new products makes."""
    return REDUCTIONS[f"profile.new_products_rows.{name}"](*first, **arguments)


def _sold() -> ir.Table:
    """Return sold lines of identified customers."""
    return _rows("sold_lines", LINES, orders=ORDER_ROWS)


def _bought() -> ir.Table:
    """Return days on which launched products were bought."""
    return _rows("bought_days", _sold(), launches=_launches(), end="2024-12-31")


def _units(*columns: str) -> ir.Table:
    """Return sold units with columns of their product."""
    products = table_of(TABLES["products"]).select("product_id", *columns)
    make = REDUCTIONS["profile.offers.actions_rows.unit_lines"]
    return make(LINES, orders=ORDER_ROWS, products=products)


def _items() -> ir.Table:
    """Return bought lines by item."""
    products = table_of(TABLES["products"]).select("product_id", "category", "subcategory")
    sold = REDUCTIONS["profile.offers.items.sold_items"](
        LINES, orders=ORDER_ROWS, products=products
    )
    return sold.mutate(item=sold.category)


def _placed() -> ir.Table:
    """Return bought lines of the items looked at."""
    places = ibis.table({"item": "string", "place": "int64"}, name="places")
    return REDUCTIONS["profile.offers.items.at_places"](_items(), places=places)


def _held_items() -> ir.Table:
    """Return items held by customers."""
    return REDUCTIONS["profile.offers.pairs_rows.held_items"](_placed())


def _members() -> ir.Table:
    """Return the join and cancellation dates of customers."""
    return table_of(TABLES["customers"]).select("customer_id", "joined_on", "cancelled_on")


SPELL = DateRange(start=dt.date(2024, 3, 11), end=dt.date(2024, 4, 9))
CUPS = Where(
    categories=("drink",),
    not_categories=("fuel",),
    channels=("store",),
    not_channels=("delivery",),
    stores=("s1",),
    weekdays=("monday",),
    days_of_month=(1, 15),
    dates=(SPELL,),
    hours=("07:00", "11:00"),
)
ASKS = (
    Ask("amount", CUPS, 5),
    Ask("items", Where(products=("p1",))),
    Ask("event_amount", Where(hours=("07:00", "24:00")), 1, "reload", "bank"),
    Ask("reward", CUPS),
)
"""Questions of rules that together put every condition."""


def _rule_rows(name: str, *first: ir.Table, **arguments: Any) -> ir.Table:
    """Return what a reduction of a programme's entries makes."""
    return REDUCTIONS[f"programmes.entries.{name}"](*first, **arguments)


def _asked_orders() -> ir.Table:
    """Return orders with the lines that fit conditions on products."""
    goods = [ask.goods for ask in ASKS if ask.goods]
    return _rule_rows("lines_to_orders", LINES, goods=goods, products=table_of(TABLES["products"]))


def _entries() -> ir.Table:
    """Return entries of orders."""
    return _rule_rows("order_entries", _asked_orders(), asks=ASKS)


EXAMPLES: dict[str, Mapping[str, Any]] = {
    "tiers.simulation.from_brand.order_counts": {
        "orders": ORDER_ROWS.mutate(day=ORDER_ROWS.ordered_at.date()),
        **PERIOD,
    },
    "tiers.simulation.from_brand.orders_by_month": {
        "orders": ORDER_ROWS.mutate(day=ORDER_ROWS.ordered_at.date()),
        **PERIOD,
    },
    "tiers.simulation.templates.last_orders": {"orders": lambda: _asked_orders(), **PERIOD},
    "programmes.entries.lines_to_orders": {
        "goods": (CUPS,),
        "products": table_of(TABLES["products"]),
    },
    "programmes.entries.orders_as_given": {},
    "programmes.entries.order_entries": {"orders": lambda: _asked_orders(), "asks": ASKS},
    "programmes.entries.event_entries": {
        "events": lambda: table_of(TABLES["events"]),
        "asks": ASKS,
        "kinds": ("reload",),
        "like": lambda: _entries(),
    },
    "programmes.entries.joining_entries": {
        "joined": lambda: _members(),
        **PERIOD,
        "asks": ASKS,
        "like": lambda: _entries(),
    },
    "programmes.entries.entries_within": {
        "entries": lambda: _entries(),
        **PERIOD,
        "customers": lambda: table_of(TABLES["customers"]),
    },
    "programmes.entries.count_entries": {
        "entries": lambda: _entries(),
        **PERIOD,
        "customers": lambda: table_of(TABLES["customers"]),
    },
    "study.orders.build_orders": {},
    "study.orders.mark_occasions": {},
    "study.bridge.month_lines": {"lines": lambda: JUDGED, **PERIOD},
    "study.bridge.month_orders": {},
    "study.levels.contradicting_orders": {"columns": ["amount"]},
    "study.levels.repeated_amounts": {},
    "study.persons.one_row_each": {"customers": lambda: table_of(TABLES["customers"])},
    "study.reductions.first_and_last": {"lines": lambda: JUDGED},
    "study.reductions.kept_lines": {"lines": lambda: JUDGED, **PERIOD},
    "study.reductions.count_reasons": {
        "lines": lambda: JUDGED,
        **PERIOD,
        "compared": ("2023-01-01", "2023-12-31"),
    },
    "study.reductions.count_statuses": {"sale_status": ["paid"]},
    "study.reductions.count_missing": {"lines": lambda: JUDGED, "columns": ["amount"]},
    "study.reductions.count_flags": {"lines": lambda: JUDGED, "flags": ["_masked"]},
    "study.reductions.heavy_customers": {
        "at_least": 200,
        "share": 0.005,
        "per_day": 20,
        "total": 1000,
    },
    "study.reductions.count_implausible": {
        "columns": {"ordered_at": ("1990-01-01", "2025-01-01")},
    },
    "study.reductions.count_values": {"minimums": {"discount": 0}, "limits": {"quantity": 100}},
    "study.reductions.count_repeats": {"key": ["order_id", "line_id"]},
    "study.reductions.count_orphans": {
        "reference": table_of(TABLES["products"]),
        "on": "product_id",
    },
    "study.reductions.count_without_category": {"products": table_of(TABLES["products"])},
    "study.reductions.count_line_traits": {},
    "study.reductions.count_order_traits": {},
    "study.reductions.count_equal_rows": {},
    "study.reductions.sales_above": {"column": "quantity", "limit": 100},
    "study.reductions.order_facts": {"first_month": "2024-01-01", "last_month": "2024-12-01"},
    "study.reductions.described_facts": {"customers": table_of(TABLES["customers"])},
    "profile.board_months.buyer_count": {},
    "profile.board_months.half_sales": {"first_end": "2024-06-30", "last_start": "2024-07-01"},
    "profile.board_indicators.kept_customers": {"split": "2024-07-01"},
    "profile.board_months.kept_months": {},
    "profile.board_months.month_totals": {},
    "profile.board_indicators.order_totals": {},
    "profile.board_indicators.unit_totals": {},
    "profile.board_indicators.window_buyers": {"split": "2024-07-01"},
    "profile.board_members.member_totals": {"members": lambda: _members(), **PERIOD},
    "profile.board_second.history_edges": {"start": "2024-01-01"},
    "profile.board_second.joined_gaps": {
        "joined": lambda: _members(),
        "start": "2024-01-01",
        "as_of": "2024-12-31",
    },
    "profile.board_second.second_gaps": {"start": "2024-01-01", "as_of": "2024-12-31"},
    "profile.board_side.order_days": {},
    "competitors.shop.lines_of": {"lines": LINES.drop("customer_id"), "orders": ORDER_ROWS},
    "competitors.shop.median_order": {},
    "competitors.market.purchases.purchases_of_lines": {
        "lines": LINES,
        "products": table_of(TABLES["products"]),
        "column": "maker",
        "subcategories": ("COFFEE",),
    },
    "competitors.market.purchases.purchases_of_market": {
        "market": table_of(TABLES["market"]),
        "start": dt.date(2024, 1, 1),
        "end": dt.date(2024, 12, 31),
    },
    "competitors.market.purchases.brand_purchases": {"purchases": MARKET},
    "competitors.market.purchases.in_halves": {"purchases": MARKET},
    "competitors.market.purchases.numbered": {"purchases": MARKET},
    "competitors.market.purchases.cell_counts": {
        "purchases": MARKET.mutate(part=ibis.literal(1)),
        "brands": ("x", "y"),
        "parts": 2,
    },
    "competitors.position.purchases.occasions_of_lines": {
        "lines": LINES,
        "orders": ORDER_ROWS,
        "products": table_of(TABLES["products"]),
        "column": "maker",
        "subcategories": ("COFFEE",),
    },
    "competitors.position.purchases.occasions_of_market": {
        "market": table_of(TABLES["market"]),
        "start": dt.date(2024, 1, 1),
        "end": dt.date(2024, 12, 31),
    },
    "competitors.position.purchases.described": {
        "purchases": MARKET,
        "customers": table_of(TABLES["customers"]),
        "columns": ("gender", "age_band"),
    },
    "competitors.position.purchases.household_sizes": {"purchases": MARKET},
    "competitors.position.purchases.weighed": {"purchases": MARKET, "light": 1, "heavy": 3},
    "competitors.position.purchases.attribute_cells": {
        "purchases": MARKET.mutate(weight=ibis.literal("light"), promoted=ibis.literal("yes")),
        "attributes": ("weight", "promoted"),
        "brands": ("x", "y"),
    },
    "competitors.position.purchases.buyers_by": {"purchases": MARKET, "column": "brand"},
    "competitors.position.purchases.buyers_of": {"purchases": MARKET},
    "competitors.switching.steps": {"purchases": table_of(TABLES["market"]), "brands": ["x", "y"]},
    "competitors.switching.sold": {"purchases": MARKET},
    "competitors.choice.occasions.bought": {"market": table_of(TABLES["market"])},
    "competitors.choice.occasions.offers": {
        "choice_sets": table_of(TABLES["choice_sets"]),
        "market": table_of(TABLES["market"]),
    },
    "competitors.choice.store_weeks.days_of_category": {"lines": CATEGORY},
    "competitors.choice.store_weeks.prices_of_weeks": {
        "days": REDUCTIONS["competitors.choice.store_weeks.days_of_category"](CATEGORY),
        "lines": CATEGORY,
        "brands": ("x", "y"),
    },
    "competitors.choice.store_weeks.price_coverage": {
        "days": MARKET.mutate(occasion_id=ibis.literal("x")),
        "offered": ibis.table({"occasion_id": "string", "brand": "string"}, name="offered"),
    },
    "competitors.market.purchases.lines_of_category": {
        "lines": LINES,
        "products": table_of(TABLES["products"]),
        "column": "maker",
        "subcategories": ("COFFEE",),
    },
    "competitors.scaling.multiplied": {"rows": ORDER_ROWS, "factor": Decimal("0.14122499")},
    "profile.common.customer_totals": {},
    "profile.common.totals_by_day": {},
    "profile.common.totals_by_mark": {},
    "profile.prices.discount_totals": {},
    "profile.clv.rhythm.gap_squares": {
        "days": lambda: REDUCTIONS["profile.clv.summary.purchase_days"](ORDER_ROWS),
        "start": "2024-04-01",
        "split": "2024-06-30",
    },
    "profile.clv.holdout.weekly_repeats": {
        "days": lambda: REDUCTIONS["profile.clv.summary.purchase_days"](ORDER_ROWS),
        "origin": "2024-03-31",
        "seen_by": "2024-03-31",
    },
    "profile.clv.summary.purchase_days": {},
    "profile.clv.summary.customer_histories": {
        "days": lambda: REDUCTIONS["profile.clv.summary.purchase_days"](ORDER_ROWS),
        "calibration_end": "2024-09-30",
        "observation_end": "2024-12-31",
        "cohort": "established",
        "start": "2024-03-01",
    },
    "profile.clv.rows.equal_rows": {
        "rows": lambda: ibis.table({"frequency": "int64", "T": "float64"}, name="rows"),
        "columns": ("frequency", "T"),
    },
    "profile.segments.counts.purchase_counts": {"early_before": 14, "channel": "store"},
    "profile.segments.counts.offer_sums": {},
    "profile.segments.counts.category_counts": {
        "orders": ORDER_ROWS,
        "products": lambda: table_of(TABLES["products"]),
    },
    "profile.segments.counts.hours_and_channels": {},
    "profile.segments.moves.alternate_weeks": {"start": "2024-01-01", "odd": True},
    "profile.retention.cohort_activity": {},
    "profile.retention.gap_weights": {"as_of": "2024-12-31", "groups": 20},
    "profile.retention.occasions": {},
    "profile.rfm.rfm_metrics": {"as_of": "2024-12-31"},
    "profile.rfm.rfm_scores": {"metrics": _rfm, "bins": 5},
    "profile.rfm.rfm_classes": {
        "scored": lambda: _rfm("rfm_scores", bins=5),
        "cuts": {"recency_days": 30, "occasions": 3, "net_sales": 100.0},
    },
    "profile.store_loyalty.main_store": {},
    "profile.peers.peer_totals": {"by": "staff_id"},
    "profile.migration.half_counts": {"first_end": "2024-06-30", "last_start": "2024-07-01"},
    "profile.preferences.basket_sizes": {},
    "profile.preferences.valid_lines": {
        "orders": ORDER_ROWS,
        "products": table_of(TABLES["products"]).select("product_id", "category", "private_label"),
    },
    "profile.preferences.category_sales": {"lines": lambda: _lines_with_products()},
    "profile.preferences.private_sales": {"lines": lambda: _lines_with_products()},
    "profile.timing.orders_by_hour": {},
    "profile.special_days.day_totals": {},
    "profile.special_days.day_group_persons": {
        "groups": lambda: ibis.table({"day": "date", "day_group": "string"}, name="groups"),
    },
    "profile.promotions.window_buyers": {"spans": [("2024-01-20", "2024-02-05")]},
    "profile.promotions_second.acquired_gaps": {
        "spans": [("2024-01-20", "2024-02-05"), ("2024-06-01", "2024-06-18")],
        "inside": False,
        "start": "2024-01-01",
        "as_of": "2024-12-31",
    },
    "profile.channels.channel_customers": {
        "first_end": "2024-06-30",
        "last_start": "2024-07-01",
    },
    "profile.calibration_totals.month_totals": {},
    "profile.calibration_totals.month_parts": {},
    "drivers.retention_features.customer_features": {
        "start": "2024-01-01",
        "cut": "2024-06-30",
        "recent": 91,
    },
    "drivers.retention_features.purchases_after": {"cut": "2024-06-30", "end": "2024-09-30"},
    "drivers.retention_lapse_rows.first_silences": {
        "limits": lambda: ibis.table(
            {"customer_id": "int64", "silence": "int64", "allowed": "int64"}, name="limits"
        ),
        "landmark": "2024-06-30",
        "end": "2024-12-31",
    },
    "drivers.feedback.recovery_rows.around_complaints": {
        "complaints": lambda: ibis.table(
            {"customer_id": "int64", "complained_on": "date"}, name="complaints"
        ),
        "landmark": 7,
        "window": 28,
        "history": 90,
    },
    "profile.stored_value.stored_months": {},
    "profile.stored_value.stored_customers": {},
    "profile.preferences_times.category_months": {
        "lines": lambda: _lines_with_products(),
        "groups": 20,
    },
    "profile.preferences_times.category_dayparts": {"lines": lambda: _lines_with_products()},
    "profile.funnel.events_within": {"events": lambda: table_of(TABLES["events"]), **PERIOD},
    "profile.funnel.customer_days": {"events": lambda: _events(), "orders": ORDER_ROWS},
    "profile.funnel.visits_reached": {
        "held": lambda: _held(),
        "window_days": 1,
        "last": "2024-12-31",
    },
    "profile.funnel.day_paths": {"held": lambda: _held()},
    "profile.funnel_referral.customer_acts": {"events": lambda: _events(), "orders": ORDER_ROWS},
    "profile.funnel_referral.join_sources": {
        "customers": lambda: table_of(TABLES["customers"]),
        "orders": ORDER_ROWS,
    },
    "profile.new_products_rows.sold_lines": {"orders": ORDER_ROWS},
    "profile.new_products_rows.product_totals": {"sold": lambda: _sold(), **PERIOD},
    "profile.new_products_rows.bought_days": {
        "sold": lambda: _sold(),
        "launches": lambda: _launches(),
        "end": "2024-12-31",
    },
    "profile.new_products_rows.active_before": {"launches": lambda: _launches()},
    "profile.new_products_rows.trial_counts": {
        "active": lambda: _rows("active_before", ORDER_ROWS, launches=_launches()),
        "bought": lambda: _bought(),
    },
    "profile.offers.actions_rows.main_channel": {},
    "profile.offers.actions_rows.buyers_between": {**PERIOD},
    "profile.offers.actions_rows.unit_lines": {
        "orders": ORDER_ROWS,
        "products": table_of(TABLES["products"]).select("product_id", "category"),
    },
    "profile.offers.actions_rows.product_prices": {"units": lambda: _units("category")},
    "profile.offers.actions_rows.price_levels": {
        "units": lambda: _units("category"),
        "medians": lambda: ibis.table(
            {"category": "string", "median_price": "float64"}, name="medians"
        ),
    },
    "profile.offers.actions_rows.margin_sums": {"units": lambda: _units("cost")},
    "profile.new_products_rows.repeat_counts": {
        "bought": lambda: _bought(),
        "as_of": "2024-12-31",
    },
    "profile.offers.items.sold_items": {
        "orders": ORDER_ROWS,
        "products": table_of(TABLES["products"]).select("product_id", "category", "subcategory"),
    },
    "profile.offers.items.level_counts": {"sold": lambda: _items()},
    "profile.offers.items.item_totals": {"lines": lambda: _items()},
    "profile.offers.items.buyer_count": {"lines": lambda: _items()},
    "profile.offers.items.at_places": {
        "lines": lambda: _items(),
        "places": lambda: ibis.table({"item": "string", "place": "int64"}, name="places"),
    },
    "profile.offers.pairs_rows.held_items": {"lines": lambda: _placed()},
    "profile.offers.pairs_rows.held_counts": {"held": lambda: _held_items()},
    "profile.offers.pairs_rows.pair_counts": {"held": lambda: _held_items()},
    "profile.offers.next_matrix.customer_item_days": {"rows": lambda: _placed()},
    "profile.offers.next_matrix.customers_of": {"rows": lambda: _placed()},
    "profile.offers.trading_up.product_changes": {
        "lines": lambda: _items(),
        "first_end": dt.date(2024, 6, 30),
        "last_start": dt.date(2024, 7, 1),
    },
    "profile.new_products.new_sales": {
        "sold": lambda: _sold(),
        "bought": lambda: _bought(),
        "start": "2024-01-01",
    },
}
"""Further arguments of one call, by reduction; a function stands for the table it returns."""


def _load_all() -> None:
    for package in ("study", "profile", "stats", "programmes", "competitors", "drivers", "tiers"):
        try:
            home = importlib.import_module(f"loyalty_research.{package}")
        except ModuleNotFoundError:
            continue
        for module in pkgutil.walk_packages(home.__path__, f"{home.__name__}."):
            importlib.import_module(module.name)


_load_all()


@pytest.fixture(autouse=True)
def _spark_options() -> Iterator[None]:
    """Stand in for the options that Ibis sets up where pyspark is installed."""

    class Spark(Config):
        treat_nan_as_null: bool = False

    before = ibis.options.pyspark
    ibis.options.pyspark = Spark()
    yield
    ibis.options.pyspark = before


@pytest.mark.parametrize("name", sorted(REDUCTIONS))
def test_compiles_for_pyspark(name: str) -> None:
    assert name in EXAMPLES, f"{name}: add the arguments of one call to EXAMPLES"
    function = REDUCTIONS[name]
    first = next(iter(inspect.signature(function).parameters))
    arguments = {key: item() if callable(item) else item for key, item in EXAMPLES[name].items()}
    table = arguments.pop(first, MADE.get(first))
    assert table is not None, f"{name}: add its first argument, {first}, to EXAMPLES"
    expression = function(table, **arguments)
    assert isinstance(expression, ir.Table)
    for dialect in ("duckdb", "pyspark"):
        sql = str(ibis.to_sql(expression, dialect=dialect)).upper()
        assert "SELECT" in sql
        assert "HASH(" not in sql, f"{name}: hash() differs between engines"


def test_examples_name_reductions_that_exist() -> None:
    assert set(EXAMPLES) - set(REDUCTIONS) == set()
