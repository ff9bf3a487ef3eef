"""The brand file as text: every guess with its reason, so that a person can correct it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from loyalty_research.intake.brand_draft import BrandDraft, money
from loyalty_research.intake.draft import TableDraft
from loyalty_research.intake.meanings import ValueCount
from loyalty_research.intake.notes import Words
from loyalty_research.intake.recognise import Guess
from loyalty_research.intake.rows import RowRules
from loyalty_research.intake.scalars import comment, listed, scalar
from loyalty_research.tables import TABLES

_RULES = ("level", "date_order", "epoch")


def brand_text(draft: BrandDraft, words: Words) -> str:
    """Return the brand file of a draft.

    Parameters
    ----------
    draft
        What it says.
    words
        Words the comments, in the language of the person who will read them.
    """
    lines = [
        f"# {words('intake.file.head', brand=comment(draft.brand))}",
        f"# {words('intake.file.confidence')}",
        "",
        "name:",
        f"  zh: {scalar(draft.names['zh'])}",
        f"  en: {scalar(draft.names['en'])}",
        f"trade: retail # {words('intake.file.trade')}",
        f"currency: {draft.currency}",
        f"timezone: {draft.timezone}",
        "",
        "customers:",
        f"  unit: person # {words('intake.file.unit')}",
        f"  audience_word: {draft.audience_word} # 会员 | 顾客 | 客户",
        f"  identifiers: personal # {words('intake.file.identifiers')}",
        f"  first_purchase_observed: false # {words('intake.file.first_purchase')}",
        "",
        f"evidence: observed # {words('intake.file.evidence')}",
        *_period(draft, words),
        f"calendar: {'cn' if draft.currency == 'CNY' else 'none'} # cn | none",
        "",
        *(f"# {line}" for line in _totals(draft, words)),
        "",
        "tables:",
    ]
    for table in draft.tables.values():
        lines += _table(table, words)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _period(draft: BrandDraft, words: Words) -> Iterator[str]:
    found = draft.coverage
    if found is None:
        yield f"# {words('intake.file.no_period')}"
        return
    yield ""
    told = words(
        "intake.file.period",
        first=found.first,
        last=found.last,
        outside=f"{found.outside:,}",
        lines=f"{found.lines:,}",
    )
    yield f"# {told}"
    yield "period:"
    yield f"  start: {found.start}"
    yield f"  end: {found.end}"
    yield ""


def _totals(draft: BrandDraft, words: Words) -> Iterator[str]:
    month = f"{draft.coverage.start:%Y-%m}" if draft.coverage else "2024-01"
    yield words("intake.file.control_totals")
    yield "control_totals:"
    yield f"  - {{month: {scalar(month)}, sales: 0, orders: 0, members: 0}}"


def _table(table: TableDraft, words: Words) -> Iterator[str]:
    yield f"  {table.name}:"
    yield from _indented(_file(table, words), 4)
    rules = table.rows
    if rules is not None:
        yield from _indented(_rows(table, rules, words), 4)
    if table.orders is not None:
        yield "    orders:"
        yield from _indented(_file(table.orders, words), 6)
    yield ""


def _file(table: TableDraft, words: Words) -> Iterator[str]:
    if table.system is not None:
        yield f"# {words('intake.file.system', system=table.system.named.worded(words))}"
    yield f"source: {listed(table.source.given)}"
    for key, value in table.source.options.items():
        yield f"{key}: {listed(value) if isinstance(value, (tuple, list)) else scalar(value)}"
    yield "columns:"
    order = [name for name in TABLES[table.name].names if name in table.guesses]
    for name in order:
        yield from _indented(_column(table.guesses[name], words), 2)
    for name, heading in table.attributes.items():
        yield f"  {name}: {scalar(heading)}"
    for name, told in table.refused.items():
        if name not in table.every_guess:
            yield from (f"  # {comment(item.worded(words))}" for item in told)
    if table.unused:
        unused = comment(", ".join(table.unused))
        yield f"  # {words('intake.file.unused', headings=unused)}"


def _column(guess: Guess, words: Words) -> Iterator[str]:
    sure = words(f"intake.confidence.{guess.confidence}")
    for place, item in enumerate(guess.notes):
        lead = f"[{sure}] " if not place else ""
        yield f"# {comment(lead + item.worded(words))}"
    rule = guess.rule
    if not rule:
        yield f"{guess.column}: {scalar(guess.heading)}"
    else:
        yield f"{guess.column}:"
        if "plus" in rule:
            yield f"  sum: {listed((guess.heading, rule['plus']))}"
        else:
            yield f"  column: {scalar(guess.heading)}"
        if "less" in rule:
            yield f"  less: {listed((rule['less'],))}"
        yield from (f"  {key}: {rule[key]}" for key in _RULES if key in rule)
    for other in guess.others:
        yield f"# {guess.column}: {comment(scalar(other))}"


def _rows(table: TableDraft, rules: RowRules, words: Words) -> Iterator[str]:
    if rules.statuses is not None:
        yield "sale_status:"
        yield from (f"  - {_counted(item, words)}" for item in rules.statuses["sale"])
        for group in ("no_sale", "unknown"):
            for item in rules.statuses[group]:
                told = words(f"intake.rows.{group}")
                yield f"  # - {comment(_counted(item, words))} – {told}"
    if rules.refunded:
        yield f"refunded: # {words('intake.rows.refunded')}"
        yield from (f"  - {_counted(item, words)}" for item in rules.refunded)
    if rules.not_customers or rules.house:
        yield f"not_customers: # {words('intake.rows.not_customers')}"
        yield from (f"  - {_counted(item, words)}" for item in rules.not_customers)
    for buyer in rules.house:
        told = words("intake.rows.house", orders=f"{buyer.orders:,}", share=f"{buyer.share:.1%}")
        yield f"  - {scalar(buyer.value)} # {told}"
    if rules.heavy:
        yield f"# {words('intake.rows.heavy')}"
        if not (rules.not_customers or rules.house):
            yield "# not_customers:"
        for buyer in rules.heavy:
            yield f"#   - {comment(scalar(buyer.value))} # {buyer.orders:,}"
    yield from _goods(table, rules, words)


def _goods(table: TableDraft, rules: RowRules, words: Words) -> Iterator[str]:
    starts = rules.recharge_starts if "order_id" in table.every_guess else ()
    if rules.not_goods or starts:
        yield f"not_goods: # {words('intake.rows.not_goods')}"
    if starts:
        yield f"  order_id_starts: {listed(starts)}"
    for column, items in rules.not_goods.items():
        yield f"  {column}:"
        yield from (f"    - {_counted(item, words)}" for item in items)
    for column, items in rules.maybe_not_goods.items():
        yield f"# {words('intake.rows.maybe_not_goods')}"
        if not (rules.not_goods or starts):
            yield "# not_goods:"
        yield f"#   {column}:"
        yield from (f"#     - {comment(_counted(item, words))}" for item in items)


def _counted(item: ValueCount, words: Words) -> str:
    told = words("intake.rows.counted", rows=f"{item.rows:,}", sum=money(item))
    return f"{scalar(item.value)} # {told}"


def _indented(lines: Iterable[str], by: int) -> Iterator[str]:
    return (" " * by + line for line in lines)
