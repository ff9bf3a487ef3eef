"""The exercise at the end of the notebook: each answer gets the sentence it deserves."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.language import translator


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(120, seed=81)


def best_by_the_mean(orders: pd.DataFrame) -> int:
    known = orders[orders["customer_id"].notna()]
    groups = known.assign(day=known["ordered_at"].dt.normalize()).groupby("customer_id")
    silence = (pd.Timestamp(PERIOD[1]) - groups["day"].max()).dt.days
    days, sales = groups["day"].nunique(), groups["net_sales"].sum()
    best = (silence <= silence.mean()) & (days >= days.mean()) & (sales >= sales.mean())
    return int(best.sum())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_answers(orders, language) -> None:
    words = translator(language)
    right = best_by_the_mean(orders)
    median = profile.rfm(orders, as_of=PERIOD[1]).summary().set_index("segment")
    assert right != median.loc["111", "customers"]  # the answer is not in the page already
    for answer, key in (
        (None, "open"),
        (right, "right"),
        (right + 1, "wrong"),
        (int(median.loc["111", "customers"]), "wrong"),
        (0, "wrong"),
    ):
        brand = SimpleNamespace(orders=orders)
        said = profile.check_exercise(brand, period=PERIOD, answer=answer, language=language)
        assert said == words.text(f"exercise.{key}")


def test_nobody_is_best_where_nobody_bought(orders) -> None:
    empty = SimpleNamespace(orders=orders.head(0))
    said = profile.check_exercise(empty, period=PERIOD, answer=0, language="en")
    assert said == translator("en").text("exercise.right")
