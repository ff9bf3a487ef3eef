"""Points of the present programme brought into a design: as they are, or at equal worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.tiers.common import point_values
from loyalty_research.tiers.replays import Run

_GRAIN = 1e-9
"""Of a smallest unit: what floats may lack of a whole one."""


@dataclass(frozen=True, slots=True, eq=False)
class Balances:
    """Points by member and present wallet, before and after.

    Parameters
    ----------
    each
        A row a member and present wallet with points: customer_id, wallet, points, target (wallet
        of the design), worth, one_worth (as they are), equal (points), equal_worth. Worth in
        currency units, missing where a face value is unknown.
    before, after
        Share of points that are redeemed in the end, by wallet, in the two replays.
    """

    each: pd.DataFrame
    before: dict[str, float]
    after: dict[str, float]


def balances_of(main: Run, other: Run) -> Balances:
    """Return the points that members hold at the end, and what becomes of them.

    A wallet goes into the design's wallet of the same name, else into its first with a reward of
    known value. Points for levels are not brought over: the design counts its own.
    """
    targets = targets_of(main, other)
    held = main.ledger.balances
    held = held[(held["closing"] > 0) & held["wallet"].isin(targets)]
    units = held["wallet"].map(main.ledger.units).astype(float)
    into = held["wallet"].map(targets)
    points = held["closing"] / units
    worth = points * _mapped(held["wallet"], point_values(main))
    value = _mapped(into, point_values(other))
    grain = into.map(other.ledger.units).astype(float)
    equal = np.floor(worth / value * grain + _GRAIN) / grain
    one = np.floor(points * grain + _GRAIN) / grain
    frame = pd.DataFrame(
        {
            "customer_id": held["customer_id"],
            "wallet": held["wallet"],
            "points": points,
            "target": into,
            "worth": worth,
            "one": one,
            "one_worth": one * value,
            "equal": equal,
            "equal_worth": equal * value,
        }
    )
    return Balances(frame.reset_index(drop=True), redeemed_shares(main), redeemed_shares(other))


def targets_of(main: Run, other: Run) -> dict[str, str]:
    """Return the design's wallet that takes the points of each present wallet."""
    own = other.programme.wallets
    valued = [name for name, worth in point_values(other).items() if worth is not None]
    spendable = [name for name, wallet in own.items() if wallet.kind != "qualifying"]
    first = next(iter([*valued, *spendable]), None)
    found = {}
    for name, wallet in main.programme.wallets.items():
        target = name if name in (valued or spendable) else first
        if wallet.kind != "qualifying" and target is not None:
            found[name] = target
    return found


def redeemed_shares(run: Run) -> dict[str, float]:
    """Return points redeemed over those redeemed or expired, by wallet; 1 where none left."""
    sums = run.ledger.balances.groupby("wallet")[["redeemed", "expired"]].sum()
    left = sums.sum(axis=1)
    shares = (sums["redeemed"] / left).where(left > 0, 1.0)
    return {str(name): float(share) for name, share in shares.items()}


def points_of(main: Run, other: Run, balances: Balances) -> pd.DataFrame:
    """Return a row a present wallet: members with points, points and worth before and after."""
    targets = targets_of(main, other)
    old, new = point_values(main), point_values(other)
    rows = []
    for wallet, target in targets.items():
        own = balances.each[balances.each["wallet"] == wallet]
        names = main.programme.wallets[wallet].name
        rows.append(
            other.named()
            | {"wallet": wallet, "wallet_zh": names.zh, "wallet_en": names.en}
            | {
                "members": len(own),
                "value_before": _number(old[wallet]),
                "value_after": _number(new.get(target)),
                **{name: float(own[name].sum(min_count=1 if len(own) else 0)) for name in _SUMS},
            }
        )
    columns = [*other.named(), "wallet", "wallet_zh", "wallet_en", "members", "value_before",
               "value_after", *_SUMS]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


_SUMS = ("points", "worth", "one_worth", "equal", "equal_worth")


def _mapped(names: pd.Series[str], values: dict[str, float | None]) -> pd.Series[float]:
    return names.map({name: _number(value) for name, value in values.items()}).astype(float)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
