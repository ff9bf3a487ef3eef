"""Read a programme file, and list everything that is wrong with it at once."""

from __future__ import annotations

import hashlib
import os
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from loyalty_research.brand.checked_file import changed, read_checked
from loyalty_research.brand.home import find_home, shown
from loyalty_research.errors import ProgrammeError, problem, raise_all
from loyalty_research.programmes.checking import check_family, check_programme, span
from loyalty_research.programmes.schema import Programme

FOLDER = Path("data", "programmes")
"""Where programme files stand in the home folder."""


def list_programmes(home: Path | None = None) -> list[str]:
    """Return the names of all programmes, sorted: the files of ``data/programmes``.

    Parameters
    ----------
    home
        Folder that holds ``data/programmes``; None for that of the project in use.
    """
    return sorted(path.stem for path in ((home or find_home()) / FOLDER).glob("*.yaml"))


def load_programme(name_or_path: str | os.PathLike[str], home: Path | None = None) -> Programme:
    """Read and check a loyalty programme.

    Parameters
    ----------
    name_or_path
        Name of a programme of ``data/programmes``, or the path of a file ending in ``.yaml``.
    home
        Folder that holds ``data/programmes``; None for that of the project in use.

    Returns
    -------
    Programme
        The file as checked, frozen.

    Raises
    ------
    ProgrammeError
        With every problem of the file: each names the file, the key, what was found and what is
        allowed. For an unknown name, with the programmes there are.
    """
    named = os.fspath(name_or_path)
    if named.endswith((".yaml", ".yml")):
        path = Path(named).absolute()
    else:
        path = _path_of(named, home or find_home())
    return _load(path, changed(path))


def load_family(family: str, home: Path | None = None) -> tuple[Programme, ...]:
    """Read the states of one programme over time, the earliest first.

    Parameters
    ----------
    family
        As ``family`` of their files has it, such as ``starbucks_us``.
    home
        Folder that holds ``data/programmes``; None for that of the project in use.

    Returns
    -------
    tuple of Programme
        Empty where no file is of that family.

    Raises
    ------
    ProgrammeError
        Where a file of the folder is wrong, or two states hold at the same time.
    """
    every = [load_programme(name, home) for name in list_programmes(home)]
    states = sorted((item for item in every if item.family == family), key=span)
    raise_all(check_family(states), ProgrammeError)
    return tuple(states)


def programme_digest(programme: Programme) -> str:
    """Return a hash of everything a programme says, for keys of caches.

    Equal for equal rules in an equally named file; blanks and comments of the file do not count.
    """
    content = f"{programme.id}\n{programme.model_dump_json()}"
    return hashlib.sha256(content.encode()).hexdigest()


@lru_cache(maxsize=128)
def _load(path: Path, _changed: int) -> Programme:
    """Read the file; ``_changed`` tells one state of it from the next."""
    return read_checked(path, Programme, mistakes=check_programme, error=ProgrammeError)


def _path_of(name: str, home: Path) -> Path:
    known = list_programmes(home)
    if name in known:
        return home / FOLDER / f"{name}.yaml"
    near = get_close_matches(name, known, n=3)
    raise ProgrammeError(
        problem(
            "programme {name!r}: not found in {folder}; there is: {known}{near}",
            name=name,
            folder=shown(home / FOLDER),
            known=", ".join(known) or "no programme",
            near=f"; did you mean {', '.join(near)}?" if near else "",
        )
    )
