"""What a redeemed point is worth to a member: the stand-alone selling price of a point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loyalty_research.errors import ParameterError, problem
from loyalty_research.programmes.schema import Programme


@dataclass(frozen=True, slots=True)
class PointPrice:
    """Value of a point of a wallet, in currency units, and where it was read.

    Parameters
    ----------
    value
        None where no reward's value is known.
    basis
        ``given``; ``redeemed``: face value by points of what was redeemed; ``catalogue``: of the
        reward with the highest value per point; ``unknown``.
    at_most
        Whether a reward it rests on has a published maximum only.
    """

    value: Decimal | None
    basis: str
    at_most: bool = False


def redeemable(programme: Programme) -> tuple[str, ...]:
    """Return the wallets that rewards are paid from, stored value left out, in file order."""
    paid_from = {reward.wallet for reward in programme.rewards}
    return tuple(
        name
        for name, wallet in programme.wallets.items()
        if name in paid_from and wallet.kind != "stored_value"
    )


def point_prices(ledger: Any, given: Any = None) -> dict[str, PointPrice]:
    """Return the value of a point, by redeemable wallet.

    Parameters
    ----------
    ledger
        A replayed programme.
    given
        Currency units for a point, or by wallet; None to read it from what was redeemed, or from
        the rewards.

    Raises
    ------
    ParameterError
        For an unknown wallet, or a value that is no number above zero.
    """
    wallets = redeemable(ledger.programme)
    if given is None:
        return {name: _read(ledger, name) for name in wallets}
    by_wallet = dict(given) if isinstance(given, Mapping) else dict.fromkeys(wallets, given)
    unknown = sorted(set(by_wallet) - set(wallets))
    if unknown:
        raise ParameterError(
            problem(
                "price_per_point: unknown wallet {found}; allowed: {allowed}",
                found=", ".join(unknown),
                allowed=", ".join(wallets) or "none",
            )
        )
    return {
        name: _given(by_wallet[name]) if name in by_wallet else _read(ledger, name)
        for name in wallets
    }


def _given(value: Any) -> PointPrice:
    try:
        price = Decimal(str(value))
    except ArithmeticError:
        price = Decimal(0)
    if isinstance(value, bool) or not price.is_finite() or price <= 0:
        raise ParameterError(
            problem(
                "price_per_point: found {found!r}; allowed: currency units for a point, above 0",
                found=value,
            )
        )
    return PointPrice(price, "given")


def _read(ledger: Any, wallet: str) -> PointPrice:
    rewards = {
        one.id: one
        for one in ledger.programme.rewards
        if one.wallet == wallet and (one.value is not None or one.percent is not None)
    }
    taken = ledger.rewards[ledger.rewards["reward"].isin(rewards)]
    unit = ledger.units[wallet]
    if len(taken) and float(taken["value"].sum()) > 0:
        value = Decimal(str(round(float(taken["value"].sum()), 4)))
        points = Decimal(int(taken["points"].sum())) / unit
        bounded = any(rewards[name].value_is == "at_most" for name in taken["reward"].unique())
        return PointPrice(value / points, "redeemed", bounded)
    best = max(_catalogue(rewards.values()), default=None)
    if best is None:
        return PointPrice(None, "unknown")
    return PointPrice(best[0], "catalogue", best[1])


def _catalogue(rewards: Any) -> Iterator[tuple[Decimal, bool]]:
    for reward in rewards:
        if reward.value:
            yield reward.value / reward.points, reward.value_is == "at_most"
