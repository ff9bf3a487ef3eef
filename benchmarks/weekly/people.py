"""Customers of the reference, and what they respond to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from weekly.numbers import Flags, Floats, Integers, Words

TERMS = ("value", "points", "tier", "reward", "loss", "benefit")
STRENGTHS = ("beta_V", "theta_P", "theta_T", "theta_R", "theta_L", "beta_B")
OFF = dict.fromkeys(
    (*STRENGTHS, "theta_1", "sd", "psi", "c", "d_1", "d_V", "d_L", "zeta"), 0.0
) | {
    "kappa": 2.5, "sigma_T": 0.55, "tau_R": 5.0, "tau_L": 15.0, "nu": 0.25, "H": 5,
    "j_0": -2.5, "j_1": 0.9, "q_0": -1.5, "q_1": 0.5, "q_2": 0.75,
}  # fmt: skip
"""All responses off; the rest in the middle of its range."""


@dataclass(frozen=True)
class People:
    """Customers; rows of the ragged arrays go from ``starts[i]`` to ``starts[i + 1]``.

    Parameters
    ----------
    rate, alive, dropout, member
        Base orders a week; probability to be alive at the start, to leave in a week; members.
    day, second, amount
        Templates: day of the week (Monday 0), second of the day, ten-thousandths of a currency
        unit; in order of time.
    past_starts, past_day, past_second, past_amount
        Past orders, days since 1970.
    past
        Mean covariates under the present programme, a row a customer, a column a term.
    """

    keys: Words
    rate: Floats
    alive: Floats
    dropout: Floats
    member: Flags
    starts: Integers
    day: Integers
    second: Integers
    amount: Integers
    past_starts: Integers | None = None
    past_day: Integers | None = None
    past_second: Integers | None = None
    past_amount: Integers | None = None
    past: Floats | None = None

    def __len__(self) -> int:
        """Return the number of customers."""
        return len(self.rate)

    @property
    def z(self) -> Floats:
        """Standardised log rate, cut to -3..3."""
        logs = np.log(self.rate)
        spread = logs.std()
        if spread == 0:
            return np.zeros(len(logs))
        return np.asarray(np.clip((logs - logs.mean()) / spread, -3, 3))

    @property
    def mean_amount(self) -> Floats:
        """Mean net sales of the templates, in currency units."""
        totals = np.concatenate([[0], np.cumsum(self.amount)])
        sums = totals[self.starts[1:]] - totals[self.starts[:-1]]
        return np.asarray(sums / np.maximum(np.diff(self.starts), 1) / 10_000)


def strengths(people: People, numbers: Any, responses: dict[str, Any]) -> Floats:
    """Return the strength of each term for each customer."""
    z = people.z
    theta = np.empty((len(TERMS), len(people)))
    for k, name in enumerate(STRENGTHS):
        theta[k] = responses[name]
        if name in ("theta_P", "theta_T") and responses[name] > 0:
            own = responses["theta_1"] * z + responses["sd"] * numbers.normal(k)
            theta[k] = np.maximum(responses[name] + own, 0)
    return theta
