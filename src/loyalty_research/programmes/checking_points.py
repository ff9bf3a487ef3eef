"""Points that cannot be: turned in a circle, gone before use, or too few for any reward."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from loyalty_research.errors import Problem, problem
from loyalty_research.programmes.reach import longest_life, most_points, plain
from loyalty_research.programmes.schema import Earn, Programme, Reward, Wallet


def check_points(programme: Programme) -> Iterator[Problem]:
    """Yield what is wrong with wallets, expiry, conversions and rewards of a programme."""
    yield from _units(programme)
    yield from _circles(programme)
    yield from _gone_before_use(programme)
    for reward in programme.rewards:
        yield from _buyable(programme, reward)


def _units(programme: Programme) -> Iterator[Problem]:
    """Yield numbers of points that no whole number of a wallet's smallest unit makes."""
    for key, points, name in _fixed_points(programme):
        wallet = programme.wallets.get(name)
        if wallet is not None and points != round(points, wallet.decimals):
            yield problem(
                "{key}: found {found}; allowed: a number with at most {places} decimal places, "
                "the decimals of wallet {wallet}",
                key=key,
                found=plain(points),
                places=wallet.decimals,
                wallet=name,
            )


def _fixed_points(programme: Programme) -> Iterator[tuple[str, Decimal, str]]:
    for reward in programme.rewards:
        yield f"rewards.{reward.id}.points", reward.points, reward.wallet
    for move in programme.conversions:
        yield f"conversions.{move.id}.take", move.take, move.source_wallet
        yield f"conversions.{move.id}.give", move.give, move.target_wallet
    for rule in programme.earn:
        for wallet in rule.wallets:
            if rule.cap:
                yield f"earn.{rule.id}.cap.points", rule.cap.points, wallet
            if rule.cap_per_order:
                yield f"earn.{rule.id}.cap_per_order", rule.cap_per_order, wallet
            if _counts_times(rule):
                yield f"earn.{rule.id}.points", rule.points, wallet
                for level, points in rule.by_tier.items():
                    yield f"earn.{rule.id}.by_tier.{level}", points, wallet


def _counts_times(rule: Earn) -> bool:
    """Tell whether it gives the same points each time, so that a fraction is lost each time."""
    return rule.per in ("order", "visit") or rule.on in ("join", "birthday")


def _circles(programme: Programme) -> Iterator[Problem]:
    """Yield wallets that are turned into each other in a circle, each circle once."""
    leads: dict[str, list[str]] = {}
    for move in programme.conversions:
        leads.setdefault(move.source_wallet, []).append(move.target_wallet)
    told: set[frozenset[str]] = set()
    for start in leads:
        circle = _circle(start, leads, (start,))
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            yield problem(
                "conversions: {circle} is a circle; allowed: conversions that lead on, never back",
                circle=" -> ".join(circle),
            )


def _circle(start: str, leads: dict[str, list[str]], path: tuple[str, ...]) -> tuple[str, ...]:
    for target in leads.get(path[-1], ()):
        if target == start:
            return (*path, target)
        if target not in path and (found := _circle(start, leads, (*path, target))):
            return found
    return ()


def _gone_before_use(programme: Programme) -> Iterator[Problem]:
    for rule in programme.earn:
        for name in rule.wallets:
            wallet = programme.wallets.get(name)
            life = longest_life(wallet.expiry) if wallet else None
            if life is not None and rule.pending_days > life:
                yield problem(
                    "earn.{rule}.pending_days: found {found}; allowed: at most {life}, the days "
                    "after which points of {wallet} are gone",
                    rule=rule.id,
                    found=rule.pending_days,
                    life=life,
                    wallet=name,
                )
    for move in programme.conversions:
        wallet = programme.wallets.get(move.source_wallet)
        if move.at != "once" and wallet and longest_life(wallet.expiry) == 0:
            yield problem(
                "conversions.{move}.at: found {found}; allowed: once, as points of {wallet} last "
                "for the day of earning only",
                move=move.id,
                found=move.at,
                wallet=move.source_wallet,
            )


def _buyable(programme: Programme, reward: Reward) -> Iterator[Problem]:
    """Yield why a reward could never be bought."""
    wallet = programme.wallets.get(reward.wallet)
    if reward.most_of_order == 0:
        yield problem(
            "rewards.{reward}.most_of_order: found 0; allowed: above 0; it could never be bought",
            reward=reward.id,
        )
    if wallet is None or programme.status != "replayable":
        return
    if wallet.kind == "qualifying":
        yield problem(
            "rewards.{reward}.wallet: found {wallet}; allowed: a wallet that is not qualifying, "
            "whose points count for levels and buy nothing",
            reward=reward.id,
            wallet=reward.wallet,
        )
    fed = [name for rule in programme.earn for name in rule.wallets]
    fed += [move.target_wallet for move in programme.conversions]
    if reward.wallet not in fed:
        yield problem(
            "rewards.{reward}.wallet: found {wallet}; allowed: a wallet that a rule earns; no rule "
            "earns this one",
            reward=reward.id,
            wallet=reward.wallet,
        )
        return
    most = most_points(programme, reward.wallet, _living_together(wallet))
    if most is not None and reward.points > most:
        yield problem(
            "rewards.{reward}.points: found {found}; allowed: at most {most}, all that a member "
            "can hold at once; it could never be bought",
            reward=reward.id,
            found=plain(reward.points),
            most=plain(most),
        )


def _living_together(wallet: Wallet) -> int | None:
    """Return the days within which points must be earned to be held at the same time."""
    life = longest_life(wallet.expiry)
    return None if life is None or wallet.expiry.rule == "inactivity" else life + 1
