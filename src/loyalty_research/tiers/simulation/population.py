"""Who buys, how often, and what their orders look like: what a simulation begins with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.profile.common import as_date
from loyalty_research.programmes.asks import Ask
from loyalty_research.programmes.kernel_codes import E4
from loyalty_research.programmes.kernel_state import Entries, Ints
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.simulation.templates import Templates, simple_answers

_DAY = 86_400
_NOON = _DAY // 2
_WIDEST = 3.0


class Past(Protocol):
    """Where a population's orders come from."""

    def answers(self, asks: Sequence[Ask]) -> tuple[Ints, Ints]:
        """Return what the templates answer, and what minima look at: ``[templates, asks]``."""

    def entries(self, programme: Programme) -> Iterator[tuple[pa.Array, Entries]]:
        """Yield whole customers' entries before the first day, under a programme's rules."""

    @property
    def first_day(self) -> dt.date | None:
        """First day of the past; None without one."""

    @property
    def by_table(self) -> bool:
        """Whether a table says who joined when."""


@dataclass(frozen=True, slots=True, eq=False)
class NoPast:
    """Customers of whom only numbers are known."""

    templates: Templates

    first_day: dt.date | None = None
    by_table: bool = False

    def answers(self, asks: Sequence[Ask]) -> tuple[Ints, Ints]:
        """Return what orders of time and amount alone answer."""
        return simple_answers(self.templates, asks)

    def entries(self, programme: Programme) -> Iterator[tuple[pa.Array, Entries]]:  # noqa: ARG002
        """Yield nothing."""
        return iter(())


@dataclass(frozen=True, eq=False, repr=False)
class Population:
    """Customers as a simulation begins with them; made by :func:`population`.

    Parameters
    ----------
    ids
        Of the customers.
    keys
        Numbers of their own for random numbers, the same in any sample.
    rate
        Shape (n,): orders a week while alive, at season 1 and without response.
    alive
        Shape (n,): chance of being there at the start.
    dropout
        Shape (n,): chance a week of leaving for good.
    member
        Shape (n,): whether they are members at the start, or join with their first order.
    birthday
        Shape (n,): month, 0 where unknown.
    templates
        Orders that theirs will be like.
    season
        Index of each week from the start, mean 1; repeats.
    start
        First day of the simulation.
    margin
        Share of net sales, above 0 and at most 1.
    currency
        Of amounts.
    past
        Mean covariates under the present programme, ``[n, terms]``; zero where none is known.
    source
        Where orders and their past come from.
    week_start, evidence
        As of the brand.
    """

    ids: pa.Array
    keys: Ints
    rate: np.ndarray
    alive: np.ndarray
    dropout: np.ndarray
    member: np.ndarray
    birthday: Ints
    templates: Templates
    season: np.ndarray
    start: dt.date
    margin: float
    past: np.ndarray
    source: Past
    currency: str | None = None
    week_start: int = 0
    evidence: str = "assumed"
    _kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        raise_all(_wrong(self), ParameterError)

    def __repr__(self) -> str:
        return f"Population({self.size} customers, from {self.start})"

    @property
    def size(self) -> int:
        """Number of customers."""
        return len(self.rate)

    @property
    def z(self) -> np.ndarray:
        """Standardised log rate, cut to -3 to 3; 0 where all are alike."""
        logs = np.log(self.rate)
        spread = float(logs.std())
        if spread < 1e-12:
            return np.zeros(len(logs))
        return np.clip((logs - logs.mean()) / spread, -_WIDEST, _WIDEST)

    @property
    def mean_order(self) -> float:
        """Mean net sales of an order, customers weighted by their rates."""
        weights = self.rate
        return float(np.average(self.templates.means, weights=weights))

    def answers(self, asks: Sequence[Ask]) -> tuple[Ints, Ints]:
        """Return what the templates answer to questions; asked once for each set of them."""
        key = tuple(asks)
        if key not in self._kept:
            self._kept[key] = self.source.answers(asks)
        return self._kept[key]

    def with_past(self, past: np.ndarray) -> Population:
        """Return the population with mean covariates under the present programme."""
        return replace(self, past=np.ascontiguousarray(past, dtype=np.float64))


