"""How often the interval of expected redemption covers what is redeemed in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from loyalty_research.programmes.run_off import ExpectedRedemption, expected_redemption
from proofs import Proof
from proofs.common import exact, table

TITLE = "Does the interval of expected redemption cover what is redeemed in the end?"
RUNS, CUSTOMERS = 300, 300
SMALL = 15, 150
SEED = 60_700
MONTHS, LIFE, PARTS, HORIZON = 24, 12, 40, 72
LEVEL = 0.95
PRICE = 500
"""Points of a reward in the worlds where members save up."""
FIRST = pd.Period("2022-01", freq="M")


@dataclass
class Points:
    """Counts of one world: cells by part, month of earning and age, and what came in the end."""

    cells: dict[tuple[int, int, int], list[int]] = field(default_factory=dict)
    issued: int = 0
    redeemed: int = 0

    def move(self, customer: int, month: int, age: int, kind: int, points: int) -> None:
        """Count points earned (0), redeemed (1) or expired (2); after the end only what came."""
        if not 0 <= month < MONTHS:
            return
        self.issued += points if kind == 0 else 0
        self.redeemed += points if kind == 1 else 0
        if month + age < MONTHS:
            cell = self.cells.setdefault((customer % PARTS, month, age), [0, 0, 0])
            cell[kind] += points

    def estimate(self) -> ExpectedRedemption:
        """Return what the months up to the valuation say."""
        rows = [
            (part, str(FIRST + month), age, *cell)
            for (part, month, age), cell in self.cells.items()
        ]
        columns = ["part", "earned_month", "age_months", "earned", "redeemed", "expired"]
        frame = pd.DataFrame(rows, columns=columns)
        return expected_redemption(frame, until=str(FIRST + MONTHS - 1), level=LEVEL)

    @property
    def share(self) -> float:
        """Share of the points issued up to the valuation that was redeemed in the end."""
        return self.redeemed / self.issued


def run(*, small: bool) -> Proof:
    """Let points run off in worlds of several kinds, and count."""
    runs, customers = SMALL if small else (RUNS, CUSTOMERS)
    found = {name: list(_trials(make, runs, customers)) for name, make in WORLDS.items()}
    lines, passed = [], True
    for name, trials in found.items():
        line, holds = _line(name, trials)
        lines.append(line)
        passed &= holds or name == DRIFTS
    columns = (
        "world", "truth, mean", "bias", "mean width / 3.92 x spread of errors",
        f"covered (99 % exact, aimed at {LEVEL:.0%})", "held",
    )  # fmt: skip
    head = (
        f"{runs} worlds of each kind, {customers} customers each (seeds {SEED} to "
        f"{SEED + runs - 1}), made by a generator of their own: customers with their own pace of "
        "purchases (gamma) leave after a geometric time and use lots of points at once. Points of "
        f"{MONTHS} months of earning are followed to their end, {LIFE} months later where they "
        "expire. The truth is the share of them that these customers redeemed in the end, so the "
        "interval must hold the error of the shares and the chance of what is to come.\n\n"
        "Alike: every lot is used after a Weibull time, 35 % never. Of their own: time and chance "
        "differ by customer, and half of them join over the first year. Saving: members use "
        f"{PRICE} points, oldest first, at a purchase where they have them and care to, and all "
        "begin with nothing, as in a replay. Good and bad months: the chance of all is multiplied "
        "by a lognormal factor of the month (sigma 0.4). Without expiry the range, from none to "
        "all of the points beyond the ages observed, must hold the truth. The last world is beyond "
        "what the method can know: redemption doubles its pace after the valuation. It is told, "
        f"not judged.\n\nHeld: the exact interval of the coverage reaches {LEVEL:.0%}. Where "
        "customers stay as they are, what they did and what they will do err alike, and the "
        "formula, which adds the two, covers more.\n"
    )
    return Proof(f"{head}\n{table(columns, lines)}\n", passed)


def _trials(
    make: Callable[[np.random.Generator, int], Points], runs: int, customers: int
) -> Iterator[tuple[float, float, float, float]]:
    """Yield truth, estimate and bounds of each world."""
    for seed in range(SEED, SEED + runs):
        points = make(np.random.default_rng(seed), customers)
        found = points.estimate()
        low = found.least.low if found.least.low is not None else found.least.value
        high = found.rate.high if found.rate.high is not None else found.rate.value
        yield points.share, float(found.rate.value or 0), float(low or 0), float(high or 0)


def _line(name: str, trials: list[tuple[float, float, float, float]]) -> tuple[list[object], bool]:
    truth, value, low, high = (np.array(column) for column in zip(*trials, strict=True))
    covered = exact(int(((low <= truth) & (truth <= high)).sum()), len(truth), level=0.99)
    ranged = name == OPEN
    bias = "range" if ranged else f"{np.mean(value - truth):+.2%}"
    width = "range" if ranged else f"{np.mean(high - low) / (3.92 * np.std(value - truth)):.2f}"
    held = covered.high >= LEVEL
    told = "not judged" if name == DRIFTS else "yes" if held else "no"
    return [name, f"{truth.mean():.1%}", bias, width, covered, told], held


def _visits(rng: np.random.Generator, customers: int, *, late: bool) -> Iterator[tuple[int, int]]:
    """Yield customer and month of every month with purchases, up to the last of the world."""
    pace = rng.gamma(1.0, 1.0, customers)
    joined = rng.integers(0, MONTHS // 2, customers) * (rng.random(customers) < 0.5) * late
    stays = rng.geometric(0.03, customers)
    for customer in range(customers):
        end = min(joined[customer] + stays[customer], HORIZON)
        months = np.arange(joined[customer], end)
        for month in months[rng.poisson(pace[customer], len(months)) > 0]:
            yield customer, int(month)


def _delayed(rng: np.random.Generator, customers: int, *, own: bool) -> Points:
    """Use every lot at once after a while, or let it expire."""
    points = Points()
    pace = np.exp(rng.normal(1.2, 0.8, customers)) if own else np.full(customers, 5.0)
    never = rng.beta(1, 2, customers) if own else np.full(customers, 0.35)
    for customer, month in _visits(rng, customers, late=own):
        lot = 1 + int(rng.gamma(2, 50))
        delay = int(pace[customer] * rng.weibull(1.4))
        lost = rng.random() < never[customer] or delay >= LIFE
        points.move(customer, month, 0, 0, lot)
        points.move(customer, month, LIFE if lost else delay, 2 if lost else 1, lot)
    return points


def _saving(
    rng: np.random.Generator,
    customers: int,
    *,
    expires: bool = True,
    months: float = 0.0,
    drift: float = 1.0,
) -> Points:
    """Save for a reward, use the oldest points first, at a purchase where one cares to."""
    points = Points()
    mood = np.exp(rng.normal(-(months**2) / 2, months, HORIZON))
    mood[MONTHS:] *= drift
    cares = rng.beta(1, 1.5, customers)
    lots: dict[int, list[list[int]]] = {}
    for customer, month in _visits(rng, customers, late=True):
        held = lots.setdefault(customer, [])
        if expires:
            _expire(points, customer, held, month)
        wants = rng.random() < cares[customer] * mood[month]
        if wants and sum(lot[1] for lot in held) >= PRICE:
            _use(points, customer, held, month)
        lot = 1 + int(rng.gamma(2, 60))
        held.append([month, lot])
        points.move(customer, month, 0, 0, lot)
    if expires:
        for customer, held in lots.items():
            _expire(points, customer, held, HORIZON + LIFE)
    return points


def _expire(points: Points, customer: int, held: list[list[int]], month: int) -> None:
    while held and month - held[0][0] >= LIFE:
        start, left = held.pop(0)
        points.move(customer, start, LIFE, 2, left)


def _use(points: Points, customer: int, held: list[list[int]], month: int) -> None:
    due = PRICE
    while due:
        start, left = held[0]
        taken = min(left, due)
        due -= taken
        held[0][1] -= taken
        points.move(customer, start, month - start, 1, taken)
        if not held[0][1]:
            held.pop(0)


OPEN, DRIFTS = "saving, no expiry", "saving, then twice the pace"
WORLDS: dict[str, Callable[[np.random.Generator, int], Points]] = {
    "alike": lambda rng, n: _delayed(rng, n, own=False),
    "of their own": lambda rng, n: _delayed(rng, n, own=True),
    "saving": lambda rng, n: _saving(rng, n),
    "saving, good and bad months": lambda rng, n: _saving(rng, n, months=0.4),
    OPEN: lambda rng, n: _saving(rng, n, expires=False),
    DRIFTS: lambda rng, n: _saving(rng, n, drift=2.0),
}
