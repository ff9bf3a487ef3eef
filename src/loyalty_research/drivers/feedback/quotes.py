"""Typical sentences of complaints, chosen by rule and masked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, diags

from loyalty_research.drivers.feedback.heard import Heard, hear, nothing
from loyalty_research.findings import Column, Persons, TableView, Value
from loyalty_research.results import Result

_SECTION = "typical_quotes"
MOST = 2
"""Sentences of an aspect."""
_HAN, _LATIN = 40, 120
_SHORTEST = 4


def typical_quotes(feedback: Any, *, period: Any = None) -> Result:
    """Quote sentences that stand for the complaints of an aspect.

    Parameters
    ----------
    feedback, period
        As of :func:`~loyalty_research.drivers.feedback.complaint_shares`.

    Returns
    -------
    Result
        Frame ``summary``: aspect, quote, people (who complained of the aspect). Empty for a brand
        without feedback.

    Notes
    -----
    Of each aspect of which at least as many persons as the disclosure limit complain, the two
    sentences nearest to the mean of its complaining sentences (cosine of word counts), of two
    persons and not alike; sentences that speak of nothing else come before others. Names,
    telephone numbers and order numbers are masked, and sentences that held one, or are longer than
    40 Chinese characters or 120 letters, are passed over.
    """
    if (empty := nothing(feedback, _SECTION)) is not None:
        return empty
    heard = hear(feedback, _SECTION, period=period)
    if heard.reason:
        return heard.withheld(_SECTION, "feedback_quotes")
    frame = _quotes(heard)
    if frame.empty:
        gone = heard.state.withheld(
            "feedback_quotes",
            "no_quotes",
            definition="typical_quote",
            base=len(heard.reviews),
            base_unit="reviews",
            values={"limit": Value(heard.context.disclosure_limit, "count")},
        )
        return heard.result(_SECTION, {"summary": frame}, (gone,))
    return heard.result(_SECTION, {"summary": frame}, (), tables=(_table(heard),))


def _quotes(heard: Heard) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    whose = dict(zip(heard.reviews["row"], heard.person, strict=True))
    mentions = heard.reading.mentions
    bad = mentions[(mentions["polarity"] < 0) & mentions["row"].isin(whose)]
    alone = mentions.groupby(["row", "sentence"])["aspect"].transform("nunique") == 1
    counts = bad.groupby("aspect")["row"].nunique()
    for aspect in sorted(counts.index, key=lambda name: (-counts[name], name)):
        own = bad[bad["aspect"] == aspect]
        person = own["row"].map(whose).to_numpy()
        people = len(np.unique(person))
        if people < heard.context.disclosure_limit:
            continue
        rows += [
            {"aspect": aspect, "quote": text, "people": people}
            for text in _nearest(heard, *_preferred(own, person, alone))
        ]
    return pd.DataFrame(rows, columns=["aspect", "quote", "people"])


def _preferred(
    own: pd.DataFrame, person: np.ndarray, alone: pd.Series[bool]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the sentences that speak of nothing else, where there are some; else all."""
    only = alone.loc[own.index].to_numpy()
    return (own[only], person[only]) if only.sum() >= MOST else (own, person)


def _nearest(heard: Heard, own: pd.DataFrame, person: np.ndarray) -> list[str]:
    """Return the sentences nearest to the mean, by different persons and in different words."""
    at, sentence = own["row"].tolist(), own["sentence"].tolist()
    vectors = _unit(csr_matrix(heard.reading.words(at, sentence).counts, dtype=float))
    mean = np.asarray(vectors.mean(axis=0)).ravel()
    order = np.argsort(-np.round(vectors @ mean, 9), kind="stable")
    chosen: list[str] = []
    taken: list[int] = []
    for place in order:
        if person[place] in person[taken] or _alike(vectors, taken, place):
            continue
        text = heard.reading.texts([at[place]], [sentence[place]])[0].strip()
        if not _short(text):
            continue
        chosen.append(text)
        taken.append(int(place))
        if len(chosen) == MOST:
            break
    return chosen


def _unit(counts: csr_matrix) -> csr_matrix:
    length = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    return csr_matrix(diags(1 / np.where(length > 0, length, 1.0)) @ counts)


def _alike(vectors: csr_matrix, taken: list[int], place: int) -> bool:
    """Tell whether a sentence says what one taken already says."""
    return any(float((vectors[item] @ vectors[place].T).sum()) > 0.5 for item in taken)


def _short(text: str) -> bool:
    """Tell whether a sentence is short, has words, and held nothing to be masked."""
    han = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    limit = _HAN if han else _LATIN
    masked = any(mark in text for mark in "[]【】〔〕*")
    return _SHORTEST <= len(text) <= limit and not masked


def _table(heard: Heard) -> TableView:
    return TableView(
        name="quotes",
        key="typical_quotes.quotes",
        frame="summary",
        columns=(
            Column("aspect", "label:feedback_aspect"),
            Column("quote", "text"),
            Column("people", "count", heading="people_complaining"),
        ),
        definitions=("typical_quote",),
        persons=(Persons("people", names=("aspect",), rows="apart"),),
        notes=heard.notes,
        **heard.common,
    )
