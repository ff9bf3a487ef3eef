"""Segments of customers: looked for, proved against structureless customers, and named."""

from loyalty_research.profile.segments.choose import Choice, choose_segments
from loyalty_research.profile.segments.features import customer_features
from loyalty_research.profile.segments.find import SegmentsResult, find_segments
from loyalty_research.profile.segments.model import SegmentModel
from loyalty_research.profile.segments.scaling import Feature, fit_scaling
from loyalty_research.profile.segments.surrogate import Surrogate, fit_surrogate

__all__ = [
    "Choice",
    "Feature",
    "SegmentModel",
    "SegmentsResult",
    "Surrogate",
    "choose_segments",
    "customer_features",
    "find_segments",
    "fit_scaling",
    "fit_surrogate",
]
