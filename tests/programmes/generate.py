"""Programmes and histories for the property tests: small, and full of corners.

A case is a programme with the purchases of one to three customers. Days cluster around month ends,
leap days and single weeks; times repeat to the second.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from loyalty_research.programmes.schema import Programme

Row = dict[str, Any]
Pick = Callable[[Sequence[Any]], Any]
"""Picks one of some values: hypothesis does, or a seeded generator of random numbers."""
PRODUCTS = {"tea": "drink", "coffee": "drink", "bun": "food", "cup": "gift", "bag": None}
CATEGORIES = ("drink", "food", "gift", "bakery")
TERMS = {
    "bakery": ["food", "gift"],
    "away": ["app", "bike"],
    **{name: [name] for name in ("shop", "app", "s1", "s2", *PRODUCTS)},  # maybe not in the rows
}
CHANNELS = ("shop", "app", "bike", None)
STORES = ("s1", "s2", None)
KINDS = ("share", "match")
PARTNERS = ("fuel",)
WEEKDAYS = ("monday", "friday", "saturday", "sunday")
CLOCKS = ("00:00:00", "00:00:00", "06:59:59", "07:00:00", "10:59:59", "11:00:00", "23:59:59")
STARTS = ("2024-01-01", "2024-02-29", "2023-11-15", "2023-01-31", "2024-12-30")
LENGTHS = (20, 70, 200, 430, 800)
SEEDED = 10
"""Most customers of a seeded case: what a replay costs hardly depends on it."""
AMOUNTS = ("10", "0.01", "0.99", "1.25", "3", "4.99", "7.5", "10", "25", "33.3333", "50", "100")
NAME = {"zh": "名", "en": "name"}


@dataclass(frozen=True)
class Case:
    """A programme, what it is replayed over, and how."""

    programme: Programme
    rows: list[Row]
    events: list[Row]
    period: tuple[dt.date, dt.date]
    joined: dict[str, dt.date | None] | None
    customers: dict[str, int | None] | None
    redemption: str
    paid: str | None
    week_start: int

    @property
    def options(self) -> dict[str, Any]:
        """What both ledgers are given besides rows and programme."""
        return {
            "events": self.events,
            "period": self.period,
            "joined": self.joined,
            "customers": self.customers,
            "redemption": self.redemption,
            "paid": self.paid,
            "terms": TERMS,
            "products": PRODUCTS,
            "week_start": self.week_start,
        }


def chance(pick: Pick, percent: int) -> bool:
    return bool(pick(range(100)) >= 100 - percent)


def distinct(pick: Pick, values: Any, most: int) -> list[Any]:
    """Return one to ``most`` different values."""
    left = list(values)
    count = pick(range(1, min(most, len(left)) + 1))
    return [left.pop(pick(range(len(left)))) for _ in range(count)]


def some(pick: Pick, values: Any, percent: int) -> list[Any]:
    """Return one or two of the values with that chance, else none."""
    return distinct(pick, values, 2) if chance(pick, percent) else []


# Programmes


def programme_of(pick: Pick, *, by_line: bool = True) -> Programme:
    """Return a programme out of all that the schema can say."""
    wallets = {f"w{n}": wallet(pick) for n in range(pick(range(1, 4)))}
    levels = [f"l{n}" for n in range(pick(range(2, 5)))] if chance(pick, 65) else []
    for own in wallets.values():
        if levels and own["expiry"]["rule"] != "never" and chance(pick, 25):
            own["expiry"]["never_for"] = [pick(levels)]
    count = pick([3, 2, 4, 5, 3, 3, 4, 4, 2, 5, 1, 3, 2, 4, 0])
    earn = [earning(pick, n, wallets, levels, by_line) for n in range(count)]
    content = {
        "name": NAME,
        "operator": NAME,
        "market": NAME,
        "trade": "coffee",
        "currency": "CNY",
        "origin": "invented",
        "wallets": wallets,
        "earn": earn,
        "partners": {partner: {"name": NAME} for partner in PARTNERS},
        "conversions": conversions(pick, wallets),
        "rewards": [reward(pick, n, wallets, levels, by_line) for n in range(pick([2, 1, 3, 0]))],
    }
    if levels:
        content["tiers"] = tiers(pick, levels, wallets)
    return Programme.model_validate(content)


def wallet(pick: Pick) -> Row:
    return {
        "name": NAME,
        "kind": pick(["points", "points", "coins", "qualifying"]),
        "decimals": pick([0, 0, 1, 2]),
        "returns": pick(["within_balance", "negative_balance", "pending_only", "kept"]),
        "expiry": expiry(pick),
    }


def expiry(pick: Pick) -> Row:
    ends = ["end_of_month", "end_of_quarter", "end_of_year"]
    rule = pick(["never", "fixed", "fixed", "inactivity", *ends])
    if rule == "never":
        return {"rule": rule}
    if rule.startswith("end_of"):
        return {"rule": rule, "months": pick([0, 1, 3])}
    if chance(pick, 50):
        return {"rule": rule, "days": pick([0, 1, 7, 30])}
    return {"rule": rule, "months": pick([1, 1, 2, 6])}


def points(pick: Pick, decimals: int, values: Any = (1, 2, 3, 5, 10)) -> Any:
    """Return a number of points that the wallet can hold."""
    number = pick(values)
    return number + 0.5 if decimals and chance(pick, 30) else number


def where(pick: Pick, levels: list[str], *, by_line: bool, order: bool) -> Row:
    if chance(pick, 70):
        return {}
    found: Row = {}
    if by_line and order:
        found["categories"] = some(pick, CATEGORIES, 30)
        found["not_categories"] = some(pick, CATEGORIES, 15)
        found["products"] = some(pick, PRODUCTS, 10)
    if order:
        found["channels"] = some(pick, ["shop", "away"], 15)
        found["not_channels"] = some(pick, ["app", "away"], 10)
        found["stores"] = some(pick, ["s1", "s2"], 10)
    found["weekdays"] = some(pick, WEEKDAYS, 10)
    found["days_of_month"] = some(pick, [1, 28, 29, 30, 31], 10)
    if chance(pick, 10):
        found["dates"] = [{"start": "2024-02-10", "end": "2024-03-01"}]
    if chance(pick, 15):
        found["hours"] = pick([["07:00", "11:00"], ["00:00", "07:00"], ["11:00", "24:00"]])
    if levels:
        found["tiers"] = some(pick, levels, 25)
    found["birthday_month"] = chance(pick, 10)
    return found


def earning(pick: Pick, n: int, wallets: Row, levels: list[str], by_line: bool) -> Row:
    on = pick(["order"] * 8 + ["event", "event", "join", "birthday"])
    found: Row = {
        "id": f"e{n}",
        "name": NAME,
        "wallets": distinct(pick, sorted(wallets), 2),
        "on": on,
        "points": pick([1, 2, 10, 1, 5, 0.5, 1.2, 1.7, 2.5, 33.3333, 20, 0]),
        "rounding": pick(["down", "nearest", "up"]),
        "whole": chance(pick, 15),
        "every": pick([1, 1, 1, 0.1, 2, 3, 10]),
        "pending_days": pick([0, 0, 0, 0, 1, 7, 20]),
    }
    pers = ["amount", "amount", "order", "visit", "item"]
    found["per"] = pick(pers if by_line else pers[:-1])
    if levels and chance(pick, 40):
        chosen = distinct(pick, levels, len(levels))
        found["by_tier"] = {level: pick([0, 1, 1.5, 3]) for level in chosen}
    if chance(pick, 15):
        found["cap_per_order"] = pick([1, 3, 7.5, 20])
    if chance(pick, 25):
        spells = ["day", "week", "week", "month", "quarter", "year", "ever"]
        found["cap"] = {"points": pick([5, 12.5, 40, 100]), "per": pick(spells)}
    if on == "event":
        found["event"] = pick(KINDS)
        if chance(pick, 50):
            found["streak"] = pick([2, 3])
    if on in ("order", "event"):
        found["where"] = where(pick, levels, by_line=by_line, order=on == "order")
        found["minimum"] = pick([0, 0, 0, 0, 1, 5])
        if chance(pick, 12):
            found["partner"] = pick(PARTNERS)
    return found


def conversions(pick: Pick, wallets: Row) -> list[Row]:
    """Convert from a wallet to a later one only, so that nothing goes round in a circle."""
    names = sorted(wallets)
    if len(names) < 2 or not chance(pick, 40):
        return []
    found = []
    for n in range(pick((1, 2))):
        first = pick(range(len(names) - 1))
        second = pick(range(first + 1, len(names)))
        found.append(
            {
                "id": f"c{n}",
                "name": NAME,
                "source_wallet": names[first],
                "target_wallet": names[second],
                "take": points(pick, wallets[names[first]]["decimals"]),
                "give": points(pick, wallets[names[second]]["decimals"]),
                "at": pick(["once", "once", "month", "quarter", "year"]),
            }
        )
    return found


def reward(pick: Pick, n: int, wallets: Row, levels: list[str], by_line: bool) -> Row:
    name = pick(sorted(wallets))
    kind = pick(["product", "cash", "cash", "percent", "voucher", "donation"])
    found: Row = {
        "id": f"r{n}",
        "name": NAME,
        "wallet": name,
        "points": points(pick, wallets[name]["decimals"], (1, 2, 3, 5, 10)),
        "kind": kind,
        "minimum": pick([0, 0, 0, 3, 10]),
    }
    if kind == "percent":
        found["percent"] = pick([0.05, 0.1, 0.3333, 1])
    elif kind == "cash" or chance(pick, 70):
        found["value"] = pick([0.5, 1, 5])
    if kind == "cash" and chance(pick, 40):
        found["most_of_order"] = pick([0.1, 0.5, 1])
    if chance(pick, 60):
        found["cost"] = pick([0, 0.25, 1.1])
    if chance(pick, 30):
        spells = ["order", "day", "week", "month", "quarter", "year", "ever"]
        found["limit"] = {"count": pick([1, 2, 5]), "per": pick(spells)}
    if chance(pick, 40):
        found["where"] = where(pick, levels, by_line=by_line, order=True)
    return found


def tiers(pick: Pick, levels: list[str], wallets: Row) -> Row:
    metric = pick(["spend", "spend", "orders", "visits", "wallet"])
    kind = pick(["calendar", "anniversary", "rolling", "lifetime"])
    validities = ["window", "window", "window", "months", "months", "forever"]
    validity = {"kind": pick([*validities, "while", "while"] if kind == "rolling" else validities)}
    if validity["kind"] == "window":
        validity["windows"] = pick([0, 0, 1, 2])
    if validity["kind"] == "months":
        validity["months"] = pick([1, 3, 12])
    at_once = validity["kind"] == "while" or chance(pick, 65)
    step = pick({"spend": [50, 10, 100], "wallet": [20, 5, 100]}.get(metric, [1, 2]))
    found: Row = {
        "metric": metric,
        "window": {"kind": kind, "months": pick([1, 1, 1, 2, 3, 4, 6, 12, 24, 36])},
        "upgrade": "at_once" if at_once else "period_end",
        "validity": validity,
        "soft_landing": chance(pick, 50),
        "grace_days": pick([0, 0, 1, 10, 31]),
        "levels": [level(pick, n, name, step) for n, name in enumerate(levels)],
    }
    if metric == "wallet":
        found["wallet"] = pick(sorted(wallets))
    return found


def level(pick: Pick, n: int, name: str, step: int) -> Row:
    found: Row = {"id": name, "name": NAME, "threshold": 0}
    if n == 0:
        return found
    found["threshold"] = 2 * n * step
    if chance(pick, 50):
        found["requalify"] = found["threshold"] - step
    if chance(pick, 15):
        found["granted_by"] = [pick(KINDS)]
        if chance(pick, 40):
            found["threshold"] = None
            found.pop("requalify", None)
    if chance(pick, 10):
        found["for_life_at"] = 4 * n * step
    if chance(pick, 8):
        found["fee"] = {"amount": 99}
        found["threshold"] = None
        found.pop("requalify", None)
    return found


# Histories


@st.composite
def cases(draw: Any) -> Case:
    """Return a programme and a history that it can be replayed over; hypothesis shrinks it."""
    return case_of(lambda values: draw(st.sampled_from(values)))


def seeded(seed: int) -> Case:
    """Return the case of a seed: more customers, spread evenly over the language."""
    return case_of(random.Random(seed).choice, most=SEEDED)


def case_of(pick: Pick, *, most: int = 3) -> Case:
    by_line = chance(pick, 70)
    programme = programme_of(pick, by_line=by_line)
    start = dt.date.fromisoformat(pick(STARTS))
    period = (start, start + dt.timedelta(days=pick(LENGTHS) - 1))
    names = [f"c{n}" for n in range(pick(range((most + 1) // 2, most + 1)))]
    rows: list[Row] = []
    events: list[Row] = []
    for customer in names:
        for day, kind in days_of(pick, period):
            moment = dt.datetime.combine(day, dt.time.fromisoformat(pick(CLOCKS)))
            if kind:
                events.append(event(pick, customer, moment, kind))
            else:
                name = f"o{pick(range(1000)):03d}-{len(rows)}"
                rows += order(pick, name, customer, moment, by_line)
    joined = None
    if chance(pick, 35):
        joined = {name: joining(pick, period) for name in names}
    customers = {name: pick((None, *range(1, 13))) for name in names}
    paid = None
    fees = [level.id for level in programme.tiers.levels if level.fee] if programme.tiers else []
    if fees and chance(pick, 50):
        paid = pick(fees)
    policies = ["at_once", "at_once", "at_once", "none", "observed"]
    policies += [reward.id for reward in programme.rewards]
    return Case(
        programme,
        rows,
        events,
        period,
        joined,
        customers if joined is not None or chance(pick, 80) else None,
        pick(policies),
        paid,
        pick([0, 6]),
    )


def days_of(pick: Pick, period: tuple[dt.date, dt.date]) -> list[tuple[dt.date, str | None]]:
    """Return days of a customer's entries, single and in a row; with the kind where events."""
    count = pick((12, 5, 20, 8, 2, 0))
    found = [(day_of(pick, period), event_or_order(pick, 25)) for _ in range(count)]
    for _ in range(pick((1, 2, 0))):
        first, kind = day_of(pick, period), event_or_order(pick, 50)
        run = [first + dt.timedelta(days=n) for n in range(pick((3, 4, 6, 9)))]
        found += [(day, kind) for day in run if day <= period[1]]
    return found


