"""``loyalty new``: begin a brand from the files it was sent with."""

from __future__ import annotations

import argparse
import re
import shlex
from functools import partial
from typing import TYPE_CHECKING

from loyalty_research.cli.check import stage
from loyalty_research.cli.columns import aligned
from loyalty_research.cli.words import text, text_in, ui
from loyalty_research.errors import sentence

if TYPE_CHECKING:
    from loyalty_research.intake.draft import TableDraft
    from loyalty_research.intake.proof import Totals
    from loyalty_research.intake.recognise import Guess
    from loyalty_research.intake.start import Started

_TABLES = (
    "transactions",
    "orders",
    "lines",
    "products",
    "customers",
    "stores",
    "survey",
    "feedback",
    "events",
    "points",
    "campaigns",
    "market",
)
_GUESSES = ("column", "heading", "confidence", "reason")


def add_new(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Add the command to the parser."""
    new = commands.add_parser("new", help=text("help.new"), description=text("help.new_long"))
    new.add_argument("brand", metavar="BRAND", help=text("help.new_brand"))
    for name in _TABLES:
        new.add_argument(f"--{name}", nargs="+", metavar="FILE", help=text(f"help.new_{name}"))
    new.add_argument("--name", metavar="ZH/EN", help=text("help.new_name"))
    new.add_argument("--currency", default="CNY", metavar="CODE", help=text("help.new_currency"))
    new.add_argument(
        "--timezone", default="Asia/Shanghai", metavar="ZONE", help=text("help.new_timezone")
    )
    new.add_argument("--language", choices=("zh", "en"), help=text("help.new_language"))
    new.add_argument(
        "--date-order", choices=("ymd", "mdy", "dmy"), help=text("help.new_date_order")
    )
    new.add_argument("--sheet", nargs="+", default=[], metavar="NAME", help=text("help.new_sheet"))
    new.add_argument(
        "--column",
        action="append",
        default=[],
        type=_column,
        metavar="[TABLE.]COLUMN=HEADING",
        help=text("help.new_column"),
    )
    new.add_argument(
        "--sale-status", nargs="+", default=[], metavar="VALUE", help=text("help.new_sale_status")
    )
    new.add_argument("--preview", action="store_true", help=text("help.new_preview"))
    new.add_argument("--force", action="store_true", help=text("help.new_force"))


def _column(given: str) -> tuple[str, str, str]:
    place, equals, heading = given.partition("=")
    table, dot, column = place.rpartition(".")
    if not equals or not heading or not column:
        msg = f"found {given!r}; allowed: [table.]column=heading"
        raise argparse.ArgumentTypeError(msg)
    return (table if dot else "transactions", column, heading)


def new_brand(arguments: argparse.Namespace) -> int:
    """Begin a brand; return 0, or 2 where its data has to be corrected first."""
    from loyalty_research.intake import Choices, Request, start_brand

    columns: dict[str, dict[str, str]] = {}
    for table, column, heading in arguments.column:
        columns.setdefault(table, {})[column] = heading
    files = {name: tuple(given) for name in _TABLES if (given := getattr(arguments, name))}
    started = start_brand(
        Request(
            brand=arguments.brand,
            files=files,
            name=arguments.name,
            currency=arguments.currency,
            choices=Choices(arguments.timezone, arguments.date_order, columns),
            sheets=tuple(arguments.sheet),
            sale_status=tuple(arguments.sale_status),
            preview=arguments.preview,
            force=arguments.force,
        ),
        partial(text_in, arguments.language or ui()),
        say=stage,
    )
    print(started_text(started))
    return 2 if started.problems else 0


def started_text(started: Started) -> str:
    """Return what was guessed, what to look at, the totals, and what to do next."""
    from loyalty_research.intake import remarks

    parts = []
    for table in started.draft.tables.values():
        parts += [_table_text(item) for item in (table, table.orders) if item is not None]
    told = [item.worded(text) for item in remarks(started.draft)]
    if told:
        parts.append("\n".join([text("new.look"), *(f"- {line}" for line in told)]))
    if started.totals is not None:
        parts.append(_totals_text(started.totals, started.draft.currency))
    if started.problems:
        lines = [f"- {sentence(item, ui())}" for item in started.problems]
        parts.append("\n".join([text("new.correct"), *lines]))
    parts.append(_next(started))
    return "\n\n".join(parts)


def _table_text(table: TableDraft) -> str:
    files = ", ".join(table.source.given)
    head = text("new.table", table=table.name, rows=f"{_rows(table):,}", files=files)
    if table.system is not None:
        head += text("new.system", system=table.system.named.worded(text))
    rows = [_guess_row(item) for item in table.guesses.values()]
    return head + "\n" + aligned([text(f"new.{name}") for name in _GUESSES], rows)


def _guess_row(guess: Guess) -> tuple[str, str, str, str]:
    rule = guess.rule
    heading = guess.heading
    heading += f" + {rule['plus']}" if "plus" in rule else ""
    heading += f" − {rule['less']}" if "less" in rule else ""
    reason = text("new.and").join(item.worded(text) for item in guess.notes)
    return (guess.column, heading, text(f"intake.confidence.{guess.confidence}"), reason)


def _rows(table: TableDraft) -> int:
    return int(table.source.converted.rows)


def _totals_text(totals: Totals, currency: str) -> str:
    rows = [
        (text("new.orders"), f"{totals.orders:,}"),
        (text("new.net_sales"), f"{totals.net_sales:,.2f} {currency}"),
    ]
    if totals.buyers is not None:
        share = totals.identified / totals.orders if totals.orders and totals.identified else 0.0
        rows += [
            (text("new.identified"), f"{totals.identified:,} ({share:.1%})"),
            (text("new.buyers"), f"{totals.buyers:,}"),
        ]
    if totals.repurchase_rate is not None:
        rows.append((text("new.repurchase_rate"), f"{totals.repurchase_rate:.1%}"))
    head = text("new.totals", start=totals.start, end=totals.end)
    return head + "\n" + aligned(["", ""], rows, right=(1,)).lstrip("\n")


def _next(started: Started) -> str:
    from loyalty_research.brand import shown

    brand = started.draft.brand
    if not re.fullmatch(r"[\w.-]+", brand):
        brand = shlex.quote(brand)
    if started.path is None:
        return text("new.previewed")
    key = "new.next_correct" if started.problems else "new.next"
    return text(key, file=shown(started.path), brand=brand)
