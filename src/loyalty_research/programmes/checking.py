"""What a programme file says that cannot be: names that stand for nothing, rules without a source.

Levels are checked in ``checking_levels``, points and rewards in ``checking_points``.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import pairwise

from loyalty_research.errors import Problem, problem
from loyalty_research.programmes.checking_levels import check_levels
from loyalty_research.programmes.checking_points import check_points
from loyalty_research.programmes.fields import Rule
from loyalty_research.programmes.schema import Programme


def check_programme(programme: Programme) -> Iterator[Problem]:
    """Yield everything that is wrong with a programme although each of its keys is right."""
    yield from _names(programme)
    yield from _ids(programme)
    yield from _sources(programme)
    yield from _dates(programme)
    if programme.status == "replayable" and not programme.earn:
        yield problem(
            "earn: missing; a programme that earns nothing cannot be replayed; "
            "allowed: rules, or status: card"
        )
    yield from check_levels(programme)
    yield from check_points(programme)


def check_family(programmes: Iterable[Programme]) -> Iterator[Problem]:
    """Yield the states of one programme over time that hold at the same time."""
    told = sorted(programmes, key=lambda item: span(item))
    for earlier, later in pairwise(told):
        if span(later)[0] <= span(earlier)[1]:
            yield problem(
                "family {family}: {earlier} holds to {end} and {later} from {start}; "
                "allowed: one state at a time, by effective_from and effective_to",
                family=str(later.family),
                earlier=earlier.id,
                end=earlier.effective_to or "today",
                later=later.id,
                start=later.effective_from or "the beginning",
            )


def rules_of(programme: Programme) -> Iterator[tuple[str, Rule]]:
    """Yield every rule with its key in the file, such as ``rewards.coffee``."""
    levels = programme.tiers.levels if programme.tiers else ()
    for section, rules in (
        ("earn", programme.earn),
        ("conversions", programme.conversions),
        ("tiers.levels", levels),
        ("rewards", programme.rewards),
        ("benefits", programme.benefits),
        ("mechanics", programme.mechanics),
    ):
        for rule in rules:
            yield f"{section}.{rule.id}", rule


def span(programme: Programme) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a programme; the ends of time where it does not tell."""
    start, end = programme.effective_from, programme.effective_to
    return _day(start, last=False) if start else dt.date.min, (
        _day(end, last=True) if end else dt.date.max
    )


def _day(text: str, *, last: bool) -> dt.date:
    """Return the first or last day of a year, month or day."""
    year, month, day = (*(int(part) for part in text.split("-")), 0, 0)[:3]
    month = month or (12 if last else 1)
    return dt.date(year, month, day or (calendar.monthrange(year, month)[1] if last else 1))


def _names(programme: Programme) -> Iterator[Problem]:
    levels = [level.id for level in programme.tiers.levels] if programme.tiers else []
    wallets, partners = list(programme.wallets), list(programme.partners)
    for key, names in _uses_of_wallets(programme):
        yield from _known(key, names, wallets, "wallets of this programme")
    for key, names in _uses_of_levels(programme):
        yield from _known(key, names, levels, "levels of this programme")
    for section, rules in (("earn", programme.earn), ("rewards", programme.rewards)):
        for rule in rules:
            key, named = f"{section}.{rule.id}.partner", [rule.partner] if rule.partner else []
            yield from _known(key, named, partners, "partners of this programme")


def _uses_of_wallets(programme: Programme) -> Iterator[tuple[str, Iterable[str]]]:
    for rule in programme.earn:
        yield f"earn.{rule.id}.wallets", rule.wallets
    for move in programme.conversions:
        yield f"conversions.{move.id}.source_wallet", [move.source_wallet]
        yield f"conversions.{move.id}.target_wallet", [move.target_wallet]
    for reward in programme.rewards:
        yield f"rewards.{reward.id}.wallet", [reward.wallet]
    if programme.tiers and programme.tiers.wallet:
        yield "tiers.wallet", [programme.tiers.wallet]


def _uses_of_levels(programme: Programme) -> Iterator[tuple[str, Iterable[str]]]:
    for name, wallet in programme.wallets.items():
        yield f"wallets.{name}.expiry.never_for", wallet.expiry.never_for
    for rule in programme.earn:
        yield f"earn.{rule.id}.by_tier", rule.by_tier
        yield f"earn.{rule.id}.where.tiers", rule.where.tiers
    for reward in programme.rewards:
        yield f"rewards.{reward.id}.where.tiers", reward.where.tiers
    for benefit in programme.benefits:
        yield f"benefits.{benefit.id}.tiers", benefit.tiers


def _known(key: str, names: Iterable[str], known: list[str], what: str) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            yield problem(
                "{key}: found {found}; allowed: {what}: {known}{near}",
                key=key,
                found=repr(name),
                what=what,
                known=", ".join(known) or "none",
                near=f"; did you mean {near[0]!r}?" if near else "",
            )


def _ids(programme: Programme) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key, rule in rules_of(programme):
        if rule.id in seen:
            yield problem(
                "{key}: the id stands for {first} as well; allowed: an id for one rule",
                key=key,
                first=seen[rule.id],
            )
        seen.setdefault(rule.id, key)


def _sources(programme: Programme) -> Iterator[Problem]:
    """Yield sources that are not listed, and published rules that name none."""
    for key, sources, told in _sourced(programme):
        listed = list(programme.sources)
        yield from _known(f"{key}.source", sources, listed, "sources of this programme")
        if programme.origin == "published" and not told:
            yield problem(
                "{key}: neither source nor assumed; allowed: for origin: published at least one "
                "of them with every rule",
                key=key,
            )


def _sourced(programme: Programme) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Yield key, sources, and whether it is sourced or said to be assumed."""
    for name, wallet in programme.wallets.items():
        expiry = wallet.expiry
        yield f"wallets.{name}.expiry", expiry.source, bool(expiry.source or expiry.assumed)
    for key, rule in rules_of(programme):
        yield key, rule.source, bool(rule.source or rule.assumed)
    for name, partner in programme.partners.items():
        yield f"partners.{name}", partner.source, bool(partner.source)
    if programme.tiers is None:
        return
    yield "tiers", programme.tiers.source, bool(programme.tiers.source or programme.tiers.assumed)
    for level in programme.tiers.levels:
        if level.fee:
            sources = level.fee.source
            yield f"tiers.levels.{level.id}.fee", sources, bool(sources or level.source)


def _dates(programme: Programme) -> Iterator[Problem]:
    for key in ("effective_from", "effective_to"):
        text = getattr(programme, key)
        try:
            _ = text and _day(text, last=False)
        except ValueError:
            yield problem(
                "{key}: found {found}; allowed: {allowed}",
                key=key,
                found=repr(text),
                allowed="a year, month or day such as 2024-12-31",
            )
            return
    start, end = span(programme)
    if end < start:
        yield problem(
            "effective_to: found {end}; allowed: a day from effective_from ({start}) on",
            end=str(programme.effective_to),
            start=str(programme.effective_from),
        )
