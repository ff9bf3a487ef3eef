"""Chapter 3, tier design: the present programme and candidates on the purchases as they were."""

from loyalty_research.tiers.attain import reach
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
from loyalty_research.tiers.reminders import reminders
from loyalty_research.tiers.replay import replay
from loyalty_research.tiers.replays import Replays, Run, replays
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

__all__ = [
    "CalibratedResponses",
    "Calibration",
    "ForecastCheck",
    "Knob",
    "Limits",
    "Observed",
    "Optimisation",
    "Population",
    "Priors",
    "Replays",
    "Responses",
    "Run",
    "Simulation",
    "Space",
    "calibrate",
    "cards",
    "check_forecast",
    "compare",
    "covariates_of_history",
    "forecast",
    "gains",
    "levels",
    "optimise",
    "population",
    "population_of",
    "priors",
    "reach",
    "reminders",
    "replay",
    "replays",
    "rewards",
    "simulate",
    "space",
]