def event_or_order(pick: Pick, percent: int) -> str | None:
    return pick(KINDS) if chance(pick, percent) else None


def day_of(pick: Pick, period: tuple[dt.date, dt.date]) -> dt.date:
    """Return a day of the period: any, a corner of the calendar, or one of the first week."""
    start, end = period
    days = [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]
    corners = [day for day in days if day.day in (1, 28, 29, 30, 31) or day in (start, end)]
    return pick(pick([days, corners, days[:7]]))


def joining(pick: Pick, period: tuple[dt.date, dt.date]) -> dt.date | None:
    """Return a day of joining: in the period, before or after it, or none."""
    inside = day_of(pick, period)
    outside = [period[0] - dt.timedelta(days=40), period[1] + dt.timedelta(days=1), None]
    return inside if chance(pick, 80) else pick([period[0], *outside])


def order(pick: Pick, name: str, customer: str, moment: dt.datetime, by_line: bool) -> list[Row]:
    sign = -1 if chance(pick, 20) else 1
    shared: Row = {
        "order_id": name,
        "customer_id": customer,
        "ordered_at": moment,
        "channel": pick(CHANNELS),
        "store_id": pick(STORES),
        "partner": pick(PARTNERS) if chance(pick, 15) else None,
    }
    if not by_line:
        used = pick([0, 0, 0, 1, 2.5, 10])
        return [shared | {"net_sales": sign * Decimal(pick(AMOUNTS)), "points_used": used}]
    lines = []
    for n in range(pick(range(1, 4))):
        amount = sign * Decimal(pick(AMOUNTS))
        if chance(pick, 8):
            amount = -amount
        if chance(pick, 5):
            amount = Decimal(0)
        lines.append(
            shared
            | {
                "line_id": str(n),
                "amount": amount,
                "product_id": pick(tuple(PRODUCTS)),
                "quantity": pick([1, 1, 2, 3, 0.5, None]),
                "points_used": pick([0, 0, 0, 1, 2.5, 10]),
            }
        )
    return lines


