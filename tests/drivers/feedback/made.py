"""Comments made from sentences whose aspect and polarity are plain, and purchases around them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.study import Brand

SAID = {
    ("waiting", -1): "等了半个小时才拿到，太慢了。",
    ("waiting", 1): "出餐很快，没怎么等。",
    ("product", -1): "咖啡很难喝。",
    ("product", 1): "咖啡很好喝。",
    ("service", -1): "店员态度很差。",
    ("service", 1): "店员很热情。",
}
START, WEEKS = pd.Timestamp("2023-01-02"), 104
PERIOD = ("2023-01-02", "2024-12-29")
FIX_DAY = START + pd.Timedelta(weeks=60)
FIX = {
    "name": {"zh": "加派人手", "en": "More staff"},
    "on": FIX_DAY.date(),
    "aspects": ["waiting"],
}


def comments(
    seed: int = 1,
    *,
    n: int = 1500,
    persons: int = 600,
    waiting: tuple[float, float] = (0.3, 0.3),
    service: tuple[float, float] = (0.2, 0.2),
    product: tuple[float, float] = (0.15, 0.15),
    new_word: float = 0.0,
    answered: float = 0.6,
) -> pd.DataFrame:
    """Return comments; shares that complain are those before and after the day of the fix.

    The hidden columns ``bad_waiting``, ``bad_service`` and ``bad_product`` say what was planted.
    """
    rng = np.random.default_rng(seed)
    day = START + pd.to_timedelta(np.sort(rng.integers(0, 7 * WEEKS, n)), unit="D")
    late = day >= FIX_DAY
    chances = {
        "waiting": np.where(late, waiting[1], waiting[0]),
        "service": np.where(late, service[1], service[0]),
        "product": np.where(late, product[1], product[0]),
    }
    bad = {name: rng.random(n) < chance for name, chance in chances.items()}
    last = day >= START + pd.Timedelta(days=7 * WEEKS - 90)
    new = last & (rng.random(n) < new_word)
    texts = [
        "".join(SAID[name, -1 if bad[name][row] else 1] for name in chances)
        + ("榴莲千层好香。" if new[row] else "")
        for row in range(n)
    ]
    complaints = sum(item.astype(int) for item in bad.values())
    posted = day + pd.to_timedelta(rng.integers(8 * 3600, 20 * 3600, n), unit="s")
    wait = pd.to_timedelta((rng.exponential(3.0, n) * 86400).astype(int), unit="s")
    done = (complaints > 0) & (rng.random(n) < answered)
    return pd.DataFrame(
        {
            "feedback_id": np.arange(1, n + 1),
            "posted_at": posted,
            "text": texts,
            "rating": np.maximum(5 - 2 * complaints, 1).astype(float),
            "customer_id": rng.integers(1, persons + 1, n),
            "source": rng.choice(["小程序", "点评网站"], n),
            "resolved_at": pd.Series(posted + wait).where(done),
            **{f"bad_{name}": flag for name, flag in bad.items()},
        }
    )


def lines(
    said: pd.DataFrame, seed: int = 1, *, persons: int = 600, keeps: float = 0.0
) -> pd.DataFrame:
    """Return purchases of persons who buy every ten days or so.

    Of those whose first complaint was not resolved within a week, a share ``keeps`` never buys
    again after that week.
    """
    rng = np.random.default_rng(seed + 100)
    gaps = rng.exponential(1.0, (persons, 150)) * rng.gamma(4, 4, (persons, 1))
    days = np.cumsum(gaps, axis=1)
    bad = said[[name for name in said if name.startswith("bad_")]].fillna(value=False).any(axis=1)
    known = said[bad & said["customer_id"].between(1, persons).fillna(value=False)]
    first = known.sort_values("posted_at").drop_duplicates("customer_id")
    soon = first["resolved_at"].dt.normalize() - first["posted_at"].dt.normalize()
    leaves = ~(soon <= pd.Timedelta(days=7)) & (rng.random(len(first)) < keeps)
    last = np.full(persons, 7.0 * WEEKS)
    rows = first.loc[leaves, "customer_id"].to_numpy(dtype=int) - 1
    last[rows] = (first.loc[leaves, "posted_at"] - START).dt.days + 8
    person, place = np.nonzero(days < last[:, None])
    return pd.DataFrame(
        {
            "customer_id": person + 1,
            "ordered_at": START + pd.to_timedelta(days[person, place].astype(int), unit="D"),
            "order_id": np.arange(len(person)),
            "amount": 12.5,
        }
    )


def shop(
    said: pd.DataFrame, *, name: str = "frames", keeps: float | None = None, **rest: Any
) -> Brand:
    """Return a brand of these comments; with ``keeps``, of purchases around them, too."""
    told = said[[item for item in said if not item.startswith("bad_")]]
    one = {"customer_id": [1], "ordered_at": [START], "order_id": [1], "amount": [12.5]}
    bought = pd.DataFrame(one) if keeps is None else lines(said, keeps=keeps)
    options = {"identifiers": "public", "currency": "CNY", "period": PERIOD} | rest
    return Brand.from_frames(transactions=bought, feedback=told, name=name, **options)
