"""Responses learned from a brand's own dated rule change."""

from loyalty_research.tiers.calibration.calibrate import calibrate
from loyalty_research.tiers.calibration.calibrated import CalibratedResponses, Calibration
from loyalty_research.tiers.calibration.forecast import ForecastCheck, check_forecast

__all__ = ["CalibratedResponses", "Calibration", "ForecastCheck", "calibrate", "check_forecast"]
