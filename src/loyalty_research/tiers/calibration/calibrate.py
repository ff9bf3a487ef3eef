"""Learn the responses from a brand's own dated rule change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.profile.common import as_date
from loyalty_research.programmes.load import load_programme
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.calibration.calibrated import (
    CalibratedResponses,
    Calibration,
    table_of,
)
from loyalty_research.tiers.calibration.evidence import normal_factors, weighed
from loyalty_research.tiers.calibration.history import (
    make_panel,
    recorded_people,
    recorded_policy,
)
from loyalty_research.tiers.calibration.latents import WINDOW, parameter_of
from loyalty_research.tiers.calibration.likelihood import prepare
from loyalty_research.tiers.calibration.panel import Panel
from loyalty_research.tiers.calibration.posterior import Posterior, sample_posterior
from loyalty_research.tiers.calibration.redemption import REDEMPTION, redemption_draws
from loyalty_research.tiers.member_people import members_of
from loyalty_research.tiers.simulation.population import Population
from loyalty_research.tiers.simulation.priors import Priors, Responses
from loyalty_research.tiers.simulation.priors import priors as default_priors
from loyalty_research.tiers.simulation.terms import NAMES

WEEKS_BEFORE, WEEKS_AFTER, REWARDED = 26, 4, 1_000
"""What a history needs; the number of rewarded customers is assumed."""
_POOL, _DRAWS = 4_000, 400
_WEEK = 7


def calibrate(
    population: Any,
    before: Programme | str,
    after: Programme | str,
    change_on: Any,
    *,
    responses: Priors = default_priors,
    evidence: Any = None,
    redemption: str | None = None,
    season: Any = None,
    until: Any = None,
    customers: int = 2_000,
    steps: int = 150,
    seed: int = 1,
) -> Calibration:
    """Learn from a dated rule change how the customers respond to the programme.

    Parameters
    ----------
    population
        An opened brand, or a population of it with a past.
    before, after
        The programmes until the change and from it on.
    change_on
        First day of the later rules.
    responses
        What is believed before.
    evidence
        Frame of further evidence, such as effects of campaigns and benefit values of a survey:
        term, estimate, low, high (90 %); multiplied in as normal factors.
    redemption
        ``observed`` or ``at_once``; None for ``observed`` where lines say what points they paid
        with.
    season
        Index by week of the history, where it is known from elsewhere; a yearly wave and a trend
        are fitted beside it in any case.
    until
        First day that is left out, so that the weeks after it can be forecast; of a brand only.
    customers
        Most customers in the fit: those with the lowest hash of their key.
    steps
        Of each of four chains.
    seed
        Of the draws.

    Returns
    -------
    Calibration
        ``responses`` are taken by :func:`simulate`. Not calibrated, with the reasons, and with the
        priors as they were, where the history is too short or too few were rewarded.

    Raises
    ------
    ParameterError
        With everything that cannot be used; also for a change outside the history.

    Notes
    -----
    Weekly orders given the ledger's state at the start of each week, as docs/simulator.md has them,
    but for the mean covariates, which are not taken off: rates are those without any response.
    Rates are gamma, integrated by quadrature; dropout by a forward filter; weeks count from the one
    after a customer's first order. A level shift at the change that all share cannot be told from
    anything else that happened at the time; a trend of 10 % a year is allowed for. Of a brand that
    knows its members they alone are fitted: others buy less and have no states, so that the
    difference between the two groups would be taken for a response. Where lines say what points
    they paid with, redemption is fitted to all orders that could redeem. What neither tells
    (baskets, displaced purchases, joining) stays at its prior.
    """
    change = as_date(change_on, name="change_on")
    old, new = (load_programme(one) if isinstance(one, str) else one for one in (before, after))
    factors = normal_factors(evidence)
    raise_all(_wrong_numbers(customers, steps, redemption), ParameterError)
    people = _people(population, until)
    raise_all(_outside(people, change), ParameterError)
    rng = np.random.default_rng(seed)
    sets = responses.draw(seed, _POOL)
    prior = {name: np.array([one[name] for one in sets]) for name in NAMES}
    believed = weighed(prior, factors, rng)
    panel, reasons = _panel(people, old, new, change, redemption, customers)
    if panel is None or reasons:
        draws = {name: rng.choice(values, _DRAWS) for name, values in believed.items()}
        return Calibration(
            calibrated=False,
            reasons=reasons,
            responses=_as_responses(responses, draws) if factors else responses,
            table=table_of(responses, prior, believed, told=tuple(factors)),
            panel=panel,
            evidence=tuple(factors),
        )
    found = sample_posterior(
        prepare(panel, season=season), responses, seed=seed, steps=steps, evidence=factors
    )
    draws = _draws(found, believed, rng)
    told = (*found.informed, parameter_of(WINDOW), *factors)
    if panel.able is not None and panel.able[..., 0].any():
        draws |= redemption_draws(panel.able, responses, rng, draws=len(found.responses))
        told = (*told, *REDEMPTION)
    effective, r_hat = found.least, max(found.r_hat.values())
    return Calibration(
        calibrated=True,
        reasons=(),
        responses=_as_responses(responses, draws, effective=effective, r_hat=r_hat),
        table=table_of(responses, prior, draws, told=told),
        panel=panel,
        effective=effective,
        r_hat=r_hat,
        evidence=tuple(factors),
    )


def _people(population: Any, until: Any) -> Population:
    if not isinstance(population, Population):
        last = None if until is None else as_date(until, name="until")
        return members_of(population, recorded_people(population, until=last))
    if until is not None:
        raise ParameterError(
            problem("calibrate: until goes with a brand; a population ends where it was made to")
        )
    return population


def _panel(
    people: Population,
    before: Programme,
    after: Programme,
    change: dt.date,
    redemption: str | None,
    customers: int,
) -> tuple[Panel | None, tuple[Problem, ...]]:
    """Return the weeks, and why they are too little to learn from."""
    first = people.source.first_day or people.start
    weeks = (change - first).days // _WEEK, (people.start - change).days // _WEEK
    panel = None
    if min(weeks) > 0:
        policy = redemption or recorded_policy(people)
        panel = make_panel(people, before, after, change, redemption=policy, most=customers)
    return panel, tuple(_too_little(weeks, panel))


def _as_responses(
    priors: Priors,
    draws: Mapping[str, np.ndarray],
    *,
    effective: float = 0.0,
    r_hat: float = 1.0,
) -> CalibratedResponses:
    rows = zip(*(draws[name].tolist() for name in NAMES), strict=True)
    sets = tuple(Responses(dict(zip(NAMES, row, strict=True))) for row in rows)
    return CalibratedResponses(
        priors.parameters, priors.zero_weight, sets=sets, effective=effective, r_hat=r_hat
    )


def _draws(
    found: Posterior, believed: Mapping[str, np.ndarray], rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return draws of every parameter; of those that the weeks do not tell, what is believed."""
    size = len(found.responses)
    draws = {name: rng.choice(believed[name], size) for name in NAMES}
    for name in (*found.informed, WINDOW):
        draws[parameter_of(name)] = found.of(name)
    return draws


