"""Rows in columns of equal width, as a terminal shows them."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import east_asian_width


def aligned(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> str:
    """Return rows in columns of equal width, two spaces apart."""
    lines = [tuple(heads), *rows]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(heads))]
    return "\n".join(
        "  ".join(
            " " * (width - _width(cell)) + cell
            if place in right
            else cell + " " * (width - _width(cell))
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _width(cell: str) -> int:
    """Return how many columns of a terminal a text takes; a Chinese glyph takes two."""
    return sum(2 if east_asian_width(item) in "WF" else 1 for item in cell)
