"""The responses a brand's forecasts rest on: learned from its rule change where it had one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from loyalty_research.errors import DataError, Problem, problem
from loyalty_research.profile.common import as_days
from loyalty_research.programmes.rule_changes import RuleChange
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.benefit_evidence import benefit_evidence
from loyalty_research.tiers.calibration import CalibratedResponses, Calibration, calibrate
from loyalty_research.tiers.calibration.calibrated import table_of
from loyalty_research.tiers.calibration.evidence import normal_factors, weighed
from loyalty_research.tiers.calibration.redemption import REDEMPTION
from loyalty_research.tiers.campaign_evidence import COLUMNS, campaign_evidence
from loyalty_research.tiers.simulation.priors import Priors, Responses
from loyalty_research.tiers.simulation.priors import priors as default_priors
from loyalty_research.tiers.simulation.terms import NAMES

Ground = Literal["priors", "thin", "posterior"]
_POOL, _DRAWS = 4_000, 400
_MOST_AT_EDGE, _CLOSE = 2, 0.02
"""Parameters at the edge from which on a fit is not relied on, and how close that is (assumed)."""


@dataclass(frozen=True, slots=True, eq=False)
class BrandResponses:
    """What is known of how a brand's customers respond to its programme.

    Parameters
    ----------
    responses
        What :func:`simulate` and :func:`optimise` take; the priors where nothing was learned.
    evidence
        ``posterior``: calibrated on a rule change; ``thin``: evidence from elsewhere alone, or a
        calibration whose chains do not agree, on which nothing rests; ``priors``.
    reasons
        Why it is not better known, and which evidence was left out.
    table
        As of :class:`Calibration`: prior and posterior of each parameter.
    further
        Evidence from elsewhere that entered: term, estimate, low, high, source.
    change
        The rule change that was looked at; None where there is none.
    calibration
        What it says; None where it could not be looked at.
    """

    responses: Priors
    evidence: Ground
    reasons: tuple[Problem, ...]
    table: pd.DataFrame
    further: pd.DataFrame
    change: RuleChange | None = None
    calibration: Calibration | None = None

    @property
    def calibrated(self) -> bool:
        """Whether responses were learned from the brand's own rule change."""
        return self.evidence == "posterior"

    @property
    def change_on(self) -> dt.date | None:
        """First day of the later rules."""
        return self.change.on if self.change else None

    @property
    def before(self) -> Programme | None:
        """The rules until the change."""
        return self.change.before if self.change else None

    @property
    def after(self) -> Programme | None:
        """The rules from the change on."""
        return self.change.after if self.change else None

    @property
    def effective(self) -> float:
        """Least effective number of draws; 0 where nothing was calibrated."""
        return self.calibration.effective if self.calibration else 0.0

    @property
    def rewarded(self) -> int | None:
        """Customers with a reward after the change; None where nothing was looked at."""
        panel = self.calibration.panel if self.calibration else None
        return panel.rewarded if panel else None

    @property
    def moved(self) -> tuple[str, ...]:
        """Parameters that the evidence moved from their prior."""
        return tuple(self.table.loc[self.table["moved"], "parameter"])

    @property
    def not_moved(self) -> tuple[str, ...]:
        """Parameters that stand where their prior stood."""
        return tuple(self.table.loc[~self.table["moved"], "parameter"])

    @property
    def rests_on_priors(self) -> tuple[str, ...]:
        """Conclusions that rest on priors alone: none of their parameters moved."""
        moved = self.table.groupby("about", sort=False)["moved"].any()
        return tuple(str(name) for name in moved.index[~moved])


def brand_responses(
    brand: Any,
    *,
    responses: Priors = default_priors,
    benefits: Any = None,
    evidence: Any = None,
    changes: Iterable[RuleChange] | None = None,
    customers: int = 700,
    steps: int = 80,
    seed: int = 1,
) -> BrandResponses:
    """Return what the brand's own history says of responses, and why not more.

    Parameters
    ----------
    brand
        Opened. Its file names rule changes (``earlier_programmes``) and campaigns sent at random
        (``campaign_tests``).
    responses
        What is believed before.
    benefits
        Benefit values of a survey, ``drivers.benefit_values(b)`` or its ``benefits``.
    evidence
        Further evidence: term, estimate, low, high (90 %).
    changes
        In place of the changes that the file names; the latest one counts.
    customers
        Most members in the fit.
    steps
        Of each chain.
    seed
        Of the draws.

    Returns
    -------
    BrandResponses
        Never a recommendation by itself: where nothing was learned, the priors with the reasons.

    Raises
    ------
    ParameterError
        For arguments that cannot be used.

    Notes
    -----
    A fit that
    puts the middle of two or more parameters at or beyond the 90 % range of their prior is not
    relied on: the customers then do something that the model has no term for, and what it says of
    other rules may be off by more than its interval (docs/validation.md: in one of two simulated
    chains whose customers give back at the next reward what they bought earlier).
    """
    given = _given(evidence)
    elsewhere, left_out = _elsewhere(brand, benefits, given)
    change = _latest(brand, changes)
    if isinstance(change, Problem):
        return _not_calibrated(responses, elsewhere, (change, *left_out), seed)
    try:
        found = calibrate(
            brand,
            change.before,
            change.after,
            change.on,
            responses=responses,
            evidence=elsewhere[list(COLUMNS[:4])] if len(elsewhere) else None,
            customers=customers,
            steps=steps,
            seed=seed,
        )
    except DataError as error:
        return _not_calibrated(responses, elsewhere, (*error.problems, *left_out), seed, change)
    if not found.calibrated:
        reasons = (*found.reasons, *left_out)
        return _not_calibrated(responses, elsewhere, reasons, seed, change, found)
    edge = at_the_edge(found.table, responses)
    if len(edge) >= _MOST_AT_EDGE:
        reasons = (_misfit(edge), *left_out)
        return _not_calibrated(responses, elsewhere, reasons, seed, change, found)
    if not found.trusted:
        reasons = (_too_thin(found), *left_out)
        return BrandResponses(
            responses, "thin", reasons, found.table, elsewhere, change, calibration=found
        )
    return BrandResponses(
        found.responses, "posterior", left_out, found.table, elsewhere, change, calibration=found
    )


