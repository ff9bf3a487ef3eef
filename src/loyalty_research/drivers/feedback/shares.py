"""Shares of comments, with who wrote them as the sampled units."""

from __future__ import annotations

import dataclasses

import numpy as np

from loyalty_research.stats import Estimate, proportion, share_of


def share_of_reviews(hit: np.ndarray, person: np.ndarray) -> Estimate:
    """Estimate the share of comments with a property.

    Parameters
    ----------
    hit
        Shape (n,): whether each comment has it.
    person
        Shape (n,): number of who wrote it.

    Returns
    -------
    Estimate
        ``base`` counts comments; ``value`` None where there is none.

    Notes
    -----
    Linearised over persons, on the scale of logits, so that what one person writes several times
    may be alike; Wilson's interval where everybody wrote once, or where no comment or every one
    has the property.
    """
    hit = np.asarray(hit, dtype=bool)
    count, base = int(hit.sum()), len(hit)
    codes, place = np.unique(person, return_inverse=True)
    if len(codes) == base or count in (0, base):
        return proportion(count, base)
    part = np.bincount(place, weights=hit.astype(float))
    found = share_of(part, np.bincount(place).astype(float))
    return dataclasses.replace(found, base=base)
