"""Delivery: a report folder is complete, or it is not there."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loyalty_research.errors import ReportError, problem
from loyalty_research.report.keys import file_digest, sha256
from loyalty_research.report.runs import stale

MANIFEST = "manifest.json"
MADE_BY = "loyalty_research report"
_EXCHANGE = 2
_HERE = -100


def read_manifest(place: Path) -> dict[str, Any] | None:
    """Return the manifest of the report at ``place``; None where there is none of ours."""
    try:
        manifest: Any = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("made_by") != MADE_BY:
        return None
    return manifest


def is_complete(place: Path, manifest: Mapping[str, Any]) -> bool:
    """Tell whether every file the manifest lists is there with the bytes it had."""
    try:
        return all(
            file_digest(place / name) == digest for name, digest in manifest["files"].items()
        )
    except (OSError, KeyError, AttributeError):
        return False


def check_place(place: Path) -> None:
    """Refuse to replace what is no report.

    Raises
    ------
    ReportError
        Where ``place`` is a file, or a folder with something else in it.
    """
    if not place.exists() and not place.is_symlink():
        return
    empty = place.is_dir() and not place.is_symlink() and not any(place.iterdir())
    if empty or (place.is_dir() and not place.is_symlink() and read_manifest(place) is not None):
        return
    raise ReportError(
        problem(
            "--out: {name!r} is there already and is no report; allowed: an empty folder, a "
            "report made before, or a name that is free",
            name=f"{place.parent.name}/{place.name}",
        )
    )


def deliver(place: Path, contents: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    """Write a report beside its place and put it there in one step.

    Parameters
    ----------
    place
        Folder of the report.
    contents
        Files by path within it.
    manifest
        Written as manifest.json, with the digests of all files.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.parent / f".{place.name}.new.{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        for name, content in sorted(contents.items()):
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        files = {name: sha256(content) for name, content in sorted(contents.items())}
        document = {"made_by": MADE_BY, **manifest, "files": files}
        text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        (fresh / MANIFEST).write_text(text, encoding="utf-8")
        check_place(place)
        _swap(fresh, place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def mend(place: Path) -> None:
    """Clear up after runs that were interrupted: working folders go, a report set aside returns."""
    if not place.parent.is_dir():
        return
    for item in sorted(place.parent.glob(f".{place.name}.old.*")):
        if stale(item):
            if place.exists():
                shutil.rmtree(item, ignore_errors=True)
            else:
                item.rename(place)
    for item in place.parent.glob(f".{place.name}.new.*"):
        if stale(item):
            shutil.rmtree(item, ignore_errors=True)


def _swap(fresh: Path, place: Path) -> None:
    """Put ``fresh`` in the place of ``place``; what stood there is at ``fresh`` or gone after."""
    if not place.exists():
        fresh.rename(place)
        return
    if _exchange(fresh, place):
        return
    aside = place.parent / f".{place.name}.old.{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    place.rename(aside)
    fresh.rename(place)
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two folders in one step, where the system can; tell whether it did."""
    if sys.platform != "linux":
        return False
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return bool(call(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _EXCHANGE) == 0)
