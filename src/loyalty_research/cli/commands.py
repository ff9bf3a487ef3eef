"""The commands. What is heavy is imported by the command that needs it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from loyalty_research.cli.arguments import LANGUAGES
from loyalty_research.cli.words import told


def run(arguments: argparse.Namespace) -> int:
    """Run the command that was given and return its status."""
    commands = {
        "brands": brands,
        "new": new,
        "check": check,
        "report": report,
        "actions": actions,
        "replay": replay,
        "simulate": simulate,
        "edit": edit,
        "lab": lab,
    }
    return commands[arguments.command](arguments)


def brands(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    """Print the names of all brands, one a line."""
    from loyalty_research.brand import list_brands

    for name in list_brands():
        print(name)
    return 0


def new(arguments: argparse.Namespace) -> int:
    """Begin a brand from its files."""
    from loyalty_research.cli.new import new_brand

    return new_brand(arguments)


def check(arguments: argparse.Namespace) -> int:
    """Print the data checks of a brand."""
    from loyalty_research.cli.check import check_brand

    return check_brand(arguments.brand, as_json=arguments.json)


def report(arguments: argparse.Namespace) -> int:
    """Make a brand's report and say where it is."""
    from loyalty_research.report.build import Request, default_jobs, make_report
    from loyalty_research.report.formats import parse_formats
    from loyalty_research.report.parameters import parse_settings

    formats = parse_formats(arguments.format)
    if arguments.all or arguments.brand is None:
        from loyalty_research.cli.all_brands import report_all

        return report_all(arguments, say=say)
    made = make_report(
        Request(
            brand=arguments.brand,
            chapter=arguments.chapter,
            languages=LANGUAGES[arguments.language],
            formats=formats,
            period=arguments.period,
            compare=arguments.compare,
            jobs=arguments.jobs or default_jobs(),
            out=arguments.out,
            settings=parse_settings(arguments.parameter),
            timeout=arguments.timeout,
        ),
        say=say,
    )
    if not made.executed and not made.rendered:
        say("progress.unchanged")
    elif not made.executed:
        say("progress.rendered_only")
    for chapter, reason in made.failed.items():
        say("progress.incomplete", chapter=chapter, reason=reason)
    for note in made.formats:
        say(f"progress.format_{note['status']}", format=note["format"], reason=note["why"])
    for finding in made.moved:
        say("progress.moved", finding=finding)
    for name in made.opened_by():
        print(_shown(made.place / name))
    broken = any(note["status"] == "failed" for note in made.formats)
    return 1 if made.failed or broken else 0


def actions(arguments: argparse.Namespace) -> int:
    """Write a brand's list of whom to approach."""
    from loyalty_research.cli.actions import write_list

    return write_list(arguments, say=say)


def replay(arguments: argparse.Namespace) -> int:
    """Print what a programme would have given on a brand's purchases."""
    from loyalty_research.cli.replay import replay_programmes

    return replay_programmes(arguments, say=say)


def simulate(arguments: argparse.Namespace) -> int:
    """Print what a programme must bring to pay, and what assumed responses would make of it."""
    from loyalty_research.cli.simulate import simulate_programmes

    return simulate_programmes(arguments, say=say)


def edit(arguments: argparse.Namespace) -> int:
    """Write or refresh the file in which a report's wording is changed."""
    from loyalty_research.cli.edit import edit_brand

    return edit_brand(arguments.brand, out=arguments.out, say=say)


def lab(arguments: argparse.Namespace) -> int:
    """Open the notebooks in JupyterLab."""
    from loyalty_research.cli.lab import open_lab

    return open_lab(
        arguments.language,
        browser=not arguments.no_browser,
        options=arguments.options,
        say=say,
    )


def say(line: str, **values: object) -> None:
    """Print a line of progress on stderr.

    Parameters
    ----------
    line
        Key of the message, or the line itself.
    values
        What the message prints.
    """
    print(f"loyalty: {told(line, **values)}", file=sys.stderr, flush=True)


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
