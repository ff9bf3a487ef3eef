"""Office files whose bytes do not change: the same parts under one date."""

from __future__ import annotations

import io
import re
import zipfile

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def fixed(content: bytes) -> bytes:
    """Return a ZIP archive with the same files in the same order, all of the earliest date.

    Workbooks inside, the data of charts, are treated the same, as they note when they were made.
    """
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for item in source.infolist():
            info = zipfile.ZipInfo(item.filename, _EARLIEST)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            target.writestr(info, _part(item.filename, source.read(item)))
    return out.getvalue()


def _part(name: str, content: bytes) -> bytes:
    if not name.endswith(".xlsx"):
        return content
    return fixed(_without_dates(content))


def _without_dates(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for item in source.infolist():
            part = source.read(item)
            if item.filename == "docProps/core.xml":
                part = _DATES.sub(rb"\g<1>1980-01-01T00:00:00Z", part)
            target.writestr(item, part)
    return out.getvalue()
