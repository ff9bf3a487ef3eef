"""What a brand's tables are made from, as hashes.

Needs the standard library and the brand file only, so that an unchanged brand is seen at once.
The key changes when the brand file, a source file, the code of the data floor or the engine's
version does, and with nothing else.
"""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from loyalty_research.brand import BrandFile, cache_folder, load_facts
from loyalty_research.study.cache import make_private, write_private
from loyalty_research.study.digest import code_digest
from loyalty_research.study.period import as_compare, as_period
from loyalty_research.study.sources import ORDERS_OF, content_of, files_of
from loyalty_research.study.worlds import brand_file

_CODE = ("brand", "engine", "study", "tables.py")
_READER = ("study/files",)
_ENGINES = ("duckdb", "ibis-framework")
_READERS = ("python-calamine", "pyarrow", "duckdb")
_SETTLED_SECONDS = 2.0
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class BrandFingerprint:
    """Hashes of everything a brand's cached tables and its report depend on.

    Parameters
    ----------
    brand_file
        Of the brand file's bytes.
    tables
        Of each table's source files, by canonical name.
    code
        Of the data floor's source files and the engine's version.
    period, compare
        What is asked for in place of what the brand file says; empty where nothing is.
    facts
        Of what is published of the brand; no table depends on it, and the key leaves it out.
    """

    brand_file: str
    tables: dict[str, str]
    code: str
    period: str = ""
    compare: str = ""
    facts: str = ""

    @property
    def key(self) -> str:
        """One short name for all of them."""
        parts = [self.brand_file, self.code, self.period, self.compare]
        parts += [f"{name}={value}" for name, value in sorted(self.tables.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def brand_fingerprint(
    brand: str | BrandFile, *, period: Any = None, compare: Any = None
) -> BrandFingerprint:
    """Return the fingerprint of a brand.

    Parameters
    ----------
    brand
        Name of the brand or world, or its file as loaded.
    period, compare
        As in :func:`loyalty_research.open_brand`.

    Raises
    ------
    BrandFileError
        Where the brand file is missing or wrong.
    DataError
        Where a source file is missing; lists all that are.
    ParameterError
        Where ``period`` or ``compare`` cannot be read.
    """
    asked = "" if period is None else "..".join(as_period(period).iso)
    against = "" if compare is None else str(as_compare(compare))
    file = brand_file(brand) if isinstance(brand, str) else brand
    contents = {name: content_of(item, file_fingerprint) for name, item in files_of(file).items()}
    return BrandFingerprint(
        brand_file=hashlib.sha256(file.path.read_bytes()).hexdigest(),
        tables={name: _with_orders(name, contents) for name in file.tables},
        code=code_fingerprint(),
        period=asked,
        compare=against,
        facts=load_facts().of(file.facts).digest if file.facts else "",
    )


def _with_orders(name: str, contents: dict[str, str]) -> str:
    orders = contents.get(ORDERS_OF.format(table=name))
    if orders is None:
        return contents[name]
    return hashlib.sha256(f"{contents[name]} {orders}".encode()).hexdigest()


def file_fingerprint(path: Path) -> str:
    """Return the sha256 of a file, remembered in the cache by path, size and time of change."""
    stat = path.stat()
    mark = f"{stat.st_size} {stat.st_mtime_ns}"
    name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    note = cache_folder() / "fingerprints" / name
    try:
        remembered, _, digest = note.read_text(encoding="ascii").partition("=")
    except (OSError, ValueError):
        remembered, digest = "", ""
    if remembered == mark and len(digest) == 64:
        return digest
    digest = _sha256(path)
    # A file changed just now may change again within the clock's resolution: not remembered yet.
    if time.time() - stat.st_mtime > _SETTLED_SECONDS:
        make_private(note.parent)
        write_private(note, f"{mark}={digest}")
    return digest


@cache
def code_fingerprint() -> str:
    """Return the hash of the data floor's source files and of the engine's version."""
    return code_digest(_CODE, _ENGINES)


@cache
def reader_fingerprint() -> str:
    """Return the hash of what turns files into Parquet."""
    return code_digest(_READER, _READERS)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
