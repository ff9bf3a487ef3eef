"""The programmes a client chooses from, and what was found of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from loyalty_research.findings import Value
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.optimisation import Optimisation
from loyalty_research.tiers.optimisation.decide import Evidence, Verdict
from loyalty_research.tiers.replays import Replays, in_both
from loyalty_research.tiers.simulation import Priors, Simulation

Kind = Literal["present", "candidate", "proposal"]
MONTH = 365.25 / 12 / 7
"""Weeks."""


@dataclass(frozen=True, slots=True)
class Option:
    """A programme to choose: rules, column name in frames, kind, names by language."""

    programme: Programme
    key: str
    kind: Kind
    name: Mapping[str, str]
    short: Mapping[str, str]

    def named(self) -> dict[str, str]:
        """Return the columns that name it in a frame."""
        return {
            "option": self.key,
            "option_zh": self.short["zh"],
            "option_en": self.short["en"],
        }

    @property
    def heading(self) -> str:
        """Key of the heading of its column."""
        return "option_none" if self.kind == "present" and self.plain else f"option_{self.key}"

    @property
    def plain(self) -> bool:
        """Whether it has no other name than the short one."""
        return dict(self.short) == dict(self.name)

    @property
    def called(self) -> Value:
        """Short and long name for a sentence."""
        if self.plain:
            return Value(dict(self.short), "bilingual")
        if self.kind == "present":
            return Value(in_both("programme.the_present"), "bilingual")
        zh, en = self.name["zh"], self.name["en"]
        named = {"zh": f"{self.short['zh']}“{zh}”", "en": f"{self.short['en']}, “{en}”"}
        return Value(named, "bilingual")


@dataclass(frozen=True, slots=True)
class Terms:
    """How it was simulated.

    Parameters
    ----------
    margin
        Share of net sales.
    assumed
        Whether nobody gave the margin, so that one was assumed.
    periods, draws, customers, searched, seed
        Weeks, sets of responses, customers judged and searched on at most, of all random numbers.
    """

    margin: float
    assumed: bool
    periods: int
    draws: int
    customers: int
    searched: int
    seed: int

    @property
    def months(self) -> float:
        """Months simulated."""
        return self.periods / MONTH


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Proposals:
    """Present programme, candidates and designs found, judged on the same customers.

    Parameters
    ----------
    replays
        Programmes on the purchases as they were.
    terms
        How it was simulated.
    reason
        Why nothing was; empty where it was.
    responses, evidence
        What was believed of responses, and what that rests on.
    belief
        What the brand's own history said of responses; None where nobody asked.
    options
        The present programme, or none, first.
    judged
        A row an option: measures over the draws.
    gains
        ``[options - 1, draws]``: gain over the present, for all customers.
    middle, quiet
        Each option at the median responses, on a larger sample, and with all off.
    search
        What ``optimise`` found; None where no number of the programme can move.
    changes
        A row a number that may move: its name, the present value and that of each proposal.
    objective
        What the first option with an objective wants; ``margin`` where none has one.
    best
        Place of the option with the highest mean gain among those within the limits, from 1.
    verdict
        On all.
    customers
        Of the population; ``sampled`` of them were simulated.
    """

    replays: Replays
    terms: Terms
    reason: str = ""
    responses: Priors | None = None
    evidence: Evidence = "priors"
    belief: Any = None
    options: tuple[Option, ...] = ()
    judged: pd.DataFrame = field(default_factory=pd.DataFrame)
    gains: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    middle: tuple[Simulation, ...] = ()
    quiet: tuple[Simulation, ...] = ()
    search: Optimisation | None = None
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    objective: str = "margin"
    best: int = 0
    verdict: Verdict = "priors_alone"
    customers: int = 0
    sampled: int = 0

    def __repr__(self) -> str:
        return f"Proposals({len(self.options)} options, {self.verdict})"

    @property
    def watched(self) -> int:
        """Customers simulated at the median responses."""
        return self.middle[0].population.size if self.middle else 0

    @property
    def factor(self) -> float:
        """All customers over those simulated at the median responses."""
        return self.customers / self.watched if self.watched else 1.0

    @property
    def chosen(self) -> Option:
        """The best-judged design; it is recommended only where ``verdict`` is ``change``."""
        return self.options[self.best]

    @property
    def recommended(self) -> Option | None:
        """The design a change to is recommended; None for none."""
        return self.chosen if self.verdict == "change" else None

    @property
    def designs(self) -> tuple[Option, ...]:
        """The proposals among the options."""
        return tuple(item for item in self.options if item.kind == "proposal")
