"""What may be given on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

import loyalty_research
from loyalty_research.cli.actions import add_actions
from loyalty_research.cli.new import add_new
from loyalty_research.cli.parsing import Parser
from loyalty_research.cli.replay import add_replay
from loyalty_research.cli.simulate import add_simulate
from loyalty_research.cli.words import text

LANGUAGES = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, worded in the language in use."""
    top = Parser(
        top=True,
        prog="loyalty",
        description=text("help.description"),
        epilog=text("help.epilog"),
    )
    top.add_argument(
        "--version",
        action="version",
        version=f"loyalty {loyalty_research.__version__}",
        help=text("help.version"),
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    commands.add_parser("brands", help=text("help.brands"))
    add_new(commands)

    check = commands.add_parser(
        "check",
        help=text("help.check"),
        description=text("help.check_long"),
    )
    check.add_argument("brand", metavar="BRAND", help=text("help.brand"))
    check.add_argument("--json", action="store_true", help=text("help.check_json"))

    report = commands.add_parser(
        "report",
        help=text("help.report"),
        description=text("help.report_long"),
    )
    report.add_argument("brand", metavar="BRAND", nargs="?", help=text("help.brand"))
    report.add_argument("--all", action="store_true", help=text("help.all"))
    report.add_argument(
        "--format", default="html", metavar="FORMAT[,FORMAT]", help=text("help.format")
    )
    report.add_argument("--period", metavar="PERIOD", help=text("help.period"))
    report.add_argument("--compare", metavar="PERIOD", help=text("help.compare"))
    report.add_argument("--chapter", metavar="NAME", help=text("help.chapter"))
    report.add_argument(
        "--language", choices=sorted(LANGUAGES), default="both", help=text("help.language")
    )
    report.add_argument("--jobs", type=_positive, metavar="N", help=text("help.jobs"))
    report.add_argument("--out", type=Path, metavar="DIR", help=text("help.out"))
    report.add_argument(
        "-p",
        "--parameter",
        action="append",
        default=[],
        metavar="[CHAPTER.]NAME=VALUE",
        help=text("help.parameter"),
    )
    report.add_argument(
        "--timeout",
        type=_seconds,
        default=1800.0,
        metavar="S",
        help=text("help.timeout"),
    )

    add_actions(commands)
    add_replay(commands)
    add_simulate(commands)

    edit = commands.add_parser(
        "edit",
        help=text("help.edit"),
        description=text("help.edit_long"),
    )
    edit.add_argument("brand", metavar="BRAND", help=text("help.brand"))
    edit.add_argument("--out", type=Path, metavar="DIR", help=text("help.edit_out"))

    lab = commands.add_parser(
        "lab",
        help=text("help.lab"),
        description=text("help.lab_long"),
    )
    lab.add_argument("--language", choices=("en", "zh"), help=text("help.lab_language"))
    lab.add_argument("--no-browser", action="store_true", help=text("help.lab_no_browser"))
    lab.add_argument("options", nargs="*", metavar="-- OPTION", help=text("help.lab_options"))
    return top


def _positive(given: str) -> int:
    number = int(given) if given.isdigit() else 0
    if number < 1:
        msg = f"found {given!r}; allowed: a whole number from 1"
        raise argparse.ArgumentTypeError(msg)
    return number


def _seconds(given: str) -> float:
    try:
        number = float(given)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        msg = f"found {given!r}; allowed: seconds, more than 0"
        raise argparse.ArgumentTypeError(msg)
    return number
