"""Figures of a market, checked before a model is fitted to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from loyalty_research.errors import ParameterError, Problem, problem

_ROUNDING = 0.005
"""By how much shares that were rounded before they were given may exceed one."""


def named_figures(
    shares: Mapping[str, float] | Sequence[float], reached: Mapping[str, float] | Sequence[float]
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Return names of brands, shares and penetrations, in one order.

    Raises
    ------
    ParameterError
        Where the two are not of the same brands.
    """
    if isinstance(shares, Mapping) and isinstance(reached, Mapping):
        names = tuple(shares)
        unlike = sorted(set(shares) ^ set(reached))
        if unlike:
            raise ParameterError(
                problem(
                    "shares and penetrations: only one of them has {brands}; give both of the same "
                    "brands",
                    brands=", ".join(unlike),
                )
            )
        return names, np.array([*shares.values()]), np.array([reached[name] for name in names])
    first = [*shares.values()] if isinstance(shares, Mapping) else [*shares]
    second = [*reached.values()] if isinstance(reached, Mapping) else [*reached]
    if len(first) != len(second):
        raise ParameterError(
            problem(
                "shares and penetrations: found {shares} and {penetrations}; give both of the same "
                "brands",
                shares=len(first),
                penetrations=len(second),
            )
        )
    told = shares if isinstance(shares, Mapping) else reached
    names = tuple(told) if isinstance(told, Mapping) else ()
    names = names or tuple(f"brand {place}" for place in range(1, len(first) + 1))
    return names, np.array(first, dtype=float), np.array(second, dtype=float)


def problems_of(
    penetration: float, rate: float, brands: Sequence[str], share: np.ndarray, reached: np.ndarray
) -> Iterator[Problem]:
    """Yield what is wrong with the figures of a market."""
    if not 0 < penetration < 1:
        yield problem(
            "category_penetration: found {found!r}; allowed: between 0 and 1, not 0 or 1",
            found=penetration,
        )
    if not rate > 1:
        yield problem("category_rate: found {found!r}; allowed: above 1", found=rate)
    elif 0 < penetration < 1 and not penetration * rate > -np.log1p(-penetration):
        yield problem(
            "category_rate: found {found!r}; at a penetration of {penetration!r} even households "
            "that all buy alike have more than {least:.4g}",
            found=rate,
            penetration=penetration,
            least=float(-np.log1p(-penetration) / penetration),
        )
    if len(brands) < 2:
        yield problem("shares: found one brand; a market has at least two")
    for name, values, most in (("shares", share, 1.0), ("penetrations", reached, penetration)):
        for brand, value in zip(brands, values, strict=True):
            if not 0 < value <= most:
                yield problem(
                    "{name}: brand {brand!r} has {found!r}; allowed: above 0 and at most {most!r}; "
                    "leave out a brand that nobody bought",
                    name=name,
                    brand=brand,
                    found=float(value),
                    most=most,
                )
    if share.sum() > 1 + _ROUNDING:
        yield problem(
            "shares: they add up to {found:.4g}; allowed: at most 1 (brands that are not listed "
            "may have the rest)",
            found=float(share.sum()),
        )
