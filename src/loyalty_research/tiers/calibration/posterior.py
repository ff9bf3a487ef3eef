"""The posterior of responses: proposals from a foreseen likelihood, judged by the likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from loyalty_research.tiers.calibration.emulator import Emulator
from loyalty_research.tiers.calibration.latents import make_latents
from loyalty_research.tiers.calibration.likelihood import RESPONSES, Likelihood
from loyalty_research.tiers.calibration.mixing import effective_draws, r_hat
from loyalty_research.tiers.calibration.panel import Floats
from loyalty_research.tiers.calibration.slices import slice_chains
from loyalty_research.tiers.calibration.surrogate import Slopes, informed, make_surrogate
from loyalty_research.tiers.calibration.target import Target
from loyalty_research.tiers.simulation.priors import Priors

CHAINS = 4
_FIRST_SWEEPS, _SWEEPS = 40, 12
_BATCH, _LEAST_ROUNDS, _MOST_ROUNDS, _CLOSE = 128, 3, 6, 0.6
"""Places evaluated in a round; rounds; how closely values must be foreseen (standard deviation)."""
_ENOUGH, _TAKEN, _APART = 0.15, 0.5, 6.0
"""Share of draws that count, and of proposals taken, below which they are made once more; so too
where R-hat is further above 1 than this over the steps (.05 of 120)."""
_MOST_OFFERS = 3
"""Times that proposals are made at most."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """Equally weighted draws.

    Parameters
    ----------
    responses
        ``[draws, RESPONSES]``, step by step, in each step chain by chain; those the weeks tell
        nothing about stay at their medians.
    base
        ``[draws, BASE]``.
    informed
        Names of the responses that entered the fit.
    accepted
        Share of the proposals that were taken.
    effective, r_hat
        By response that entered: effective number of draws, and R-hat.
    """

    responses: Floats
    base: Floats
    informed: tuple[str, ...]
    accepted: float
    effective: Mapping[str, float]
    r_hat: Mapping[str, float]

    def of(self, name: str) -> Floats:
        """Return the draws of one response."""
        return self.responses[:, RESPONSES.index(name)]

    @property
    def least(self) -> float:
        """Effective number of draws of the response that has the fewest."""
        return min(self.effective.values())

    @property
    def mixed(self) -> bool:
        """Whether the proposals were good enough."""
        count = len(self.responses)
        alike = max(self.r_hat.values()) <= 1.0 + _APART * CHAINS / count
        return alike and self.least >= _ENOUGH * count and self.accepted >= _TAKEN


def sample_posterior(
    likelihood: Likelihood,
    priors: Priors,
    *,
    seed: int,
    steps: int = 150,
    evidence: Mapping[str, tuple[float, float]] | None = None,
) -> Posterior:
    """Draw from the posterior of the responses.

    Parameters
    ----------
    likelihood
        Of weekly orders.
    priors
        What is believed of the responses, independent of each other.
    seed
        Of the draws.
    steps
        Of each of four chains, of which the first fifth is left out.
    evidence
        Mean and standard deviation of further normal evidence by parameter of the simulator.

    Notes
    -----
    Responses and base parameters are standard normal numbers (:class:`Latents`; base parameters as
    the quadratic at the mode has them given responses). A Gaussian process learns what that
    quadratic leaves of the log likelihood, where the posterior is; proposals are draws from prior
    times foreseen likelihood, and are taken with the chance that makes the chain draw from prior
    times likelihood itself (Metropolis with independent proposals, Tierney 1994; foreseen by a
    process: Rasmussen 2003, Christen & Fox 2005). Where chains do not mix well, the process learns
    from the proposals too, and they are made again, twice at most; the best of the three stays.
    """
    rng = np.random.default_rng(seed)
    names = informed(likelihood)
    latents = make_latents(priors, names, evidence)
    slopes = Slopes(likelihood, names, latents.others, latents.slab)
    target = Target(likelihood, latents, make_surrogate(slopes))
    chains, seen, exact = _explore(target, rng)
    every: list[Posterior] = []
    for _ in range(_MOST_OFFERS):
        emulator = target.learn(seen, exact, rng)
        offers = _offers(target, emulator, chains, CHAINS * steps, rng)
        now = target.exact(offers)
        every.append(_chains(target, offers, now - target.foreseen(offers, emulator), rng))
        if every[-1].mixed:
            return every[-1]
        seen, exact = np.vstack([seen, offers]), np.concatenate([exact, now])
        chains = offers[-len(chains) :]
    return max(every, key=lambda one: one.least)


def _explore(target: Target, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Evaluate where the foreseen posterior is, until values are foreseen well.

    Returns
    -------
    tuple
        Where the chains are; all places that were evaluated; their values.
    """
    first = rng.standard_normal((_BATCH, target.size))
    chains = _moved(target, None, first, rng, _FIRST_SWEEPS)
    seen, exact = chains, target.exact(chains)
    for number in range(1, _MOST_ROUNDS + 1):
        emulator = target.learn(seen, exact, rng)
        chains = _moved(target, emulator, chains, rng, _SWEEPS)
        now = target.exact(chains)
        missed = now - target.foreseen(chains, emulator)
        seen, exact = np.vstack([seen, chains]), np.concatenate([exact, now])
        if number >= _LEAST_ROUNDS and missed.std() < _CLOSE:
            break
    return chains, seen, exact


def _offers(
    target: Target, emulator: Emulator, chains: Floats, count: int, rng: np.random.Generator
) -> Floats:
    """Return proposals ``[count, d]``: draws from the prior times the foreseen likelihood."""
    found: list[Floats] = []
    while sum(len(one) for one in found) < count:
        chains = _moved(target, emulator, chains, rng, _SWEEPS)
        found.append(chains)
    return np.vstack(found)[:count]


def _moved(
    target: Target,
    emulator: Emulator | None,
    chains: Floats,
    rng: np.random.Generator,
    sweeps: int,
) -> Floats:
    return slice_chains(chains, lambda x: target.foreseen(x, emulator), rng=rng, sweeps=sweeps)


def _chains(
    target: Target, offers: Floats, log_ratio: Floats, rng: np.random.Generator
) -> Posterior:
    """Return what chains hold that take or leave the proposals."""
    steps = len(offers) // CHAINS
    at, accepted = metropolis(log_ratio.reshape(steps, CHAINS), rng)
    places = at[steps // 5 :] * CHAINS + np.arange(CHAINS)
    values = target.values(offers)
    names = target.latents.names[:-1]
    path = values[places][:, :, : len(names)]
    return Posterior(
        responses=target.latents.every(values[places.ravel()]),
        base=target.base(offers)[places.ravel()],
        informed=names,
        accepted=accepted,
        effective=dict(zip(names, effective_draws(path).tolist(), strict=True)),
        r_hat=dict(zip(names, r_hat(path).tolist(), strict=True)),
    )


def metropolis(log_ratio: Floats, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Return ``[steps, chains]``: the step whose proposal each chain holds; and the share taken.

    Parameters
    ----------
    log_ratio
        ``[steps, chains]``: log of target over proposal density, at independent proposals.
    rng
        Randomness.
    """
    steps, chains = log_ratio.shape
    at, every = np.zeros((steps, chains), dtype=int), np.arange(chains)
    chance = np.log(rng.random((steps, chains)))
    for step in range(1, steps):
        held = at[step - 1]
        taken = chance[step] < log_ratio[step] - log_ratio[held, every]
        at[step] = np.where(taken, step, held)
    return at, float((np.diff(at, axis=0) != 0).mean())
