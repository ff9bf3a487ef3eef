"""How often a map of brands that are bought alike is read, and a planted brand found."""

from __future__ import annotations

import numpy as np

from loyalty_research.competitors.position import correspondence, resampled
from proofs import Proof
from proofs._position_worlds import LEANING, NULLS, PLANTED, World
from proofs.common import Exact, exact, more_than, table

TITLE = "Is a map of brands read only where there is something to read?"
FULL, SMALL = (600, 200), (12, 6)
RATE, FOUND, STRICT = 0.05, 0.8, 0.01
"""Nominal rate of maps read without an association; share of planted brands to be found; level of
exact tests."""
SEED, DRAWS, FEWEST = 81_000, 399, 30
"""Buyers a brand needs for a place, as in the report."""


def run(*, small: bool) -> Proof:
    """Draw markets with and without an association, map them, count."""
    worlds, planted = SMALL if small else FULL
    draws = DRAWS // (4 if small else 1)
    rows, passed = [], True
    for number, world in enumerate(NULLS):
        seen = [_look(world, [SEED, number, place], draws) for place in range(worlds)]
        read = exact(sum(axes > 0 for axes, _, _ in seen), worlds)
        alone = exact(sum(clear for _, clear, _ in seen), worlds)
        holds = more_than(read.hits, worlds, RATE) >= STRICT
        passed &= holds
        rows.append((world.told, world.households, read, alone, "yes" if holds else "no"))
    seen = [_look(PLANTED, [SEED, 88, place], draws) for place in range(planted)]
    found = exact(sum(axes > 0 and right for axes, _, right in seen), planted)
    second = exact(sum(axes > 1 for axes, _, _ in seen), planted)
    holds = more_than(second.hits, planted, RATE) >= STRICT and _enough(found)
    return Proof(_text(worlds, planted, rows, found, second), bool(passed and holds))


def _enough(found: Exact) -> bool:
    return found.high >= FOUND


def _look(world: World, seed: list[int], draws: int) -> tuple[int, bool, bool]:
    """Return axes that may be read, whether ellipses alone read one, whether the planted leads."""
    units = world.units(np.random.default_rng(seed))
    kept = np.flatnonzero((units.sum(axis=2) > 0).sum(axis=0) >= FEWEST)
    units = units[:, kept]
    found = correspondence(units.sum(axis=0))
    drawn = resampled(units, found, seed=seed[-1], draws=draws)
    furthest = kept[np.where(drawn.clear[:, 0], found.contributions[:, 0], -1.0).argmax()]
    return drawn.axes, bool(drawn.clear[:, 0].any()), bool(furthest == LEANING)


def _text(
    worlds: int,
    planted: int,
    rows: list[tuple[str, int, Exact, Exact, str]],
    found: Exact,
    second: Exact,
) -> str:
    columns = ("market", "households", "read (99 %)", "by ellipses alone (99 %)", "at most 5 %")
    return "\n\n".join(
        [
            f"{worlds:,} markets of each kind without any association and {planted:,} with one, "
            f"seeds from {SEED}. Households buy six brands from Polya urns; they are of four and "
            "of three kinds, and look for promotions more or less, whatever the brand. A map is "
            "read where at least one axis may be: beyond 95 % of what chance gives, and with the "
            "ellipse of some brand clear of the average. The exact test is at "
            f"{STRICT:.0%}. The ellipses alone stand beside it: they would read most accidents.",
            table(columns, rows),
            f"Planted: {PLANTED.told}, {PLANTED.households} households. The first axis is read "
            f"and that brand stands furthest out on it in {found} (asked: {FOUND:.0%}, by the "
            f"interval); the second axis, where nothing is left, is read in {second}.",
        ]
    )
