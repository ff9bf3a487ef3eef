"""How many segments: what structureless customers would hardly show, and the fewest that fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from loyalty_research.profile.segments.evidence import METHODS, NUMBERS, Measured, measure
from loyalty_research.profile.segments.surrogate import fit_surrogate
from loyalty_research.stats.seeds import seed_from

PILOTS = 20
TESTS = 79
LEVEL = 0.05
LEAST_STABILITY = 0.75
LEAST_GAIN = 0.02
"""Fit above that of structureless data: 2 % less variance within segments, for k-means."""
_ENOUGH = 0.9
_LEAST_TESTS = 19


@dataclass(frozen=True, slots=True)
class Choice:
    """What was found: how many segments by which method, and the evidence.

    Parameters
    ----------
    segments
        1 where customers vary on a continuum.
    method
        ``kmeans`` or ``mixture``; empty for one segment.
    reason
        Why one segment: ``like_structureless`` or ``not_distinct``; empty otherwise.
    p_value
        Share with as much evidence of the data compared, the customers' own among them.
    observed
        Stability and fit of the customers.
    stability_limit, fit_limit
        Shape (methods, numbers): 95 % quantiles over structureless data.
    passed
        Shape (methods, numbers): which stand beyond what is allowed.
    compared
        Number of structureless data sets compared with.
    simulated
        Number drawn in all, with the pilots.
    """

    segments: int
    method: str
    reason: str
    p_value: float
    observed: Measured
    stability_limit: np.ndarray
    fit_limit: np.ndarray
    passed: np.ndarray
    compared: int
    simulated: int


def choose_segments(rows: np.ndarray, *, name: str, tests: int = TESTS) -> Choice:
    """Choose the number of segments, 1 to 8, and the method.

    Parameters
    ----------
    rows
        Shape (n, d): scaled features.
    name
        What the draws derive from: the same name and rows give the same choice.
    tests
        Structureless data sets compared with; (tests + 1) x 0.05 whole.

    Returns
    -------
    Choice

    Notes
    -----
    Each stability and each fit is standardised by 20 pilot data sets without structure; the
    evidence for k segments by a method is the smaller of both, that of the customers the largest
    over all k and methods. It is compared with that of ``tests`` further data sets: customers are
    one segment unless fewer than (tests + 1) x 0.05 reach it. Drawing ends once that many do
    (after 19 at the least), which changes no decision. Where customers and structureless data are
    exchangeable, at most 5 % yield segments, whatever the number of k and methods.

    Once this is passed, a number of segments is allowed where its stability and its fit each pass
    their 95 % quantile over structureless data, its stability is at least 0.75, and its fit at
    least 0.02 above the mean of theirs (beyond chance alone is not worth acting on). Of those
    allowed, each method's fewest whose fit stands at least 0.9 times as far above that mean as the
    best; of both methods the stabler.

    References
    ----------
    Besag & Clifford 1991; Tibshirani, Walther & Hastie 2001; Hennig 2007.
    """
    surrogate = fit_surrogate(rows, rng=_generator(name, "copula"))
    observed = measure(rows, rng=_generator(name, "observed"))

    def structureless(number: int) -> Measured:
        drawn = surrogate.draw(_generator(name, "draw", str(number)))
        return measure(drawn, rng=_generator(name, "measure", str(number)))

    pilots = [structureless(number) for number in range(PILOTS)]
    standard = _standard(pilots)
    strength = standard(observed)
    allowed = round((tests + 1) * LEVEL) - 1
    drawn: list[Measured] = []
    reached = 0
    while len(drawn) < tests and (reached <= allowed or len(drawn) < _LEAST_TESTS):
        drawn.append(structureless(PILOTS + len(drawn)))
        reached += bool(standard(drawn[-1]).max() >= strength.max())
    everything = [*pilots, *drawn]
    limits = [
        np.quantile([getattr(each, what) for each in everything], 1 - LEVEL, axis=0)
        for what in ("stability", "fit")
    ]
    beyond = (observed.stability > limits[0]) & (observed.fit > limits[1])
    beyond &= reached <= allowed
    gain = observed.fit - np.mean([each.fit for each in everything], axis=0)
    passed = beyond & (observed.stability >= LEAST_STABILITY) & (gain >= LEAST_GAIN)
    segments, method = _fewest(passed, gain, observed.stability)
    reason = "" if method else "not_distinct" if reached <= allowed else "like_structureless"
    return Choice(
        segments,
        method,
        reason,
        (reached + 1) / (len(drawn) + 1),
        observed,
        limits[0],
        limits[1],
        passed,
        len(drawn),
        len(everything),
    )


def _standard(pilots: list[Measured]) -> Callable[[Measured], np.ndarray]:
    """Return what standardises by the pilots, and takes the smaller of stability and fit."""
    parts = []
    for what in ("stability", "fit"):
        values = np.array([getattr(each, what) for each in pilots])
        parts.append((what, values.mean(axis=0), values.std(axis=0, ddof=1) + 1e-9))

    def strength(measured: Measured) -> np.ndarray:
        return np.min(
            [(getattr(measured, what) - mean) / spread for what, mean, spread in parts], axis=0
        )

    return strength


def _fewest(passed: np.ndarray, gain: np.ndarray, stability: np.ndarray) -> tuple[int, str]:
    found = []
    for place, method in enumerate(METHODS):
        if passed[place].any():
            enough = passed[place] & (gain[place] >= _ENOUGH * gain[place][passed[place]].max())
            first = int(np.flatnonzero(enough)[0])
            found.append((float(stability[place, first]), NUMBERS[first], method))
    if not found:
        return 1, ""
    _, segments, method = max(found)
    return segments, method


def _generator(*names: str) -> np.random.Generator:
    return np.random.default_rng(seed_from("segments", *names))
