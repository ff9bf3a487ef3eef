"""Priors alone: no design is recommended, and what is said of each is what brute force finds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from loyalty_research import tiers
from loyalty_research.tiers.optimisation import Limits, Optimisation, optimise, space
from proofs import Proof
from proofs._tier_worlds import programme
from proofs.common import exact, table
from proofs.tiers_known import PATHS, brute, design_of, population_of, told_of

TITLE = "With priors alone: nothing is recommended, and is what is said of each design right?"
WORLDS, SMALL = 12, 1
CUSTOMERS, PERIODS, DRAWS = 800, 52, 24
SMALL_CUSTOMERS, SMALL_PERIODS, SMALL_DRAWS = 200, 20, 4
SEED = 61
VALUES = ((1.0,), (100, 200, 400), (120, 320), (1.25, 1.5))
SMALL_VALUES = ((1.0,), (100, 400), (120,), (1.25, 1.5))
CLOSE = 1e-6


@dataclass(frozen=True)
class Said:
    """A world: whether anything was recommended, and the largest differences from brute force.

    Parameters
    ----------
    recommended
        Whether a change was.
    verdict
        As of ``optimise``.
    pays, regret
        Largest difference of the share of draws in which a design pays, and of its expected and
        95 % worst regret over the largest regret.
    lift
        Largest gap that the break-even lift leaves, over the extra cost it pays for.
    spread
        Widest share of draws in which a design pays, over the designs: least and most.
    designs
        Judged.
    """

    recommended: bool
    verdict: str
    pays: float
    regret: float
    lift: float
    spread: tuple[float, float]
    designs: int


def run(*, small: bool) -> Proof:
    """Set what is said of every design beside brute force in NumPy, draw by draw."""
    size = (SMALL_CUSTOMERS, SMALL_PERIODS, SMALL_DRAWS) if small else (
        CUSTOMERS, PERIODS, DRAWS
    )  # fmt: skip
    values = SMALL_VALUES if small else VALUES
    return report(
        [_said(number, size, values) for number in range(SMALL if small else WORLDS)], size
    )


def _said(number: int, size: tuple[int, int, int], values: tuple[tuple[float, ...], ...]) -> Said:
    customers, periods, draws = size
    rng = np.random.default_rng([number, SEED])
    people = population_of(rng, customers)
    own = [design_of(one) for one in product(*values)]
    present = own[int(rng.integers(len(own)))]
    found = optimise(
        people,
        space(programme(**present), dict(zip(PATHS, values, strict=True))),
        baseline=programme(**present),
        responses=tiers.priors,
        limits=Limits(reach=0.0, top=1.0),
        customers=customers,
        draws=draws,
        sensitivity_draws=0,
        periods=periods,
        seed=1,
        start="fresh",
    )
    sets = tiers.priors.draw(1, draws)
    gains = np.array([brute(people, own, present, dict(one.values), periods, seed=1)
                      for one in sets]).T  # fmt: skip
    places = [told_of(programme(**one)) for one in own]
    judged = [places.index(told_of(found.programmes[name])) for name in found.programmes]
    rows = found.designs.iloc[:-1]
    behind = np.maximum(gains[judged[:-1]].max(axis=0), 0) - gains[judged[:-1]]
    regrets = np.column_stack([behind.mean(axis=1), np.quantile(behind, 0.95, axis=1)])
    told = rows[["expected_regret", "worst_regret"]].to_numpy(dtype=float)
    pays = (gains[judged[:-1]] > 0).mean(axis=1)
    return Said(
        recommended=found.recommended is not None,
        verdict=found.verdict,
        pays=float(np.abs(pays - rows["pays"]).max()),
        regret=float(np.abs(told - regrets).max() / regrets.max()),
        lift=_gap(found),
        spread=(float(pays.min()), float(pays.max())),
        designs=len(rows),
    )


def _gap(found: Optimisation) -> float:
    """Return what the break-even lift leaves, level by level, over all extra cost.

    Purchases of a level, and what they cost, times 1 + lift must earn what the present programme
    earns of the same customers.
    """
    off = tiers.priors.off()
    name = str(found.designs["design"].iloc[0])
    told = found.break_even_of(name).set_index("tier")["lift"]
    one, other = found.simulation(name, off), found.simulation("present", off)
    gap = 0.0
    for level, lift in told.items():
        who = (one.customers["tier"] == level).to_numpy()
        gap = max(gap, abs(float(one.gains[who].sum() * (1 + lift) - other.gains[who].sum())))
    return gap / max(float(np.abs(one.gains.sum() - other.gains.sum())), 1.0)


def report(found: list[Said], size: tuple[int, int, int]) -> Proof:
    """Return what was said, and whether it is right."""
    none = sum(not one.recommended and one.verdict == "priors_alone" for one in found)
    wrong = max(max(one.pays for one in found), max(one.regret for one in found))
    gap = max(one.lift for one in found)
    low = min(one.spread[0] for one in found)
    high = max(one.spread[1] for one in found)
    rows = [
        ["nothing recommended", f"{none} of {len(found)}: {exact(none, len(found))}"],
        ["share of draws in which a design pays, largest difference",
         f"{max(one.pays for one in found):.1e}"],
        ["expected and 95 % worst regret, largest difference over the largest regret",
         f"{max(one.regret for one in found):.1e}"],
        ["break-even lift: largest amount it leaves unpaid, over the extra cost", f"{gap:.1e}"],
        ["share of draws in which a design pays, least and most", f"{low:.0%}, {high:.0%}"],
        ["designs judged", sum(one.designs for one in found)],
    ]  # fmt: skip
    text = (
        f"Each world: {size[0]:,} customers, {size[1]} weeks, a present programme out of a space "
        f"of designs, {size[2]} sets of responses drawn from the priors. Brute force simulates "
        "every design under every set in `benchmarks/weekly`, which shares no code with the "
        "search, and takes shares and regrets from that."
    )
    passed = none == len(found) and wrong < CLOSE and gap < CLOSE
    return Proof(f"{text}\n\n{table(['', ''], rows)}", bool(passed))
