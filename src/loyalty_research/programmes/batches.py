"""Sorted batches of entries, cut between customers, through the ledger's loop.

Neither floor nor engine matters here: whoever brings entries of whole customers, sorted, gets the
same totals; the totals of parts of the customers add up to those of all.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loyalty_research.errors import DataError, problem
from loyalty_research.programmes import kernel_codes as codes
from loyalty_research.programmes.kernel_state import (
    ENTRY,
    MEMBER,
    Book,
    Entries,
    Ints,
    Plan,
    Records,
    book_of,
    new_run,
)

_MESSAGES = {
    codes.TOO_MANY_POINTS: (
        "programme: one entry moves {found:,} points (in the wallet's smallest unit); "
        "allowed: at most {most:,}"
    ),
    codes.TOO_MUCH_MONEY: (
        "programme: an amount of {money:,} brings more points or value than can be counted "
        "exactly; give fewer points for it"
    ),
    codes.SUM_TOO_LARGE: (
        "programme: the points of a month cannot be added up exactly; the last amount was {found:,}"
    ),
}


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the loop returns for some customers.

    Parameters
    ----------
    customers
        Identifiers of those who joined.
    members
        A row each, fields of :data:`kernel_state.MEMBER`.
    accounts
        ``[customers, wallets, 4]``: earned, redeemed, expired, closing.
    book
        Totals by month.
    """

    customers: pa.Array
    members: Records
    accounts: Ints
    book: Book


def replay_batches(batches: Iterable[pa.RecordBatch], plan: Plan) -> Replayed:
    """Replay entries of whole customers.

    Parameters
    ----------
    batches
        Entries sorted by :data:`loyalty_research.programmes.entries.SORTED_BY`; a customer's may
        stand in several batches.
    plan
        The programme as numbers.

    Returns
    -------
    Replayed
        Those who joined, in the order they came, and totals.

    Raises
    ------
    DataError
        Where an amount is too large to be counted exactly.
    """
    from loyalty_research.programmes.kernel import replay_customers

    run = new_run(plan)
    names, rows, sums = [], [], []
    for ids, entries in whole_customers(batches):
        members = np.zeros(len(ids), dtype=MEMBER)
        accounts = np.zeros((len(ids), len(plan.wallets), 4), dtype=np.int64)
        replay_customers(run, entries, members, accounts)
        refuse_inexact(run.counts)
        joined = members["joined"] != codes.NONE
        names.append(ids.filter(pa.array(joined)))
        rows.append(members[joined])
        sums.append(accounts[joined])
    customers = pa.chunked_array(names).combine_chunks() if names else pa.array([], pa.int64())
    return Replayed(
        customers=customers,
        members=np.concatenate([np.zeros(0, dtype=MEMBER), *rows]),
        accounts=np.concatenate([np.zeros((0, len(plan.wallets), 4), dtype=np.int64), *sums]),
        book=book_of(run),
    )


def together(parts: Iterable[Replayed]) -> Replayed:
    """Add up what was replayed of several parts of the customers."""
    given = list(parts)
    books = [part.book for part in given]
    totals = {name: sum(getattr(book, name) for book in books) for name in Book._fields}
    chunks = [part.customers for part in given]
    return Replayed(
        customers=pa.chunked_array(chunks).combine_chunks(),
        members=np.concatenate([part.members for part in given]),
        accounts=np.concatenate([part.accounts for part in given]),
        book=Book(**totals),
    )


def refuse_inexact(counts: Ints) -> None:
    """Raise an error that names the amount where the loop had to stop."""
    error = int(counts[codes.ERROR])
    if error:
        found = int(counts[codes.ERROR_VALUE])
        fields = {"found": found, "most": codes.LIMIT, "money": found / codes.E4}
        raise DataError(problem(_MESSAGES[error], **fields))


def whole_customers(
    batches: Iterable[pa.RecordBatch],
) -> Iterator[tuple[pa.Array, Entries]]:
    """Yield identifiers and entries of whole customers; the last of a batch waits for the next."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        if batch.num_rows == 0:
            continue
        cut = _last_change(batch)
        if held and (cut > 0 or batch["customer_id"][0] != held[0]["customer_id"][0]):
            yield _entries([*held, batch.slice(0, cut)])
            held = []
        elif cut > 0:
            yield _entries([batch.slice(0, cut)])
        held.append(batch.slice(cut) if cut else batch)
    if held:
        yield _entries(held)


def _last_change(batch: pa.RecordBatch) -> int:
    """Return where the last customer of a batch begins."""
    ends = pc.run_end_encode(batch["customer_id"]).run_ends
    return int(ends[-2].as_py()) if len(ends) > 1 else 0


def _entries(batches: list[pa.RecordBatch]) -> tuple[pa.Array, Entries]:
    table = pa.Table.from_batches(batches).combine_chunks()
    runs = pc.run_end_encode(table["customer_id"].chunk(0))
    rows = np.zeros(table.num_rows, dtype=ENTRY)
    rows["at"] = _ints(table["at"].cast(pa.timestamp("us")))
    rows["net"] = _ints(table["amount"])
    rows["partner"] = _ints(pc.not_equal(table["partner_name"], ""))
    for name in ("rank", "event", "used", "birthday"):
        rows[name] = _ints(table[name])
    asked = [name for name in table.column_names if name[0] == "a" and name[1:].isdigit()]
    answers = np.zeros((table.num_rows, len(asked)), dtype=np.int64)
    for number in range(len(asked)):
        answers[:, number] = _ints(table[f"a{number}"])
    return runs.values, Entries(
        starts=np.concatenate([[0], runs.run_ends.to_numpy()]).astype(np.int64),
        parts=_parts(runs.values),
        rows=rows,
        asked=answers,
    )


def _ints(column: pa.ChunkedArray) -> Ints:
    return column.cast(pa.int64()).to_numpy()


def _parts(ids: pa.Array) -> Ints:
    """Return a random part of the customers for each, the same in any partition of them."""
    parts = [zlib.crc32(str(name).encode()) % codes.PARTS for name in ids.to_pylist()]
    return np.array(parts, dtype=np.int64)