def event(pick: Pick, customer: str, moment: dt.datetime, kind: str) -> Row:
    return {
        "customer_id": customer,
        "at": moment,
        "kind": kind,
        "amount": pick([None, Decimal("3.5"), Decimal(12)]),
        "partner": pick(PARTNERS) if chance(pick, 10) else None,
    }


# Which rules a case is about


def features(programme: Programme) -> frozenset[str]:
    """Return what of the language a programme says, as short names to be counted."""
    found = {f"wallets: {len(programme.wallets)}"}
    for wallet in programme.wallets.values():
        found |= {f"expiry: {wallet.expiry.rule}", f"returns: {wallet.returns}"}
        found |= {"expiry: spared levels"} if wallet.expiry.never_for else set()
        found |= {"wallet: decimals"} if wallet.decimals else set()
    for rule in programme.earn:
        found |= {f"earn: on {rule.on}", f"rounding: {rule.rounding}"}
        found |= {f"earn: per {rule.per}"} if rule.on == "order" else set()
        given = {
            "earn: whole": rule.whole,
            "earn: by level": rule.by_tier,
            "earn: minimum": rule.minimum,
            "earn: cap per order": rule.cap_per_order,
            f"earn: cap per {rule.cap.per if rule.cap else ''}": rule.cap,
            "earn: streak": rule.streak,
            "earn: pending": rule.pending_days,
            "earn: partner": rule.partner,
            "earn: several wallets": len(rule.wallets) > 1,
        }
        found |= {name for name, value in given.items() if value} | conditions(rule.where)
    found |= {f"conversion: {rule.at}" for rule in programme.conversions}
    for item in programme.rewards:
        found |= {f"reward: {item.kind}"} | conditions(item.where)
        found |= {f"reward: limit per {item.limit.per}"} if item.limit else set()
        found |= {"reward: share of the order"} if item.most_of_order is not None else set()
    return frozenset(found | levels_of(programme))


def conditions(where: Any) -> set[str]:
    return {f"where: {name}" for name in type(where).model_fields if getattr(where, name)}


def levels_of(programme: Programme) -> set[str]:
    tiers = programme.tiers
    if tiers is None:
        return {"levels: none"}
    found = {
        f"levels: by {tiers.metric}",
        f"levels: {tiers.window.kind} window",
        f"levels: {tiers.upgrade}",
        f"levels: validity {tiers.validity.kind}",
    }
    given = {
        "levels: soft landing": tiers.soft_landing,
        "levels: grace": tiers.grace_days,
        "levels: granted": any(level.granted_by for level in tiers.levels),
        "levels: for life": any(level.for_life_at for level in tiers.levels),
        "levels: requalify": any(level.requalify is not None for level in tiers.levels),
        "levels: fee": any(level.fee for level in tiers.levels),
    }
    return found | {name for name, value in given.items() if value}
