"""Weekly complaints with and without a change of level, and what is claimed of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from loyalty_research.drivers.feedback.interrupted import fit_segments
from proofs import Proof
from proofs.common import exact, less_than, more_than, table

TITLE = "Does the report see a change in complaints where there was none?"
FULL, SMALL = 1000, 60
_STRICT = 0.01
_NOMINAL, _COVERAGE = 0.05, 0.95
_LEAST = 0.92
"""Coverage held to where weeks are alike with the weeks beside them, too."""


@dataclass(frozen=True)
class Shape:
    """A series of weeks.

    Parameters
    ----------
    name
        In words.
    weeks, before, comments
        Number of weeks, of those before the change, and comments a week on average.
    share, drift
        Share that complains at the change, and its drift in log-odds a week.
    spread, memory
        Standard deviation of the weeks' own log-odds, and how much of it a week keeps of the one
        before.
    """

    name: str
    weeks: int
    before: int
    comments: float
    share: float
    drift: float
    spread: float = 0.0
    memory: float = 0.0

    @property
    def kept(self) -> bool:
        """Whether weeks remember the weeks before them."""
        return self.memory > 0


SHAPES = (
    Shape("two years, 28 comments a week", 104, 65, 28, 0.08, 0.003),
    Shape("two years, rare complaints", 104, 65, 28, 0.04, 0.003),
    Shape("half a year, 60 comments a week", 26, 13, 60, 0.15, 0.0),
    Shape("two years, weeks of their own", 104, 65, 65, 0.1, 0.003, spread=0.3),
    Shape("two years, weeks that remember", 104, 65, 65, 0.1, 0.003, spread=0.3, memory=0.4),
)
CHANGES = (0.0, -1.0, 0.7)
"""Of the log-odds from the change on."""


def run(*, small: bool) -> Proof:
    """Count claims without a change, and how often bounds hold a planted one."""
    number = SMALL if small else FULL
    rows, held = [], []
    for place, shape in enumerate(SHAPES):
        for change in CHANGES:
            claims, covers, given = _counted(shape, change, number, seed=1000 * place)
            rate, cover = exact(claims, given), exact(covers, given)
            held.append(_holds(shape, change, claims, covers, given))
            told = f"{change:+.1f}" if change else "none"
            rows.append([shape.name, told, number - given, str(rate), str(cover)])
    return Proof(_text(rows, number), all(held))


def series(shape: Shape, change: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return complaints and comments by week, drawn comment by comment."""
    draw = np.random.default_rng(seed)
    own = 0.0
    hits, sizes = np.zeros(shape.weeks), np.zeros(shape.weeks)
    at = math.log(shape.share / (1 - shape.share))
    for week in range(shape.weeks):
        own = shape.memory * own + shape.spread * math.sqrt(1 - shape.memory**2) * draw.normal()
        odds = math.exp(
            at + shape.drift * (week - shape.before) + own + (change if week >= shape.before else 0)
        )
        sizes[week] = draw.poisson(shape.comments)
        hits[week] = (draw.random(int(sizes[week])) < odds / (1 + odds)).sum()
    return hits, sizes


def _counted(shape: Shape, change: float, number: int, *, seed: int) -> tuple[int, int, int]:
    """Return how many series are claimed to change, hold the truth, and have a fit at all."""
    claims = covers = given = 0
    after = 1 / (1 + (1 - shape.share) / shape.share * math.exp(-change))
    truth = after - shape.share
    for draw in range(number):
        found = fit_segments(*series(shape, change, seed + draw), shape.before)
        if found is None:
            continue
        given += 1
        claims += found.p_value < _NOMINAL
        low, high = found.level.low, found.level.high
        covers += low is not None and high is not None and low <= truth <= high
    return claims, covers, given


def _holds(shape: Shape, change: float, claims: int, covers: int, given: int) -> bool:
    if shape.kept:
        return less_than(covers, given, _LEAST - 0.03) >= _STRICT
    if not change:
        return more_than(claims, given, _NOMINAL) >= _STRICT
    return less_than(covers, given, _LEAST) >= _STRICT


def _text(rows: list[list[object]], number: int) -> str:
    return "\n\n".join(
        [
            f"{number:,} series of each kind, seeds from 0. Comments a week are Poisson, each "
            "complains by a chance whose log-odds drift, and from the change on are higher or "
            "lower by what stands in the second column. Weeks *of their own* have log-odds of "
            "their own (standard deviation 0.3), weeks *that remember* keep 0.4 of the week "
            "before. The generator draws single comments and shares nothing with the fit.",
            table(
                [
                    "series",
                    "change (log-odds)",
                    "no fit",
                    "claimed at 5 % (99 % exact)",
                    "bounds hold the truth (99 % exact)",
                ],
                rows,
            ),
            "Asked for: without a change, claims compatible with at most 5 % (exact, 1 %); with "
            f"one, coverage compatible with at least {_LEAST:.0%}. Where weeks remember, the "
            "variance is estimated from few independent stretches, and bounds of 95 % hold a "
            f"little less: asked for is {_LEAST - 0.03:.0%}, and a claim there is to be read with "
            "that in mind.",
        ]
    )
