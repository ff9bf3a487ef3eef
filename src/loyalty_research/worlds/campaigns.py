"""Days in which customers buy at another rate: promotions for all, campaigns for some."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from loyalty_research.worlds import random
from loyalty_research.worlds.clock import Clock
from loyalty_research.worlds.parameters import Campaign, Parameters, Promotion
from loyalty_research.worlds.people import People
from loyalty_research.worlds.random import Flags, Floats, Integers

MONTH = 30.0
UNDECIDED = -1


@dataclass(frozen=True, slots=True)
class Window:
    """A promotion or a campaign between two moments.

    Parameters
    ----------
    what
        Its parameters.
    position
        Among the campaigns; -1 for a promotion.
    opens, closes
        Operational time.
    """

    what: Promotion | Campaign
    position: int
    opens: float
    closes: float


def windows_of(parameters: Parameters, clock: Clock) -> tuple[Window, ...]:
    """Return the windows that open within the period, in order of time."""
    listed: list[tuple[int, Promotion | Campaign]] = [(-1, item) for item in parameters.promotions]
    listed += list(enumerate(parameters.campaigns))
    found = [
        Window(
            item,
            position,
            clock.at_day(item.starts_after),
            clock.at_day(item.starts_after + item.days),
        )
        for position, item in listed
        if item.starts_after < clock.days
    ]
    return tuple(sorted(found, key=lambda window: window.opens))


@dataclass(slots=True)
class Reach:
    """Who is reached by each campaign: decided when it opens, from the purchases until then.

    Parameters
    ----------
    windows
        In order of time.
    people
        Customers.
    campaigns
        How many there are.
    established
        Whether customers were there before their first purchase in the period, and can be reached
        before it; else they are not reached by what opened before they came.
    reached
        One row a campaign, one column a customer: 1 reached, 0 not, -1 not yet decided.
    """

    windows: tuple[Window, ...]
    people: People
    campaigns: int
    established: bool
    reached: Integers = field(init=False)
    _bought: Flags = field(init=False)

    def __post_init__(self) -> None:
        self.reached = np.full((self.campaigns, len(self.people)), UNDECIDED)
        self._bought = np.zeros(self.reached.shape, dtype=bool)
        for window in self.windows:
            late = np.flatnonzero(self.people.entry >= window.opens)
            if isinstance(window.what, Campaign) and self.established:
                none = np.zeros(len(late))
                self._decide(window, window.what, late, none.astype(np.int64), none)
            elif isinstance(window.what, Campaign):
                self.reached[window.position, late] = 0

    def advance(self, rows: Integers, number: int, now: Floats, need: Floats) -> Floats:
        """Return when customers buy next.

        Parameters
        ----------
        rows
            Customers.
        number, now
            Of the purchase just made, and its operational time.
        need
            Operational days to the next one outside all windows.
        """
        after = now + need
        for window in self.windows:
            inside = np.flatnonzero((after > window.opens) & (now < window.closes))
            if not len(inside):
                continue
            factor = self._factor(window, rows[inside], number, now[inside])
            begins = np.maximum(now[inside], window.opens)
            room = window.closes - begins
            quick = (after[inside] - begins) / factor
            later = after[inside] - room * (factor - 1)
            after[inside] = np.where(quick <= room, begins + quick, later)
        return after

    def _factor(self, window: Window, rows: Integers, number: int, now: Floats) -> Floats:
        what = window.what
        if isinstance(what, Promotion):
            return 1 + what.lift * self.people.sensitivity[rows]
        orders = np.full(len(rows), number + 1)
        self._decide(window, what, rows, orders, now)
        factor = 1 + what.lift * (self.reached[window.position, rows] == 1)
        if what.intent_effect:
            factor = factor * random.exp(what.intent_effect * self.people.intent[rows])
        return np.asarray(factor)

    def _decide(
        self, window: Window, what: Campaign, rows: Integers, orders: Integers, last: Floats
    ) -> None:
        open_ = self.reached[window.position, rows] == UNDECIDED
        rows, orders, last = rows[open_], orders[open_], last[open_]
        if not len(rows):
            return
        target = np.zeros(len(rows))
        if what.target == "recency":
            target = (window.opens - last) / MONTH
        elif what.target == "frequency":
            target = orders.astype(np.float64)
        elif what.target == "hidden":
            target = self.people.intent[rows]
        chance = random.logistic(what.base + what.slope * target) * (1 - what.holdout)
        drawn = self.people.source.uniform(f"campaign {window.position}", rows)
        self.reached[window.position, rows] = drawn < chance

    def coupons(self, rows: Integers, now: Floats, most: Integers) -> tuple[Integers, Integers]:
        """Return cents off by a coupon on one order of each customer, and whose coupon it is.

        Parameters
        ----------
        rows, now
            Customers, and the operational time of the order.
        most
            Cents that can be taken off.

        Returns
        -------
        tuple
            Cents, and position of the campaign, -1 for none.
        """
        off, whose = np.zeros(len(rows), dtype=np.int64), np.full(len(rows), -1)
        for window in self.windows:
            what = window.what
            if isinstance(what, Promotion) or not what.coupon:
                continue
            here = np.flatnonzero((now >= window.opens) & (now < window.closes))
            who = rows[here]
            first = ~self._bought[window.position, who]
            self._bought[window.position, who] = True
            drawn = self.people.source.uniform(f"coupon {window.position}", who) < what.used
            uses = here[first & drawn & (self.reached[window.position, who] == 1)]
            off[uses] = np.minimum(what.coupon, most[uses])
            whose[uses] = window.position
        return off, whose

    def close(self, orders: Integers, last: Floats) -> None:
        """Decide whatever is open for customers whose purchases are all made.

        Parameters
        ----------
        orders, last
            Number of purchases and operational time of the last, one each customer.
        """
        rows = np.arange(len(self.people))
        for window in self.windows:
            if isinstance(window.what, Campaign):
                self._decide(window, window.what, rows, orders, last)
