"""Where satisfaction does nothing: how often a path from it is claimed all the same."""

from __future__ import annotations

from multiprocessing import get_context

import numpy as np

from loyalty_research.drivers.paths import compare_paths, fit_design, make_design
from proofs import Proof
from proofs._pls_worlds import CONSTRUCTS, PATHS, World
from proofs.common import exact, less_than, more_than, table

TITLE = "Are paths claimed where satisfaction does nothing?"
REPLICATIONS, DRAWS, PERMUTATIONS = 1_000, 500, 199
SMALL = 40, 100, 59
SIZE, NOMINAL = 300, 0.05
SEED, CHUNK, PROCESSES = 47_000, 50, 2
NOTHING = PATHS | {"loyalty": {"image": 0.3, "satisfaction": 0.0}}
CASES = (("equal", "A", False), ("unequal", "B", False), ("factor", "A", True))
TOLD = {
    "equal": "composites, equal; mode A",
    "unequal": "composites, unequal; mode B",
    "factor": "common factors; PLSc",
}
LEAST_P = 0.005


def run(*, small: bool) -> Proof:
    """Draw samples in which satisfaction has no path to loyalty, and count claims."""
    replications, draws, permutations = SMALL if small else (REPLICATIONS, DRAWS, PERMUTATIONS)
    lines, passed = [], True
    for case in CASES:
        jobs = [
            (case, draws, permutations, seed, min(seed + CHUNK, SEED + replications))
            for seed in range(SEED, SEED + replications, CHUNK)
        ]
        if small:
            found = [_chunk(job) for job in jobs]
        else:
            with get_context("spawn").Pool(PROCESSES) as pool:
                found = pool.map(_chunk, jobs, chunksize=1)
        claims, up, differ, bad = (sum(part[i] for part in found) for i in range(4))
        for name, hits, rate in (
            ("path from satisfaction, either sign", claims, NOMINAL),
            ("path from satisfaction, positive", up, NOMINAL / 2),
            ("two groups alike, said to differ on it", differ, NOMINAL),
        ):
            fine = min(more_than(hits, replications, rate), less_than(hits, replications, rate))
            sound = fine >= LEAST_P
            passed &= sound
            lines.append(
                (TOLD[case[0]], name, exact(hits, replications), f"{rate:.1%}", bad,
                 "yes" if sound else "no")
            )  # fmt: skip
    columns = (
        "world; estimator",
        "claim",
        "claimed (99 % exact)",
        "nominal",
        "inadmissible samples",
        "compatible",
    )
    head = (
        f"{replications:,} samples of {SIZE} respondents a world, {draws} draws and {permutations} "
        f"permutations each, seeds from {SEED}. Image goes with everything, satisfaction with "
        "nothing behind it: its path to loyalty is zero while both are correlated. A claim is an "
        "interval of 95 % without zero, or a permutation p of at most .05 between two groups that "
        "were dealt at random. Compatible: an exact binomial test against the nominal rate, on "
        f"either side, keeps p of at least {LEAST_P}.\n"
    )
    return Proof(f"{head}\n{table(columns, lines)}\n", passed)


def _chunk(job: tuple[tuple[str, str, bool], int, int, int, int]) -> tuple[int, int, int, int]:
    (kind, mode, consistent), draws, permutations, first, end = job
    world = World(kind, NOTHING)
    design = make_design(world.blocks, world.arrows, modes=dict.fromkeys(CONSTRUCTS, mode))
    arrow = CONSTRUCTS.index("satisfaction"), CONSTRUCTS.index("loyalty")
    claims = up = differ = bad = 0
    for seed in range(first, end):
        rng = np.random.default_rng([seed, SIZE])
        values = world.answers(rng, SIZE)
        fit = fit_design(values, design, consistent=consistent, draws=draws, seed=seed)
        low, high = fit.draws.interval("paths")
        claims += bool(low[arrow] > 0 or high[arrow] < 0)
        up += bool(low[arrow] > 0)
        bad += not fit.solution.admissible[0]
        halves = rng.permutation(SIZE) < SIZE // 2
        told = compare_paths(values, halves, design, rng=rng, permutations=permutations)
        differ += bool(told.p_values[design.edges.index(arrow)] <= NOMINAL)
    return claims, up, differ, bad
