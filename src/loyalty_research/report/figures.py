"""Figures of a report: drawn from stored frames, over processes where that pays."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from loyalty_research.errors import ReportError, problem
from loyalty_research.report.processes import end_children

PAYS_FROM = 12
"""Number of figures from which starting processes is quicker than drawing in one."""


@dataclass(frozen=True, slots=True, order=True)
class Drawing:
    """A figure to draw: the store and key of its result, its name, language, width and kind."""

    store: str
    key: str
    chart: str
    language: str
    narrow: bool = False
    image: Literal["svg", "png"] = "svg"


def draw_all(drawings: Iterable[Drawing], *, workers: int = 1) -> Mapping[Drawing, bytes]:
    """Return the bytes of every drawing.

    Parameters
    ----------
    drawings
        What to draw.
    workers
        How many processes may be used, this one among them.

    Raises
    ------
    ReportError
        Where a process that draws has failed.
    """
    wanted = sorted(set(drawings))
    count = min(workers, os.cpu_count() or 1)
    if count < 2 or len(wanted) < PAYS_FROM:
        return draw_here(wanted)
    shares = [wanted[place::count] for place in range(count)]
    with tempfile.TemporaryDirectory(prefix="loyalty-figures-") as folder:
        helpers = [
            _start(Path(folder) / str(place), share) for place, share in enumerate(shares[1:])
        ]
        try:
            drawn = dict(draw_here(shares[0]))
            for place, (helper, share) in enumerate(zip(helpers, shares[1:], strict=True)):
                drawn |= _finished(helper, Path(folder) / str(place), share)
        except BaseException:  # interrupted: what is being drawn is of no use
            end_children()
            raise
    return drawn


def draw_here(drawings: Sequence[Drawing]) -> dict[Drawing, bytes]:
    """Draw in this process."""
    from loyalty_research.charts.draw import draw, png_bytes, svg_bytes
    from loyalty_research.language import translator
    from loyalty_research.results import ResultStore

    made: dict[Drawing, bytes] = {}
    results = {
        (item.store, item.key): ResultStore(Path(item.store)).read(item.key)
        for item in {(item.store, item.key): item for item in drawings}.values()
    }
    for item in drawings:
        result = results[item.store, item.key]
        chart = next(chart for chart in result.charts if chart.name == item.chart)
        words = translator(item.language, result.context)
        figure = draw(chart, result.frames[chart.frame], words, narrow=item.narrow)
        made[item] = svg_bytes(figure) if item.image == "svg" else png_bytes(figure)
    return made


def _start(folder: Path, share: Sequence[Drawing]) -> subprocess.Popen[bytes]:
    folder.mkdir()
    job = folder / "job.json"
    job.write_text(json.dumps([dataclasses.asdict(item) for item in share]), encoding="utf-8")
    command = [sys.executable, "-m", "loyalty_research.report.figures", str(job)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _finished(
    helper: subprocess.Popen[bytes], folder: Path, share: Sequence[Drawing]
) -> dict[Drawing, bytes]:
    _, said = helper.communicate()
    if helper.returncode:
        last = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason given"]
        raise ReportError(problem("figures could not be drawn: {reason}", reason=last[0]))
    return {item: (folder / str(place)).read_bytes() for place, item in enumerate(share)}


def _work(job: Path) -> None:
    """Draw what a job file lists, into files beside it."""
    share = [Drawing(**item) for item in json.loads(job.read_text(encoding="utf-8"))]
    for place, image in enumerate(draw_here(share).values()):
        (job.parent / str(place)).write_bytes(image)


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
