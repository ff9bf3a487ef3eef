"""A random part of a population, the same for every design."""

from __future__ import annotations

import dataclasses

import numpy as np

from loyalty_research.tiers.simulation.hashed import uniforms
from loyalty_research.tiers.simulation.population import NoPast, Population
from loyalty_research.tiers.simulation.templates import Templates


def sample_of(population: Population, size: int, seed: int = 1) -> Population:
    """Return about ``size`` of the customers, chosen by their random numbers.

    Parameters
    ----------
    population
        All customers.
    size
        At least 1; the whole population is returned where it is no larger.
    seed
        Of the random numbers.
    """
    if population.size <= size:
        return population
    chosen = uniforms(seed, population.keys, purpose="sample") < size / population.size
    return part_of(
        population, np.flatnonzero(chosen if chosen.any() else np.arange(population.size) == 0)
    )


def part_of(population: Population, place: np.ndarray) -> Population:
    """Return the customers at some places of a population.

    Parameters
    ----------
    population
        All customers.
    place
        Places from 0, rising.
    """
    starts = population.templates.starts
    counts = starts[place + 1] - starts[place]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    rows = np.repeat(starts[place] - first[:-1], counts) + np.arange(first[-1])
    templates = Templates(
        first, population.templates.moments[rows], population.templates.amounts[rows]
    )
    names = ("keys", "rate", "alive", "dropout", "member", "birthday", "past")
    ids = population.ids.take(place)
    source = population.source
    source = (
        NoPast(templates) if isinstance(source, NoPast) else dataclasses.replace(source, ids=ids)  # type: ignore[type-var]
    )
    return dataclasses.replace(
        population,
        ids=ids,
        templates=templates,
        source=source,
        **{name: getattr(population, name)[place] for name in names},
    )
