"""Read the comments of a brand: aspects, praise and complaint, by words and, where better, more."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.feedback.learning import EDGE, SURE, Learned, learn, signs
from loyalty_research.drivers.feedback.lexicon import ASPECTS, load_lexicon
from loyalty_research.drivers.feedback.mentions import (
    Scored,
    mention_rows,
    review_totals,
    score_texts,
)
from loyalty_research.drivers.feedback.opening import Split, open_feedback, split_reviews
from loyalty_research.drivers.feedback.quality import measured_rows
from loyalty_research.drivers.feedback.reading import Reading
from loyalty_research.engine import collect, context_of
from loyalty_research.errors import ParameterError, problem, raise_all
from loyalty_research.profile.common import as_days

_PRODUCTS = 5_000
_SHORTEST = 2


def read(
    source: Any,
    *,
    period: Any = None,
    words: Sequence[str] = (),
    aspects: Mapping[str, Sequence[str]] | None = None,
) -> Reading:
    """Tell what comments say of which aspect, and whether they praise it or complain.

    Parameters
    ----------
    source
        A brand, its table ``feedback``, or a frame with its columns.
    period
        A brand's period or (first day, last day); None for the brand's own, or for all of a table.
    words
        Further words of the brand's own, kept whole in counts of words.
    aspects
        Further words that name an aspect, by aspect.

    Returns
    -------
    Reading
        Without rows where no comment was posted in the period.

    Raises
    ------
    MissingTableError
        Where the brand has no feedback, or the frame not its required columns.
    ParameterError
        For an unknown aspect.

    Notes
    -----
    Sentences of Chinese and English are scored by the words of data/feedback, each distinct one
    once; see ``score_sentence``. Names of the
    brand's products name the product. Comments in other languages and those without a letter are
    counted and left unread.
    """
    raise_all(_unknown(aspects or {}), ParameterError)
    given = period if period is not None else getattr(source, "period", None)
    days = as_days(given) if given is not None else None
    table, rows, outside = open_feedback(source, days)
    reviews, split, notes = split_reviews(rows)
    products = _product_names(source)
    own = getattr(getattr(source, "file", None), "feedback", None)
    more = _merged({"product": products}, own.aspects if own else {}, aspects or {})
    scored = score_texts(split.texts, load_lexicon(more))
    score = review_totals(split, scored.total)
    learned = _learned(reviews, split, score)
    reviews["polarity"], reviews["score"] = _polarity(reviews, split, score, learned)
    mentions = mention_rows(split, _filled(split, scored, learned))
    silent = reviews["readable"] & ~reviews.index.isin(mentions["row"])
    counted = {"read": len(reviews), "outside_period": outside, **notes, "no_aspect": silent.sum()}
    return Reading(
        reviews=reviews,
        mentions=mentions,
        notes={name: int(count) for name, count in counted.items()},
        method=learned.method,
        reason=learned.reason,
        quality=_joined(learned.quality, measured_rows()),
        context=context_of(table),
        days=days.iso if days else _first_and_last(reviews),
        split=split,
        brand_words=tuple(dict.fromkeys([*products, *(own.words if own else ()), *words])),
    )


def _learned(reviews: pd.DataFrame, split: Split, score: np.ndarray) -> Learned:
    rated = reviews["readable"] & reviews["rating"].notna() & (reviews["sentences"] > 0)
    rows = np.flatnonzero(rated)
    return learn(whole_texts(split, rows), score[rows], reviews["rating"].to_numpy()[rows])


def _polarity(
    reviews: pd.DataFrame, split: Split, score: np.ndarray, learned: Learned
) -> tuple[np.ndarray, np.ndarray]:
    """Return polarity and score of each comment."""
    if learned.classifier is None:
        return signs(score, EDGE), score
    rows = np.flatnonzero(reviews["sentences"] > 0)
    margins = np.zeros(len(reviews))
    margins[rows] = learned.classifier.margins(whole_texts(split, rows), score[rows])
    return signs(margins, SURE), margins


def _filled(split: Split, scored: Scored, learned: Learned) -> Scored:
    """Return the scores with what the classifier tells where no word judges a named aspect."""
    silent = np.flatnonzero(np.isnan(scored.score))
    if learned.classifier is None or not len(silent):
        return scored
    at = scored.sentence[silent]
    margins = learned.classifier.margins([split.texts[i] for i in at], scored.total[at])
    score = scored.score.copy()
    score[silent] = np.where(np.abs(margins) > SURE, margins, 0.0)
    return dataclasses.replace(scored, score=score)


def _joined(*parts: pd.DataFrame) -> pd.DataFrame:
    """Return tables below each other; empty ones, whose columns have no type, left out."""
    some = [part for part in parts if len(part)]
    return pd.concat(some, ignore_index=True) if some else parts[0]


def whole_texts(split: Split, rows: np.ndarray) -> list[str]:
    """Return the sentences of each comment as one text."""
    return [
        " ".join(split.texts[i] for i in split.order[split.ends[row] : split.ends[row + 1]])
        for row in rows
    ]


def _unknown(aspects: Mapping[str, Sequence[str]]) -> Any:
    for name in aspects:
        if name not in ASPECTS:
            yield problem(
                "aspects: found {name!r}; allowed: {allowed}",
                name=name,
                allowed=", ".join(ASPECTS),
            )


def _merged(*parts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for part in parts:
        for name, words in part.items():
            found.setdefault(name, []).extend(words)
    return {name: tuple(words) for name, words in found.items()}


def _product_names(source: Any) -> tuple[str, ...]:
    """Return the names of a brand's products that are no single characters."""
    has = getattr(source, "has", None)
    if has is None or not has("products"):
        return ()
    table = source.table("products")
    if "name" not in table.columns:
        return ()
    names = collect(table.select("name").distinct().limit(_PRODUCTS), sort_by=["name"])["name"]
    return tuple(name for name in names.dropna() if len(name) >= _SHORTEST)


def _first_and_last(reviews: pd.DataFrame) -> tuple[str, str]:
    known = reviews["day"].dropna()
    if known.empty:
        return "", ""
    return known.min().date().isoformat(), known.max().date().isoformat()
