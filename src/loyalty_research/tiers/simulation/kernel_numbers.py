"""Random numbers of the simulator: a hash of seed, customer, week, purpose and number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from loyalty_research.engine.compiled import inlined
from loyalty_research.tiers.simulation.kernel_records import MOST_ORDERS

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S11 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(11)
_S20, _S28, _ONE = np.uint64(20), np.uint64(28), np.uint64(1)
_UNIT = 2.0**-53


@inlined
def mix(x: Any) -> Any:
    """Return the finishing hash of SplitMix64 (Steele, Lea & Flood 2014)."""
    x = (x ^ (x >> _S30)) * _FIRST
    x = (x ^ (x >> _S27)) * _SECOND
    return x ^ (x >> _S31)


@inlined
def base_of(seed: int, key: int) -> Any:
    """Return where the numbers of a customer begin."""
    return mix(mix(np.uint64(seed) + _GOLDEN) + np.uint64(key) * _GOLDEN)


@inlined
def uniform(base: Any, week: int, purpose: int, number: int) -> float:
    """Return a number above 0 and below 1."""
    code = (np.uint64(week) << _S28) | (np.uint64(purpose) << _S20) | np.uint64(number)
    return (np.float64(mix(base + (code + _ONE) * _GOLDEN) >> _S11) + 0.5) * _UNIT


@inlined
def normal(base: Any, purpose: int, number: int) -> float:
    """Return a standard normal number, by Box and Muller."""
    radius = math.sqrt(-2.0 * math.log(uniform(base, 0, purpose, 2 * number)))
    return radius * math.cos(2.0 * math.pi * uniform(base, 0, purpose, 2 * number + 1))


@inlined
def poisson(mean: float, u: float) -> int:
    """Return the smallest count whose distribution function is at least ``u``."""
    chance = math.exp(-mean)
    below, count = chance, 0
    while below < u and count < MOST_ORDERS:
        count += 1
        chance *= mean / count
        below += chance
    return count


@inlined
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + math.exp(-x))
