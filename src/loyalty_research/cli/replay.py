"""``loyalty replay``: what a programme would have given on a brand's purchases as they were."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loyalty_research.cli.check import stage
from loyalty_research.cli.columns import aligned
from loyalty_research.cli.words import text, ui
from loyalty_research.errors import ParameterError, problem

if TYPE_CHECKING:
    from loyalty_research.findings import TableView
    from loyalty_research.language import Translator
    from loyalty_research.results import Result


def add_replay(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Add the command to the parser."""
    replay = commands.add_parser(
        "replay", help=text("help.replay"), description=text("help.replay_long")
    )
    replay.add_argument("brand", metavar="BRAND", help=text("help.brand"))
    replay.add_argument(
        "--programme", required=True, metavar="FILE", help=text("help.replay_programme")
    )
    replay.add_argument("--against", metavar="FILE", help=text("help.replay_against"))
    replay.add_argument(
        "--redemption", default="at_once", metavar="POLICY", help=text("help.replay_redemption")
    )
    replay.add_argument("--period", metavar="PERIOD", help=text("help.period"))
    replay.add_argument("--out", type=Path, metavar="DIR", help=text("help.replay_out"))


def replay_programmes(arguments: argparse.Namespace, *, say: Callable[..., None]) -> int:
    """Print what one programme, or two side by side, would have given.

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
        Where a programme, the brand, the policy or the place cannot be used.
    """
    from loyalty_research import tiers
    from loyalty_research.language import translator
    from loyalty_research.programmes.load import load_programme
    from loyalty_research.results.disclosure import protected
    from loyalty_research.study import open_brand

    named = [name for name in (arguments.programme, arguments.against) if name]
    programmes = [load_programme(name) for name in named]
    brand = open_brand(arguments.brand, period=arguments.period, say=stage)
    say("progress.replay", count=len(programmes))
    made = tiers.replays(brand, programmes, redemption=arguments.redemption)
    sections = [tiers.compare, tiers.levels, tiers.reach, tiers.rewards, tiers.gains]
    results = [protected(section(brand, replays=made)) for section in sections]
    words = translator(ui(), brand.context)
    overview = results[0]
    if overview.tables:
        print(turned(overview.tables, overview.summary(), words))
        print(text("replay.no_behaviour"))
    for result in (overview, results[-1]):
        for finding in result.findings:
            if result is not overview or finding.status == "withheld":
                print(words.finding(finding))
    if arguments.out is not None:
        for path in write_tables(arguments.out, results, words):
            print(path)
    return 0


def turned(views: Sequence[TableView], frame: Any, words: Translator) -> str:
    """Return tables of one frame with a line a measure and a column a programme.

    Parameters
    ----------
    views
        Tables of the frame, each beginning with the column that names the programme.
    frame
        Table of pandas with a row a programme.
    words
        Of the language.
    """
    from loyalty_research.results.html import cell_texts, heading

    rows = frame.to_dict("records")
    first = views[0].columns[0]
    rest = [column for view in views for column in view.columns[1:]]
    heads = ["", *(cell_texts(first, row, words)[0] for row in rows)]
    lines = [
        (heading(column, words), *(cell_texts(column, row, words)[0] for row in rows))
        for column in rest
    ]
    return aligned(heads, lines, right=tuple(range(1, len(heads))))


def write_tables(folder: Path, results: Sequence[Result], words: Translator) -> list[Path]:
    """Write every table as CSV that spreadsheets read, and return the files.

    Parameters
    ----------
    folder
        Made where it is not there.
    results, words
        What is written, in which language.

    Raises
    ------
    ParameterError
        Where the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise ParameterError(problem("{path} is a file; allowed: a folder", path=folder))
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for result in results:
        for view in result.tables:
            path = folder / f"{result.name}_{view.name}.csv"
            path.write_bytes(_csv(result, view, words).encode("utf-8-sig"))
            written.append(path)
    return written


def _csv(result: Result, view: TableView, words: Translator) -> str:
    from loyalty_research.language.spreadsheets import safe_cell
    from loyalty_research.results.hidden import MARK, is_hidden
    from loyalty_research.results.html import heading

    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([heading(column, words) for column in view.columns])
    for row in result.frames[view.frame].to_dict("records"):
        cells: list[Any] = []
        for column in view.columns:
            value = row[column.name.replace("{language}", words.language)]
            if column.unit.startswith("label:"):
                value = words.value(value, column.unit)
            cells.append(MARK if is_hidden(row, column.name) else safe_cell(value))
        writer.writerow(cells)
    return stream.getvalue()
