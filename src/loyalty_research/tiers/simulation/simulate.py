"""Let customers buy week by week under a programme, with stated responses to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.programmes.load import load_programme
from loyalty_research.programmes.plan_rows import level_ids
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.simulation.carried import carried_from
from loyalty_research.tiers.simulation.design import shares_array
from loyalty_research.tiers.simulation.outcome import Simulation, totals_of
from loyalty_research.tiers.simulation.population import Population
from loyalty_research.tiers.simulation.priors import Priors, Responses
from loyalty_research.tiers.simulation.priors import priors as default_priors
from loyalty_research.tiers.simulation.run import (
    REDEMPTIONS,
    STARTS,
    Ready,
    Settings,
    make_ready,
    run_all,
)
from loyalty_research.tiers.simulation.sample import sample_of

_SAMPLE = 20_000
_MOST_WEEKS = 1_040


def simulate(
    population: Population,
    programme: Programme | str,
    *,
    responses: Responses | Priors = default_priors,
    periods: int = 104,
    seed: int = 1,
    start: str = "as_if",
    redemption: str = "model",
    discount: float = 0.10,
    fixed_cost: float = 0.0,
    draws: int = 0,
    shares: Mapping[str, float] | None = None,
    present: Programme | None = None,
    paid: str | None = None,
    threads: int | None = None,
    keep_orders: bool = False,
) -> Simulation:
    """Simulate a programme: what customers would buy, earn and redeem, and what it would gain.

    Parameters
    ----------
    population
        Of :func:`population` or :func:`population_of`.
    programme
        Rules; a name or file, or as ``load_programme`` returns them. None is known by name.
    responses
        One set of values, or priors: their medians, and ``draws`` sets drawn from them.
    periods
        Weeks; the weeks in which shifted purchases come back are added.
    seed
        Of the random numbers: the same for designs that are compared.
    start
        ``as_if``: the past is replayed under the programme first; ``fresh``: nobody has points or
        a level; ``carry``: members bring along the level, by its rank, and the points, at face
        value, that ``present`` left them.
    redemption
        ``model``: by the redemption logit; ``at_once`` and ``none`` as the ledger's policies.
    discount
        A year.
    fixed_cost
        In currency units, once at the start.
    draws
        Sets drawn from the priors for the parameter interval; 0 for none.
    shares
        Share of members by level, for what a scarce level's benefits are worth; None takes them
        from a simulation without responses.
    present
        With ``start="carry"``: the programme whose points and levels are brought along.
    paid
        Id of a paid level that every member holds.
    threads
        Side by side; results do not depend on it.
    keep_orders
        Whether the simulated orders are wanted.

    Returns
    -------
    Simulation
        Totals, customers, weeks by level; ``compare`` sets it against a baseline.

    Raises
    ------
    ParameterError
        With everything that cannot be used.

    Notes
    -----
    docs/simulator.md says what happens in a week. What comes out rests on assumed responses unless
    they were calibrated: it is no observed effect. New customers are not simulated.

    Examples
    --------
    >>> p = tiers.population(b)  # doctest: +SKIP
    >>> t = tiers.simulate(p, "coffee_tiers_example", periods=104, seed=1)  # doctest: +SKIP
    >>> t.compare(tiers.simulate(p, b.programme, seed=1))  # doctest: +SKIP
    """
    rules = load_programme(programme) if isinstance(programme, str) else programme
    settings = Settings(
        periods, seed, start, redemption, discount=discount, paid=paid, threads=threads
    )
    raise_all(_wrong(rules, settings, draws, present, population), ParameterError)
    ready = _ready(population, rules, settings, present)
    point = responses.median() if isinstance(responses, Priors) else responses
    by_level = _shares(ready, shares, present)
    done = run_all(ready, point, by_level, keep_orders=keep_orders)
    return Simulation(
        programme=rules,
        population=population,
        settings=settings,
        responses=point,
        fixed_cost=float(fixed_cost),
        costs=ready.costs,
        shares=dict(zip(level_ids(rules), by_level.tolist(), strict=True)),
        done=done,
        draws=_drawn(ready, responses, draws, by_level, float(fixed_cost)),
    )


def _ready(
    population: Population, rules: Programme, settings: Settings, present: Programme | None
) -> Ready:
    if settings.start != "carry" or present is None:
        return make_ready(population, rules, settings)
    carried, wallet = carried_from(population, present, rules)
    return make_ready(population, rules, settings, carried=carried, carry_wallet=wallet)


def _shares(
    ready: Ready,
    shares: Mapping[str, float] | None,
    present: Programme | None,
) -> np.ndarray:
    """Return the share of members on each level, at the end of a run without responses."""
    levels = len(ready.plan.levels)
    if shares is not None:
        return shares_array(ready.programme, shares)
    benefits = ready.costs.by_level
    if levels == 1 or not (benefits["each_value"].any() or benefits["week_value"].any()):
        return np.full(levels, 1.0 / levels)
    part = sample_of(ready.population, _SAMPLE, ready.settings.seed)
    small = _ready(part, ready.programme, ready.settings, present)
    done = run_all(small, default_priors.off(), np.full(levels, 0.10))
    held = done.people["level"]
    counts = np.bincount(held[held >= 0], minlength=levels).astype(float)
    return counts / max(counts.sum(), 1.0)


def _drawn(
    ready: Ready, responses: Responses | Priors, draws: int, shares: np.ndarray, fixed: float
) -> pd.DataFrame:
    """Return totals of one run for each set drawn from the priors."""
    if draws == 0 or not isinstance(responses, Priors):
        return pd.DataFrame()
    rows = []
    for number, drawn in enumerate(responses.draw(ready.settings.seed, draws)):
        done = run_all(ready, drawn, shares)
        rows.append({"draw": number, **totals_of(done, ready.costs, ready.settings, fixed)})
    return pd.DataFrame(rows)


def _wrong(
    rules: Programme,
    settings: Settings,
    draws: int,
    present: Programme | None,
    population: Population,
) -> Iterator[Problem]:
    if not isinstance(settings.periods, int) or not 1 <= settings.periods <= _MOST_WEEKS:
        yield problem(
            "simulate: periods is {found!r}; allowed: a whole number of weeks from 1 to {most}",
            found=settings.periods,
            most=_MOST_WEEKS,
        )
    for name, allowed in (("start", STARTS), ("redemption", REDEMPTIONS[:3])):
        if getattr(settings, name) not in allowed:
            yield problem(
                "simulate: {name} is {found!r}; allowed: {allowed}",
                name=name,
                found=getattr(settings, name),
                allowed=", ".join(allowed),
            )
    if settings.discount < 0 or draws < 0:
        yield problem(
            "simulate: discount {discount} and draws {draws}; allowed: not below 0",
            discount=settings.discount,
            draws=draws,
        )
    if settings.start == "carry" and present is None:
        yield problem(
            "simulate: start='carry' needs present=, the programme whose points and levels are "
            "brought along"
        )
    if rules.status != "replayable":
        yield problem(
            "simulate: programme {name} has status {found}; too little is known to simulate it",
            name=rules.id,
            found=rules.status,
        )
    own = population.currency
    if own is not None and rules.currency != own:
        yield problem(
            "simulate: programme {name} is in {found}, the population in {allowed}; write it in "
            "the brand's currency",
            name=rules.id,
            found=rules.currency,
            allowed=own,
        )
