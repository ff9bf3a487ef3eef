"""Points as deferred revenue: what part of the price they are, and when it becomes revenue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from typing import Any

import pandas as pd

from loyalty_research.errors import ParameterError, Problem, problem, raise_all

CENTS = 2
COLUMNS = ("opening", "deferred", "revenue", "reestimate", "closing")


@dataclass(frozen=True, slots=True)
class Allocation:
    """A price split between products and points; the two sum to the price exactly."""

    products: Decimal
    points: Decimal


def allocate(price: Any, *, product_price: Any, points_price: Any, places: int = 2) -> Allocation:
    """Split a price between products and points by their stand-alone selling prices.

    Parameters
    ----------
    price
        Transaction price, in currency units: what was paid.
    product_price, points_price
        Stand-alone selling prices of the products, and of the points: value of a point x points
        earned x share expected to be redeemed.
    places
        Decimal places the points' part is rounded to, 2 for cents.

    Returns
    -------
    Allocation
        ``points`` rounded once, halves up; ``products`` is the rest, so that they sum to the price.

    Raises
    ------
    ParameterError
        Where an amount is no number or negative, or both stand-alone prices are zero.

    Notes
    -----
    points = price x points_price / (product_price + points_price), computed exactly.

    References
    ----------
    IFRS 15, paragraphs 74 and 76, B39-B42, and example 52 (IE267-IE270); ASC 606-10-32-31,
    606-10-55-42 to 55-44, and example 52 (606-10-55-353 to 55-356).

    Examples
    --------
    >>> allocate(100_000, product_price=100_000, points_price=9_500, places=0)
    Allocation(products=Decimal('91324'), points=Decimal('8676'))
    """
    given = {"price": price, "product_price": product_price, "points_price": points_price}
    amounts = {name: _amount(value) for name, value in given.items()}
    raise_all(
        (_wrong(name, given[name]) for name, amount in amounts.items() if amount is None),
        ParameterError,
    )
    paid, product, points = (amount or Decimal(0) for amount in amounts.values())
    if not product + points:
        raise ParameterError(
            problem("allocate: product_price and points_price are both 0; allowed: one above 0")
        )
    exact = Fraction(paid) * Fraction(points) / (Fraction(product) + Fraction(points))
    part = min(_rounded(exact, places), paid)
    return Allocation(products=paid - part, points=part)


def deferred_revenue(
    earned: Sequence[Any],
    redeemed: Sequence[Any],
    expired: Sequence[Any] | None = None,
    *,
    sales: Sequence[Any],
    point_price: Any,
    rate: Sequence[Any],
) -> pd.DataFrame:
    """Book points as deferred revenue, period by period.

    Parameters
    ----------
    earned, redeemed, expired
        Points of each period; None where none expire.
    sales
        Paid for the products that earned them, in currency units, at their stand-alone prices.
    point_price
        Value of a redeemed point to who holds it, in currency units.
    rate
        Share of all points earned so far that is expected to be redeemed in the end, as estimated
        at the end of each period.

    Returns
    -------
    pandas.DataFrame
        One row a period, in currency units, to the cent: ``opening``; ``deferred``, the part of the
        sales allocated to points; ``revenue``, of points redeemed, at the estimate of the period
        before; ``reestimate``, the catch-up of changing the estimate (above zero where fewer points
        are expected to be redeemed, and breakage so becomes revenue); ``closing``, the contract
        liability: opening + deferred - revenue - reestimate.

    Raises
    ------
    ParameterError
        Where the lengths differ, a number is missing or negative, or more points leave than came.

    Notes
    -----
    What is recognised so far is what was deferred so far x points redeemed so far / points
    expected to be redeemed in all: breakage becomes revenue in proportion to redemption. A new
    estimate acts on all that was recognised before (cumulative catch-up); it does not change
    what was allocated. Points expected in all are never fewer than those redeemed, nor more than
    those redeemed and outstanding; where they are those redeemed, everything is recognised. All
    points earned so far are one portfolio.

    References
    ----------
    IFRS 15, paragraphs 4, 74, 88, B39-B47, and example 52 (IE267-IE270); ASC 606-10-55-41 to
    55-49, and example 52 (606-10-55-353 to 55-356).

    Examples
    --------
    >>> deferred_revenue(
    ...     [10_000, 0], [4_500, 4_000], sales=[100_000, 0], point_price=1, rate=[0.95, 0.97]
    ... )["closing"].round().tolist()
    [4566.0, 1073.0]
    """
    columns = {
        "earned": earned,
        "redeemed": redeemed,
        "expired": [0] * len(earned) if expired is None else expired,
        "sales": sales,
        "rate": rate,
    }
    raise_all(_problems(columns, point_price), ParameterError)
    price = _amount(point_price) or Decimal(0)
    table = {name: [_amount(value) or Decimal(0) for value in columns[name]] for name in columns}
    deferred = [
        allocate(paid, product_price=paid, points_price=points * share * price, places=CENTS).points
        if paid
        else Decimal(0)
        for paid, points, share in zip(table["sales"], table["earned"], table["rate"], strict=True)
    ]
    return recognised(
        table["earned"], table["redeemed"], table["expired"], deferred=deferred, rate=table["rate"]
    )


def recognised(
    earned: Sequence[Decimal],
    redeemed: Sequence[Decimal],
    expired: Sequence[Decimal],
    *,
    deferred: Sequence[Decimal],
    rate: Sequence[Decimal],
) -> pd.DataFrame:
    """Return the table of :func:`deferred_revenue` for amounts already deferred."""
    issued = used = gone = held = booked = Decimal(0)
    before = rate[0]
    rows = []
    columns = zip(earned, redeemed, expired, deferred, rate, strict=True)
    for came, taken, lapsed, amount, share in columns:
        opening = held - booked
        issued, used, gone, held = issued + came, used + taken, gone + lapsed, held + amount
        left = issued - used - gone
        at_old = _recognised(held, used, left, issued * before)
        at_new = _recognised(held, used, left, issued * share)
        rows.append((opening, amount, at_old - booked, at_new - at_old, held - at_new))
        booked, before = at_new, share
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(float)


def _recognised(held: Decimal, used: Decimal, left: Decimal, expected: Decimal) -> Decimal:
    """Return what is revenue so far of ``held``, deferred so far."""
    in_all = min(max(expected, used), used + left)
    if in_all <= used:
        return held
    with localcontext() as context:
        context.prec = 40
        return (held * used / in_all).quantize(Decimal(1).scaleb(-CENTS), ROUND_HALF_UP)


def _problems(columns: dict[str, Sequence[Any]], price: Any) -> Iterable[Problem]:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1 or not lengths["earned"]:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        yield problem(
            "deferred_revenue: lengths differ or are 0: {found}; allowed: one value a period each",
            found=found,
        )
        return
    if _amount(price) is None:
        yield _wrong("point_price", price)
    wrong = False
    for name, values in columns.items():
        for place, value in enumerate(values):
            amount = _amount(value)
            if amount is None or (name == "rate" and amount > 1):
                wrong = True
                yield _wrong(f"{name}[{place}]", value)
    if not wrong and _overdrawn(columns):
        yield problem("deferred_revenue: more points are redeemed and expired than were earned")


def _overdrawn(columns: dict[str, Sequence[Any]]) -> bool:
    left = Decimal(0)
    for place in range(len(columns["earned"])):
        came, taken, lapsed = (
            _amount(columns[name][place]) or Decimal(0)
            for name in ("earned", "redeemed", "expired")
        )
        left += came - taken - lapsed
        if left < 0:
            return True
    return False


def _wrong(name: str, value: Any) -> Problem:
    return problem(
        "{name}: found {found!r}; allowed: a number from 0{end}",
        name=name,
        found=value,
        end=" to 1" if name.startswith("rate") else "",
    )


def _amount(value: Any) -> Decimal | None:
    """Return a number as it is typed; None where it is none, or below zero."""
    if isinstance(value, bool):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None


def _rounded(value: Fraction, places: int) -> Decimal:
    """Return ``value`` rounded, halves up."""
    scale = 10**places
    whole = (2 * value.numerator * scale + value.denominator) // (2 * value.denominator)
    return Decimal(whole).scaleb(-places)
