"""How well a survey measures its constructs."""

from loyalty_research.drivers.measurement.measures import (
    alphas,
    composite_reliability,
    htmt,
    variance_extracted,
)
from loyalty_research.drivers.measurement.result import measurement_model

__all__ = [
    "alphas",
    "composite_reliability",
    "htmt",
    "measurement_model",
    "variance_extracted",
]
