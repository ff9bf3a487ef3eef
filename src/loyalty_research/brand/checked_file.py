"""Read a YAML file as a document of a model, with everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from loyalty_research.brand.checking import in_file, model_problems
from loyalty_research.brand.document import load_document
from loyalty_research.errors import BrandFileError, LoyaltyError, Problem, raise_all

M = TypeVar("M", bound=BaseModel)


def read_checked(
    path: Path,
    model: type[M],
    *,
    mistakes: Callable[[M], Iterator[Problem]],
    error: type[LoyaltyError] = BrandFileError,
) -> M:
    """Return a file as a document of ``model``; ``path`` is its validation context.

    Parameters
    ----------
    path
        The file.
    model
        What may stand in it.
    mistakes
        Yields what is wrong between the parts of a document that fits the model.
    error
        Class of the error.

    Raises
    ------
    LoyaltyError
        Of class ``error``, with every problem of the file: each names the file, the key or line,
        what was found and what is allowed.
    """
    try:
        data = load_document(path)
    except BrandFileError as found:
        raise error(*found.problems) from found
    raise_all(in_file(path, model_problems(model, data, path=path)), error)
    document = model.model_validate(data, context={"path": path})
    raise_all(in_file(path, mistakes(document)), error)
    return document


def changed(path: Path) -> int:
    """Return a number that tells one state of a file from the next; 0 where it cannot be read."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0  # reading the file tells what is wrong
