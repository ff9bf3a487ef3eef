"""The exercise at the end of the profile's notebook, and the check of its answer."""

from __future__ import annotations

from typing import Any

from loyalty_research.language import translator
from loyalty_research.profile.common import as_days
from loyalty_research.profile.rfm import rfm


def check_exercise(
    brand: Any, *, period: Any, answer: int | None, language: str | None = None
) -> str:
    """Tell whether ``answer`` is the number of best customers when "high" begins at the mean.

    Parameters
    ----------
    brand
        A brand with orders.
    period
        A brand's period or (first day, last day).
    answer
        Number of customers in class 111; None where nobody has answered yet.
    language
        ``zh`` or ``en``; None for the language in use.

    Returns
    -------
    str
        A sentence: not answered yet, right, or not right and where to look.
    """
    words = translator(language)
    if answer is None:
        return words.text("exercise.open")
    days = as_days(period)
    table = rfm(brand.orders, as_of=days.end, start=days.start, cuts="mean").summary()
    best = table.loc[table["segment"] == "111", "customers"]
    right = int(best.iloc[0]) if len(best) else 0
    return words.text("exercise.right" if answer == right else "exercise.wrong")
