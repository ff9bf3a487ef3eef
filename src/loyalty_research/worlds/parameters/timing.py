"""When customers buy: families of timing, entry and seasons."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from loyalty_research.worlds.parameters.base import (
    Dropout,
    Positive,
    Section,
    Share,
    Weights24,
    Words,
)

_ONES = (1.0,)


class ExponentialTiming(Section):
    """Family (a), the BG/NBD's own: exponential gaps, gamma rates, geometric dropout.

    Parameters
    ----------
    rate_shape, rate_scale
        Of the gamma distribution of purchases per operational day; the scale is in days, so that
        the mean rate is shape / scale.
    dropout
        (a, b) of the beta distribution of the probability to leave after a repeat purchase; None
        where nobody leaves.
    """

    family: Literal["exponential"]
    rate_shape: Positive
    rate_scale: Positive
    dropout: Dropout | None = None


class RenewalTiming(Section):
    """Family (b): gamma gaps, log-normal rates, exponential lifetimes that go with the rate.

    Parameters
    ----------
    gap_shape
        Shape of the gamma distribution of gaps: 1 is exponential, above it gaps are regular.
    log_rate_mean, log_rate_sd
        Of the logarithm of purchases per operational day.
    log_churn_mean, log_churn_sd
        Of the logarithm of departures per operational day; mean None where nobody leaves.
    correlation
        Between both logarithms.
    trend_sd
        Standard deviation of customers' trends: change of the log rate in 365 days.
    """

    family: Literal["renewal"]
    gap_shape: Positive
    log_rate_mean: float
    log_rate_sd: Annotated[float, Field(ge=0)]
    log_churn_mean: float | None = None
    log_churn_sd: Annotated[float, Field(ge=0)] = 0
    correlation: Annotated[float, Field(ge=-1, le=1)] = 0
    trend_sd: Annotated[float, Field(ge=0)] = 0


class Entry(Section):
    """When customers buy for the first time.

    Parameters
    ----------
    established
        All customers have bought before the first day; the two other keys are then unused.
        Promotions and campaigns then act from the first purchase in the period on.
    opening_share, opening_days
        Share of the customers who come in the first days, and these days.
    established_share
        Share of the customers who have bought before the first day; the others come as the two
        keys above say. Campaigns do not reach anybody before the first purchase in the period.
    """

    established: bool = False
    established_share: Share = 0
    opening_share: Share = 0.3
    opening_days: Annotated[int, Field(ge=1)] = 28


class Festival(Section):
    """Days on which more, or less, is bought.

    Parameters
    ----------
    lunar_new_year
        Whether days count from the lunar new year, in place of ``month`` and ``day``.
    first, last
        First and last day, counted from that day, which is 0.
    factor
        By which the rate is multiplied.
    """

    name: Words
    lunar_new_year: bool = False
    month: Annotated[int, Field(ge=1, le=12)] = 1
    day: Annotated[int, Field(ge=1, le=28)] = 1
    first: int = 0
    last: int = 0
    factor: Positive


class Seasons(Section):
    """Factors on the rate of every customer.

    Parameters
    ----------
    months, weekdays
        From January, from Monday.
    hours, weekend_hours
        Weights of the hours of a day.
    trend_per_year
        Growth of the rate in 365 days, as a share of the first day's.
    """

    months: Annotated[tuple[Positive, ...], Field(min_length=12, max_length=12)] = _ONES * 12
    weekdays: Annotated[tuple[Positive, ...], Field(min_length=7, max_length=7)] = _ONES * 7
    hours: Weights24 = _ONES * 24
    weekend_hours: Weights24 = _ONES * 24
    festivals: tuple[Festival, ...] = ()
    trend_per_year: float = 0
