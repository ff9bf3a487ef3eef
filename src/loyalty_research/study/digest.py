"""Hashes of the project's own source files and of the packages they stand on."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import loyalty_research


def code_digest(
    entries: tuple[str, ...], packages: tuple[str, ...], *, suffixes: tuple[str, ...] = (".py",)
) -> str:
    """Return the hash of modules, folders of them included, and of the versions of packages.

    Parameters
    ----------
    entries
        Paths within ``loyalty_research``.
    packages
        Names of distributions.
    suffixes
        Which files of a folder count.
    """
    package = Path(loyalty_research.__file__).parent
    digest = hashlib.sha256()
    for entry in entries:
        place = package / entry
        found = place.rglob("*") if place.is_dir() else [place]
        files = sorted(file for file in found if file.suffix in suffixes)
        for file in files:
            digest.update(file.relative_to(package).as_posix().encode())
            digest.update(file.read_bytes())
    for name in packages:
        try:
            digest.update(f"{name}={version(name)}".encode())
        except PackageNotFoundError:
            digest.update(f"{name} missing".encode())
    return digest.hexdigest()
