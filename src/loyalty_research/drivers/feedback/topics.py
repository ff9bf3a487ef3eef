"""Words that customers write more of in the last quarter than before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.stats import norm

from loyalty_research.drivers.feedback.heard import BASE, Heard, hear, nothing
from loyalty_research.findings import Column, Finding, Persons, TableView, Value
from loyalty_research.results import Result
from loyalty_research.stats import false_discoveries

_SECTION = "emerging_topics"
MONTHS = 3
"""Months at the end that are set against all before."""
_PRIOR = 200.0
"""Comments that the prior counts for."""
_LEAST_PERSONS = 5
_SHOWN = 12


def emerging_topics(feedback: Any, *, period: Any = None) -> Result:
    """Tell which words customers write more often in the last three months than before.

    Parameters
    ----------
    feedback, period
        As of :func:`~loyalty_research.drivers.feedback.complaint_shares`.

    Returns
    -------
    Result
        Frames ``summary`` (words beyond chance, by z: persons and share of comments in the last
        months and before, odds ratio with its interval) and ``words`` (all that were tested).
        Empty for a brand without feedback.

    Notes
    -----
    Each word is counted once a comment. With y of N comments on each side and a prior a that is
    200 comments in which the words stand as in all comments, delta = log((y1 + a) / (N1 + a0 - y1
    - a)) - log((y0 + a) / (N0 + a0 - y0 - a)); its variance is the sum over both sides of
    d (1 / (y + a) + 1 / (N + a0 - y - a)), with d of 1 or more how far comments of one person are
    alike. Words of at least as many persons as the disclosure limit, and 5, are tested; Benjamini
    and Hochberg at 5 %. The prior pulls rare words towards no difference. A season returns: a word
    of summer is new in every summer.

    References
    ----------
    Monroe, Colaresi & Quinn 2008, Political Analysis 16(4), 372-403, eq. (16) and (20); Benjamini
    & Hochberg 1995.
    """
    if (empty := nothing(feedback, _SECTION)) is not None:
        return empty
    heard = hear(feedback, _SECTION, period=period)
    if heard.reason:
        return heard.withheld(_SECTION, "feedback_topics")
    late = _late(heard)
    if min(int(late.sum()), int((~late).sum())) < heard.context.base_limit:
        return _short(heard, late)
    words = _words(heard, late)
    if words.empty:
        told = words
    else:
        told = words[words["told"] & (words["z"] > 0)].sort_values(
            "z", ascending=False, kind="stable"
        )
        told = told.head(_SHOWN).reset_index(drop=True)
    frames = {"summary": told, "words": words}
    tables = (_table(heard),) if len(told) else ()
    return heard.result(
        _SECTION,
        frames,
        _findings(heard, told, words, late),
        tables=tables,
        references=("monroe2008", "benjamini1995"),
    )


def _late(heard: Heard) -> np.ndarray:
    """Return which comments are of the last three whole or begun months of the period."""
    months = pd.PeriodIndex(heard.reviews["month"], freq="M")
    last = pd.Period(heard.days.end, freq="M")
    return np.asarray(months > last - MONTHS)


def _short(heard: Heard, late: np.ndarray) -> Result:
    gone = heard.state.withheld(
        "feedback_topics",
        "few_on_a_side",
        definition="emerging_words",
        base=len(heard.reviews),
        base_unit=BASE,
        values={
            "late": Value(int(late.sum()), BASE),
            "early": Value(int((~late).sum()), BASE),
            "months": Value(MONTHS, "months"),
        },
    )
    return heard.result(_SECTION, {"summary": pd.DataFrame()}, (gone,))


@dataclass(frozen=True, slots=True)
class _Side:
    """Words of the comments on one side: shape (words,) each.

    Parameters
    ----------
    hits
        Comments with the word.
    people
        Persons who wrote it.
    design
        Factor on its variance, since comments of one person are alike.
    count
        Number of comments.
    """

    hits: np.ndarray
    people: np.ndarray
    design: np.ndarray
    count: int


def _words(heard: Heard, late: np.ndarray) -> pd.DataFrame:
    """Return every word tested, with its log-odds ratio of last months to before."""
    found = heard.reading.words(heard.reviews["row"].tolist())
    there = (found.counts > 0).astype(float)
    whole = _side(there, heard.person)
    least = max(heard.context.disclosure_limit, _LEAST_PERSONS)
    kept = whole.people >= least
    if not kept.any():
        return pd.DataFrame()
    new, old = (_side(there[side][:, kept], heard.person[side]) for side in (late, ~late))
    prior = _PRIOR * (whole.hits[kept] + 0.5) / (whole.count + 1)
    delta = _log_odds(new, prior)[0] - _log_odds(old, prior)[0]
    error = np.sqrt(_log_odds(new, prior)[1] + _log_odds(old, prior)[1])
    reach = float(norm.ppf(0.975)) * error
    frame = pd.DataFrame(
        {
            "word": np.asarray(found.vocabulary, dtype=object)[kept],
            "people": whole.people[kept].astype(int),
            "late": new.people.astype(int),
            "early": old.people.astype(int),
            "late_share": new.hits / new.count,
            "early_share": old.hits / old.count,
            "ratio": np.exp(delta),
            "ratio_low": np.exp(delta - reach),
            "ratio_high": np.exp(delta + reach),
            "z": delta / error,
            "p_value": 2 * norm.sf(np.abs(delta / error)),
        }
    )
    frame["told"] = false_discoveries(frame["p_value"].to_numpy())
    frame.loc[frame["late"] < least, "told"] = False
    return frame


def _log_odds(side: _Side, prior: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the log-odds of each word, and their variance."""
    hits = side.hits + prior
    rest = side.count + _PRIOR - hits
    return np.log(hits / rest), side.design * (1 / hits + 1 / rest)


