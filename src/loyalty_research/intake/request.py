"""What is asked for when a brand is begun, and whether that can be done at all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from loyalty_research.brand import find_home, shown
from loyalty_research.brand.home import BRAND_FILE
from loyalty_research.errors import (
    BrandFileError,
    ParameterError,
    Problem,
    problem,
    raise_all,
)
from loyalty_research.intake.draft import Choices
from loyalty_research.tables import TABLES

ORDERS, LINES = "orders", "lines"
TABLE_OPTIONS = (
    "transactions",
    "products",
    "customers",
    "stores",
    "survey",
    "feedback",
    "events",
    "points",
    "campaigns",
    "market",
)
_NOT_IN_NAMES = '/\\:*?"<>|'


@dataclass(frozen=True, slots=True)
class Request:
    """A brand to begin.

    Parameters
    ----------
    brand
        Name of its folder.
    files
        Files and patterns by table; ``orders`` and ``lines`` are the two files of transactions.
    name
        The brand's name, or its Chinese and English names with a slash between.
    currency
        ISO 4217 code.
    choices
        Time zone, order of dates, headings named by hand.
    sheets
        Sheets of workbooks.
    sale_status
        Statuses that are sales, beyond those known.
    preview
        Read 1,000 rows and write nothing.
    force
        Take the place of a brand file that is there.
    """

    brand: str
    files: Mapping[str, tuple[str, ...]]
    name: str | None = None
    currency: str = "CNY"
    choices: Choices = field(default_factory=lambda: Choices("Asia/Shanghai"))
    sheets: tuple[str, ...] = ()
    sale_status: tuple[str, ...] = ()
    preview: bool = False
    force: bool = False

    @property
    def names(self) -> dict[str, str]:
        """The brand's name in both languages."""
        zh, _, en = (self.name or self.brand).partition("/")
        return {"zh": zh.strip() or en.strip(), "en": en.strip() or zh.strip()}

    @property
    def folder(self) -> Path:
        """The brand's folder, which may not be there yet."""
        return find_home() / "data" / "brands" / self.brand

    @property
    def path(self) -> Path:
        """The brand file."""
        return self.folder / BRAND_FILE


def check_request(request: Request) -> None:
    """Refuse what cannot be done, all at once.

    Raises
    ------
    ParameterError
        Where names, files or options do not go together.
    BrandFileError
        Where the brand is there already.
    """
    raise_all(_problems(request), ParameterError)
    if request.path.exists() and not (request.force or request.preview):
        raise BrandFileError(
            problem(
                "{file}: there already; give the brand another name, look first with --preview, or "
                "take its place with --force (the old file is kept as brand.yaml.bak)",
                file=shown(request.path),
            )
        )


def _problems(request: Request) -> Iterator[Problem]:
    name = request.brand
    odd = any(sign in name for sign in _NOT_IN_NAMES) or not name.isprintable()
    if odd or not name.strip() or name != name.strip() or name.startswith("."):
        yield _bad_name(name)
    pair = [key for key in (ORDERS, LINES) if key in request.files]
    if pair and len(pair) < 2:
        yield problem("--orders and --lines go together; found only --{one}", one=pair[0])
    if pair and "transactions" in request.files:
        yield problem("found --transactions beside --orders and --lines; allowed: one or the other")
    if "transactions" not in request.files and not pair:
        yield problem(
            "no file of purchases: give --transactions FILE, or --orders FILE and --lines FILE"
        )
    for table, columns in request.choices.columns.items():
        for column in columns:
            if table not in request.files and not (table == "transactions" and pair):
                yield problem(
                    "--column {table}.{column}: no file was given for {table}",
                    table=table,
                    column=column,
                )
            elif column not in TABLES[table].names:
                yield problem(
                    "--column: found {column!r}; the columns of {table} are: {allowed}",
                    column=column,
                    table=table,
                    allowed=", ".join(TABLES[table].names),
                )


def _bad_name(name: str) -> Problem:
    return problem(
        "brand {name!r}: cannot be the name of a folder; allowed: letters of any language, digits, "
        "spaces, - and _",
        name=name,
    )


def named_sources(given: Sequence[str], folder: Path) -> tuple[str, ...]:
    """Return files as the brand file names them: relative inside its folder, else absolute."""
    return tuple(_named(item, folder) for item in given)


def _named(item: str, folder: Path) -> str:
    if "://" in item or item.startswith("package:"):
        return item
    path = Path(os.path.abspath(Path(item).expanduser()))  # noqa: PTH100  (keeps links and patterns)
    if path.is_relative_to(folder):
        return PurePath(path.relative_to(folder)).as_posix()
    return path.as_posix()
