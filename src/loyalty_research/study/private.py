"""Lists of persons for the brand itself: pseudonyms, a secret of the user's own, private files.

They go to ``private/<brand>/`` of the project's home, which git ignores, and never into a report.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import io
import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loyalty_research.brand.home import config_folder, find_home, shown
from loyalty_research.engine import as_table, backend_of, collect, require_columns
from loyalty_research.errors import (
    BrandFileError,
    DataError,
    ParameterError,
    Problem,
    problem,
    raise_all,
)
from loyalty_research.language.spreadsheets import safe_cell

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_research.study.brand import Brand

SECRET_VARIABLE = "LOYALTY_SECRET_FILE"
PSEUDONYM = "pseudonym"
SOURCE_ID = "source_id"
_LENGTH = 16  # base32 characters: 80 bits
_BYTES = 32
_NAME = re.compile(r"\w[\w-]*")


def pseudonym(source_id: str, secret: bytes) -> str:
    """Return the keyed pseudonym of a customer: the same id and secret give the same one.

    Parameters
    ----------
    source_id
        The brand's own id.
    secret
        Key; without it nobody can tell whom a pseudonym stands for, by trying ids or otherwise.

    Returns
    -------
    str
        16 characters A-Z and 2-7.

    Notes
    -----
    The first 80 bits of HMAC-SHA256 in base32.

    References
    ----------
    RFC 2104; RFC 4648.

    Examples
    --------
    >>> pseudonym("VIP-1", b"a secret of the example's own")
    'I337HJIAF3G4IBY4'
    """
    digest = hmac.new(secret, str(source_id).encode("utf-8"), hashlib.sha256).digest()
    return base64.b32encode(digest)[:_LENGTH].decode("ascii")


def load_secret() -> bytes:
    """Return the user's secret; made at first use, readable by the user alone.

    ``LOYALTY_SECRET_FILE`` names the file; else it is ``secret`` in the user's configuration
    folder. Who loses it cannot make the same pseudonyms again.

    Raises
    ------
    ParameterError
        Where the file lies in the project's folder, is too short, or others may read it.
    """
    named = os.environ.get(SECRET_VARIABLE)
    path = Path(named).expanduser() if named else config_folder() / "secret"
    path = path.resolve()
    if _inside_home(path):
        raise ParameterError(
            problem(
                "secret: {path} lies in the folder of the project; name a file outside it "
                "in {name}",
                path=shown(path),
                name=SECRET_VARIABLE,
            )
        )
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_private(path, secrets.token_hex(_BYTES).encode("ascii"), replace=False)
    raise_all(_secret_problems(path), ParameterError)
    return path.read_bytes().strip()


def export_persons(
    brand: Brand,
    table: Any,
    name: str,
    columns: Sequence[str],
    *,
    source_ids: bool = False,
    folder: Path | None = None,
    headings: Mapping[str, str] | None = None,
) -> Path:
    """Write a list of persons to ``private/<brand>/<name>.csv``, for the brand's own use.

    Parameters
    ----------
    brand
        The brand the customers belong to.
    table
        One row a person or more: ``customer_id`` as in the brand's tables, and ``columns``. Ibis,
        pandas, polars or Arrow.
    name
        Name of the file: letters, digits, ``_`` and ``-``.
    columns
        What is written beside the identity, in this order.
    source_ids
        Whether the brand's own ids are written in place of pseudonyms, so that the persons can be
        contacted. Public identifiers are written as they are.
    folder
        Where the file goes in place of ``private/<brand>/``: outside the project's folder, or in
        its ``private``.
    headings
        Words for the columns in the first line, by name; ``pseudonym`` and ``source_id`` too.

    Returns
    -------
    pathlib.Path
        The file: UTF-8 with a byte order mark, readable by the user alone. No cell starts a
        formula.

    Raises
    ------
    ParameterError
        Where the name cannot be a file's, or the folder or the file is a link, or one that git or
        a report might take up.
    DataError
        Where a column is missing, or a row has no customer of the brand.
    """
    _check_name(name)
    place = find_home() / "private" / brand.name if folder is None else folder.absolute()
    raise_all(_place_problems(place / f"{name}.csv"), ParameterError)
    path = place.resolve() / f"{name}.csv"
    rows = as_table(table, name="table")
    require_columns(rows, ["customer_id", *columns], name="table")
    frame = collect(rows.select("customer_id", *columns), sort_by=["customer_id", *columns])
    known = own_ids(brand)
    _check_persons(frame, known)
    heading, identities = _identities(brand, frame, known, source_ids=source_ids)
    if heading == PSEUDONYM:  # rows in the order of the source ids would help to guess them
        order = sorted(range(len(identities)), key=identities.__getitem__)
        frame, identities = frame.iloc[order], [identities[place] for place in order]
    words = headings or {}
    names = [words.get(item, item) for item in (heading, *columns)]
    content = _csv_bytes(names, identities, frame[list(columns)])
    try:
        _make_private(path.parent)
        _write_private(path, content, replace=True)
    except OSError as error:
        raise ParameterError(
            problem(
                "{path}: cannot be written: {reason}",
                path=shown(path),
                reason=error.strerror or error,
            )
        ) from error
    return path


def _place_problems(path: Path) -> Iterator[Problem]:
    """Yield why a list of persons may not be written to a place."""
    home = find_home().resolve()
    own = (home / "private", path.parent) if _inside_home(path) else (path.parent,)
    links = [item for item in (*own, path) if item.is_symlink()]
    for item in links:
        yield problem(
            "{path} is a link; a list of persons is written to a folder and a file of its own",
            path=shown(item),
        )
    target = path.parent.resolve()
    if not links and target.is_relative_to(home) and not target.is_relative_to(home / "private"):
        yield problem(
            "{path} lies in the folder of the project, where git or a report might take it up; "
            "allowed: a folder outside it, or private",
            path=shown(path),
        )
    if target.exists() and not target.is_dir():
        yield problem("{path} is a file; allowed: a folder", path=shown(target))


def _make_private(place: Path) -> None:
    """Make the folder for the user alone; those of the project are closed to others again."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = find_home().resolve() / "private"
    for part in (place, *place.parents):
        if part.is_relative_to(private):
            part.chmod(0o700)


