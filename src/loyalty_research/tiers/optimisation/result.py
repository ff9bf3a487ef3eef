"""What a search for designs returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from loyalty_research.errors import ParameterError, problem
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.optimisation.break_even import break_even
from loyalty_research.tiers.optimisation.decide import Evidence, Verdict
from loyalty_research.tiers.optimisation.evaluate import Evaluator
from loyalty_research.tiers.optimisation.space import Space
from loyalty_research.tiers.optimisation.table import PRESENT
from loyalty_research.tiers.simulation import Population, Responses, Simulation
from loyalty_research.tiers.simulation import priors as default_priors


@dataclass(frozen=True, eq=False)
class Sampled:
    """The sample that the designs were judged on, for those who want to look closer."""

    runs: Evaluator
    present: Programme
    size: int
    sets: tuple[Responses, ...]
    middle: Responses

    @property
    def population(self) -> Population:
        """The customers."""
        return self.runs.sample(self.size)[0]

    def simulation(self, programme: Programme, responses: Responses | None = None) -> Simulation:
        """Return a whole simulation."""
        chosen = self.middle if responses is None else responses
        return self.runs.simulation(programme, self.size, chosen)


@dataclass(frozen=True, eq=False, repr=False)
class Optimisation:
    """What a search found. All of it is assumed, not observed, unless responses were calibrated.

    Parameters
    ----------
    space, present
        Searched, and compared with.
    evidence
        What the responses rest on: ``priors``, ``thin`` (too few draws), ``posterior``, ``known``.
    verdict
        ``change``, ``keep``, ``cannot_tell``, or ``priors_alone``: no recommendation.
    best
        With ``change`` the design to change to, else that with the highest mean gain; None where
        none gains.
    designs
        One row a design judged on the whole sample: ``design`` (its name), ``kind`` (``space``,
        ``candidate``, ``present``), the values of the space, ``gain`` (mean over
        the draws, discounted, over the present programme) with ``noise_low``, ``noise_high``
        (simulation noise) and ``low``, ``high`` (responses), ``goal`` (of the objective, over the
        present), ``retained``, ``liability``, ``cost`` (over the present), ``able``,
        ``participation``, ``top``, ``pays``, ``expected_regret``, ``worst_regret``, ``broken``
        (limits that it breaks), ``on_front``. The last row is keeping the present.
    programmes
        By ``design``.
    proposals
        Designs by what speaks for them: ``recommended`` (with ``change`` only), ``gain`` (highest
        mean gain), ``safe`` (least worst regret), ``goal``; each design once, within the limits.
    draws
        One row a design and draw: ``design``, ``draw``, ``gain``.
    sensitivity
        Of the gain of the design with the highest one, even where it is below 0: parameter, share
        (of its variance, by this parameter alone), low, high; empty with fewer than 64 draws.
    break_even
        Of the same design, no behaviour assumed: tier, customers, margin, extra_cost, lift,
        plausible.
    naive
        The plain difference between members and others, beside the lift that responses make.
    sampled
        What was simulated on.
    simulated
        Number of simulations.
    """

    space: Space
    present: Programme
    evidence: Evidence
    verdict: Verdict
    best: Programme | None
    designs: pd.DataFrame = field(repr=False)
    programmes: Mapping[str, Programme] = field(repr=False)
    proposals: Mapping[str, str]
    draws: pd.DataFrame = field(repr=False)
    sensitivity: pd.DataFrame = field(repr=False)
    break_even: pd.DataFrame = field(repr=False)
    naive: pd.DataFrame = field(repr=False)
    sampled: Sampled = field(repr=False)
    simulated: int = 0

    def __repr__(self) -> str:
        shown = f"{self.space.size} designs, {len(self.front)} on the front"
        return f"Optimisation({self.verdict}, {shown})"

    @property
    def recommended(self) -> Programme | None:
        """The design a change to is recommended; None for keeping the present."""
        return self.best if self.verdict == "change" else None

    @property
    def front(self) -> pd.DataFrame:
        """Designs that no other beats in goal, gain, retained customers, liability and reach."""
        shown = self.designs[self.designs["on_front"]]
        return shown.sort_values("gain", ascending=False, ignore_index=True)

    @property
    def population(self) -> Population:
        """The customers simulated."""
        return self.sampled.population

    @property
    def factor(self) -> float:
        """All customers over those simulated."""
        return self.sampled.runs.factor(self.sampled.size)

    def simulation(self, design: str, responses: Responses | None = None) -> Simulation:
        """Return the whole simulation of a design on the sample.

        Parameters
        ----------
        design
            Name, as in ``designs``.
        responses
            None for the medians.

        Raises
        ------
        ParameterError
            For an unknown name.
        """
        return self.sampled.simulation(self._rules(design), responses)

    def break_even_of(self, design: str) -> pd.DataFrame:
        """Return the break-even lift of a design by level, no behaviour assumed.

        Parameters
        ----------
        design
            Name, as in ``designs``.

        Raises
        ------
        ParameterError
            For an unknown name.
        """
        off = default_priors.off()
        return break_even(self.simulation(design, off), self.simulation(PRESENT, off))

    def _rules(self, design: str) -> Programme:
        if design not in self.programmes:
            raise ParameterError(
                problem(
                    "design: {found!r} is unknown; allowed: {allowed}",
                    found=design,
                    allowed=", ".join(self.programmes),
                )
            )
        return self.programmes[design]
