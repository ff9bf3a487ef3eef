"""Null worlds as brands, with every column a section asks for, and the same with effects planted.

The null preset says nothing of staff, and its offers, tiers and join dates do follow from what is
bought or from nothing; here they are drawn at random, independent of everything.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research import worlds
from loyalty_research.engine import Context, attach_context, connect
from loyalty_research.study.orders import build_orders, mark_occasions

YEAR_BEFORE, YEAR = ("2023-01-01", "2023-12-31"), ("2024-01-01", "2024-12-31")
BOTH = (YEAR_BEFORE[0], YEAR[1])
STEADY = {
    "timing": {"rate_scale": 60},
    "shop": {
        "places": [
            {"name": {"zh": name, "en": name}, "stores": 6, "weight": 1} for name in ("A", "B")
        ]
    },
}
"""Customers who have long been buying, every 60 days on average, at twelve stores."""
COMING = {"timing": {"rate_scale": 60}, "entry": {"established": False, "opening_share": 0.0}}
"""Customers who buy for the first time some day of the two years."""
WINDOWS = tuple(
    (f"window {number}", f"{year}-{month:02d}-01", f"{year}-{month + 1:02d}-14")
    for number, (year, month) in enumerate([(2023, 3), (2023, 9), (2024, 3)], 1)
)
_STAFF, _TIERS = 24, ("basic", "silver", "gold")


@dataclass(frozen=True)
class Frames:
    """Lines, customers and products of a world."""

    lines: pd.DataFrame
    people: pd.DataFrame
    products: pd.DataFrame


def steady(seed: int, *, customers: int) -> Frames:
    """Return a world of customers who have long been buying, with random staff, offers, tiers."""
    world = worlds.null(seed=seed, customers=customers, **STEADY)
    rng = np.random.default_rng(seed)
    frames = _frames(world)
    orders = frames.lines["order_id"].drop_duplicates()
    staff = pd.Series(rng.integers(_STAFF, size=len(orders)), index=orders.to_numpy())
    offered = rng.random(len(frames.lines)) < 0.3
    cut = np.where(offered, 0.2, 0.0) * frames.lines["amount"]
    lines = frames.lines.assign(
        staff_id="S" + frames.lines["order_id"].map(staff).astype(str).str.zfill(2),
        amount=frames.lines["amount"] - cut,
        discount=cut,
    )
    joined = pd.Timestamp(BOTH[0]) + pd.to_timedelta(
        rng.integers(731, size=len(frames.people)), unit="D"
    )
    people = frames.people.assign(
        joined_on=joined.date,
        tier=rng.choice(_TIERS, size=len(frames.people), p=[0.6, 0.3, 0.1]),
    )
    return Frames(lines, people, frames.products)


def coming(seed: int, *, customers: int) -> Frames:
    """Return a world of customers who come in over the two years."""
    return _frames(worlds.make("null", seed=seed, customers=customers, **COMING))


def _frames(world: worlds.World) -> Frames:
    tables = {
        name: world.tables[name].to_pandas() for name in ("transactions", "customers", "products")
    }
    names = ["order_id", "line_id", "ordered_at", "amount", "customer_id", "product_id"]
    lines = tables["transactions"][[*names, "store_id", "channel", "quantity"]]
    lines = lines.assign(amount=lines["amount"].astype(float))
    described = ["customer_id", "gender", "age_band", "place"]
    return Frames(
        lines, tables["customers"][described], tables["products"][["product_id", "category"]]
    )


@dataclass(frozen=True)
class Shop:
    """What the sections ask of a brand, without the checks of files."""

    tables: dict[str, ir.Table]

    def __getattr__(self, name: str) -> ir.Table:
        try:
            return self.tables[name]
        except KeyError as error:
            raise AttributeError(name) from error

    def has(self, name: str) -> bool:
        """Tell whether there is a table of this name."""
        return name in self.tables


def opened(frames: Frames, *, observed: bool = False) -> Shop:
    """Put the frames into the engine; ``observed`` tells whether first purchases are."""
    backend = connect()
    context = Context(
        evidence="synthetic", public=True, currency="CNY", first_purchase_observed=observed
    )
    attach_context(backend, context)
    given = {"lines": frames.lines, "customers": frames.people, "products": frames.products}
    tables = {name: backend.create_table(name, frame) for name, frame in given.items()}
    money = {name: "decimal(18, 4)" for name in ("amount", "discount") if name in frames.lines}
    lines = backend.create_table("transactions", tables.pop("lines").cast(money))
    orders = backend.create_table("orders", mark_occasions(build_orders(lines)))
    return Shop({**tables, "transactions": lines, "orders": orders})
