"""Random numbers by customer: the same integers on every machine, in any order of asking.

A number is a hash of seed, stream, index and draw, so that nothing depends on how many customers
are made or in which chunks. Variates come from it through additions, multiplications, comparisons
and tables only: these are exact in IEEE arithmetic, while the last digit of a library's ``log`` or
``exp`` differs between processors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from loyalty_research.stats import seed_from

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_GOLDEN = 0x9E3779B97F4A7C15
_SPREAD = 0xD1B54A32D192ED03
_WORD = 1 << 64
_LN2 = 0.6931471805599453
_CELLS = 4096
_FINE = 256
_OCTAVES = 56


def mix(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return ``words`` well mixed: the finaliser of SplitMix64, a bijection. Changes its input.

    References
    ----------
    Steele, Lea & Flood 2014, Fast splittable pseudorandom number generators, OOPSLA.
    """
    words ^= words >> np.uint64(30)
    words *= np.uint64(0xBF58476D1CE4E5B9)
    words ^= words >> np.uint64(27)
    words *= np.uint64(0x94D049BB133111EB)
    words ^= words >> np.uint64(31)
    return words


class Source:
    """Uniform numbers of a set of customers (or days, or households) by stream and draw.

    Parameters
    ----------
    seed
        Of the world.
    kind
        Whose numbers: sources of unlike kinds share none.
    index
        Number of each customer in the whole world.
    """

    def __init__(self, seed: int, kind: str, index: npt.ArrayLike) -> None:
        self._names = ("worlds", str(seed), kind)
        self._spread = np.asarray(index).astype(np.uint64) * np.uint64(_SPREAD)
        self._starts: dict[str, npt.NDArray[np.uint64]] = {}

    def uniform(
        self, stream: str, rows: Integers | None = None, draw: int | Integers = 0
    ) -> Floats:
        """Return uniform numbers, above 0 and below 1, odd multiples of 2**-53.

        Parameters
        ----------
        stream
            What the numbers are for.
        rows
            Positions in ``index``; None for all.
        draw
            Number of the draw within the stream, one for all or one each.
        """
        starts = self._starts.get(stream)
        if starts is None:
            key = np.uint64(seed_from(*self._names, stream))
            starts = self._starts[stream] = mix(self._spread + key)
        if rows is not None:
            starts = starts[rows]
        if isinstance(draw, int):
            words = starts + np.uint64((draw + 1) * _GOLDEN % _WORD)
        else:
            words = starts + (draw + 1).astype(np.uint64) * np.uint64(_GOLDEN)
        bits = mix(words) >> np.uint64(12)
        return (bits.astype(np.float64) + 0.5) * 2.0**-52


def coarse(values: npt.ArrayLike) -> Floats:
    """Return ``values`` rounded to 24 bits: libraries differ in their last digits, not in these."""
    mantissa, exponent = np.frexp(np.asarray(values, dtype=np.float64))
    return np.asarray(np.ldexp(np.rint(mantissa * 2.0**24) * 2.0**-24, exponent))


class _Line:
    """A function tabulated on a grid of step one, linear in between."""

    def __init__(self, values: Floats) -> None:
        self._values = values[:-1].copy()
        self._steps = np.diff(values)

    def __call__(self, position: Floats) -> Floats:
        cell = position.astype(np.int64)
        return self._values.take(cell) + (position - cell) * self._steps.take(cell)


# Decimal arithmetic is correctly rounded by its standard, on every machine.
_EXACT = Context(prec=24)
_LN2_EXACT = _EXACT.ln(Decimal(2))
_GRID = [_EXACT.divide(Decimal(cell), Decimal(_CELLS)) for cell in range(_CELLS + 1)]
_LOGS = _Line(np.array([float(_EXACT.ln((1 + part) / 2)) for part in _GRID]))
_POWERS = _Line(np.array([float(_EXACT.exp(part * _LN2_EXACT)) for part in _GRID]))


def ln(values: Floats) -> Floats:
    """Return natural logarithms of positive ``values``, to about 1e-8."""
    mantissa, exponent = np.frexp(values)
    return exponent * _LN2 + _LOGS((mantissa - 0.5) * (2 * _CELLS))


def exp(values: Floats) -> Floats:
    """Return exponentials of ``values``, to a relative 1e-8."""
    scaled = np.clip(values, -600.0, 600.0) * (1 / _LN2)
    whole = np.floor(scaled)
    return np.asarray(np.ldexp(_POWERS((scaled - whole) * _CELLS), whole.astype(np.int32)))


def logistic(values: Floats) -> Floats:
    """Return 1 / (1 + exp(-values))."""
    return 1 / (1 + exp(-values))


def exponential(uniforms: Floats) -> Floats:
    """Return exponential variates of mean one."""
    return -ln(uniforms)


class Quantiles:
    """Variates of a distribution out of uniform numbers, by a table of its quantiles.

    The table is fine in both tails: 256 cells for every halving of the tail's probability.

    Parameters
    ----------
    lower, upper
        Quantile functions of the probability below and of the probability above.
    """

    def __init__(self, lower: Callable[..., Any], upper: Callable[..., Any]) -> None:
        cells = np.arange(_OCTAVES * _FINE + 1)
        tail = np.minimum(
            (1 - (cells % _FINE) / (2 * _FINE)) * 2.0 ** -(cells // _FINE).astype(float), 0.5
        )
        self._lower = _Line(coarse(lower(tail)))
        self._upper = _Line(coarse(upper(tail)))

    def __call__(self, uniforms: Floats) -> Floats:
        """Return the quantiles at ``uniforms``."""
        low = uniforms < 0.5
        mantissa, exponent = np.frexp(np.where(low, uniforms, 1 - uniforms))
        position = (1 - mantissa) * (2 * _FINE) - exponent * float(_FINE)
        return np.where(low, self._lower(position), self._upper(position))


@cache
def gamma(shape: float) -> Quantiles:
    """Return the gamma distribution of ``shape`` and scale one, as quantiles."""
    law = stats.gamma(shape)
    return Quantiles(lambda tail: np.maximum(law.ppf(tail), 1e-12), law.isf)


@cache
def beta(a: float, b: float) -> Quantiles:
    """Return the beta distribution, as quantiles."""
    law = stats.beta(a, b)
    return Quantiles(law.ppf, law.isf)


@cache
def normal() -> Quantiles:
    """Return the standard normal distribution, as quantiles."""
    return Quantiles(stats.norm.ppf, stats.norm.isf)


def shares(weights: Sequence[float] | Floats) -> Floats:
    """Return cumulated shares of ``weights``, for :func:`choose`."""
    total = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.asarray(total / total[-1])


def choose(cumulated: Floats, uniforms: Floats) -> Integers:
    """Return which of the shares each uniform number falls into."""
    return np.searchsorted(cumulated, uniforms, side="right")
