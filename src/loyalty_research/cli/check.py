"""``loyalty check``: the data checks of a brand as aligned text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from loyalty_research.cli.words import text

if TYPE_CHECKING:
    from loyalty_research.study import Quality

_BALANCE = ("table", "read", "kept", "dropped")
_CHECKS = ("severity", "table", "check", "column", "rows", "share", "action", "example")


def check_brand(name: str) -> int:
    """Open a brand and print what was found; return 1 where something deserves a warning."""
    from loyalty_research.study import open_brand

    quality = open_brand(name).quality
    print(quality_text(quality))
    return 1 if warnings(quality) else 0


def warnings(quality: Quality) -> int:
    """Return how many checks found something that deserves a warning."""
    return int((quality.found()["severity"] == "warning").sum())


def quality_text(quality: Quality) -> str:
    """Return balance and checks as text.

    Parameters
    ----------
    quality
        Quality of a brand's data.

    Returns
    -------
    str
        Two tables: rows read, kept and dropped; the checks that found something, warnings first.
        Then how many found nothing.
    """
    balance = [
        (str(row.table), _count(row.read), _count(row.kept), _count(row.dropped))
        for row in quality.balance.itertuples()
    ]
    found = quality.found()
    rows = sorted(found.to_dict("records"), key=lambda row: row["severity"] != "warning")
    checks = [
        (
            str(row["severity"]),
            str(row["table"]),
            str(row["code"]),
            str(row["column"] or ""),
            _count(row["count"]),
            _share(row["share"]),
            str(row["action"]),
            "" if not isinstance(row["example"], str) else row["example"],
        )
        for row in rows
    ]
    parts = [
        aligned([text(f"check.{name}") for name in _BALANCE], balance, right=(1, 2, 3)),
        aligned([text(f"check.{name}") for name in _CHECKS], checks, right=(4, 5)),
        text("check.further", count=len(quality.checks) - len(found)),
    ]
    return "\n\n".join(parts)


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


def _count(number: object) -> str:
    return f"{int(str(number)):,}"


def _share(share: float | None) -> str:
    if share is None or share != share:
        return ""
    return f"{share:.2%}"
