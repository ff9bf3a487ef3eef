"""Split the change of a product into the parts of its factors."""

from __future__ import annotations

import math
from collections.abc import Mapping


def log_mean(first: float, last: float) -> float:
    """Return the logarithmic mean (last - first) / (ln last - ln first); 0 where one is 0."""
    if first <= 0 or last <= 0:
        return 0.0
    change = math.log(last) - math.log(first)
    # Where the two are all but equal the quotient loses every digit; the mean is their own value.
    return (last - first) / change if abs(change) > 1e-9 else math.sqrt(first * last)


def split_change(first: Mapping[str, float], last: Mapping[str, float]) -> dict[str, float]:
    """Split the change of a product of factors into one additive part a factor.

    Parameters
    ----------
    first, last
        Factors by name before and after; all positive.

    Returns
    -------
    dict
        Part of each factor, in the unit of the product; the parts add up to the change exactly.

    Raises
    ------
    ValueError
        Where a factor is not positive.

    Notes
    -----
    Part of factor f = L(V1, V0) ln(f1 / f0) with L the logarithmic mean (LMDI-I): no residual, and
    swapping before and after only changes the sign.

    References
    ----------
    Ang 2005, Energy Policy 33(7), 867-871.
    """
    if any(value <= 0 for value in (*first.values(), *last.values())):
        msg = f"factors must be positive: {dict(first)} -> {dict(last)}"
        raise ValueError(msg)
    weight = log_mean(math.prod(first.values()), math.prod(last.values()))
    return {name: weight * math.log(last[name] / first[name]) for name in first}
