"""Two cache keys: what decides a chapter's numbers, and what decides how they are shown."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import loyalty_research

PACKAGE = Path(loyalty_research.__file__).parent
_RENDERING = (
    "report",
    "charts",
    "language",
    "cli",
    "__main__.py",
    "results/columns.py",
    "results/html.py",
    "results/save.py",
)
"""What only decides how results are shown: a change here does not execute anything."""
_EXECUTION_TOO = ("report/worker.py", "report/kernel.py")
_SOURCES = {".py", ".yaml", ".json", ".bib"}
_SHOWN = {".py", ".yaml", ".po", ".html", ".css"}
_EXECUTION_LIBRARIES = (
    "duckdb",
    "ibis-framework",
    "ipykernel",
    "numpy",
    "pandas",
    "papermill",
    "pyarrow",
    "scipy",
    "sqlglot",
    "statsmodels",
)
_RENDERING_LIBRARIES = (
    "babel",
    "brotli",
    "fonttools",
    "jinja2",
    "markdown-it-py",
    "matplotlib",
    "numpy",
    "pandas",
    "pylopdf-fonts-zh-cn",
    "python-docx",
    "python-pptx",
    "weasyprint",
    "xlsxwriter",
)
LOCKS = ("requirements.lock", "requirements-data.lock")


def sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content`` as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def digest(value: Any) -> str:
    """Return a digest of plain values, the same for equal ones."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
    return sha256(text.encode())[:32]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _is_rendering(name: str) -> bool:
    if name in _EXECUTION_TOO:
        return False
    return any(name == part or name.startswith(f"{part}/") for part in _RENDERING)


def _package_files() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*")):
        if "__pycache__" not in path.parts and path.is_file():
            yield path.relative_to(PACKAGE).as_posix(), path


def code_digest() -> str:
    """Return a digest of the code that computes: the package without what only renders."""
    return digest(
        {
            name: file_digest(path)
            for name, path in _package_files()
            if path.suffix in _SOURCES and not _is_rendering(name)
        }
    )


def rendering_digest() -> str:
    """Return a digest of code, catalogues and templates that decide how results are shown."""
    return digest(
        {
            name: file_digest(path)
            for name, path in _package_files()
            if path.suffix in _SHOWN and _is_rendering(name)
        }
    )


def execution_environment() -> dict[str, str]:
    """Return the versions that decide the numbers."""
    return {"python": platform.python_version(), **_versions(_EXECUTION_LIBRARIES)}


def rendering_environment() -> dict[str, str]:
    """Return the versions that decide the pages."""
    return _versions(_RENDERING_LIBRARIES)


def _versions(names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def lock_digests(home: Path) -> dict[str, str]:
    """Return the digests of the lock files that ``home`` has."""
    return {name: file_digest(home / name) for name in LOCKS if (home / name).is_file()}


def execute_key(
    notebook: bytes,
    *,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Any],
    code: Mapping[str, Any],
) -> str:
    """Return the key of a chapter's execution.

    Parameters
    ----------
    notebook
        Bytes of the notebook.
    parameters
        What it is run with.
    inputs
        Digests of the brand file and of published figures, fingerprints of the tables.
    code
        Digest of the code, locks and versions.
    """
    parts = {
        "notebook": sha256(notebook),
        "parameters": {name: [type(item).__name__, item] for name, item in parameters.items()},
        "inputs": inputs,
        "code": code,
    }
    return digest(parts)
