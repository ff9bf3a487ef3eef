"""``loyalty simulate``: what a programme must bring to pay, and what responses would make of it."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loyalty_research.cli.check import stage
from loyalty_research.cli.replay import turned, write_tables
from loyalty_research.cli.words import text, ui

if TYPE_CHECKING:
    from loyalty_research.language import Translator
    from loyalty_research.results import Result
    from loyalty_research.tiers import Replays

_CUSTOMERS = 3000


def add_simulate(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Add the command to the parser."""
    simulate = commands.add_parser(
        "simulate", help=text("help.simulate"), description=text("help.simulate_long")
    )
    simulate.add_argument("brand", metavar="BRAND", help=text("help.brand"))
    simulate.add_argument(
        "--programme", required=True, metavar="FILE", help=text("help.simulate_programme")
    )
    simulate.add_argument("--against", metavar="FILE", help=text("help.simulate_against"))
    simulate.add_argument(
        "--margin", type=float, metavar="SHARE", help=text("help.simulate_margin")
    )
    numbers = (("periods", "WEEKS", 104), ("draws", "N", 24), ("seed", "N", 1))
    for name, shown, default in numbers:
        simulate.add_argument(
            f"--{name}",
            type=int,
            default=default,
            metavar=shown,
            help=text(f"help.simulate_{name}"),
        )
    simulate.add_argument("--period", metavar="PERIOD", help=text("help.period"))
    simulate.add_argument("--out", type=Path, metavar="DIR", help=text("help.replay_out"))


def simulate_programmes(arguments: argparse.Namespace, *, say: Callable[..., None]) -> int:
    """Print the break-even lift of a programme and its simulated gain.

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
        Where a programme, the brand, the margin or the place cannot be used.
    """
    from loyalty_research import tiers
    from loyalty_research.language import translator
    from loyalty_research.results.disclosure import protected
    from loyalty_research.study import open_brand

    rules, against = _programmes(arguments)
    brand = open_brand(arguments.brand, period=arguments.period, say=stage)
    present: Any = brand.programme if against is None else against
    known = present is not None and present.id != rules.id
    listed = [present, rules] if known else [rules]
    made = _marked(tiers.replays(brand, listed), present.id if known else None)
    words = translator(ui(), brand.context)
    if rules.id not in {run.programme.id for run in made.runs}:
        _say_why(tiers.compare(brand, replays=made), words)
        return 0
    say("progress.simulate", count=len(listed), customers=_CUSTOMERS)
    result = protected(
        tiers.forecast(
            brand,
            replays=made,
            margin=arguments.margin,
            periods=arguments.periods,
            draws=arguments.draws,
            customers=_CUSTOMERS,
            seed=arguments.seed,
        )
    )
    for finding in result.findings:
        print(words.finding(finding))
    simulated = [view for view in result.tables if view.frame == "summary"]
    if simulated:
        print()
        print(turned(simulated, result.summary(), words))
        print(text("simulate.assumed"))
    if arguments.out is not None:
        for path in write_tables(arguments.out, [result], words):
            print(path)
    return 0


def _programmes(arguments: argparse.Namespace) -> tuple[Any, Any]:
    from loyalty_research.programmes.load import load_programme

    against = load_programme(arguments.against) if arguments.against else None
    return load_programme(arguments.programme), against


def _say_why(compared: Result, words: Translator) -> None:
    """Print why a programme cannot be simulated: its rules or the purchases are not known."""
    for finding in compared.findings:
        if finding.status == "withheld":
            print(words.finding(finding))


def _marked(made: Replays, present: str | None) -> Replays:
    """Return replays with one programme, or none, taken as the present one, which comes first."""
    runs = [dataclasses.replace(run, present=run.programme.id == present) for run in made.runs]
    runs.sort(key=lambda run: not run.present)
    return dataclasses.replace(made, runs=tuple(runs))
