"""The responses of the simulator as data: one row a term or parameter, with range and source."""

from __future__ import annotations

from dataclasses import dataclass

ASSUMED = ""
"""Source of a magnitude that nobody measured."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the model, and what is believed of it before any data.

    Parameters
    ----------
    name
        As docs/simulator.md has it.
    unit
        What one unit of it means: ``log_rate`` (of orders), ``log_rate_per_share`` (per unit of
        the share of spend), ``weeks``, ``share``, ``power``, ``logit``, ``logit_per_share``.
    low, high
        90 % range.
    median
        Its middle where not given otherwise; lower where nobody measured the magnitude, so that all
        together imply a small lift.
    bounds
        Least and greatest value it can take.
    source
        Key of the reference for its magnitude or sign; empty for an assumption.
    response
        Whether it is a response, which may be absent: zero with some prior weight.
    """

    name: str
    unit: str
    low: float
    high: float
    median: float
    bounds: tuple[float, float]
    source: str = ASSUMED
    response: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A covariate of the weekly rate: its coefficient, and how it acts.

    Parameters
    ----------
    name
        Of the term.
    parameter
        Name of its coefficient.
    pressure
        Whether orders that it brings may be borrowed from later weeks, and the coefficient varies
        between customers.
    """

    name: str
    parameter: str
    pressure: bool = False


TERMS = (
    Term("value", "beta_V"),
    Term("points", "theta_P", pressure=True),
    Term("tier", "theta_T", pressure=True),
    Term("reward", "theta_R"),
    Term("loss", "theta_L"),
    Term("benefit", "beta_B"),
)
"""In the order of the covariates that ``kernel_terms`` writes."""

_INF = float("inf")


def _of(
    name: str,
    unit: str,
    low: float,
    high: float,
    *,
    median: float | None = None,
    bounds: tuple[float, float] = (0.0, _INF),
    source: str = ASSUMED,
    response: bool = False,
) -> Parameter:
    middle = (low + high) / 2 if median is None else median
    return Parameter(name, unit, low, high, middle, bounds, source, response)


_ANY = (-_INF, _INF)
PARAMETERS = (
    _of("beta_V", "log_rate_per_share", 0.0, 2.0, median=0.6, response=True),
    _of("theta_P", "log_rate", 0.0, 0.45, median=0.20, source="kivetz2006", response=True),
    _of("kappa", "power", 1.0, 4.0, bounds=(0.2, _INF)),
    _of("theta_T", "log_rate", 0.0, 0.40, median=0.12, source="kopalle2012", response=True),
    _of("sigma_T", "log_rate", 0.3, 0.8, bounds=(0.05, _INF)),
    _of("theta_R", "log_rate", 0.0, 0.20, median=0.06, source="taylor2005", response=True),
    _of("tau_R", "weeks", 2.0, 8.0, bounds=(0.5, _INF)),
    _of("theta_L", "log_rate", 0.0, 0.40, response=True),
    _of("tau_L", "weeks", 4.0, 26.0, bounds=(0.5, _INF)),
    _of("beta_B", "log_rate_per_share", 0.0, 2.0, median=0.6, response=True),
    _of("nu", "power", 0.0, 0.5, source="dreze2009"),
    _of("theta_1", "log_rate", -0.20, 0.0, bounds=(-_INF, 0.0), source="liu2007"),
    _of("sd", "log_rate", 0.0, 0.25),
    _of("psi", "share", 0.0, 1.0, bounds=(0.0, 1.0)),
    _of("H", "weeks", 2.0, 8.0, bounds=(1.0, 16.0)),
    _of("c", "power", 0.0, 0.5, response=True),
    _of("q_0", "logit", -3.0, 0.0, bounds=_ANY),
    _of("q_1", "logit", 0.0, 1.0),
    _of("q_2", "logit", 0.0, 1.5),
    _of("zeta", "share", 0.0, 0.6, bounds=(0.0, 1.0), response=True),
    _of("j_0", "logit", -4.0, -1.0, bounds=_ANY),
    _of("j_1", "logit", 0.3, 1.5, bounds=_ANY),
    _of("d_1", "logit", -0.6, 0.0, bounds=_ANY),
    _of("d_V", "logit_per_share", 0.0, 5.0, response=True),
    _of("d_L", "logit", 0.0, 0.5, response=True),
)
ZERO_WEIGHT = 0.2
"""Prior weight of a response being absent."""
NAMES = tuple(parameter.name for parameter in PARAMETERS)
BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}
SPREAD = ("theta_1", "sd")
"""How pressure differs between customers."""
FORM = {
    "kappa": "kappa", "sigma_T": "sigma_t", "tau_R": "tau_r", "tau_L": "tau_l",
    "theta_1": "theta_1", "sd": "sd", "psi": "psi", "H": "window", "c": "basket", "q_0": "q0",
    "q_1": "q1", "q_2": "q2", "zeta": "zeta", "j_0": "j0", "j_1": "j1", "d_1": "d1", "d_V": "d_v",
    "d_L": "d_l",
}  # fmt: skip
"""Field of the compiled loop's record by parameter; coefficients of terms are an array."""
