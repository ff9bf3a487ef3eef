"""Levels that cannot be: unreachable, overlapping, or kept by rules that clash."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from loyalty_research.errors import Problem, problem
from loyalty_research.programmes.reach import days_of_months, most_points, plain
from loyalty_research.programmes.schema import Level, Programme, Tiers


def check_levels(programme: Programme) -> Iterator[Problem]:
    """Yield what is wrong with the levels of a programme, and how they are kept."""
    if programme.tiers is None:
        return
    yield from _metric(programme, programme.tiers)
    yield from _keeping(programme.tiers)
    yield from _base(programme.tiers.levels[0])
    yield from _rising(programme.tiers)
    yield from _led_to(programme, programme.tiers)
    yield from _within_reach(programme, programme.tiers)


def _metric(programme: Programme, tiers: Tiers) -> Iterator[Problem]:
    if (tiers.metric == "wallet") != (tiers.wallet is not None):
        yield problem(
            "tiers.wallet: found {found} with metric: {metric}; allowed: a wallet with metric: "
            "wallet, and only there",
            found=tiers.wallet or "nothing",
            metric=tiers.metric,
        )
    wallet = programme.wallets.get(tiers.wallet or "")
    counted = tiers.metric in ("orders", "visits")
    places = 0 if counted else wallet.decimals if wallet else None
    for level in tiers.levels:
        for key in ("threshold", "requalify", "for_life_at"):
            found = getattr(level, key)
            if found is not None and places is not None and found != round(found, places):
                yield problem(
                    "tiers.levels.{level}.{key}: found {found}; allowed: {metric} is counted "
                    "with {places} decimal places",
                    level=level.id,
                    key=key,
                    found=plain(found),
                    metric=tiers.wallet or tiers.metric,
                    places=places,
                )


def _keeping(tiers: Tiers) -> Iterator[Problem]:
    """Yield settings of window, upgrade and validity that do not go together."""
    kind, validity = tiers.window.kind, tiers.validity
    clashes = (
        (validity.kind == "while" and kind != "rolling", "validity.kind", "while", "kind: rolling"),
        (
            validity.kind == "while" and tiers.upgrade == "period_end",
            "upgrade",
            "period_end",
            "upgrade: at_once with validity while",
        ),
        (
            validity.kind == "while" and tiers.soft_landing,
            "soft_landing",
            "true",
            "false with validity while",
        ),
        (
            validity.kind == "while" and bool(tiers.grace_days),
            "grace_days",
            str(tiers.grace_days),
            "0 with validity while",
        ),
        (
            bool(validity.windows) and validity.kind != "window",
            "validity.windows",
            str(validity.windows),
            "windows with kind: window only",
        ),
    )
    for wrong, key, found, allowed in clashes:
        if wrong:
            yield problem(
                "tiers.{key}: found {found}; allowed: {allowed}",
                key=key,
                found=found,
                allowed=allowed,
            )
    if validity.kind == "while":
        for level in tiers.levels:
            if level.requalify is not None:
                yield problem(
                    "tiers.levels.{level}.requalify: found {found}; allowed: none with validity "
                    "while, which keeps a level by its threshold",
                    level=level.id,
                    found=plain(level.requalify),
                )


def _base(level: Level) -> Iterator[Problem]:
    if level.threshold:
        yield problem(
            "tiers.levels.{level}.threshold: found {found}; allowed: 0 for the first level, which "
            "every member has",
            level=level.id,
            found=plain(level.threshold),
        )


def _rising(tiers: Tiers) -> Iterator[Problem]:
    """Yield thresholds that do not rise, and levels that are harder to keep than to reach."""
    below: Level | None = None
    for level in tiers.levels:
        if level.threshold is None:
            continue
        if below is not None and below.threshold is not None and level.threshold <= below.threshold:
            yield problem(
                "tiers.levels.{level}.threshold: found {found}; allowed: above {least}, where "
                "{below} begins",
                level=level.id,
                found=plain(level.threshold),
                least=plain(below.threshold),
                below=below.id,
            )
        if level.requalify is not None and level.requalify > level.threshold:
            yield problem(
                "tiers.levels.{level}.requalify: found {found}; allowed: at most the threshold, "
                "{most}",
                level=level.id,
                found=plain(level.requalify),
                most=plain(level.threshold),
            )
        if below is not None and _keeps(level) < _keeps(below):
            yield problem(
                "tiers.levels.{level}.requalify: found {found}; allowed: at least {least}, which "
                "keeps {below}",
                level=level.id,
                found=plain(_keeps(level)),
                least=plain(_keeps(below)),
                below=below.id,
            )
        if level.for_life_at is not None and level.for_life_at < level.threshold:
            yield problem(
                "tiers.levels.{level}.for_life_at: found {found}; allowed: at least the "
                "threshold, {least}",
                level=level.id,
                found=plain(level.for_life_at),
                least=plain(level.threshold),
            )
        below = level


def _keeps(level: Level) -> Decimal:
    kept = level.threshold if level.requalify is None else level.requalify
    return kept or Decimal(0)


def _led_to(programme: Programme, tiers: Tiers) -> Iterator[Problem]:
    """Yield levels that nothing leads to; a card may know no more than their names."""
    for level in tiers.levels[1:] if programme.status == "replayable" else ():
        ways = (level.threshold is not None, level.granted_by, level.fee, level.for_life_at)
        if not any(ways):
            yield problem(
                "tiers.levels.{level}: nothing leads to it; allowed: a threshold, granted_by, "
                "a fee or for_life_at",
                level=level.id,
            )


def _within_reach(programme: Programme, tiers: Tiers) -> Iterator[Problem]:
    if tiers.metric == "spend" or programme.status != "replayable":
        return
    months = None if tiers.window.kind == "lifetime" else tiers.window.months
    days = None if months is None else days_of_months(months)
    if tiers.metric == "wallet":
        most = most_points(programme, tiers.wallet or "", days)
    else:
        most = None if tiers.metric == "orders" or days is None else Decimal(days)
    for level in tiers.levels:
        if most is not None and level.threshold is not None and level.threshold > most:
            yield problem(
                "tiers.levels.{level}.threshold: found {found}; allowed: at most {most}, all that "
                "can be gained within the window",
                level=level.id,
                found=plain(level.threshold),
                most=plain(most),
            )
