"""Why a brand cannot be begun from its files, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from loyalty_research.errors import Problem, problem
from loyalty_research.intake.draft import TableDraft
from loyalty_research.intake.request import LINES, ORDERS
from loyalty_research.intake.source import Source
from loyalty_research.intake.vocabulary import aliases
from loyalty_research.study.casting import ALLOWED
from loyalty_research.tables import TABLES

_SHOWN_ALIASES = 12
_REASONS = {
    "not.empty": "it has no value",
    "not.times": "its values are no dates, such as {example}",
    "not.amounts": "its values are no numbers, such as {example}",
    "not.several": "a cell holds several numbers",
}


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
                    "{file}: {table}: the numbers under {heading} have lost their last digits in a "
                    "spreadsheet, so that different orders look the same; export the file again as "
                    "CSV or with that column as text, and do not save it in a spreadsheet",
                    file=_files(table),
                    table=table.name,
                    heading=item.fields["heading"],
                )
        told_of = {item.fields["column"] for item in lost}
        for name in table.missing():
            if name not in told_of:
                contradicted = [*_contradicted(table, name)]
                yield from contradicted or [_missing(table, name)]


def _files(table: TableDraft) -> str:
    parts = [part.source.given for part in (table, table.orders) if part is not None]
    return ", ".join(name for given in parts for name in given)


def _contradicted(table: TableDraft, name: str) -> Iterator[Problem]:
    """Yield a problem for every heading that fits a required column by its name alone."""
    for part in (table, table.orders):
        for told in part.refused.get(name, ()) if part is not None else ():
            reason = _REASONS.get(told.key)
            if reason is not None:
                yield problem(
                    "{file}: {table}: {heading} cannot be taken for {column}, which is required: "
                    "{reason}; allowed: {allowed}; correct the values and export again, or name "
                    "another heading with --column {table}.{column}=HEADING",
                    file=_files(table),
                    table=table.name,
                    heading=told.fields["heading"],
                    column=name,
                    reason=reason.format(**told.fields),
                    allowed=ALLOWED[TABLES[table.name].column(name).kind],
                )


def _missing(table: TableDraft, name: str) -> Problem:
    known = [item.name for item in aliases(table.name).get(name, ())]
    headings = [item.heading for item in table.source.columns]
    if table.orders is not None:
        headings += [item.heading for item in table.orders.source.columns]
    return problem(
        "{file}: {table}: no heading for {column}, which is required; found {found}; known are "
        "{known}, …; name it with --column {table}.{column}=HEADING",
        file=_files(table),
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
            "{file}: transactions: no status of {heading} is known to be a sale; found {found}; "
            "name those that are with --sale-status VALUE",
            file=_files(table),
            heading=table.every_guess["status"].heading,
            found=", ".join(f"{item.value} ({item.rows:,})" for item in found),
        )
