"""The executed notebooks as delivered: one language, results rendered, nothing volatile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from loyalty_research.language import Translator
from loyalty_research.report.chapters import source_of, tags_of
from loyalty_research.report.execute import without_paths
from loyalty_research.report.figures import Drawing
from loyalty_research.report.material import Part
from loyalty_research.report.pages import shown_result
from loyalty_research.report.reading import LANGUAGES, MIME, cells_of

_INJECTED = "injected-parameters"


def delivered_notebook(part: Part, words: Translator, images: Mapping[Drawing, bytes]) -> str:
    """Return a chapter's notebook with prose and results of one language.

    Times, durations, paths and traces are left out: the same run gives the same bytes.
    """
    cells = []
    for cell in cells_of(part.chapter, part.run):
        tags = tags_of(cell)
        own = [language for language in LANGUAGES if language in tags]
        if cell["cell_type"] != "code" and own and words.language not in own:
            continue
        cells.append(_cell(cell, tags, part, words, images))
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _cell(
    cell: Mapping[str, Any],
    tags: tuple[str, ...],
    part: Part,
    words: Translator,
    images: Mapping[Drawing, bytes],
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": _INJECTED if _INJECTED in tags else str(cell.get("id", "")),
        "cell_type": cell["cell_type"],
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source_of(cell),
    }
    if cell["cell_type"] == "code":
        outputs = [
            shown
            for output in cell.get("outputs", ())
            if (shown := _output(output, part, words, images)) is not None
        ]
        made |= {"execution_count": cell.get("execution_count"), "outputs": outputs}
    return made


def _output(
    output: Mapping[str, Any], part: Part, words: Translator, images: Mapping[Drawing, bytes]
) -> dict[str, Any] | None:
    kind = output["output_type"]
    if kind == "stream":
        if output["name"] != "stdout":
            return None
        return {"output_type": kind, "name": "stdout", "text": without_paths(_text(output["text"]))}
    if kind == "error":
        return {
            "output_type": kind,
            "ename": output["ename"],
            "evalue": without_paths(output["evalue"]),
            "traceback": [],
        }
    data = output["data"]
    pointer = data.get(MIME)
    if pointer is not None:
        result = part.results.get(pointer["result"])
        if result is None:
            return None
        body = shown_result(part, result, words, images, narrow=False)
        html = f'<div class="loyalty-result" lang="{words.language}">{body}</div>'
        return _display({"text/html": html, "text/plain": f"result {pointer['result']}"})
    texts = {
        kind: without_paths(_text(data[kind]))
        for kind in ("text/html", "text/plain")
        if kind in data
    }
    return _display(texts) if texts else None


def _display(data: dict[str, str]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
