"""The likelihood of weekly orders given responses: rates by quadrature, alive by a filter."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, polygamma

from loyalty_research.tiers.calibration import kernel_likelihood as kernel
from loyalty_research.tiers.calibration.panel import Floats, Panel
from loyalty_research.tiers.calibration.quadrature import NODES, Nodes, gamma_nodes

RESPONSES = (
    "beta_V", "theta_P", "theta_T", "theta_R", "theta_L", "beta_B", "theta_1", "sd", "psi",
    "window", "kappa", "sigma_T", "tau_R", "tau_L", "nu", "d_1", "d_V", "d_L",
)  # fmt: skip
"""Parameters of a response, in the order of the kernel's places."""
BASE = ("dropout", "shape", "scale", "cosine", "sine", "trend")
"""Beside them: logit of the dropout a week, log shape and log scale of the rates, a yearly wave,
and a trend (log, a year) that all customers share."""
YEAR = 52.1786
_THREADS = 2
_SHAPES, _SCALES = (-3.0, 4.0), (-4.0, 8.0)
_LEAVING = (-80.0, 3.0)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A panel with what does not change between evaluations.

    Parameters
    ----------
    panel
        Weekly orders and states.
    nodes
        Rates at which each customer is evaluated.
    season
        Index by week, mean 1, before the fitted yearly wave.
    start
        Base parameters that fit the counts without responses.
    """

    panel: Panel
    nodes: Nodes
    season: Floats
    start: Floats

    def customers(self, responses: Floats, base: Floats) -> Floats:
        """Return ``[customers]``: log likelihoods, without the factorials of the counts.

        Parameters
        ----------
        responses, base
            Values in the order of :data:`RESPONSES` and :data:`BASE`.
        """
        panel = self.panel
        found = np.empty(len(panel.keys))
        values = _values(responses, base)
        season = self.season * wave(panel.weeks, base)

        def part(first: int, last: int) -> None:
            kernel.log_likelihoods(
                first,
                last,
                panel.orders,
                panel.covariates,
                panel.begins,
                panel.ends,
                season,
                self.nodes.rates,
                self.nodes.log_weights,
                values,
                np.zeros((kernel.SCRATCH, 2 * self.nodes.rates.shape[1])),
                found,
            )

        cuts = np.linspace(0, len(found), _THREADS + 1).astype(int)
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(part, cuts[:-1].tolist(), cuts[1:].tolist()))
        return found


def wave(weeks: int, base: Floats) -> Floats:
    """Return the yearly wave and the trend by week; the trend is 1 in the middle."""
    years = np.arange(weeks) / YEAR
    angle = 2 * np.pi * years
    level = base[3] * np.cos(angle) + base[4] * np.sin(angle)
    return np.asarray(np.exp(level + base[5] * (years - weeks / YEAR / 2)))


def prepare(panel: Panel, *, season: Floats | None = None, nodes: int = NODES) -> Likelihood:
    """Make a likelihood: fit the rates without responses, and place the nodes.

    Parameters
    ----------
    panel
        Weekly orders and states.
    season
        Index by week where it is known from elsewhere; None for 1.
    nodes
        Nodes of the integral over the rate, at least 16.
    """
    index = np.ones(panel.weeks) if season is None else np.asarray(season, dtype=float)
    bought = np.where(panel.counted(), panel.orders, 0)
    total = bought.sum(axis=1).astype(float)
    last = np.where(total > 0, panel.weeks - np.argmax(bought[:, ::-1] > 0, axis=1), panel.begins)
    exposure = np.concatenate([[0.0], np.cumsum(index)])
    until_last = exposure[last] - exposure[panel.begins]
    until_end = exposure[panel.ends] - exposure[panel.begins]
    # Who is silent for long may have left: the time that counts ends soon after the last order.
    gap = until_last / np.maximum(total, 1.0)
    effective = np.where(total > 0, np.minimum(until_end, until_last + 2 * gap), until_end)
    log_shape, log_scale = _rates(total, effective)
    shape, scale = np.exp(log_shape), np.exp(log_scale)
    return Likelihood(
        panel=panel,
        # Between "left after the last order" and "there to the end".
        nodes=gamma_nodes(
            shape + total, np.sqrt((scale + until_last) * (scale + until_end)), nodes=nodes
        ),
        season=index,
        start=np.array([-5.0, log_shape, log_scale, 0.0, 0.0, 0.0]),
    )


def closed_form(total: Floats, exposure: Floats, *, shape: float, scale: float) -> Floats:
    """Return log likelihoods where nobody leaves and responses do not differ between people.

    Parameters
    ----------
    total, exposure
        ``[customers]``: orders, and the sum of season times multiple over the weeks that count.
    shape, scale
        Of the gamma distribution of the rates.

    Notes
    -----
    r log a - lnG(r) + lnG(r + X) - (r + X) log(a + E), without the sum of n log(s m).
    """
    return np.asarray(
        shape * np.log(scale)
        - gammaln(shape)
        + gammaln(shape + total)
        - (shape + total) * np.log(scale + exposure)
    )


def _rates(total: Floats, exposure: Floats) -> tuple[float, float]:
    """Return log shape and log scale of the rates, by the closed form."""

    def loss(x: Floats) -> float:
        return -float(
            closed_form(total, exposure, shape=float(np.exp(x[0])), scale=float(np.exp(x[1]))).sum()
        )

    found = minimize(loss, np.array([0.0, 1.0]), method="L-BFGS-B", bounds=(_SHAPES, _SCALES)).x
    return float(found[0]), float(found[1])


def _values(responses: Floats, base: Floats) -> Floats:
    shape = float(np.exp(np.clip(base[1], *_SHAPES)))
    scale = float(np.exp(np.clip(base[2], *_SCALES)))
    values = np.empty(kernel.PARAMETERS)
    values[: len(RESPONSES)] = responses
    values[kernel.D_0] = np.clip(base[0], *_LEAVING)
    values[kernel.SHAPE], values[kernel.SCALE] = shape, scale
    values[kernel.MEAN_LOG] = digamma(shape) - np.log(scale)
    values[kernel.SD_LOG] = np.sqrt(polygamma(1, shape))
    return values


def in_order(named: Mapping[str, float]) -> Floats:
    """Return responses by name as the likelihood reads them."""
    return np.array([float(named[name]) for name in RESPONSES])
