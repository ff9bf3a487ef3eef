"""Figures of a report: drawn from stored frames, over processes where that pays."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from loyalty_research.report.processes import end_children

PAYS_FROM = 12
"""Number of figures from which starting processes is quicker than drawing in one."""


@dataclass(frozen=True, slots=True, order=True)
class Drawing:
    """A figure to draw: the store and key of its result, its name, language and width."""

    store: str
    key: str
    chart: str
    language: str
    narrow: bool


def draw_all(drawings: Iterable[Drawing], *, workers: int = 1) -> Mapping[Drawing, bytes]:
    """Return the SVG of every drawing.

    Parameters
    ----------
    drawings
        What to draw.
    workers
        How many processes may be used.
    """
    wanted = sorted(set(drawings))
    groups: dict[tuple[str, str], list[Drawing]] = {}
    for item in wanted:
        groups.setdefault((item.store, item.key), []).append(item)
    tasks = list(groups.values())
    count = min(workers, len(tasks), os.cpu_count() or 1)
    if count < 2 or len(wanted) < PAYS_FROM:
        done = [_draw_group(task) for task in tasks]
    else:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(count, mp_context=context)
        try:
            done = list(pool.map(_draw_group, tasks))
        except BaseException:  # interrupted: what is being drawn is of no use
            pool.shutdown(wait=False, cancel_futures=True)
            end_children()
            raise
        pool.shutdown()
    return {item: svg for result in done for item, svg in result}


def _draw_group(group: list[Drawing]) -> list[tuple[Drawing, bytes]]:
    from loyalty_research.charts import draw, svg_bytes
    from loyalty_research.language import translator
    from loyalty_research.results import ResultStore

    result = ResultStore(Path(group[0].store)).read(group[0].key)
    charts = {chart.name: chart for chart in result.charts}
    made = []
    for item in group:
        chart = charts[item.chart]
        words = translator(item.language, result.context)
        figure = draw(chart, result.frames[chart.frame], words, narrow=item.narrow)
        made.append((item, svg_bytes(figure)))
    return made
