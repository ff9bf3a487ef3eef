"""Present programme, candidates and designs found by a search, judged side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.errors import DataError, ParameterError, Problem, problem, raise_all
from loyalty_research.programmes.schema import Programme
from loyalty_research.programmes.schema.earning import Earn
from loyalty_research.tiers.break_even import margin_of
from loyalty_research.tiers.common import given
from loyalty_research.tiers.forecast_runs import nothing
from loyalty_research.tiers.optimisation import Optimisation, Space, optimise
from loyalty_research.tiers.optimisation.evaluate import Evaluator
from loyalty_research.tiers.proposals.around import Around, named_space, space_around, value_at
from loyalty_research.tiers.proposals.judge import limits_of, outcome_of
from loyalty_research.tiers.proposals.options import Option, Proposals, Terms
from loyalty_research.tiers.replays import Replays, in_both
from loyalty_research.tiers.simulation import (
    Population,
    Priors,
    Simulation,
    population,
    sample_of,
    simulate,
)
from loyalty_research.tiers.simulation import priors as default_priors

_MOST_CANDIDATES = 3
_LEAST_DRAWS = 10
_SEARCH_DRAWS = 6
_WATCHED = 4
"""Customers in the one run at the median responses, over those of each draw."""
_ORDERS, _LEAST_CUSTOMERS = 50_000, 300
"""Orders of one run at most, and customers that stay whatever they buy."""


def proposals(
    brand: Any,
    programmes: Any = None,
    *,
    replays: Replays | None = None,
    margin: float | None = None,
    responses: Any = None,
    space: Space | None = None,
    periods: int = 104,
    draws: int = 64,
    customers: int = 1000,
    searched: int = 300,
    seed: int = 1,
    period: Any = None,
) -> Proposals:
    """Search for better designs, and judge them beside the present programme and candidates.

    Parameters
    ----------
    brand
        An opened brand with orders of identified customers.
    programmes
        Programmes; None for the brand's own and its candidates.
    replays
        What :func:`replays` returned; ``programmes`` and ``period`` are not looked at then.
    margin
        Share of net sales; None for the brand file's, else 30 % is assumed and said so.
    responses
        Priors, or what :func:`brand_responses` returned; None asks it for what the brand's own
        history tells.
    space
        Designs to search; None for one around the present programme (around the last candidate
        with levels where the brand runs none).
    periods
        Weeks.
    draws
        Sets of responses, at least 10; from 64 on the sensitivity is given.
    customers, searched
        Simulated at most for the judgement, and in the search; fewer, but not below 300, where
        they buy so often that a run would make more than 50,000 orders.
    seed
        Of all random numbers.
    period
        First and last day of the past.

    Returns
    -------
    Proposals
        For :func:`decide`, :func:`moves`, :func:`months` and :func:`beliefs`. Without orders,
        programmes, or enough repeat purchases it has a ``reason`` and no options.

    Raises
    ------
    ParameterError
        For a margin of zero or above one, or too few draws.

    Notes
    -----
    The search runs on few customers and sets of responses; what it proposes is judged anew on other
    random numbers and more of both, so that no number shown is one a design was picked by.

    Examples
    --------
    >>> lr.show(tiers.decide(tiers.proposals(b)))  # doctest: +SKIP
    """
    made = given(brand, programmes, replays, period=period)
    share, assumed = margin_of(made, margin)
    terms = Terms(share, assumed, periods, draws, customers, searched, seed)
    raise_all(_wrong(terms), ParameterError)
    if not made.runs:
        return Proposals(made, terms, reason=made.reason or "no_programme")
    try:
        everyone = population(brand, margin=share, period=made.days.iso, seed=seed)
    except DataError:
        return Proposals(made, terms, reason="no_purchase_model")
    terms = _affordable(terms, everyone)
    belief, believed, evidence = _believed(brand, responses)
    listed = _listed(made, everyone)
    around = _around(listed, space, everyone)
    search = None if around is None else _search(everyone, around, listed[0], believed, terms)
    found = () if search is None or around is None else _picked(search, around)
    options = (*listed, *found)
    goal = _goal(options)
    runs = Evaluator(everyone, goal, None, _settings(terms))
    sets = believed.draw(seed, draws)
    judged = outcome_of(runs, options, sets, evidence=evidence, size=terms.customers)
    part = sample_of(everyone, terms.customers, seed)
    return Proposals(
        made,
        terms,
        responses=believed,
        evidence=evidence,
        belief=belief,
        options=options,
        judged=judged.judged,
        gains=judged.gains,
        middle=_simulated(
            sample_of(everyone, _WATCHED * terms.customers, seed), options, believed.median(), terms
        ),
        quiet=_simulated(part, options, default_priors.off(), terms),
        search=search,
        changes=_changes(around, found),
        objective=goal,
        best=judged.best,
        verdict=judged.verdict,
        customers=everyone.size,
        sampled=part.size,
    )


def _affordable(terms: Terms, people: Population) -> Terms:
    """Return terms with fewer customers where each buys often."""
    each = float(people.rate.mean()) * terms.periods
    most = max(int(_ORDERS / each), _LEAST_CUSTOMERS)
    return replace(terms, customers=min(terms.customers, most), searched=min(terms.searched, most))


def _believed(brand: Any, responses: Any) -> tuple[Any, Priors, Any]:
    """Return what the brand's history tells, the responses to draw from, and the evidence."""
    from loyalty_research.tiers.calibration import CalibratedResponses

    told = responses
    if told is None:
        from loyalty_research.tiers.brand_evidence import brand_responses

        told = brand_responses(brand)
    if isinstance(told, CalibratedResponses):
        return None, told, "posterior" if told.trusted else "thin"
    if isinstance(told, Priors):
        return None, told, "priors"
    return told, told.responses, told.evidence


