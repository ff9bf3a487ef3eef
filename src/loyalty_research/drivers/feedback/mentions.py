"""Every sentence scored once, as mentions: one row a comment, sentence and aspect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.drivers.feedback.lexicon import ASPECTS, Lexicon
from loyalty_research.drivers.feedback.opening import Split
from loyalty_research.drivers.feedback.scoring import score_sentence
from loyalty_research.drivers.feedback.text import folded


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of distinct sentences.

    Parameters
    ----------
    total
        Sum of all that judges, shape (s,).
    sentence, aspect, score
        One entry a mention: place of the sentence, position in :data:`ASPECTS`, and the score,
        missing where the aspect is named and nothing judges it; each of shape (m,).
    """

    total: np.ndarray
    sentence: np.ndarray
    aspect: np.ndarray
    score: np.ndarray


def score_texts(texts: Sequence[str], lexicon: Lexicon) -> Scored:
    """Score distinct sentences by the lexicon."""
    place = {aspect: number for number, aspect in enumerate(ASPECTS)}
    total = np.zeros(len(texts))
    found: list[tuple[int, int, float]] = []
    for number, text in enumerate(texts):
        said = score_sentence(folded(text), lexicon)
        total[number] = said.score
        found.extend(
            (number, place[aspect], score)
            for aspect, score in sorted(said.aspects.items(), key=lambda item: place[item[0]])
        )
    table = np.array(found, dtype=float).reshape(-1, 3)
    return Scored(total, table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])


def mention_rows(split: Split, scored: Scored) -> pd.DataFrame:
    """Return one row a comment, sentence and aspect: row, sentence, aspect, polarity, score."""
    first = np.searchsorted(scored.sentence, np.arange(len(split.texts) + 1))
    counts = np.diff(first)[split.order]
    at = np.repeat(np.arange(len(split.order)), counts)
    within = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    entry = first[split.order][at] + within if len(at) else at
    score = scored.score[entry]
    return pd.DataFrame(
        {
            "row": split.rows[at],
            "sentence": split.numbers[at],
            "aspect": np.array(ASPECTS, dtype=object)[scored.aspect[entry]],
            "polarity": np.sign(np.nan_to_num(score)).astype(np.int64),
            "score": np.nan_to_num(score),
        }
    )


def review_totals(split: Split, total: np.ndarray) -> np.ndarray:
    """Return the sum of the sentences of each comment."""
    counts = np.bincount(split.rows, weights=total[split.order], minlength=len(split.ends) - 1)
    return counts.astype(float)
