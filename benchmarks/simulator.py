"""The simulator and the same model in NumPy and in pandas: customer-weeks a second, and memory.

``simulator.py ours|numpy|pandas CUSTOMERS WEEKS`` prints seconds for the same customers, programme
and responses; ``simulator.py memory CUSTOMERS WEEKS DESIGNS`` the peak memory of several designs in
one process. As JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import sys
import time

import numpy as np
from proofs._tier_worlds import programme
from weekly import frames, loop
from weekly.people import OFF, People

from loyalty_research import tiers

START = dt.date(2026, 1, 5)
ON = OFF | {
    "beta_V": 1.0, "theta_P": 0.2, "theta_T": 0.2, "theta_R": 0.1, "theta_L": 0.2, "psi": 0.5,
    "c": 0.25, "sd": 0.125, "theta_1": -0.1, "zeta": 0.3, "d_L": 0.25, "d_1": -0.3,
}  # fmt: skip
SEED = 1


def population(customers: int) -> tiers.Population:
    """Return members who buy every two weeks on average, six orders of each."""
    rng = np.random.default_rng(5)
    amount = rng.lognormal(3.0, 0.4, (customers, 6)).round(2)
    return tiers.population_of(
        rng.gamma(1.2, 0.4, customers) + 0.01, amount=amount, dropout=0.004, start=START, margin=0.6
    )


def ours(customers: int, weeks: int) -> dict[str, float]:
    """Time the simulator, compiled before."""
    responses = tiers.priors.off().replace(**ON)

    def once(people: tiers.Population) -> float:
        made = tiers.simulate(
            people, programme(), responses=responses, periods=weeks, seed=SEED, start="fresh"
        )
        return float(made.gains.sum())

    once(population(200))
    people = population(customers)
    start, used = time.perf_counter(), time.process_time()
    gain = once(people)
    return _timed(start, used, customers, weeks, gain)


def peer(module: object, customers: int, weeks: int) -> dict[str, float]:
    """Time one of the weekly loops."""
    made = population(customers)
    templates = made.templates
    people = People(
        keys=made.keys.astype(np.uint64), rate=made.rate, alive=made.alive, dropout=made.dropout,
        member=made.member, starts=templates.starts, day=templates.moments // 86_400,
        second=templates.moments % 86_400, amount=templates.amounts,
    )  # fmt: skip
    setting = loop.Setting(START, weeks, seed=SEED, margin=0.6)
    start, used = time.perf_counter(), time.process_time()
    if module is frames:
        gain = float(frames.simulate(people, programme(), ON, setting).sum())
    else:
        gain = float(loop.simulate(people, programme(), ON, setting).gain.sum())
    return _timed(start, used, customers, weeks, gain)


def _timed(start: float, used: float, customers: int, weeks: int, gain: float) -> dict[str, float]:
    seconds = time.perf_counter() - start
    done = customers * (weeks + int(ON["H"]))
    return {
        "seconds": seconds,
        "cpu_seconds": time.process_time() - used,
        "customer_weeks": done,
        "rate": done / seconds,
        "gain": gain,
    }


def memory(customers: int, weeks: int, designs: int) -> dict[str, float]:
    """Simulate several designs on the same customers and tell the peak memory."""
    people = population(customers)
    start = time.perf_counter()
    totals = []
    for price in np.linspace(100, 300, designs).astype(int).tolist():
        made = tiers.simulate(
            people, programme(price=price), periods=weeks, seed=SEED, start="fresh"
        )
        totals.append(made.totals["gain"])
    return {
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "seconds": time.perf_counter() - start,
        "gain": max(totals),
    }


def main(task: str, *sizes: str) -> None:
    """Do one task and print its numbers."""
    numbers = [int(size) for size in sizes]
    if task == "memory":
        found = memory(*numbers)
    elif task == "ours":
        found = ours(*numbers)
    else:
        found = peer({"numpy": loop, "pandas": frames}[task], *numbers)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
