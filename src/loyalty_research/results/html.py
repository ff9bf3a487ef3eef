"""Results as HTML: the pieces that pages, delivered notebooks and JupyterLab share."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from loyalty_research.findings import Chart, Column, Finding, TableView
from loyalty_research.language import Translator, translator
from loyalty_research.language.numbers import MISSING
from loyalty_research.results.columns import WORDS, plain
from loyalty_research.results.hidden import MARK, is_hidden

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_research.results.result import Result
    from loyalty_research.results.store import StoredResult

Images = Callable[[Chart, bool], bytes]
"""Takes a chart and whether it is the narrow one; returns its SVG."""

_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_STYLE = """
.loyalty-result{max-width:56rem}
.loyalty-result ul{padding-left:1.2em}
.loyalty-result .tags{color:#59636e;font-size:.85em}
.loyalty-result .notes,.loyalty-result .interval{color:#59636e;font-size:.9em}
.loyalty-result .figure-title,.loyalty-result .table-title{font-size:1.05em;margin:.8em 0 .2em}
.loyalty-result img{width:100%;max-width:44rem;height:auto}
.loyalty-result .table-scroll{overflow-x:auto}
.loyalty-result .table-scroll th,
.loyalty-result .table-scroll td{text-align:left;padding:.25em .7em}
.loyalty-result .table-scroll .number{text-align:right;white-space:nowrap;
font-variant-numeric:tabular-nums}
"""


def result_html(result: Result | StoredResult, language: str | None = None) -> str:
    """Return a result as one HTML fragment, for JupyterLab.

    Parameters
    ----------
    result
        Fresh from an analysis, or read from a store.
    language
        ``zh`` or ``en``; None for the language in use.
    """
    from loyalty_research.charts import draw, svg_bytes
    from loyalty_research.results.disclosure import protected

    result = protected(result)
    words = translator(language, result.context)

    def image(chart: Chart, narrow: bool) -> bytes:
        return svg_bytes(draw(chart, result.frames[chart.frame], words, narrow=narrow))

    body = result_body(result, words, image, narrow=False)
    return (
        f'<div class="loyalty-result" lang="{words.language}"><style>{_STYLE}</style>{body}</div>'
    )


def result_body(
    result: Result | StoredResult, words: Translator, image: Images, *, narrow: bool = True
) -> str:
    """Return sentences, figures and tables of a result.

    Parameters
    ----------
    result
        What is shown.
    words
        Language and brand context.
    image
        Returns the SVG of a chart.
    narrow
        Whether a phone gets a figure of its own.
    """
    parts = [findings_html(result.findings, words)]
    parts += [
        figure_html(chart, words, image(chart, False), image(chart, True) if narrow else None)
        for chart in result.charts
    ]
    parts += [table_html(view, result.frames[view.frame], words) for view in result.tables]
    return "\n".join(part for part in parts if part)


def findings_html(findings: Iterable[Finding], words: Translator) -> str:
    """Return findings as a list: sentence, then grade of evidence and base."""
    items = [
        f'<li id="f-{finding.id}" class="{finding.status}">'
        f"{escape(words.finding(finding))}{tags_html(finding, words)}</li>"
        for finding in findings
    ]
    return f'<ul class="findings">{"".join(items)}</ul>' if items else ""


def tags_html(finding: Finding, words: Translator) -> str:
    """Return the small print of a stated finding: grade of evidence and base."""
    if finding.status != "stated":
        return ""
    grade = words.text(f"report.evidence.{finding.evidence}")
    base = words.text("report.base", base=words.value(finding.base, finding.base_unit))
    return (
        f' <span class="tags"><span class="grade grade-{escape(finding.evidence)}">'
        f'{escape(grade)}</span> <span class="base">{escape(base)}</span></span>'
    )


def figure_html(chart: Chart, words: Translator, wide: bytes, narrow: bytes | None = None) -> str:
    """Return a figure: its sentence, the drawing, source line and definitions.

    Parameters
    ----------
    chart
        Description of the figure.
    words
        Language and brand context.
    wide, narrow
        Its SVG for a page and for a phone; without the second the first serves both.
    """
    drawing = f'<img src="{_data_uri(wide)}" alt="{escape(words.alt(chart))}">'
    if narrow is not None:
        media = "screen and (max-width: 640px)"
        drawing = (
            f'<picture><source media="{media}" srcset="{_data_uri(narrow)}">{drawing}</picture>'
        )
    return (
        f'<figure><figcaption class="figure-title">{escape(words.title(chart))}</figcaption>'
        f'<div class="drawing">{drawing}</div>{notes_html(chart, words)}</figure>'
    )


def table_html(view: TableView, frame: pd.DataFrame, words: Translator) -> str:
    """Return a table: title, numbers aligned to the right, source line and definitions."""
    title = escape(words.title(view))
    heads = "".join(
        f'<th scope="col"{_number_class(column)}>{escape(heading(column, words))}</th>'
        for column in view.columns
    )
    rows = []
    for row in frame.to_dict("records"):
        cells = [_cell(column, row, words) for column in view.columns]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="table"><p class="table-title">{title}</p>'
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{title}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        f"{notes_html(view, words)}</div>"
    )


def heading(column: Column, words: Translator) -> str:
    """Return the heading of a column; its name where the catalogues have none."""
    key = f"column.{column.heading or column.name}"
    return words.text(key) if words.has(key) else column.heading or column.name


def notes_html(view: Chart | TableView, words: Translator) -> str:
    """Return the small print under a figure or table: source, base, period, definitions."""
    lines = [f'<p class="source">{escape(words.source(view))}</p>']
    lines += [f'<p class="hidden">{escape(text)}</p>' for text in words.notes(view)]
    definitions = [
        f"<b>{escape(term)}</b>{escape(words.text('report.colon'))}{escape(text)}"
        for term, text in words.definitions(view)
    ]
    if definitions:
        label = escape(words.text("report.definition"))
        lines.append(
            f'<p class="definitions"><span class="label">{label}</span> {" ".join(definitions)}</p>'
        )
    return f'<div class="notes">{"".join(lines)}</div>'


def cell_texts(column: Column, row: Mapping[Any, Any], words: Translator) -> tuple[str, str]:
    """Return value and interval of a table's cell as printed; the second empty for none."""
    if is_hidden(row, column.name):
        return MARK, ""
    unit = column.unit
    if unit.startswith("@"):
        unit = str(plain(row[unit.removeprefix("@")]) or "text")
    value = plain(row[column.name.replace("{language}", words.language)])
    if value is None:
        return MISSING, ""
    interval = ""
    if column.low and column.high:
        low, high = plain(row[column.low]), plain(row[column.high])
        interval = words.interval(low, high, unit).strip()
    return words.value(value, unit), interval


def is_number(column: Column) -> bool:
    """Tell whether a column is aligned to the right."""
    return column.unit not in WORDS and not column.unit.startswith("label:")


def _cell(column: Column, row: Mapping[Any, Any], words: Translator) -> str:
    value, interval = cell_texts(column, row, words)
    text = escape(value)
    if interval:
        text += f' <span class="interval">{escape(interval)}</span>'
    return f"<td{_number_class(column) or _text_class(value)}>{text}</td>"


def _number_class(column: Column) -> str:
    return ' class="number"' if is_number(column) else ""


def _text_class(value: str) -> str:
    """Return the class of a date, which never breaks, or of an address, which breaks anywhere."""
    if _DATE.fullmatch(value):
        return ' class="date"'
    return ' class="address"' if value.startswith(("https://", "http://")) else ""


def _data_uri(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode('ascii')}"
