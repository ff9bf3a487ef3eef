"""The report as one HTML file a language, to be sent."""

from __future__ import annotations

from collections.abc import Mapping

from loyalty_research.report.figures import Drawing
from loyalty_research.report.joined import joined_page
from loyalty_research.report.material import Report


def make(report: Report, language: str, images: Mapping[Drawing, bytes]) -> bytes:
    """Return the whole report in one language as one self-contained page."""
    return joined_page(report, language, images).encode()
