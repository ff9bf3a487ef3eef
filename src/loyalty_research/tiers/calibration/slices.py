"""Elliptical slice sampling of many chains side by side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from loyalty_research.tiers.calibration.panel import Floats

_BLOCK = 3
_MOST = 60


def slice_chains(
    numbers: Floats,
    log_factor: Callable[[Floats], Floats],
    *,
    rng: np.random.Generator,
    sweeps: int,
) -> Floats:
    """Move chains, ``[chains, d]``, towards a standard normal times a factor.

    Parameters
    ----------
    numbers
        Where the chains are.
    log_factor
        Log of the factor, ``[chains]``, given numbers.
    rng
        Randomness.
    sweeps
        Rounds over all numbers.

    Notes
    -----
    Murray, Adams & MacKay 2010, for blocks of three numbers at a time, chosen anew in each round.
    It needs no tuning, and jumps in the factor do no harm.
    """
    numbers = numbers.copy()
    d = numbers.shape[1]
    now = log_factor(numbers)
    for _ in range(sweeps):
        order = rng.permutation(d)
        for block in np.array_split(order, -(-d // _BLOCK)):
            numbers, now = _slice(numbers, now, block, log_factor, rng)
    return numbers


def _slice(
    numbers: Floats,
    now: Floats,
    block: np.ndarray,
    log_factor: Callable[[Floats], Floats],
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    chains = len(numbers)
    here, other = numbers[:, block], rng.standard_normal((chains, len(block)))
    least = now + np.log(rng.random(chains))
    angle = rng.random(chains) * 2 * np.pi
    low, high = angle - 2 * np.pi, angle.copy()
    todo = np.arange(chains)
    for _ in range(_MOST):
        turn = angle[todo, None]
        tried = numbers[todo]
        tried[:, block] = here[todo] * np.cos(turn) + other[todo] * np.sin(turn)
        value = log_factor(tried)
        good = value > least[todo]
        numbers[todo[good]], now[todo[good]] = tried[good], value[good]
        todo = todo[~good]
        if not len(todo):
            break
        below = angle[todo] < 0
        low[todo[below]], high[todo[~below]] = angle[todo[below]], angle[todo[~below]]
        angle[todo] = low[todo] + (high[todo] - low[todo]) * rng.random(len(todo))
    return numbers, now
