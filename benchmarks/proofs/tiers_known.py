"""Responses known: whether the search finds the design that gains most."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from multiprocessing import get_context
from typing import Any

import numpy as np
from weekly.loop import Setting, simulate
from weekly.people import People

from loyalty_research import tiers
from loyalty_research.tiers.optimisation import Limits, optimise, space
from proofs import Proof
from proofs._tier_worlds import MARGIN, RESPONSES, START, drawn, programme
from proofs.common import table

TITLE = "With known responses, does the search find the best design, and else keep the present?"
WORLDS, SMALL = 115, 2
STILL, SMALL_STILL = 20, 1
SILENT = 10_000
"""Number of the first world without responses."""
ELSEWHERE = 4
"""Every so manieth world is judged on other random numbers as well."""
CUSTOMERS, PERIODS, FRESH = 1_000, 52, 77
SMALL_CUSTOMERS, SMALL_PERIODS = 300, 26
LARGEST = 0.01
PATHS = (
    "earn.spend.points",
    "rewards.thing.points",
    "tiers.levels.gold.threshold",
    "earn.spend.by_tier.gold",
)
WHOLE = ((0.8, 1.0, 1.25), (100, 140, 200, 280, 400), (120, 200, 320), (1.25, 1.5))
PART = ((0.8, 1.0), (100, 200, 400), (120,), (1.25, 1.5))


@dataclass(frozen=True)
class Tried:
    """A world: gains by design (brute force, the same and fresh random numbers), and the choice."""

    best: float
    score: float
    elsewhere: float
    verdict: str
    looked_at: int
    agree: float


def run(*, small: bool) -> Proof:
    """Set the choice beside brute force in NumPy over the same space, world by world."""
    size = (SMALL_CUSTOMERS, SMALL_PERIODS) if small else (CUSTOMERS, PERIODS)
    wanted, still = (SMALL, SMALL_STILL) if small else (WORLDS, STILL)
    jobs = [(number, *size, small) for number in range(wanted)]
    jobs += [(SILENT + number, *size, small) for number in range(still)]
    if small:
        found = [_tried(job) for job in jobs]
    else:
        with get_context("spawn").Pool(2) as pool:
            found = pool.map(_tried, jobs, chunksize=1)
    gaining = [one for one in found if one.best > 0]
    return _proof(gaining, [one for one in found if one.best <= 0], size)


def _tried(job: tuple[int, int, int, bool]) -> Tried:
    number, customers, periods, few = job
    rng = np.random.default_rng([number, 41])
    population = population_of(rng, customers)
    values_of = PART if few else WHOLE
    own = [design_of(one) for one in product(*values_of)]
    present = own[int(rng.integers(len(own)))]
    values = drawn(rng)
    if number >= SILENT:
        values |= dict.fromkeys(RESPONSES, 0.0)
        present = design_of((0.8, 400, max(values_of[2]), 1.25))
    truth = brute(population, own, present, values, periods, seed=1)
    known = tiers.priors.median().replace(
        **{name: values[name] for name in tiers.priors.median().values}
    )
    found = optimise(
        population,
        space(programme(**present), dict(zip(PATHS, values_of, strict=True))),
        baseline=programme(**present),
        responses=known,
        limits=Limits(reach=0.0, top=1.0),
        customers=customers,
        periods=periods,
        seed=1,
        start="fresh",
    )
    chosen = _named(found.recommended, own)
    gain = truth[chosen] if chosen is not None else 0.0
    best = max(float(truth.max()), 0.0)
    elsewhere = np.nan
    if best > 0 and chosen is not None and not few and number % ELSEWHERE == 0:
        fresh = brute(population, own, present, values, periods, seed=FRESH)
        elsewhere = float((fresh.max() - fresh[chosen]) / fresh.max()) if fresh.max() > 0 else 1.0
    own_gain = float(found.designs["gain"].max())
    return Tried(
        best=best,
        score=(best - gain) / best if best > 0 else float(gain),
        elsewhere=elsewhere,
        verdict=found.verdict,
        looked_at=found.simulated,
        agree=abs(own_gain - best) / best if best > 0 else abs(own_gain),
    )


def population_of(rng: np.random.Generator, n: int) -> tiers.Population:
    """Draw customers: rates, lifetimes, baskets."""
    shape, mean = rng.uniform(0.8, 2.0), rng.uniform(0.3, 0.8)
    amount = 20 * np.exp(0.4 * rng.normal(size=(n, 1)) + 0.35 * rng.normal(size=(n, 6)))
    return tiers.population_of(
        np.minimum(rng.gamma(shape, mean / shape, n) + 0.005, 3.0),
        amount=amount.round(2),
        dropout=rng.uniform(0, 0.006),
        member=rng.random(n) < 0.8,
        start=START,
        margin=MARGIN,
    )


def design_of(values: tuple[float, ...]) -> dict[str, Any]:
    """Return keyword arguments of ``programme`` for one value of each path."""
    points, price, threshold, gold = values
    return {"points": points, "price": price, "threshold": threshold, "bonus": gold / points}


def _named(chosen: Any, own: list[dict[str, Any]]) -> int | None:
    if chosen is None:
        return None
    told = told_of(chosen)
    return next(place for place, one in enumerate(own) if told_of(programme(**one)) == told)


def told_of(made: Any) -> tuple[Any, ...]:
    """Return what tells the designs of the space apart."""
    earn, level = made.earn[0], made.tiers.levels[1]
    return (earn.points, earn.by_tier["gold"], level.threshold, made.rewards[0].points)


def brute(
    population: tiers.Population, own: list[dict[str, Any]], present: dict[str, Any],
    values: dict[str, float], periods: int, *, seed: int,
) -> Any:  # fmt: skip
    """Return the gain of each design over the present one, in the independent implementation."""
    templates = population.templates
    people = People(
        keys=population.keys.astype(np.uint64), rate=population.rate, alive=population.alive,
        dropout=population.dropout, member=population.member, starts=templates.starts,
        day=templates.moments // 86_400, second=templates.moments % 86_400,
        amount=templates.amounts,
    )  # fmt: skip
    setting = Setting(START, periods, seed=seed, margin=MARGIN)
    kept = simulate(people, programme(**present), values, setting).gain.sum()
    return np.array(
        [simulate(people, programme(**one), values, setting).gain.sum() - kept for one in own]
    )


def _proof(gaining: list[Tried], keeping: list[Tried], size: tuple[int, int]) -> Proof:
    scores = np.array([one.score for one in gaining])
    within = int((scores <= LARGEST).sum())
    kept = sum(one.verdict == "keep" for one in keeping)
    elsewhere = np.array([one.elsewhere for one in gaining])
    rows = [
        ["worlds in which some design gains", len(gaining)],
        [f"score at most {LARGEST:.0%}", f"{within} of {len(gaining)}"],
        ["largest score", f"{scores.max():.3%}"],
        ["median score", f"{np.median(scores):.3%}"],
        ["worlds in which none gains", len(keeping)],
        ["the present kept", f"{kept} of {len(keeping)}"],
        ["best gain, both programs: largest difference",
         f"{max(one.agree for one in gaining):.1e} of it"],
        ["simulations a world, median", int(np.median([one.looked_at for one in gaining]))],
    ]  # fmt: skip
    if np.isfinite(elsewhere).any():
        worst = np.nanquantile(elsewhere, [0.5, 0.95])
        rows.append(
            [
                f"the same choice scored on other random numbers ({np.isfinite(elsewhere).sum()} "
                "worlds), median and 95 %",
                f"{worst[0]:.2%}, {worst[1]:.2%}",
            ]
        )
    text = (
        f"Each world: {size[0]:,} customers with rates, lifetimes, baskets and responses drawn "
        "anew (responses from the priors of docs/simulator.md, the rest from wide ranges), "
        f"{size[1]} weeks and the washout, a present programme out of the space. The search "
        "is told the responses; brute force simulates every design of the same space in "
        "`benchmarks/weekly`, which shares no code with it. Score = (best gain - gain of the "
        "choice) / best gain, where keeping the present gains 0; base sales do not enter. Both use "
        "the same random numbers, so that no noise stands between them; how much of the best gain "
        "is luck of these numbers shows where the choice is scored on others. Worlds "
        "in which no design gains include some without any response and the meanest present "
        "programme of the space."
    )
    passed = within == len(gaining) and kept == len(keeping)
    return Proof(f"{text}\n\n{table(['', ''], rows)}", passed)
