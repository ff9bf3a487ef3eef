"""What a shop keeps beside its sales: customers, points, campaigns, coupons, products, stores."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from loyalty_research.worlds import columns
from loyalty_research.worlds.clock import DAY
from loyalty_research.worlds.history import History
from loyalty_research.worlds.lines import Sorted
from loyalty_research.worlds.parameters import Parameters
from loyalty_research.worlds.people import AGES, GENDERS, SOURCES, describe
from loyalty_research.worlds.programme import REASONS
from loyalty_research.worlds.shop import launch_date, openings, store_names

_SECONDS = 1 << 32
_EARLIER = 730
"""Days before the start in which those joined who were there at the start."""
_ENGLISH = {
    **dict(zip(GENDERS, ("female", "male", "not told"), strict=True)),
    **dict(zip(SOURCES, ("store", "mini-programme", "friend", "delivery platform"), strict=True)),
}


def customers(parameters: Parameters, history: History) -> pa.Table:
    """Return the customers who bought within the period, with what is noted down about them."""
    bought = np.flatnonzero(history.purchases > 0)
    people, known = history.people, describe(history.people)
    accounts = history.accounts
    joined = np.full(len(people), -1) if accounts is None else accounts.joined
    outside = joined[bought] < 0
    day = joined[bought] // DAY
    if not parameters.entry.established:
        before = people.source.uniform("joined before")[bought] * _EARLIER
        day = np.where(people.known[bought], -1 - before.astype(np.int64), day)
    cities = [city for _, _, city in store_names(parameters)]
    places = list(dict.fromkeys(cities))
    place_of = np.array([places.index(city) for city in cities])
    unknown = ~known.known[bought]
    table = {
        "customer_id": columns.numbers(people.index[bought] + 1),
        "joined_on": columns.days(parameters.start, day, outside),
        "join_source": columns.words(
            _told(parameters, SOURCES), known.joined_through[bought], outside
        ),
        "birthday_month": columns.numbers(known.birthday_month[bought].astype(np.int8), unknown),
        "gender": columns.words(_told(parameters, GENDERS), known.gender[bought], unknown),
        "age_band": columns.words(AGES, known.age[bought], unknown),
        "place": columns.words(places, place_of[people.home[bought]]),
    }
    if accounts is not None:
        assert parameters.programme is not None
        names = [getattr(item, parameters.language) for item in parameters.programme.tiers]
        last = (parameters.end - parameters.start).days
        table["tier"] = columns.words(names, accounts.tiers(last)[bought], outside)
    return pa.table(table)


def _told(parameters: Parameters, words: tuple[str, ...]) -> list[str]:
    return [word if parameters.language == "zh" else _ENGLISH[word] for word in words]


def points(parameters: Parameters, history: History) -> pa.Table:
    """Return the postings on points accounts, by customer and time."""
    accounts = history.accounts
    ledger = accounts.ledger if accounts is not None else []
    empty = np.zeros(0, dtype=np.int64)
    parts = [np.concatenate(part) for part in zip(*ledger, strict=True)] or [empty] * 5
    # Postings of the same second stay in the order in which they were made.
    order = np.argsort(parts[0] * _SECONDS + parts[1], kind="stable")
    rows, second, delta, reason, expires = (part[order] for part in parts)
    return pa.table(
        {
            "customer_id": columns.numbers(history.people.index[rows] + 1),
            "at": columns.times(parameters.start, second),
            "delta": columns.numbers(delta),
            "reason": columns.words(REASONS, reason),
            "expires_on": columns.days(parameters.start, expires, expires < 0),
        }
    )


def exposures(parameters: Parameters, history: History) -> pa.Table:
    """Return who was reached by which campaign; customers who never bought are not there yet."""
    reached = history.reach.reached == 1
    reached &= (history.purchases > 0)[None, :]
    rows, campaign = np.nonzero(reached.T)
    opens = np.array([item.starts_after for item in parameters.campaigns] or [0])
    return pa.table(
        {
            "campaign_id": columns.numbers(campaign + 1),
            "customer_id": columns.numbers(history.people.index[rows] + 1),
            "at": columns.times(parameters.start, opens[campaign] * DAY),
        }
    )


def redemptions(parameters: Parameters, history: History, orders: Sorted) -> pa.Table:
    """Return the coupons used, by customer."""
    used = np.flatnonzero(orders.whose >= 0)
    customer = history.people.index[orders.rows[used]] + 1
    campaign = orders.whose[used] + 1
    return pa.table(
        {
            "customer_id": columns.numbers(customer),
            "at": columns.times(parameters.start, orders.second[used]),
            "campaign_id": columns.numbers(campaign),
            "coupon_id": columns.numbers(campaign * 100_000_000 + customer),
        }
    )


def campaigns(parameters: Parameters) -> pa.Table:
    """Return the campaigns."""
    listed = parameters.campaigns
    starts = [parameters.start + dt.timedelta(days=item.starts_after) for item in listed]
    ends = [
        day + dt.timedelta(days=item.days - 1) for day, item in zip(starts, listed, strict=True)
    ]
    return pa.table(
        {
            "campaign_id": pa.array(range(1, len(listed) + 1), pa.int64()),
            "kind": pa.array([item.kind for item in listed], pa.string()),
            "starts_on": pa.array(starts, pa.date32()),
            "ends_on": pa.array(ends, pa.date32()),
        }
    )


def products(parameters: Parameters) -> pa.Table:
    """Return the products, their names in both languages."""
    listed, shop = parameters.shop.products, parameters.shop
    language = parameters.language
    other = "en" if language == "zh" else "zh"
    kinds = [shop.categories[item.category].name for item in listed]
    return pa.table(
        {
            "product_id": pa.array(range(1, len(listed) + 1), pa.int64()),
            "name": [getattr(item.name, language) for item in listed],
            f"name_{other}": [getattr(item.name, other) for item in listed],
            "category": [getattr(kind, language) for kind in kinds],
            f"category_{other}": [getattr(kind, other) for kind in kinds],
            "launched_on": pa.array(
                [launch_date(parameters.start, item.launched_after) for item in listed], pa.date32()
            ),
        }
    )


def stores(parameters: Parameters) -> pa.Table:
    """Return the stores; those that open within the period carry that day."""
    listed = store_names(parameters)
    opens, _ = openings(parameters)
    opened = [launch_date(parameters.start, int(day)) for day in opens]
    return pa.table(
        {
            "store_id": pa.array([number for number, _, _ in listed], pa.int64()),
            "name": [name for _, name, _ in listed],
            "city": [city for _, _, city in listed],
            "opened_on": pa.array(opened, pa.date32()),
        }
    )
