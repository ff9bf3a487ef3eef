"""Cox regression with delayed entry, and a check that its hazards are proportional."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm, rankdata

from loyalty_research.errors import DataError, MissingTableError, Problem, problem, raise_all
from loyalty_research.stats import holm
from loyalty_research.stats.intervals import LEVEL


@dataclass(frozen=True, slots=True)
class CoxModel:
    """A fitted Cox model.

    Parameters
    ----------
    table
        One row a column: column, estimate (log hazard ratio), standard_error, low, high, ratio
        (hazard ratio) with ratio_low and ratio_high, p_value, and of the check of proportionality
        drift (correlation of the scaled residuals with the rank of time), drift_p and
        proportional (Holm over all columns).
    log_likelihood
        Partial, at the maximum.
    base, events
        Units, and how many had the event.
    """

    table: pd.DataFrame
    log_likelihood: float
    base: int
    events: int


def fit_cox(
    rows: pd.DataFrame,
    *,
    time: str,
    event: str,
    columns: Sequence[str],
    entry: str | None = None,
    strata: str | None = None,
) -> CoxModel:
    """Fit a Cox model by Efron's partial likelihood, and check whether hazards are proportional.

    Parameters
    ----------
    rows
        One row a unit.
    time
        Column: time of the event, or of the end of observation.
    event
        Column: 1 where the event came, 0 where it did not.
    columns
        Numbers that may go with the hazard.
    entry
        Column: time from which a unit is watched, for units that were there before; None for 0.
        A unit counts as at risk after its entry only.
    strata
        Column: groups with a baseline of their own; None for one.

    Returns
    -------
    CoxModel

    Raises
    ------
    DataError
        Listing what is wrong: a column that is missing or holds no number, no event, an entry that
        is not before the time.

    Notes
    -----
    Estimated by statsmodels' PHReg. The check: Schoenfeld residuals, scaled by the covariance of
    the estimates, against the rank of time; under proportional hazards they do not drift.

    References
    ----------
    Cox 1972, JRSS B 34(2), 187-220; Grambsch & Therneau 1994, Biometrika 81(3), 515-526.
    """
    from statsmodels.duration.hazard_regression import PHReg

    raise_all(_wrong(rows, time, event, list(columns), entry, strata), DataError)
    exog = rows[list(columns)].to_numpy(dtype=float)
    status = rows[event].to_numpy(dtype=float)
    model = PHReg(
        rows[time].to_numpy(dtype=float),
        exog,
        status=status,
        entry=None if entry is None else rows[entry].to_numpy(dtype=float),
        strata=None if strata is None else rows[strata].to_numpy(),
        ties="efron",
    )
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what runs off is refused below
        fitted = model.fit(disp=False)
        error = np.asarray(fitted.bse, dtype=float)
    values = np.asarray(fitted.params, dtype=float)
    if not (np.isfinite(error).all() and np.isfinite(values).all()):
        raise DataError(problem("Cox model: the columns {columns} cannot be told apart",
                                columns=", ".join(columns)))  # fmt: skip
    z = float(norm.ppf(0.5 + LEVEL / 2))
    drift, drift_p = _drifts(fitted, rows[time].to_numpy(dtype=float), status)
    table = pd.DataFrame(
        {
            "column": list(columns),
            "estimate": values,
            "standard_error": error,
            "low": values - z * error,
            "high": values + z * error,
            "ratio": np.exp(values),
            "ratio_low": np.exp(values - z * error),
            "ratio_high": np.exp(values + z * error),
            "p_value": 2 * norm.sf(np.abs(values / error)),
            "drift": drift,
            "drift_p": drift_p,
            "proportional": ~holm(drift_p),
        }
    )
    return CoxModel(table, float(fitted.llf), len(rows), int(status.sum()))


def _drifts(fitted: Any, time: np.ndarray, status: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the correlation of scaled residuals with the rank of time, and its p-value.

    With g the centred ranks and r the residuals, T_k = (sum g s_k)^2 / (d V_kk sum g^2), where
    s = d V r are the scaled residuals and d the number of events, is chi-squared with one degree.
    """
    residuals = np.asarray(fitted.schoenfeld_residuals, dtype=float)
    covariance = np.atleast_2d(np.asarray(fitted.cov_params(), dtype=float))
    known = (status == 1) & np.isfinite(residuals).all(axis=1)
    events = int(known.sum())
    scaled = events * residuals[known] @ covariance
    rank = rankdata(time[known])
    rank = rank - rank.mean()
    spread = float(rank @ rank)
    if events < 3 or spread <= 0:
        nothing = np.full(len(covariance), np.nan)
        return nothing, np.ones(len(covariance))
    pull = rank @ scaled
    size = np.sqrt(spread * ((scaled - scaled.mean(axis=0)) ** 2).sum(axis=0))
    statistic = pull**2 / (events * np.diag(covariance) * spread)
    return pull / size, np.asarray(chi2.sf(statistic, 1), dtype=float)


def _wrong(
    rows: pd.DataFrame,
    time: str,
    event: str,
    columns: list[str],
    entry: str | None,
    strata: str | None,
) -> Iterator[Problem]:
    wanted = [time, event, *columns, *(name for name in (entry, strata) if name)]
    missing = [name for name in wanted if name not in rows.columns]
    if missing:
        raise MissingTableError(
            problem(
                "{name}: missing column(s) {missing}; the table has {found}",
                name="rows",
                missing=", ".join(missing),
                found=", ".join(map(str, rows.columns)),
            )
        )
    unusable = False
    for name in (name for name in wanted if name != strata):
        values = pd.to_numeric(rows[name], errors="coerce").to_numpy(dtype=float)
        if not np.isfinite(values).all():
            unusable = True
            yield problem(
                "Cox model: column {column}: {rows} row(s) hold no finite number",
                column=name,
                rows=int((~np.isfinite(values)).sum()),
            )
    if unusable:
        return
    if not rows[event].isin([0, 1]).all():
        yield problem("Cox model: column {column}: allowed are 0 and 1", column=event)
    elif not rows[event].sum():
        yield problem("Cox model: no event in column {column}", column=event)
    if entry is not None and (rows[entry] >= rows[time]).any():
        yield problem(
            "Cox model: {rows} row(s) enter ({entry}) at or after their time ({time})",
            rows=int((rows[entry] >= rows[time]).sum()),
            entry=entry,
            time=time,
        )
