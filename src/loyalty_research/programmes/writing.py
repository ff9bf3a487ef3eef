"""Write a programme, such as a proposal, as a file that is read back as the same rules."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from loyalty_research.brand.checking import in_file, model_problems
from loyalty_research.errors import ParameterError, ProgrammeError, problem, raise_all
from loyalty_research.programmes.checking import check_programme
from loyalty_research.programmes.schema import Programme

_SCHEMA = "# yaml-language-server: $schema=programme.schema.json\n"
_WIDTH = 100


def write_programme(
    programme: Programme, path: str | os.PathLike[str], *, overwrite: bool = False
) -> Path:
    """Write a programme as a file that :func:`load_programme` reads, and that can be edited.

    Parameters
    ----------
    programme
        Its rules.
    path
        A file ending in ``.yaml``, whose name without the ending becomes the programme's name; or
        a folder, made where it is not there, for a file named as the programme.
    overwrite
        Whether a file that is there may be replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ParameterError
        Where the file is there already.
    ProgrammeError
        Where the rules would be refused when read.

    Notes
    -----
    Keys at their defaults are left out; comments of the file the rules were read from are not kept.

    Examples
    --------
    >>> write_programme(proposal, "data/programmes/plan_b.yaml")  # doctest: +SKIP
    """
    named = Path(path)
    file = named if named.suffix in (".yaml", ".yml") else named / f"{programme.id}.yaml"
    if file.exists() and not overwrite:
        raise ParameterError(
            problem("{path} is there already; give another name, or overwrite=True", path=file)
        )
    document = _plain(programme.model_dump(exclude_defaults=True))
    raise_all(in_file(file, model_problems(Programme, document, path=file)), ProgrammeError)
    made = Programme.model_validate(document, context={"path": file})
    raise_all(in_file(file, check_programme(made)), ProgrammeError)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=_WIDTH)
    file.write_text(_SCHEMA + text, encoding="utf-8")
    return file


def _plain(value: Any) -> Any:
    """Return what is typed into a file: numbers for decimals, texts for days, lists."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value.isoformat() if isinstance(value, dt.date) else value