def _listed(made: Replays, people: Population) -> tuple[Option, ...]:
    """Return the present programme, or none, and the candidates."""
    main = made.main
    assert main is not None
    own = main if main.present else None
    others = made.others if own is not None else made.runs
    if own is not None:
        first = Option(own.programme, "present", "present", own.name, own.short)
    else:
        name = in_both("label.programme_status.none")
        first = Option(nothing(people, main.programme.trade), "present", "present", name, name)
    shown = others[:_MOST_CANDIDATES]
    rest = (
        Option(run.programme, f"candidate_{place}", "candidate", run.name,
               in_both("programme.candidate", number=str(place)))
        for place, run in enumerate(shown, start=1)
    )  # fmt: skip
    return (first, *rest)


def _around(
    listed: Sequence[Option], given_space: Space | None, people: Population
) -> Around | None:
    if given_space is not None:
        return named_space(given_space)
    own = listed[0].programme
    if own.rewards or own.tiers is not None:
        return space_around(own, people)
    levelled = [item.programme for item in listed[1:] if item.programme.tiers is not None]
    return space_around([*(item.programme for item in listed[1:]), *levelled][-1], people)


def _search(
    people: Population, around: Around, present: Option, believed: Priors, terms: Terms
) -> Optimisation | None:
    try:
        return optimise(
            people,
            around.space,
            baseline=present.programme,
            responses=believed,
            customers=terms.searched,
            draws=_SEARCH_DRAWS,
            sensitivity_draws=0,  # taken from the draws of what is judged
            limits=limits_of(present.programme),
            **_settings(replace(terms, seed=terms.seed + 1)),
        )
    except ParameterError:  # nothing in the space keeps to the limits
        return None


