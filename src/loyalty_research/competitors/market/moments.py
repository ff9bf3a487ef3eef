"""The NBD-Dirichlet from published figures: category penetration and rate, shares, penetrations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq

from loyalty_research.competitors.market.dirichlet import Dirichlet
from loyalty_research.competitors.market.moments_checks import named_figures, problems_of
from loyalty_research.competitors.market.sums import brand_sums, totals
from loyalty_research.errors import ParameterError, problem, raise_all

Convention = Literal["without_outliers", "weighted"]
_S = (1e-4, 1e4)
_K = (1e-6, 1e6)
_NOTCH = 1.58
_WHISKER = 1.5


@dataclass(frozen=True, kw_only=True)
class MomentDirichlet(Dirichlet):
    """A :class:`Dirichlet` from figures of the whole market.

    Parameters
    ----------
    category_penetration, category_rate
        As given.
    penetrations
        Shape (j,): as given.
    single
        Shape (j,): the S that gives each brand its own penetration; missing where none does.
    kept
        Shape (j,): whether a brand's S enters the mean.
    convention
        How S was averaged.
    weighted
        The mean of all of them, weighted by share: the other convention.
    """

    category_penetration: float
    category_rate: float
    penetrations: np.ndarray
    single: np.ndarray
    kept: np.ndarray
    convention: Convention
    weighted: float


def fit_dirichlet(
    *,
    category_penetration: float,
    category_rate: float,
    shares: Mapping[str, float] | Sequence[float],
    penetrations: Mapping[str, float] | Sequence[float],
    convention: Convention = "without_outliers",
) -> MomentDirichlet:
    """Fit the NBD-Dirichlet to the figures of a market by the classic moments.

    Parameters
    ----------
    category_penetration
        Share of households that buy the category in the period, between 0 and 1.
    category_rate
        Category purchases a category buyer, above 1.
    shares
        Of category purchases, by brand; they may leave a rest of the market, but not pass one.
    penetrations
        Share of households that buy each brand, of the same brands.
    convention
        ``without_outliers``: brands whose own S lies above the upper notch of the box plot of all
        (median + 1.58 IQR / sqrt(j)), or beyond its whiskers (1.5 IQR from the hinges), are left
        out of the mean. That is the rule of the R package NBDdirichlet 1.4. ``weighted``: all
        brands, weighted by share.

    Returns
    -------
    MomentDirichlet

    Raises
    ------
    ParameterError
        Listing every figure that cannot be, or where no S gives any brand its penetration.

    Notes
    -----
    M = penetration x rate; K solves (1 + M / K)^-K = 1 - penetration; the S of a brand gives it
    its penetration; S is their mean, weighted by share. A penetration below share x category
    penetration, or above that of a market whose households are all alike, has no S.

    References
    ----------
    Goodhardt, Ehrenberg & Chatfield 1984, JRSS A 147(5), section 4.2 and appendix C; McGill, Tukey
    & Larsen 1978, The American Statistician 32(1) (notches).

    Examples
    --------
    >>> market = fit_dirichlet(
    ...     category_penetration=0.56,
    ...     category_rate=2.6,
    ...     shares={"A": 0.6, "B": 0.4},
    ...     penetrations={"A": 0.43, "B": 0.34},
    ... )
    """
    brands, share, reached = named_figures(shares, penetrations)
    raise_all(
        problems_of(category_penetration, category_rate, brands, share, reached), ParameterError
    )
    mean = category_penetration * category_rate
    shape = _shape(mean, category_penetration)
    chances = totals(mean, shape)
    single = np.array([_single(chances, *pair) for pair in zip(share, reached, strict=True)])
    known = np.isfinite(single)
    if not known.any():
        raise ParameterError(problem(_NO_S, brands=", ".join(brands)))
    kept = known & ~_outlying(single) if convention == "without_outliers" else known
    return MomentDirichlet(
        M=mean,
        K=shape,
        S=float(np.average(single[kept], weights=share[kept])),
        brands=brands,
        shares=share,
        category_penetration=category_penetration,
        category_rate=category_rate,
        penetrations=reached,
        single=single,
        kept=kept,
        convention=convention,
        weighted=float(np.average(single[known], weights=share[known])),
    )


_NO_S = (
    "penetrations: no S gives {brands} the penetration told; it must lie between share x category "
    "penetration and that of households that are all alike"
)


def _shape(mean: float, penetration: float) -> float:
    def missed(log: float) -> float:
        shape = np.exp(log)
        return float(shape * np.log1p(mean / shape) + np.log1p(-penetration))

    return float(np.exp(brentq(missed, np.log(_K[0]), np.log(_K[1]), xtol=1e-13)))


def _single(chances: np.ndarray, share: float, reached: float) -> float:
    def missed(log: float) -> float:
        total = np.exp(log)
        return float(brand_sums(chances, np.array([share * total]), total).penetration[0] - reached)

    low, high = np.log(_S[0]), np.log(_S[1])
    if missed(low) >= 0 or missed(high) <= 0:
        return np.nan
    return float(np.exp(brentq(missed, low, high, xtol=1e-12)))


def _outlying(single: np.ndarray) -> np.ndarray:
    """Tell which values lie above the upper notch of their box plot, or beyond its whiskers."""
    known = np.sort(single[np.isfinite(single)])
    half = (len(known) + 1) // 2
    low, middle, high = (float(np.median(part)) for part in (known[:half], known, known[-half:]))
    spread = high - low
    notch = middle + _NOTCH * spread / np.sqrt(len(known))
    beyond = (single < low - _WHISKER * spread) | (single > high + _WHISKER * spread)
    return beyond | (single > notch)
