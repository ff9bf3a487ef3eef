"""``loyalty check``: the data checks of a brand as aligned text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loyalty_research.study import Quality


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
        aligned(("table", "read", "kept", "dropped"), balance, right=(1, 2, 3)),
        aligned(
            ("severity", "table", "check", "column", "rows", "share", "action", "example"),
            checks,
            right=(4, 5),
        ),
        f"{len(quality.checks) - len(found)} further checks found nothing",
    ]
    return "\n\n".join(parts)


def aligned(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> str:
    """Return rows in columns of equal width, two spaces apart."""
    lines = [tuple(heads), *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _count(number: object) -> str:
    return f"{int(str(number)):,}"


def _share(share: float | None) -> str:
    if share is None or share != share:
        return ""
    return f"{share:.2%}"
