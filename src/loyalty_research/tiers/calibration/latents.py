"""Responses as standard normal numbers, so that the prior is the same in every direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from loyalty_research.tiers.calibration.likelihood import RESPONSES
from loyalty_research.tiers.calibration.panel import Floats
from loyalty_research.tiers.simulation.priors import Priors, quantile

WINDOW = "window"
_SHORT = {WINDOW: "H"}
_GRID = np.linspace(-5.0, 5.0, 4_001)
_PLACES = np.linspace(0.0005, 0.9995, 1_000)


def parameter_of(name: str) -> str:
    """Return the simulator's name of a response of the likelihood."""
    return _SHORT.get(name, name)


@dataclass(frozen=True, slots=True)
class Latents:
    """The responses that are drawn, each a standard normal through its prior's quantiles.

    Parameters
    ----------
    names
        Of the responses, in the order of the numbers.
    tables
        Values of each response on a grid of normal numbers; zero where it is absent.
    slab
        Values of each response, where it is there, at even places of its prior.
    others
        ``[RESPONSES]``: values of all responses; those not drawn keep them.
    evidence
        Mean and standard deviation of further normal evidence by response.
    """

    names: tuple[str, ...]
    tables: tuple[Floats, ...]
    slab: Mapping[str, Floats]
    others: Floats
    evidence: Mapping[str, tuple[float, float]]

    def values(self, numbers: Floats) -> Floats:
        """Return responses, ``[draws, names]``, of normal numbers of that shape."""
        found = np.empty(numbers.shape)
        for k, (name, table) in enumerate(zip(self.names, self.tables, strict=True)):
            found[:, k] = np.interp(numbers[:, k], _GRID, table)
            if name == WINDOW:
                found[:, k] = np.floor(found[:, k] + 0.5)
        return found

    def every(self, values: Floats) -> Floats:
        """Return all responses, ``[draws, RESPONSES]``, given those drawn."""
        found = np.tile(self.others, (len(values), 1))
        found[:, [RESPONSES.index(name) for name in self.names]] = values
        return found

    def log_evidence(self, values: Floats) -> Floats:
        """Return ``[draws]``: the log of the factors of further evidence."""
        found = np.zeros(len(values))
        for k, name in enumerate(self.names):
            if name in self.evidence:
                mean, sd = self.evidence[name]
                found -= 0.5 * ((values[:, k] - mean) / sd) ** 2
        return found


def make_latents(
    priors: Priors,
    names: tuple[str, ...],
    evidence: Mapping[str, tuple[float, float]] | None = None,
) -> Latents:
    """Return the map from normal numbers to responses.

    Parameters
    ----------
    priors
        What is believed before.
    names
        Responses that the weeks tell about; the shifting window is drawn beside them.
    evidence
        Mean and standard deviation by parameter of the simulator.

    Notes
    -----
    A response that may be absent is zero below the normal quantile of its zero weight.
    """
    drawn = (*names, WINDOW)
    tables, slab = [], {}
    for name in drawn:
        item = priors[parameter_of(name)]
        absent = priors.zero_weight if item.response else 0.0
        place = (ndtr(_GRID) - absent) / (1.0 - absent)
        tables.append(np.where(place < 0, 0.0, quantile(item, np.clip(place, 0.0, 1.0))))
        slab[name] = quantile(item, _PLACES)
    medians = priors.median()
    return Latents(
        names=drawn,
        tables=tuple(tables),
        slab=slab,
        others=np.array([medians[parameter_of(name)] for name in RESPONSES]),
        evidence={
            name: evidence[parameter_of(name)]
            for name in drawn
            if evidence and parameter_of(name) in evidence
        },
    )
