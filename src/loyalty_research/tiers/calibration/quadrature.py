"""Nodes for the integral over a customer's rate, placed where the customer's orders put it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
NODES = 16
_NO_WEIGHT = -1e9
_LEAST = 1e-10
"""Weight of a node, of 1 in all, below which it is left out."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Rates at which the likelihood is evaluated.

    Parameters
    ----------
    rates
        ``[customers, nodes]``, orders per week.
    log_weights
        ``[customers, nodes]``: log of the weight over the density that the nodes were made for.
    """

    rates: Floats
    log_weights: Floats


def gamma_nodes(shape: Floats, scale: Floats, *, nodes: int = NODES) -> Nodes:
    """Place the nodes of the integral of f(rate) d rate, for f near a gamma density.

    Parameters
    ----------
    shape, scale
        ``[customers]``: the gamma density that each customer's integrand resembles; exact where f
        is that density times a polynomial of degree 2 ``nodes`` - 1.
    nodes
        Nodes a customer.

    Notes
    -----
    Generalised Gauss-Laguerre, by eigenvalues of the Jacobi matrix (Golub & Welsch 1969).
    """
    kinds, which = np.unique(shape, return_inverse=True)
    places, weights = _laguerre(kinds - 1.0, nodes)
    at, share = places[which], weights[which]
    density = (
        (shape[:, None] - 1.0) * np.log(at)
        - at
        - gammaln(shape)[:, None]
        + np.log(scale)[:, None]  # of the rate, at / scale
    )
    log_weights = np.log(np.maximum(share, _LEAST)) - density
    return Nodes(at / scale[:, None], np.where(share > _LEAST, log_weights, _NO_WEIGHT))


def _laguerre(powers: Floats, nodes: int) -> tuple[Floats, Floats]:
    """Return places and weights (summing to 1) of the gamma densities of shape powers + 1."""
    k = np.arange(nodes)
    jacobi = np.zeros((len(powers), nodes, nodes))
    jacobi[:, k, k] = 2.0 * k + 1.0 + powers[:, None]
    beside = np.sqrt(k[1:] * (k[1:] + powers[:, None]))
    jacobi[:, k[1:], k[:-1]] = beside
    jacobi[:, k[:-1], k[1:]] = beside
    places, vectors = np.linalg.eigh(jacobi)
    return places, vectors[:, 0, :] ** 2
