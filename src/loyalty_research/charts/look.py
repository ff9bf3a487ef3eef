"""The look of every figure: fonts, colours, sizes.

The font with Chinese glyphs comes with the installation, so that no figure depends on what the
machine has. It has one weight: bold Chinese is avoided.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.rcsetup import cycler

INK = "#1b1f24"
MUTED = "#59636e"
RULE = "#d5dae0"
# Okabe and Ito's palette, ordered so that neighbours differ in lightness too.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
SEQUENCE = LinearSegmentedColormap.from_list(
    "loyalty", ["#f4f8fb", "#bcd9ea", "#6cadd1", "#2a7bb0", "#08436e"]
)
# Orange below, blue above: told apart by every common kind of colour blindness.
DIVERGING = LinearSegmentedColormap.from_list(
    "loyalty_diverging", ["#b35806", "#f1a340", "#f7f7f7", "#67a9cf", "#08519c"]
)
WIDE = (7.2, 3.7)
NARROW = (3.7, 3.9)


@cache
def chinese_font() -> str:
    """Register the packaged font once and return its family name."""
    path = str(files("pylopdf_fonts_zh_cn").joinpath("NotoSansSC-Regular.otf"))
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


@contextmanager
def look(*, narrow: bool) -> Iterator[None]:
    """Apply the look inside a ``with`` block.

    A name of the client's with a character that no font has, such as an emoji, prints as a box and
    does not stop the figure.
    """
    settings: Any = {
        "font.family": [chinese_font(), "DejaVu Sans"],
        "font.size": 9.0 if narrow else 10.0,
        "axes.unicode_minus": False,
        "axes.edgecolor": RULE,
        "axes.labelcolor": MUTED,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.titlelocation": "left",
        "axes.prop_cycle": cycler(color=COLOURS),
        "grid.color": "#e8ebee",
        "grid.linewidth": 0.8,
        "text.color": INK,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "legend.frameon": False,
        "figure.facecolor": "white",
        "figure.constrained_layout.use": True,
        "svg.fonttype": "path",
        "svg.hashsalt": "loyalty-research",
    }
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield
