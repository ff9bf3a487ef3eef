"""What was, and is, to be expected of the programme as it stands: simulated, with a range."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from loyalty_research.profile.common import Days
from loyalty_research.programmes.kernel_codes import E4
from loyalty_research.tiers.common import point_values
from loyalty_research.tiers.replays import AT_ONCE, Replays, Run
from loyalty_research.tiers.simulation import Priors, Responses, population, sample_of
from loyalty_research.tiers.simulation.run import Done, Ready, Settings, make_ready, run_all

LEVEL = 0.90
_Z = float(norm.ppf((1 + LEVEL) / 2))
_WASHOUT = 4
"""Weeks at the end without pressure, the same in every draw, so that all end on one day."""
_YEAR = 52
_WEEK = 7
SHARES = ("reward_rate", "redeemed", "liability")


@dataclass(frozen=True, slots=True)
class Terms:
    """How to simulate: margin, responses, customers at most, draws, seed."""

    margin: float
    responses: Priors
    customers: int
    draws: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What a simulation of the programme as it stands brings.

    Parameters
    ----------
    levels
        ``[ends, draws, levels]``: share of members on each level.
    able
        Share of members below the top who at the start can reach the next level.
    rates
        ``[draws, 3]``: over the year, reward rate, share of points leaving that are redeemed, and
        worth of the points left by net sales.
    sampled
        Members simulated.
    """

    levels: np.ndarray
    able: float
    rates: np.ndarray
    sampled: int

    def range_of(self, end: int, level: int, members: int) -> tuple[float, float, float]:
        """Return the mean share on a level, and its range with the chance of so many members."""
        shares = self.levels[end, :, level]
        mean = float(shares.mean())
        chance = _Z * (mean * (1 - mean) * (1 / max(self.sampled, 1) + 1 / max(members, 1))) ** 0.5
        low, high = np.quantile(shares, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return mean, max(float(low) - chance, 0.0), min(float(high) + chance, 1.0)

    def rate_range(self, name: str) -> tuple[float, float]:
        """Return the range over the draws of one of :data:`SHARES`."""
        each = self.rates[:, SHARES.index(name)]
        low, high = np.quantile(each, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return float(low), float(high)


def expected_before(
    brand: Any, made: Replays, main: Run, terms: Terms, ends: Sequence[dt.date]
) -> Expected:
    """Return what was to be expected of the ends of quarters, from what was known at the first."""
    days = Days(made.days.start, ends[0])
    weeks = [(end - ends[0]).days // _WEEK for end in ends[1:]]
    return _expected(brand, made, main, terms, days, weeks)


def expected_after(brand: Any, made: Replays, main: Run, terms: Terms) -> Expected:
    """Return what is to be expected in a year, from all that is known."""
    return _expected(brand, made, main, terms, made.days, [_YEAR])


def _expected(
    brand: Any, made: Replays, main: Run, terms: Terms, days: Days, weeks: list[int]
) -> Expected:
    rules = main.programme
    people = population(brand, margin=terms.margin, period=days.iso, present=rules, seed=terms.seed)
    part = sample_of(people, terms.customers, terms.seed)
    redemption = made.redemption if made.redemption in (AT_ONCE, "none") else "model"
    settings = Settings(max(weeks), terms.seed, redemption=redemption)
    ready = make_ready(part, rules, settings)
    drawn = [one.replace(H=_WASHOUT) for one in terms.responses.draw(terms.seed, terms.draws)]
    shares = np.full(len(ready.plan.levels), 1 / len(ready.plan.levels))
    done = [[_run(ready, one, shares, end) for one in drawn] for end in weeks]
    able = done[0][0].people["able"]
    below = (able == 0) | (able == 1)
    return Expected(
        levels=np.array([[_levels(one, len(shares)) for one in end] for end in done]),
        able=float((able == 1).sum() / below.sum()) if below.any() else float("nan"),
        rates=np.array([_rates(one, main) for one in done[-1]]),
        sampled=int((done[0][0].people["level_start"] >= 0).sum()),
    )


def _run(ready: Ready, responses: Responses, shares: np.ndarray, weeks: int) -> Done:
    settings = dataclasses.replace(ready.settings, periods=max(weeks - _WASHOUT, 1))
    return run_all(dataclasses.replace(ready, settings=settings), responses, shares)


def _levels(done: Done, levels: int) -> np.ndarray:
    """Return the share on each level at the end, of those who were members at the start."""
    own = done.people[done.people["level_start"] >= 0]
    return np.bincount(own["level"], minlength=levels) / max(len(own), 1)


def _rates(done: Done, main: Run) -> tuple[float, float, float]:
    """Return reward rate, share redeemed and liability by net sales, as the review defines them."""
    values, units = point_values(main), main.ledger.units
    each = np.array([(values[name] or 0.0) / units[name] for name in main.programme.wallets])
    net = float(done.people["net"].sum()) / E4
    redeemed, expired = done.flows[:, 0] @ each, done.flows[:, 1] @ each
    left = redeemed + expired
    share = redeemed / left if left > 0 else 1.0
    held = float(np.maximum(done.closing, 0).sum(axis=0) @ each)
    return redeemed / max(net, 1e-9), share, held * share / max(net, 1e-9)
