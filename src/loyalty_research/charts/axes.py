"""Axes in a unit: scaled ticks, the unit named once, labels from the catalogues."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from loyalty_research.language import Translator
from loyalty_research.language.numbers import axis_scale

_HAN = 0x2E80
_ROOM_FOR_WORDS = 8
"""Width from which Latin words in Chinese texts are kept whole."""
_PIECE = r"[^\u2e80-\uffff\s]+\s*|[\u2e80-\uffff][）」”，。、]*\s*"
"""A Latin word, or a glyph with the signs that may not begin a line."""


def set_unit(
    axes: Axes,
    which: Literal["x", "y"],
    unit: str,
    translator: Translator,
    *,
    label: str = "",
    largest: float | None = None,
) -> None:
    """Print the ticks of one axis in ``unit``; ``label`` is a key ``axis.<label>``."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    bounds = axes.get_xlim() if which == "x" else axes.get_ylim()
    top = largest if largest is not None else max(abs(bound) for bound in bounds)
    divisor, word = axis_scale(top, unit, translator.language, translator.context)
    axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value / divisor)))
    name = translator.text(f"axis.{label}") if label else ""
    text = name
    if word:
        text = f"{name}（{word}）" if translator.language == "zh" else f"{name} ({word})"
    if not text:
        return
    if which == "x":
        axes.set_xlabel(text)
    else:
        # A horizontal name above the axis reads better than a turned one.
        axes.set_title(text, loc="left", fontsize="medium", color=axes.xaxis.label.get_color())


def categories(
    values: Sequence[Any], unit: str, translator: Translator, *, width: int = 0
) -> list[str]:
    """Print category values; ``width`` wraps long ones (a Chinese glyph counts twice)."""
    texts = [translator.value(_plain(value), unit) for value in values]
    if not width:
        return texts
    # A name of several parts breaks between them.
    parts = [text.replace("·", "· ") for text in texts]
    chinese = translator.language == "zh"
    if chinese and width >= _ROOM_FOR_WORDS:
        return [_filled(text, width).replace("· ", "·") or text for text in parts]
    limit = width // 2 if chinese else width
    return ["\n".join(wrap(text, limit)).replace("· ", "·") or text for text in parts]


def _filled(text: str, width: int) -> str:
    """Break a Chinese text into lines of so many letters, a glyph two wide, Latin words whole."""
    lines, room = [""], width
    for part in re.findall(_PIECE, text):
        size = sum(2 if ord(sign) > _HAN else 1 for sign in part.rstrip())
        if size > room and lines[-1]:
            lines.append("")
            room = width
        lines[-1] += part
        room -= size + len(part) - len(part.rstrip())
    return "\n".join(line.strip() for line in lines)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _tick(value: float) -> str:
    if value == 0:
        return "0"
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")
