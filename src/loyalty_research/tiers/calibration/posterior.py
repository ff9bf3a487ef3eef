"""The posterior of responses: a chain whose proposals come from the quadratic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from loyalty_research.tiers.calibration.likelihood import BASE, RESPONSES, Likelihood
from loyalty_research.tiers.calibration.panel import Floats
from loyalty_research.tiers.calibration.surrogate import (
    Slopes,
    Surrogate,
    draw,
    informed,
    make_surrogate,
)

_WINDOW = RESPONSES.index("window")
_FIRST_SWEEPS = 40
_SWEEPS, _KEEP, _NEW_WINDOW = 8, 0.3, 0.1
_CANDIDATES = 10
"""Starts of which each chain takes one, by its likelihood."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """Equally weighted draws.

    Parameters
    ----------
    responses
        ``[draws, RESPONSES]``; those the weeks tell nothing about are prior draws.
    base
        ``[draws, BASE]``.
    informed
        Names of the responses that entered the fit.
    accepted
        Share of the proposals that were taken.
    effective
        Least effective number of draws among the responses that entered.
    """

    responses: Floats
    base: Floats
    informed: tuple[str, ...]
    accepted: float
    effective: float

    def of(self, name: str) -> Floats:
        """Return the draws of one response."""
        return self.responses[:, RESPONSES.index(name)]


def sample_posterior(
    likelihood: Likelihood,
    prior: Mapping[str, Floats],
    medians: Mapping[str, float],
    *,
    seed: int,
    steps: int = 200,
    chains: int = 4,
    evidence: Mapping[str, tuple[float, float]] | None = None,
) -> Posterior:
    """Draw from the posterior of the responses.

    Parameters
    ----------
    likelihood
        Of weekly orders.
    prior
        ``[n]`` prior draws of each response, zeros among them; responses are independent.
    medians
        Of all responses.
    seed
        Of the draws.
    steps, chains
        Steps of each chain, of which the first two fifths are left out: after each the quadratic is
        made anew where the chains are.
    evidence
        Mean and standard deviation of further normal evidence by response.

    Notes
    -----
    Delayed acceptance (Christen & Fox 2005): a step moves responses and the base parameters
    as prior times quadratic (Laplace) would, and is taken with the chance that makes prior times
    likelihood what the chain draws from. Base parameters have normal priors.
    """
    rng = np.random.default_rng(seed)
    names = informed(likelihood)
    slab = {name: prior[name][prior[name] != 0.0] for name in names}
    slopes = Slopes(likelihood, names, medians, slab)
    walk = _Walk(slopes, make_surrogate(slopes), prior, rng, dict(evidence or {}))
    walk.start(chains)
    for part in (steps // 5, steps // 5):
        path = walk.go(part)
        middle = path.every[part // 2 :][..., walk.where].mean(axis=(0, 1))
        walk.recentre(middle, path.base[part // 2 :].mean(axis=(0, 1)))
    path = walk.go(steps - 2 * (steps // 5))
    every, base = path.every.reshape(-1, len(RESPONSES)), path.base.reshape(-1, len(BASE))
    untold = [k for k, name in enumerate(RESPONSES) if name not in names and k != _WINDOW]
    for k in untold:
        every[:, k] = rng.choice(prior[RESPONSES[k]], len(every))
    effective = effective_draws(path.every[..., walk.where])
    return Posterior(every, base, names, path.accepted, effective)


@dataclass(slots=True)
class _Path:
    """Where the chains were: ``[steps, chains, ...]``, and the share of steps taken."""

    every: Floats
    base: Floats
    accepted: float


class _Walk:
    """Chains of all responses and base parameters, with likelihood over quadratic at each."""

    def __init__(
        self,
        slopes: Slopes,
        surrogate: Surrogate,
        prior: Mapping[str, Floats],
        rng: np.random.Generator,
        evidence: dict[str, tuple[float, float]],
    ) -> None:
        self.slopes, self.surrogate, self.prior = slopes, surrogate, prior
        self.rng, self.evidence = rng, evidence
        self.where = [RESPONSES.index(name) for name in slopes.names]
        self.every = self.base = self.exact = self.over = np.zeros(0)

    def start(self, chains: int) -> None:
        """Draw starts from the quadratic, and choose among them by the likelihood."""
        many = chains * _CANDIDATES
        medians = self.slopes.medians
        every = np.tile(np.array([medians[name] for name in RESPONSES]), (many, 1))
        begin = np.tile(self.surrogate.mode, (many, 1))
        every[:, self.where] = draw(
            self.surrogate,
            self.prior,
            begin,
            rng=self.rng,
            sweeps=_FIRST_SWEEPS,
            extra=self.evidence,
        )
        base = self.surrogate.base_given(every[:, self.where], self.rng)
        exact = self._exact(every, base)
        noisy = exact - self._quadratic(every, base) + self.rng.gumbel(size=many)
        best = noisy.reshape(chains, -1).argmax(axis=1) + np.arange(chains) * _CANDIDATES
        self.every, self.base, self.exact = every[best], base[best], exact[best]
        self.over = self.exact - self._quadratic(self.every, self.base)

    def recentre(self, responses: Floats, base: Floats) -> None:
        """Make the quadratic anew where the chains are."""
        self.surrogate = self.slopes.around(responses, base)
        self.over = self.exact - self._quadratic(self.every, self.base)

    def go(self, steps: int) -> _Path:
        """Take steps."""
        path = [self._step() for _ in range(steps)]
        every, base, taken = (np.stack(one) for one in zip(*path, strict=True))
        return _Path(every, base, float(taken.mean()))

    def _step(self) -> tuple[Floats, Floats, Floats]:
        rng, where = self.rng, self.where
        every = self.every.copy()
        every[:, where] = draw(
            self.surrogate,
            self.prior,
            self.every[:, where],
            rng=rng,
            sweeps=_SWEEPS,
            extra=self.evidence,
        )
        anew = rng.random(len(every)) < _NEW_WINDOW
        every[anew, _WINDOW] = rng.choice(self.prior["window"], int(anew.sum()))
        kept = self.every[:, where], self.base
        base = self.surrogate.base_given(every[:, where], rng, kept=kept, keep=_KEEP)
        exact = self._exact(every, base)
        over = exact - self._quadratic(every, base)
        accept = np.log(rng.random(len(every))) < over - self.over
        self.every = np.where(accept[:, None], every, self.every)
        self.base = np.where(accept[:, None], base, self.base)
        self.exact = np.where(accept, exact, self.exact)
        self.over = np.where(accept, over, self.over)
        return self.every, self.base, accept.astype(float)

    def _exact(self, every: Floats, base: Floats) -> Floats:
        likelihood = self.slopes.likelihood
        found = [likelihood.customers(a, b).sum() for a, b in zip(every, base, strict=True)]
        return np.array(found) + self.surrogate.prior_of_base(base)

    def _quadratic(self, every: Floats, base: Floats) -> Floats:
        return self.surrogate.value(every[:, self.where], base)


def effective_draws(path: Floats) -> float:
    """Return the least effective number of draws over the parameters of ``[steps, chains, k]``.

    Notes
    -----
    Between-chain and within-chain variance with Geyer's initial positive sequence (Vehtari et al.
    2021, without ranks).
    """
    steps, chains, size = path.shape
    found = float(steps * chains)
    for k in range(size):
        x = path[:, :, k]
        within = x.var(axis=0, ddof=1).mean()
        if within <= 0:
            continue
        pooled = (steps - 1) / steps * within + x.mean(axis=0).var(ddof=1)
        centred = x - x.mean(axis=0)
        total, lag = 1.0, 1
        while lag + 1 < steps:
            pair = sum(_rho(centred, lag + one, within, pooled) for one in (0, 1))
            if pair < 0:
                break
            total += 2 * pair
            lag += 2
        found = min(found, steps * chains / total)
    return found


def _rho(centred: Floats, lag: int, within: float, pooled: float) -> float:
    covariance = (centred[lag:] * centred[:-lag]).sum(axis=0) / len(centred)
    return float(1.0 - (within - covariance.mean()) / pooled)
