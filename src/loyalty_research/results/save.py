"""Figures as files, each with its data as CSV."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.findings import Chart
from loyalty_research.language import Translator, translator
from loyalty_research.language.numbers import unit_word
from loyalty_research.language.spreadsheets import safe_cell
from loyalty_research.results.columns import DataColumn, columns_of, is_words, plain, typed
from loyalty_research.results.hidden import MARK, is_hidden

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_research.results.result import Result
    from loyalty_research.results.store import StoredResult

Format = Literal["svg", "pdf", "png"]


def save_figures(
    result: Result | StoredResult,
    folder: str | os.PathLike[str],
    *,
    language: str | None = None,
    format: str = "svg",
    overwrite: bool = False,
) -> tuple[Path, ...]:
    """Save every figure of a result and, beside it, the numbers it draws.

    Parameters
    ----------
    result
        Fresh from an analysis, or read from a store.
    folder
        Where the files go; made where it is missing.
    language
        ``zh`` or ``en``; None for the language in use.
    format
        ``svg`` or ``pdf`` (both sharp at any size, the PDF with its font), or ``png``.
    overwrite
        Whether files of the same names are replaced.

    Returns
    -------
    tuple of pathlib.Path
        For each figure ``<result>_<figure>_<language>.<format>`` and the same with ``.csv``.

    Raises
    ------
    ParameterError
        For an unknown format, a folder that is a file, or a file that is there already; nothing
        is written then.

    Notes
    -----
    The CSV file is UTF-8 with a byte order mark, as spreadsheets in China expect it. Its numbers
    are not rounded; shares are fractions. The same result gives the same bytes.
    """
    from loyalty_research.results.disclosure import protected

    result = protected(result)
    place = Path(folder)
    words = translator(language, result.context)
    stems = [f"{result.name}_{chart.name}_{words.language}" for chart in result.charts]
    paths = [place / f"{stem}.{ending}" for stem in stems for ending in (format, "csv")]
    raise_all(_problems(place, paths, format=format, overwrite=overwrite), ParameterError)
    contents: list[bytes] = []
    for chart in result.charts:
        frame = result.frames[chart.frame]
        contents += [_drawn(chart, frame, words, format), _csv(chart, frame, words)]
    place.mkdir(parents=True, exist_ok=True)
    _write_all(dict(zip(paths, contents, strict=True)))
    return tuple(paths)


def _problems(
    place: Path, paths: Iterable[Path], *, format: str, overwrite: bool
) -> Iterator[Problem]:
    if format not in get_args(Format):
        allowed = ", ".join(get_args(Format))
        yield problem("save: format {found!r}; allowed: {allowed}", found=format, allowed=allowed)
    if place.exists() and not place.is_dir():
        yield problem("save: {name!r} is a file; allowed: a folder", name=place.name)
    if not overwrite:
        for path in paths:
            if path.exists():
                yield problem(
                    "save: {name!r} is there already; allowed: another folder, or overwrite=True",
                    name=path.name,
                )


def _drawn(chart: Chart, frame: pd.DataFrame, words: Translator, format: str) -> bytes:
    from loyalty_research.charts import draw
    from loyalty_research.charts.look import look

    figure = draw(chart, frame, words, title=True)
    # Dates and versions would change the bytes.
    silent: dict[str, dict[str, Any]] = {
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        "png": {"Software": None},
    }
    buffer = io.BytesIO()
    with look(narrow=False):
        figure.savefig(buffer, format=format, metadata=silent[format], dpi=200)
    return buffer.getvalue()


def _csv(chart: Chart, frame: pd.DataFrame, words: Translator) -> bytes:
    columns = columns_of(chart, frame)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    heads = []
    for column in columns:
        heads += [_heading(column, words, ""), *_bounds(column, words)]
    writer.writerow(heads)
    for row in frame.to_dict("records"):
        cells = []
        for column in columns:
            names = [column.name, *(name for name in (column.low, column.high) if name)]
            cells += [_cell(column, name, row, words) for name in names]
        writer.writerow(cells)
    return text.getvalue().encode("utf-8-sig")


def _bounds(column: DataColumn, words: Translator) -> list[str]:
    ends = (("low", column.low), ("high", column.high))
    return [_heading(column, words, key) for key, name in ends if name]


def _heading(column: DataColumn, words: Translator, bound: str) -> str:
    """Return the heading of a column with its unit, where numbers have one."""
    head = column.heading(words)
    if bound:
        head = words.text(f"workbook.{bound}", name=head)
    if is_words(column.unit) or column.unit in {"date", "month"}:
        return head
    if column.unit in {"percentage_point", "point_change"}:
        unit = words.text("workbook.unit.percentage_point")
    elif column.unit in {"money", "money_change"}:
        unit = unit_word("money", words.language, words.context)
    else:
        unit = unit_word(column.unit, words.language, words.context)
    if not unit:
        return head
    return f"{head}（{unit}）" if words.language == "zh" else f"{head} ({unit})"


def _cell(column: DataColumn, name: str, row: Mapping[Any, Any], words: Translator) -> object:
    if is_hidden(row, name):
        return MARK
    unit = column.unit_of(row)
    if unit.startswith("label:"):
        value = plain(row[name])
        text = "" if value is None else words.value(value, unit)
    else:
        found = typed(row[name.replace("{language}", words.language)], unit)
        if not isinstance(found, str):
            return "" if found is None else found
        text = found
    return safe_cell(text)


def _write_all(contents: Mapping[Path, bytes]) -> None:
    """Write files beside their places, then put each there in one step."""
    drafts = {path: path.with_name(f".{path.name}.{os.getpid()}.new") for path in contents}
    try:
        for path, content in contents.items():
            drafts[path].write_bytes(content)
        for path, draft in drafts.items():
            draft.replace(path)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
