"""Whether complainers who got an answer bought again, beside those who did not."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.drivers.feedback.heard import Heard, hear, nothing
from loyalty_research.drivers.feedback.recovery_rows import purchases_around, usual_gap
from loyalty_research.drivers.feedback.recovery_strata import within_strata
from loyalty_research.drivers.feedback.recovery_views import recovery_charts, recovery_tables
from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, proportion

_SECTION = "complainers_stayed"
LANDMARK = 7
"""Days after the complaint at which it counts whether an answer is there."""
HISTORY = 90
"""Days before the complaint whose purchases say how often somebody buys."""


def complainers_stayed(
    feedback: Any, *, orders: Any = None, period: Any = None, landmark: int = LANDMARK
) -> Result:
    """Tell how many complainers bought again, those answered beside those not.

    Parameters
    ----------
    feedback
        A brand, whose orders are taken; or as of
        :func:`~loyalty_research.drivers.feedback.complaint_shares`.
    orders
        Valid orders with customer_id; None for those of the brand.
    period
        A brand's period or (first day, last day).
    landmark
        Days after the complaint at which it is asked whether it has been resolved.

    Returns
    -------
    Result
        Frames ``summary`` (answered and not: complainers, share that bought again with its
        interval) and ``strata`` (by purchase days before).

    Notes
    -----
    Only a customer's first complaint counts. Groups are made at the landmark: answered are those
    resolved up to it, all others are not, whatever comes later. Purchases count only after it, in
    a window as long as twice the median gap between purchase days of all customers (2 to 13 weeks,
    whole ones); otherwise those who live to be answered would look loyal. The difference is
    adjusted for the purchase days in the 90 days up to the complaint, in up to four strata:
    sum w_k d_k / sum w_k with w_k = n1 n0 / (n1 + n0), its variance by Sato (1989). Who is
    answered is not drawn by lot, so what is left is an association.

    References
    ----------
    Anderson, Cain & Gelber 1983, J Clin Oncol 1(11), 710-719 (landmark); Sato 1989, Biometrics
    45(4), 1323-1324.
    """
    if (empty := nothing(feedback, _SECTION)) is not None:
        return empty
    heard = hear(feedback, _SECTION, period=period)
    if heard.reason:
        return heard.withheld(_SECTION, "feedback_stayed")
    bought = orders if orders is not None else _orders(feedback)
    if reason := _unusable(heard, bought):
        return _without(heard, reason, {})
    window = usual_gap(bought, heard.days)
    rows = _complainers(heard, landmark, window)
    if len(rows):
        rows = purchases_around(bought, rows, landmark=landmark, window=window, history=HISTORY)
    sizes = [int((rows["answered"] == group).sum()) if len(rows) else 0 for group in (True, False)]
    values = {
        "answered": Value(sizes[0], "count"),
        "unanswered": Value(sizes[1], "count"),
        "landmark": Value(landmark, "days"),
        "window": Value(window, "days"),
    }
    if min(sizes) < heard.context.base_limit:
        return _without(heard, "few_complainers", values)
    adjusted = within_strata(rows)
    frames = {"summary": _summary(rows), "strata": adjusted.strata}
    common = {"base": len(rows), "base_unit": "customers", "period": heard.days.iso}
    return heard.result(
        _SECTION,
        frames,
        (_finding(heard, rows, adjusted.value, values),),
        charts=recovery_charts(frames, common, values),
        tables=recovery_tables(common, values),
        references=("anderson1983", "sato1989"),
    )


def _orders(feedback: Any) -> Any:
    has = getattr(feedback, "has", None)
    return feedback.orders if has is not None and has("orders") else None


def _unusable(heard: Heard, orders: Any) -> str:
    if orders is None or "customer_id" not in orders.columns:
        return "no_purchases_linked"
    if not heard.reviews["customer_id"].notna().any():
        return "no_customer_in_feedback"
    if not heard.reviews["resolved_at"].notna().any():
        return "no_resolution"
    return ""


def _complainers(heard: Heard, landmark: int, window: int) -> pd.DataFrame:
    """Return each customer's first complaint that can be followed to the end of the window."""
    own = heard.reviews[heard.unhappy & heard.reviews["customer_id"].notna().to_numpy()]
    own = own[~(own["resolved_at"] < own["posted_at"])]
    own = own.drop_duplicates("customer_id")
    last = pd.Timestamp(heard.days.end) - pd.Timedelta(days=landmark + window)
    first = pd.Timestamp(heard.days.start) + pd.Timedelta(days=HISTORY)
    own = own[(own["day"] <= last) & (own["day"] >= first)]
    answered = (own["resolved_at"].dt.normalize() - own["day"]).dt.days <= landmark
    return pd.DataFrame(
        {
            "customer_id": own["customer_id"].to_numpy(),
            "day": [stamp.date() for stamp in own["day"]],
            "answered": answered.to_numpy(dtype=bool),
        }
    )


def _without(heard: Heard, reason: str, values: dict[str, Value]) -> Result:
    base = int(heard.unhappy.sum())
    gone = heard.state.withheld(
        "feedback_stayed", reason, definition="stayed_after_complaint", base=base, values=values
    )
    return heard.result(_SECTION, {"summary": pd.DataFrame()}, (gone,))


def _summary(rows: pd.DataFrame) -> pd.DataFrame:
    found = []
    for name, group in (("answered", True), ("unanswered", False)):
        own = rows[rows["answered"] == group]
        share = proportion(int(own["stayed"].sum()), len(own))
        found.append(
            {
                "group": name,
                "customers": len(own),
                "stayed": int(own["stayed"].sum()),
                "share": share.value,
                "share_low": share.low,
                "share_high": share.high,
                "before": float(own["before"].mean()),
            }
        )
    return pd.DataFrame(found)


def _points(share: float | None) -> Value:
    """Return a bound in percentage points, printed without its unit."""
    return Value(None if share is None else round(100 * share, 1), "rounded")


def _finding(
    heard: Heard, rows: pd.DataFrame, adjusted: Estimate, values: dict[str, Value]
) -> Finding:
    shares = [
        float(rows.loc[rows["answered"] == group, "stayed"].mean()) for group in (True, False)
    ]
    values = values | {
        "stayed": Value(shares[0], "share"),
        "stayed_not": Value(shares[1], "share"),
        "plain": Value(shares[0] - shares[1], "point_change"),
    }
    if adjusted.low is None or adjusted.high is None or adjusted.low <= 0 <= adjusted.high:
        bounds = {
            "apart": Value(adjusted.value, "point_change"),
            "apart_low": _points(adjusted.low),
            "apart_high": _points(adjusted.high),
        }
        return heard.state.withheld(
            "feedback_stayed",
            "answer_not_apart",
            definition="stayed_after_complaint",
            base=len(rows),
            values=values | bounds,
        )
    return heard.state(
        "feedback_stayed",
        adjusted,
        unit="point_change",
        definition="stayed_after_complaint",
        method="strata",
        subject="feedback_stayed",
        task="retain",
        values=values,
    )