def _wrong_numbers(customers: int, steps: int, redemption: str | None) -> Iterator[Problem]:
    for name, value, least in (("customers", customers, 100), ("steps", steps, 20)):
        if not isinstance(value, int) or value < least:
            yield problem(
                "calibrate: {name} is {found}; allowed: a whole number of at least {least}",
                name=name,
                found=value,
                least=least,
            )
    if redemption not in (None, "observed", "at_once"):
        yield problem(
            "calibrate: redemption is {found}; allowed: observed, at_once", found=redemption
        )


def _outside(people: Population, change: dt.date) -> Iterator[Problem]:
    first = people.source.first_day
    if first is None:
        yield problem(
            "calibrate: the population has no past; make it with tiers.population of a brand"
        )
    elif not first < change < people.start:
        yield problem(
            "calibrate: change_on is {found}; allowed: a day after {first} and before {last}, "
            "within the history",
            found=change.isoformat(),
            first=first.isoformat(),
            last=people.start.isoformat(),
        )


def _too_little(weeks: tuple[int, int], panel: Panel | None) -> Iterator[Problem]:
    """Yield why a history is too little to learn from."""
    for name, found, least in zip(
        ("before", "after"), weeks, (WEEKS_BEFORE, WEEKS_AFTER), strict=True
    ):
        if found < least:
            yield problem(
                "not calibrated: {found} whole weeks {name} the rule change; at least {least} are "
                "needed",
                found=found,
                name=name,
                least=least,
            )
    if panel is not None and panel.rewarded < REWARDED:
        yield problem(
            "not calibrated: {found} customers with a reward after the rule change; at least "
            "{least} are needed",
            found=panel.rewarded,
            least=REWARDED,
        )
    if panel is not None and not (panel.orders * panel.counted()).any():
        yield problem("not calibrated: nobody ordered again after the first week")
