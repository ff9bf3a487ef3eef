"""Read a brand file and list everything that is wrong with it at once."""

from __future__ import annotations

import os
from pathlib import Path

from loyalty_research.brand.checking import in_file, model_problems
from loyalty_research.brand.colour import check_colour
from loyalty_research.brand.document import load_document
from loyalty_research.brand.earlier import check_earlier
from loyalty_research.brand.facts import check_facts
from loyalty_research.brand.fixes import check_fixes
from loyalty_research.brand.home import BRAND_FILE, brand_folder
from loyalty_research.brand.logo import check_logo
from loyalty_research.brand.mapping import check_tables
from loyalty_research.brand.schema import BrandFile
from loyalty_research.errors import BrandFileError, raise_all


def load_brand_file(path_or_name: str | os.PathLike[str]) -> BrandFile:
    """Read and check a brand file.

    Parameters
    ----------
    path_or_name
        Name of a brand, or the path of a file ending in ``.yaml``.

    Returns
    -------
    BrandFile
        The file as checked, frozen settings.

    Raises
    ------
    BrandFileError
        With every problem of the file: each names the file, the key, what was found and what is
        allowed.
    """
    named = os.fspath(path_or_name)
    if named.endswith((".yaml", ".yml")):
        path = Path(named).absolute()
    else:
        path = brand_folder(named) / BRAND_FILE
    data = load_document(path)
    found = [*model_problems(BrandFile, data, path=path), *check_tables(data)]
    found += [*check_colour(data), *check_logo(data, path.parent), *check_facts(data)]
    found += [*check_fixes(data), *check_earlier(data)]
    raise_all(in_file(path, iter(found)), BrandFileError)
    return BrandFile.model_validate(data, context={"path": path})