def population_of(
    rate: Any,
    *,
    amount: Any = 100.0,
    alive: Any = 1.0,
    dropout: Any = 0.0,
    member: Any = True,
    birthday: Any = 0,
    season: Any = (1.0,),
    start: Any = "2024-01-01",
    margin: float = 0.5,
    past: Any = None,
    currency: str | None = None,
) -> Population:
    """Return a population of numbers, for proofs and examples: nobody has a past.

    Parameters
    ----------
    rate
        Shape (n,): orders a week.
    amount
        Net sales of an order in currency units: one, one a customer, or ``[n, k]``: k orders of
        each. Order j of customer i falls on day (i + j) mod 7 of the week, at noon.
    alive, dropout, member, birthday
        One, or one a customer.
    season
        Index of each week; repeats.
    start
        First day.
    margin
        Share of net sales.
    past
        ``[n, terms]``: mean covariates the rates already hold; None for none.
    currency
        Of the amounts.

    Returns
    -------
    Population
        Keys 0, 1, 2, ...

    Raises
    ------
    ParameterError
        With everything that cannot be used.

    Examples
    --------
    >>> from loyalty_research import tiers
    >>> tiers.population_of([0.2, 0.5], amount=30)
    Population(2 customers, from 2024-01-01)
    """
    from loyalty_research.tiers.simulation.terms import TERMS

    rates = np.asarray(rate, dtype=float).reshape(-1)
    n = len(rates)
    templates = _templates(amount, n)
    known = np.zeros((n, len(TERMS))) if past is None else np.asarray(past, dtype=float)
    return Population(
        ids=pa.array(np.arange(n)),
        keys=np.arange(n, dtype=np.int64),
        rate=rates,
        alive=_each(alive, n, float),
        dropout=_each(dropout, n, float),
        member=_each(member, n, bool),
        birthday=_each(birthday, n, np.int64),
        templates=templates,
        season=np.asarray(season, dtype=float).reshape(-1),
        start=as_date(start, name="start"),
        margin=float(margin),
        past=known,
        source=NoPast(templates),
        currency=currency,
    )


def _templates(amount: Any, n: int) -> Templates:
    amounts = np.asarray(amount, dtype=float)
    if amounts.ndim < 2:
        amounts = np.broadcast_to(amounts.reshape(-1, 1), (n, 1))
    k = amounts.shape[1]
    day = (np.arange(n)[:, None] + np.arange(k)[None, :]) % 7
    return Templates(
        starts=np.arange(n + 1, dtype=np.int64) * k,
        moments=(day * _DAY + _NOON).reshape(-1).astype(np.int64),
        amounts=np.rint(amounts.reshape(-1) * E4).astype(np.int64),
    )


def _each(value: Any, n: int, kind: Any) -> np.ndarray:
    return np.ascontiguousarray(np.broadcast_to(np.asarray(value, dtype=kind), (n,)))


def _wrong(made: Population) -> Iterator[Problem]:
    """Yield what the simulator cannot use."""
    if made.size == 0:
        yield problem(
            "population: it has no customer; give a brand with orders, or at least one rate"
        )
        return
    if len(made.templates.amounts) == 0:
        yield problem(
            "population: no purchases; the simulated orders are copies of past ones: give orders "
            "with net sales above 0"
        )
    elif bool((np.diff(made.templates.starts) == 0).any()):
        yield problem(
            "population: {found} customer(s) have no order to copy; leave them out",
            found=int((np.diff(made.templates.starts) == 0).sum()),
        )
    if (made.templates.amounts <= 0).any():
        yield problem(
            "population: an order with amount {found}; allowed: above 0",
            found=float(made.templates.amounts.min()) / E4,
        )
    if not 0 < made.margin <= 1:
        yield problem(
            "population: margin is {found}; allowed: above 0 and at most 1 (share of net sales)",
            found=made.margin,
        )
    checks: tuple[tuple[str, Callable[[np.ndarray], np.ndarray], str], ...] = (
        ("rate", lambda x: x > 0, "above 0 (orders a week)"),
        ("alive", lambda x: (x >= 0) & (x <= 1), "0 to 1"),
        ("dropout", lambda x: (x >= 0) & (x < 1), "0 up to below 1 (a week)"),
        ("season", lambda x: x > 0, "above 0"),
    )
    for name, holds, allowed in checks:
        values = getattr(made, name)
        bad = ~(np.isfinite(values) & holds(values))
        if bad.any():
            yield problem(
                "population: {name} is {found}; allowed: {allowed}",
                name=name,
                found=float(values[bad][0]),
                allowed=allowed,
            )
    if made.past.shape[0] != made.size:
        yield problem(
            "population: past has {found} row(s); needed: {needed}, one a customer",
            found=made.past.shape[0],
            needed=made.size,
        )
