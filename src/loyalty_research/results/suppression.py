"""Which cells of counts to hide so that no small group can be read or worked out.

Counts are sums over atoms, the smallest groups of persons that any table tells apart. What is
printed are sums over sets of atoms; what a reader can work out is bounded by linear programming.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

Atoms = frozenset[int]
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts that share atoms.

    Parameters
    ----------
    sizes
        Persons of each atom.
    cells
        Sets of atoms whose sums are printed unless hidden.
    known
        Sets whose sums a reader knows from elsewhere; a sum below the limit must not be known, and
        is protected like a cell.
    """

    sizes: Sequence[int]
    cells: Sequence[Atoms]
    known: Sequence[Atoms] = ()

    def size(self, atoms: Atoms) -> int:
        """Return the persons of a set of atoms."""
        return sum(self.sizes[place] for place in atoms)


def cells_to_hide(counts: Counts, *, limit: int, hidden: Iterable[int] = ()) -> frozenset[int]:
    """Return the places of the cells to hide.

    Parameters
    ----------
    counts
        What would be printed, and what is known anyway.
    limit
        Smallest group shown.
    hidden
        Cells that are hidden already, because another result hides them.

    Notes
    -----
    Cells of 1 to limit - 1 persons are hidden, then the smallest other cells until every small
    group, printed or not, lies in an interval at least as wide as the limit; what turns out not to
    be needed is given back, largest first. Cells of 0 stay: nobody is in them, and as complements
    they are of no use.

    References
    ----------
    Cox 1980 (complementary suppression); Willenborg & de Waal 2001.
    """
    small = {place for place, cell in enumerate(counts.cells) if _small(counts.size(cell), limit)}
    fixed = small | set(hidden)
    watched = _watched(counts, limit)
    if not watched and not fixed:
        return frozenset()
    chosen = set(fixed)
    while found := _leak(counts, chosen, watched, limit):
        place = _next(counts, chosen, found)
        if place is None:
            break
        chosen.add(place)
    for place in sorted(chosen - fixed, key=lambda item: -counts.size(counts.cells[item])):
        if not _leak(counts, chosen - {place}, watched, limit):
            chosen.remove(place)
    return frozenset(chosen)


def interval(counts: Counts, hidden: Iterable[int], atoms: Atoms, *, limit: int) -> tuple[int, int]:
    """Return the lowest and highest number of persons a reader must reckon with.

    Parameters
    ----------
    counts
        What is printed and known.
    hidden
        Cells that are not printed.
    atoms
        The group a reader asks about.
    limit
        Smallest sum that may be known from elsewhere.
    """
    from scipy.optimize import linprog

    left, right = _equations(counts, set(hidden), limit)
    wanted = np.zeros(len(counts.sizes))
    wanted[list(atoms)] = 1.0
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(sign * wanted, A_eq=left, b_eq=right, bounds=(0, None), method="highs")
        # Unbounded where no total is known.
        ends.append(sign * found.fun if found.status == 0 else sign * -np.inf)
    low, high = ends
    return int(np.ceil(low - _SLACK)), int(min(np.floor(high + _SLACK), 2**53))


def _small(size: int, limit: int) -> bool:
    return 0 < size < limit


def _watched(counts: Counts, limit: int) -> list[Atoms]:
    """Return the small groups: cells, sums and atoms."""
    single = [frozenset({place}) for place in range(len(counts.sizes))]
    sets = dict.fromkeys([*counts.cells, *counts.known, *single])
    return [atoms for atoms in sets if _small(counts.size(atoms), limit)]


def _printed(counts: Counts, hidden: set[int], limit: int) -> list[Atoms]:
    cells = [cell for place, cell in enumerate(counts.cells) if place not in hidden]
    known = [item for item in counts.known if not _small(counts.size(item), limit)]
    return list(dict.fromkeys(item for item in [*cells, *known] if item))


def _equations(counts: Counts, hidden: set[int], limit: int) -> tuple[np.ndarray, np.ndarray]:
    printed = _printed(counts, hidden, limit)
    left = np.zeros((len(printed), len(counts.sizes)))
    for row, atoms in enumerate(printed):
        left[row, list(atoms)] = 1.0
    return left, np.array([counts.size(atoms) for atoms in printed], dtype=float)


def _leak(counts: Counts, hidden: set[int], watched: Sequence[Atoms], limit: int) -> Atoms | None:
    """Return a small group whose interval is narrower than the limit; None where there is none."""
    printed = _printed(counts, hidden, limit)
    seen = set()
    for atoms in watched:
        # Atoms that stand in the same sums cannot be told apart: one of them answers for all.
        signs = tuple(sorted(tuple(a in item for item in printed) for a in atoms))
        if signs in seen:
            continue
        seen.add(signs)
        low, high = interval(counts, hidden, atoms, limit=limit)
        if high - low < limit:
            return atoms
    return None


def _next(counts: Counts, hidden: set[int], leak: Atoms) -> int | None:
    """Return the smallest cell that helps: first among those of a sum the leak is part of."""
    sums = [item for item in counts.known if item & leak]
    near = min(sums, key=len) if sums else frozenset()
    places = [
        place
        for place, cell in enumerate(counts.cells)
        if place not in hidden and counts.size(cell) > 0
    ]
    return min(
        places,
        key=lambda place: (
            not counts.cells[place] & near,
            counts.size(counts.cells[place]),
            place,
        ),
        default=None,
    )
