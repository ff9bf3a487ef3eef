"""The report as PDF: the joined page laid out by WeasyPrint, which needs the system's Pango."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import Any

from loyalty_research.errors import problem
from loyalty_research.report.figures import Drawing
from loyalty_research.report.formats import UnavailableError
from loyalty_research.report.joined import joined_page
from loyalty_research.report.keys import sha256
from loyalty_research.report.material import Report


def make(report: Report, language: str, images: Mapping[Drawing, bytes]) -> bytes:
    """Return the whole report in one language as PDF; the same report gives the same bytes.

    Raises
    ------
    UnavailableError
        Where WeasyPrint or Pango cannot be loaded.
    """
    weasyprint = _weasyprint()
    page = joined_page(report, language, images, paper=True)
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    out = io.BytesIO()
    inside = weasyprint.urls.URLFetcher(allowed_protocols={"data"})  # nothing is fetched
    document = weasyprint.HTML(string=page, url_fetcher=inside)
    document.write_pdf(out, pdf_identifier=sha256(page.encode())[:32].encode(), pdf_tags=True)
    return out.getvalue()


def is_available() -> bool:
    """Tell whether a PDF can be made on this machine."""
    try:
        _weasyprint()
    except UnavailableError:
        return False
    return True


def _weasyprint() -> Any:
    try:
        with redirect_stdout(io.StringIO()):  # where Pango is missing it prints a page of advice
            import weasyprint  # type: ignore[import-untyped]
    except (ImportError, OSError) as error:
        raise UnavailableError(
            problem(
                "no PDF: Pango is not on this machine; Debian and Ubuntu: apt-get install "
                "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango; "
                "Windows: pacman -S mingw-w64-ucrt-x86_64-pango in MSYS2"
            )
        ) from error
    return weasyprint
