"""The survey: models as data, answers as numbers, and whether they can be trusted."""

from loyalty_research.drivers.survey.answers import Answers, read_answers
from loyalty_research.drivers.survey.checks import check_survey
from loyalty_research.drivers.survey.load import list_models, load_model
from loyalty_research.drivers.survey.model import SurveyModel

__all__ = ["Answers", "SurveyModel", "check_survey", "list_models", "load_model", "read_answers"]
