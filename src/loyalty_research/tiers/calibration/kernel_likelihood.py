"""The compiled loop of the likelihood: one customer after another, node by node, week by week."""

from __future__ import annotations

from math import exp, lgamma, log
from typing import Any

from loyalty_research.engine.compiled import compiled, compiled_once

# Columns of the covariates.
VALUE, LOG_SHARE, RISE, KEEP, REWARD, FALL, EACH, WEEKLY, LOG_LEVEL = range(9)
COVARIATES = 9
NO_WEIGHT = -1e8
"""Below it, a node counts for nothing."""
FAR = 1e6
"""What stands for "not there" in a column whose term is then 0: exp(-FAR) is 0."""

# Places of the parameters.
(
    BETA_V,
    THETA_P,
    THETA_T,
    THETA_R,
    THETA_L,
    BETA_B,
    THETA_1,
    SD,
    PSI,
    WINDOW,
    KAPPA,
    SIGMA_T,
    TAU_R,
    TAU_L,
    NU,
    D_1,
    D_V,
    D_L,
    D_0,
    SHAPE,
    SCALE,
    MEAN_LOG,
    SD_LOG,
) = range(23)
PARAMETERS = 23

# Rows of the scratch array.
_POINTS, _REWARD, _LOSS, _TIER, _BASE, _M0, _DROP, _LIFT, _TERMS = range(9)
SCRATCH = 9
_FLOOR = 0.05
_MOST = 1.5
_CAP = 0.25
_TINY = 1e-250


@compiled_once
def log_likelihoods(
    first: int,
    last: int,
    orders: Any,
    covariates: Any,
    begins: Any,
    ends: Any,
    season: Any,
    nodes: Any,
    log_weights: Any,
    parameters: Any,
    scratch: Any,
    found: Any,
) -> None:
    """Write the log likelihood of customers ``first`` to ``last - 1`` into ``found``.

    Parameters
    ----------
    orders
        ``[customers, weeks]``.
    covariates
        ``[customers, weeks, COVARIATES]``.
    begins, ends
        First week that counts, and the week after the last, by customer.
    season
        Index by week.
    nodes, log_weights
        ``[customers, nodes]``: rates, and log of weight over the density they were made for.
    parameters
        As the places above.
    scratch
        ``[SCRATCH, weeks or more]``.
    found
        ``[customers]``.
    """
    for i in range(first, last):
        _terms_of_customer(i, covariates, begins, ends, parameters, scratch)
        found[i] = _over_rates(
            i,
            orders,
            covariates,
            begins,
            ends,
            season,
            nodes,
            log_weights,
            parameters,
            scratch,
        )


@compiled
def _terms_of_customer(i, covariates, begins, ends, p, scratch):  # type: ignore[no-untyped-def]
    """Write the terms that do not depend on the rate."""
    for t in range(begins[i], ends[i]):
        x = covariates[i, t]
        scratch[_POINTS, t] = 0.0 if x[LOG_SHARE] <= -FAR else exp(p[KAPPA] * x[LOG_SHARE])
        scratch[_REWARD, t] = 0.0 if x[REWARD] >= FAR else exp(-x[REWARD] / p[TAU_R])
        scratch[_LOSS, t] = 0.0 if x[FALL] >= FAR else exp(-x[FALL] / p[TAU_L])
        scratch[_TERMS, t] = (
            p[BETA_V] * x[VALUE] + p[THETA_R] * scratch[_REWARD, t] - p[THETA_L] * scratch[_LOSS, t]
        )


