"""Complaints of several brands by aspect, on the days that all of them have comments on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.stats import Estimate, difference, holm, proportion, share_of


class Comments(Protocol):
    """Comments as read, such as ``drivers.feedback.read`` returns them."""

    @property
    def reviews(self) -> pd.DataFrame:
        """One row a comment: brand, day, customer_id, readable."""
        ...

    @property
    def mentions(self) -> pd.DataFrame:
        """One row a comment (``row``, its position), sentence and aspect: polarity."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """Comments of several brands on one window.

    Parameters
    ----------
    said
        One row a comment and aspect it names: brand, person, aspect, bad (whether it complains).
    brands
        With comments enough, by name.
    few
        Brands with fewer.
    reviews
        Comments of the window, of all ``brands``.
    first, last
        Days, ISO; empty where no day is common.
    """

    said: pd.DataFrame
    brands: tuple[str, ...]
    few: tuple[str, ...]
    reviews: int
    first: str
    last: str


def common_window(comments: Comments, *, least: int) -> Window:
    """Return what comments say of brands on the days that all of them have comments on.

    Parameters
    ----------
    comments
        As read.
    least
        Comments a brand needs within the window.
    """
    every = comments.reviews.reset_index(drop=True)
    every = every[every["readable"].astype(bool) & every["brand"].notna()]
    days = every.groupby("brand")["day"].agg(["min", "max"])
    if days.empty:
        return Window(_said(every, comments, ()), (), (), 0, "", "")
    first, last = days["min"].max(), days["max"].min()
    within = every[(every["day"] >= first) & (every["day"] <= last)]
    sizes = within["brand"].value_counts()
    brands = tuple(sorted(str(name) for name in days.index if sizes.get(name, 0) >= least))
    few = tuple(sorted(str(name) for name in days.index if str(name) not in brands))
    own = within[within["brand"].isin(brands)]
    told = (first.date().isoformat(), last.date().isoformat()) if first <= last else ("", "")
    return Window(_said(own, comments, brands), brands, few, len(own), *told)


def _said(own: pd.DataFrame, comments: Comments, brands: tuple[str, ...]) -> pd.DataFrame:
    mentions = comments.mentions
    mentions = mentions[mentions["row"].isin(own.index)] if brands else mentions.head(0)
    bad = mentions.assign(bad=mentions["polarity"] < 0)
    said = bad.groupby(["row", "aspect"], as_index=False)["bad"].max()
    person = own["customer_id"].astype("Int64").astype(str)
    alone = pd.Series([f"row {row}" for row in own.index], index=own.index)
    person = person.where(own["customer_id"].notna(), alone)
    return said.assign(
        brand=own["brand"].astype(str).reindex(said["row"]).to_numpy(dtype=object),
        person=pd.factorize(person.reindex(said["row"]))[0],
    )


def against_others(window: Window, *, least: int) -> pd.DataFrame:
    """Set the complaints of each brand on an aspect beside those on all other brands.

    Returns
    -------
    pandas.DataFrame
        One row a brand and aspect: people and reviews (that name the aspect), rate (share of them
        that complain of it), others (the same share of all other brands), apart (difference) with
        its interval, p_value, verdict (``strength``, ``weakness``, ``alike``, ``few``), told
        (whether it is one of the first two).

    Notes
    -----
    Who wrote the comments are the sampled units. Verdicts pass Holm's test over all brands and
    aspects with at least ``least`` comments on both sides.
    """
    rows: list[dict[str, Any]] = []
    for brand in window.brands:
        for aspect, said in window.said.groupby("aspect", sort=True):
            own = said["brand"] == brand
            here, others = _rate(said[own]), _rate(said[~own])
            apart = difference(here, others)
            rows.append(
                {
                    "brand": brand,
                    "aspect": aspect,
                    "people": int(said[own]["person"].nunique()),
                    "reviews": here.base,
                    "rate": here.value,
                    "others": others.value,
                    "apart": apart.value,
                    "apart_low": apart.low,
                    "apart_high": apart.high,
                    "p_value": _chance(here, others) if min(here.base, others.base) >= least
                    else np.nan,
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    verdict = _verdicts(frame)
    return frame.assign(
        verdict=verdict, told=[side in ("strength", "weakness") for side in verdict]
    )


_COLUMNS = ["brand", "aspect", "people", "reviews", "rate", "others", "apart", "apart_low",
            "apart_high", "p_value"]  # fmt: skip


def _verdicts(frame: pd.DataFrame) -> list[str]:
    judged = frame["p_value"].notna().to_numpy(dtype=bool)
    found = np.where(judged, "alike", "few").astype(object)
    passed = np.zeros(len(frame), dtype=bool)
    if judged.any():
        passed[judged] = holm(frame["p_value"].to_numpy(dtype=float)[judged])
    worse = frame["apart"].astype(float).to_numpy() > 0
    found[passed & worse], found[passed & ~worse] = "weakness", "strength"
    return [str(item) for item in found]


def _rate(said: pd.DataFrame) -> Estimate:
    """Return the share of comments that complain, with persons as the sampled units."""
    bad, base = int(said["bad"].sum()), len(said)
    if base == said["person"].nunique() or bad in (0, base):
        return proportion(bad, base)
    each = said.groupby("person")["bad"].agg(["sum", "count"]).to_numpy(dtype=float)
    found = share_of(each[:, 0], each[:, 1])
    return Estimate(found.value, found.low, found.high, base)


def _chance(one: Estimate, two: Estimate) -> float:
    """Return the two-sided p-value of no difference, by the widths of both intervals."""
    widths = [(item.high or 0.0) - (item.low or 0.0) for item in (one, two)]
    error = float(np.hypot(widths[0], widths[1])) / (2 * float(norm.ppf(0.975)))
    if error <= 0 or one.value is None or two.value is None:
        return 1.0
    return float(2 * norm.sf(abs(one.value - two.value) / error))
