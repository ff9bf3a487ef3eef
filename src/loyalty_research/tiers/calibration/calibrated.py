"""What a calibration returns: draws that the simulator takes, and what moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from loyalty_research.errors import Problem
from loyalty_research.tiers.calibration.panel import Panel
from loyalty_research.tiers.simulation.priors import Priors, Responses
from loyalty_research.tiers.simulation.terms import NAMES

_NARROWER, _SHIFT = 0.8, 0.5
LEAST_EFFECTIVE, _MOST_R_HAT = 50, 1.1
"""Eight half chains of 50 effective draws that agree have an R-hat of about 1.08."""
_WHOLE = "H"
RESTS_ON_PRIOR: dict[str, str] = {
    "c": "baskets",
    "zeta": "displaced",
    "q_0": "redemption",
    "q_1": "redemption",
    "q_2": "redemption",
    "j_0": "joining",
    "j_1": "joining",
}
"""What rests on a parameter that weekly orders do not tell of."""
_BY_NAME = {
    **RESTS_ON_PRIOR,
    **dict.fromkeys(("theta_P", "kappa", "theta_T", "sigma_T", "theta_1", "sd"), "pressure"),
    **dict.fromkeys(("psi", "H"), "shifting"),
    **dict.fromkeys(("theta_R", "tau_R"), "after_reward"),
    **dict.fromkeys(("theta_L", "tau_L"), "after_loss"),
    **dict.fromkeys(("beta_B", "nu"), "benefits"),
    **dict.fromkeys(("d_1", "d_V", "d_L"), "dropout"),
    "beta_V": "generosity",
}


@dataclass(frozen=True, slots=True)
class CalibratedResponses(Priors):
    """Posterior draws, taken by the simulator where it takes priors.

    Parameters
    ----------
    sets
        Equally likely sets of responses.
    effective
        Least effective number of draws behind them; 0 where the brand's own history told nothing.
    r_hat
        Largest of their chains.
    """

    sets: tuple[Responses, ...] = field(default=(), kw_only=True)
    effective: float = field(default=0.0, kw_only=True)
    r_hat: float = field(default=1.0, kw_only=True)

    @property
    def trusted(self) -> bool:
        """Whether the draws are many enough for 90 % intervals, and the chains agree."""
        return _enough(self.effective, self.r_hat)

    def median(self) -> Responses:
        """Return every parameter at its posterior median."""
        middle = {name: float(np.median([one[name] for one in self.sets])) for name in NAMES}
        middle[_WHOLE] = float(int(middle[_WHOLE] + 0.5))
        return Responses(middle)

    def draw(self, seed: int, n: int) -> tuple[Responses, ...]:
        """Return ``n`` of the sets, each at most once where there are as many."""
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(self.sets), n, replace=n > len(self.sets))
        return tuple(self.sets[k] for k in chosen)


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What a brand's own rule change says about responses.

    Parameters
    ----------
    calibrated
        Whether the history told anything; else ``responses`` are the priors.
    reasons
        Why not; empty where it did.
    responses
        What :func:`simulate` takes.
    table
        A row a parameter: parameter, unit, prior_low, prior_median, prior_high, low, median, high
        (90 %), moved, rests_on (``data`` or ``prior``), about (which conclusions rest on it).
    panel
        The weeks that were used; None where there were none.
    effective, r_hat
        Least effective number of draws, and largest R-hat, of what the weeks tell about.
    evidence
        Parameters with evidence from elsewhere.
    """

    calibrated: bool
    reasons: tuple[Problem, ...]
    responses: Priors
    table: pd.DataFrame
    panel: Panel | None = None
    effective: float = 0.0
    r_hat: float = 1.0
    evidence: tuple[str, ...] = ()

    def summary(self) -> pd.DataFrame:
        """Return the table."""
        return self.table.copy()

    @property
    def trusted(self) -> bool:
        """Whether the draws are many enough for 90 % intervals, and the chains agree."""
        return self.calibrated and _enough(self.effective, self.r_hat)

    @property
    def not_moved(self) -> tuple[str, ...]:
        """Parameters that stand where their prior stood."""
        return tuple(self.table.loc[~self.table["moved"], "parameter"])

    @property
    def rests_on_priors(self) -> tuple[str, ...]:
        """Conclusions that rest on priors alone: none of their parameters moved."""
        moved = self.table.groupby("about", sort=False)["moved"].any()
        return tuple(str(name) for name in moved.index[~moved])


def _enough(effective: float, r_hat: float) -> bool:
    return effective >= LEAST_EFFECTIVE and r_hat <= _MOST_R_HAT


def table_of(
    priors: Priors,
    prior: Mapping[str, np.ndarray],
    posterior: Mapping[str, np.ndarray],
    *,
    told: tuple[str, ...],
) -> pd.DataFrame:
    """Return prior and posterior of each parameter side by side.

    Parameters
    ----------
    priors
        With units.
    prior, posterior
        Draws by parameter.
    told
        Parameters that the weeks or further evidence tell of.

    Notes
    -----
    A parameter moved where its 90 % range is less than 0.8 times as wide as before, or its median
    more than half a prior standard deviation away.
    """
    rows = []
    for item in priors.parameters:
        before, after = prior[item.name], posterior[item.name]
        was = np.quantile(before, (0.05, 0.5, 0.95))
        now = np.quantile(after, (0.05, 0.5, 0.95))
        narrower = now[2] - now[0] < _NARROWER * (was[2] - was[0])
        shifted = abs(now[1] - was[1]) > _SHIFT * before.std()
        moved = item.name in told and bool(narrower or shifted)
        rows.append(
            {
                "parameter": item.name,
                "unit": item.unit,
                **dict(zip(("prior_low", "prior_median", "prior_high"), was, strict=True)),
                **dict(zip(("low", "median", "high"), now, strict=True)),
                "moved": moved,
                "rests_on": "data" if moved else "prior",
                "about": _BY_NAME[item.name],
            }
        )
    return pd.DataFrame(rows)
