"""The font of the pages: a subset of Noto Sans SC with what a page prints, inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from importlib.resources import files

FAMILY = "Loyalty Sans"
_PRINTABLE = {chr(code) for code in range(0x20, 0x7F)} | set("•◦▪")
"""What a page prints without naming it: numbers of lists and pages, marks of lists."""


def embedded_fonts(texts: Mapping[str, str]) -> dict[str, str]:
    """Return a ``@font-face`` rule for every text, holding the characters that text uses.

    Parameters
    ----------
    texts
        What each page prints, by any name.

    Returns
    -------
    dict
        CSS by the same names; the same text gives the same bytes.
    """
    everything = _PRINTABLE.union(*texts.values()) if texts else _PRINTABLE
    path = files("pylopdf_fonts_zh_cn").joinpath("NotoSansSC-Regular.otf")
    with path.open("rb") as stream:
        shared = _subset(stream.read(), everything, "")  # once from the large file
    faces: dict[str, str] = {}
    for name, text in texts.items():
        font = base64.b64encode(_subset(shared, _PRINTABLE.union(text), "woff2")).decode("ascii")
        faces[name] = (
            f"@font-face{{font-family:'{FAMILY}';font-weight:100 900;font-style:normal;"
            f"src:url(data:font/woff2;base64,{font}) format('woff2')}}"
        )
    return faces


def _subset(content: bytes, characters: set[str], flavour: str) -> bytes:
    from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    options = Options()
    options.layout_features = ["kern", "palt", "locl", "ccmp"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # the licence goes with the glyphs
    options.notdef_outline = True
    options.hinting = False
    font = TTFont(io.BytesIO(content), recalcTimestamp=False, lazy=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted(ord(item) for item in characters))
    subsetter.subset(font)
    font.flavor = flavour or None
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue()
