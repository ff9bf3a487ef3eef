"""What a design changes in the rules of another programme, rule by rule."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.programmes.mechanics import mechanics
from loyalty_research.programmes.schema import Programme

SAME, CHANGED, NEW, DROPPED = "same", "changed", "new", "dropped"
_COLUMNS = ("part", "rule", "change", "before_zh", "before_en", "after_zh", "after_en")
_LANGUAGES = ("zh", "en")


def changes(present: Programme, design: Programme) -> pd.DataFrame:
    """Return every rule of two programmes, and whether the second changes it.

    Parameters
    ----------
    present, design
        Rules as they are, and as proposed.

    Returns
    -------
    pandas.DataFrame
        A row a rule in the order of the design, those it drops last: ``part``, ``rule`` (id, or
        its number where it has none), ``change`` (``same``, ``changed``, ``new``, ``dropped``),
        ``before_zh``, ``before_en``, ``after_zh``, ``after_en``: its sentences, missing where there
        is none.

    Notes
    -----
    Rules are the same rule where part and id are; changed where a sentence made from them differs.
    """
    before, after = _sentences(present), _sentences(design)
    rows = []
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key), after.get(key)
        change = CHANGED if old != new else SAME
        change = NEW if old is None else DROPPED if new is None else change
        row: dict[str, Any] = {"part": key[0], "rule": key[1], "change": change}
        for place, language in enumerate(_LANGUAGES):
            row[f"before_{language}"] = old[place] if old else None
            row[f"after_{language}"] = new[place] if new else None
        rows.append(row)
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def rule_keys(told: pd.DataFrame) -> list[tuple[str, str]]:
    """Return what tells the rules of one programme apart: part and id, or number in the part.

    Parameters
    ----------
    told
        Of :func:`mechanics`, for one programme.
    """
    number = told.groupby("part").cumcount().astype(str)
    names = told["rule"].where(told["rule"].notna(), number)
    return list(zip(told["part"], names, strict=True))


def _sentences(programme: Programme) -> dict[tuple[str, str], tuple[str, str]]:
    told = mechanics(programme)
    told = told[~told["unknown"].astype(bool)]
    texts = zip(told["text_zh"], told["text_en"], strict=True)
    return dict(zip(rule_keys(told), texts, strict=True))
