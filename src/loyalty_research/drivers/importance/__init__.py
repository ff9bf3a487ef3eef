"""Which drivers matter: Shapley values of R squared, importance and performance."""

from loyalty_research.drivers.importance.driver_importance import driver_importance
from loyalty_research.drivers.importance.kano import kano_table
from loyalty_research.drivers.importance.performance_map import performance_map
from loyalty_research.drivers.importance.shapley import Shapley, shapley_r2

__all__ = ["Shapley", "driver_importance", "kano_table", "performance_map", "shapley_r2"]
