"""What to offer next: rankings judged on later purchases, and the better one fitted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import CHAPTER, Days, Stater, as_days, drawable
from loyalty_research.profile.offers.items import Bought, bought, top_items
from loyalty_research.profile.offers.next_judge import KINDS, Kind, comparison, highest, judge
from loyalty_research.profile.offers.next_matrix import purchases
from loyalty_research.profile.offers.next_models import MODELS, Ranker, fit_rankers
from loyalty_research.profile.offers.next_views import (
    SHOWN,
    next_charts,
    next_tables,
    offered_frame,
)
from loyalty_research.profile.offers.recommend import Recommender
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, seed_from

_SECTION = "next_products"
MOST = 1000
"""Items ranked: those with the most customers."""
MOST_JUDGED = 50_000
"""Customers judged; of more, a sample."""
_TEST_SHARE = 0.25
_LEAST_DAYS = 28


@dataclass(frozen=True, slots=True)
class NextProducts(Result):
    """The result, with the fitted recommender; None where nothing could be judged."""

    recommender: Recommender | None = None


def next_products(lines: Any, *, period: Any, level: str | None = None, k: int = 3) -> NextProducts:
    """Rank what each customer may buy next, and judge the rankings on later purchases.

    Parameters
    ----------
    lines
        A brand with transactions (and products); or one row a line: customer_id, ordered_at,
        amount and the items' column (category, subcategory or product_id).
    period
        The brand's period or (first day, last day); its last quarter is held out.
    level
        As in :func:`pairs`.
    k
        Items offered to a customer.

    Returns
    -------
    NextProducts
        Frame ``summary`` (kind x way of ranking: hit rate at k, NDCG at 10, difference to the best
        simple way), ``offered`` (items by the customers whose first new item they are);
        ``recommender`` ranks items for customers, from the whole period.

    Raises
    ------
    ParameterError
        Where ``k`` is no number from 1.
    MissingTableError
        Where lines or items are missing.

    Notes
    -----
    Repeats (items the customer bought before) and first times are ranked and judged apart: the
    first are easy, the second are what an offer can add. Simple ways: popularity, and the
    customer's own most bought item. Models: item to item (a ridge regression of each item on the
    others), and a truncated singular value decomposition. All see only the time before the last
    quarter, the choice of items included. A model is used where the paired difference of its
    NDCG to the best simple way lies above 0, at 95 % for both models together.
    """
    if not isinstance(k, int) or isinstance(k, bool) or k < 1:
        raise ParameterError(problem("k: found {found!r}; allowed: a whole number from 1", found=k))
    days = as_days(period)
    found = bought(lines, days, level=level)
    state = Stater(found.context, _SECTION, days.iso)
    split = days.end - dt.timedelta(days=round(days.count * _TEST_SHARE) - 1)
    if days.count * _TEST_SHARE < _LEAST_DAYS:
        return _nothing(state, "period_too_short", 0)
    summary, items = _compared(found, days, split, k)
    if summary.empty or summary["customers"].max() < state.context.base_limit:
        base = 0 if summary.empty else int(summary["customers"].max())
        return _nothing(state, "few_later_purchases", base)
    fitted = _fitted(found, days, summary)
    offered = offered_frame(fitted)
    customers = len(fitted.purchases.customers)
    return NextProducts(
        name="next_products",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": summary, "offered": offered, "offered_first": offered.head(SHOWN)},
        findings=tuple(_finding(state, summary, kind, items, split, k) for kind in KINDS),
        charts=drawable(next_charts(summary, days, k), state.context),
        tables=next_tables(summary, offered, found.unit, customers, days, split, k),
        references=("steck2019", "cremonesi2010", "jarvelin2002"),
        context=state.context,
        recommender=fitted,
    )


def _compared(
    found: Bought, days: Days, split: dt.date, k: int
) -> tuple[pd.DataFrame, tuple[int, int]]:
    """Return the comparison of both kinds, and how many items of how many were ranked."""
    before_split = split - dt.timedelta(days=1)
    early = found.lines.filter(found.lines.day < split)
    top = top_items(early, most=MOST)
    if len(top) < 2:
        return pd.DataFrame(), (len(top), len(top))
    before = purchases(found.lines, top, first=days.start, last=before_split)
    rankers = fit_rankers(before.days)
    after = purchases(found.lines, top, first=split, last=days.end, customers=before.customers)
    rows = _sample(np.flatnonzero(np.diff(after.days.indptr)))
    one, two = before.days[rows], after.days[rows]
    frames = [
        comparison(judge(_of(rankers, kind), one, two, kind=kind, k=k), kind) for kind in KINDS
    ]
    return pd.concat(frames, ignore_index=True), (len(top), int(top["of"].iloc[0]))


def _of(rankers: dict[str, Ranker], kind: Kind) -> dict[str, Ranker]:
    """Return the ways that can rank a kind: one's own most bought items are never new."""
    return {name: item for name, item in rankers.items() if kind == "repeat" or name != "own_most"}


