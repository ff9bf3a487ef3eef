"""Worlds whose truth is known: simulated markets to test methods on before they are believed."""

from __future__ import annotations

from loyalty_research.worlds.making import make, null
from loyalty_research.worlds.presets import names
from loyalty_research.worlds.truth import Planted
from loyalty_research.worlds.world import World

__all__ = ["Planted", "World", "make", "names", "null"]
