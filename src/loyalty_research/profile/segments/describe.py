"""What sets each segment apart, and a name made of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.stats import as_share, ratio

MARKED = 0.5
"""Standardised difference from which a trait names a segment."""
_NAMED = 3
_Z = float(norm.ppf(0.975))
FEW, REST = "few", "continuum"
"""Names of the customers with too few purchases, and of all others where there is no segment."""


def traits_frame(
    frame: pd.DataFrame, rows: np.ndarray, labels: np.ndarray, names: Sequence[str]
) -> pd.DataFrame:
    """Return one row a segment and feature: how far the segment's mean is from that of all.

    Parameters
    ----------
    frame
        Customers with their features.
    rows
        Shape (n, d): the same, scaled.
    labels
        Shape (n,): segment from 0.
    names
        Names of the d features.

    Returns
    -------
    pandas.DataFrame
        place, feature, customers, difference, low, high, marked, mean, mean_all.

    Notes
    -----
    Difference = (mean of the segment - mean of all) / standard deviation of all, on the scaled
    feature; the interval takes the segment's customers as a sample and the segments as given.
    """
    found = []
    spread = rows.std(axis=0)
    for place in range(int(labels.max()) + 1):
        own = rows[labels == place]
        for column, name in enumerate(names):
            difference = (own[:, column].mean() - rows[:, column].mean()) / spread[column]
            margin = _Z * own[:, column].std() / np.sqrt(len(own)) / spread[column]
            found.append(
                {
                    "place": place,
                    "feature": name,
                    "customers": len(own),
                    "difference": float(difference),
                    "low": float(difference - margin),
                    "high": float(difference + margin),
                    "marked": bool(abs(difference) >= MARKED),
                    "mean": float(frame[name].to_numpy(dtype=float)[labels == place].mean()),
                    "mean_all": float(frame[name].astype(float).mean()),
                }
            )
    return pd.DataFrame(found)


def names_of(traits: pd.DataFrame) -> tuple[str, ...]:
    """Return the code of each segment's name: its up to three marked traits, the largest first.

    Segments that would be named alike get the next trait too, and in the end a number.
    """
    codes = [_codes(group) for _, group in traits.groupby("place", sort=True)]
    lengths = [
        min(_NAMED, max(int(group["marked"].sum()), 0)) for _, group in traits.groupby("place")
    ]
    names = _joined(codes, lengths)
    alike = [names.count(name) > 1 for name in names]
    lengths = [length + again for length, again in zip(lengths, alike, strict=True)]
    names = _joined(codes, lengths)
    return tuple(
        f"{name}+no{place + 1}" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    )


def _codes(group: pd.DataFrame) -> list[str]:
    order = group["difference"].abs().to_numpy().argsort(kind="stable")[::-1]
    return [
        f"{row['feature']}_{'high' if row['difference'] > 0 else 'low'}"
        for row in group.iloc[order].to_dict("records")
    ]


def _joined(codes: list[list[str]], lengths: list[int]) -> list[str]:
    return ["+".join(own[:length]) or "middle" for own, length in zip(codes, lengths, strict=True)]


def sizes_frame(frame: pd.DataFrame, codes: np.ndarray, order: Sequence[str]) -> pd.DataFrame:
    """Return one row a segment: customers, net sales and their shares, order value, purchase days.

    Parameters
    ----------
    frame
        All customers with a purchase: net_sales, orders, occasions.
    codes
        Shape (n,): name of each customer's segment.
    order
        Names in the order of the rows.
    """
    sales = frame["net_sales"].to_numpy(dtype=float)
    orders = frame["orders"].to_numpy(dtype=float)
    rows = []
    for code in order:
        inside = codes == code
        if not inside.any():
            continue
        share = as_share(ratio(np.where(inside, sales, 0.0), sales))
        value = ratio(sales[inside], orders[inside])
        rows.append(
            {
                "segment": code,
                "customers": int(inside.sum()),
                "share_customers": float(inside.mean()),
                "net_sales": float(sales[inside].sum()),
                "share_sales": share.value,
                "share_sales_low": share.low,
                "share_sales_high": share.high,
                "order_value": value.value,
                "order_value_low": value.low,
                "order_value_high": value.high,
                "occasions": float(np.median(frame["occasions"].to_numpy()[inside])),
            }
        )
    return pd.DataFrame(rows)
