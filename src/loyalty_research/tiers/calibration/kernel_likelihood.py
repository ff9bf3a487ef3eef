"""The compiled loop of the likelihood: customer by customer, week by week, all rates side by side.

A lane is a rate at which a customer is evaluated, together with a pair of personal responses. The
loops over lanes hold no branch and call no library function, so that the processor takes several
lanes at once; :func:`_exp` is there for that.
"""

from __future__ import annotations

from math import exp, lgamma, log
from typing import Any

from loyalty_research.engine.compiled import compiled, compiled_once

# Columns of the covariates.
VALUE, LOG_SHARE, RISE, KEEP, REWARD, FALL, EACH, WEEKLY, LOG_LEVEL = range(9)
COVARIATES = 9
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

# Rows of the scratch array; the lifts of the weeks that count for shifting follow.
(
    _RATE,
    _LOG_RATE,
    _ODDS_OF,
    _OWN_POINTS,
    _OWN_TIER,
    _BASE,
    _M0,
    _ODDS,
    _M,
    _MEAN,
    _RECENT,
    _CARRIED,
    _LOG,
    _PRODUCT,
    _STAYED,
    _ALIVE,
    _DEAD,
    _LIFTS,
) = range(18)
MOST_WINDOW = 16
SCRATCH = _LIFTS + MOST_WINDOW
_FLOOR = 0.05
_MOST = 1.5
_CAP = 0.25
_FACTORS = 12
"""Means multiplied before the logarithm is taken: far from the ends of the floating point."""


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
        ``[SCRATCH, 2 * nodes]``.
    found
        ``[customers]``.
    """
    p = parameters
    varied = p[SD] > 0.0 and (p[THETA_P] > 0.0 or p[THETA_T] > 0.0)
    passes = 2 if varied else 1
    lanes = passes * nodes.shape[1]
    for i in range(first, last):
        _person(i, lanes, nodes, log_weights, p, scratch)
        silent = ends[i]
        while silent > begins[i] and orders[i, silent - 1] == 0:
            silent -= 1
        _clear(lanes, int(p[WINDOW]), scratch)
        factors = 0
        for t in range(begins[i], ends[i]):
            _responses(covariates[i, t], lanes, p, scratch)
            _shift(t - begins[i], season[t], lanes, p, scratch)
            if t >= silent:
                _after_the_last(lanes, scratch)
                continue
            _before_the_last(lanes, scratch)
            for _ in range(orders[i, t]):
                _order(lanes, scratch)
                factors += 1
                if factors == _FACTORS:
                    _take_logs(lanes, scratch)
                    factors = 0
        _take_logs(lanes, scratch)
        found[i] = _sum(lanes, scratch) - log(float(passes))


@compiled
def _person(i, lanes, nodes, log_weights, p, scratch):  # type: ignore[no-untyped-def]
    """Write what a customer is in each lane: rate, own responses, weight."""
    count = nodes.shape[1]
    for lane in range(lanes):
        q = lane % count
        rate = nodes[i, q]
        log_rate = log(rate)
        z = min(max((log_rate - p[MEAN_LOG]) / p[SD_LOG], -3.0), 3.0)
        # Pairs (+, +), (-, -) at even nodes and (+, -), (-, +) at odd ones: a cubature of
        # two standard normals whose cross term cancels between neighbouring nodes.
        own = 0.0 if lanes == count else (p[SD] if lane < count else -p[SD])
        scratch[_RATE, lane] = rate
        scratch[_LOG_RATE, lane] = log_rate
        scratch[_ODDS_OF, lane] = exp(p[D_1] * z)
        scratch[_OWN_POINTS, lane] = _own(p[THETA_P], p[THETA_1] * z + own)
        scratch[_OWN_TIER, lane] = _own(p[THETA_T], p[THETA_1] * z + (own if q % 2 == 0 else -own))
        scratch[_LOG, lane] = (
            p[SHAPE] * log(p[SCALE])
            - lgamma(p[SHAPE])
            + (p[SHAPE] - 1.0) * log_rate
            - p[SCALE] * rate
            + log_weights[i, q]
        )


@compiled
def _own(theta, more):  # type: ignore[no-untyped-def]
    return max(theta + more, 0.0) if theta > 0.0 else 0.0


@compiled
def _clear(lanes, window, scratch):  # type: ignore[no-untyped-def]
    for lane in range(lanes):
        scratch[_RECENT, lane] = 0.0
        scratch[_CARRIED, lane] = 0.0
        scratch[_DEAD, lane] = 0.0
        scratch[_PRODUCT, lane] = 1.0
        scratch[_STAYED, lane] = 1.0
        scratch[_ALIVE, lane] = 1.0
    for row in range(_LIFTS, _LIFTS + window):
        for lane in range(lanes):
            scratch[row, lane] = 0.0


@compiled
def _exp(x):  # type: ignore[no-untyped-def]
    """Return exp(x) for -250 <= x <= 4, to eight digits where x is above -30."""
    y = x * (1.0 / 512.0)
    y = 1.0 + y * (
        1.0
        + y
        * (
            1.0 / 2
            + y * (1.0 / 6 + y * (1.0 / 24 + y * (1.0 / 120 + y * (1.0 / 720 + y * (1.0 / 5040)))))
        )
    )
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    return y * y


@compiled
def _responses(x, lanes, p, scratch):  # type: ignore[no-untyped-def]
    """Write the multiples of the rate, with and without pressure, and the odds of leaving."""
    reward = 0.0 if x[REWARD] >= FAR else exp(-x[REWARD] / p[TAU_R])
    loss = 0.0 if x[FALL] >= FAR else exp(-x[FALL] / p[TAU_L])
    plain = p[BETA_V] * x[VALUE] + p[THETA_R] * reward - p[THETA_L] * loss
    leaves = p[D_0] + p[D_L] * loss
    scarce = exp(-p[NU] * x[LOG_LEVEL]) if x[EACH] + x[WEEKLY] > 0.0 else 0.0
    m0, odds_of = scratch[_M0], scratch[_ODDS_OF]
    base, odds = scratch[_BASE], scratch[_ODDS]
    if x[WEEKLY] > 0.0:
        rate = scratch[_RATE]
        for lane in range(lanes):
            benefit = min((x[EACH] + x[WEEKLY] / rate[lane]) * scarce, _CAP)
            base[lane] = plain + p[BETA_B] * benefit
            odds[lane] = _exp(max(leaves - p[D_V] * benefit, -250.0)) * odds_of[lane]
        for lane in range(lanes):
            m0[lane] = _exp(min(max(base[lane], -_MOST), _MOST))
    else:
        benefit = min(x[EACH] * scarce, _CAP)
        level = plain + p[BETA_B] * benefit
        multiple = exp(min(max(level, -_MOST), _MOST))
        odds_now = exp(leaves - p[D_V] * benefit)
        for lane in range(lanes):
            base[lane] = level
            m0[lane] = multiple
        for lane in range(lanes):
            odds[lane] = odds_now * odds_of[lane]
    _press(x, lanes, p, scratch)


@compiled
def _press(x, lanes, p, scratch):  # type: ignore[no-untyped-def]
    """Write the multiple with the pressure of points and tiers."""
    points = 0.0 if x[LOG_SHARE] <= -FAR else exp(p[KAPPA] * x[LOG_SHARE])
    base, m, m0 = scratch[_BASE], scratch[_M], scratch[_M0]
    own_points, own_tier, log_rate = scratch[_OWN_POINTS], scratch[_OWN_TIER], scratch[_LOG_RATE]
    if min(x[RISE], x[KEEP]) < FAR and p[THETA_T] > 0.0:
        rise, keep, narrow = x[RISE], x[KEEP], 1.0 / p[SIGMA_T]
        for lane in range(lanes):
            near = min(abs(rise - log_rate[lane]), abs(keep - log_rate[lane])) * narrow
            m[lane] = _exp(-0.5 * min(near * near, 60.0)) * own_tier[lane]
        for lane in range(lanes):
            pull = base[lane] + own_points[lane] * points + m[lane]
            m[lane] = _exp(min(max(pull, -_MOST), _MOST))
    elif points > 0.0 and p[THETA_P] > 0.0:
        for lane in range(lanes):
            m[lane] = _exp(min(max(base[lane] + own_points[lane] * points, -_MOST), _MOST))
    else:
        for lane in range(lanes):
            m[lane] = m0[lane]


@compiled
def _shift(week, season, lanes, p, scratch):  # type: ignore[no-untyped-def]
    """Write the mean of the week: what pressure brought lately is paid back."""
    window = int(p[WINDOW])
    m, m0, lifts = scratch[_M], scratch[_M0], scratch[_LIFTS + week % window]
    mean, carried, recent = scratch[_MEAN], scratch[_CARRIED], scratch[_RECENT]
    share = p[PSI] / window
    for lane in range(lanes):
        owed = share * recent[lane] + carried[lane]
        paid = min(owed, max(season * (m[lane] - _FLOOR), 0.0))
        carried[lane] = owed - paid
        mean[lane] = season * m[lane] - paid
    for lane in range(lanes):
        lift = season * max(m[lane] - m0[lane], 0.0)
        recent[lane] += lift - lifts[lane]
        lifts[lane] = lift
    rate = scratch[_RATE]
    for lane in range(lanes):
        mean[lane] *= rate[lane]


@compiled
def _before_the_last(lanes, scratch):  # type: ignore[no-untyped-def]
    """Count a week after which there is an order: the customer stayed."""
    stayed, odds = scratch[_STAYED], scratch[_ODDS]
    logs, mean = scratch[_LOG], scratch[_MEAN]
    for lane in range(lanes):
        stayed[lane] *= 1.0 + odds[lane]
    for lane in range(lanes):
        logs[lane] -= mean[lane]


@compiled
def _order(lanes, scratch):  # type: ignore[no-untyped-def]
    product, mean = scratch[_PRODUCT], scratch[_MEAN]
    for lane in range(lanes):
        product[lane] *= mean[lane]


@compiled
def _take_logs(lanes, scratch):  # type: ignore[no-untyped-def]
    for lane in range(lanes):
        scratch[_LOG, lane] += log(scratch[_PRODUCT, lane])
        scratch[_PRODUCT, lane] = 1.0


@compiled
def _after_the_last(lanes, scratch):  # type: ignore[no-untyped-def]
    """Count a silent week: the customer has left, or is there and does not order."""
    alive, dead = scratch[_ALIVE], scratch[_DEAD]
    odds, mean = scratch[_ODDS], scratch[_MEAN]
    for lane in range(lanes):
        stays = 1.0 / (1.0 + odds[lane])
        dead[lane] += alive[lane] * odds[lane] * stays
        alive[lane] *= stays * _exp(max(-mean[lane], -250.0))


@compiled
def _sum(lanes, scratch):  # type: ignore[no-untyped-def]
    """Return the log of the sum over lanes."""
    highest = -1e300
    for lane in range(lanes):
        scratch[_LOG, lane] += log(
            (scratch[_ALIVE, lane] + scratch[_DEAD, lane]) / scratch[_STAYED, lane]
        )
        highest = max(highest, scratch[_LOG, lane])
    total = 0.0
    for lane in range(lanes):
        total += exp(scratch[_LOG, lane] - highest)
    return highest + log(total)
