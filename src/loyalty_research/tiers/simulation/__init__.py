"""Customers who buy week by week under a programme, with stated responses to it."""

from loyalty_research.tiers.simulation.from_brand import population
from loyalty_research.tiers.simulation.observe import (
    Observed,
    covariates_of_history,
    mean_covariates,
)
from loyalty_research.tiers.simulation.outcome import Simulation
from loyalty_research.tiers.simulation.population import Population, population_of
from loyalty_research.tiers.simulation.priors import Priors, Responses, priors
from loyalty_research.tiers.simulation.sample import sample_of
from loyalty_research.tiers.simulation.simulate import simulate
from loyalty_research.tiers.simulation.terms import PARAMETERS, TERMS, Parameter, Term

__all__ = [
    "PARAMETERS",
    "TERMS",
    "Observed",
    "Parameter",
    "Population",
    "Priors",
    "Responses",
    "Simulation",
    "Term",
    "covariates_of_history",
    "mean_covariates",
    "population",
    "population_of",
    "priors",
    "sample_of",
    "simulate",
]
