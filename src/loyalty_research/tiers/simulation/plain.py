"""Plain programmes: which they are, and what the short way of the simulator reads of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from loyalty_research.programmes import kernel_codes as codes
from loyalty_research.programmes.kernel_codes import NONE
from loyalty_research.programmes.kernel_state import LOT, MEMBER, METRIC_DAY, Plan, new_run
from loyalty_research.tiers.simulation.design import Costs

_METRICS = (codes.SPEND, codes.ORDERS, codes.VISITS)
_LONGEST_MONTH = 31
_LONGEST = 600
"""Months that a level may run: the table of days must hold them."""


def is_plain(plan: Plan, redemption: str = "model") -> bool:
    """Tell whether a programme can take the short way: every condition must hold.

    Parameters
    ----------
    plan
        The programme as numbers.
    redemption
        How points are redeemed in the simulation.
    """
    return redemption != "observed" and _earns_plainly(plan) and _has_plain_levels(plan)


def _earns_plainly(plan: Plan) -> bool:
    """One wallet, one rule for orders without caps or waiting, rewards that depend on nothing."""
    if len(plan.wallets) != 1 or len(plan.rules) != 1 or len(plan.swaps):
        return False
    rule, wallet, prizes, settings = plan.rules[0], plan.wallets[0], plan.prizes, plan.settings[0]
    conditions = (
        rule["on"] == codes.ON_ORDER,
        not rule["visit"],
        rule["pays_to"] - rule["pays_from"] == 1,
        rule["cap"] == NONE and rule["cap_per_order"] == NONE,
        not rule["pending_days"],
        not rule["birthday"],
        wallet["expiry"] != codes.INACTIVITY,
        wallet["returns"] != codes.NEGATIVE_BALANCE,
        not plan.by_level[settings["row_wallets"]].any(),  # no level spares points
        (prizes["column"] == NONE).all() and not prizes["birthday"].any(),
        (prizes["limit"] == NONE).all(),
        (prizes["kind"] != codes.PERCENT).all(),
    )
    return all(bool(holds) for holds in conditions)


def _has_plain_levels(plan: Plan) -> bool:
    """Levels by orders or what they cost, in blocks of the calendar or months back, at once."""
    settings = plan.settings[0]
    conditions = (
        not settings["paid"],
        (plan.grants == NONE).all(),
        len(plan.levels) == 1 or settings["metric"] in _METRICS,
        settings["window"] != codes.ANNIVERSARY,
        not settings["period_end"],
        settings["validity"] != codes.WHILE,
        (plan.levels["for_life"] == NONE).all(),
        _months_held(settings) <= _LONGEST,
    )
    return all(bool(holds) for holds in conditions)


def _months_held(settings: Any) -> int:
    """Return the most months that a level runs."""
    blocks = settings["window_months"] * (1 + settings["windows"])
    return int(max(blocks, settings["validity_months"]))


def plain_of(plan: Plan, costs: Costs) -> Any:
    """Return a plain programme as the short way reads it."""
    from loyalty_research.tiers.simulation import kernel_plain_records as records

    prizes, firsts, afters = _prizes(plan)
    days = int(plan.settings[0]["end"] - plan.settings[0]["start"]) + 2
    return records.Plain(
        rules=_rules(plan),
        levels=_levels(plan, costs, firsts, afters),
        prizes=prizes,
        prize_prices=plan.prizes["price"].copy(),
        days=_days(plan),
        purse=plan.wallets.copy(),
        lots=np.zeros(days, dtype=LOT),
        metric=np.zeros(days, dtype=METRIC_DAY),
        counts=np.zeros(codes.COUNTS, dtype=np.int64),
    )


def with_own_room(plain: Any) -> Any:
    """Return the same programme with room of its own, for customers side by side."""
    own = {name: getattr(plain, name).copy() for name in ("purse", "lots", "metric", "counts")}
    return plain._replace(**own)


def _rules(plan: Plan) -> np.ndarray:
    from loyalty_research.tiers.simulation.kernel_plain_records import RULES

    settings, rule = plan.settings[0], plan.rules[0]
    found = np.zeros(1, dtype=RULES)
    for name in ("start", "end", "metric", "window", "grace", "soft_landing"):
        found[name] = settings[name]
    for name in ("every", "whole", "rounding"):
        found[name] = rule[name]
    found["denominator"] = plan.pays[0]["denominator"]
    found["takes_back"] = plan.wallets[0]["returns"] == codes.WITHIN_BALANCE
    return found


def _levels(plan: Plan, costs: Costs, firsts: list[int], afters: list[int]) -> np.ndarray:
    from loyalty_research.tiers.simulation.kernel_plain_records import LEVEL

    found = np.zeros(len(plan.levels), dtype=LEVEL)
    for name in ("threshold", "requalify", "landing"):
        found[name] = plan.levels[name]
    found["numerator"] = plan.by_level[plan.settings[0]["row_pays"]] * (plan.by_level[0] != 0)
    found["price"] = costs.open_price[:, 0]
    found["first"], found["after"] = firsts, afters
    found["fixed"], found["share"] = costs.worth[:, 0, 0], costs.worth[:, 0, 1]
    return found


def _prizes(plan: Plan) -> tuple[np.ndarray, list[int], list[int]]:
    """Return the rewards open to each level, most value a point first, and where they stand."""
    from loyalty_research.tiers.simulation.kernel_plain_records import PRIZE

    def rank(number: int) -> tuple[Fraction, int, int]:
        value, points = (int(plan.prizes[number][name]) for name in ("value", "points"))
        return -Fraction(max(value, 0), points), points, number

    ranked = sorted(range(len(plan.prizes)), key=rank)
    rows: list[int] = []
    firsts, afters = [], []
    for level in range(len(plan.levels)):
        firsts.append(len(rows))
        row = int(plan.settings[0]["row_prizes"])
        rows += [number for number in ranked if plan.by_level[row + number, level]]
        afters.append(len(rows))
    found = np.zeros(len(rows), dtype=PRIZE)
    found["number"] = rows
    for name in ("price", "kind", "value", "cost", "most"):
        found[name] = plan.prizes[name][rows]
    return found, firsts, afters


def _days(plan: Plan) -> np.ndarray:
    """Return the table of days, up to the last on which a level of the period can end."""
    from loyalty_research.tiers.simulation.kernel_plain_records import DAY, fill_days

    settings = plan.settings[0]
    more = _months_held(settings) * _LONGEST_MONTH + int(settings["grace"]) + 2
    size = int(settings["end"] - settings["start"]) + 1 + more
    days = np.zeros(size, dtype=DAY)
    fill_days(new_run(plan), np.zeros(1, dtype=MEMBER), days)
    return days
