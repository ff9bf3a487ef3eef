"""Where brands stand, and where what is made of them is cached."""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from pathlib import Path

from loyalty_research.errors import BrandFileError, problem

HOME_VARIABLE = "LOYALTY_HOME"
CACHE_VARIABLE = "LOYALTY_CACHE"
BRAND_FILE = "brand.yaml"
_BRANDS = Path("data", "brands")


def find_home(start: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder that holds ``data/brands``.

    Parameters
    ----------
    start
        Folder to search upward from; None for the working directory. ``LOYALTY_HOME``, where set,
        is taken instead of a search.

    Returns
    -------
    pathlib.Path
        Absolute path.

    Raises
    ------
    BrandFileError
        Where there is no such folder.
    """
    named = os.environ.get(HOME_VARIABLE) if start is None else None
    if named:
        home = Path(named).expanduser().resolve()
        if not (home / _BRANDS).is_dir():
            raise BrandFileError(
                problem(
                    "{variable}: found {found}; the folder has no data/brands",
                    variable=HOME_VARIABLE,
                    found=named,
                )
            )
        return home
    first = Path(start).resolve() if start is not None else Path.cwd()
    for folder in (first, *first.parents):
        if (folder / _BRANDS).is_dir():
            return folder
    raise BrandFileError(
        problem(
            "no folder data/brands in {first} or above it; go to the folder of the project, "
            "or name it in the environment variable {variable}",
            first=first,
            variable=HOME_VARIABLE,
        )
    )


def list_brands() -> list[str]:
    """Return the names of all brands, sorted: the folders of ``data/brands`` with a brand file."""
    folder = find_home() / _BRANDS
    return sorted(item.parent.name for item in folder.glob(f"*/{BRAND_FILE}"))


def brand_folder(name: str) -> Path:
    """Return the folder of the brand called ``name``.

    Raises
    ------
    BrandFileError
        Where there is no such brand; names the folder searched, the brands in it and the nearest.
    """
    folder = find_home() / _BRANDS
    known = list_brands()
    if name in known:
        return folder / name
    near = get_close_matches(name, known, n=1)
    raise BrandFileError(
        problem(
            "brand {name!r}: not found in {folder}; there is: {known}{near}",
            name=name,
            folder=shown(folder),
            known=", ".join(known) or "no brand",
            near=f"; did you mean {near[0]!r}?" if near else "",
        )
    )


def cache_folder() -> Path:
    """Return the folder of everything that can be made again; it may not exist yet.

    ``LOYALTY_CACHE`` where set, else the place the system has for caches.
    """
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser().resolve()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        # Only an absolute path counts, as the base directory specification wants it.
        named = os.environ.get("XDG_CACHE_HOME", "")
        base = Path(named) if Path(named).is_absolute() else Path.home() / ".cache"
    return base / "loyalty-research"


def config_folder() -> Path:
    """Return the folder of what belongs to the user and no repository; it may not exist yet."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        named = os.environ.get("XDG_CONFIG_HOME", "")
        base = Path(named) if Path(named).is_absolute() else Path.home() / ".config"
    return base / "loyalty-research"


def shown(path: Path) -> str:
    """Return ``path`` as messages print it: relative to the home folder where it lies inside."""
    try:
        return path.resolve().relative_to(find_home()).as_posix()
    except (ValueError, BrandFileError):
        return str(path)
