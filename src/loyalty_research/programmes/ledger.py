"""The ledger of a programme: what the replay of its rules brought every customer."""

from __future__ import annotations

import datetime as dt
import shutil
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from loyalty_research.engine import Context, connect
from loyalty_research.programmes import frames
from loyalty_research.programmes import kernel_codes as codes
from loyalty_research.programmes.batches import Replayed, refuse_inexact, whole_customers
from loyalty_research.programmes.kernel_state import MEMBER, Entries, Ints, Plan, new_run
from loyalty_research.programmes.schema import Programme


@dataclass(frozen=True, repr=False)
class Ledger:
    """What a programme's rules make of purchases as they were; no behaviour is assumed.

    Frames are sorted and hold at most a row a customer and wallet. Points are whole numbers of
    the wallet's smallest unit (``units``); money is in currency units.

    Parameters
    ----------
    programme, period, redemption, paid
        What was replayed, over which days, by which policy, with which paid level.
    units
        Smallest units of a point, by wallet.
    notes
        Counted decisions: entries without_customer, outside_period, of unknown_customers,
        before_joining; customers with unknown_joined or only_returns; orders whose observed
        points the balance lacked (observed_short).
    never_met
        Rules with a condition on a column that the rows do not have.
    context
        What is known about the rows.
    """

    programme: Programme
    period: tuple[dt.date, dt.date]
    redemption: str
    paid: str | None
    notes: dict[str, int]
    never_met: tuple[str, ...]
    context: Context
    plan: Plan = field(compare=False)
    done: Replayed = field(compare=False)
    batches: Callable[[], Iterator[pa.RecordBatch]] = field(compare=False)

    def __repr__(self) -> str:
        start, end = self.period
        return (
            f"Ledger({self.programme.id}, {start}..{end}, redemption={self.redemption!r}, "
            f"{len(self.done.members)} members)"
        )

    @property
    def currency(self) -> str:
        """Currency of the programme's amounts."""
        return self.programme.currency

    @property
    def units(self) -> dict[str, int]:
        """Smallest units of a point, by wallet."""
        return {name: 10**wallet.decimals for name, wallet in self.programme.wallets.items()}

    @cached_property
    def balances(self) -> pd.DataFrame:
        """Opening + earned - redeemed - expired = closing, by customer and wallet."""
        return frames.balances(self.programme, self.done)

    @cached_property
    def tiers(self) -> pd.DataFrame:
        """Level of each member at the end, since when, and its last day without grace."""
        return frames.tiers(self.programme, self.done)

    @cached_property
    def customers(self) -> pd.DataFrame:
        """One row a member: purchases, levels, first reward, redemptions, their value and cost."""
        return frames.customers(self.programme, self.done)

    @cached_property
    def months(self) -> pd.DataFrame:
        """Points earned, redeemed, expired and held at the end, by month and wallet."""
        return frames.months(self.programme, self.plan, self.done.book.wallet_months)

    @cached_property
    def members(self) -> pd.DataFrame:
        """Members by level at the end of each month."""
        return frames.members(self.programme, self.plan, self.done.book.moves)

    @cached_property
    def moves(self) -> pd.DataFrame:
        """Moves between levels by month; from_tier is empty for joining."""
        return frames.moves(self.programme, self.plan, self.done.book.moves)

    @cached_property
    def activity(self) -> pd.DataFrame:
        """Orders, net sales, joining and birthdays by month and level at that moment."""
        return frames.activity(self.programme, self.plan, self.done.book.activity)

    @cached_property
    def rewards(self) -> pd.DataFrame:
        """Redemptions by month and reward, their points, face value and cost (NaN: unknown)."""
        return frames.rewards(self.programme, self.plan, self.done.book.taken)

    @cached_property
    def earned(self) -> pd.DataFrame:
        """Postings and points by month, rule and wallet, before what returns took back."""
        return frames.earned(self.programme, self.plan, self.done.book.pay_months)

    @cached_property
    def reminders(self) -> pd.DataFrame:
        """Messages that would have been sent, by month and kind."""
        return frames.reminders(self.plan, self.done.book.reminded)

    @cached_property
    def run_off(self) -> pd.DataFrame:
        """What became of points by month of earning, part of the customers, and age in months."""
        return frames.run_off(self.programme, self.plan, self.done)

    @cached_property
    def cost(self) -> pd.DataFrame:
        """Cost of points and benefits, item by item."""
        from loyalty_research.programmes.cost import cost_of

        return cost_of(self)

    @cached_property
    def postings(self) -> ir.Table:
        """Every movement of points, as a lazy table; written to disk on first use.

        Columns customer_id, at, seq, wallet, kind, rule (the rule, reward or conversion), points
        (below zero for what leaves), balance after it.
        """
        folder = mkdtemp(prefix="loyalty-postings-")
        backend = connect()
        weakref.finalize(backend, shutil.rmtree, folder, ignore_errors=True)
        path = Path(folder, "postings.parquet")
        write_postings(self, path)
        return backend.read_parquet(str(path)).order_by("customer_id", "seq")


def write_postings(ledger: Ledger, path: Path) -> None:
    """Replay again, and write the postings customer by customer to a Parquet file."""
    plan = ledger.plan
    writer = None
    try:
        for ids, entries in whole_customers(ledger.batches()):
            table = _table(ledger.programme, ids, _postings(plan, entries))
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
        if writer is None:
            empty = np.zeros((0, 8), dtype=np.int64)
            none = pa.array([], type=pa.int64())
            pq.write_table(_table(ledger.programme, none, empty), path)
    finally:
        if writer is not None:
            writer.close()


def _postings(plan: Plan, entries: Entries) -> Ints:
    """Return the postings of some customers: counted first, so that they find room."""
    from loyalty_research.programmes.kernel import replay_customers

    customers = len(entries.starts) - 1
    accounts = np.zeros((customers, len(plan.wallets), 4), dtype=np.int64)
    run = new_run(plan)
    replay_customers(run, entries, np.zeros(customers, dtype=MEMBER), accounts)
    refuse_inexact(run.counts)
    again = new_run(plan, postings=int(run.counts[codes.POSTED]))
    replay_customers(again, entries, np.zeros(customers, dtype=MEMBER), accounts)
    return again.postings


def _table(programme: Programme, ids: pa.Array, rows: Ints) -> pa.Table:
    kinds = rows[:, 4]
    conversions = [rule.id for rule in programme.conversions]
    named = {
        codes.EARN: [rule.id for rule in programme.earn],
        codes.RETURN: [rule.id for rule in programme.earn],
        codes.REDEEM: [*(reward.id for reward in programme.rewards), frames.OBSERVED],
        codes.CONVERT_OUT: conversions,
        codes.CONVERT_IN: conversions,
    }
    rules = np.full(len(rows), "", dtype=object)
    for kind, names in named.items():
        chosen = kinds == kind
        rules[chosen] = np.array(names, dtype=object)[rows[chosen, 5]]
    wallets = np.array(list(programme.wallets), dtype=object)[rows[:, 3]]
    return pa.table(
        {
            "customer_id": ids.take(pa.array(rows[:, 0])),
            "at": pa.array(rows[:, 1]).cast(pa.timestamp("us")),
            "seq": rows[:, 2],
            "wallet": pa.array(wallets, pa.string()),
            "kind": pa.array(np.array(codes.KINDS, dtype=object)[kinds], pa.string()),
            "rule": pa.array(rules, pa.string()),
            "points": rows[:, 6],
            "balance": rows[:, 7],
        }
    )
