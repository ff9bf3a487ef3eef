"""A population in chunks of customers, with the entries of their past."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loyalty_research.programmes.asks import columns_of
from loyalty_research.programmes.kernel_state import ENTRY, Entries, Ints
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.simulation.population import Population

CHUNK = 16_384
"""Customers that go through the loop together."""


def chunks(
    population: Population, programme: Programme, with_past: bool
) -> Iterator[tuple[np.ndarray, Entries]]:
    """Yield places in the population with the entries of their past, if that is wanted."""
    seen = np.zeros(population.size, dtype=bool)
    if with_past:
        for ids, entries in population.source.entries(programme):
            place = pc.index_in(ids, value_set=population.ids.cast(ids.type))
            yield from _known(place, entries, seen)
    rest = np.flatnonzero(~seen)
    for first in range(0, len(rest), CHUNK):
        place = rest[first : first + CHUNK]
        yield place, no_entries(len(place), len(columns_of(programme)))


def no_entries(size: int, asks: int) -> Entries:
    """Return no entries for so many customers."""
    return Entries(
        starts=np.zeros(size + 1, dtype=np.int64),
        parts=np.zeros(size, dtype=np.int64),
        rows=np.zeros(0, dtype=ENTRY),
        asked=np.zeros((0, asks), dtype=np.int64),
    )


def _known(
    place: pa.Array, entries: Entries, seen: np.ndarray
) -> Iterator[tuple[np.ndarray, Entries]]:
    """Yield chunks of those who belong to the population."""
    known = np.flatnonzero(place.is_valid().to_numpy(zero_copy_only=False))
    where = place.to_numpy(zero_copy_only=False)
    for first in range(0, len(known), CHUNK):
        chosen = known[first : first + CHUNK]
        starts, rows = rows_of(entries.starts, chosen)
        own = where[chosen].astype(np.int64)
        seen[own] = True
        yield (
            own,
            Entries(
                starts, np.zeros(len(chosen), np.int64), entries.rows[rows], entries.asked[rows]
            ),
        )


def rows_of(starts: Ints, place: np.ndarray) -> tuple[Ints, Any]:
    """Return where the rows of some customers begin, and which they are."""
    counts = starts[place + 1] - starts[place]
    new = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    if len(place) and (np.diff(place) == 1).all():
        return new, slice(int(starts[place[0]]), int(starts[place[-1] + 1]))
    rows = np.repeat(starts[place] - new[:-1], counts) + np.arange(new[-1])
    return new, rows