def _given(evidence: Any) -> pd.DataFrame:
    normal_factors(evidence)  # tells what cannot be used
    if evidence is None:
        return pd.DataFrame({name: [] for name in COLUMNS})
    return pd.DataFrame(evidence)[list(COLUMNS[:4])].assign(source="given")


def _elsewhere(
    brand: Any, benefits: Any, given: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Return evidence of campaigns and of benefit values beside what was given."""
    sent = campaign_evidence(brand)
    so_far = _stacked(given, sent.rows)
    own = brand.programme
    if own is None:
        return so_far, sent.reasons
    asked = benefit_evidence(benefits, own, so_far)
    return _stacked(so_far, asked.rows), (*sent.reasons, *asked.reasons)


def _stacked(*frames: pd.DataFrame) -> pd.DataFrame:
    some = [frame for frame in frames if len(frame)]
    return pd.concat(some, ignore_index=True) if some else frames[0]


def _latest(brand: Any, changes: Iterable[RuleChange] | None) -> RuleChange | Problem:
    listed = tuple(brand.rule_changes if changes is None else changes)
    if not listed:
        if brand.programme is None:
            return problem("not calibrated: the brand file names no programme that the brand runs")
        return problem(
            "not calibrated: the brand file names no change of the programme's rules "
            "(key earlier_programmes)"
        )
    days = as_days(brand.period)
    inside = [item for item in listed if days.start < item.on <= days.end]
    if not inside:
        return problem(
            "not calibrated: the rules changed on {found}, which is not within {start} to {end}",
            found=", ".join(item.on.isoformat() for item in listed),
            start=days.start.isoformat(),
            end=days.end.isoformat(),
        )
    last = inside[-1]
    for programme in (last.before, last.after):
        if programme.status != "replayable":
            return problem(
                "not calibrated: too little is known of programme {programme} to replay it",
                programme=programme.id,
            )
    return last


def _not_calibrated(
    priors: Priors,
    further: pd.DataFrame,
    reasons: tuple[Problem, ...],
    seed: int,
    change: RuleChange | None = None,
    found: Calibration | None = None,
) -> BrandResponses:
    """Return the priors, or the priors as evidence from elsewhere redraws them."""
    factors = normal_factors(further if len(further) else None)
    sets = priors.draw(seed, _POOL)
    prior = {name: np.array([one[name] for one in sets]) for name in NAMES}
    rng = np.random.default_rng(seed)
    believed = weighed(prior, factors, rng)
    table = table_of(priors, prior, believed, told=tuple(factors))
    if not factors:
        return BrandResponses(priors, "priors", reasons, table, further, change, found)
    chosen = {name: rng.choice(values, _DRAWS).tolist() for name, values in believed.items()}
    drawn = tuple(
        Responses(dict(zip(NAMES, row, strict=True)))
        for row in zip(*(chosen[name] for name in NAMES), strict=True)
    )
    made = CalibratedResponses(priors.parameters, priors.zero_weight, sets=drawn)
    return BrandResponses(made, "thin", reasons, table, further, change, found)


def at_the_edge(table: pd.DataFrame, priors: Priors) -> tuple[str, ...]:
    """Return the parameters whose posterior median lies at an end of the prior's 90 % range.

    Parameters
    ----------
    table
        As of :class:`Calibration`.
    priors
        Of responses, zero is no edge: that one is missing is believed possible. Redemption has none
        either: where orders tell of it, its prior is taken wider.
    """
    response = {item.name: item.response for item in priors.parameters}
    told = table[table["moved"] & ~table["parameter"].isin(REDEMPTION)]
    close = _CLOSE * (told["prior_high"] - told["prior_low"])
    above = told["median"] >= told["prior_high"] - close
    below = (told["median"] <= told["prior_low"] + close) & ~told["parameter"].map(response)
    return tuple(told.loc[above | below, "parameter"])


def _misfit(edge: tuple[str, ...]) -> Problem:
    return problem(
        "not calibrated: what the fit says of {parameters} lies at the edge of what is believed "
        "possible, so that the model does not describe these customers; the priors are kept",
        parameters=", ".join(edge),
    )


def _too_thin(found: Calibration) -> Problem:
    return problem(
        "not calibrated: the chains do not agree well enough for 90 % intervals ({effective} "
        "effective draws, R-hat {r_hat}); the priors are kept",
        effective=int(found.effective),
        r_hat=f"{found.r_hat:.2f}",
    )
