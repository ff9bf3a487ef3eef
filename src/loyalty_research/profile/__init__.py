"""Chapter 1, the customer profile: what the base is, buys, is worth, and how it comes back."""

from loyalty_research.profile import clv, offers, segments
from loyalty_research.profile.board import board
from loyalty_research.profile.calibration import calibration
from loyalty_research.profile.channels import channels
from loyalty_research.profile.concentration import concentration
from loyalty_research.profile.exercise import check_exercise
from loyalty_research.profile.funnel import funnel
from loyalty_research.profile.lifecycle import lifecycle
from loyalty_research.profile.migration import migration
from loyalty_research.profile.new_products import new_products
from loyalty_research.profile.overview import overview
from loyalty_research.profile.people import people
from loyalty_research.profile.performance import performance
from loyalty_research.profile.preferences import preferences
from loyalty_research.profile.prices import prices
from loyalty_research.profile.promotions import promotions
from loyalty_research.profile.retention import retention
from loyalty_research.profile.rfm import rfm
from loyalty_research.profile.staff import staff
from loyalty_research.profile.store_loyalty import store_loyalty
from loyalty_research.profile.stored_value import stored_value
from loyalty_research.profile.stores import stores
from loyalty_research.profile.tiers import tiers
from loyalty_research.profile.timing import timing

__all__ = [
    "board",
    "calibration",
    "channels",
    "check_exercise",
    "clv",
    "concentration",
    "funnel",
    "lifecycle",
    "migration",
    "new_products",
    "offers",
    "overview",
    "people",
    "performance",
    "preferences",
    "prices",
    "promotions",
    "retention",
    "rfm",
    "segments",
    "staff",
    "store_loyalty",
    "stored_value",
    "stores",
    "tiers",
    "timing",
]
