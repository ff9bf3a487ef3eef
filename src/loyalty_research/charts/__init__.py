"""Figures: tidy frames in, matplotlib figures out, in either language.

Each drawing function takes a frame, the axes and the translator; what is drawn is described by a
:class:`~loyalty_research.findings.Chart`.
"""

from loyalty_research.charts.draw import KINDS, draw, svg_bytes

__all__ = ["KINDS", "draw", "svg_bytes"]
