"""The small made report, put together without running a notebook."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from report import made_results
from report.sandbox import MORE, PROFILE, TEMPLATES, WORDING, notebook

from loyalty_research.language import LANGUAGES, catalogue
from loyalty_research.report.chapters import Chapter
from loyalty_research.report.figures import Drawing, draw_here
from loyalty_research.report.formats import FORMATS
from loyalty_research.report.imprint import Imprint
from loyalty_research.report.material import Report, load_part
from loyalty_research.report.pages import drawings
from loyalty_research.report.runs import Outcome, Run
from loyalty_research.results import MIME, ResultStore

LOGO = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63789a24010003140170c0e1f7730000000049454e44ae426082"
)
"""A PNG of one pixel."""
IMPRINT = Imprint(
    client={"zh": "小店有限公司", "en": "Tiny Ltd"},
    prepared_by={"zh": "某研究室", "en": "A research office"},
    confidentiality={"zh": "仅供内部使用", "en": "Internal use only"},
    version="2.1",
    colour="#7a1f3d",
    logo=LOGO,
    logo_kind="png",
)


@contextmanager
def wording() -> Iterator[None]:
    """Add the sandbox's wording to the catalogues for the length of a ``with`` block."""
    words: dict[str, Mapping[str, str]] = {}
    for place, language in enumerate(("zh", "en")):
        added = {
            key.format(name): texts[place].format(name)
            for name in TEMPLATES
            for key, texts in WORDING.items()
        }
        more = {key: texts[place] for key, texts in MORE.items()}
        words[language] = {**catalogue(language), **added, **more}
    with pytest.MonkeyPatch.context() as patch:
        for module in ("loyalty_research.language.translator", "loyalty_research.report.material"):
            patch.setattr(sys.modules[module], "catalogue", words.__getitem__)
        yield


def small_report(folder: Path, *, imprint: Imprint = IMPRINT, evidence: str = "observed") -> Report:
    """Return a report of one chapter with a table, a figure, and findings."""
    store = ResultStore(folder / "store")
    results = (made_results.board(evidence=evidence), made_results.segments(evidence))
    keys = [store.write(result) for result in results]
    cells = [dict(cell) for cell in PROFILE]
    for cell, key in zip(
        [cell for cell in cells if "lr.show(" in cell["source"]], keys, strict=True
    ):
        data = {MIME: {"result": key}}
        cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    content = notebook("profile", "顾客画像", "Customer profile", cells)
    (folder / "executed.ipynb").write_text(content, encoding="utf-8")
    title = json.loads(content)["metadata"]["loyalty"]["title"]
    chapter = Chapter("profile", title, Path("1_profile.ipynb"), content.encode())
    run = Run(folder, Outcome("profile", "k", "ok", "2025-01-01", {}))
    return Report(
        brand="tiny",
        titles={},
        names={"zh": "小店", "en": "Tiny"},
        date="2025-01-01",
        parts=(load_part(chapter, run),),
        languages=LANGUAGES,
        tables=("transactions",),
        imprint=imprint,
    )


def images_of(report: Report) -> dict[Drawing, bytes]:
    """Return every drawing of every format."""
    return draw_here(drawings(report, FORMATS))
