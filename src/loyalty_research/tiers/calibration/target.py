"""The posterior as a factor over a standard normal: exact, and as it is foreseen."""

from __future__ import annotations

import numpy as np

from loyalty_research.tiers.calibration.emulator import Emulator, make_emulator
from loyalty_research.tiers.calibration.latents import Latents
from loyalty_research.tiers.calibration.likelihood import BASE, Likelihood
from loyalty_research.tiers.calibration.panel import Floats
from loyalty_research.tiers.calibration.surrogate import Surrogate, log_prior_of_base

_USUAL = (-1.0, 0.0, 1.0)
_HOPELESS = 30.0
"""Log units under the best, beyond which a place teaches nothing about the posterior."""


class Target:
    """The factor at normal numbers ``[draws, names and BASE]``, the shifting window among them.

    Parameters
    ----------
    likelihood
        Of weekly orders.
    latents
        What normal numbers mean.
    surrogate
        The quadratic: base parameters are normal numbers as it has them given responses.
    """

    def __init__(self, likelihood: Likelihood, latents: Latents, surrogate: Surrogate) -> None:
        self.likelihood, self.latents, self.surrogate = likelihood, latents, surrogate
        self.size = len(latents.names) + len(BASE)

    def values(self, numbers: Floats) -> Floats:
        """Return the responses that are drawn, the shifting window last."""
        return self.latents.values(numbers[:, : len(self.latents.names)])

    def base(self, numbers: Floats) -> Floats:
        """Return base parameters."""
        coordinates = self.surrogate.coordinates(self.values(numbers)[:, :-1])
        return self.surrogate.base_of(coordinates, numbers[:, -len(BASE) :])

    def exact(self, numbers: Floats) -> Floats:
        """Return the log of the factor, by the likelihood."""
        values, base = self.values(numbers), self.base(numbers)
        every = self.latents.every(values)
        found = [self.likelihood.customers(a, b).sum() for a, b in zip(every, base, strict=True)]
        own = 0.5 * (numbers[:, -len(BASE) :] ** 2).sum(axis=1)
        return np.array(found) + log_prior_of_base(base) + own + self.latents.log_evidence(values)

    def foreseen(self, numbers: Floats, emulator: Emulator | None) -> Floats:
        """Return what the quadratic, and the emulator where there is one, say of it."""
        values = self.values(numbers)
        coordinates = self.surrogate.coordinates(values[:, :-1])
        found = self.surrogate.over_base(coordinates) + self.latents.log_evidence(values)
        if emulator is not None:
            found += emulator(self._inputs(coordinates, values, numbers))
        return found

    def learn(self, seen: Floats, exact: Floats, rng: np.random.Generator) -> Emulator:
        """Learn what the quadratic leaves, from places that were evaluated."""
        good = exact > exact.max() - _HOPELESS
        values = self.values(seen[good])
        inputs = self._inputs(self.surrogate.coordinates(values[:, :-1]), values, seen[good])
        return make_emulator(inputs, exact[good] - self.foreseen(seen[good], None), rng)

    def _inputs(self, coordinates: Floats, values: Floats, numbers: Floats) -> Floats:
        own = _own_pressures(self.latents.names, values)
        return np.hstack([coordinates, *own, values[:, -1:], numbers[:, -len(BASE) :]])


def _own_pressures(names: tuple[str, ...], values: Floats) -> list[Floats]:
    """Return the pressures on rare, usual and frequent buyers: they jump where a term sets in."""
    place = {name: k for k, name in enumerate(names)}
    found = []
    for name in ("theta_P", "theta_T"):
        if name in place:
            theta, slope, sd = (values[:, [place[one]]] for one in (name, "theta_1", "sd"))
            middle = theta + slope * np.array(_USUAL)
            own = np.maximum(middle - sd, 0.0) + np.maximum(middle + sd, 0.0)
            found.append(np.where(theta > 0, own, 0.0))
    return found
