"""Worlds for the tier designer: customers, a dated rule change, and the gain of every design.

The first family lives by the equations of docs/simulator.md in their second, independent writing
(`benchmarks/weekly`), with responses drawn from the priors; the second by days, with other gaps and
other responses (`weekly.renewal`). Gains are those of the world, never of the package.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from weekly.loop import Outcome, Setting, simulate
from weekly.people import OFF, People
from weekly.renewal import Renewal

from loyalty_research.programmes.schema import Programme

START = dt.date(2024, 1, 1)
BEFORE, AFTER, AHEAD = 52, 52, 52
MARGIN = 0.6
RANGES: dict[str, tuple[float, float, float, float, float]] = {
    # natural bound, 5 %, 50 %, 95 %, natural bound
    "beta_V": (0, 0, 0.6, 2, np.inf), "theta_P": (0, 0, 0.20, 0.45, np.inf),
    "theta_T": (0, 0, 0.12, 0.40, np.inf), "theta_R": (0, 0, 0.06, 0.20, np.inf),
    "theta_L": (0, 0, 0.2, 0.4, np.inf), "beta_B": (0, 0, 0.6, 2, np.inf),
    "c": (0, 0, 0.25, 0.5, np.inf), "d_V": (0, 0, 2.5, 5, np.inf), "d_L": (0, 0, 0.25, 0.5, np.inf),
    "zeta": (0, 0, 0.3, 0.6, 1), "theta_1": (-np.inf, -0.20, -0.10, 0, 0),
    "sd": (0, 0, 0.125, 0.25, np.inf), "kappa": (0, 1, 2.5, 4, np.inf),
    "sigma_T": (0, 0.3, 0.55, 0.8, np.inf), "tau_R": (0, 2, 5, 8, np.inf),
    "tau_L": (0, 4, 15, 26, np.inf), "nu": (0, 0, 0.25, 0.5, np.inf), "H": (1, 2, 5, 8, np.inf),
    "d_1": (-np.inf, -0.6, -0.3, 0, np.inf), "q_0": (-np.inf, -3, -1.5, 0, np.inf),
    "q_1": (0, 0, 0.5, 1, np.inf), "q_2": (0, 0, 0.75, 1.5, np.inf),
}  # fmt: skip
RESPONSES = (
    "beta_V", "theta_P", "theta_T", "theta_R", "theta_L", "beta_B", "c", "d_V", "d_L", "zeta"
)  # fmt: skip
POINTS = (0.8, 1.0, 1.25)
PRICES = (100, 140, 200, 280, 400)
THRESHOLDS = (120, 200, 320)
BONUSES = (1.0, 1.5)


def drawn(rng: np.random.Generator) -> dict[str, float]:
    """Draw one set of parameters from the priors of the page."""
    found = {name: _quantile(*RANGES[name], rng.random()) for name in RANGES}
    for name in RESPONSES:
        found[name] *= rng.random() >= 0.2
    found["psi"] = rng.beta(2, 2)
    found["H"] = round(found["H"])
    return {**OFF, **found}


def _quantile(low: float, q05: float, q50: float, q95: float, high: float, p: float) -> float:
    """Return the quantile: linear between its points, and on to the bounds."""
    first = (0.0, q50 - q05) if q05 == low else (0.05, q50 - q05)
    last = (1.0, q95 - q50) if q95 == high else (0.95, q95 - q50)
    if p < 0.5:
        value = q05 + (p - first[0]) / (0.5 - first[0]) * first[1]
    else:
        value = q50 + (p - 0.5) / (last[0] - 0.5) * last[1]
    return float(np.clip(value, low, high))


def programme(
    *, points: float = 1.0, price: int = 200, threshold: int = 200, bonus: float = 1.0,
    name: str = "A",
) -> Programme:  # fmt: skip
    """Return a design: points per unit of spend, a thing for points, a level by spend a quarter."""
    return Programme.model_validate(
        {
            "name": name, "operator": "Simulated", "market": "Simulated", "trade": "tea",
            "currency": "CNY", "origin": "invented", "verified": "2026-11-22",
            "wallets": {
                "points": {"name": "Points", "expiry": {"rule": "end_of_month", "months": 12}}
            },
            "earn": [
                {"id": "spend", "name": "Spend", "wallets": ["points"], "points": points,
                 "by_tier": {"gold": round(points * bonus, 4)}}
            ],
            "tiers": {
                "metric": "spend", "window": {"kind": "calendar", "months": 3},
                "validity": {"kind": "window", "windows": 1},
                "levels": [
                    {"id": "base", "name": "Base", "threshold": 0},
                    {"id": "gold", "name": "Gold", "threshold": threshold},
                ],
            },
            "rewards": [
                {"id": "thing", "name": "A thing", "wallet": "points", "points": price,
                 "kind": "product", "value": 15}
            ],
        }
    )  # fmt: skip


def designs() -> list[dict[str, Any]]:
    """Return the small space as keyword arguments of :func:`programme`."""
    parts = product(POINTS, PRICES, THRESHOLDS, BONUSES)
    return [{"points": a, "price": b, "threshold": c, "bonus": d} for a, b, c, d in parts]


@dataclass(frozen=True, eq=False)
class TierWorld:
    """A world.

    Parameters
    ----------
    family
        ``model`` or ``other``.
    people
        Everybody at the beginning.
    responses
        What is true of them: keys of the page, or of the second family.
    before, after
        The programme until the change and since.
    present
        Of :func:`designs`, the one that is ``after``.
    """

    number: int
    family: str
    people: People
    responses: dict[str, float]
    before: Programme
    after: Programme
    present: dict[str, Any]

    @property
    def change_on(self) -> dt.date:
        """First day of the later rule."""
        return START + dt.timedelta(weeks=BEFORE)

    @property
    def period(self) -> tuple[dt.date, dt.date]:
        """First and last day of the history."""
        return START, START + dt.timedelta(weeks=BEFORE + AFTER, days=-1)

    @functools.cached_property
    def lived(self) -> Outcome:
        """The history, simulated."""
        setting = Setting(
            START, BEFORE + AFTER, seed=1_000 + self.number, margin=MARGIN, keep_orders=True,
            change=(BEFORE, self.after),
        )  # fmt: skip
        return self._run(self.people, self.before, setting)

    @functools.cached_property
    def quiet(self) -> Outcome:
        """The same history, had nobody responded to anything."""
        return replace(self, responses=self._silent()).lived

    def _silent(self) -> dict[str, float]:
        names = RESPONSES if self.family == "model" else ("points", "tier", "reward")
        return {**self.responses, **dict.fromkeys(names, 0.0)}

    @functools.cached_property
    def orders(self) -> pd.DataFrame:
        """Orders: order_id, customer_id, ordered_at, net_sales, points_used, reward."""
        days = np.datetime64(self.period[1]).astype("datetime64[D]").astype(np.int64)
        found = self.lived.orders
        keep = found["day"] <= days
        rows, day, second = (found[name][keep] for name in ("row", "day", "second"))
        frame = pd.DataFrame(
            {
                "customer_id": [f"c{row:06d}" for row in rows],
                "ordered_at": (day * 86_400 + second).astype("datetime64[s]"),
                "net_sales": found["amount"][keep] / 10_000,
                "points_used": self._prices(found["reward"][keep], found["week"][keep]),
            }
        ).sort_values(["ordered_at", "customer_id"], kind="stable", ignore_index=True)
        frame.insert(0, "order_id", [f"o{number:08d}" for number in range(len(frame))])
        return frame

    @functools.cached_property
    def members(self) -> pd.DataFrame:
        """Members: customer_id, joined (day of the first order as a member)."""
        rows = np.flatnonzero(self.people.member)
        names = [f"c{row:06d}" for row in rows]
        first = self.orders.groupby("customer_id")["ordered_at"].min().dt.floor("D")
        return pd.DataFrame({"customer_id": names, "joined": first.reindex(names).to_numpy()})

    def _prices(self, reward: Any, week: Any) -> Any:
        price = np.where(
            week < BEFORE, float(self.before.rewards[0].points), float(self.after.rewards[0].points)
        )
        return np.where(reward >= 0, price, 0.0)

    @functools.cached_property
    def remaining(self) -> People:
        """Everybody at the end of the history, with their orders as past and their true rates."""
        found, p = self.lived.orders, self.people
        last = np.datetime64(self.period[1]).astype("datetime64[D]").astype(np.int64)
        keep = found["day"] <= last
        rows, day, second, amount = (
            found[name][keep] for name in ("row", "day", "second", "amount")
        )
        order = np.lexsort((second, day, rows))
        starts = np.searchsorted(rows[order], np.arange(len(p) + 1))
        return replace(
            p, alive=self.lived.alive.astype(float), past_starts=starts, past_day=day[order],
            past_second=second[order], past_amount=amount[order],
        )  # fmt: skip

    def outcome(self, design: Programme, *, seed: int = 5, weeks: int = AHEAD) -> Outcome:
        """Return what becomes of everybody in the weeks after the history under a design."""
        setting = Setting(
            self.period[1] + dt.timedelta(days=1), weeks, seed=seed, margin=MARGIN, begins="as_if"
        )
        return self._run(self.remaining, design, setting)

    def gain(self, design: Programme, *, seeds: tuple[int, ...] = (5,)) -> float:
        """Return margin less cost against the programme in force, over all customers."""
        gains = [
            float((self.outcome(design, seed=seed).gain - self._present(seed)).sum())
            for seed in seeds
        ]
        return float(np.mean(gains))

    @functools.cache  # noqa: B019 - a world lives as long as its proof
    def _present(self, seed: int) -> Any:
        return self.outcome(self.after, seed=seed).gain

    def _run(self, people: People, design: Programme, setting: Setting) -> Outcome:
        if self.family == "model":
            return simulate(people, design, self.responses, setting)
        return Renewal(people, design, self.responses, setting).go()


def tier_world(
    number: int, *, family: str = "model", customers: int = 2_000, effect: bool = True
) -> TierWorld:
    """Draw a world.

    Parameters
    ----------
    number
        Which; the same number is the same world.
    family
        ``model`` or ``other``.
    customers
        How many.
    effect
        Whether customers respond to anything; without, only the rules change.
    """
    rng = np.random.default_rng([number, family == "model", 2026])
    after = dict(designs()[int(rng.integers(len(designs())))])
    before = dict(after, price=int(rng.choice([p for p in PRICES if p != after["price"]])))
    return TierWorld(
        number=number,
        family=family,
        people=_people(rng, customers, family),
        responses=_responses(rng, family, effect=effect),
        before=programme(**before, name="Before"),
        after=programme(**after, name="After"),
        present=after,
    )


def _responses(rng: np.random.Generator, family: str, *, effect: bool) -> dict[str, float]:
    if family == "model":
        found = drawn(rng) | {"j_0": -50.0}
        return found if effect else found | dict.fromkeys(RESPONSES, 0.0)
    size = 1.0 if effect else 0.0
    return {
        "points": size * rng.uniform(0, 0.5), "tier": size * rng.uniform(0, 0.4),
        "reward": size * rng.uniform(0, 0.2), "near": rng.uniform(0.15, 0.4),
        "reward_days": 14.0, "shift": rng.uniform(0, 0.8), "slope": rng.uniform(-0.3, 0),
        "shape": rng.uniform(1, 3), "zeta": size * rng.uniform(0, 0.5), "q_0": rng.uniform(-2, 0),
    }  # fmt: skip


def _people(rng: np.random.Generator, n: int, family: str) -> People:
    """Draw rates, gamma or log-normal, lifetimes, and eight orders as templates of each."""
    mean = rng.uniform(0.2, 0.5)
    if family == "model":
        rate = rng.gamma(shape := rng.uniform(0.8, 2.0), mean / shape, n) + 0.005
        dropout = np.full(n, rng.uniform(0.0, 0.006))
    else:
        z = rng.normal(size=n)
        rate = mean * np.exp(0.9 * z - 0.4)
        dropout = 0.003 * np.exp(-0.3 * z + 0.5 * rng.normal(size=n))
    rate = np.minimum(rate, 2.0)
    kept = 8
    own = 20 * np.exp(0.4 * rng.normal(size=n))
    amount = np.repeat(own, kept) * np.exp(0.35 * rng.normal(size=n * kept))
    return People(
        keys=np.arange(n).astype(np.uint64),
        rate=rate,
        alive=np.ones(n),
        dropout=dropout,
        member=_members(rng, rate),
        starts=np.arange(n + 1) * kept,
        day=rng.integers(0, 7, n * kept),
        second=rng.integers(8 * 3600, 21 * 3600, n * kept),
        amount=np.maximum(np.round(amount * 10), 10).astype(np.int64) * 1_000,
    )


def _members(rng: np.random.Generator, rate: Any) -> Any:
    """Draw who is a member: those who buy more often, more often; about four in five."""
    z = (np.log(rate) - np.log(rate).mean()) / np.log(rate).std()
    return rng.random(len(rate)) < 1 / (1 + np.exp(-1.6 - rng.uniform(0.3, 1.5) * z))
