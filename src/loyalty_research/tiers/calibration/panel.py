"""What the likelihood reads: weekly orders of customers, and their state before them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from loyalty_research.tiers.calibration import kernel_likelihood as kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Panel:
    """Weeks of customers around a rule change.

    Parameters
    ----------
    keys
        ``[customers]``: the customers' keys, as in a population.
    orders
        ``[customers, weeks]``: orders of a week.
    covariates
        ``[customers, weeks, 9]``, the ledger's state at the start of each week: value per unit of
        spend; log of the covered share of the distance to the next reward; log of the orders per
        week needed for the next level and for keeping the one held; weeks since the latest reward
        and since the latest fall; benefit value per order and per week over the mean order; log of
        the level's share of members over a tenth. :data:`kernel_likelihood.FAR` (below zero for the
        first logarithm) where there is none.
    begins, ends
        ``[customers]``: first week that counts, the week after the last.
    change
        The week in which the rules changed; weeks from it on are under the new ones.
    rewarded
        Customers of the whole base with a reward after the change.
    customers
        Of the whole base, of which those here are a sample.
    members
        ``[customers]``: who stood in the programme at the end.
    able
        ``[BINS, 2, COUNTS]``: orders of the whole base that could redeem, see :mod:`redemption`;
        None where orders do not say what points they paid with.
    """

    keys: NDArray[np.uint64]
    orders: Ints
    covariates: NDArray[np.float32]
    begins: Ints
    ends: Ints
    change: int
    rewarded: int
    customers: int
    members: NDArray[np.bool_]
    able: Floats | None = None

    @property
    def weeks(self) -> int:
        """Weeks from the first to the last."""
        return int(self.orders.shape[1])

    def until(self, week: int) -> Panel:
        """Return the panel as it was known at the start of a week."""
        return replace(
            self,
            ends=np.minimum(self.ends, week),
            begins=np.minimum(self.begins, week),
        ).of(self.begins < week)

    def of(self, rows: NDArray[np.bool_] | Ints) -> Panel:
        """Return some of the customers."""
        return replace(
            self,
            keys=self.keys[rows],
            orders=self.orders[rows],
            covariates=self.covariates[rows],
            begins=self.begins[rows],
            ends=self.ends[rows],
            members=self.members[rows],
        )

    def counted(self) -> NDArray[np.bool_]:
        """Return ``[customers, weeks]``: which weeks count."""
        week = np.arange(self.weeks)
        return (week >= self.begins[:, None]) & (week < self.ends[:, None])

    def seen(self) -> dict[str, bool]:
        """Tell which terms ever differ from 0, before and after the change alike."""
        x, at = self.covariates, self.counted()
        columns = {
            "beta_V": x[..., kernel.VALUE] > 0,
            "theta_P": x[..., kernel.LOG_SHARE] > -kernel.FAR,
            "theta_T": np.minimum(x[..., kernel.RISE], x[..., kernel.KEEP]) < kernel.FAR,
            "theta_R": x[..., kernel.REWARD] < kernel.FAR,
            "theta_L": x[..., kernel.FALL] < kernel.FAR,
            "beta_B": x[..., kernel.EACH] + x[..., kernel.WEEKLY] > 0,
        }
        return {name: bool((there & at).any()) for name, there in columns.items()}


def sample(keys: NDArray[np.uint64], *, most: int) -> NDArray[np.int64]:
    """Return the places of at most ``most`` customers: those with the lowest hash of their key."""
    if len(keys) <= most:
        return np.arange(len(keys))
    with np.errstate(over="ignore"):
        mixed = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(32)
    return np.sort(np.lexsort((keys, mixed))[:most])
