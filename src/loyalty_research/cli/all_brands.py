"""Reports of all brands, each in a process of its own."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from loyalty_research.brand import list_brands
from loyalty_research.cli.words import text, ui
from loyalty_research.errors import ParameterError, problem


@dataclass(frozen=True, slots=True)
class Ended:
    """How the report of a brand ended: status of its process, last line it said, what it made."""

    brand: str
    status: int
    said: str
    made: tuple[str, ...]


def report_all(arguments: argparse.Namespace, *, say: Callable[..., None]) -> int:
    """Make the reports of all brands and print what became of each.

    Parameters
    ----------
    arguments
        As given; ``--jobs`` counts brands here, and a brand's chapters run one after another.
    say
        Takes progress lines.

    Returns
    -------
    int
        0 where every report is whole, else 1: one brand's failure does not stop the others.

    Raises
    ------
    ParameterError
        Where a brand is named too, neither a brand nor ``--all`` is given, or there is no brand.
    """
    brands = _brands(arguments)
    with ThreadPoolExecutor(max_workers=arguments.jobs or default_jobs()) as pool:
        running: list[subprocess.Popen[str]] = []
        try:
            started = [pool.submit(_one, brand, arguments, running) for brand in brands]
            ended = []
            for place, future in enumerate(as_completed(started), start=1):
                ended.append(future.result())
                say("progress.brand", brand=ended[-1].brand, place=place, count=len(brands))
        except BaseException:  # interrupted: no report is left running
            pool.shutdown(wait=False, cancel_futures=True)
            for process in running:
                process.terminate()
            raise
    from loyalty_research.report.build import reports_folder
    from loyalty_research.report.front_page import update_front_page

    page = update_front_page(reports_folder(arguments.out))
    for line in table(sorted(ended, key=lambda item: item.brand)):
        print(line)
    if page is not None:
        print(page)
    return 1 if any(item.status for item in ended) else 0


def default_jobs() -> int:
    """Return how many brands are made at the same time unless told."""
    return max(1, min(2, os.cpu_count() or 1))


def table(ended: list[Ended]) -> Iterator[str]:
    """Yield a line a brand: name, how it ended, and the file it made or the reason."""
    width = max(len(item.brand) for item in ended)
    for item in ended:
        key = {0: "all.done", 1: "all.incomplete"}.get(item.status, "all.failed")
        more = item.made[0] if item.status == 0 and item.made else item.said
        yield f"{item.brand:<{width}}  {text(key)}  {more}".rstrip()


def _brands(arguments: argparse.Namespace) -> list[str]:
    if arguments.brand is not None:
        raise ParameterError(
            problem(
                "--all: found the brand {brand!r} too; allowed: one of both", brand=arguments.brand
            )
        )
    brands = list_brands()
    if not arguments.all:
        known = ", ".join(brands) or "no brand"
        raise ParameterError(
            problem("report: which brand? There is: {known}; or --all", known=known)
        )
    if not brands:
        raise ParameterError(problem("--all: there is no brand in data/brands"))
    return brands


def _one(brand: str, arguments: argparse.Namespace, running: list[subprocess.Popen[str]]) -> Ended:
    process = subprocess.Popen(
        [sys.executable, "-m", "loyalty_research", *_command(brand, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    running.append(process)
    out, errors = process.communicate()
    lines = [line.removeprefix("loyalty: ") for line in errors.strip().splitlines()]
    return Ended(brand, process.returncode, lines[-1] if lines else "", tuple(out.split("\n")[:-1]))


def _command(brand: str, arguments: argparse.Namespace) -> list[str]:
    command = ["report", brand, "--ui", ui(), "--jobs", "1"]
    command += ["--format", arguments.format, "--language", arguments.language]
    command += ["--timeout", str(arguments.timeout)]
    for name in ("period", "compare"):
        if getattr(arguments, name):
            command += [f"--{name}", getattr(arguments, name)]
    if arguments.chapter:
        command += ["--chapter", arguments.chapter]
    if arguments.out:
        command += ["--out", str(arguments.out)]
    for item in arguments.parameter:
        command += ["-p", item]
    return command
