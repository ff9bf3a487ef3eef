"""What a choice model sees: one row of numbers for each brand on offer at each purchase."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from loyalty_research.competitors.choice.occasions import FIRST, Occasions
from loyalty_research.errors import DataError, problem

Carry = Literal["none", "last", "loyalty"]
SMOOTHING = 0.8
"""How slowly the loyalty variable of Guadagni & Little forgets."""


@dataclass(frozen=True, slots=True)
class Design:
    """Choices as numbers.

    Parameters
    ----------
    names
        Shape (p,): the columns; a constant for every brand but the base, then ``price``,
        ``promoted`` and ``carry_over`` as far as they are known and asked for.
    brands
        Shape (j,).
    features
        Shape (n, j, p): zeros where a brand was not on offer.
    on_offer
        Shape (n, j), bool.
    chosen
        Shape (n,): place of the brand bought.
    household
        Shape (n,): 0 to h - 1, ascending.
    given
        Shape (n, j): a part of the utility that is not estimated.
    """

    names: tuple[str, ...]
    brands: tuple[str, ...]
    features: np.ndarray
    on_offer: np.ndarray
    chosen: np.ndarray
    household: np.ndarray
    given: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """Shape (h,): first row of each household."""
        return np.flatnonzero(np.diff(self.household, prepend=-1))

    @property
    def households(self) -> int:
        """How many households."""
        return int(self.household[-1]) + 1

    def place(self, name: str) -> int | None:
        """Return where a column stands; None where there is none of that name."""
        return self.names.index(name) if name in self.names else None


def make_design(
    occasions: Occasions,
    *,
    carry: Carry = "last",
    base: str | None = None,
    smoothing: float = SMOOTHING,
) -> Design:
    """Return the numbers of a choice model.

    Parameters
    ----------
    occasions
        Of :func:`read_occasions`.
    carry
        ``last``: 1 for the brand bought the time before; ``loyalty``: the smoothed share of
        earlier purchases; ``none``: nothing.
    base
        Brand without a constant; the most bought one where not given.
    smoothing
        Between 0 and 1, of ``loyalty``.

    Raises
    ------
    DataError
        Where price or promotion never differs between the brands of an occasion.

    Notes
    -----
    A household's first purchase has no carry-over (``last``), or equal loyalty to all brands
    (``loyalty``); it tells about preferences only.

    References
    ----------
    Guadagni & Little 1983, Marketing Science 2(3), 203-238.
    """
    brands = occasions.brands
    start = 0 if base is None else brands.index(base)
    others = [place for place in range(len(brands)) if place != start]
    shape = occasions.on_offer.shape
    columns = [np.broadcast_to(np.arange(shape[1]) == place, shape) for place in others]
    names = [brands[place] for place in others]
    for name, values in (("price", occasions.price), ("promoted", occasions.promoted)):
        if values.shape[1]:
            columns.append(np.nan_to_num(values))
            names.append(name)
    if carry == "last":
        columns.append(occasions.before[:, None] == np.arange(shape[1]))
    elif carry == "loyalty":
        columns.append(_loyalty(occasions, smoothing))
    if carry != "none":
        names.append("carry_over")
    features = np.stack([column * occasions.on_offer for column in columns], axis=2).astype(float)
    _check_differs(features, occasions.on_offer, names)
    return Design(
        tuple(names),
        brands,
        features,
        occasions.on_offer,
        occasions.chosen,
        occasions.household,
        np.zeros(shape),
    )


def with_carry_over(design: Design, value: float) -> Design:
    """Return a design whose weight of the carry-over is given instead of estimated."""
    place = design.names.index("carry_over")
    kept = [column for column in range(len(design.names)) if column != place]
    return replace(
        design,
        names=tuple(design.names[column] for column in kept),
        features=np.ascontiguousarray(design.features[:, :, kept]),
        given=design.given + value * design.features[:, :, place],
    )


def _loyalty(occasions: Occasions, smoothing: float) -> np.ndarray:
    """Return the loyalty variable (n, j): a share of earlier purchases, later ones weighing more.

    Of purchases left out, only the last before a purchase is known.
    """
    size = occasions.on_offer.shape[1]
    values = np.full(occasions.on_offer.shape, 1 / size)
    for row in range(1, len(values)):
        if occasions.household[row] != occasions.household[row - 1]:
            continue
        before, last = values[row - 1], occasions.before[row]
        bought = np.arange(size) == last
        values[row] = smoothing * before + (1 - smoothing) * bought if last != FIRST else before
    return values


def _check_differs(features: np.ndarray, on_offer: np.ndarray, names: list[str]) -> None:
    for place, name in enumerate(names):
        values = np.where(on_offer, features[:, :, place], np.nan)
        apart = np.nanmax(values, axis=1) - np.nanmin(values, axis=1)
        if not (apart > 0).any():
            raise DataError(
                problem(
                    "choice_sets: {name} never differs between the brands of an occasion, so that "
                    "its weight in the choice has no value; leave the column out",
                    name=name,
                )
            )
