"""Covariates of a week, from the accounts at its start."""

from __future__ import annotations

from typing import Any

import numpy as np

from weekly.accounts import Accounts, decayed
from weekly.numbers import Floats
from weekly.rules import NEVER


def covariates(
    accounts: Accounts, day: int, base: dict[str, Floats], responses: dict[str, Any],
    *, washout: bool, shares: Floats,
) -> Floats:  # fmt: skip
    """Return covariates, a row a term in the order of the page."""
    x = np.zeros((6, len(accounts.points)))
    rules = accounts.rules
    np.minimum(accounts.anchor, accounts.points, out=accounts.anchor)
    if len(rules.prices):
        per_order = (accounts.earned - accounts.expired) / np.maximum(accounts.orders, 5)
        x[0] = np.clip(rules.worth.max() * per_order / base["amount"], 0, 0.25)
    if not washout:
        x[1] = _points(accounts, responses)
        x[2] = _tier(accounts, day, base, responses)
    x[3] = decayed(day, accounts.rewarded, responses["tau_R"])
    x[4] = -decayed(day, accounts.fell, responses["tau_L"])
    each, weekly = rules.each[accounts.level], rules.weekly[accounts.level]
    if each.any() or weekly.any():
        crowd = (np.maximum(shares, 0.005) / 0.10) ** -responses["nu"]
        worth = (each + weekly / base["rate"]) / base["amount"] * crowd[accounts.level]
        x[5] = np.minimum(worth, 0.25)
    return x * accounts.began


def _points(accounts: Accounts, responses: dict[str, Any]) -> Floats:
    points, anchor = accounts.points, accounts.anchor
    price = np.full(len(points), NEVER)
    for one in accounts.rules.prices:
        price = np.where((one > anchor) & (one < price), one, price)
    there = price < NEVER
    g = np.minimum((points - anchor) / np.where(there, price - anchor, 1), 1.0)
    return np.where(there, g ** responses["kappa"], 0.0)


def _tier(
    accounts: Accounts, day: int, base: dict[str, Floats], responses: dict[str, Any]
) -> Floats:
    rules = accounts.rules
    if len(accounts.limits) < 2:
        return np.zeros(len(accounts.points))
    own = base["rate"] * (base["amount"] * accounts.unit if rules.metric == "spend" else 1.0)
    closes = int(rules.closes[rules.block[day - rules.first]])
    weeks = 52.0 if closes == NEVER else (closes - day + 1) / 7
    goal = np.full(len(own), NEVER)
    for level in range(len(accounts.limits) - 1, 0, -1):
        limit = accounts.limits[level]
        goal = np.where((accounts.level < level) & (limit > accounts.metric), limit, goal)
    rise = np.where(goal < NEVER, (goal - accounts.metric) / weeks, 0.0)
    keep = accounts.keeps[accounts.level] - accounts.metric
    here = (accounts.level > 0) & (accounts.until == closes) & (closes < NEVER)
    keep = np.where(here & (keep > 0), keep / weeks, 0.0)
    return np.maximum(_near(rise, own, responses), _near(keep, own, responses))


def _near(needed: Floats, own: Floats, responses: dict[str, Any]) -> Floats:
    there = needed > 0
    gap = np.log(np.where(there, needed, own) / own) / responses["sigma_T"]
    return np.where(there, np.exp(-0.5 * gap * gap), 0.0)
