"""Chapter 3, tier design: the present programme and candidates on the purchases as they were."""

from loyalty_research.tiers.attain import reach
from loyalty_research.tiers.brand_evidence import BrandResponses, brand_responses
from loyalty_research.tiers.calibration import (
    CalibratedResponses,
    Calibration,
    ForecastCheck,
    calibrate,
    check_forecast,
)
from loyalty_research.tiers.cards import cards
from loyalty_research.tiers.compare import compare
from loyalty_research.tiers.forecast import forecast
from loyalty_research.tiers.gains import gains
from loyalty_research.tiers.levels import levels
from loyalty_research.tiers.optimisation import (
    Knob,
    Limits,
    Optimisation,
    Space,
    optimise,
    space,
)
from loyalty_research.tiers.proposals import (
    Option,
    Proposals,
    beliefs,
    break_even,
    decide,
    months,
    moves,
    proposals,
)
from loyalty_research.tiers.reminders import reminders
from loyalty_research.tiers.replay import replay
from loyalty_research.tiers.replays import Replays, Run, replays
from loyalty_research.tiers.review import review
from loyalty_research.tiers.rewards import rewards
from loyalty_research.tiers.simulation import (
    Observed,
    Population,
    Priors,
    Responses,
    Simulation,
    covariates_of_history,
    population,
    population_of,
    priors,
    simulate,
)
from loyalty_research.tiers.sliders import Sliders, Unmoved, sliders
from loyalty_research.tiers.transition import transition

__all__ = [
    "BrandResponses",
    "CalibratedResponses",
    "Calibration",
    "ForecastCheck",
    "Knob",
    "Limits",
    "Observed",
    "Optimisation",
    "Option",
    "Population",
    "Priors",
    "Proposals",
    "Replays",
    "Responses",
    "Run",
    "Simulation",
    "Sliders",
    "Space",
    "Unmoved",
    "beliefs",
    "brand_responses",
    "break_even",
    "calibrate",
    "cards",
    "check_forecast",
    "compare",
    "covariates_of_history",
    "decide",
    "forecast",
    "gains",
    "levels",
    "months",
    "moves",
    "optimise",
    "population",
    "population_of",
    "priors",
    "proposals",
    "reach",
    "reminders",
    "replay",
    "replays",
    "review",
    "rewards",
    "simulate",
    "sliders",
    "space",
    "transition",
]