def _picked(search: Optimisation, around: Around) -> tuple[Option, ...]:
    """Return the design with the highest gain, the one with the least regret, the cheapest."""
    frame = search.designs[
        (search.designs["broken"] == "") & (search.designs["design"] != "present")
    ]
    if frame.empty:
        return ()
    front = frame[frame["on_front"]] if frame["on_front"].any() else frame
    rows = [
        frame.sort_values("gain", ascending=False).index[0],
        frame.sort_values("worst_regret").index[0],
        front.sort_values("cost").index[0],
    ]
    kept: list[Option] = []
    for row in dict.fromkeys(rows):
        rules = _rules(around, frame.loc[row].to_dict())
        if rules is None or _same(rules, around):
            continue
        key, names = (
            f"proposal_{len(kept) + 1}",
            in_both("programme.proposal", number=str(len(kept) + 1)),
        )
        kept.append(Option(_titled(rules, names, key), key, "proposal", names, names))
    return tuple(kept)


def _rules(around: Around, row: dict[Any, Any]) -> Programme | None:
    """Return the programme of a row of the search."""
    choice = tuple(
        int(np.argmin([abs(float(each) - row[knob.path]) for each in knob.all_values]))
        for knob in around.space.knobs
    )
    return around.space.programme(choice)


def _same(rules: Programme, around: Around) -> bool:
    return all(
        np.isnan(value) or np.isclose(value, move.present)
        for move in around.moves
        for value in [value_at(rules, move.path)]
    )


def _titled(rules: Programme, names: dict[str, str], key: str) -> Programme:
    """Return a design as a programme of its own: named, a proposal, without an empty benefit."""
    kept = tuple(item for item in rules.benefits if item.take_up != 0)
    made = rules.model_copy(
        update={
            "name": rules.name.model_copy(update=names),
            "origin": "proposal",
            "benefits": kept,
            "earn": tuple(_plain(rule) for rule in rules.earn),
            "effective_from": None,
        }
    )
    made._path = rules.path.with_name(f"{key}.yaml")
    return made


def _plain(rule: Earn) -> Earn:
    """Return a rule without points for levels that are those of everybody."""
    told = {level: points for level, points in rule.by_tier.items() if points != rule.points}
    return rule.model_copy(update={"by_tier": told})


def _changes(around: Around | None, found: Sequence[Option]) -> pd.DataFrame:
    """Return a row a number that differs in any proposal: name, unit, present and proposed."""
    rows = []
    for move in around.moves if around is not None else ():
        proposed = {item.key: value_at(item.programme, move.path) for item in found}
        proposed = {
            key: move.plain if np.isnan(value) else value for key, value in proposed.items()
        }
        if any(value != move.present for value in proposed.values()):
            rows.append(
                {"path": move.path, "rule_zh": move.label["zh"], "rule_en": move.label["en"],
                 "unit": move.unit, "base": move.present, **proposed}
            )  # fmt: skip
    return pd.DataFrame(rows)


def _goal(options: Sequence[Option]) -> str:
    aims = [item.programme.objective for item in options if item.programme.objective]
    return aims[0].goal if aims else "margin"


def _settings(terms: Terms) -> dict[str, Any]:
    return {
        "periods": terms.periods,
        "seed": terms.seed,
        "start": "as_if",
        "redemption": "model",
        "discount": 0.10,
    }


def _simulated(
    part: Population, options: Sequence[Option], responses: Any, terms: Terms
) -> tuple[Simulation, ...]:
    settings = _settings(terms)
    return tuple(
        simulate(part, item.programme, responses=responses, **settings) for item in options
    )


def _wrong(terms: Terms) -> list[Problem]:
    wrong: list[Problem] = []
    if not (np.isfinite(terms.margin) and 0 < terms.margin <= 1):
        wrong.append(
            problem(
                "proposals: margin is {found!r}; allowed: a share of net sales above 0, at most 1",
                found=terms.margin,
            )
        )
    if terms.draws < _LEAST_DRAWS or terms.customers < 1 or terms.searched < 1:
        wrong.append(
            problem(
                "proposals: draws {draws}, customers {customers}, searched {searched}; allowed: at "
                "least {least} draws and one customer",
                draws=terms.draws,
                customers=terms.customers,
                searched=terms.searched,
                least=_LEAST_DRAWS,
            )
        )
    return wrong
