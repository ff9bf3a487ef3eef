"""A difference of shares within strata, and over them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.stats import Estimate, proportion

_STRATA = 4


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A difference of shares of two groups, within strata and over them.

    Parameters
    ----------
    value
        Weighted difference of the shares, with bounds.
    strata
        One row a stratum: sizes and hits of both groups.
    """

    value: Estimate
    strata: pd.DataFrame


def within_strata(rows: pd.DataFrame) -> Adjusted:
    """Return the difference of shares, answered less not, adjusted by strata of purchase days.

    Parameters
    ----------
    rows
        One a customer: answered, stayed (both flags), before (purchase days up to the complaint).
    """
    edges = np.unique(np.quantile(rows["before"], np.arange(1, _STRATA) / _STRATA))
    stratum = np.searchsorted(edges, rows["before"].to_numpy(), side="left")
    found = []
    for number in np.unique(stratum):
        own = rows[stratum == number]
        yes, no = own[own["answered"]], own[~own["answered"]]
        found.append(
            {
                "stratum": f"{int(own['before'].min())}–{int(own['before'].max())}",
                "customers": len(own),
                "answered": len(yes),
                "answered_share": proportion(int(yes["stayed"].sum()), len(yes)).value,
                "unanswered": len(no),
                "unanswered_share": proportion(int(no["stayed"].sum()), len(no)).value,
                "stayed_answered": int(yes["stayed"].sum()),
                "stayed_unanswered": int(no["stayed"].sum()),
            }
        )
    frame = pd.DataFrame(found)
    shares = ["answered_share", "unanswered_share"]
    frame[shares] = frame[shares].astype(float)
    return Adjusted(_weighted(frame), frame)


def _weighted(frame: pd.DataFrame) -> Estimate:
    n1, n0 = (frame[name].to_numpy(dtype=float) for name in ("answered", "unanswered"))
    x, y = (frame[f"stayed_{name}"].to_numpy(dtype=float) for name in ("answered", "unanswered"))
    whole = n1 + n0
    weight = n1 * n0 / whole
    total = float(weight.sum())
    base = int(whole.sum())
    if total == 0:
        return Estimate(None, None, None, base)
    value = float((x * n0 - y * n1) @ (1 / whole)) / total
    p = (n1**2 * y - n0**2 * x + n1 * n0 * (n0 - n1) / 2) / whole**2
    q = (x * (n0 - y) + y * (n1 - x)) / (2 * whole)
    error = float(np.sqrt(max(value * p.sum() + q.sum(), 0.0))) / total
    reach = float(norm.ppf(0.975)) * error
    return Estimate(value, value - reach, value + reach, base)
