"""Purchase histories as the models read them: frequency, recency and age of customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_SAMPLE = 2_000
_THIN = 1_000


@dataclass(frozen=True, slots=True)
class Histories:
    """Purchase histories, each with the number of customers that have it.

    Parameters
    ----------
    x
        Shape (n,): repeat purchases.
    recency
        Shape (n,): time from the start of the clock to the last purchase; 0 without one.
    age
        Shape (n,): time from the start of the clock to the end of the calibration.
    customers
        Shape (n,): number of customers with this history.
    """

    x: np.ndarray
    recency: np.ndarray
    age: np.ndarray
    customers: np.ndarray

    @property
    def base(self) -> int:
        """Number of customers."""
        return round(float(self.customers.sum()))

    def in_unit(self, unit: float) -> Histories:
        """Return the histories with times in multiples of ``unit``."""
        return Histories(self.x, self.recency / unit, self.age / unit, self.customers)

    def thinned(self) -> Histories | None:
        """Return every so-many-th history, some 1,000 of them; None where there are no more."""
        every = len(self.x) // _THIN
        if every < 2:
            return None
        part = slice(every // 2, None, every)
        return Histories(self.x[part], self.recency[part], self.age[part], self.customers[part])


def gathered(
    x: np.ndarray, recency: np.ndarray, age: np.ndarray, customers: np.ndarray | None = None
) -> Histories:
    """Return histories with equal ones put together, in order of x, recency and age.

    Where hardly two are equal, as with continuous times, they stay as they are.
    """
    counts = np.ones(len(x)) if customers is None else np.asarray(customers, dtype=float)
    x, recency, age = (np.ascontiguousarray(values, dtype=float) for values in (x, recency, age))
    part = slice(0, None, max(len(counts) // _SAMPLE, 1))
    sample = pd.DataFrame({"age": age[part], "recency": recency[part]})
    if len(counts) > 2 * _SAMPLE and not sample.duplicated().any():
        return Histories(x, recency, age, counts)
    first, code = distinct(x, recency, age)
    number = np.bincount(code, weights=counts)
    order = np.lexsort((age[first], recency[first], x[first]))
    kept = first[order]
    return Histories(x[kept], recency[kept], age[kept], number[order])


def by_value(x: np.ndarray, customers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct values of ``x`` in order, and the number of customers with each."""
    code, values = pd.factorize(x, sort=True)
    return values, np.bincount(code, weights=customers)


def total(weights: np.ndarray, values: np.ndarray) -> float:
    """Return the sum of ``values`` by ``weights``.

    Not by the linear algebra library, whose threads wait for one another on a busy machine, and
    which adds in an order of its own.
    """
    return float(np.sum(weights * values))


def distinct(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each distinct row stands first, and which of them every row equals (n,)."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for values in columns:
        one, found = pd.factorize(values)
        code = pd.factorize(code * len(found) + one)[0]
    first = np.empty(int(code.max(initial=-1)) + 1, dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]  # the earliest is written last
    return first, code
