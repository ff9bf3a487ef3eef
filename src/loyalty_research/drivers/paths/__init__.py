"""Path models by partial least squares: kernels on arrays, and the section of the report."""

from loyalty_research.drivers.paths.groups import compare_groups
from loyalty_research.drivers.paths.result import PathsResult, fit_pls
from loyalty_research.drivers.pls.bootstrap import Draws, bootstrap, percentile_interval
from loyalty_research.drivers.pls.design import Design, make_design
from loyalty_research.drivers.pls.fit import Fit, fit_design
from loyalty_research.drivers.pls.groups import GroupDifference, compare_paths
from loyalty_research.drivers.pls.moments import Moments, sample_moments
from loyalty_research.drivers.pls.predict import Prediction, predict
from loyalty_research.drivers.pls.solution import Solution, solve
from loyalty_research.drivers.survey.load import load_model

__all__ = [
    "Design",
    "Draws",
    "Fit",
    "GroupDifference",
    "Moments",
    "PathsResult",
    "Prediction",
    "Solution",
    "bootstrap",
    "compare_groups",
    "compare_paths",
    "fit_design",
    "fit_pls",
    "load_model",
    "make_design",
    "percentile_interval",
    "predict",
    "sample_moments",
    "solve",
]
