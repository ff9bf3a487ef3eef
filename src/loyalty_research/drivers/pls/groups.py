"""Whether the paths of two groups differ by more than groups dealt at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loyalty_research.drivers.pls.design import Design, Scheme
from loyalty_research.drivers.pls.moments import CHUNK, moments_of, sample_moments
from loyalty_research.drivers.pls.solution import solve


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """Differences of paths between two groups.

    Parameters
    ----------
    edges
        Arrows as (from, to), m of them.
    first, second
        Shape (m,): paths of either group.
    p_values
        Shape (m,): two-sided, by permutation.
    same_scores
        Shape (q,): correlation of each construct's scores by the weights of either group, over all
        respondents.
    same_scores_limit
        Shape (q,): 5 % quantile of that correlation under permutation; below it the groups do not
        measure the same, and their paths cannot be compared.
    permutations, inadmissible
        Deals at random; those with an inadmissible solution in a group. None is dropped.
    """

    edges: tuple[tuple[str, str], ...]
    first: np.ndarray
    second: np.ndarray
    p_values: np.ndarray
    same_scores: np.ndarray
    same_scores_limit: np.ndarray
    permutations: int
    inadmissible: int


def compare_paths(
    values: np.ndarray,
    belongs: np.ndarray,
    design: Design,
    *,
    rng: np.random.Generator,
    permutations: int = 1000,
    scheme: Scheme = "path",
) -> GroupDifference:
    """Compare the paths of two groups by permutation.

    Parameters
    ----------
    values
        Shape (n, p): complete answers.
    belongs
        Shape (n,), bool: which respondents are of the first group.
    rng
        Deals respondents to groups of the same sizes.

    Notes
    -----
    p = (1 + number of deals that differ at least as much) / (1 + deals): exact at any size. A deal
    without an estimate counts as one that differs.

    References
    ----------
    Chin & Dibbern 2010, in Handbook of Partial Least Squares, 171-193; Henseler, Ringle &
    Sarstedt 2016, International Marketing Review 33(3), 405-431 (same scores, step 2).
    """
    whole = sample_moments(values)
    like = solve(whole, design, scheme=scheme).loadings[0]
    rows, columns = np.array(design.edges).T

    def fitted(masks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        found = solve(moments_of(values, masks), design, scheme=scheme, like=like)
        return found.paths[:, rows, columns], found.weights, found.admissible

    def compared(masks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        ours, mine, fine = fitted(masks)
        theirs, their, good = fitted(1 - masks)
        shared = _score_correlation(mine, their, whole.correlations)
        return ours, theirs, shared, fine & good

    first, second, same, _ = compared(belongs.astype(float)[None, :])
    gap = np.abs(first - second)[0]
    beyond, inadmissible = np.zeros(len(gap)), 0
    shared: list[np.ndarray] = []
    for start in range(0, permutations, CHUNK):
        size = min(CHUNK, permutations - start)
        masks = rng.permuted(np.tile(belongs.astype(float), (size, 1)), axis=1)
        ours, theirs, scores, fine = compared(masks)
        beyond += (~(np.abs(ours - theirs) < gap - 1e-12)).sum(axis=0)
        inadmissible += int((~fine).sum())
        shared.append(scores)
    names = tuple((design.constructs[i], design.constructs[j]) for i, j in design.edges)
    limit = np.quantile(np.concatenate(shared), 0.05, axis=0)
    p_values = (1 + beyond) / (1 + permutations)
    return GroupDifference(
        names, first[0], second[0], p_values, same[0], limit, permutations, inadmissible
    )


def _score_correlation(first: np.ndarray, second: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Return how scores by two sets of weights correlate, shape (B, q)."""
    across = (first * (within @ second)).sum(axis=1)
    own = (first * (within @ first)).sum(axis=1) * (second * (within @ second)).sum(axis=1)
    return np.asarray(across / np.sqrt(own))
