"""How many customers would hold both items if each held as many items as it does, but any.

Customers who buy much buy everything, so that nearly all pairs are bought together more often than
the product of their shares. The comparison here gives each customer as many different items as it
bought, drawn by the items' own weights among customers of about that number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

_BANDS = 10
_LEAST = 50
_ROUNDS = 200
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Expected:
    """What volume alone would give.

    Parameters
    ----------
    held
        Shape (sizes, items): probability that a customer with that number of items holds the item.
    both
        Shape (items, items): customers expected to hold both.
    variance, third
        Shape (items, items): second and third central moment of that number.
    """

    held: np.ndarray
    both: np.ndarray
    variance: np.ndarray
    third: np.ndarray


def inclusion(weights: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities that a set of each size holds an item, and two of them.

    Parameters
    ----------
    weights
        Shape (items,), above 0: a set's probability is in proportion to the product of its weights.
    sizes
        Shape (sizes,): numbers of items a set has, from 1 to all.

    Returns
    -------
    one
        Shape (sizes, items).
    two
        Shape (sizes, items, items); the diagonal means nothing.

    Notes
    -----
    Conditional Poisson sampling: independent draws with odds in proportion to the weights, given
    how many are drawn. With f_i = 1 - p_i + p_i z and z on the unit circle, P(i and j | n) is the
    coefficient of z^n in p_i z p_j z prod(f) / (f_i f_j) over that in prod(f), by a discrete
    Fourier transform; the odds are scaled so that n are expected, which keeps all terms large.

    References
    ----------
    Chen, Dempster & Liu 1994, Biometrika 81(3), 457-469; Hong 2013, Computational Statistics & Data
    Analysis 59, 41-51.
    """
    part, coefficient = _transform(weights, sizes)
    one = np.einsum("sk,ski->si", coefficient, part).real
    two = np.stack([(own.T * line) @ own for own, line in zip(part, coefficient, strict=True)]).real
    return _within(one), _within(two)


def _transform(weights: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return p z / f, shape (sizes, points, items), and the terms of each size, which sum to 1."""
    chance = _scaled(weights, sizes)
    points = len(weights) + 1
    angle = 2 * np.pi * np.arange(points) / points
    around = np.exp(1j * angle)[None, :, None]
    factor = 1 - chance[:, None, :] + chance[:, None, :] * around
    part = chance[:, None, :] * around / factor
    terms = np.exp(np.log(factor).sum(axis=2) - 1j * np.outer(sizes, angle))
    return part, terms / terms.sum(axis=1, keepdims=True)


def _scaled(weights: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return odds / (1 + odds), scaled by size so that as many are expected, or nearly."""
    wanted = np.minimum(sizes, len(weights) - 0.5)[:, None]
    scale = np.zeros((len(sizes), 1))
    logs = np.log(weights)[None, :]
    for _ in range(60):
        chance = expit(logs + scale)
        total = chance.sum(axis=1, keepdims=True)
        slope = (chance * (1 - chance)).sum(axis=1, keepdims=True)
        scale = scale + np.clip((wanted - total) / np.maximum(slope, 1e-9), -1, 1)
    return expit(logs + scale)


def _within(chances: np.ndarray) -> np.ndarray:
    return np.clip(chances, 0.0, 1.0)


def fitted_weights(sizes: np.ndarray, customers: np.ndarray, buyers: np.ndarray) -> np.ndarray:
    """Return the weights with which each item is expected to have the buyers it has.

    Parameters
    ----------
    sizes, customers
        Shape (sizes,): numbers of items, and the customers who hold as many.
    buyers
        Shape (items,): customers of them who hold the item, above 0.
    """
    total = customers.sum()
    wanted = np.minimum(buyers, total - 0.5)  # what all hold would have no finite weight
    logs = np.log(wanted / (total - wanted))
    aim = logs
    for _ in range(_ROUNDS):
        part, coefficient = _transform(np.exp(logs), sizes)
        one = _within(np.einsum("sk,ski->si", coefficient, part).real)
        expected = np.clip(customers @ one, 1e-9, total - 1e-9)
        step = aim - np.log(expected / (total - expected))
        step -= step.mean()
        logs = logs + step
        if np.abs(step).max() < _CLOSE:
            break
    return np.exp(logs)


def expected_both(customers: np.ndarray, buyers: np.ndarray) -> Expected:
    """Return how many customers would hold both items of each pair by volume alone.

    Parameters
    ----------
    customers
        Shape (sizes,): customers by the number of different items they hold, from 0.
    buyers
        Shape (sizes, items): those of them who hold each item.

    Notes
    -----
    Customers of neighbouring numbers form at most ten bands, each with weights of its own; within a
    band each number of items keeps its own probabilities.
    """
    sizes, items = buyers.shape
    held = np.zeros((sizes, items))
    both, variance, third = (np.zeros((items, items)) for _ in range(3))
    for first, after in _bands(customers):
        span = np.arange(first, after)
        span = span[customers[span] > 0]
        there = np.flatnonzero(buyers[first:after].sum(axis=0))
        if not len(there):
            continue
        own = customers[span].astype(float)
        weights = fitted_weights(span, own, buyers[span][:, there].sum(axis=0).astype(float))
        one, two = inclusion(weights, span)
        cell = np.ix_(there, there)
        for place, size in enumerate(span):
            chance = one[place]
            spread = chance * (1 - chance)
            skewed = spread * (1 - 2 * chance)
            held[size, there] = chance
            both[cell] += own[place] * two[place]
            variance[cell] += own[place] * np.outer(spread, spread)
            third[cell] += own[place] * np.outer(skewed, skewed)
    return Expected(held, both, variance, third)


def _bands(customers: np.ndarray) -> list[tuple[int, int]]:
    """Return (first, after) of neighbouring sizes with enough customers; nobody holds size 0."""
    least = max(_LEAST, customers[1:].sum() / _BANDS)
    bands: list[tuple[int, int]] = []
    first, inside = 1, 0.0
    for size in range(1, len(customers)):
        inside += customers[size]
        if inside >= least:
            bands.append((first, size + 1))
            first, inside = size + 1, 0.0
    if inside and bands:
        bands[-1] = (bands[-1][0], len(customers))
    elif inside:
        bands.append((1, len(customers)))
    return bands
