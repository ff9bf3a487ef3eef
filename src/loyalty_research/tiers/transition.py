"""What happens to points and levels on the day a new design takes the place of the programme."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import pandas as pd

from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Finding, Value
from loyalty_research.programmes.schema import Programme
from loyalty_research.results import Result
from loyalty_research.stats import proportion
from loyalty_research.tiers.common import empty, given, named, result, state, withheld
from loyalty_research.tiers.replays import AT_ONCE, Replays, Run
from loyalty_research.tiers.replays import replays as replay_all
from loyalty_research.tiers.transition_options import options_of
from loyalty_research.tiers.transition_points import balances_of, points_of
from loyalty_research.tiers.transition_protection import protection_of
from loyalty_research.tiers.transition_rows import SECTION, landing_of, landings
from loyalty_research.tiers.transition_views import transition_charts, transition_tables

_MOST_MONTHS = 36


def transition(
    brand: Any,
    programmes: Any = None,
    *,
    replays: Replays | None = None,
    protect_months: int = 12,
    redemption: str = AT_ONCE,
    period: Any = None,
) -> Result:
    """Tell what members would keep, gain and lose on the day a design replaces the programme.

    Parameters
    ----------
    brand
        An opened brand that runs a programme.
    programmes
        Designs: one, or several; None for the brand's candidates.
    replays
        What :func:`replays` returned; the present programme is taken from it, and with
        ``programmes`` None the designs too.
    protect_months
        How long nobody falls, where levels are protected; 1 to 36.
    redemption, period
        As in :func:`replays`.

    Returns
    -------
    Result
        Frames ``summary`` (a row a design and way of bringing balances over: members who fall,
        members whose points are worth less, worth and liability of the points before and after,
        cost of protecting), ``levels`` (members of each present level who stay, rise or fall under
        the new thresholds, and what protecting those who fall costs) and ``points`` (by present
        wallet: points brought over, as they are and at equal worth, and what they are worth). One
        finding says so where the brand runs no programme.

    Raises
    ------
    ParameterError
        For a length of protection that is not allowed, or a programme in another currency.

    Notes
    -----
    Everything is read from two replays of the same purchases, at the end of their last day. Levels
    are compared by their place above the base; in a design without levels whoever held one falls.
    Worth = points x highest face value of a point; equal worth rounds down, member by member.
    Liability = worth x points redeemed / (redeemed + expired) in the same replay; 1 where none
    left. Protecting = for who falls, the points (face value x that share) and benefits (known cost)
    that the level held would have brought beyond the level fallen to, on the purchases of the last
    ``protect_months``.

    Examples
    --------
    >>> lr.show(tiers.transition(b, "coffee_tiers_example"))  # doctest: +SKIP
    """
    _check(protect_months)
    made = _made(brand, programmes, replays, redemption, period)
    main = made.main
    if not made.runs:
        return empty(made, SECTION)
    if main is None or not main.present:
        return empty(made, SECTION, (_withheld(made),))
    if not made.others:
        return empty(made, SECTION)
    pairs = [_pair(brand, made, main, other, protect_months) for other in made.others]
    frames = {
        name: pd.concat([pair[name] for pair in pairs], ignore_index=True) for name in pairs[0]
    }
    return result(
        made,
        SECTION,
        frames,
        findings=[item for other in made.others for item in _findings(made, main, other, frames)],
        charts=transition_charts(made, frames),
        tables=transition_tables(made, frames, protect_months),
    )


def _made(
    brand: Any, programmes: Any, made: Replays | None, redemption: str, period: Any
) -> Replays:
    """Return replays of the present programme, first, and of the designs."""
    if programmes is None:
        return given(brand, None, made, redemption=redemption, period=period)
    several = isinstance(programmes, Iterable) and not isinstance(programmes, (str, Programme))
    designs = list(programmes) if several else [programmes]
    if made is None:
        own = [] if brand.programme is None else [brand.programme]
        return replay_all(brand, [*own, *designs], redemption=redemption, period=period)
    new = replay_all(brand, designs, redemption=made.redemption, period=made.days)
    present = [run for run in made.runs if run.present]
    return dataclasses.replace(made, runs=(*present, *new.runs))


def _pair(brand: Any, made: Replays, main: Run, other: Run, months: int) -> dict[str, pd.DataFrame]:
    """Return the frames of one design."""
    people = landing_of(main, other)
    costs = protection_of(brand, made, other, people, months)
    balances = balances_of(main, other)
    return {
        "summary": options_of(other, people, balances, costs),
        "levels": landings(main, other, people, costs),
        "points": points_of(main, other, balances),
    }


def _findings(
    made: Replays, main: Run, other: Run, frames: dict[str, pd.DataFrame]
) -> list[Finding]:
    """State who falls, what points lose at one to one, and what protecting costs."""
    levels = frames["levels"]
    own = levels[levels["programme"] == other.programme.id]
    options = frames["summary"]
    mine: Any = options[options["programme"] == other.programme.id].set_index("option")
    common: dict[str, Any] = {"about": (main, other), "section": SECTION}
    names = {"programme": named(main), "other": named(other)}
    moved = own.groupby("outcome")["members"].sum()
    members, falling = int(own["members"].sum()), int(moved.get("falls", 0))
    rise = int(moved.get("rises", 0)) / members if members else 0.0
    found = []
    if len(main.levels) > 1 or len(other.levels) > 1:
        found.append(
            state(
                made,
                "transition_levels",
                proportion(falling, members),
                unit="share",
                definition="transition_level",
                method="wilson",
                values=names | {"rise": Value(rise, "share")},
                **common,
            )
        )
    before = float(mine.loc["one_to_one", "worth_before"])
    if before > 0 and mine["worth_after"].notna().all():
        found.append(
            state(
                made,
                "transition_points",
                before,
                base=members,
                unit="money",
                definition="transition_worth",
                method="count",
                values=names | {"after": Value(mine.loc["one_to_one", "worth_after"], "money")},
                **common,
            )
        )
    if falling and "protected" in mine.index:
        found.append(
            state(
                made,
                "transition_protection",
                float(mine.loc["protected", "protection"]),
                base=falling,
                unit="money",
                definition="transition_protection",
                method="count",
                values=names | {"members": Value(falling, "customers")},
                **common,
            )
        )
    return found


def _withheld(made: Replays) -> Finding:
    return withheld(
        made,
        "transition_levels",
        "no_present_programme",
        section=SECTION,
        definition="transition_level",
    )


def _check(months: int) -> None:
    if not isinstance(months, int) or not 1 <= months <= _MOST_MONTHS:
        raise ParameterError(
            problem(
                "transition: protect_months is {found!r}; allowed: a whole number from 1 to {most}",
                found=months,
                most=_MOST_MONTHS,
            )
        )
