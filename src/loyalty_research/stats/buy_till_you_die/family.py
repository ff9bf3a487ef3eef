"""The models of repeat purchase behind one set of functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from loyalty_research.stats.buy_till_you_die import beta_geometric, nbd, pareto_nbd
from loyalty_research.stats.buy_till_you_die.histories import Histories
from loyalty_research.stats.buy_till_you_die.maximum import LogLikelihood

FamilyName = Literal["bg_nbd", "mbg_nbd", "pareto_nbd", "nbd"]


@dataclass(frozen=True, slots=True)
class Family:
    """A model of repeat purchase; parameters come as an array in the order of their names.

    Parameters
    ----------
    name
        Key of :data:`FAMILIES`.
    parameters
        Names as in the papers; the first two are shape and rate of the purchase rates, the others
        belong to dropout.
    limits
        Directions in which the model degenerates, as signs of the parameters' logarithms.
    starts
        Values to begin from, purchase rates being 1; of the parameters of dropout only.
    log_likelihood
        Of histories: a function of the logarithms of the parameters.
    p_alive
        Of parameters and histories: the chance to be still there.
    future, future_pairs
        Of parameters, x, T and the time ahead: mean of the purchases of one who is still there, and
        of the pairs among them, Y(Y - 1).
    ahead_of_new
        Of parameters and times: expected repeat purchases since the first.
    """

    name: FamilyName
    parameters: tuple[str, ...]
    limits: tuple[tuple[int, ...], ...]
    starts: tuple[tuple[float, ...], ...]
    log_likelihood: Callable[[Histories], LogLikelihood]
    p_alive: Callable[[np.ndarray, Histories], np.ndarray]
    future: Callable[[np.ndarray, np.ndarray, np.ndarray, float], np.ndarray]
    future_pairs: Callable[[np.ndarray, np.ndarray, np.ndarray, float], np.ndarray]
    ahead_of_new: Callable[[np.ndarray, np.ndarray], np.ndarray]

    @property
    def has_dropout(self) -> bool:
        """Whether customers may leave."""
        return len(self.parameters) > 2


def _beta_geometric(name: FamilyName, shift: int) -> Family:
    return Family(
        name=name,
        parameters=beta_geometric.PARAMETERS,
        limits=beta_geometric.LIMITS,
        starts=((0.6, 2.0), (2.0, 10.0)),
        log_likelihood=partial(beta_geometric.log_likelihood, shift=shift),
        p_alive=partial(beta_geometric.p_alive, shift=shift),
        future=partial(beta_geometric.future, shift=shift),
        future_pairs=partial(beta_geometric.future_pairs, shift=shift),
        ahead_of_new=partial(beta_geometric.ahead_of_new, shift=shift),
    )


FAMILIES: dict[FamilyName, Family] = {
    "bg_nbd": _beta_geometric("bg_nbd", 0),
    "mbg_nbd": _beta_geometric("mbg_nbd", 1),
    "pareto_nbd": Family(
        name="pareto_nbd",
        parameters=pareto_nbd.PARAMETERS,
        limits=pareto_nbd.LIMITS,
        starts=((0.6, 0.5), (3.0, 6.0)),
        log_likelihood=pareto_nbd.log_likelihood,
        p_alive=pareto_nbd.p_alive,
        future=pareto_nbd.future,
        future_pairs=pareto_nbd.future_pairs,
        ahead_of_new=pareto_nbd.ahead_of_new,
    ),
    "nbd": Family(
        name="nbd",
        parameters=nbd.PARAMETERS,
        limits=nbd.LIMITS,
        starts=((),),
        log_likelihood=nbd.log_likelihood,
        p_alive=nbd.p_alive,
        future=nbd.future,
        future_pairs=nbd.future_pairs,
        ahead_of_new=nbd.ahead_of_new,
    ),
}
