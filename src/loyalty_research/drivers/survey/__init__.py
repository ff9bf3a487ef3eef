"""The survey: models as data, answers as numbers, whether they can be trusted, weights."""

from loyalty_research.drivers.survey.answers import Answers, read_answers
from loyalty_research.drivers.survey.blocks import MaxDiffBlock
from loyalty_research.drivers.survey.by_brand import DriverAnswers, driver_answers
from loyalty_research.drivers.survey.checks import check_survey
from loyalty_research.drivers.survey.load import list_models, load_model
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.raking import Raked, rake
from loyalty_research.drivers.survey.weighting import WeightsResult, weigh_respondents

__all__ = [
    "Answers",
    "DriverAnswers",
    "MaxDiffBlock",
    "Raked",
    "SurveyModel",
    "WeightsResult",
    "check_survey",
    "driver_answers",
    "list_models",
    "load_model",
    "rake",
    "read_answers",
    "weigh_respondents",
]
