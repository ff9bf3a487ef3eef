"""Whether a brand's colour can be read on white."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from loyalty_research.errors import Problem, problem

LEAST_CONTRAST = 4.5
"""Of text on its ground: level AA of the Web Content Accessibility Guidelines."""
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def check_colour(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem where the colour of ``report`` cannot be read on white.

    Parameters
    ----------
    data
        The brand file as read; what is no colour is left to the schema.
    """
    report = data.get("report")
    found = report.get("colour") if isinstance(report, Mapping) else None
    if not isinstance(found, str) or not _HEX.fullmatch(found):
        return
    contrast = contrast_with_white(found)
    if contrast < LEAST_CONTRAST:
        yield problem(
            "report.colour: found {found}, whose contrast with white is {contrast}:1; allowed: "
            "at least {least}:1, such as the darker {near}",
            found=found,
            contrast=f"{int(contrast * 100) / 100:g}",
            least=f"{LEAST_CONTRAST:g}",
            near=darker(found),
        )


def contrast_with_white(colour: str) -> float:
    """Return the contrast of ``#rrggbb`` with white, from 1 to 21.

    Notes
    -----
    ``1.05 / (L + 0.05)`` with the relative luminance L of the colour.

    References
    ----------
    Web Content Accessibility Guidelines 2.2, success criterion 1.4.3.
    """
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def darker(colour: str) -> str:
    """Return the lightest shade of ``colour``, mixed with black, that can be read on white."""
    parts = _parts(colour)
    for step in range(1000, -1, -1):
        shade = "#" + "".join(f"{int(part * step / 1000):02x}" for part in parts)
        if contrast_with_white(shade) >= LEAST_CONTRAST:
            return shade
    return "#000000"


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
