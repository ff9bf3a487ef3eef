"""What is said of comments and complaints."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from loyalty_research.drivers.feedback.heard import BASE, Heard
from loyalty_research.drivers.feedback.shares import share_of_reviews
from loyalty_research.findings import Finding, Value
from loyalty_research.stats import Estimate, difference


def complaint_statements(heard: Heard, frames: Mapping[str, pd.DataFrame]) -> tuple[Finding, ...]:
    """State what comments are about, what they complain of, and how well that is read."""
    found = [_read(heard), _top(heard, frames["summary"]), _rate(heard, frames["summary"])]
    if "sources" in frames:
        found.append(_source(heard, frames["sources"]))
    if "brands" in frames:
        found.append(_brand(heard, frames["brands"]))
    found.append(_quality(heard, frames.get("quality")))
    return tuple(found)


def _read(heard: Heard) -> Finding:
    whole = int(heard.reading.notes.get("read", len(heard.reading.reviews)))
    return heard.state(
        "feedback_read",
        float(len(heard.reviews)),
        unit="count",
        definition="complaint_share",
        method="count",
        base=len(heard.reviews),
        base_unit=BASE,
        subject="feedback_read",
        values={
            "read": Value(whole, BASE),
            "signs": Value(int(heard.reading.notes.get("symbols_only", 0)), "count"),
            "other": Value(int(heard.reading.notes.get("other_language", 0)), "count"),
            "unnamed": Value(float((~heard.names.any(axis=1)).mean()), "share"),
            "method": Value(heard.reading.method, "label:feedback_method"),
        },
    )


def _top(heard: Heard, frame: pd.DataFrame) -> Finding:
    row = frame.sort_values("of_all", ascending=False, kind="stable").iloc[0]
    if row["complaints"] == 0:
        return heard.state.withheld(
            "feedback_top",
            "no_complaints",
            definition="complaint_share",
            base=len(heard.reviews),
            base_unit=BASE,
        )
    unhappy = share_of_reviews(heard.unhappy, heard.person)
    return heard.state(
        "feedback_top",
        Estimate(row["of_all"], row["of_all_low"], row["of_all_high"], len(heard.reviews)),
        unit="share",
        definition="complaint_share",
        method="clustered",
        base_unit=BASE,
        subject="feedback_top",
        task="retain",
        values={
            "aspect": Value(str(row["aspect"]), "label:feedback_aspect"),
            "unhappy": Value(unhappy.value, "share"),
        },
    )


def _rate(heard: Heard, frame: pd.DataFrame) -> Finding:
    known = frame[frame["reviews"] >= heard.context.base_limit]
    if known.empty or not known["complaints"].any():
        return heard.state.withheld(
            "feedback_rate",
            "no_complaints" if len(known) else "aspects_rare",
            definition="complaint_rate",
            base=len(heard.reviews),
            base_unit=BASE,
        )
    row = known.sort_values("rate", ascending=False, kind="stable").iloc[0]
    return heard.state(
        "feedback_rate",
        Estimate(row["rate"], row["rate_low"], row["rate_high"], int(row["reviews"])),
        unit="share",
        definition="complaint_rate",
        method="clustered",
        base_unit=BASE,
        subject="feedback_rate",
        values={
            "aspect": Value(str(row["aspect"]), "label:feedback_aspect"),
            "named": Value(int(row["reviews"]), BASE),
        },
    )


def _source(heard: Heard, frame: pd.DataFrame) -> Finding:
    told = frame[frame["told"] & (frame["reviews"] >= heard.context.base_limit)]
    if told.empty:
        return heard.state.withheld(
            "feedback_source",
            "no_difference",
            definition="complaint_share",
            base=len(heard.reviews),
            base_unit=BASE,
            values={"sources": Value(len(frame), "count")},
        )
    row = told.sort_values("p_value", kind="stable").iloc[0]
    return heard.state(
        "feedback_source",
        Estimate(row["apart"], row["apart_low"], row["apart_high"], int(row["reviews"])),
        unit="point_change",
        definition="complaint_share",
        method="holm",
        base_unit=BASE,
        subject="feedback_source",
        values={
            "source": Value(str(row["source"]), "text"),
            "share": Value(float(row["share"]), "share"),
        },
    )


def _brand(heard: Heard, frame: pd.DataFrame) -> Finding:
    least, most = (
        frame.sort_values("share", kind="stable", ignore_index=True).iloc[place]
        for place in (0, -1)
    )
    one, two = (
        Estimate(item["share"], item["share_low"], item["share_high"], int(item["reviews"]))
        for item in (most, least)
    )
    apart = difference(one, two)
    if apart.low is None or apart.low <= 0:
        return heard.state.withheld(
            "feedback_brands",
            "no_difference",
            definition="complaint_share",
            base=apart.base,
            base_unit=BASE,
        )
    return heard.state(
        "feedback_brands",
        apart,
        unit="percentage_point",
        definition="complaint_share",
        method="clustered",
        base_unit=BASE,
        subject="feedback_brands",
        values={
            "most": Value(str(most["brand"]), "text"),
            "least": Value(str(least["brand"]), "text"),
            "first": Value(str(most["first"]), "date"),
            "last": Value(str(most["last"]), "date"),
        },
    )


def _quality(heard: Heard, frame: pd.DataFrame | None) -> Finding:
    chosen = frame
    if frame is not None:
        used = frame["used"].astype(bool)
        chosen = frame[(frame["name"] == "complaint") & used & frame["precision"].notna()]
        chosen = chosen.sort_values("level", kind="stable")  # the brand's own comments come first
    if chosen is None or chosen.empty:
        return heard.state.withheld(
            "feedback_quality",
            "quality_unknown",
            definition="reading_quality",
            base=len(heard.reviews),
            base_unit=BASE,
        )
    row = chosen.iloc[0]
    circular = heard.context.evidence == "synthetic" and row["level"] == "review"
    return heard.state(
        "feedback_quality_circular" if circular else "feedback_quality",
        Estimate(row["precision"], row["precision_low"], row["precision_high"], int(row["base"])),
        unit="share",
        definition="reading_quality",
        method="wilson",
        base_unit=BASE,
        subject="feedback_quality",
        values={
            "recall": Value(float(row["recall"]), "share"),
            "recall_low": Value(float(row["recall_low"]), "share"),
            "recall_high": Value(float(row["recall_high"]), "share"),
            "level": Value(str(row["level"]), "label:reading_level"),
        },
    )
