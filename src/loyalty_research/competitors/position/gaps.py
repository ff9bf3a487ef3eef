"""Gap of a brand to its best competitor on every driver of a survey of several brands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.brand import Bilingual

_LEVEL = 0.95
_COLUMNS = ["driver", "own", "best", "rival", "gap", "gap_low", "gap_high", "respondents",
            "rival_respondents", "verdict"]  # fmt: skip


class DriverAnswers(Protocol):
    """A survey of several brands, such as ``drivers.survey.driver_answers`` returns it."""

    @property
    def frame(self) -> pd.DataFrame:
        """One row an answer on a brand: brand, respondent, weight, and a column a driver."""
        ...

    @property
    def names(self) -> Mapping[str, Bilingual]:
        """What each driver is called."""
        ...


def driver_gaps(answers: DriverAnswers, *, own: Collection[str], least: int) -> pd.DataFrame:
    """Set a brand beside the best of its competitors on each driver.

    Parameters
    ----------
    answers
        Of a survey.
    own
        What the brand is called in it.
    least
        Answers a brand needs on a driver.

    Returns
    -------
    pandas.DataFrame
        One row a driver: own (mean), best (competitor), rival (its mean), gap (own - rival) with
        its interval, respondents on both sides, verdict (``ahead``, ``behind``, ``alike``).
        Drivers without answers enough on both sides are left out.

    Notes
    -----
    Weighted means. The interval of a gap holds for all drivers and competitors together
    (Bonferroni), since the competitor is picked by the answers; respondents who rate both brands
    are matched.
    """
    frame = answers.frame
    mine = {name.casefold() for name in own}
    is_own = frame["brand"].astype(str).str.casefold().isin(mine)
    rivals = sorted(frame.loc[~is_own, "brand"].dropna().astype(str).unique())
    reach = float(norm.isf((1 - _LEVEL) / 2 / max(len(rivals) * len(answers.names), 1)))
    rows = []
    for driver in answers.names:
        told = frame[frame[driver].notna() & (frame["weight"] > 0)]
        here = told[is_own.reindex(told.index)]
        beside = {name: told[told["brand"].astype(str) == name] for name in rivals}
        enough = {name: part for name, part in beside.items() if len(part) >= least}
        if len(here) < least or not enough:
            continue
        best = max(enough, key=lambda name: _mean(enough[name], driver))
        gap, error = _gap(here, enough[best], driver)
        low, high = gap - reach * error, gap + reach * error
        verdict = "ahead" if low > 0 else "behind" if high < 0 else "alike"
        rows.append(
            (driver, _mean(here, driver), best, _mean(enough[best], driver), gap, low, high,
             len(here), len(enough[best]), verdict)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=_COLUMNS)


def _mean(rows: pd.DataFrame, driver: str) -> float:
    return float(np.average(rows[driver], weights=rows["weight"]))


def _gap(own: pd.DataFrame, rival: pd.DataFrame, driver: str) -> tuple[float, float]:
    """Return the difference of two weighted means and its error, respondents resampled."""
    parts = []
    for rows, sign in ((own, 1.0), (rival, -1.0)):
        share = rows["weight"] / rows["weight"].sum()
        residual = sign * share * (rows[driver] - _mean(rows, driver))
        size = len(rows)
        parts.append(residual.groupby(rows["respondent"]).sum() * np.sqrt(size / (size - 1)))
    joined = parts[0].add(parts[1], fill_value=0.0)
    return _mean(own, driver) - _mean(rival, driver), float(np.sqrt((joined**2).sum()))
