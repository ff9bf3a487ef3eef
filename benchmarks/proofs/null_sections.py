"""Null worlds by the hundred, and what the sections claim to see in them."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from loyalty_research import profile
from proofs import Proof
from proofs._null_claims import CLAIMS, DESCRIBED, Results
from proofs._null_planted import EFFECTS, planted
from proofs._null_worlds import (
    BOTH,
    WINDOWS,
    YEAR,
    YEAR_BEFORE,
    Frames,
    coming,
    opened,
    steady,
)
from proofs.common import exact, more_than, table

TITLE = "How often does a section claim a difference where there is none?"
WORLDS, WORLDS_PLANTED, CUSTOMERS = 200, 20, 1500
SMALL, SMALL_PLANTED = 2, 6
SURE = 0.05
"""Over all claims together, Bonferroni."""


def run(*, small: bool) -> Proof:
    """Count claims over null worlds, and over worlds with effects planted."""
    null = _counted(range(1, 1 + (SMALL if small else WORLDS)), False, parallel=not small)
    real = _counted(
        range(1, 1 + (SMALL_PLANTED if small else WORLDS_PLANTED)), True, parallel=not small
    )
    limit = SURE / len(CLAIMS)
    rows, held = [], []
    for claim, nothing, something in zip(CLAIMS, null, real, strict=True):
        kept = more_than(sum(nothing), len(nothing), claim.nominal)
        found = more_than(sum(something), len(something), claim.nominal)
        held.append(kept >= limit and found < limit)
        share, power = (exact(sum(made), len(made)) for made in (nothing, something))
        rows.append(
            [
                claim.name,
                claim.rule,
                f"{claim.nominal:.1%}",
                f"{share.hits} of {share.trials}",
                str(share),
                f"{kept:.3f}",
                f"{power.hits} of {power.trials}",
                "holds" if held[-1] else "**does not hold**",
            ]
        )
    return Proof(_told(rows, len(null[0]), len(real[0]), limit), all(held))


def _counted(seeds: range, effects: bool, *, parallel: bool) -> list[list[bool]]:
    """Return for every claim whether each world made it."""
    asked = [(seed, effects) for seed in seeds]
    if not parallel:
        found = [claims_of(item) for item in asked]
    else:
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            found = []
            for made in pool.map(claims_of, asked, chunksize=2):
                found.append(made)
                if len(found) % 20 == 0:
                    counts = " ".join(str(sum(item)) for item in zip(*found, strict=True))
                    print(f"{len(found)} of {len(asked)} worlds: {counts}", file=sys.stderr)
    return [list(made) for made in zip(*found, strict=True)]


def claims_of(asked: tuple[int, bool]) -> list[bool]:
    """Return which claims the sections make in the worlds of one seed."""
    seed, effects = asked
    first, second = steady(seed, customers=CUSTOMERS), coming(seed, customers=CUSTOMERS)
    if effects:
        first, second = planted(first, second, seed=seed)
    results = {**_steady_results(first), **_coming_results(second)}
    return [claim.made(results) for claim in CLAIMS]


def _steady_results(frames: Frames) -> Results:
    brand = opened(frames)
    orders, people = brand.orders, brand.customers
    classes = profile.rfm(orders, as_of=YEAR[1], bins=5, start=YEAR[0]).table
    return {
        "board_year": profile.board(orders, period=YEAR, customers=people, compare=YEAR_BEFORE),
        "board_month": profile.board(orders, period=YEAR, customers=people),
        "migration": profile.migration(orders, period=YEAR),
        "store_board": profile.stores(orders, period=YEAR),
        "staff": profile.staff(orders, period=YEAR),
        "tiers": profile.tiers(brand, period=YEAR),
        "channels": profile.channels(orders, period=YEAR),
        "prices": profile.prices(orders, period=YEAR, segments=classes),
        "people": profile.people(brand, period=YEAR),
        "preferences": profile.preferences(brand, period=YEAR, segments=classes),
    }


def _coming_results(frames: Frames) -> Results:
    orders = opened(frames, observed=True).orders
    return {
        "promotions": profile.promotions(orders, period=BOTH, windows=WINDOWS),
        "board_coming": profile.board(orders, period=YEAR, compare=YEAR_BEFORE),
    }


def _told(rows: list[list[str]], null: int, real: int, limit: float) -> str:
    columns = ["claim", "rule", "nominal", "null worlds", "rate (99 % exact)", "p", "planted", ""]
    return "\n\n".join(
        [
            f"{null} pairs of null worlds, seeds 1 to {null}, {CUSTOMERS:,} customers that could "
            "come, 2023 and 2024; the year 2024 is reported. In the first world of a pair (`null`, "
            "mean rate one purchase in 60 days, twelve stores) everybody has long been buying; in "
            "the second everybody comes in some day of the two years, for what is said of "
            "newcomers. Members of staff, price cuts of a fifth, tiers and join dates "
            "are dealt at random. Rates of buying and sizes of baskets differ between customers; "
            "nothing goes with anything else.",
            "A claim counts as made where the section's own rule makes it. The p value is exact "
            "(binomial) for a rate of at most the nominal one; a claim holds where it is at least "
            f"{limit:.2%} ({SURE:.0%} over all {len(rows)} claims, Bonferroni), and where the same "
            f"count over {real} pairs with effects planted lies as surely above the nominal rate.",
            table(columns, rows),
            "Planted:\n\n" + "\n".join(f"- {effect}" for effect in EFFECTS),
            "What the sections say besides, which states no difference beyond what was counted:"
            "\n\n" + table(["statement", "why it is none"], DESCRIBED.items()),
        ]
    )
