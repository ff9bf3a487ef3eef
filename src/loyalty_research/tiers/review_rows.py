"""Rows of the yearly review: drift of the pyramid, and measures with what triggers a change."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.language import LANGUAGES, translator
from loyalty_research.profile.common import Days
from loyalty_research.tiers.common import point_values
from loyalty_research.tiers.ledgers import joined_days, replay_on
from loyalty_research.tiers.replays import Replays, Run, in_both
from loyalty_research.tiers.review_expected import SHARES, Expected

SECTION = "programme_review"
_QUARTERS = 4
_LEAST_DAYS, _LEAST_MONTHS, _STEADY_MONTHS = 182, 6, 30
_FALL, _TURN, _GROWTH, _OF_MARGIN = 0.05, 0.10, 0.25, 0.5
"""Limits: able share falls by, share redeemed turns by, liability grows by, part of the margin."""


def quarter_ends(days: Days) -> tuple[dt.date, ...]:
    """Return five days, three months apart, the last that of the period; none if too short.

    Half a year must lie before the first.
    """
    after = pd.Timestamp(days.end) + pd.Timedelta(days=1)
    ends = [
        (after - pd.DateOffset(months=3 * back) - pd.Timedelta(days=1)).date()
        for back in range(_QUARTERS, -1, -1)
    ]
    return tuple(ends) if (ends[0] - days.start).days + 1 >= _LEAST_DAYS else ()


def drift_of(
    brand: Any, made: Replays, main: Run, ends: tuple[dt.date, ...], expected: Expected
) -> pd.DataFrame:
    """Return a row a quarter end and level: share of the members of a year before, and expected."""
    first = _places(main, _replayed(brand, made, main, ends[0]))
    rows = []
    for number, end in enumerate(ends[1:]):
        ledger = main.ledger if end == made.days.end else _replayed(brand, made, main, end)
        now = _places(main, ledger).reindex(first.index)
        counts = np.bincount(now.dropna().astype(int), minlength=len(main.levels))
        members = int(counts.sum())
        for place, (tier, zh, en) in enumerate(main.levels):
            mean, low, high = expected.range_of(number, place, members)
            share = counts[place] / members if members else 0.0
            rows.append(
                {
                    "quarter": end.isoformat(),
                    "tier": tier,
                    "level_zh": zh,
                    "level_en": en,
                    "members": int(counts[place]),
                    "members_all": members,
                    "share": share,
                    "expected": mean,
                    "low": low,
                    "high": high,
                    "outside": "no" if low <= share <= high else "yes",
                }
            )
    return pd.DataFrame(rows)


def measures_of(
    main: Run,
    drift: pd.DataFrame,
    before: Expected,
    after: Expected,
    margin: float | None,
) -> pd.DataFrame:
    """Return a row a measure: a year before, now, expected range in a year, limit and state."""
    members = len(main.ledger.customers)
    rows = []
    if len(main.levels) > 1:
        rows += [_level(main, drift, after, place, members) for place in range(len(main.levels))]
        rows.append(_able(before, after))
    last, previous = (_year(main, back) for back in (0, 1))
    if main.ledger.months["month"].nunique() < _STEADY_MONTHS:  # all began with no points
        limits = dict.fromkeys(SHARES[1:], np.nan)
    else:
        limits = {"redeemed": previous["redeemed"] - _TURN}
        limits["liability"] = previous["liability"] * (1 + _GROWTH)
    limits["reward_rate"] = np.nan if margin is None else _OF_MARGIN * margin
    for name in SHARES:
        low, high = after.rate_range(name)
        rows.append(
            _rate(name, previous[name], last[name], limits[name]) | {"low": low, "high": high}
        )
    frame = pd.DataFrame(rows)
    kind = frame["kind"].fillna(frame["measure"])
    counts = frame["members"].fillna(members).astype(int)
    numbers = dict.fromkeys(["before", "now", "low", "high", "limit"], float)
    return frame.assign(kind=kind, members=counts).astype(numbers)


def _level(
    main: Run, drift: pd.DataFrame, after: Expected, place: int, members: int
) -> dict[str, Any]:
    tier = main.levels[place][0]
    own = drift[drift["tier"] == tier]
    held = main.ledger.members
    month = sorted(held["month"].unique())
    now, then = (_share_in(held, tier, month[-1]), _share_in(held, tier, month[-13:][0]))
    _, low, high = after.range_of(0, place, members)
    outside = (own["outside"].iloc[-2:] == "yes").all()
    return {
        "kind": "level",
        "members": _held(held, tier, month[-1]),
        "measure": f"level_{tier}",
        **_named("review.level_share", {"zh": main.levels[place][1], "en": main.levels[place][2]}),
        "before": then,
        "now": now,
        "low": low,
        "high": high,
        "trigger": "range",
        "limit": np.nan,
        "state": "met" if outside else "not_met",
    }


def _able(before: Expected, after: Expected) -> dict[str, Any]:
    limit = before.able - _FALL
    return {
        "measure": "able",
        **_named("review.able"),
        "before": before.able,
        "now": after.able,
        "low": np.nan,
        "high": np.nan,
        "trigger": "able",
        "limit": limit,
        "state": _state(after.able, below=limit),
    }


def _rate(name: str, before: float, now: float, limit: float) -> dict[str, Any]:
    falls = name == "redeemed"
    return {
        "measure": name,
        **_named(f"review.{name}"),
        "before": before,
        "now": now,
        "trigger": name,
        "limit": limit,
        "state": _state(now, below=limit) if falls else _state(now, above=limit),
    }


def _state(now: float, *, below: float = np.nan, above: float = np.nan) -> str:
    if np.isnan(now) or (np.isnan(below) and np.isnan(above)):
        return "untold"
    return "met" if now < below or now > above else "not_met"


def _year(main: Run, back: int) -> dict[str, float]:
    """Return reward rate, share redeemed and liability by net sales of a year, at face value."""
    ledger, values = main.ledger, point_values(main)
    months = sorted(ledger.months["month"].unique())
    own = months[-12 * (back + 1) : len(months) - 12 * back]
    if len(own) < _LEAST_MONTHS:
        return dict.fromkeys(SHARES, np.nan)
    moved = ledger.months[ledger.months["month"].isin(own)]
    each = moved["wallet"].map(
        {name: (worth or 0.0) / ledger.units[name] for name, worth in values.items()}
    )
    redeemed, expired = (float((moved[name] * each).sum()) for name in ("redeemed", "expired"))
    closing = moved[moved["month"] == own[-1]]
    held = float((closing["closing"].clip(lower=0) * each[closing.index]).sum())
    sales = ledger.activity[ledger.activity["month"].isin(own)]["net_sales"].sum()
    share = redeemed / (redeemed + expired) if redeemed + expired > 0 else 1.0
    if not sales:
        return dict.fromkeys(SHARES, np.nan)
    return {
        "reward_rate": redeemed / float(sales),
        "redeemed": share,
        "liability": held * share / float(sales),
    }


def _held(held: pd.DataFrame, tier: str, month: str) -> int:
    return int(held.loc[(held["month"] == month) & (held["tier"] == tier), "members"].sum())


def _share_in(held: pd.DataFrame, tier: str, month: str) -> float:
    total = held.loc[held["month"] == month, "members"].sum()
    return float(_held(held, tier, month) / total) if total else np.nan


def _replayed(brand: Any, made: Replays, main: Run, end: dt.date) -> Any:
    days = Days(made.days.start, end)
    return replay_on(
        brand, main.programme, redemption=made.redemption, days=days, joined=joined_days(brand)
    )


def _places(main: Run, ledger: Any) -> pd.Series[float]:
    rank = {tier: place for place, (tier, _, _) in enumerate(main.levels)}
    return ledger.customers.set_index("customer_id")["tier"].map(rank).fillna(0.0)


def _named(key: str, level: dict[str, str] | None = None) -> dict[str, str]:
    if level is None:
        names = in_both(key)
    else:
        names = {one: translator(one).text(key, level=level[one]) for one in LANGUAGES}
    return {f"measure_{language}": name for language, name in names.items()}
