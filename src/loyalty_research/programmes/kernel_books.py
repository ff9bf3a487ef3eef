"""What the ledger's loop writes down: movements of points, totals by month, the run-off."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled
from loyalty_research.programmes.kernel_codes import (
    CONVERT_IN,
    EARN,
    ERROR,
    ERROR_VALUE,
    EXPIRE,
    LIMIT,
    PARTS,
    POSTED,
    RETURN,
    SUM_TOO_LARGE,
    TOO_MANY_POINTS,
)
from loyalty_research.programmes.kernel_days import period_month
from loyalty_research.programmes.kernel_state import Member, Run


@compiled
def fail(run: Run, error: int, value: int) -> None:
    """Note the first thing that cannot be counted exactly; the loop then ends."""
    if run.counts[ERROR] == 0:
        run.counts[ERROR] = error
        run.counts[ERROR_VALUE] = value


@compiled
def tally(run: Run, member: Member, place: int, amount: int) -> None:
    """Add to a total of the month."""
    run.months[period_month(run, member.today), place] += amount


@compiled
def post(run: Run, member: Member, wallet: int, kind: int, code: int, points: int) -> None:
    """Write a movement of points into the books; below zero for what leaves the wallet."""
    month = period_month(run, member.today)
    purse = run.wallets[wallet]
    if abs(points) > LIMIT:
        fail(run, TOO_MANY_POINTS, points)
    if kind in (EARN, RETURN, CONVERT_IN):
        column = 0
        purse.earned += points
        amount = points
    else:
        amount = -points
        if kind == EXPIRE:
            column = 2
            purse.expired += amount
        else:
            column = 1
            purse.redeemed += amount
    before = run.months[month, 3 * wallet + column]
    run.months[month, 3 * wallet + column] = before + amount
    if amount > 0 and before + amount < before:
        fail(run, SUM_TOO_LARGE, amount)
    if run.settings[0].emit:
        row = run.postings[run.counts[POSTED]]
        row[0] = member.number
        row[1] = member.now
        row[2] = member.seq
        row[3] = wallet
        row[4] = kind
        row[5] = code
        row[6] = points
        row[7] = purse.usable + purse.pending - purse.debt
    run.counts[POSTED] += 1
    member.seq += 1


@compiled
def _run_off_row(run: Run, member: Member, wallet: int, month: int) -> int:
    """Return the row of a wallet, a part of the customers and a month of earning."""
    return (wallet * PARTS + member.part) * len(run.months) + month


@compiled
def enter(run: Run, member: Member, wallet: int, points: int) -> None:
    """Say that points earned this month stand in a wallet."""
    month = period_month(run, member.today)
    run.standing[wallet, month] += points
    run.run_off[_run_off_row(run, member, wallet, month), 0] += points


@compiled
def leave(run: Run, member: Member, wallet: int, points: int, kind: int) -> None:
    """Say of which month of earning points were that left: of the first that still stood."""
    purse = run.wallets[wallet]
    now = period_month(run, member.today)
    left = points
    month = purse.oldest
    while left > 0:
        gone = min(run.standing[wallet, month], left)
        run.standing[wallet, month] -= gone
        left -= gone
        row = _run_off_row(run, member, wallet, month)
        if kind == RETURN:
            run.run_off[row, 0] -= gone
        else:
            run.run_off[row, 1 + 2 * (now - month) + (kind == EXPIRE)] += gone
        if left > 0:
            month += 1
    purse.oldest = month
