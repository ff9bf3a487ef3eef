"""Kano's table: which features please, which are expected, which leave customers cold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.survey.load import load_model
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.rows import own_survey
from loyalty_research.engine import collect, require_columns
from loyalty_research.findings import Column, TableView
from loyalty_research.profile.common import Days
from loyalty_research.stats import proportion

_TABLE = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")
"""Row: with the feature, from like to dislike; column: without it. Berger et al. 1993, fig. 4."""
_ORDER = "MOAIRQ"
"""On a tie the category that costs most where it is missed comes first."""


def kano_table(survey: Any, model: SurveyModel | str) -> pd.DataFrame:
    """Sort features by how customers feel with and without them.

    Parameters
    ----------
    survey
        A brand, or one row a respondent. Ibis, pandas, polars or Arrow.
    model
        A survey model with a block ``kano``, or its name.

    Returns
    -------
    pandas.DataFrame
        One row a feature: category (``M`` must be, ``O`` one-dimensional, ``A`` attractive, ``I``
        indifferent, ``R`` reverse, ``Q`` questionable), respondents, share of each category,
        better (satisfaction that goes with having it) and worse (dissatisfaction that goes with
        lacking it), each from 0 to 1 with ``_low`` and ``_high``. Empty without such a block.

    Raises
    ------
    MissingTableError
        For columns the survey lacks.

    Notes
    -----
    better = (A + O) / (A + O + M + I), worse = (O + M) / (A + O + M + I), intervals by Wilson. A
    respondent with a gap or an answer other than 1 to 5 is left out of that feature. What people
    say of features they may never have had is no forecast.

    References
    ----------
    Berger, Blauth, Boger et al. 1993, Center for Quality Management Journal 2(4), 3-36.
    """
    told = model if isinstance(model, SurveyModel) else load_model(model)
    table = own_survey(survey)
    pairs = {name: (part.present, part.absent) for name, part in told.kano.items()}
    if not pairs:
        return pd.DataFrame()
    columns = list(dict.fromkeys(column for pair in pairs.values() for column in pair))
    require_columns(table, columns, name="survey")
    frame = collect(table.select(*columns), sort_by=columns)
    numbers = frame.apply(pd.to_numeric, errors="coerce")
    rows = []
    for name, (present, absent) in pairs.items():
        label = told.kano[name].name
        found = _counts(numbers[present].to_numpy(), numbers[absent].to_numpy())
        rows.append({"feature": name, "feature_zh": label.zh, "feature_en": label.en, **found})
    result = pd.DataFrame(rows)
    return result.sort_values(["worse", "better", "feature"], ascending=[False, False, True],
                              ignore_index=True)  # fmt: skip


def _counts(present: np.ndarray, absent: np.ndarray) -> dict[str, Any]:
    """Return category, shares and coefficients of one feature."""
    allowed = np.isin(present, range(1, 6)) & np.isin(absent, range(1, 6))
    cells = zip(present[allowed].astype(int), absent[allowed].astype(int), strict=True)
    letters = [_TABLE[with_it - 1][without - 1] for with_it, without in cells]
    count = {letter: letters.count(letter) for letter in _ORDER}
    judged = sum(count[letter] for letter in "AOMI")
    found: dict[str, Any] = {
        "category": max(_ORDER, key=lambda letter: count[letter]) if letters else "",
        "respondents": len(letters),
        **{f"share_{letter}": count[letter] / max(len(letters), 1) for letter in _ORDER},
    }
    for name, part in (("better", "AO"), ("worse", "OM")):
        share = proportion(sum(count[letter] for letter in part), judged)
        found |= {name: share.value, f"{name}_low": share.low, f"{name}_high": share.high}
    return found


def kano_view(frame: pd.DataFrame, days: Days) -> TableView:
    """Return the table of features as it is shown."""
    return TableView(
        name="kano",
        key="importance.kano",
        frame="kano",
        columns=(
            Column("feature_{language}", heading="kano_feature"),
            Column("category", "label:kano", heading="category_kano"),
            Column("better", "share", low="better_low", high="better_high"),
            Column("worse", "share", low="worse_low", high="worse_high"),
        ),
        definitions=("kano",),
        base=int(frame["respondents"].min()),
        base_unit="respondents",
        period=days.iso,
        persons=(),
    )
