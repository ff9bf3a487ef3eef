"""Who will stand in a quieter stage of the life cycle after the next weeks, who will be back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.drivers.retention_cuts import Cut
from loyalty_research.errors import DataError
from loyalty_research.stats import GammaPoisson, fit_gamma_poisson
from loyalty_research.stats.intervals import LEVEL

STAGES = ("active", "cooling", "dormant", "lost")
_QUANTILES = (0.80, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Stages:
    """Stages by silence against the own rhythm.

    Parameters
    ----------
    now
        Shape (n,): number of the stage at the cut, 0 for active.
    if_silent
        Shape (n,): number of the stage after the weeks, if nothing is bought in them.
    after
        Shape (n,): number of the stage after the weeks; empty where they lie ahead.
    """

    now: np.ndarray
    if_silent: np.ndarray
    after: np.ndarray


def stages_at(cut: Cut, *, weeks: int) -> Stages | None:
    """Return the stages of customers at a cut; None where no rhythm can be told.

    Notes
    -----
    As in :func:`~loyalty_research.profile.lifecycle`: silence beyond the 80, 95 and 99 % quantile
    of the own gap. The quantiles are those known at the cut, for the stage afterwards too.
    """
    rows, end = cut.customers, pd.Timestamp(cut.day)
    first, last = pd.to_datetime(rows["first_day"]), pd.to_datetime(rows["last_day"])
    count = rows["occasions"].to_numpy(dtype=float) - 1
    model = _rhythm(count, (end - first).dt.days.to_numpy(dtype=float))
    if model is None:
        return None
    between = (last - first).dt.days.to_numpy(dtype=float)
    limits = np.stack([model.predictive_gap(count, between, share) for share in _QUANTILES])
    silence = (end - last).dt.days.to_numpy(dtype=float)
    silent = silence + weeks * 7
    after = np.array([], dtype=int)
    if len(cut.active):
        since = (end + pd.Timedelta(weeks=weeks) - cut.last_bought).dt.days.to_numpy(dtype=float)
        after = _stage(np.where(cut.active, since, silent), limits)
    return Stages(_stage(silence, limits), _stage(silent, limits), after)


def _rhythm(count: np.ndarray, age: np.ndarray) -> GammaPoisson | None:
    try:
        model = fit_gamma_poisson(count, age)
    except DataError:
        return None
    return model if model.converged else None


def _stage(silence: np.ndarray, limits: np.ndarray) -> np.ndarray:
    return (silence > limits).sum(axis=0)


def quieter_chance(stages: Stages, chance: np.ndarray, buyers: np.ndarray) -> np.ndarray:
    """Return the chance of each customer to stand in a quieter stage afterwards (n,).

    Parameters
    ----------
    stages
        Of the customers.
    chance
        Shape (n,): of a purchase in the weeks.
    buyers
        Shape (4,): by stage, share of customers with a purchase who were in a quieter stage at the
        end of such weeks, at the cut before.

    Notes
    -----
    Without a purchase the stage is certain: the silence has grown by the weeks.
    """
    silent = (stages.if_silent > stages.now).astype(float)
    return (1 - chance) * silent + chance * buyers[stages.now]


def buyers_quieter(stages: Stages, active: np.ndarray) -> np.ndarray:
    """Return by stage the share of buyers who were in a quieter stage afterwards (4,)."""
    found = np.zeros(len(STAGES))
    for number in range(len(STAGES)):
        own = active & (stages.now == number)
        if own.any():
            found[number] = float((stages.after > stages.now)[own].mean())
    return found


def move_table(
    stages: Stages, chance: np.ndarray, quieter: np.ndarray, sales: np.ndarray
) -> pd.DataFrame:
    """Return by stage how many are expected to buy, and to stand in a quieter stage afterwards.

    Parameters
    ----------
    stages
        Of the customers.
    chance, quieter
        Shape (n,): chances of a purchase, and of a quieter stage.
    sales
        Shape (n,): net sales of each customer in the history looked at.

    Returns
    -------
    pandas.DataFrame
        stage, customers, net_sales, buys, quieter (expected customers), buys_chance and
        quieter_chance (sums of p (1 - p), their variance by chance).
    """
    rows = []
    for number, name in enumerate(STAGES):
        own = stages.now == number
        if own.any():
            rows.append(
                {
                    "stage": name,
                    "customers": int(own.sum()),
                    "net_sales": float(sales[own].sum()),
                    "buys": float(chance[own].sum()),
                    "quieter": float(quieter[own].sum()),
                    "buys_chance": float((chance * (1 - chance))[own].sum()),
                    "quieter_chance": float((quieter * (1 - quieter))[own].sum()),
                }
            )
    return pd.DataFrame(rows)


def with_check(
    table: pd.DataFrame, held: pd.DataFrame, came: pd.DataFrame, *, drawn: float
) -> pd.DataFrame:
    """Return expected moves with intervals, beside the same forecast of the last judged cut.

    Parameters
    ----------
    table
        Of the weeks ahead.
    held
        The same of the last judged cut.
    came
        stage, buys, quieter: what came then.
    drawn
        Share of the customers of that cut that were drawn; both are told for all of them.

    Notes
    -----
    The variance of an expected number is that of chance, and the square of how far the same
    forecast was off at the last cut, in proportion.
    """
    found = table.set_index("stage")
    expected, actual = held.set_index("stage"), came.set_index("stage")
    z = float(norm.ppf(0.5 + LEVEL / 2))
    for name in ("buys", "quieter"):
        before = expected[name].reindex(found.index)
        seen = actual[name].reindex(found.index)
        off = ((seen - before) / before.where(before > 0)).fillna(0.0)
        error = np.sqrt(found[f"{name}_chance"] + (found[name] * off) ** 2)
        found[f"{name}_low"] = (found[name] - z * error).clip(lower=0.0)
        found[f"{name}_high"] = np.minimum(found[name] + z * error, found["customers"])
        found[f"{name}_held"] = before / drawn
        found[f"{name}_came"] = seen / drawn
        found = found.drop(columns=f"{name}_chance")
    return found.reset_index()


def what_came(stages: Stages, active: np.ndarray) -> pd.DataFrame:
    """Return by stage how many bought, and how many stood in a quieter stage afterwards."""
    down = stages.after > stages.now
    rows = [
        {"stage": name, "buys": float(active[own].sum()), "quieter": float(down[own].sum())}
        for number, name in enumerate(STAGES)
        for own in [stages.now == number]
        if own.any()
    ]
    return pd.DataFrame(rows)
