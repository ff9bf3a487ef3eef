"""Correspondence analysis of a table of brands by attributes: axes, places, quality."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.errors import DataError, Problem, problem, raise_all

_NOTHING = 1e-12
"""Share of the largest eigenvalue below which an axis carries nothing but rounding."""


@dataclass(frozen=True, slots=True)
class Correspondence:
    """A correspondence analysis; j rows, k columns, m axes that carry something.

    Parameters
    ----------
    brands, attributes
        Names of rows and columns.
    eigenvalues
        Shape (m,): inertia of each axis, falling.
    places, attribute_places
        Shapes (j, m) and (k, m): principal coordinates; the origin is the average of the brands.
    contributions, attribute_contributions
        Same shapes: share of the inertia of an axis that a row or column brings; columns sum to 1.
    quality, attribute_quality
        Same shapes: cos2, share of a row's or column's distance from the origin that an axis shows;
        missing for one that lies in the origin.
    left, right
        Shapes (j, m) and (k, m): singular vectors of the standardised residuals.

    Notes
    -----
    The sign of an axis is that in which the brand with the largest contribution is positive.
    """

    brands: tuple[str, ...]
    attributes: tuple[str, ...]
    eigenvalues: np.ndarray
    places: np.ndarray
    attribute_places: np.ndarray
    contributions: np.ndarray
    attribute_contributions: np.ndarray
    quality: np.ndarray
    attribute_quality: np.ndarray
    left: np.ndarray
    right: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """Share of all inertia of each axis, shape (m,)."""
        return self.eigenvalues / self.eigenvalues.sum()


def correspondence(table: Any, *, brands: Sequence[str] | None = None) -> Correspondence:
    """Analyse a table of counts.

    Parameters
    ----------
    table
        Shape (j, k): counts, brands in the rows and attributes in the columns; array or frame.
    brands
        Names of the rows of an array.

    Returns
    -------
    Correspondence

    Raises
    ------
    DataError
        Listing what is wrong: fewer than two rows or columns, what is no count, a brand or an
        attribute without any, brands that are all alike.

    Notes
    -----
    Singular value decomposition of (p - r c) / sqrt(r c), with p the shares of the cells and r and
    c their margins. Computed by the library prince.

    References
    ----------
    Greenacre 2017, Correspondence Analysis in Practice, 3rd edition, appendix A.
    """
    frame = _framed(table, brands)
    raise_all(_problems(frame), DataError)
    import prince  # type: ignore[import-untyped]  # slow to load, and only wanted here

    least = min(frame.shape) - 1
    fitted = prince.CA(n_components=least, engine="scipy").fit(frame)
    kept = fitted.eigenvalues_ > _NOTHING * max(float(fitted.eigenvalues_.max()), _NOTHING)
    if not kept.any():
        raise DataError(
            problem("table: all brands have the same shares of all attributes; nothing to map")
        )
    parts = fitted.row_contributions_.to_numpy()[:, kept]
    first = np.abs(fitted.svd_.U[:, kept]).argmax(axis=0)
    sign = np.sign(fitted.svd_.U[:, kept][first, np.arange(int(kept.sum()))])
    places = fitted.row_coordinates(frame).to_numpy()[:, kept] * sign
    beside = fitted.column_coordinates(frame).to_numpy()[:, kept] * sign
    return Correspondence(
        brands=tuple(map(str, frame.index)),
        attributes=tuple(map(str, frame.columns)),
        eigenvalues=np.asarray(fitted.eigenvalues_)[kept],
        places=places,
        attribute_places=beside,
        contributions=parts,
        attribute_contributions=fitted.column_contributions_.to_numpy()[:, kept],
        quality=_quality(places),
        attribute_quality=_quality(beside),
        left=fitted.svd_.U[:, kept] * sign,
        right=fitted.svd_.V.T[:, kept] * sign,
    )


def _quality(places: np.ndarray) -> np.ndarray:
    """Return cos2 of each point on each axis; all axes that carry something are there."""
    squares = places**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(squares / squares.sum(axis=1, keepdims=True))


def _framed(table: Any, brands: Sequence[str] | None) -> pd.DataFrame:
    frame = table if isinstance(table, pd.DataFrame) else pd.DataFrame(np.asarray(table))
    if isinstance(table, pd.DataFrame):
        return frame
    names = brands or [f"brand {place}" for place in range(1, len(frame) + 1)]
    columns = [f"attribute {place}" for place in range(1, frame.shape[1] + 1)]
    return frame.set_axis(list(names), axis=0).set_axis(columns, axis=1)


def _problems(frame: pd.DataFrame) -> Iterator[Problem]:
    if len(frame) < 2:
        yield problem("table: found {found} brands; a map needs at least two", found=len(frame))
    if frame.shape[1] < 2:
        yield problem(
            "table: found {found} attributes; a map needs at least two", found=frame.shape[1]
        )
    numeric = all(pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes)
    values = frame.to_numpy(dtype=float) if numeric else np.full(frame.shape, np.nan)
    if not np.isfinite(values).all() or (values < 0).any():
        yield problem("table: allowed are numbers, 0 or above, none missing")
        return
    for what, names, sums in (
        ("brands", frame.index, values.sum(axis=1)),
        ("attributes", frame.columns, values.sum(axis=0)),
    ):
        empty = [str(name) for name, total in zip(names, sums, strict=True) if not total]
        if empty:
            yield problem(
                "table: {what} without any count: {names}; leave them out",
                what=what,
                names=", ".join(empty),
            )
