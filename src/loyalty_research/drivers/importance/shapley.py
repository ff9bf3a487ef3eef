"""Shapley values of R squared, exact over all subsets of drivers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.pls.bootstrap import percentile_interval
from loyalty_research.drivers.pls.moments import drawn_moments, sample_moments
from loyalty_research.engine import as_table, collect, require_columns
from loyalty_research.errors import DataError, ParameterError, problem
from loyalty_research.stats.seeds import seed_from

MOST = 20
_AT_ONCE = 2**20
"""Subsets times draws that are worked on at once."""


@dataclass(frozen=True, slots=True)
class Shapley:
    """R squared dealt out to drivers.

    Parameters
    ----------
    table
        driver, value (part of R squared, with low and high), share (of R squared, with share_low
        and share_high), single (R squared of the driver alone), most first.
    r_squared, low, high
        Of all drivers together.
    respondents
        Complete rows.
    draws
        Draws of rows behind the intervals; 0 for none.
    """

    table: pd.DataFrame
    r_squared: float
    low: float
    high: float
    respondents: int
    draws: int


def shapley_r2(
    data: Any,
    *,
    outcome: str,
    drivers: Sequence[str],
    draws: int = 1000,
    seed: int | None = None,
) -> Shapley:
    """Deal out the R squared of a linear regression to its drivers.

    Parameters
    ----------
    data
        One row a respondent, a column a driver and one of the outcome. Ibis, pandas, polars or
        Arrow. Rows with a gap are left out.
    outcome, drivers
        Columns; 1 to 20 drivers.
    draws
        Draws of rows for intervals; 0 for none.
    seed
        None for one that derives from the names of the columns.

    Raises
    ------
    MissingTableError
        For columns the data lack.
    ParameterError
        For no driver or more than 20, or one that stands twice.
    DataError
        For too few rows, or columns that hold one value only.

    Notes
    -----
    The value of a driver is its mean gain in R squared over all orders in which drivers may enter
    (LMG). All 2^k subsets are computed from the correlation matrix; time and memory double with
    every driver.

    References
    ----------
    Lindeman, Merenda & Gold 1980, p. 119; Groemping 2006, Journal of Statistical Software 17(1).

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [1, 2, 3, 5, 4], "a": [1, 2, 3, 4, 5], "b": [2, 1, 2, 1, 3]})
    >>> float(
    ...     shapley_r2(df, outcome="y", drivers=["a", "b"], draws=0).table["value"].sum()
    ... ).__round__(6)
    0.849162
    """
    names = list(drivers)
    if not 1 <= len(names) <= MOST or len({*names, outcome}) <= len(names):
        raise ParameterError(
            problem(
                "drivers: found {found}; allowed: 1 to {most} columns, each once, without the "
                "outcome",
                found=", ".join(names) or "none",
                most=MOST,
            )
        )
    values = _complete(data, [*names, outcome])
    whole = sample_moments(values)
    if whole.flat[0]:
        flat = [name for name, spread in zip([*names, outcome], np.ptp(values, axis=0), strict=True)
                if spread == 0]  # fmt: skip
        raise DataError(
            problem("column(s) {flat}: one value only; leave them out", flat=", ".join(flat))
        )
    explained = subsets_r2(whole.correlations)
    parts = shapley_values(explained)[0]
    total = float(explained[0, -1])
    rng = np.random.default_rng(seed_from("shapley", outcome, *names) if seed is None else seed)
    drawn = _drawn(values, draws, rng)
    table = _table(names, explained[0], parts, total, drawn)
    ends = percentile_interval(drawn[1]) if draws else (np.nan, np.nan)
    return Shapley(table, total, float(ends[0]), float(ends[1]), len(values), draws)


def subsets_r2(correlations: np.ndarray) -> np.ndarray:
    """Return R squared of the last variable on every subset of the others.

    Parameters
    ----------
    correlations
        Shape (B, k + 1, k + 1), the outcome last.

    Returns
    -------
    numpy.ndarray
        Shape (B, 2^k): bit k - 1 - i of the place says whether driver i is in the subset.

    Notes
    -----
    Drivers are settled one by one: each set of partial covariances so far splits into one without
    the driver and one with it swept out, and its row and column are dropped. What is left at the
    end is the residual variance of the outcome.
    """
    partial = correlations[:, None]
    for _ in range(correlations.shape[1] - 1):
        rest = partial[:, :, 1:, 1:]
        across = partial[:, :, 1:, 0]
        pivot = partial[:, :, 0, 0]
        usable = pivot > 1e-10  # a driver that the others fix adds nothing
        scale = np.divide(1, pivot, out=np.zeros_like(pivot), where=usable)
        swept = rest - across[..., :, None] * (across * scale[..., None])[..., None, :]
        partial = np.stack([rest, swept], axis=2).reshape(len(partial), -1, *rest.shape[2:])
    return np.clip(1 - partial[:, :, 0, 0], 0, 1)


def shapley_values(explained: np.ndarray) -> np.ndarray:
    """Return the Shapley values of a game given on all subsets, shape (B, k).

    Parameters
    ----------
    explained
        Shape (B, 2^k), places as in :func:`subsets_r2`.
    """
    size = int(np.log2(explained.shape[1]))
    others = np.array([bin(place).count("1") for place in range(2 ** (size - 1))])
    chance = np.array([1 / (size * comb(size - 1, count)) for count in range(size)])[others]
    found = np.empty((len(explained), size))
    for driver in range(size):
        halves = explained.reshape(len(explained), 2**driver, 2, -1)
        gains = (halves[:, :, 1] - halves[:, :, 0]).reshape(len(explained), -1)
        found[:, driver] = gains @ chance
    return found


def _drawn(
    values: np.ndarray, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return values and R squared of every draw, shapes (draws, k) and (draws,)."""
    size = values.shape[1] - 1
    step = max(1, _AT_ONCE // 2**size)
    parts, totals = [np.empty((0, size))], [np.empty(0)]
    if draws:
        for moments in drawn_moments(values, draws=draws, rng=rng):
            correlations = moments.correlations
            for start in range(0, len(correlations), step):
                explained = subsets_r2(correlations[start : start + step])
                parts.append(shapley_values(explained))
                totals.append(explained[:, -1])
    return np.concatenate(parts), np.concatenate(totals)


def _table(
    names: list[str],
    explained: np.ndarray,
    parts: np.ndarray,
    total: float,
    drawn: tuple[np.ndarray, np.ndarray],
) -> pd.DataFrame:
    size = len(names)
    share = drawn[0] / np.maximum(drawn[1], 1e-12)[:, None]
    gone = np.full(size, np.nan)
    low, high = percentile_interval(drawn[0]) if len(drawn[0]) else (gone, gone)
    share_low, share_high = percentile_interval(share) if len(share) else (gone, gone)
    frame = pd.DataFrame(
        {
            "driver": names,
            "value": parts,
            "low": low,
            "high": high,
            "share": parts / total if total > 0 else gone,
            "share_low": share_low,
            "share_high": share_high,
            "single": [explained[1 << (size - 1 - place)] for place in range(size)],
        }
    )
    return frame.sort_values(["value", "driver"], ascending=[False, True], ignore_index=True)


def _complete(data: Any, columns: list[str]) -> np.ndarray:
    table = as_table(data, name="data")
    require_columns(table, columns, name="data")
    frame = collect(table.select(*columns), sort_by=columns)
    values = frame.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    values = values[np.isfinite(values).all(axis=1)]
    needed = len(columns) + 1
    if len(values) < needed:
        raise DataError(
            problem(
                "data: {rows} complete rows for {columns} columns; at least {needed} are needed",
                rows=len(values),
                columns=len(columns),
                needed=needed,
            )
        )
    return values
