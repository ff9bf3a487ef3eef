"""``loyalty edit``: the file in which a report's wording, order and omissions are changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from loyalty_research.brand import brand_folder, find_home
from loyalty_research.cli.words import ui
from loyalty_research.report.editorial import FILE, load_editorial
from loyalty_research.report.editorial_file import write_editorial


def edit_brand(brand: str, *, out: Path | None, say: Callable[..., None]) -> int:
    """Write or refresh a brand's editorial file, and print where it is."""
    path = brand_folder(brand) / FILE
    load_editorial(path)  # what is there already must be readable
    place = (out or find_home() / "reports").absolute() / brand
    count = write_editorial(path, place, language=ui())
    say("progress.editorial", count=count)
    print(path)
    return 0
