"""What benefits are worth to customers: best-worst tasks, counted and modelled."""

from loyalty_research.drivers.maxdiff.individual import Individuals, Judged, fit_individuals, judge
from loyalty_research.drivers.maxdiff.kernel import BenefitFit, fit_benefits
from loyalty_research.drivers.maxdiff.result import BenefitsResult, benefit_values
from loyalty_research.drivers.maxdiff.tasks import Tasks, read_tasks

__all__ = [
    "BenefitFit",
    "BenefitsResult",
    "Individuals",
    "Judged",
    "Tasks",
    "benefit_values",
    "fit_benefits",
    "fit_individuals",
    "judge",
    "read_tasks",
]
