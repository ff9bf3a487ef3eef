"""Which rules hold for whom, and which one is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.profile.offers.actions_facts import Facts
from loyalty_research.profile.offers.rules import Rule, RuleBook

NO_RULE = "none"
"""Stands for customers for whom no rule holds."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the rules say of each customer.

    Parameters
    ----------
    holds
        By rule that could be evaluated: whether it holds, one value a customer.
    rule
        Shape (n,): id of the rule taken; ``none`` where none holds.
    missing
        By rule that could not be evaluated: the facts the data cannot tell.
    """

    holds: Mapping[str, np.ndarray]
    rule: np.ndarray
    missing: Mapping[str, tuple[str, ...]]


def choose(facts: Facts, book: RuleBook) -> Choice:
    """Evaluate every rule, and take the first that holds for each customer."""
    holds: dict[str, np.ndarray] = {}
    missing: dict[str, tuple[str, ...]] = {}
    taken = np.full(len(facts.frame), NO_RULE, dtype=object)
    for rule in book.rules:
        absent = tuple(name for name in rule.facts if name not in facts.frame.columns)
        if absent:
            missing[rule.id] = absent
            continue
        holds[rule.id] = _holds(rule, facts.frame)
        taken[holds[rule.id] & (taken == NO_RULE)] = rule.id
    return Choice(holds, taken, missing)


def _holds(rule: Rule, frame: pd.DataFrame) -> np.ndarray:
    held = np.ones(len(frame), dtype=bool)
    for name, condition in rule.when.items():
        held &= _meets(frame[name], condition)
    return held


def _meets(values: pd.Series[Any], condition: Any) -> np.ndarray:
    """Tell where a condition is met; a missing value meets none."""
    if isinstance(condition, list):
        met = values.astype(str).isin([str(item) for item in condition])
    elif "known" in condition:
        met = values.notna() & (values.astype(str) != "")
    else:
        number = values.astype(float)
        low, high = condition.get("min", -np.inf), condition.get("max", np.inf)
        met = (number >= low) & (number <= high)
    return (met & values.notna()).to_numpy(dtype=bool)
