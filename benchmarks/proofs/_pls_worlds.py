"""Respondents out of known path models: composites or common factors, drawn item by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

ITEMS = 3
PATHS: dict[str, dict[str, float]] = {
    "quality": {"image": 0.5},
    "satisfaction": {"image": 0.2, "quality": 0.5},
    "loyalty": {"image": 0.15, "satisfaction": 0.45},
}
CONSTRUCTS = ("image", *PATHS)
WEIGHTS = {"equal": (1.0, 1.0, 1.0), "unequal": (0.9, 0.3, 0.1)}
ALIKE = {"equal": (0.5, 0.5, 0.5), "unequal": (0.1, 0.1, 0.7)}
"""Correlations of items 1-2, 1-3 and 2-3 within a composite."""
LOADINGS = (0.85, 0.75, 0.65)


@dataclass(frozen=True)
class World:
    """A model whose truth is known.

    Parameters
    ----------
    kind
        ``factor``: items follow from a construct; ``equal`` and ``unequal``: constructs are made of
        items, with equal weights and correlations or not.
    paths
        Outcome -> cause -> standardised path.
    """

    kind: str
    paths: Mapping[str, Mapping[str, float]]

    @property
    def blocks(self) -> dict[str, list[str]]:
        """Construct -> names of its items."""
        return {name: [f"{name}{i}" for i in range(ITEMS)] for name in CONSTRUCTS}

    @property
    def arrows(self) -> dict[str, list[str]]:
        """Outcome -> causes."""
        return {name: list(causes) for name, causes in self.paths.items()}

    def answers(self, rng: np.random.Generator, respondents: int) -> np.ndarray:
        """Draw answers, shape (respondents, items)."""
        scores: dict[str, np.ndarray] = {}
        for name in CONSTRUCTS:
            mean = np.zeros(respondents)
            for cause, path in self.paths.get(name, {}).items():
                mean = mean + path * scores[cause]
            rest = 1 - self._explained(name)
            scores[name] = mean + np.sqrt(rest) * rng.standard_normal(respondents)
        return np.hstack([self._items(rng, scores[name]) for name in CONSTRUCTS])

    def _explained(self, name: str) -> float:
        """Return the variance that the causes of a construct account for."""
        related = self._related()
        causes = self.paths.get(name, {})
        return sum(a * b * related[i, j] for i, a in causes.items() for j, b in causes.items())

    def _related(self) -> dict[tuple[str, str], float]:
        """Return the correlations of all constructs, by tracing rules."""
        found = {(name, name): 1.0 for name in CONSTRUCTS}
        for place, name in enumerate(CONSTRUCTS):
            for other in CONSTRUCTS[:place]:
                causes = self.paths.get(name, {})
                found[name, other] = sum(b * found[cause, other] for cause, b in causes.items())
                found[other, name] = found[name, other]
        return found

    def _items(self, rng: np.random.Generator, score: np.ndarray) -> np.ndarray:
        noise = rng.standard_normal((len(score), ITEMS))
        if self.kind == "factor":
            loadings = np.array(LOADINGS)
            return score[:, None] * loadings + noise * np.sqrt(1 - loadings**2)
        first, second, third = ALIKE[self.kind]
        within = np.array([[1, first, second], [first, 1, third], [second, third, 1]])
        weights = np.array(WEIGHTS[self.kind])
        weights = weights / np.sqrt(weights @ within @ weights)
        loadings = within @ weights
        # Items given the composite: free items, less what they say of it, plus what it says.
        free = noise @ np.linalg.cholesky(within).T
        return free + (score - free @ weights)[:, None] * loadings