def _sample(rows: np.ndarray) -> np.ndarray:
    if len(rows) <= MOST_JUDGED:
        return rows
    rng = np.random.default_rng(seed_from("next_products", str(len(rows))))
    return np.sort(rng.choice(rows, MOST_JUDGED, replace=False))


def _fitted(found: Bought, days: Days, summary: pd.DataFrame) -> Recommender:
    """Fit the ways that are used to the whole period."""
    top = top_items(found.lines, most=MOST)
    whole = purchases(found.lines, top, first=days.start, last=days.end)
    rankers = fit_rankers(whole.days)
    used = summary[summary["used"]].set_index("kind")["method"]
    simple: dict[Kind, str] = {"repeat": "own_most", "first": "popular"}
    methods: dict[Kind, str] = {kind: str(used.get(kind, simple[kind])) for kind in KINDS}
    items = top["item"].tolist()
    return Recommender(
        purchases=whole,
        items=items,
        names=found.labels(items),
        level=found.level,
        rankers={kind: rankers[methods[kind]] for kind in KINDS},
        methods=methods,
    )


def _nothing(state: Stater, reason: str, base: int) -> NextProducts:
    gone = tuple(
        state.withheld(f"next_{kind}", reason, definition="ndcg", base=base) for kind in KINDS
    )
    return NextProducts(
        name="next_products",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame({"kind": [], "method": []})},
        findings=gone,
        context=state.context,
    )


def _finding(
    state: Stater,
    summary: pd.DataFrame,
    kind: Kind,
    items: tuple[int, int],
    split: dt.date,
    k: int,
) -> Finding:
    rows = summary[summary["kind"] == kind]
    if rows.empty:
        return state.withheld(f"next_{kind}", "few_later_purchases", definition="ndcg")
    used, simple = rows[rows["used"]].iloc[0], rows[rows["simple"]].iloc[0]
    models = rows[rows["method"].isin(MODELS)]
    best = highest(models, "ndcg")
    beats = bool(used["beats"])
    return state(
        f"next_{kind}" if beats else f"next_{kind}_simple",
        Estimate(
            float(used["hit"]),
            float(used["hit_low"]),
            float(used["hit_high"]),
            int(used["customers"]),
        ),
        unit="share",
        definition="hit_rate",
        method="wilson",
        subject=f"next_{kind}",
        task="activate",
        values={
            "k": Value(k, "count"),
            "split": Value(split.isoformat(), "date"),
            "items": Value(items[0], "count"),
            "of": Value(items[1], "count"),
            "method": Value(str(used["method"]), "label:ranking"),
            "simple": Value(str(simple["method"]), "label:ranking"),
            "simple_hit": Value(float(simple["hit"]), "share"),
            "model": Value(str(best["method"]), "label:ranking"),
            "model_hit": Value(float(best["hit"]), "share"),
            "difference": Value(float(best["difference"]), "point_change"),
            "difference_low": Value(float(best["difference_low"]) * 100, "number"),
            "difference_high": Value(float(best["difference_high"]) * 100, "number"),
        },
    )
