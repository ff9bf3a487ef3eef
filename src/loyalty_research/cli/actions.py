"""``loyalty actions``: the list of whom to approach, for the brand's own use."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from loyalty_research.cli.check import stage
from loyalty_research.cli.columns import aligned
from loyalty_research.cli.words import text, ui

if TYPE_CHECKING:
    from loyalty_research.profile.offers.actions_list import WrittenList


def add_actions(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Add the command to the parser."""
    actions = commands.add_parser(
        "actions", help=text("help.actions"), description=text("help.actions_long")
    )
    actions.add_argument("brand", metavar="BRAND", help=text("help.brand"))
    actions.add_argument(
        "--campaign", default="actions", metavar="NAME", help=text("help.actions_campaign")
    )
    actions.add_argument("--period", metavar="PERIOD", help=text("help.period"))
    actions.add_argument("--language", choices=("en", "zh"), help=text("help.actions_language"))
    actions.add_argument("--out", type=Path, metavar="DIR", help=text("help.actions_out"))
    actions.add_argument(
        "--identifiers", action="store_true", help=text("help.actions_identifiers")
    )


def write_list(arguments: argparse.Namespace, *, say: Callable[..., None]) -> int:
    """Write a brand's action list, and print how many customers each rule picks and where it is.

    Parameters
    ----------
    arguments
        As given.
    say
        Takes progress lines.

    Returns
    -------
    int
        0.

    Raises
    ------
    LoyaltyError
        Where the brand, its rules, the campaign's name or the place cannot be used, or its data
        tell no customer's rhythm.
    """
    from loyalty_research import drivers, profile
    from loyalty_research.language import translator
    from loyalty_research.profile.offers.actions import actions, brand_rules
    from loyalty_research.profile.offers.actions_list import write_actions
    from loyalty_research.profile.offers.holdout_flag import check_campaign
    from loyalty_research.results import attempt
    from loyalty_research.study import open_brand

    check_campaign(arguments.campaign)
    brand = open_brand(arguments.brand, period=arguments.period, say=stage)
    rules = brand_rules(brand)
    say("progress.actions_forecast")
    value = attempt(profile.clv.customer_value, brand, period=brand.period)
    following = attempt(profile.offers.next_products, brand, period=brand.period)
    say("progress.actions_stages")
    moves = attempt(drivers.retention.stage_moves, brand, period=brand.period)
    if moves.table is None:
        reason = translator(ui(), brand.context).reason(moves.findings[0])
        say("progress.actions_no_stages", reason=reason)
    say("progress.actions_rules", count=len(rules.rules))
    result = actions(
        brand,
        period=brand.period,
        value=value,
        recommended=following,
        forecasts=moves,
        rules=rules,
    )
    say("progress.actions_writing")
    written = write_actions(
        brand,
        result,
        rules=rules,
        campaign=arguments.campaign,
        language=arguments.language or ui(),
        source_ids=arguments.identifiers,
        folder=arguments.out,
    )
    if "missing" in result.frames:
        say("progress.actions_missing", count=result.frames["missing"]["rule"].nunique())
    if arguments.identifiers and not brand.context.public:
        say("progress.actions_identifiers")
    print(_counts(written))
    print(text("actions.holdout", share=f"{written.share:.0%}", campaign=arguments.campaign))
    print(written.path)
    return 0


def _counts(written: WrittenList) -> str:
    rows = [
        (str(row.name), f"{row.customers:,}", f"{row.held_out:,}")
        for row in written.counts.itertuples(index=False)
    ]
    total = written.counts[["customers", "held_out"]].sum()
    rows.append((text("check.total"), f"{total['customers']:,}", f"{total['held_out']:,}"))
    heads = [text(f"actions.{name}") for name in ("rule", "customers", "held_out")]
    return aligned(heads, rows, right=(1, 2))
