"""Respondents who choose the best and the worst of a few benefits, in ways that are known."""

from __future__ import annotations

from functools import cache
from itertools import combinations, permutations

import numpy as np
from scipy.optimize import minimize

from loyalty_research.drivers.maxdiff import Tasks

VALUES = (1.0, 0.6, 0.2, -0.2, -0.6, -1.0)
TASKS, SHOWN = 6, 3
SETS = np.array(list(combinations(range(len(VALUES)), SHOWN)))
DIFFER = 0.8
_POPULATION = 1_000_000

Choices = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Which of SETS was shown, the place in it of the best and of the worst; one shape for all."""


def tasks(kind: str, rng: np.random.Generator, respondents: int) -> Tasks:
    """Return the answers of a sample; see :func:`answered`."""
    own = _own(kind, rng, respondents)
    which, best, worst = answered(kind, rng, np.repeat(own[:, None, :], TASKS, axis=1))
    shown = np.zeros((respondents, TASKS, len(VALUES)), dtype=bool)
    np.put_along_axis(shown, SETS[which], True, axis=2)
    told = [np.take_along_axis(SETS[which], part[..., None], axis=2)[..., 0]
            for part in (best, worst)]  # fmt: skip
    return Tasks(tuple("abcdef"), shown, told[0], told[1])


def answered(kind: str, rng: np.random.Generator, own: np.ndarray) -> Choices:
    """Choose from a random set for each row of values, shape (..., 6).

    ``pairs``: best and worst are drawn apart, each by a logit of its own, and again while they are
    the same. ``differ`` and ``alike``: normal noise is added to every value, the highest sum is the
    best and the lowest the worst. ``random``: both are drawn by lot.
    """
    which = rng.integers(len(SETS), size=own.shape[:-1])
    values = np.take_along_axis(own, SETS[which], axis=-1)
    if kind in {"differ", "alike"}:
        felt = values + rng.standard_normal(values.shape)
        return which, felt.argmax(axis=-1), felt.argmin(axis=-1)
    scale = 0.0 if kind == "random" else 1.0
    best, worst = (_drawn(rng, side * scale * values) for side in (1, -1))
    while (same := best == worst).any():
        best[same], worst[same] = (_drawn(rng, side * scale * values[same]) for side in (1, -1))
    return which, best, worst


@cache
def truth(kind: str) -> tuple[float, ...]:
    """Return the values that fit all choices of a world best, summing to 0.

    Those planted where the world is the model's own; else by plain maximum likelihood over a
    million choices, each of a respondent of its own.
    """
    if kind == "random":
        return (0.0,) * len(VALUES)
    if kind == "pairs":
        return VALUES
    rng = np.random.default_rng(12)
    which, best, worst = answered(kind, rng, _own(kind, rng, _POPULATION))
    pairs = list(permutations(range(SHOWN), 2))
    counts = np.zeros((len(SETS), len(pairs)))
    for place, (first, last) in enumerate(pairs):
        hit = (best == first) & (worst == last)
        counts[:, place] = np.bincount(which[hit], minlength=len(SETS))
    firsts, lasts = (SETS[:, [pair[i] for pair in pairs]] for i in (0, 1))

    def loss(values: np.ndarray) -> float:
        apart = values[firsts] - values[lasts]
        fitted = apart - np.log(np.exp(apart).sum(axis=1, keepdims=True))
        return float(-(counts * fitted).sum() / _POPULATION + values.sum() ** 2)

    found = minimize(loss, np.zeros(len(VALUES)), method="BFGS", options={"gtol": 1e-9}).x
    return tuple(float(value) for value in found - found.mean())


def _own(kind: str, rng: np.random.Generator, respondents: int) -> np.ndarray:
    spread = DIFFER if kind == "differ" else 0.0
    return np.array(VALUES) + spread * rng.standard_normal((respondents, len(VALUES)))


def _drawn(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    shares = np.exp(values)
    ends = shares.cumsum(axis=-1) / shares.sum(axis=-1, keepdims=True)
    return (rng.random((*values.shape[:-1], 1)) > ends).sum(axis=-1)
