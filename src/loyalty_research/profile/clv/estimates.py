"""What every fitted model of customers carries: estimates, errors, intervals, references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.results.references import bibtex
from loyalty_research.stats.buy_till_you_die import Fitted

REFERENCES = {
    "bg_nbd": ("fader2005bgnbd",),
    "mbg_nbd": ("batislam2007", "fader2005bgnbd"),
    "pareto_nbd": ("schmittlein1987", "fader2005bgnbd"),
    "nbd": ("ehrenberg1959", "goodhardt1967"),
    "gamma_gamma": ("fader2005rfm", "fader2013gammagamma"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Maximum likelihood estimates of positive parameters.

    Parameters
    ----------
    name
        ``bg_nbd``, ``mbg_nbd``, ``pareto_nbd``, ``nbd`` or ``gamma_gamma``.
    params
        Estimates by name, as in the papers.
    covariance
        Shape (k, k): of the logarithms of the parameters; zero along directions in which those at a
        bound run off.
    log_likelihood
        At the maximum.
    converged
        Whether the search ended at a maximum, parameters at a bound left out.
    at_bound
        Names of parameters that could grow or shrink without end at no loss of likelihood: their
        values say nothing.
    base
        Customers the fit rests on.
    """

    name: str
    params: Mapping[str, float]
    covariance: np.ndarray
    log_likelihood: float
    converged: bool
    at_bound: tuple[str, ...]
    base: int

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard errors of the parameters, by the delta method; infinite for those at a bound."""
        errors = self._log_errors() * self.values
        return dict(zip(self.params, map(float, errors), strict=True))

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a parameter: estimate, standard error, interval, whether at a bound.

        Parameters
        ----------
        level
            Coverage aimed at.

        Returns
        -------
        pandas.DataFrame
            parameter, estimate, standard_error, low, high, at_bound.

        Notes
        -----
        Wald's interval of the logarithm: estimate x exp(± z se / estimate); 0 to infinity for a
        parameter at a bound.
        """
        values = self.values
        with np.errstate(over="ignore"):
            factor = np.exp(norm.ppf(0.5 + level / 2) * self._log_errors())
        return pd.DataFrame(
            {
                "parameter": list(self.params),
                "estimate": values,
                "standard_error": list(self.standard_errors.values()),
                "low": values / factor,
                "high": values * factor,
                "at_bound": [name in self.at_bound for name in self.params],
            }
        )

    def cite(self) -> str:
        """Return the BibTeX entries of the model."""
        return bibtex(REFERENCES[self.name])

    @property
    def values(self) -> np.ndarray:
        """Estimates (k,) in the order of their names."""
        return np.array(list(self.params.values()))

    def _log_errors(self) -> np.ndarray:
        """Return the standard errors (k,) of the logarithms."""
        bound = [name in self.at_bound for name in self.params]
        return np.where(bound, np.inf, np.sqrt(np.diag(self.covariance)))


def fields_of(name: str, fitted: Fitted) -> dict[str, object]:
    """Return the fields of :class:`Estimates` from a fit on arrays."""
    return {
        "name": name,
        "params": dict(zip(fitted.parameters, map(float, fitted.values), strict=True)),
        "covariance": fitted.covariance,
        "log_likelihood": fitted.log_likelihood,
        "converged": fitted.converged,
        "at_bound": fitted.at_bound,
        "base": fitted.base,
    }
