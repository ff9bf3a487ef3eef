"""Why a brand cannot be begun from its files, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from loyalty_research.errors import Problem, problem
from loyalty_research.intake.draft import TableDraft
from loyalty_research.intake.request import LINES, ORDERS
from loyalty_research.intake.source import Source
from loyalty_research.intake.vocabulary import aliases

_SHOWN_ALIASES = 12


def unknown_headings(
    columns: Mapping[str, Mapping[str, str]], sources: Mapping[str, Source]
) -> Iterator[Problem]:
    """Yield a problem for every heading that was named by hand and stands in no file."""
    for table, named in columns.items():
        files = (ORDERS, LINES) if table not in sources else (table,)
        found = [
            item.heading for name in files if name in sources for item in sources[name].columns
        ]
        for column, heading in named.items():
            if found and heading not in found:
                yield problem(
                    "{place}: found no heading {heading!r}; there is: {found}",
                    place=f"--column {table}.{column}",
                    heading=heading,
                    found=", ".join(found),
                )


def not_found(tables: Iterable[TableDraft]) -> Iterator[Problem]:
    """Yield a problem for every required column that no heading stands for."""
    for table in tables:
        lost = [
            item
            for part in (table, table.orders)
            if part is not None
            for told in part.refused.values()
            for item in told
            if item.key == "not.lost_digits"
        ]
        for item in lost:
            if item.fields["column"] in ("order_id", "customer_id"):
                yield problem(
                    "{table}: the numbers under {heading} have lost their last digits in a "
                    "spreadsheet, so that different orders look the same; export the file again as "
                    "CSV or with that column as text, and do not save it in a spreadsheet",
                    table=table.name,
                    heading=item.fields["heading"],
                )
        told_of = {item.fields["column"] for item in lost}
        for name in table.missing():
            if name not in told_of:
                yield _missing(table, name)


def _missing(table: TableDraft, name: str) -> Problem:
    known = [item.name for item in aliases(table.name).get(name, ())]
    headings = [item.heading for item in table.source.columns]
    if table.orders is not None:
        headings += [item.heading for item in table.orders.source.columns]
    return problem(
        "{table}: no heading for {column}, which is required; found {found}; known are {known}, …; "
        "name it with --column {table}.{column}=HEADING",
        table=table.name,
        column=name,
        found=", ".join(headings),
        known=", ".join(known[:_SHOWN_ALIASES]),
    )


def no_sale(table: TableDraft) -> Iterator[Problem]:
    """Yield a problem where no status is known to be a sale."""
    rules = table.rows
    if rules is not None and rules.statuses is not None and not rules.statuses["sale"]:
        found = [item for group in rules.statuses.values() for item in group]
        yield problem(
            "transactions: no status of {heading} is known to be a sale; found {found}; name those "
            "that are with --sale-status VALUE",
            heading=table.every_guess["status"].heading,
            found=", ".join(f"{item.value} ({item.rows:,})" for item in found),
        )
