"""Both ledgers behind one face: rows in, plain values out, so that tests can compare them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
from programmes import reference
from programmes.reference import Replay

from loyalty_research.programmes.schema import Programme

Row = dict[str, Any]
MONEY = pa.decimal128(18, 4)
TYPES = {
    "order_id": pa.string(),
    "line_id": pa.string(),
    "customer_id": pa.string(),
    "ordered_at": pa.timestamp("us"),
    "amount": MONEY,
    "net_sales": MONEY,
    "product_id": pa.string(),
    "quantity": pa.float64(),
    "units": pa.float64(),
    "points_used": pa.float64(),
    "channel": pa.string(),
    "store_id": pa.string(),
    "partner": pa.string(),
    "at": pa.timestamp("us"),
    "kind": pa.string(),
    "joined_on": pa.date32(),
    "birthday_month": pa.int64(),
    "category": pa.string(),
}
FRAMES = (
    "postings",
    "balances",
    "tiers",
    "customers",
    "months",
    "members",
    "moves",
    "activity",
    "rewards",
    "earned",
)
DAYS = {"joined_on", "since", "until", "first_reward_on", "first_redeemed_on"}
NAME = {"zh": "名", "en": "name"}
LINE = ("order_id", "customer_id", "ordered_at", "amount", "product_id", "points_used")
EVENT = ("customer_id", "at", "kind", "amount", "partner")


def slow(rows: list[Row], programme: Programme, **options: Any) -> Replay:
    return reference.replay(rows, programme, **options)


def fast(rows: list[Row], programme: Programme, **options: Any) -> Replay:
    """Replay by the package; its frames come back as the reference's rows."""
    from loyalty_research.programmes.replay import replay

    return plain(replay(frame_of(rows, LINE), programme, **given_frames(options)))


LEDGERS: dict[str, Callable[..., Replay]] = {"reference": slow, "fast": fast}


def given_frames(options: Row) -> Row:
    """Return the options as frames."""
    found = {key: value for key, value in options.items() if value is not None}
    if found.pop("events", None):
        found["events"] = frame_of(options["events"], EVENT)
    for name, column in (("joined", "joined_on"), ("customers", "birthday_month")):
        if name in found:
            pairs = found[name].items()
            rows = [{"customer_id": who, column: value} for who, value in pairs]
            found[name] = frame_of(rows, ("customer_id", column))
    if "products" in found:
        pairs = found["products"].items()
        rows = [{"product_id": product, "category": category} for product, category in pairs]
        found["products"] = frame_of(rows, ("product_id", "category"))
    return found


def frame_of(rows: list[Row], columns: tuple[str, ...]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row)) or list(columns)
    return pa.table(
        {
            name: pa.array([typed(name, row.get(name)) for row in rows], TYPES[name])
            for name in names
        }
    )


def typed(name: str, value: Any) -> Any:
    if value is not None and TYPES[name] == MONEY:
        return Decimal(str(value)).quantize(Decimal("0.0001"))
    return value


def plain(ledger: Any) -> Replay:
    """Return a ledger's frames as rows of plain values."""
    rows = {name: rows_of(getattr(ledger, name)) for name in (*FRAMES, "reminders")}
    return Replay(**rows, notes=dict(ledger.notes))


def rows_of(frame: Any) -> list[Row]:
    if not hasattr(frame, "to_dict"):
        frame = frame.execute()
    return [
        {name: value_of(name, value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def value_of(name: str, value: Any) -> Any:
    if value is None or value != value:  # NaT and NaN are unequal to themselves
        return None
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime()
    if name in DAYS and isinstance(value, dt.datetime):
        return value.date()
    return value.item() if hasattr(value, "item") else value


def differences(mine: Replay, other: Replay) -> list[str]:
    """Return where two ledgers differ, one line a row; empty where they agree."""
    found = []
    for name in FRAMES:
        one, two = (comparable(name, getattr(ledger, name)) for ledger in (mine, other))
        for number in range(max(len(one), len(two))):
            left = one[number] if number < len(one) else None
            right = two[number] if number < len(two) else None
            if not same(left, right):
                found.append(f"{name}[{number}]: {left} | {right}")
    return found


def comparable(name: str, rows: list[Row]) -> list[Row]:
    if name == "postings":
        rows = sorted(rows, key=lambda row: (row["customer_id"], row["seq"]))
        return [{key: row[key] for key in row if key != "seq"} for row in rows]
    return sorted(rows, key=lambda row: [str(value) for value in list(row.values())[:3]])


def same(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    if isinstance(left, dict):
        return set(left) == set(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (Fraction, float)) or isinstance(right, (Fraction, float)):
        return math.isclose(float(left), float(right), rel_tol=1e-9, abs_tol=1e-9)
    return bool(left == right)


# Terse programmes and rows, for cases made by hand


def programme_of(**content: Any) -> Programme:
    """Return a programme; what has a name to members is given one."""
    for key in ("earn", "rewards", "conversions"):
        content[key] = [{"name": NAME, **rule} for rule in content.get(key, [])]
    content["wallets"] = {
        name: {"name": NAME, **wallet} for name, wallet in content["wallets"].items()
    }
    if "tiers" in content:
        levels = [{"name": NAME, **level} for level in content["tiers"]["levels"]]
        content["tiers"] = {**content["tiers"], "levels": levels}
    content.setdefault("partners", {"fuel": {"name": NAME}})
    head = {"trade": "coffee", "currency": "CNY", "origin": "invented"}
    names = {"name": NAME, "operator": NAME, "market": NAME}
    return Programme.model_validate({**names, **head, **content})


def at(text: str) -> dt.datetime:
    """Read "2024-01-31" (at noon) or "2024-01-31 23:30"."""
    day, _, clock = text.partition(" ")
    return dt.datetime.fromisoformat(f"{day} {clock or '12:00'}")


def bought(when: str, amount: Any, customer: str = "ann", **more: Any) -> Row:
    """Return an order of one line; its number follows the time unless it is given."""
    row = {
        "order_id": f"{when} {customer} {amount}",
        "customer_id": customer,
        "ordered_at": at(when),
    }
    return {**row, "amount": amount, "quantity": 1, **more}


def happened(when: str, kind: str, customer: str = "ann", **more: Any) -> Row:
    return {"customer_id": customer, "at": at(when), "kind": kind, **more}


def days(first: str, last: str) -> tuple[dt.date, dt.date]:
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last)


def told(ledger: Replay, wallet: str | None = None) -> list[str]:
    """Return postings as text: day, kind, points, balance after."""
    return [
        f"{row['at']:%Y-%m-%d} {row['kind']} {row['points']:+d} = {row['balance']}"
        for row in sorted(ledger.postings, key=lambda row: (row["customer_id"], row["seq"]))
        if wallet in (None, row["wallet"])
    ]


def level_of(ledger: Replay) -> tuple[str, str, str | None]:
    """Return the level of the only member: level, since, until."""
    (row,) = ledger.tiers
    return row["tier"], str(row["since"]), row["until"] and str(row["until"])
