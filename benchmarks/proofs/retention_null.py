"""Shops in which nothing but the rhythm tells who buys again, and what the section claims there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from loyalty_research.drivers.retention import lapse_times, next_activity
from loyalty_research.results import Result
from proofs import Proof
from proofs._retention_worlds import PERIOD, shop
from proofs.common import exact, more_than, table

TITLE = "Does the section on buying again see predictors where there are none?"
FULL = {"alike": 150, "steady": 150, "rhythm": 150, "planted": 20}
SMALL = {"alike": 1, "steady": 1, "rhythm": 1, "planted": 1}
CUSTOMERS = 1200
_STRICT = 0.01
_FOUND = 0.8


@dataclass(frozen=True)
class Claim:
    """Something the sections may state.

    Parameters
    ----------
    name
        In words.
    kinds
        Shops in which it is wrong.
    nominal
        How often chance may make it, at most.
    made
        Tells from both results whether it was.
    planted
        Whether the planted shops must bring it out.
    """

    name: str
    kinds: tuple[str, ...]
    nominal: float
    made: Callable[[Result, Result], bool]
    planted: bool = True


def _stated(template: str) -> Callable[[Result, Result], bool]:
    def made(activity: Result, lapse: Result) -> bool:
        found = [
            item for item in (*activity.findings, *lapse.findings) if item.template == template
        ]
        return any(item.status == "stated" for item in found)

    return made


def _told(result: str, frame: str, column: str, value: object) -> Callable[[Result, Result], bool]:
    """Tell whether a feature other than the times of purchases is told."""

    def made(activity: Result, lapse: Result) -> bool:
        frames = (activity if result == "activity" else lapse).frames
        if frame not in frames:
            return False
        rows = frames[frame]
        return bool(((rows[column] == value) & (rows["feature"] != "trend")).any())

    return made


CLAIMS = (
    Claim("a predictor beats recency alone", ("alike",), 0.05, _stated("activity_predicted")),
    Claim("features add to the rhythm", ("steady", "rhythm"), 0.025, _stated("activity_beyond")),
    Claim(
        "a feature adds something of its own",
        ("alike", "steady", "rhythm"),
        0.05,
        _told("activity", "importance", "beyond_chance", True),
    ),
    Claim(
        "a feature goes with the hazard of falling silent",
        ("steady", "rhythm"),
        0.05,
        _told("lapse", "hazards", "verdict", "told"),
    ),
    Claim("more fall silent than by random buying", ("steady",), 0.025, _stated("lapse_beyond")),
)


def run(*, small: bool) -> Proof:
    """Count claims in shops without predictors, and in shops with one planted."""
    counts = SMALL if small else FULL
    made = {kind: _made(kind, number, parallel=not small) for kind, number in counts.items()}
    rows, held = [], []
    for place, claim in enumerate(CLAIMS):
        for kind in claim.kinds:
            hits = sum(item[place] for item in made[kind])
            chance = more_than(hits, len(made[kind]), claim.nominal)
            held.append(chance >= _STRICT)
            share = exact(hits, len(made[kind]))
            rows.append([claim.name, kind, f"{claim.nominal:.1%}", f"{hits} of {share.trials}",
                         str(share), f"{chance:.3f}"])  # fmt: skip
    found = []
    for place, claim in enumerate(CLAIMS):
        share = exact(sum(item[place] for item in made["planted"]), len(made["planted"]))
        held.append(share.value >= _FOUND)
        found.append([claim.name, f"{share.hits} of {share.trials}", str(share)])
    return Proof(_text(rows, found), all(held))


def _made(kind: str, number: int, *, parallel: bool) -> list[list[bool]]:
    asked = [(kind, seed) for seed in range(1, number + 1)]
    if not parallel:
        return [claims_of(item) for item in asked]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return list(pool.map(claims_of, asked, chunksize=2))


def claims_of(asked: tuple[str, int]) -> list[bool]:
    """Return which claims are made in one shop."""
    kind, seed = asked
    orders = shop(seed, customers=CUSTOMERS, kind=kind)
    activity = next_activity(orders, period=PERIOD)
    lapse = lapse_times(orders, period=PERIOD)
    return [claim.made(activity, lapse) for claim in CLAIMS]


def _text(rows: list[list[str]], found: list[list[str]]) -> str:
    return "\n\n".join(
        [
            f"Shops of {CUSTOMERS:,} customers over 78 weeks, seeds from 1. *Alike*: all buy at "
            "one rate for ever, so that nothing tells who buys next. *Steady*: rates "
            "differ, nobody leaves. *Rhythm*: rates differ and "
            "customers leave, so that the times of purchases tell all there is; spend, discounts, "
            "stores, channels and weekends go with nothing, and only of these a claim "
            "is false (the recent trend is made of times). A claim counts as made where the "
            "section states it; p is exact (binomial) for a rate of at most the nominal one, and "
            f"each must be at least {_STRICT:.0%}.",
            table(["claim", "shop", "nominal", "made", "rate (99 % exact)", "p"], rows),
            "*Planted*: as rhythm, and customers who buy mostly at a discount leave about 33 times "
            f"as soon. Each claim must be made in at least {_FOUND:.0%} of these shops.",
            table(["claim", "made", "rate (99 % exact)"], found),
        ]
    )
