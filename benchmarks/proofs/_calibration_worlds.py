"""Customers who respond to a simple programme, week by week in NumPy.

A second writing of the model of docs/simulator.md for one kind of programme (points a unit of
spend, one reward, one level above the base by spend in blocks of 52 weeks), apart from the
likelihood and the simulator: it shares no code with either. ``odd`` makes customers of a second
family, which the model is not: rates are log-normal, pressure sets in at once in a window before
the reward or level, benefits begin to act weeks after they are given, word of mouth brings a trend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

BLOCK = 52
_TURNS = 12
"""Orders of a week with a chance of redeeming of their own."""
SCARCE = 0.15
"""Share of members on the upper level, as benefits count it."""
NEAR, WITHIN, LATE, MOUTH = 0.7, 0.4, 6, 0.05
"""Of the second family: covered share from which a reward presses; log distance of needed and own
pace up to which a level does; weeks until a benefit acts; growth a year."""


@dataclass(frozen=True)
class Design:
    """A programme: points for a reward, its value and cost, spend for the level, its benefit."""

    price: float
    value: float
    threshold: float
    perk: float
    cost_share: float = 0.4


@dataclass(frozen=True)
class People:
    """Who the customers are: rate a week, mean order, week in which they begin."""

    rate: np.ndarray
    mean: np.ndarray
    begin: np.ndarray


@dataclass
class Lived:
    """What happened: by customer and week.

    ``exposure``: orders that a unit of the rate brings in the weeks after the first, if nobody
    leaves; ``there``: chance of not having left. Both of the weeks of the past, where one is given.
    """

    orders: np.ndarray
    redeemed: np.ndarray
    covariates: np.ndarray
    exposure: np.ndarray
    there: np.ndarray
    margin: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True)
class Past:
    """Weeks as they were, and the gamma of the rates before them; ``there`` where it is known."""

    orders: np.ndarray
    redeemed: np.ndarray
    shape: float
    scale: float
    there: np.ndarray | None = None


def people(
    rng: np.random.Generator, n: int, *, shape: float, scale: float, late: int, odd: bool = False
) -> People:
    """Draw customers; those who do not begin at once do so within ``late`` weeks."""
    begin = np.where(rng.random(n) < 0.7, 0, rng.integers(0, max(late, 1), n))
    if odd:  # mean and variance of the gamma
        spread = np.sqrt(np.log1p(1 / shape))
        rate = shape / scale * np.exp(spread * rng.standard_normal(n) - spread**2 / 2)
    else:
        rate = rng.gamma(shape, 1 / scale, n)
    return People(rate, 20 * np.exp(0.3 * rng.standard_normal(n)), begin)


def live(
    who: People,
    theta: Mapping[str, float],
    designs: Sequence[tuple[int, Design]],
    *,
    weeks: int,
    season: np.ndarray,
    leaving: float,
    seed: int,
    margin: float = 0.55,
    odd: bool = False,
    past: Past | None = None,
) -> Lived:
    """Let customers buy under designs that hold from given weeks on.

    The same seed gives every customer the same chances in a week, whatever the design. Weeks of
    ``past`` are as they were; who is there after them is drawn given the orders in them.
    """
    n = len(who.rate)
    chance = np.random.default_rng(seed)
    log_rate = np.log(who.rate)
    z = np.clip((log_rate - log_rate.mean()) / log_rate.std(), -3, 3)
    own_p = _own(theta["theta_P"], theta, z, chance.standard_normal(n))
    own_t = _own(theta["theta_T"], theta, z, chance.standard_normal(n))
    points = np.zeros(n)
    anchor, earned, spent, bought = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    level, ends = np.zeros(n, bool), np.full(n, 10**6)
    since_reward, since_fall = np.full(n, np.inf), np.full(n, np.inf)
    alive, carried = np.ones(n, bool), np.zeros(n)
    window = int(theta["H"])
    lifts = np.zeros((window, n))
    out = Lived(
        np.zeros((n, weeks), np.int64),
        np.zeros((n, weeks), np.int64),
        np.zeros((n, weeks, 9)),
        np.zeros(n),
        np.ones(n),
    )
    known = 0 if past is None else past.orders.shape[1]
    since_rise, so_far = np.zeros(n), np.zeros(n)
    for t in range(weeks):
        design = [one for since, one in designs if since <= t][-1]
        u_leave, u_orders = chance.random(n), chance.random(n)
        u_redeem = chance.random((_TURNS, n))
        if t % BLOCK == 0 and t > 0:
            due = level & (ends < t)
            falls = due & (spent < design.threshold)
            since_fall[falls] = 0.0
            level &= ~falls
            ends[due & ~falls] = t + BLOCK - 1
            spent[:] = 0.0
        here = who.begin <= t
        x = out.covariates[:, t]
        worth = design.value / design.price
        x[:, 0] = np.where(
            bought > 0, np.minimum(worth * earned / (who.mean * np.maximum(bought, 5)), 0.25), 0
        )
        anchor = np.minimum(anchor, points)
        nearest = np.where(design.price > anchor, design.price, np.inf)
        share = np.minimum((points - anchor) / (nearest - anchor), 1.0)
        x[:, 1] = share
        left = BLOCK - t % BLOCK
        joined = bought > 0
        gap = np.where(joined & ~level & (spent < design.threshold), design.threshold - spent, 0)
        keep = np.where(level & (ends < t + left), design.threshold - spent, 0).clip(0)
        x[:, 2], x[:, 3] = gap / left / who.mean, keep / left / who.mean
        x[:, 4], x[:, 5] = since_reward, since_fall
        x[:, 6] = np.where(level, design.perk, 0.0)
        x[:, 8] = np.log(SCARCE / 0.1)
        near = _window if odd else _near
        pressure_p = (share > NEAR) if odd else share ** theta["kappa"] * (share > 0)
        pressure_t = np.maximum(
            near(x[:, 2], who.rate, theta["sigma_T"]), near(x[:, 3], who.rate, theta["sigma_T"])
        )
        loss = np.exp(-since_fall / theta["tau_L"])
        benefit = np.minimum(x[:, 6] * (SCARCE / 0.1) ** -theta["nu"], 0.25)
        if odd:
            benefit = np.where(since_rise >= LATE, benefit, 0.0)
        log_m0 = (
            theta["beta_V"] * x[:, 0]
            + theta["theta_R"] * np.exp(-since_reward / theta["tau_R"])
            - theta["theta_L"] * loss
            + theta["beta_B"] * benefit
        )
        m0 = np.exp(np.clip(log_m0, -1.5, 1.5))
        m = np.exp(np.clip(log_m0 + own_p * pressure_p + own_t * pressure_t, -1.5, 1.5))
        logit = np.log(leaving / (1 - leaving)) + theta["d_1"] * z
        logit += theta["d_L"] * loss - theta["d_V"] * benefit
        leaves = np.where(here & (who.begin < t), 1 / (1 + np.exp(-logit)), 0.0)
        if known and t == known:
            there = out.there if past.there is None else past.there
            alive = u_leave < there * (1 - leaves)
        alive = alive & (u_leave >= leaves) if t > known or not known else alive
        owed = theta["psi"] * lifts.mean(axis=0) + carried
        paid = np.minimum(owed, np.maximum(season[t] * (m - 0.05), 0))
        carried = np.where(here, owed - paid, 0)
        lifts[t % window] = np.where(here, season[t] * (m - m0), 0)
        lift = season[t] * m - paid
        mean = who.rate * lift
        if t < known:
            orders = past.orders[:, t]
            later = who.begin < t
            scale = past.scale + out.exposure
            silent = np.where(later, (scale / (scale + lift)) ** (past.shape + so_far), 1.0)
            stays = out.there * (1 - leaves)
            chance_there = stays * silent / (stays * silent + 1 - stays)
            out.there = np.where(orders > 0, 1.0, chance_there)
            out.exposure += np.where(later, lift, 0.0)
            so_far += np.where(later, orders, 0)
        else:
            growth = np.exp(MOUTH * t / BLOCK) if odd else 1.0
            orders = np.where(alive & here, _poisson(mean * growth, u_orders), 0)
            first = who.begin == t
            orders[first] = np.maximum(orders[first], 1)
        out.orders[:, t] = orders
        since_reward += 1
        since_fall += 1
        since_rise += 1
        for j in range(int(orders.max(initial=0))):
            buys = orders > j
            can = buys & (points >= design.price)
            pull = theta["q_0"] + theta["q_1"] * np.minimum(points / design.price - 1, 5)
            takes = can & (u_redeem[min(j, _TURNS - 1)] < 1 / (1 + np.exp(-pull)))
            if t < known:
                takes = can & (out.redeemed[:, t] < past.redeemed[:, t])
            points[takes] -= design.price
            anchor[takes] = points[takes]
            since_reward[takes] = 0.5
            out.redeemed[takes, t] += 1
            points[buys] += who.mean[buys]
            earned[buys] += who.mean[buys]
            bought[buys] += 1
            spent[buys] += who.mean[buys]
        rises = ~level & (spent >= design.threshold)
        ends[rises] = (t // BLOCK + 2) * BLOCK - 1
        level |= rises
        since_rise[rises] = 0.0
        out.margin += margin * float((orders * who.mean).sum())
        out.cost += design.cost_share * design.value * float(out.redeemed[:, t].sum())
        out.cost += design.cost_share * float((orders * who.mean * x[:, 6]).sum())
    return out


def gain(
    who: People,
    theta: Mapping[str, float],
    pair: tuple[Design, Design],
    *,
    weeks: int,
    leaving: float,
    seed: int,
    odd: bool = False,
) -> float:
    """Return margin less cost of the second design over the first, a customer, same chances."""
    sums = []
    for design in pair:
        made = live(
            who,
            theta,
            [(0, design)],
            weeks=weeks,
            season=np.ones(weeks),
            leaving=leaving,
            seed=seed,
            odd=odd,
        )
        sums.append(made.margin - made.cost)
    return (sums[1] - sums[0]) / len(who.rate)


def _own(size: float, theta: Mapping[str, float], z: np.ndarray, noise: np.ndarray) -> np.ndarray:
    if size <= 0:
        return np.zeros(len(z))
    return np.maximum(size + theta["theta_1"] * z + theta["sd"] * noise, 0)


def _near(needed: np.ndarray, rate: np.ndarray, width: float) -> np.ndarray:
    there = needed > 0
    away = np.log(np.where(there, needed, 1.0) / rate) / width
    return np.where(there, np.exp(-0.5 * away**2), 0.0)


def _window(needed: np.ndarray, rate: np.ndarray, _width: float) -> np.ndarray:
    away = np.log(np.where(needed > 0, needed, np.inf) / rate)
    return (np.abs(away) < WITHIN).astype(float)


def _poisson(mean: np.ndarray, u: np.ndarray) -> np.ndarray:
    chance = np.exp(-mean)
    below, count = chance.copy(), np.zeros(len(mean), np.int64)
    for number in range(1, 61):
        more = below < u
        if not more.any():
            break
        count[more] += 1
        chance = chance * mean / number
        below = np.where(more, below + chance, below)
    return count
