"""Pairs and recommendations where there is nothing to find, and where something was planted."""

from __future__ import annotations

import numpy as np

from loyalty_research.profile.offers.pairs_lift import RATE, pair_frame
from proofs import Proof
from proofs._offers_worlds import (
    ITEMS,
    beats,
    bought_twice,
    counts_of,
    held_by_volume,
    with_partner,
)
from proofs.common import exact, more_than, table

TITLE = "Are items said to go together, or to be foretold, where customers only buy much?"
WORLDS, PLANTED, CUSTOMERS = 400, 100, 2000
SMALL, SMALL_PLANTED, SMALL_CUSTOMERS = 6, 3, 1000
_VOLUMES = ("picks", "odds")
_UPPER = 0.025
"""Chance that a model is said to be better where none is: the upper half of 5 %."""
_SURE = 0.01


def run(*, small: bool) -> Proof:
    """Count false pairs and false claims of models over null worlds, and planted ones found."""
    worlds, planted = (SMALL, SMALL_PLANTED) if small else (WORLDS, PLANTED)
    customers = SMALL_CUSTOMERS if small else CUSTOMERS
    pairs, pairs_hold = _pairs(worlds, customers)
    found, found_hold = _planted_pairs(planted, customers)
    models, models_hold = _models(worlds, planted, customers)
    text = "\n\n".join(
        (_INTRODUCTION.format(customers=customers, items=ITEMS), pairs, found, models)
    )
    return Proof(text, pairs_hold and found_hold and models_hold)


_INTRODUCTION = (
    "Simulated: worlds of {customers} customers and {items} items. Customers differ much in volume "
    "and choose items independently: by a gamma number of picks (`picks`, numpy seeds [1, world]), "
    "or each item on its own with odds in proportion to the volume (`odds`, seeds [2, world]). "
    "Shares of items differ from world to world."
)


def _pairs(worlds: int, customers: int) -> tuple[str, bool]:
    rows, held = [], True
    for number, kind in enumerate(_VOLUMES, 1):
        told, ruled, covered, plain = 0, 0, 0, []
        for world in range(worlds):
            rng = np.random.default_rng([number, world])
            frame = pair_frame(counts_of(held_by_volume(kind, customers, rng)))
            told += bool((frame["q"] <= RATE).any())
            ruled += bool((frame["together"] | frame["apart"]).any())
            one = frame.iloc[rng.integers(len(frame))]
            covered += bool(one["adjusted_low"] <= 1 <= one["adjusted_high"])
            plain.append(float((frame["lift_low"] > 1).mean()))
        coverage = exact(covered, worlds)
        held &= more_than(told, worlds, RATE) >= _SURE and coverage.high >= 0.93
        held &= coverage.low <= 0.97
        rows.append(
            [
                kind,
                f"{told} of {worlds}",
                exact(told, worlds),
                f"{ruled} of {worlds}",
                f"{coverage}",
                f"{np.mean(plain):.1%}",
            ]
        )
    columns = [
        "volume",
        "worlds with a pair at q <= 5%",
        "share, 99% exact",
        "with a pair said to go together or apart",
        "95% intervals that hold 1 (a pair a world)",
        "pairs whose plain lift lies above 1",
    ]
    return (
        "No pair goes together; the false discovery rate of 5% holds if at most 5% of the "
        "worlds have one.\n\n" + table(columns, rows),
        held,
    )


def _planted_pairs(worlds: int, customers: int) -> tuple[str, bool]:
    rows, held = [], True
    for share in (0.2, 0.4):
        hits, false, chosen = 0, 0, 0
        for world in range(worlds):
            rng = np.random.default_rng([3, world, round(10 * share)])
            own = held_by_volume("picks", customers, rng)
            pair = with_partner(own, rng, share=share)
            frame = pair_frame(counts_of(own))
            found = frame[frame["together"]]
            right = (found["place"] == pair[0]) & (found["other"] == pair[1])
            hits += bool(right.any())
            false += int((~right).sum())
            chosen += len(found)
        held &= share < 0.4 or hits / worlds > 0.5
        rows.append(
            [f"{share:.0%}", f"{hits} of {worlds}", exact(hits, worlds), f"{false} of {chosen}"]
        )
    columns = [
        "buyers of the one who also buy the other",
        "found",
        "share, 99% exact",
        "others among those chosen",
    ]
    return "One pair planted in `picks` (seeds [3, world, 10 x share]).\n\n" + table(
        columns, rows
    ), held


def _models(worlds: int, planted: int, customers: int) -> tuple[str, bool]:
    cases = (
        ("first times, own tastes", "first", True, 0.0, worlds, 4),
        ("repeats, common shares", "repeat", False, 0.0, worlds, 5),
        ("first times, partners planted", "first", True, 0.3, planted, 6),
    )
    rows, held = [], True
    for name, kind, tastes, partners, count, seed in cases:
        claims = 0
        for world in range(count):
            rng = np.random.default_rng([seed, world])
            made = bought_twice(customers, rng, own_tastes=tastes, partners=partners)
            claims += beats(*made, "first" if kind == "first" else "repeat")
        rows.append(
            [
                name,
                f"{claims} of {count}",
                exact(claims, count),
                "-" if partners else f"{_UPPER:.1%}",
            ]
        )
        held &= claims / count > 0.5 if partners else more_than(claims, count, _UPPER) >= _SURE
    columns = ["world", "a model is said to beat the simple ways", "share, 99% exact", "nominal"]
    return (
        "Later purchases, where no ranking can do better than popularity, and where each item "
        "has a partner (seeds [4 to 6, world]).\n\n" + table(columns, rows),
        held,
    )
