"""What a whole brand file will say, and what a person should look at in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loyalty_research.intake.draft import TableDraft
from loyalty_research.intake.meanings import ValueCount
from loyalty_research.intake.notes import Note, note
from loyalty_research.intake.period import Coverage
from loyalty_research.intake.vocabulary import normalise

_MEMBERS = ("会员", "卡号", "member")
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class BrandDraft:
    """A brand file, drafted.

    Parameters
    ----------
    brand
        Name of its folder.
    names
        The brand's name by language.
    currency, timezone
        Of every amount, of every time.
    tables
        Drafts by canonical table.
    coverage
        Days to report on; None without transactions.
    """

    brand: str
    names: Mapping[str, str]
    currency: str
    timezone: str
    tables: Mapping[str, TableDraft]
    coverage: Coverage | None

    @property
    def audience_word(self) -> str:
        """What Chinese reports call the customers."""
        lines = self.tables.get("transactions")
        guess = lines.every_guess.get("customer_id") if lines else None
        heading = normalise(guess.heading) if guess else ""
        return "会员" if any(word in heading for word in _MEMBERS) else "顾客"


def remarks(draft: BrandDraft) -> list[Note]:
    """Return what a person should know before believing the numbers, most important first."""
    found: list[Note] = []
    for table in draft.tables.values():
        if table.name == "transactions":
            found += [*_on_buyers(table), *_on_rows(table)]
    if draft.coverage is not None and draft.coverage.outside:
        found.append(
            note(
                "warn.outside",
                count=f"{draft.coverage.outside:,}",
                start=draft.coverage.start,
                end=draft.coverage.end,
            )
        )
    for table in draft.tables.values():
        for part in (table, table.orders):
            if part is not None:
                found += _on_files(part)
        for name, told in table.refused.items():
            if name not in table.every_guess and name != "customer_id":
                found += [item for item in told if item.key != "not.empty"]
    return found


def _on_buyers(table: TableDraft) -> Iterator[Note]:
    if "customer_id" in table.every_guess:
        return
    yield from table.refused.get("customer_id", ())
    system = next(
        (item for item in (table.system, table.orders and table.orders.system) if item), None
    )
    if system is not None and system.no_buyer:
        yield note("warn.no_buyer_system", system=system.named)
    else:
        yield note("warn.no_buyer")


def _on_rows(table: TableDraft) -> Iterator[Note]:
    rules = table.rows
    if rules is None:
        return
    for item in (rules.statuses or {}).get("unknown", ()):
        yield counted("warn.unknown_status", item)
    for column, items in rules.not_goods.items():
        yield _group("warn.not_goods", items, column=column)
    for column, items in rules.maybe_not_goods.items():
        yield _group("ask.not_goods", items, column=column)
    for buyer in (*rules.house, *rules.heavy):
        key = "warn.house_card" if buyer.house else "ask.heavy"
        yield note(key, orders=f"{buyer.orders:,}", share=f"{buyer.share:.1%}", day=buyer.day)
    if rules.not_customers:
        yield _group("warn.walk_ins", rules.not_customers)


def counted(key: str, item: ValueCount, **fields: object) -> Note:
    """Return a note on a value with the rows that have it and their amount."""
    return note(key, value=item.value, rows=f"{item.rows:,}", sum=money(item), **fields)


def _group(key: str, items: list[ValueCount], **fields: object) -> Note:
    known = [item.amount for item in items if item.amount is not None]
    shown = ", ".join(item.value for item in items[:_SHOWN])
    return note(
        key,
        values=shown + (", …" if len(items) > _SHOWN else ""),
        rows=f"{sum(item.rows for item in items):,}",
        sum=f"{sum(known):,.2f}" if known else "–",
        **fields,
    )


def money(item: ValueCount) -> str:
    """Return the amount of a value's rows as it is printed."""
    return "–" if item.amount is None else f"{item.amount:,.2f}"


def _on_files(part: TableDraft) -> Iterator[Note]:
    converted = part.source.converted
    if converted.repeats:
        yield note("file.repeats", count=f"{converted.repeats:,}", table=part.name)
    for item in converted.notes:
        left_out = item.title_rows + item.explanation_rows + item.total_rows
        if left_out:
            yield note(
                "file.left_out",
                file=item.file + (f" ({item.sheet})" if item.sheet else ""),
                title=item.title_rows,
                explanation=item.explanation_rows,
                total=item.total_rows,
            )
