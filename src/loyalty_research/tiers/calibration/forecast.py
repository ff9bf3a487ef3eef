"""What calibrated responses forecast, beside what happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from loyalty_research.errors import ParameterError, problem
from loyalty_research.profile.common import as_date, as_days
from loyalty_research.programmes.load import load_programme
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.calibration.history import observe, recorded_people, recorded_policy
from loyalty_research.tiers.simulation.from_brand import population as population_from
from loyalty_research.tiers.simulation.priors import Priors
from loyalty_research.tiers.simulation.simulate import simulate

_WEEK = 7
_LOW, _HIGH = 0.05, 0.95
_ANY_MARGIN = 0.5
"""Orders and redemptions do not depend on the margin."""


@dataclass(frozen=True, slots=True, eq=False)
class ForecastCheck:
    """A forecast with its 90 % interval, and what happened.

    Parameters
    ----------
    totals
        A row a measure (``orders``, ``redemptions``): low, median, high, actual, inside.
    weeks
        The same by week.
    draws
        Sets of responses, each with random numbers of its own.
    """

    totals: pd.DataFrame
    weeks: pd.DataFrame
    draws: int


def check_forecast(
    brand: Any,
    responses: Priors,
    programme: Programme | str,
    since: Any,
    *,
    weeks: int = 12,
    draws: int = 40,
    seed: int = 1,
) -> ForecastCheck:
    """Forecast weekly orders and redemptions from a day on, and set what happened beside it.

    Parameters
    ----------
    brand
        Opened; its history reaches ``weeks`` beyond ``since``.
    responses
        ``responses`` of a calibration; of one made with ``until=since`` for a forecast that has not
        seen the weeks it is judged by.
    programme
        In force from ``since`` on.
    since
        First day of the forecast.
    weeks
        Its length.
    draws
        Sets of responses.
    seed
        Of responses and random numbers.

    Returns
    -------
    ForecastCheck

    Raises
    ------
    ParameterError
        Where the history does not reach far enough.

    Notes
    -----
    The interval holds what is not known of the responses and what customers do by chance; rates and
    dropout are those of :func:`population` at ``since``. Customers who come later are in neither.
    Past rewards are drawn by the model. Where orders do not say what points they paid with, no
    redemptions are known.
    """
    rules = load_programme(programme) if isinstance(programme, str) else programme
    first, days = as_date(since, name="since"), as_days(brand.period)
    last = first + dt.timedelta(days=_WEEK * weeks - 1)
    if not days.start < first or last > days.end:
        raise ParameterError(
            problem(
                "forecast: {weeks} weeks from {since} do not lie within the history, {first} to "
                "{last}",
                weeks=weeks,
                since=first.isoformat(),
                first=days.start.isoformat(),
                last=days.end.isoformat(),
            )
        )
    people = population_from(
        brand,
        margin=_ANY_MARGIN,
        period=(days.start, first - dt.timedelta(days=1)),
        present=rules,
    )
    paths = np.array(
        [
            _weekly(simulate(people, rules, responses=one, periods=weeks, seed=seed + k), weeks)
            for k, one in enumerate(responses.draw(seed, draws))
        ]
    )
    everyone = recorded_people(brand)
    policy = recorded_policy(everyone)
    seen = observe(everyone, rules, first, weeks, redemption=policy)
    known = pc.is_in(everyone.ids, value_set=people.ids).to_numpy(zero_copy_only=False)
    actual = np.stack([seen.orders[known].sum(axis=0), seen.rewards[known].sum(axis=0)], axis=1)
    measures = ("orders", "redemptions") if policy == "observed" else ("orders",)
    by_week = [
        _row(measure, paths[:, week, k], actual[week, k]) | {"week": week}
        for k, measure in enumerate(measures)
        for week in range(weeks)
    ]
    totals = [
        _row(measure, paths[:, :, k].sum(axis=1), actual[:, k].sum())
        for k, measure in enumerate(measures)
    ]
    return ForecastCheck(pd.DataFrame(totals), pd.DataFrame(by_week), draws)


def _weekly(simulated: Any, weeks: int) -> np.ndarray:
    from loyalty_research.tiers.simulation.kernel_records import WEEK_COLUMNS

    sums = simulated.done.weeks[:weeks].sum(axis=1)
    columns = [WEEK_COLUMNS.index(name) for name in ("orders", "redemptions")]
    return np.asarray(sums[:, columns])


def _row(measure: str, values: np.ndarray, actual: float) -> dict[str, Any]:
    low, median, high = np.quantile(values, (_LOW, 0.5, _HIGH))
    return {
        "measure": measure,
        "low": float(low),
        "median": float(median),
        "high": float(high),
        "actual": float(actual),
        "inside": bool(low <= actual <= high),
    }
