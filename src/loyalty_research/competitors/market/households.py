"""The NBD-Dirichlet fitted to households, with intervals and each brand set against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import digamma
from scipy.stats import norm

from loyalty_research.competitors.market.dirichlet import Dirichlet
from loyalty_research.competitors.market.likelihood import fit_rates, fit_weights, rates_slopes
from loyalty_research.competitors.market.panel import Panel, as_panel
from loyalty_research.competitors.market.sums import BrandSums, brand_sums, totals
from loyalty_research.stats import Estimate

_LEVEL = 0.95
_WIDTH = 1e-4
_DRAWN = (20_000, 200_000)
"""Fewest and most households drawn from the model, for the variance it implies."""
MEASURES: dict[str, Callable[[BrandSums], np.ndarray]] = {
    "penetration": lambda sums: sums.penetration,
    "purchase_frequency": lambda sums: sums.frequency,
    "share_of_requirements": lambda sums: sums.requirements,
    "sole_buyers": lambda sums: sums.sole_buyers,
}


@dataclass(frozen=True, kw_only=True)
class HouseholdDirichlet(Dirichlet):
    """A :class:`Dirichlet` by maximum likelihood.

    Parameters
    ----------
    panel
        The households it was fitted to.
    log_likelihood
        At the maximum.
    bread
        Shape (2 + j, 2 + j): the inverse of the negative Hessian in log M, log K and the weights.
    """

    panel: Panel
    log_likelihood: float
    bread: np.ndarray

    def estimate(self, name: str) -> Estimate:
        """Return ``M``, ``K`` or ``S`` with its interval.

        Notes
        -----
        Normal on the logarithm, with the variance of the maximum likelihood estimate taken over
        households (sandwich), so that it holds where the model does not.
        """
        gradient = np.zeros(len(self.bread))
        if name == "S":
            gradient[2:] = 1 / self.S
        else:
            gradient["MK".index(name)] = 1.0
        error = float(np.sqrt(self.variance(gradient[:, None], self.panel)[0]))
        value, margin = float(getattr(self, name)), float(norm.ppf(0.5 + _LEVEL / 2)) * error
        low, high = value * np.exp(-margin), value * np.exp(margin)
        return Estimate(value, low, high, self.panel.households, _LEVEL)

    def log_expected(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return, by measure, log of what is expected (j,) and its gradient (2 + j, j)."""
        numbers = len(self.brands)
        moves = [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)]
        up, down = ([self._moved(sign * np.array(move)) for move in moves] for sign in (1, -1))
        here = self._moved(np.zeros(4))
        found = {}
        for name, measure in MEASURES.items():
            slopes = [
                (np.log(measure(a)) - np.log(measure(b))) / (2 * _WIDTH)
                for a, b in zip(up, down, strict=True)
            ]
            gradient = np.zeros((2 + numbers, numbers))
            gradient[:2] = slopes[:2]
            gradient[2:] = slopes[3][None, :] / self.S  # through S alone, weights of others
            gradient[2 + np.arange(numbers), np.arange(numbers)] += slopes[2] / self.alpha
            found[name] = (np.log(measure(here)), gradient)
        return found

    def _moved(self, by: np.ndarray, weights: np.ndarray | None = None) -> BrandSums:
        """Return what is expected with log M, log K, the logs of a brand's weight and of S moved.

        The weight moves with S held; S moves with the weight held.
        """
        mean, shape = self.M * np.exp(_WIDTH * by[0]), self.K * np.exp(_WIDTH * by[1])
        chances = totals(mean, shape, truncated=self.truncated)
        alpha = self.alpha if weights is None else weights
        return brand_sums(chances, alpha * np.exp(_WIDTH * by[2]), self.S * np.exp(_WIDTH * by[3]))

    def reach(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the penetration (m,) of brands of given weights, and its slopes (4, m).

        The slopes are in log M, log K, the log of the weight with S held, and log S with the weight
        held.
        """

        def reached(by: np.ndarray) -> np.ndarray:
            return self._moved(by, weights).penetration

        slopes = [(reached(unit) - reached(-unit)) / (2 * _WIDTH) for unit in np.eye(4)]
        return reached(np.zeros(4)), np.array(slopes)

    def scores(self, counts: np.ndarray) -> np.ndarray:
        """Return the slopes (n, 2 + j) of each household's log-likelihood."""
        size = counts.sum(axis=1)
        _, rates = rates_slopes(
            np.arange(size.max() + 1.0), np.log(self.M), np.log(self.K), truncated=self.truncated
        )
        table = digamma(self.S) - digamma(self.S + np.arange(size.max() + 1.0))
        found = np.empty((len(counts), 2 + len(self.brands)))
        found[:, :2] = rates[size]
        for place, weight in enumerate(self.alpha):
            own = counts[:, place]
            slopes = digamma(weight + np.arange(own.max() + 1.0)) - digamma(weight)
            found[:, 2 + place] = table[size] + slopes[own]
        return found

    def variance(
        self,
        gradient: np.ndarray,
        panel: Panel,
        observed: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> np.ndarray:
        """Return the variances (k,) of observed minus expected, over the households of a panel.

        Parameters
        ----------
        gradient
            Shape (2 + j, k): of what is expected.
        panel
            The fitted one, or one drawn from the model.
        observed
            Gives each household's part (n, k) of what is observed; it takes a row of zeros for a
            household without a purchase. None where only what is expected is looked at.
        """
        load = self.bread @ gradient
        found = np.zeros(gradient.shape[1])
        for counts in panel.blocks():
            found += ((_part(observed, counts) - self.scores(counts) @ load) ** 2).sum(axis=0)
        without = panel.households - len(panel.counts)
        if without:
            none = np.zeros((1, len(self.brands)), dtype=np.int64)
            found += without * ((_part(observed, none) - self.scores(none) @ load)[0]) ** 2
        return found * (self.panel.households / panel.households)

    def comparison(self, seed: int) -> Panel:
        """Return a panel of the model, of about the size of the fitted one."""
        size = int(np.clip(self.panel.households, *_DRAWN))
        return self.drawn(size, rng=np.random.default_rng(seed))

    def drawn(self, households: int, *, rng: np.random.Generator) -> Panel:
        """Return households as the model has them.

        Parameters
        ----------
        households
            How many; of a panel of buyers, how many there are before those without a purchase are
            left out.
        rng
            Randomness.
        """
        rates = rng.gamma(self.K, self.M / self.K, households)
        chances = rng.dirichlet(np.maximum(self.alpha, 1e-8), households)
        counts = rng.multinomial(rng.poisson(rates), chances)
        bought = counts[counts.sum(axis=1) > 0]
        return replace(
            self.panel, counts=bought, households=len(bought) if self.truncated else households
        )


def _part(observed: Callable[[np.ndarray], np.ndarray] | None, counts: np.ndarray) -> Any:
    return observed(counts) if observed is not None else 0.0


def fit_dirichlet_households(
    counts: Any, *, brands: Sequence[str] | None = None, households: int | None = None
) -> HouseholdDirichlet:
    """Fit the NBD-Dirichlet to households' purchases by maximum likelihood.

    Parameters
    ----------
    counts
        Shape (n, j): purchases by household and brand, array or frame; or a :class:`Panel`.
    brands
        Names of the columns of an array.
    households
        All households of the panel, where ``counts`` has only those that bought. Where no
        household is without a purchase, the NBD is truncated at zero: those who bought nothing
        were never in the panel.

    Returns
    -------
    HouseholdDirichlet

    Raises
    ------
    DataError
        For counts that are none, a single brand, a brand nobody bought, or where K or S has no
        value (no household with two purchases, each household with one brand).

    Notes
    -----
    Shares, S, M and K all maximise the likelihood; the moments of :func:`fit_dirichlet` need no
    household.
    """
    panel = (
        counts
        if isinstance(counts, Panel)
        else as_panel(counts, brands=brands, households=households)
    )
    weights = fit_weights(panel.counts)
    rates = fit_rates(panel.sizes, truncated=panel.truncated)
    numbers = len(panel.brands)
    bread = np.zeros((2 + numbers, 2 + numbers))
    bread[:2, :2] = np.linalg.inv(-rates.hessian)
    bread[2:, 2:] = np.linalg.inv(-weights.hessian)
    total = float(weights.alpha.sum())
    return HouseholdDirichlet(
        M=rates.mean,
        K=rates.shape,
        S=total,
        brands=panel.brands,
        shares=weights.alpha / total,
        truncated=panel.truncated,
        panel=panel,
        log_likelihood=weights.log_likelihood + rates.log_likelihood,
        bread=bread,
    )
