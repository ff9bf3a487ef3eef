"""How much more each level would have to buy for a design to pay, no behaviour assumed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from loyalty_research.tiers.simulation import Population, Simulation

PUBLISHED_LIFT = 0.10
"""True effects of membership found in the literature lie mostly below (Leenheer et al. 2007)."""


def break_even(design: Simulation, present: Simulation) -> pd.DataFrame:
    """Return the break-even lift by level of the design.

    Parameters
    ----------
    design, present
        Simulated with all responses off, on the same customers and random numbers.

    Returns
    -------
    pandas.DataFrame
        tier (at the end, under the design), customers, margin (discounted, on unchanged purchases),
        extra_cost (rewards, benefits and change of liability over those of the present programme),
        lift, plausible (at most the 10 % that published effects hardly exceed). Fixed cost stands
        in no level.

    Notes
    -----
    A lift of l brings l x margin, and l x the design's own cost along, so that
    l = extra cost / (margin - own cost).
    """
    one, other = design.customers, present.customers
    own = one["margin"] - one["gain"]
    extra = own - (other["margin"] - other["gain"])
    frame = pd.DataFrame({"tier": one["tier"], "margin": one["margin"], "own": own, "extra": extra})
    summed = frame.groupby("tier", as_index=False).agg(
        customers=("margin", "size"),
        margin=("margin", "sum"),
        own=("own", "sum"),
        extra_cost=("extra", "sum"),
    )
    left = summed["margin"] - summed.pop("own")
    summed["lift"] = np.where(left > 0, summed["extra_cost"] / left.where(left > 0), np.inf)
    summed["plausible"] = summed["lift"] <= PUBLISHED_LIFT
    return summed


def naive(population: Population, present: Simulation, off: Simulation) -> pd.DataFrame:
    """Return the plain difference between members and others beside the lift of the model.

    Parameters
    ----------
    population
        Whose base spend a week counts.
    present, off
        The present programme with the assumed responses, and with all off.

    Returns
    -------
    pandas.DataFrame
        One row: members_spend and others_spend (a week, base), naive_lift (their ratio less 1;
        missing without others), model_lift (of members' margin through the responses).
    """
    spend, member = population.rate * population.templates.means, population.member
    inside = float(spend[member].mean()) if member.any() else np.nan
    outside = float(spend[~member].mean()) if (~member).any() else np.nan
    joined = present.done.people["joined"] == 1
    with_, without = (float(made.done.people["margin"][joined].sum()) for made in (present, off))
    return pd.DataFrame(
        {
            "members_spend": [inside],
            "others_spend": [outside],
            "naive_lift": [inside / outside - 1 if outside > 0 else np.nan],
            "model_lift": [with_ / without - 1 if without > 0 else np.nan],
        }
    )
