"""Results on comments that together say all sentences of the sections on feedback."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
from drivers.feedback.made import FIX, PERIOD, comments, shop

import loyalty_research as lr
from loyalty_research.drivers import feedback
from loyalty_research.profile.common import as_days
from loyalty_research.results import Result
from loyalty_research.study import Brand

SECTIONS = (
    feedback.complaint_shares,
    feedback.typical_quotes,
    feedback.complaint_trend,
    feedback.emerging_topics,
    feedback.resolution_times,
    feedback.complainers_stayed,
)


def feedback_results() -> list[Result]:
    """Return results on comments with and without what the sections look for."""
    full = _full()
    made = [section(full, period=PERIOD) for section in SECTIONS]
    made += [feedback.before_after(full, fixes=[FIX], period=PERIOD)]
    made += _judged(feedback.read(comments(4, n=400), period=_period()))
    calm = shop(comments(3, n=600), keeps=0.0)
    made += [section(calm, period=PERIOD) for section in SECTIONS]
    made += [feedback.before_after(calm, fixes=[FIX], period=PERIOD)]
    alone = comments(5, n=900, waiting=(0.3, 0.1), service=(0.0, 0.0), product=(0.0, 0.0))
    made += [feedback.before_after(alone, fixes=[FIX], period=PERIOD)]
    return made + _withheld()


def _period() -> object:
    days = as_days(PERIOD)
    return SimpleNamespace(start=days.start, end=days.end, iso=days.iso)


def _full() -> Brand:
    """Return a shop whose comments tell everything: two brands, two sources, a change, a word."""
    own = comments(2, waiting=(0.4, 0.1), new_word=0.25)
    early = own["resolved_at"].notna() & (np.arange(len(own)) % 11 == 0)
    own.loc[early, "resolved_at"] = own.loc[early, "posted_at"] - pd.Timedelta(hours=2)
    own = own.assign(source=np.where(own["bad_service"], "店内", "网上"), brand="frames")
    other = comments(5, n=400, waiting=(0.02, 0.02), service=(0.02, 0.02))
    other = other.assign(brand="对手", feedback_id=other["feedback_id"] + 10_000, customer_id=pd.NA)
    return shop(pd.concat([own, other], ignore_index=True), keeps=0.6)


def _judged(reading: feedback.Reading) -> list[Result]:
    """Return what is said of how well a real and a simulated shop's comments are read."""
    quality = pd.DataFrame(
        {
            "level": ["review", "review", "sentence", "sentence"],
            "name": ["complaint", "complaint", "waiting", "app"],
            "method": ["combination", "lexicon", "lexicon", "classifier"],
            **{name: [0.8, 0.7, 0.9, 0.6] for name in ("precision", "recall")},
            **{f"{name}_low": [0.7, 0.6, 0.8, 0.5] for name in ("precision", "recall")},
            **{f"{name}_high": [0.9, 0.8, 1.0, 0.7] for name in ("precision", "recall")},
            "base": [120, 120, 60, 40],
            "used": [True, False, True, False],
        }
    )
    real = dataclasses.replace(reading, quality=quality)
    simulated = dataclasses.replace(real.context, evidence="synthetic")
    made = dataclasses.replace(real, context=simulated)
    return [feedback.complaint_shares(item, period=PERIOD) for item in (real, made)]


def _withheld() -> list[Result]:
    """Return results that say why they tell nothing."""
    said = comments(6, n=300)
    early = said["posted_at"] - pd.Timedelta(days=2)
    early = early.where(said["resolved_at"].notna())
    never = said["resolved_at"] + pd.Timedelta(days=2000)
    month = (PERIOD[0], "2023-01-31")
    others = said.assign(brand=np.where(said["bad_service"], "甲", "乙"))
    happy = said.assign(text="咖啡很好喝。", rating=5.0)
    few = said.assign(customer_id=np.resize([1, 2, 3], len(said)))
    soon = FIX | {"on": pd.Timestamp("2023-01-20").date()}
    before = FIX | {"on": pd.Timestamp("2022-06-01").date()}
    lines = pd.DataFrame({"order_id": [1], "ordered_at": ["2024-03-01"], "amount": [9.5]})
    none = Brand.from_frames(transactions=lines, currency="CNY")
    return [
        lr.attempt(feedback.complaint_shares, none),
        *(part(said.assign(text="👍"), period=PERIOD) for part in SECTIONS),
        feedback.complaint_shares(others, period=PERIOD),
        feedback.complaint_shares(happy, period=PERIOD),
        feedback.typical_quotes(few, period=PERIOD),
        feedback.complaint_trend(happy, period=PERIOD),
        feedback.complaint_trend(said[said["posted_at"] < "2023-02-20"], period=PERIOD),
        feedback.emerging_topics(few, period=PERIOD),
        feedback.emerging_topics(said[said["posted_at"] < "2024-06-01"], period=PERIOD),
        feedback.before_after(said, period=PERIOD),
        *(feedback.before_after(said, fixes=[fix], period=PERIOD) for fix in (soon, before)),
        feedback.resolution_times(happy, period=PERIOD),
        *(
            feedback.resolution_times(said.assign(resolved_at=when), period=PERIOD)
            for when in (early, never, pd.NaT)
        ),
        feedback.resolution_times(comments(7, n=300, answered=0.2), period=PERIOD),
        feedback.complainers_stayed(said, period=PERIOD),
        feedback.complainers_stayed(shop(few, keeps=0.0), period=PERIOD),
        feedback.complaint_shares(said[said["posted_at"] < "2023-04-01"], period=month),
    ]
