"""A fitted recommender: what to offer each customer next, scored in parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from loyalty_research.errors import ParameterError, problem
from loyalty_research.profile.offers.next_judge import CHUNK, KINDS, Kind, candidates, ranked
from loyalty_research.profile.offers.next_matrix import Purchases
from loyalty_research.profile.offers.next_models import Ranker


@dataclass(frozen=True, slots=True)
class Recommender:
    """Ranks items for customers: those bought before, and those not yet.

    Parameters
    ----------
    purchases
        Customers, and their days with a purchase of each item.
    items, names
        Identifier of each item, and how it is called.
    level
        What an item is: category, subcategory or product.
    rankers, methods
        How items of each kind (``repeat``, ``first``) are ranked, and what that is called.
    """

    purchases: Purchases
    items: Sequence[Any]
    names: Sequence[str]
    level: str
    rankers: Mapping[Kind, Ranker]
    methods: Mapping[Kind, str]

    def recommend(self, customers: Any = None, k: int = 3) -> pd.DataFrame:
        """Return the next items of customers.

        Parameters
        ----------
        customers
            Identifiers; None for all. Those without a purchase in the period have no rows.
        k
            Items of each kind.

        Returns
        -------
        pandas.DataFrame
            customer_id, item, name, rank (from 1, by kind), score (compares within a customer and
            kind), repeat (whether the customer bought the item before); sorted by customer, firsts
            before repeats, rank.

        Raises
        ------
        ParameterError
            Where ``k`` is no number from 1.
        """
        if not isinstance(k, int) or isinstance(k, bool) or k < 1:
            raise ParameterError(
                problem("k: found {found!r}; allowed: a whole number from 1", found=k)
            )
        rows = self._rows(customers)
        parts = [self._part(rows[start : start + CHUNK], k) for start in range(0, len(rows), CHUNK)]
        columns = ["customer_id", "item", "name", "rank", "score", "repeat"]
        if not parts:
            return pd.DataFrame(columns=columns)
        return pd.concat(parts, ignore_index=True)[columns]

    def first_choices(self) -> np.ndarray:
        """Count, by item, the customers whose first new item it is; shape (items,)."""
        counts = np.zeros(len(self.items), dtype=np.int64)
        for start in range(0, len(self.purchases.customers), CHUNK):
            days = self.purchases.days[start : start + CHUNK]
            order, scores = self._ranked(days, "first", 1)
            counts += np.bincount(order[np.isfinite(scores)], minlength=len(counts))
        return counts

    def _rows(self, customers: Any) -> np.ndarray:
        own = self.purchases.customers
        if customers is None:
            return np.arange(len(own))
        wanted = np.unique(np.asarray(customers))
        place = np.searchsorted(own, wanted)
        inside = place < len(own)
        return place[inside][own[place[inside]] == wanted[inside]]

    def _ranked(self, days: sparse.csr_matrix, kind: Kind, k: int) -> tuple[np.ndarray, np.ndarray]:
        scores = candidates(self.rankers[kind].scores(days), days.toarray() > 0, kind)
        order = ranked(scores, depth=k)
        return order, np.take_along_axis(scores, order, axis=1)

    def _part(self, rows: np.ndarray, k: int) -> pd.DataFrame:
        days = self.purchases.days[rows]
        both = list(self._kinds(rows, days, k))
        frame = pd.concat(both, ignore_index=True)
        return frame.sort_values(["row", "repeat", "rank"], ignore_index=True)

    def _kinds(self, rows: np.ndarray, days: sparse.csr_matrix, k: int) -> Iterator[pd.DataFrame]:
        items, names = np.asarray(self.items, dtype=object), np.asarray(self.names, dtype=object)
        for kind in KINDS:
            order, scores = self._ranked(days, kind, k)
            row, rank = np.nonzero(np.isfinite(scores))
            place = order[row, rank]
            yield pd.DataFrame(
                {
                    "row": row,
                    "customer_id": self.purchases.customers[rows[row]],
                    "item": items[place],
                    "name": names[place],
                    "rank": rank + 1,
                    "score": scores[row, rank],
                    "repeat": kind == "repeat",
                }
            )
