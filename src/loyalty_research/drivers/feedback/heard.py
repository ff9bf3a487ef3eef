"""The comments a section works on: whose they are, what they complain of, who wrote them."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.common import CHAPTER, DriverStater
from loyalty_research.drivers.feedback.reader import read
from loyalty_research.drivers.feedback.reading import Reading
from loyalty_research.engine import Context
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import Days, as_days
from loyalty_research.results import Result

BASE = "reviews"
_READ: weakref.WeakKeyDictionary[Any, dict[tuple[str, str], Reading]] = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Heard:
    """What a section works on: the comments that can be read, and what they complain of.

    Parameters
    ----------
    reading
        All that was read.
    state
        States the section's findings.
    days
        First and last day.
    reviews
        Comments in words, of the brand itself, in order of the day; ``row`` is their place in
        ``reading``.
    names, complains
        Shape (n, k), by comment and aspect: whether it names it, and whether it complains of it.
    unhappy
        Shape (n,): whether a comment complains of an aspect, or is negative as a whole.
    person
        Shape (n,): number of who wrote it; a comment without a customer is a person's own.
    reason
        Why the section cannot tell anything; empty where it can.
    values
        What the reason prints.
    """

    reading: Reading
    state: DriverStater
    days: Days
    reviews: pd.DataFrame
    names: np.ndarray
    complains: np.ndarray
    unhappy: np.ndarray
    person: np.ndarray
    reason: str
    values: Mapping[str, Value]

    @property
    def context(self) -> Context:
        """Currency, evidence and limits."""
        return self.reading.context

    @property
    def aspects(self) -> tuple[str, ...]:
        """Names of the aspects, in their order."""
        return self.reading.aspects

    @property
    def common(self) -> dict[str, Any]:
        """What every view of the section carries."""
        return {"base": len(self.reviews), "base_unit": BASE, "period": self.days.iso}

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be said under figures on comments that were made from known phrases."""
        return ("feedback_circular",) if self.context.evidence == "synthetic" else ()

    def withheld(self, name: str, template: str) -> Result:
        """Return a result that says why there is nothing to tell."""
        gone = self.state.withheld(
            template,
            self.reason,
            definition="complaint_share",
            base=len(self.reviews),
            base_unit=BASE,
            values=self.values,
        )
        return self.result(name, {"summary": pd.DataFrame()}, (gone,))

    def result(
        self,
        name: str,
        frames: Mapping[str, pd.DataFrame],
        findings: tuple[Finding, ...],
        **views: Any,
    ) -> Result:
        """Return a result of the section."""
        return Result(
            name=name,
            chapter=CHAPTER,
            section=name,
            frames=frames,
            findings=findings,
            context=self.context,
            **views,
        )


def nothing(feedback: Any, name: str) -> Result | None:
    """Return an empty result for a brand without feedback: one section says that for all."""
    has = getattr(feedback, "has", None)
    if has is None or has("feedback"):
        return None
    return Result(
        name=name,
        chapter=CHAPTER,
        section=name,
        frames={"summary": pd.DataFrame()},
        context=feedback.context,
    )


def hear(feedback: Any, section: str, *, period: Any = None) -> Heard:
    """Return the comments of a brand as a section needs them.

    Parameters
    ----------
    feedback
        A brand, its table of feedback, a frame, or a reading.
    section
        Of the report.
    period
        A brand's period or (first day, last day).

    Raises
    ------
    MissingTableError
        Where the brand has no feedback.
    """
    reading = _reading(feedback, period)
    days = _days(reading, period)
    state = DriverStater(reading.context, section, days.iso)
    reviews = reading.reviews.assign(row=np.arange(len(reading.reviews)))
    own, reason, values = _own(reviews, feedback, reading.context)
    reviews = reviews[own & reviews["readable"].to_numpy(dtype=bool)].reset_index(drop=True)
    if not reason and len(reviews) < reading.context.base_limit:
        reason, values = "few_reviews", {"read": Value(len(reading.reviews), BASE)}
    names, complains = _said(reading, reviews["row"].to_numpy())
    unhappy = complains.any(axis=1) | (reviews["polarity"].to_numpy(dtype=int) < 0)
    return Heard(
        reading, state, days, reviews, names, complains, unhappy, persons(reviews), reason, values
    )


def persons(reviews: pd.DataFrame) -> np.ndarray:
    """Return the number of who wrote each comment; without a customer each is somebody else."""
    known = reviews["customer_id"].notna().to_numpy()
    codes = pd.factorize(reviews["customer_id"])[0].astype(np.int64)
    first = codes.max(initial=-1) + 1
    codes[~known] = first + np.arange(int((~known).sum()))
    return codes


def _reading(feedback: Any, period: Any) -> Reading:
    if isinstance(feedback, Reading):
        return feedback
    days = as_days(period).iso if period is not None else ("", "")
    try:
        kept = _READ.setdefault(feedback, {})
    except TypeError:  # a frame can neither be kept nor looked up
        return read(feedback, period=period)
    if days not in kept:
        kept[days] = read(feedback, period=period)
    return kept[days]


def _days(reading: Reading, period: Any) -> Days:
    if period is not None:
        return as_days(period)
    return as_days(reading.days if reading.days[0] else ("0001-01-01", "0001-01-01"))


def _own(
    reviews: pd.DataFrame, feedback: Any, context: Context
) -> tuple[np.ndarray, str, dict[str, Value]]:
    """Return which comments are on the brand itself, where those of several are in one table."""
    everything = np.ones(len(reviews), dtype=bool)
    brands = sorted(reviews["brand"].dropna().astype(str).unique())
    if len(brands) < 2:
        return everything, "", {}
    called = getattr(feedback, "called", {context.brand})
    names = {item.casefold() for item in called}
    own = [item for item in brands if item.casefold() in names]
    if not own:
        return everything, "several_brands", {"brands": Value(" / ".join(brands), "text")}
    mine = reviews["brand"].isna() | reviews["brand"].isin(own)
    return mine.to_numpy(dtype=bool), "", {}


def _said(reading: Reading, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    place = np.full(len(reading.reviews), -1)
    place[rows] = np.arange(len(rows))
    mentions = reading.mentions
    which = {name: number for number, name in enumerate(reading.aspects)}
    at = place[mentions["row"].to_numpy(dtype=int)]
    aspect = mentions["aspect"].map(which).to_numpy(dtype=int)
    bad = mentions["polarity"].to_numpy(dtype=int) < 0
    names = np.zeros((len(rows), len(which)), dtype=bool)
    complains = np.zeros_like(names)
    there = at >= 0
    names[at[there], aspect[there]] = True
    complains[at[there & bad], aspect[there & bad]] = True
    return names, complains
