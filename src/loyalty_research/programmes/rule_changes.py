"""The days on which a brand's programme changed its rules, as its file tells them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

from loyalty_research.brand.schema import BrandFile
from loyalty_research.programmes.load import load_programme
from loyalty_research.programmes.schema import Programme


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A change of rules.

    Parameters
    ----------
    on
        First day of the later rules.
    before, after
        Programmes until the day before, and from it on.
    """

    on: dt.date
    before: Programme
    after: Programme


def rule_changes(file: BrandFile) -> tuple[RuleChange, ...]:
    """Return the changes that a brand file names, the earliest first.

    Parameters
    ----------
    file
        With ``programme`` and ``earlier_programmes``.

    Raises
    ------
    ProgrammeError
        Where a programme cannot be read.
    """
    if file.programme is None:
        return ()
    names = [*(item.programme for item in file.earlier_programmes), file.programme]
    rules = [load_programme(name) for name in names]
    return tuple(
        RuleChange(item.until + dt.timedelta(days=1), before, after)
        for item, (before, after) in zip(file.earlier_programmes, pairwise(rules), strict=True)
    )
