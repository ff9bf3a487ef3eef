"""Which design gains most, how sure that is, and whether to change anything at all."""

from loyalty_research.tiers.optimisation.constraints import Limits
from loyalty_research.tiers.optimisation.optimise import optimise
from loyalty_research.tiers.optimisation.result import Optimisation
from loyalty_research.tiers.optimisation.space import Knob, Space, space

__all__ = ["Knob", "Limits", "Optimisation", "Space", "optimise", "space"]
