"""From what views say about persons to counts that share atoms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from loyalty_research.findings import Persons
from loyalty_research.results.suppression import Atoms, Counts

Name = tuple[tuple[str, str], ...]
"""Columns and values that name a group."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A frame whose rows are groups of persons.

    Parameters
    ----------
    frame
        Key of the frame in the result.
    said
        What its view says of the persons.
    records
        Its rows.
    base
        Persons of the whole; None where the view counts something else.
    """

    frame: str
    said: Persons
    records: Sequence[Mapping[Any, Any]]
    base: int | None

    def size(self, row: int) -> int:
        """Return the persons of a row; 0 where they are not known."""
        return whole_number(self.records[row].get(self.said.column))

    def name(self, row: int) -> Name:
        """Return the name of the group; its place where nothing names it."""
        record = self.records[row]
        if not self.said.names:
            return (("row", f"{self.frame} {row}"),)
        values = (str(record[column]) for column in self.said.names)
        return tuple(zip(self.said.known_as or self.said.names, values, strict=True))

    def last_name(self, row: int) -> str:
        """Return the value of the last column that names the group."""
        return self.name(row)[-1][1]


@dataclass(slots=True)
class Network:
    """Cells of frames that speak of the same persons."""

    names: list[Name | None] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    cells: list[Atoms] = field(default_factory=list)
    places: list[tuple[Rows, int]] = field(default_factory=list)
    known: list[Atoms] = field(default_factory=list)

    def counts(self) -> Counts:
        """Return what is printed and known."""
        return Counts(self.sizes, self.cells, self.known)

    def atom(self, name: Name | None, size: int) -> int:
        """Add an atom and return its place."""
        self.names.append(name)
        self.sizes.append(size)
        return len(self.sizes) - 1

    def matching(self, name: Name) -> Atoms:
        """Return the atoms a name covers."""
        wanted = set(name)
        return frozenset(
            place for place, own in enumerate(self.names) if own is not None and wanted <= set(own)
        )

    def unprinted(self, rows: Rows) -> bool:
        """Tell whether persons of the whole stand in no row: a sum of hidden rows is not known."""
        whole = rows.said.rows == "parts" and not rows.said.by
        return not whole or any(
            name is None and size for name, size in zip(self.names, self.sizes, strict=True)
        )

    def cell(self, rows: Rows, row: int, atoms: Iterable[int]) -> None:
        """Add a printed cell."""
        self.cells.append(frozenset(atoms))
        self.places.append((rows, row))

    def remainder(self, atoms: Iterable[int], whole: int) -> Atoms:
        """Note that atoms and those nobody printed make up a whole; return all of them."""
        inside = frozenset(atoms)
        rest = whole - sum(self.sizes[place] for place in inside)
        if rest > 0:
            inside |= {self.atom(None, rest)}
        self.known.append(inside)
        return inside


def whole_number(value: Any) -> int:
    """Return a count; 0 where it is missing."""
    return 0 if value is None or pd.isna(value) else round(float(value))


def networks(frames: Sequence[Rows]) -> list[Network]:
    """Return the cells that can be set off against each other, one network a population."""
    by_key: dict[str, list[Rows]] = {}
    for number, rows in enumerate(frames):
        if rows.said.rows in {"parts", "apart", "nested"}:
            by_key.setdefault(rows.said.key or f"own {number}", []).append(rows)
    return [_network(group) for group in by_key.values()]


def _network(group: Sequence[Rows]) -> Network:
    network = Network()
    finest = sorted(
        group,
        key=lambda rows: (rows.said.rows == "nested", bool(rows.said.rest), -len(rows.said.names)),
    )
    for rows in finest:
        if rows.said.rows == "nested":
            _add_nested(network, rows)
        elif rows.said.rest:
            _add_rest(network, rows)
        else:
            _add_parts(network, rows)
    return network


def _add_parts(network: Network, rows: Rows) -> None:
    said = rows.said
    splits: dict[Name, list[int]] = {}
    for row, record in enumerate(rows.records):
        if not said.total or rows.last_name(row) != said.total:
            part = tuple((column, str(record[column])) for column in said.by)
            splits.setdefault(part, []).append(row)
    whole: frozenset[int] = frozenset()
    for places in splits.values():
        whole |= _add_split(network, rows, places)
    for row in range(len(rows.records)):
        if said.total and rows.last_name(row) == said.total:
            network.cell(rows, row, network.remainder(whole, rows.size(row)))
    for column in said.margins:
        _add_margins(network, rows, column)
    for told in said.told:
        atoms = [network.matching(((said.names[-1], item),)) for item in told]
        network.known.append(frozenset().union(*atoms))


def _add_split(network: Network, rows: Rows, places: Sequence[int]) -> Atoms:
    """Add rows that split the whole."""
    covered: frozenset[int] = frozenset()
    for row in places:
        atoms = network.matching(rows.name(row))
        if not atoms or sum(network.sizes[item] for item in atoms) != rows.size(row):
            atoms = frozenset({network.atom(rows.name(row), rows.size(row))})
        network.cell(rows, row, atoms)
        covered |= atoms
    if rows.said.rows == "apart" or rows.said.total or rows.base is None:
        network.known.append(covered)
        return covered
    return network.remainder(covered, rows.base)


def _add_margins(network: Network, rows: Rows, column: str) -> None:
    for value in dict.fromkeys(str(record[column]) for record in rows.records):
        network.known.append(network.matching(((column, value),)))


def _add_nested(network: Network, rows: Rows) -> None:
    """Add rows each of which holds the smaller ones; what lies between two is a group as well."""
    order = sorted(range(len(rows.records)), key=lambda row: (rows.size(row), -row))
    inside: frozenset[int] = frozenset()
    held = 0
    for row in order:
        step = network.matching(rows.name(row)) - inside
        if not step or sum(network.sizes[item] for item in step) != rows.size(row) - held:
            step = frozenset({network.atom(rows.name(row), rows.size(row) - held)})
        inside |= step
        held = rows.size(row)
        network.cell(rows, row, inside)
    if rows.base is not None and not any(inside < item for item in network.known):
        network.remainder(inside, rows.base)


def _add_rest(network: Network, rows: Rows) -> None:
    """Add rows of which one holds every group the others do not name."""
    own = [network.matching(rows.name(row)) for row in range(len(rows.records))]
    named = frozenset().union(*own)
    everything = frozenset(range(len(network.sizes)))
    for row in range(len(rows.records)):
        is_rest = rows.last_name(row) == rows.said.rest
        network.cell(rows, row, everything - named if is_rest else own[row])


def shown_columns(rows: Rows) -> Iterator[str]:
    """Yield the columns that speak of the row's persons."""
    kept = {*rows.said.names, *rows.said.by, *rows.said.margins}
    return (column for column in rows.said.hides or rows.records[0] if column not in kept)
