"""How far each indicator of the board moved between two periods."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pandas as pd

from loyalty_research.profile.board_dates import Kind
from loyalty_research.profile.board_second import MAIN
from loyalty_research.profile.board_side import Counted, Extras, Side, counted
from loyalty_research.profile.common import Days
from loyalty_research.stats import Change, Loose, Part, changed, moved

SHARES = frozenset(
    {
        "identified_share",
        "member_share_of_sales",
        "repurchase_rate",
        "repeat_retention",
        "second_purchase_rate",
    }
)
"""Indicators whose change is a difference in percentage points; all others change relatively."""
_BY_LENGTH = frozenset(
    {"repurchase_rate", "purchase_frequency", "spend_per_customer", "orders_per_customer"}
)
"""Indicators that grow with the length of the period: compared at equal lengths only."""
TOTALS = frozenset({"net_sales", "buyers", "new_members"})
"""Sums over the period: compared month with month, but a longer month alone is no finding."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far the indicators of a period moved.

    Parameters
    ----------
    kind
        ``yoy`` the same dates a year earlier, ``mom`` the period right before, ``compared`` else.
    month
        Whether the last whole month of the period is compared, not the period.
    now, then
        The two periods.
    changes
        Change of each indicator.
    counted
        The customers each indicator tells of, now and then.
    """

    kind: Kind
    month: bool
    now: Days
    then: Days
    changes: dict[str, Change]
    counted: tuple[Counted, Counted]

    def only(self, names: Iterable[str]) -> Comparison:
        """Return the comparison of these indicators, and of net sales and buyers."""
        wanted = {"net_sales", "buyers", *names}
        kept = {name: item for name, item in self.changes.items() if name in wanted}
        return replace(self, changes=kept)

    @property
    def key(self) -> str:
        """Name of the comparison in values and catalogues."""
        return f"{self.kind}_month" if self.month else self.kind

    @property
    def same_length(self) -> bool:
        """Whether both periods have as many days, a leap day of the same dates aside."""
        return self.kind == "yoy" or self.now.count == self.then.count


def compare(
    kind: Kind, now: tuple[Side, Extras], then: tuple[Side, Extras], *, month: bool
) -> Comparison:
    """Compare two periods indicator by indicator; what cannot be compared is left out."""
    told = counted(*now), counted(*then)
    found = Comparison(kind, month, now[0].days, then[0].days, dict(_changes(now, then)), told)
    usable = {
        name: item
        for name, item in found.changes.items()
        if item.value is not None and (found.same_length or name not in _BY_LENGTH)
    }
    return replace(found, changes=usable)


def _changes(now: tuple[Side, Extras], then: tuple[Side, Extras]) -> Iterator[tuple[str, Change]]:
    """Yield the change of every indicator that both periods have."""
    keys = [
        frame["customer_id"]
        for side, extras in (now, then)
        for frame in (side.customers, extras.marks)
    ]
    ids = pd.Index(pd.concat(keys).unique())
    first, last = _parts(then[0], ids), _parts(now[0], ids)
    for name in last:
        if name in first:
            yield name, changed(last[name], first[name], relative=name not in SHARES)
    if now[1].window == then[1].window:
        yield from _returns(now[1], then[1], ids)
    yield from _basket(now[0], then[0])
    yield from _joined(now[1], then[1])
    yield from _second(now[1], then[1])


def _parts(side: Side, ids: pd.Index) -> dict[str, Part]:
    """Return numerator and denominator of every indicator for the customers of both periods."""
    rows = side.customers.set_index("customer_id").reindex(ids)
    orders, sales, occasions = (
        rows[name].fillna(0).to_numpy(dtype=float) for name in ("orders", "net_sales", "occasions")
    )
    buyers = (occasions > 0).astype(float)
    count = float(side.totals["orders"] - (side.totals["identified_orders"] or 0))
    amount = float(side.totals["net_sales"] or 0) - float(side.totals["identified_sales"] or 0)
    squares = float(side.totals["unidentified_squares"] or 0)
    found = {
        "net_sales": Part(sales, loose=Loose(y=amount, yy=squares)),
        "buyers": Part(buyers),
        "repurchase_rate": Part((occasions >= 2).astype(float), buyers),
        "purchase_frequency": Part(occasions, buyers),
        "order_value": Part(
            sales, orders, Loose(x=count, y=amount, xx=count, yy=squares, xy=amount)
        ),
        "spend_per_customer": Part(sales, buyers),
        "orders_per_customer": Part(orders, buyers),
    }
    if count:
        found["identified_share"] = Part(orders, orders, Loose(x=count, xx=count))
        found["member_share_of_sales"] = Part(sales, sales, Loose(x=amount, xx=squares))
    return found


def _returns(now: Extras, then: Extras, ids: pd.Index) -> Iterator[tuple[str, Change]]:
    """Yield the active customers and those who came back from window to window."""
    marks = [
        item.marks.set_index("customer_id").reindex(ids, fill_value=False) for item in (now, then)
    ]
    (early1, late1), (early0, late0) = (
        (part["early"].to_numpy(dtype=float), part["late"].to_numpy(dtype=float)) for part in marks
    )
    yield "active_customers", changed(Part(late1), Part(late0), relative=True)
    if now.complete and then.complete:
        yield (
            "repeat_retention",
            changed(Part(early1 * late1, early1), Part(early0 * late0, early0), relative=False),
        )


def _basket(now: Side, then: Side) -> Iterator[tuple[str, Change]]:
    """Yield units an order and price a unit: without bounds, units are not known by customer."""
    sums = [side.units or {} for side in (now, then)]
    for name, above, below in (
        ("units_per_order", "units", "unit_orders"),
        ("unit_price", "unit_sales", "units"),
    ):
        if all(item.get(above) and item.get(below) for item in sums):
            last, first = (float(item[above]) / float(item[below]) for item in sums)
            yield name, Change(last, first, last / first - 1)


def _joined(now: Extras, then: Extras) -> Iterator[tuple[str, Change]]:
    """Yield the members who joined: two counts of different people."""
    if now.joined and then.joined:
        error = math.sqrt(1 / now.joined + 1 / then.joined)
        value = now.joined / then.joined - 1
        yield (
            "new_members",
            moved(
                float(now.joined),
                float(then.joined),
                value,
                error=error,
                base=now.joined + then.joined,
                relative=True,
            ),
        )


def _second(now: Extras, then: Extras) -> Iterator[tuple[str, Change]]:
    """Yield the second purchase: the new customers of one period are not those of another."""
    if now.second is None or then.second is None or now.second.basis != then.second.basis:
        return
    limits = now.second.limit, then.second.limit
    last, first = (item.reached_by(MAIN).value for item in limits)
    errors = [item.error_at(MAIN) for item in limits]
    if last is None or first is None or errors[0] is None or errors[1] is None:
        return
    yield (
        "second_purchase_rate",
        moved(
            last,
            first,
            last - first,
            error=math.hypot(errors[0], errors[1]),
            base=min(item.base for item in limits),
            relative=False,
        ),
    )
