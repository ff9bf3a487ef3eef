"""Answers as numbers: read by a model, checked against its scale, turned where reversed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.rows import survey_rows
from loyalty_research.engine import as_table, require_columns


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of n respondents to the p items of a model.

    Parameters
    ----------
    items
        Names, in the order of the columns.
    matrix
        Shape (n, p): high means much of the construct; not a number where missing.
    weights
        Shape (n,), mean 1; None where the survey has none.
    customer
        Shape (n,): customer_id; None where the survey is not linked.
    seconds
        Shape (n,): time taken; None where not recorded.
    out_of_range, not_numbers
        Answers taken as missing: beyond the scale, and without a number in them.
    unweighted
        Respondents without a weight in a survey that has a column of weights.
    """

    items: tuple[str, ...]
    matrix: np.ndarray
    weights: np.ndarray | None
    customer: np.ndarray | None
    seconds: np.ndarray | None
    out_of_range: int
    not_numbers: int
    unweighted: int = 0

    @property
    def count(self) -> int:
        """Respondents."""
        return len(self.matrix)

    @property
    def complete(self) -> np.ndarray:
        """Shape (n,), bool: respondents who answered every item and have a weight above 0."""
        whole = np.isfinite(self.matrix).all(axis=1)
        return whole if self.weights is None else whole & (self.weights > 0)

    def among(self, chosen: np.ndarray) -> Answers:
        """Return the answers of some respondents; weights scaled to mean 1 again."""
        weights = None if self.weights is None else self.weights[chosen]
        if weights is not None and weights.sum() > 0:
            weights = weights / weights.mean()
        return replace(
            self,
            matrix=self.matrix[chosen],
            weights=weights,
            customer=None if self.customer is None else self.customer[chosen],
            seconds=None if self.seconds is None else self.seconds[chosen],
        )

    def construct_means(self, model: SurveyModel) -> pd.DataFrame:
        """Return the plain mean of each construct's items, a column a construct."""
        frame = pd.DataFrame(self.matrix, columns=list(self.items))
        return pd.DataFrame(
            {name: frame[list(part.indicators)].mean(axis=1)
             for name, part in model.constructs.items()}
        )  # fmt: skip


def read_answers(survey: Any, model: SurveyModel) -> Answers:
    """Return the answers of a survey as a model reads them.

    Parameters
    ----------
    survey
        One row a respondent: respondent_id, the model's columns, optional customer_id and weight.
        Ibis, pandas, polars or Arrow.
    model
        Names the columns, the scale and what is reversed.

    Raises
    ------
    MissingTableError
        Listing every column of the model that the survey lacks.
    """
    table = as_table(survey, name="survey")
    wanted = [*model.items, *((model.duration,) if model.duration else ())]
    require_columns(table, wanted, name="survey")
    extra = [name for name in ("customer_id", "weight") if name in table.columns]
    frame = survey_rows(table, [*extra, *wanted])
    raw = frame[list(model.items)]
    numbers = raw.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    written = raw.notna().to_numpy() & (raw.astype(str).to_numpy() != "")
    low, high = model.scale.min, model.scale.max
    outside = np.isfinite(numbers) & ((numbers < low) | (numbers > high))
    values = np.where(outside, np.nan, numbers)
    turned = np.array([item in model.reversed_items for item in model.items])
    values[:, turned] = low + high - values[:, turned]
    return Answers(
        model.items,
        values,
        _weights(frame),
        frame["customer_id"].to_numpy() if "customer_id" in frame else None,
        _numbers(frame, model.duration) if model.duration else None,
        int(outside.sum()),
        int((written & ~np.isfinite(numbers)).sum()),
        int((~np.isfinite(_numbers(frame, "weight"))).sum()) if "weight" in frame else 0,
    )


def _weights(frame: pd.DataFrame) -> np.ndarray | None:
    if "weight" not in frame or frame["weight"].isna().all():
        return None
    found = np.nan_to_num(_numbers(frame, "weight"), nan=0.0)
    return found / found.mean() if found.sum() > 0 else found


def _numbers(frame: pd.DataFrame, column: str) -> np.ndarray:
    return np.asarray(pd.to_numeric(frame[column], errors="coerce"), dtype=float)
