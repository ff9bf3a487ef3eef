"""The present programme and candidates simulated on a sample, with the same random numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.break_even import designs
from loyalty_research.tiers.optimisation.regret import LEVEL, bounds, regrets
from loyalty_research.tiers.replays import Replays, in_both
from loyalty_research.tiers.simulation import (
    Population,
    Priors,
    Simulation,
    population,
    sample_of,
    simulate,
)

NOTHING = "none"
"""Id of the programme that gives nothing: what candidates are set against where none is run."""
_Z = float(norm.ppf((1 + LEVEL) / 2))
_BLOCK = 4
_SUMS = ("orders", "net_sales", "margin", "liability_end", "retained")
_SHARES = ("able", "participation")


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Simulations on a sample; the present programme, or none, comes first.

    Parameters
    ----------
    made
        The simulations, each with its draws.
    names
        Columns that name them.
    customers, sampled
        Customers of the population, and those simulated.
    """

    made: tuple[Simulation, ...]
    names: tuple[dict[str, Any], ...]
    customers: int
    sampled: int

    @property
    def factor(self) -> float:
        """All customers over those simulated."""
        return self.customers / self.sampled


@dataclass(frozen=True, slots=True)
class Terms:
    """How to simulate: margin, responses, weeks, draws, customers at most, seed."""

    margin: float
    responses: Priors
    periods: int
    draws: int
    customers: int
    seed: int


def simulated(brand: Any, replays: Replays, terms: Terms) -> Simulated:
    """Simulate the present programme, or none, and every candidate."""
    main = replays.main
    present = main.programme if main is not None and main.present else None
    everyone = population(brand, margin=terms.margin, period=replays.days.iso, seed=terms.seed)
    part = sample_of(everyone, terms.customers, terms.seed)
    runs = designs(replays)
    base = nothing(part, runs[0].programme.trade) if present is None else present
    names = (
        _no_name() if present is None or main is None else main.named(),
        *(run.named() for run in runs),
    )
    made = tuple(
        simulate(
            part,
            rules,
            responses=terms.responses,
            periods=terms.periods,
            seed=terms.seed,
            draws=terms.draws,
        )
        for rules in (base, *(run.programme for run in runs))
    )
    return Simulated(made, names, everyone.size, part.size)


def nothing(people: Population, trade: str) -> Programme:
    """Return a programme that gives nothing, in the currency of a population."""
    document = {
        "name": in_both("label.programme_status.none"),
        "operator": {"zh": "无", "en": "None"},
        "market": {"zh": "无", "en": "None"},
        "trade": trade,
        "currency": people.currency or "CNY",
        "origin": "proposal",
        "wallets": {"points": {"name": {"zh": "积分", "en": "Points"}}},
        "earn": [],
        "rewards": [],
    }
    return Programme.model_validate(document, context={"path": Path(f"{NOTHING}.yaml")})


def summary_of(runs: Simulated) -> pd.DataFrame:
    """Return a row a programme: means over the draws, for all customers of the population.

    Columns: orders, net_sales, margin, cost (rewards, benefits, purchases displaced), gain over the
    first with the 90 % range over the draws (low, high) and half the width that chance alone gives
    (noise), pays (share of draws), expected_regret, worst_regret (95 %), liability, retained, able,
    participation. Money but sales and liability is discounted.
    """
    base = runs.made[0]
    rows = [names | _row(made, runs.factor) for names, made in _named(runs)]
    frame = pd.DataFrame(rows)
    gains = gains_of(runs)
    low, high = bounds(gains)
    told = regrets(gains)
    order = [len(gains), *range(len(gains))]  # the last row of the regrets is keeping the present
    return frame.assign(
        gain=[0.0, *gains.mean(axis=1)],
        low=[np.nan, *low],
        high=[np.nan, *high],
        noise=[np.nan, *(_noise(made, base) * runs.factor for made in runs.made[1:])],
        pays=[np.nan, *told["pays"].to_numpy()[:-1]],
        expected_regret=told["expected_regret"].to_numpy()[order],
        worst_regret=told["worst_regret"].to_numpy()[order],
    )


def gains_of(runs: Simulated) -> np.ndarray:
    """Return the gain over the first programme, ``[designs, draws]``, for all customers."""
    base = runs.made[0].draws["gain"].to_numpy()
    return np.array(
        [(made.draws["gain"].to_numpy() - base) * runs.factor for made in runs.made[1:]]
    )


def blocks_of(runs: Simulated) -> pd.DataFrame:
    """Return the cost of rewards redeemed by four weeks, responses at their middle values."""
    frames = []
    for names, made in _named(runs):
        weeks = made.weeks[made.weeks["week"] < made.settings.periods // _BLOCK * _BLOCK]
        summed = weeks.groupby(weeks["week"] // _BLOCK + 1)["reward_cost"].sum() * runs.factor
        frames.append(summed.rename_axis("block").reset_index().assign(**names))
    return pd.concat(frames, ignore_index=True)


def _named(runs: Simulated) -> zip[tuple[dict[str, Any], Simulation]]:
    return zip(runs.names, runs.made, strict=True)


def _row(made: Simulation, factor: float) -> dict[str, float]:
    means = made.draws.mean()
    row = {name: float(means[name]) * factor for name in _SUMS}
    row["cost"] = factor * float(means[["reward_cost", "displaced", "benefit_cost"]].sum())
    row["liability"] = row.pop("liability_end")
    return row | {name: float(means[name]) for name in _SHARES}


def _noise(made: Simulation, base: Simulation) -> float:
    """Return half the 90 % interval that chance alone gives the gain, at the middle responses."""
    each = made.gains - base.gains
    return float(_Z * each.std() * len(each) ** 0.5)


def _no_name() -> dict[str, Any]:
    names = in_both("label.programme_status.none")
    return {"programme": NOTHING, "programme_zh": names["zh"], "programme_en": names["en"]}
