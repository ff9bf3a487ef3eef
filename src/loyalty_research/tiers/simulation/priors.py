"""What is assumed of responses: ranges, sets of values, draws."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import beta

from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.tiers.simulation.terms import (
    BY_NAME,
    FORM,
    NAMES,
    PARAMETERS,
    SPREAD,
    TERMS,
    ZERO_WEIGHT,
    Parameter,
)

_BETA = ("psi",)
_WHOLE = ("H",)


@dataclass(frozen=True, slots=True)
class Responses:
    """One set of responses: a value for every parameter of the simulator.

    Parameters
    ----------
    values
        By name of the parameter; docs/simulator.md says what each is.
    """

    values: Mapping[str, float]

    def __post_init__(self) -> None:
        raise_all(_wrong_values(self.values), ParameterError)

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def replace(self, **values: float) -> Responses:
        """Return a set with other values for some parameters.

        Examples
        --------
        >>> from loyalty_research import tiers
        >>> tiers.priors.off().replace(theta_P=0.3)["theta_P"]
        0.3
        """
        return Responses({**self.values, **values})

    @property
    def coefficients(self) -> np.ndarray:
        """Coefficients of the terms, in their order."""
        return np.array([self.values[term.parameter] for term in TERMS])


@dataclass(frozen=True, slots=True)
class Priors:
    """What is believed of the responses before any data of the brand.

    Parameters
    ----------
    parameters
        With 90 % range, median, unit and source.
    zero_weight
        Weight of each response being absent.
    """

    parameters: tuple[Parameter, ...] = PARAMETERS
    zero_weight: float = ZERO_WEIGHT
    _by_name: Mapping[str, Parameter] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        raise_all(_wrong_ranges(self.parameters), ParameterError)
        by_name = {parameter.name: parameter for parameter in self.parameters}
        object.__setattr__(self, "_by_name", by_name)

    def __getitem__(self, name: str) -> Parameter:
        return self._by_name[name]

    def median(self) -> Responses:
        """Return every parameter at its median; no response is absent."""
        return Responses({item.name: _rounded(item, item.median) for item in self.parameters})

    def off(self) -> Responses:
        """Return a set without responses: the programme changes nothing but points and levels."""
        none = {item.name: 0.0 for item in self.parameters if item.response}
        return self.median().replace(**none, **dict.fromkeys((*SPREAD, "psi", "d_1"), 0.0))

    def draw(self, seed: int, n: int) -> tuple[Responses, ...]:
        """Return ``n`` sets drawn from the priors.

        Parameters
        ----------
        seed
            The same seed gives the same sets.
        n
            Number of sets.
        """
        random = np.random.default_rng(seed)
        width = len(self.parameters)
        place, absent = random.random((n, width)), random.random((n, width))
        values = np.empty((n, width))
        for column, item in enumerate(self.parameters):
            values[:, column] = quantile(item, place[:, column])
            if item.response:
                values[absent[:, column] < self.zero_weight, column] = 0.0
        names = [item.name for item in self.parameters]
        return tuple(Responses(dict(zip(names, row, strict=True))) for row in values.tolist())

    def with_range(
        self, name: str, low: float, high: float, *, median: float | None = None
    ) -> Priors:
        """Return priors with another 90 % range for one parameter.

        Parameters
        ----------
        name
            Of the parameter.
        low, high
            5 % and 95 % points.
        median
            Its middle; None for the middle of the range.
        """
        if name not in self._by_name:
            raise ParameterError(_unknown(name))
        middle = (low + high) / 2 if median is None else median
        changed = dataclasses.replace(self._by_name[name], low=low, high=high, median=middle)
        every = tuple(changed if item.name == name else item for item in self.parameters)
        return Priors(every, self.zero_weight)

    def table(self) -> pd.DataFrame:
        """Return one row a parameter: name, unit, low, median, high, zero_weight, source."""
        rows = [
            {
                "parameter": item.name,
                "unit": item.unit,
                "low": item.low,
                "median": item.median,
                "high": item.high,
                "zero_weight": self.zero_weight if item.response else 0.0,
                "source": item.source,
            }
            for item in self.parameters
        ]
        return pd.DataFrame(rows)


def quantile(item: Parameter, place: Any) -> np.ndarray:
    """Return values of a parameter at places between 0 and 1 of its prior, if it is there at all.

    Parameters
    ----------
    item
        With its range.
    place
        Shape (n,): shares of the prior below.
    """
    if item.name in _BETA and (item.low, item.high) == item.bounds:
        return np.asarray(beta.ppf(place, 2, 2))
    least, greatest = item.bounds
    places, values = [0.5], [item.median]
    if item.low > least:
        slope = (item.median - item.low) / 0.45
        places, values = [0.05, *places], [item.low, *values]
        least = max(least, item.low - 0.05 * slope)
    else:
        least = item.low
    if item.high < greatest:
        slope = (item.high - item.median) / 0.45
        places, values = [*places, 0.95], [*values, item.high]
        greatest = min(greatest, item.high + 0.05 * slope)
    else:
        greatest = item.high
    found = np.interp(place, [0.0, *places, 1.0], [least, *values, greatest])
    return np.floor(found + 0.5) if item.name in _WHOLE else found


def as_record(responses: Responses) -> np.ndarray:
    """Return the parameters that are no coefficients as the record of the compiled loop."""
    from loyalty_research.tiers.simulation.kernel_records import RESPONSES

    record = np.zeros(1, dtype=RESPONSES)
    for name, column in FORM.items():
        record[0][column] = responses[name]
    return record


def _rounded(item: Parameter, value: float) -> float:
    return float(int(value + 0.5)) if item.name in _WHOLE else value


def _wrong_values(values: Mapping[str, float]) -> Iterator[Problem]:
    for name in values:
        if name not in BY_NAME:
            yield _unknown(name)
    for name in NAMES:
        least, greatest = BY_NAME[name].bounds
        if name not in values:
            yield problem("responses: parameter {name} is missing", name=name)
        elif not least <= values[name] <= greatest:
            yield problem(
                "responses: {name} is {found}; allowed: {least} to {greatest}",
                name=name,
                found=values[name],
                least=least,
                greatest=greatest,
            )


def _unknown(name: str) -> Problem:
    return problem(
        "responses: unknown parameter {name}; known are {known}", name=name, known=", ".join(NAMES)
    )


def _wrong_ranges(parameters: tuple[Parameter, ...]) -> Iterator[Problem]:
    for item in parameters:
        least, greatest = item.bounds
        if not least <= item.low <= item.median <= item.high <= greatest:
            yield problem(
                "prior of {name}: range {low} to {high} with median {median}; allowed: rising, "
                "within {least} to {greatest}",
                name=item.name,
                low=item.low,
                high=item.high,
                median=item.median,
                least=least,
                greatest=greatest,
            )


priors = Priors()
"""What is assumed where nothing was calibrated."""
