"""How well rankings foretell later purchases: hit rate and NDCG, repeats and first times apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats import norm

from loyalty_research.profile.offers.next_models import MODELS, SIMPLE, Ranker
from loyalty_research.stats import proportion

Kind = Literal["repeat", "first"]
KINDS: tuple[Kind, ...] = ("repeat", "first")
DEPTH = 10
"""Ranks that count for NDCG."""
CHUNK = 4_000
"""Customers scored at once."""
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Judged:
    """What each customer's ranking was worth.

    Parameters
    ----------
    hits, gains
        Shape (customers,), by way of ranking: whether an item of the first k was bought later, and
        the NDCG of the first ten.
    """

    hits: Mapping[str, np.ndarray]
    gains: Mapping[str, np.ndarray]


def ranked(scores: np.ndarray, *, depth: int) -> np.ndarray:
    """Return the places of the highest scores, best first, shape (customers, depth).

    Items of equal scores come in the order of their places.
    """
    depth = min(depth, scores.shape[1])
    if depth < scores.shape[1]:
        some = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
        some.sort(axis=1)
    else:
        some = np.broadcast_to(np.arange(depth), (scores.shape[0], depth))
    order = np.argsort(-np.take_along_axis(scores, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1)


def ndcg(relevant: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the normalised discounted cumulative gain of rankings.

    Parameters
    ----------
    relevant
        Shape (customers, depth): whether the item at each rank was bought.
    wanted
        Shape (customers,): items that were bought, at least 1.

    Notes
    -----
    sum over ranks r of relevant / log2(1 + r), divided by the same of the best possible ranking.

    References
    ----------
    Järvelin & Kekäläinen 2002, ACM Transactions on Information Systems 20(4), 422-446.
    """
    weights = 1 / np.log2(np.arange(2, relevant.shape[1] + 2))
    best = np.concatenate([[0.0], np.cumsum(weights)])
    return relevant @ weights / best[np.minimum(wanted, relevant.shape[1])]


def candidates(scores: np.ndarray, held: np.ndarray, kind: Kind) -> np.ndarray:
    """Return the scores with those of items that are not of the kind at minus infinity."""
    return np.where(held if kind == "repeat" else ~held, scores, -np.inf)


def judge(
    rankers: Mapping[str, Ranker],
    before: sparse.csr_matrix,
    after: sparse.csr_matrix,
    *,
    kind: Kind,
    k: int,
) -> Judged:
    """Set rankings made from ``before`` against what was bought ``after``.

    Parameters
    ----------
    rankers
        By name.
    before, after
        Shape (customers, items), sparse; the same rows and columns.
    kind
        ``repeat``: among items bought before; ``first``: among all others.
    k
        Ranks that count for a hit.

    Returns
    -------
    Judged
        Of the customers who later bought an item of the kind, and had more than k to rank.
    """
    parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in rankers}
    for rows in _rows(before.shape[0]):
        held, later = before[rows].toarray() > 0, after[rows].toarray() > 0
        own = held if kind == "repeat" else ~held
        relevant = later & own
        used = relevant.any(axis=1) & (own.sum(axis=1) > k)
        if not used.any():
            continue
        own_rows, relevant = before[rows][used], relevant[used]
        wanted = relevant.sum(axis=1)
        for name, ranker in rankers.items():
            order = ranked(candidates(ranker.scores(own_rows), held[used], kind), depth=DEPTH)
            found = np.take_along_axis(relevant, order, axis=1)
            hits = np.asarray(found[:, :k].any(axis=1))
            parts[name].append((hits, ndcg(found.astype(float), wanted)))
    shares = {name: _joined([hit for hit, _ in own], bool) for name, own in parts.items()}
    gains = {name: _joined([gain for _, gain in own], float) for name, own in parts.items()}
    return Judged(shares, gains)


def _rows(count: int) -> Iterator[slice]:
    for start in range(0, count, CHUNK):
        yield slice(start, min(start + CHUNK, count))


def _joined(parts: list[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)


def comparison(judged: Judged, kind: Kind) -> pd.DataFrame:
    """Return one row a way of ranking, and which is used.

    Returns
    -------
    pandas.DataFrame
        Columns kind, method, customers, hit with Wilson's interval, ndcg with its interval,
        difference (of NDCG, to the best simple one, paired by customer) with its interval, beats,
        used.

    Notes
    -----
    The intervals of the differences hold for both models together (Bonferroni): the better may be
    chosen by them. A model is used where its interval lies above 0, else the best simple one.
    """
    means = {name: float(gain.mean()) for name, gain in judged.gains.items() if len(gain)}
    if not means:
        return pd.DataFrame()
    simple = max((name for name in SIMPLE if name in means), key=lambda name: means[name])
    rows = [_row(judged, name, kind, simple) for name in means]
    frame = pd.DataFrame(rows)
    beating = frame[frame["beats"]]
    used = simple if beating.empty else highest(beating, "ndcg")["method"]
    return frame.assign(used=frame["method"] == used)


def highest(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return the row with the highest value of a column."""
    return frame.iloc[int(frame[column].to_numpy().argmax())]


def _row(judged: Judged, name: str, kind: Kind, simple: str) -> dict[str, object]:
    hits, gains = judged.hits[name], judged.gains[name]
    share = proportion(int(hits.sum()), len(hits))
    low, high = _interval(gains, _LEVEL)
    model = name in MODELS
    gap = gains - judged.gains[simple]
    gap_low, gap_high = _interval(gap, 1 - (1 - _LEVEL) / len(MODELS))
    return {
        "kind": kind,
        "method": name,
        "customers": len(gains),
        "hit": share.value,
        "hit_low": share.low,
        "hit_high": share.high,
        "ndcg": float(gains.mean()),
        "ndcg_low": low,
        "ndcg_high": high,
        "simple": name == simple,
        "difference": float(gap.mean()) if model else np.nan,
        "difference_low": gap_low if model else np.nan,
        "difference_high": gap_high if model else np.nan,
        "beats": bool(model and gap_low > 0),
    }


def _interval(values: np.ndarray, level: float) -> tuple[float, float]:
    if len(values) < 2:
        return float("nan"), float("nan")
    margin = norm.ppf(0.5 + level / 2) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - margin), float(values.mean() + margin)
