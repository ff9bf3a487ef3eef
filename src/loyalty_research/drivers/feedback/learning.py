"""Learn praise and complaint from the brand's own ratings, where that is better out of sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.drivers.feedback.classifier import (
    Classifier,
    fit_classifier,
    out_of_sample,
    sample_of,
)
from loyalty_research.drivers.feedback.quality import QUALITY, gain, side_rows

LEXICON, LEARNED = "lexicon", "lexicon+classifier"
EDGE = 0.25
"""Score up to which the lexicon tells neither praise nor complaint."""
SURE = 0.4
"""Log-odds up to which a classifier tells neither: 40 to 60 %."""
LEAST = 50
"""Comments asked for of each class."""
_SCALES = ((1.0, 0.0), (5.0, 1.0), (10.0, 1.0), (100.0, 0.0))
"""Usual scales of ratings by their highest point, with the lowest."""
_LOW, _HIGH = 0.34, 0.74


@dataclass(frozen=True, slots=True)
class Learned:
    """What ratings taught.

    Parameters
    ----------
    method
        ``lexicon`` where nothing was learned or it was no better.
    reason
        Why: ``better``, ``not_better``, ``no_ratings``, ``one_class``, ``few_rated``.
    classifier
        None where the lexicon stands alone.
    quality
        Precision and recall of all methods out of sample; empty where none could be judged.
    """

    method: str
    reason: str
    classifier: Classifier | None
    quality: pd.DataFrame


def rating_sides(ratings: np.ndarray) -> np.ndarray:
    """Return -1 for low, 1 for high, 0 for middle and missing ratings.

    Notes
    -----
    The scale is taken to end at 1, 5, 10 or 100, the first that no rating exceeds, and to begin at
    0, 1, 1 or 0: of five stars one and two are low, four and five high. A rating that never
    varies tells nothing, and neither do ratings above 100 or below the scale.
    """
    known = ratings[np.isfinite(ratings)]
    nothing = np.zeros(len(ratings), dtype=np.int64)
    if not len(known) or np.ptp(known) == 0:
        return nothing
    scale = next(((low, top) for top, low in _SCALES if known.max() <= top), None)
    if scale is None or known.min() < min(scale[0], 0.0):
        return nothing
    place = (ratings - scale[0]) / (scale[1] - scale[0])
    return np.where(place <= _LOW, -1, np.where(place >= _HIGH, 1, 0)).astype(np.int64)


def learn(texts: Sequence[str], scores: np.ndarray, ratings: np.ndarray) -> Learned:
    """Fit a classifier to rated comments, if it beats the lexicon on comments it never saw.

    Parameters
    ----------
    texts
        Comments, cleaned; only readable ones.
    scores
        Their scores by the lexicon.
    ratings
        Their ratings, missing where there are none.
    """
    sides = rating_sides(ratings)
    few = min(int((sides == side).sum()) for side in (-1, 1))
    if few < LEAST:
        reason = "few_rated" if few else "one_class"
        return Learned(
            LEXICON, reason if np.isfinite(ratings).any() else "no_ratings", None,
            pd.DataFrame(columns=list(QUALITY)),
        )  # fmt: skip
    rated = np.flatnonzero(sides)
    rated = rated[sample_of([texts[int(i)] for i in rated])]
    chosen, truth, score = [texts[int(i)] for i in rated], sides[rated], scores[rated]
    alone, joined = out_of_sample(chosen, truth, score)
    found = {
        "lexicon": signs(score, EDGE),
        "classifier": signs(alone, SURE),
        "combination": signs(joined, SURE),
    }
    better = gain(truth, found["combination"], found["lexicon"])[1] > 0
    used = "combination" if better else "lexicon"
    quality = side_rows(truth, found, used=used)
    if not better:
        return Learned(LEXICON, "not_better", None, quality)
    fitted = fit_classifier(chosen, truth, score, with_lexicon=True)
    return Learned(LEARNED, "better", fitted, quality)


def signs(values: np.ndarray, edge: float) -> np.ndarray:
    """Return 1 above ``edge``, -1 below its negative, 0 between."""
    return np.where(values > edge, 1, np.where(values < -edge, -1, 0)).astype(np.int64)