def _side(there: Any, person: np.ndarray) -> _Side:
    """Count comments and persons by word, and how far comments of one person are alike."""
    codes, place = np.unique(person, return_inverse=True)
    shape = (len(codes), len(person))
    of_person = csr_matrix((np.ones(len(person)), (place, np.arange(len(person)))), shape=shape)
    sums = csr_matrix(of_person @ there)
    sizes = np.bincount(place).astype(float)
    hits = np.asarray(sums.sum(axis=0)).ravel()
    share = hits / max(len(person), 1)
    squares = np.asarray(sums.multiply(sums).sum(axis=0)).ravel()
    spread = squares - 2 * share * np.asarray(sums.T @ sizes).ravel() + share**2 * (sizes @ sizes)
    alone = len(person) * share * (1 - share)
    design = np.where(alone > 0, spread / np.where(alone > 0, alone, 1.0), 1.0)
    people = np.asarray((sums > 0).sum(axis=0)).ravel()
    return _Side(hits, people, np.maximum(design, 1.0), len(person))


def _findings(
    heard: Heard, told: pd.DataFrame, words: pd.DataFrame, late: np.ndarray
) -> tuple[Finding, ...]:
    values = {
        "months": Value(MONTHS, "months"),
        "words": Value(len(words), "count"),
        "limit": Value(max(heard.context.disclosure_limit, _LEAST_PERSONS), "count"),
    }
    if told.empty:
        reason = "no_new_words" if len(words) else "words_rare"
        gone = heard.state.withheld(
            "feedback_topics",
            reason,
            definition="emerging_words",
            base=len(heard.reviews),
            base_unit=BASE,
            values=values,
        )
        return (gone,)
    row = told.iloc[0]
    return (
        heard.state(
            "feedback_topics",
            float(row["ratio"]),
            unit="times",
            definition="emerging_words",
            method="log_odds",
            base=int(late.sum()),
            base_unit=BASE,
            subject="feedback_topics",
            values=values
            | {
                "word": Value(str(row["word"]), "text"),
                "late_share": Value(float(row["late_share"]), "share"),
                "early_share": Value(float(row["early_share"]), "share"),
                "low": Value(float(row["ratio_low"]), "number"),
                "high": Value(float(row["ratio_high"]), "number"),
                "told": Value(len(told), "count"),
            },
        ),
    )


def _table(heard: Heard) -> TableView:
    return TableView(
        name="words",
        key="emerging_topics.words",
        frame="summary",
        columns=(
            Column("word", "text"),
            Column("late", "count", heading="persons_late"),
            Column("late_share", "share"),
            Column("early", "count", heading="persons_early"),
            Column("early_share", "share"),
            Column("ratio", "number", low="ratio_low", high="ratio_high", heading="odds_ratio"),
        ),
        definitions=("emerging_words",),
        persons=(
            Persons("late", names=("word",), rows="apart"),
            Persons("early", names=("word",), rows="apart"),
        ),
        notes=heard.notes,
        **heard.common,
    )
