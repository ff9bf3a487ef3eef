"""What a path model asks of arrays: which item belongs to which construct, and the arrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Mode = Literal["A", "B"]
Scheme = Literal["path", "factorial", "centroid"]
SCHEMES: tuple[Scheme, ...] = ("path", "factorial", "centroid")


@dataclass(frozen=True, slots=True)
class Design:
    """A path model in numbers.

    Parameters
    ----------
    constructs
        Names, q of them.
    items
        Names, p of them.
    blocks
        Shape (p, q), bool: item belongs to construct; each item to one.
    modes
        How the weights of each construct are estimated: ``A`` from correlations, ``B`` by
        regression.
    arrows
        Shape (q, q), bool: an arrow from row to column; no cycles.
    """

    constructs: tuple[str, ...]
    items: tuple[str, ...]
    blocks: np.ndarray
    modes: tuple[Mode, ...]
    arrows: np.ndarray

    def rows_of(self, construct: int) -> np.ndarray:
        """Return the places of a construct's items."""
        return np.flatnonzero(self.blocks[:, construct])

    def causes_of(self, construct: int) -> np.ndarray:
        """Return the places of the constructs with an arrow to this one."""
        return np.flatnonzero(self.arrows[:, construct])

    @property
    def outcomes(self) -> list[int]:
        """Places of the constructs that some arrow points to."""
        return [int(place) for place in np.flatnonzero(self.arrows.any(axis=0))]

    @property
    def edges(self) -> list[tuple[int, int]]:
        """All arrows as (from, to), in the order of what they point to."""
        return [(int(cause), j) for j in self.outcomes for cause in self.causes_of(j)]


def make_design(
    blocks: Mapping[str, Sequence[str]],
    paths: Mapping[str, Sequence[str]],
    *,
    modes: Mapping[str, Mode] | None = None,
) -> Design:
    """Return the :class:`Design` of constructs and their items, and of arrows.

    Parameters
    ----------
    blocks
        Construct -> its items.
    paths
        Construct -> the constructs with an arrow to it.
    modes
        Construct -> mode; ``A`` where not given.
    """
    constructs = tuple(blocks)
    items = tuple(item for group in blocks.values() for item in group)
    belongs = np.array([[item in blocks[name] for name in constructs] for item in items])
    arrows = np.zeros((len(constructs), len(constructs)), dtype=bool)
    for name, causes in paths.items():
        for cause in causes:
            arrows[constructs.index(cause), constructs.index(name)] = True
    given = modes or {}
    return Design(constructs, items, belongs, tuple(given.get(c, "A") for c in constructs), arrows)