@compiled
def _over_rates(  # type: ignore[no-untyped-def]
    i, orders, covariates, begins, ends, season, nodes, log_weights, p, scratch
):
    """Integrate over the rate, and over the person's own responses where they differ."""
    varied = p[SD] > 0.0 and (p[THETA_P] > 0.0 or p[THETA_T] > 0.0)
    passes = 2 if varied else 1
    highest, total = -1e300, 0.0
    for q in range(nodes.shape[1]):
        if log_weights[i, q] < NO_WEIGHT:
            continue
        rate = nodes[i, q]
        log_rate = log(rate)
        z = min(max((log_rate - p[MEAN_LOG]) / p[SD_LOG], -3.0), 3.0)
        density = (
            p[SHAPE] * log(p[SCALE])
            - lgamma(p[SHAPE])
            + (p[SHAPE] - 1.0) * log_rate
            - p[SCALE] * rate
            + log_weights[i, q]
        )
        _terms_of_rate(i, covariates, begins, ends, p, rate, log_rate, z, scratch)
        for one in range(passes):
            # Pairs (+, +), (-, -) at even nodes and (+, -), (-, +) at odd ones: a cubature of
            # two standard normals whose cross term cancels between neighbouring nodes.
            e_points = 1.0 - 2.0 * one
            e_tier = e_points if q % 2 == 0 else -e_points
            points = _own(p[THETA_P], p[THETA_1] * z + (p[SD] * e_points if varied else 0.0))
            tier = _own(p[THETA_T], p[THETA_1] * z + (p[SD] * e_tier if varied else 0.0))
            value = density + _weeks(
                i, orders, begins, ends, season, p, rate, points, tier, scratch
            )
            if value > highest:
                total = total * exp(highest - value) + 1.0
                highest = value
            else:
                total += exp(value - highest)
    return highest + log(total / passes)


@compiled
def _own(theta, more):  # type: ignore[no-untyped-def]
    return max(theta + more, 0.0) if theta > 0.0 else 0.0


@compiled
def _terms_of_rate(  # type: ignore[no-untyped-def]
    i, covariates, begins, ends, p, rate, log_rate, z, scratch
):
    """Write the terms that depend on the rate: tier pressure, benefits, dropout."""
    width = p[SIGMA_T]
    for t in range(begins[i], ends[i]):
        x = covariates[i, t]
        near = min(abs(x[RISE] - log_rate), abs(x[KEEP] - log_rate)) / width
        scratch[_TIER, t] = exp(-0.5 * near * near) if near < 8.0 else 0.0
        benefit = 0.0
        if x[EACH] + x[WEEKLY] > 0.0:
            benefit = min((x[EACH] + x[WEEKLY] / rate) * exp(-p[NU] * x[LOG_LEVEL]), _CAP)
        scratch[_BASE, t] = scratch[_TERMS, t] + p[BETA_B] * benefit
        scratch[_M0, t] = exp(min(max(scratch[_BASE, t], -_MOST), _MOST))
        logit = p[D_0] + p[D_1] * z - p[D_V] * benefit + p[D_L] * scratch[_LOSS, t]
        scratch[_DROP, t] = 1.0 / (1.0 + exp(-logit))


@compiled
def _weeks(  # type: ignore[no-untyped-def]
    i, orders, begins, ends, season, p, rate, points, tier, scratch
):
    """Return the log likelihood of a customer's weeks at one rate: a forward filter for alive."""
    window = int(p[WINDOW])
    begin = begins[i]
    carried, recent = 0.0, 0.0
    alive, dead, moved = 1.0, 0.0, 0.0
    for t in range(begin, ends[i]):
        m = m0 = scratch[_M0, t]
        pull = points * scratch[_POINTS, t] + tier * scratch[_TIER, t]
        if pull > 0.0:
            m = exp(min(max(scratch[_BASE, t] + pull, -_MOST), _MOST))
        owed = p[PSI] * recent / window + carried
        paid = min(owed, max(season[t] * (m - _FLOOR), 0.0))
        carried = owed - paid
        scratch[_LIFT, t] = season[t] * max(m - m0, 0.0)
        recent += scratch[_LIFT, t]
        if t - begin >= window:
            recent -= scratch[_LIFT, t - window]
        mean = rate * (season[t] * m - paid)
        n = orders[i, t]
        leaves = scratch[_DROP, t]
        if n > 0:
            moved += n * (log(mean))
            dead = 0.0
        else:
            dead += alive * leaves
        alive *= (1.0 - leaves) * exp(-mean)
        if alive + dead < _TINY:
            alive /= _TINY
            dead /= _TINY
            moved += log(_TINY)
    return log(alive + dead) + moved
