"""Two families of timing: the BG/NBD's own, and one that shares no formula with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from loyalty_research.worlds import random
from loyalty_research.worlds.parameters import ExponentialTiming, RenewalTiming
from loyalty_research.worlds.random import Flags, Floats, Integers, Source

YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Timing of each customer.

    Parameters
    ----------
    rate
        Purchases per operational day.
    z
        Standardised logarithm of the rate.
    dropout
        Probability to leave after each repeat purchase.
    lifetime
        Operational days from the first purchase to departure; infinite in family (a).
    trend
        Change of the logarithm of the rate in 365 operational days.
    """

    rate: Floats
    z: Floats
    dropout: Floats
    lifetime: Floats
    trend: Floats


class Family(Protocol):
    """What a family of timing does."""

    def rhythm(self, source: Source, count: int) -> Rhythm:
        """Return the timing of ``count`` customers."""

    def first(self, source: Source, rhythm: Rhythm) -> Floats:
        """Return the time to the next purchase of customers who have long been buying."""

    def gap(self, source: Source, rows: Integers, number: int) -> Floats:
        """Return gaps after purchase ``number`` at rate one, in mean gaps."""


@dataclass(frozen=True, slots=True)
class Exponential:
    """Exponential gaps, gamma rates, geometric dropout (Fader, Hardie & Lee 2005)."""

    timing: ExponentialTiming

    def rhythm(self, source: Source, count: int) -> Rhythm:
        """Return the timing of ``count`` customers."""
        timing = self.timing
        rate = random.gamma(timing.rate_shape)(source.uniform("rate")) / timing.rate_scale
        centre, spread = random.coarse(
            [
                special.digamma(timing.rate_shape) - np.log(timing.rate_scale),
                np.sqrt(special.polygamma(1, timing.rate_shape)),
            ]
        )
        dropout = np.zeros(count)
        if timing.dropout is not None:
            dropout = random.beta(*timing.dropout)(source.uniform("dropout"))
        return Rhythm(
            rate=rate,
            z=(random.ln(rate) - centre) / spread,
            dropout=dropout,
            lifetime=np.full(count, np.inf),
            trend=np.zeros(count),
        )

    def first(self, source: Source, rhythm: Rhythm) -> Floats:
        """Return the time to the next purchase: exponential again."""
        return random.exponential(source.uniform("established")) / rhythm.rate

    def gap(self, source: Source, rows: Integers, number: int) -> Floats:
        """Return exponential gaps of mean one."""
        return random.exponential(source.uniform("gap", rows, number))


@dataclass(frozen=True, slots=True)
class Renewal:
    """Gamma gaps, log-normal rates and lifetimes that go with them, trends."""

    timing: RenewalTiming

    def rhythm(self, source: Source, count: int) -> Rhythm:
        """Return the timing of ``count`` customers."""
        timing = self.timing
        z = random.normal()(source.uniform("rate"))
        own = random.normal()(source.uniform("churn"))
        lifetime = np.full(count, np.inf)
        if timing.log_churn_mean is not None:
            both = timing.correlation * z + np.sqrt(1 - timing.correlation**2) * own
            churn = random.exp(timing.log_churn_mean + timing.log_churn_sd * both)
            lifetime = random.exponential(source.uniform("lifetime")) / churn
        return Rhythm(
            rate=random.exp(timing.log_rate_mean + timing.log_rate_sd * z),
            z=z,
            dropout=np.zeros(count),
            lifetime=lifetime,
            trend=timing.trend_sd * random.normal()(source.uniform("trend")),
        )

    def first(self, source: Source, rhythm: Rhythm) -> Floats:
        """Return the time to the next purchase: a uniform part of a length-biased gap."""
        shape = self.timing.gap_shape
        whole = random.gamma(shape + 1)(source.uniform("established")) / shape
        return whole * source.uniform("established", draw=1) / rhythm.rate

    def gap(self, source: Source, rows: Integers, number: int) -> Floats:
        """Return gamma gaps of mean one."""
        shape = self.timing.gap_shape
        return random.gamma(shape)(source.uniform("gap", rows, number)) / shape


def leaving(source: Source, rhythm: Rhythm, rows: Integers, number: int) -> Flags:
    """Return who leaves right after purchase ``number``: some of those who came again.

    In family (b) nobody does, since a lifetime ends there whatever is bought.
    """
    if number == 0 or not rhythm.dropout.any():
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(source.uniform("leaves", rows, number) < rhythm.dropout[rows])


def family_of(timing: ExponentialTiming | RenewalTiming) -> Family:
    """Return the family that ``timing`` describes."""
    if isinstance(timing, ExponentialTiming):
        return Exponential(timing)
    return Renewal(timing)
