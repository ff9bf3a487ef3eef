"""What may be given on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

import loyalty_research

LANGUAGES = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="loyalty",
        description="Check customer-loyalty advice on a brand's own data.",
        epilog="Brands are found in LOYALTY_HOME, else upward from the working directory.",
    )
    top.add_argument(
        "--version", action="version", version=f"loyalty {loyalty_research.__version__}"
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    commands.add_parser("brands", help="list the brands, one a line")

    check = commands.add_parser(
        "check",
        help="check a brand's file and tables",
        description="Print the data checks and the balance of lines. Status 0: usable; "
        "1: usable, with warnings; 2: cannot be analysed.",
    )
    check.add_argument("brand", metavar="BRAND")

    report = commands.add_parser(
        "report",
        help="render a brand's report",
        description="Execute what has changed and render the report. Status 0: complete; "
        "1: delivered with an incomplete chapter; 2: nothing written, the input is wrong.",
    )
    report.add_argument("brand", metavar="BRAND")
    report.add_argument(
        "--chapter", metavar="NAME", help="execute this chapter only (the name of its page)"
    )
    report.add_argument("--language", choices=sorted(LANGUAGES), default="both")
    report.add_argument(
        "--jobs", type=_positive, metavar="N", help="chapters that run at the same time"
    )
    report.add_argument(
        "--out", type=Path, metavar="DIR", help="the report goes to DIR/BRAND (default: reports)"
    )
    report.add_argument(
        "-p",
        "--parameter",
        action="append",
        default=[],
        metavar="[CHAPTER.]NAME=VALUE",
        help="set a parameter of the notebooks; may be repeated",
    )
    report.add_argument(
        "--timeout",
        type=_seconds,
        default=1800.0,
        metavar="S",
        help="seconds a chapter may take (default: 1800)",
    )
    return top


def _positive(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if number < 1:
        msg = f"found {text!r}; allowed: a whole number from 1"
        raise argparse.ArgumentTypeError(msg)
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        msg = f"found {text!r}; allowed: seconds, more than 0"
        raise argparse.ArgumentTypeError(msg)
    return number
