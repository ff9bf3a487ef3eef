"""Best-worst tasks as numbers: what was shown, what was chosen, what cannot be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from loyalty_research.drivers.survey.blocks import MaxDiffBlock
from loyalty_research.drivers.survey.rows import survey_rows
from loyalty_research.engine import as_table, require_columns

_BETWEEN = re.compile(r"[\s,;|，；、]+")
NOTHING = -1


@dataclass(frozen=True, slots=True)
class Tasks:
    """Answers of r respondents to at most t tasks on k benefits.

    Parameters
    ----------
    benefits
        Codes, in the order of the last axis.
    shown
        Shape (r, t, k), bool; all False where a task has no answer that can be read.
    best, worst
        Shape (r, t): places of the benefits chosen; -1 as above.
    weights
        Shape (r,), mean 1; None where the survey has none.
    unanswered, refused
        Tasks put without both answers; tasks whose answers contradict what was shown: a benefit
        that the model does not know or that was not shown, the same one best and worst.
    unknown
        Codes found that the model does not know.
    """

    benefits: tuple[str, ...]
    shown: np.ndarray
    best: np.ndarray
    worst: np.ndarray
    weights: np.ndarray | None = None
    unanswered: int = 0
    refused: int = 0
    unknown: tuple[str, ...] = ()

    @property
    def answered(self) -> np.ndarray:
        """Shape (r, t), bool: tasks with an answer."""
        return self.best > NOTHING

    @property
    def respondents(self) -> int:
        """Respondents with at least one answer."""
        return int(self.answered.any(axis=1).sum())

    @property
    def weight(self) -> np.ndarray:
        """Shape (r,): weights; ones where the survey has none."""
        return np.ones(len(self.best)) if self.weights is None else self.weights

    @property
    def choices(self) -> np.ndarray:
        """Shape (r, t, k): 1 for the best, -1 for the worst, else 0."""
        places = np.arange(self.shown.shape[2])
        best, worst = (part[:, :, None] == places for part in (self.best, self.worst))
        return best.astype(float) - worst

    def keep(self, chosen: np.ndarray) -> Tasks:
        """Return the tasks chosen by an array of shape (r, t), the others as if not put."""
        return replace(
            self,
            shown=self.shown & chosen[:, :, None],
            best=np.where(chosen, self.best, NOTHING),
            worst=np.where(chosen, self.worst, NOTHING),
        )

    def among(self, rows: np.ndarray) -> Tasks:
        """Return the tasks of some respondents; weights scaled to mean 1 again."""
        weights = None if self.weights is None else self.weights[rows] / self.weights[rows].mean()
        return replace(self, shown=self.shown[rows], best=self.best[rows],
                       worst=self.worst[rows], weights=weights)  # fmt: skip

    @property
    def apart(self) -> tuple[str, ...]:
        """Benefits that answers do not tie to the rest; their values would have no bounds.

        Notes
        -----
        An answer says that the best is worth no less, and the worst no more, than all others of the
        task. Values are bounded where these relations lead from every benefit to every other.
        """
        size = len(self.benefits)
        task = self.shown & (self.weight > 0)[:, None, None]
        row, number, other = np.nonzero(task)
        first, last = self.best[row, number], self.worst[row, number]
        start = np.concatenate([other, last])
        end = np.concatenate([first, other])
        graph = coo_array((np.ones(len(start)), (start, end)), shape=(size, size))
        _, part = connected_components(graph, directed=True, connection="strong")
        largest = np.bincount(part).argmax()
        return tuple(np.array(self.benefits)[part != largest])


def read_tasks(survey: Any, block: MaxDiffBlock) -> Tasks:
    """Return the best-worst tasks of a survey.

    Parameters
    ----------
    survey
        One row a respondent, with the columns of the block and an optional weight. Ibis, pandas,
        polars or Arrow.
    block
        Of the survey model: benefits, and how the columns are called.

    Raises
    ------
    MissingTableError
        Listing every column of the block that the survey lacks.
    """
    table = as_table(survey, name="survey")
    require_columns(table, list(block.every), name="survey")
    weight = ["weight"] if "weight" in table.columns else []
    frame = survey_rows(table, [*weight, *block.every])
    codes = tuple(block.benefits)
    size = len(frame), block.tasks
    shown = np.zeros((*size, len(codes)), dtype=bool)
    best, worst = np.full(size, NOTHING), np.full(size, NOTHING)
    unanswered = refused = 0
    unknown: set[str] = set()
    for task in range(block.tasks):
        items, first, last = (_text(frame[name]) for name in block.names(task + 1))
        seen, strange, twice = _shown(items, codes)
        one, two = (_place(part, codes, unknown) for part in (first, last))
        unknown |= strange
        put, told = (items != "").to_numpy(), ((first != "") & (last != "")).to_numpy()
        rows = np.arange(len(frame))
        among = seen[rows, one] & seen[rows, two] & (one > NOTHING) & (two > NOTHING)
        fine = put & told & among & (one != two) & ~twice
        shown[fine, task], best[fine, task], worst[fine, task] = seen[fine], one[fine], two[fine]
        unanswered += int((put & ~told).sum())
        refused += int((told & ~fine).sum())
    return Tasks(codes, shown, best, worst, _weights(frame), unanswered, refused,
                 tuple(sorted(unknown)))  # fmt: skip


def _text(column: pd.Series[Any]) -> pd.Series[Any]:
    return column.astype(object).where(column.notna(), "").astype(str).str.strip()


def _shown(
    items: pd.Series[Any], codes: tuple[str, ...]
) -> tuple[np.ndarray, set[str], np.ndarray]:
    """Return which benefits each row shows, unknown codes, and rows with an unreadable list."""
    which, lists = pd.factorize(items)
    seen = np.zeros((len(lists), len(codes)), dtype=bool)
    bad = np.zeros(len(lists), dtype=bool)
    strange: set[str] = set()
    for row, text in enumerate(lists):
        told = [part for part in _BETWEEN.split(text) if part]
        strange |= set(told) - set(codes)
        bad[row] = len(set(told)) != len(told) or not set(told) <= set(codes)
        seen[row] = [code in told for code in codes]
    return seen[which], strange, bad[which]


def _place(chosen: pd.Series[Any], codes: tuple[str, ...], unknown: set[str]) -> np.ndarray:
    unknown |= set(chosen[chosen != ""]) - set(codes)
    places = {code: place for place, code in enumerate(codes)}
    return chosen.map(places).fillna(NOTHING).to_numpy(dtype=int)


def _weights(frame: pd.DataFrame) -> np.ndarray | None:
    if "weight" not in frame or frame["weight"].isna().all():
        return None
    found = np.nan_to_num(pd.to_numeric(frame["weight"], errors="coerce").to_numpy(dtype=float))
    return found / found.mean() if found.sum() > 0 else found