def _inside_home(path: Path) -> bool:
    try:
        return path.is_relative_to(find_home().resolve())
    except BrandFileError:
        return False


def _secret_problems(path: Path) -> Iterator[Problem]:
    if sys.platform != "win32" and path.stat().st_mode & 0o077:
        yield problem(
            "secret: others may read {path}; make it readable by yourself alone (chmod 600)",
            path=path,
        )
    if len(path.read_bytes().strip()) < _BYTES:
        yield problem(
            "secret: {path} is shorter than {length} characters; remove it and a new one is made",
            path=path,
            length=_BYTES,
        )


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ParameterError(
            problem("name: found {found!r}; allowed: letters, digits, _ and -", found=name)
        )


def own_ids(brand: Brand) -> Mapping[int, str]:
    """Return the brand's own id of each internal one."""
    from loyalty_research.study.ingest import CUSTOMER_IDS

    table = next((name for name in ("orders", "customers") if brand.has(name)), None)
    backend = backend_of(brand.table(table)) if table else None
    if backend is None or CUSTOMER_IDS not in backend.list_tables():
        raise DataError(problem("brand {brand!r} has no table with customers", brand=brand.name))
    ids = collect(backend.table(CUSTOMER_IDS), sort_by=["customer_id"])
    return dict(zip(ids["customer_id"].tolist(), ids["source_id"].astype(str), strict=True))


def _check_persons(frame: pd.DataFrame, known: Mapping[int, str]) -> None:
    strange = int((~frame["customer_id"].isin(list(known))).sum())
    if strange:
        raise DataError(
            problem(
                "table: {count} row(s) have no customer of the brand; allowed: customer_id as in "
                "the brand's own tables",
                count=strange,
            )
        )


def _identities(
    brand: Brand, frame: pd.DataFrame, known: Mapping[int, str], *, source_ids: bool
) -> tuple[str, list[str]]:
    own = [known[item] for item in frame["customer_id"]]
    if source_ids or brand.context.public:
        return SOURCE_ID, own
    secret = load_secret()
    return PSEUDONYM, [pseudonym(item, secret) for item in own]


def _csv_bytes(names: Sequence[str], identities: Sequence[str], frame: pd.DataFrame) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in names])
    for identity, row in zip(identities, frame.itertuples(index=False, name=None), strict=True):
        writer.writerow([safe_cell(identity), *(safe_cell(value) for value in row)])
    return text.getvalue().encode("utf-8-sig")


def _write_private(path: Path, content: bytes, *, replace: bool) -> None:
    """Write a file that only the user may read from its first byte on."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if replace:
            draft.replace(path)
        else:
            os.link(draft, path)  # refuses where another process was first
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
