"""What the two simulated chains' own rule change says of other prices of a reward."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import loyalty_research as lr
from loyalty_research import tiers, worlds
from loyalty_research.programmes.load import load_programme
from loyalty_research.programmes.rule_changes import RuleChange
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.brand_evidence import at_the_edge
from loyalty_research.tiers.simulation import sample_of
from proofs import Proof
from proofs.common import table

TITLE = "What would another price of the reward have brought the simulated chains?"
CHANGE = dt.date(2025, 1, 1)
WITHOUT = {"walk_ins": 0, "survey": None, "feedback": None, "events": None, "market": None}
TIMES = (0.6, 0.8, 1.4)
"""Prices of the reward beside the one that came."""
WEEKS, LOW, HIGH, HOLDS = 52, 0.05, 0.95, 2


@dataclass(frozen=True)
class Size:
    """Customers of a world (None: as it stands), in the fit and simulated; steps and draws."""

    chains: tuple[str, ...]
    customers: int | None
    fitted: int
    steps: int
    simulated: int
    draws: int


FULL = Size(("luckin", "mixue"), None, 700, 80, 3_000, 40)
SMALL = Size(("luckin",), 6_000, 150, 30, 500, 10)


def run(*, small: bool) -> Proof:
    """Set the calibrated forecast of other prices beside worlds in which they came."""
    size = SMALL if small else FULL
    rows: list[tuple[str, ...]] = []
    notes, passed = [], True
    for name in size.chains:
        own, told, good = _chain(name, size)
        rows += own
        notes.append(told)
        passed &= good
    text = [
        "The customers of the simulated chains respond by another model than docs/simulator.md: "
        "what nearing a reward or level brought forward is given back at once after the next "
        "reward. Fitted is what both years hold, the rules changing on 2025-01-01; asked is what "
        f"another price of the reward from that day on would have brought in {WEEKS} weeks, net "
        "sales of the customers known by then. The truth is the same world, with the same random "
        "numbers, in which that price came. Asked is that the interval of 90 % holds the truth for "
        f"at least {HOLDS} of {len(TIMES)} prices wherever the fit is relied on; a fit at the edge "
        "of the priors is not, and the priors are kept.",
        table(("chain", "price", "truth", "90 % of the fit", "holds"), rows),
        "\n".join(f"- {note}" for note in notes),
    ]
    return Proof("\n\n".join(text), passed)


def _chain(name: str, size: Size) -> tuple[list[tuple[str, ...]], str, bool]:
    before, after = (load_programme(f"{name}_simulated{end}") for end in ("_2024", ""))
    brand = lr.open_brand(_address(name, size))
    change = RuleChange(CHANGE, before, after)
    found = tiers.brand_responses(brand, changes=[change], customers=size.fitted, steps=size.steps)
    fit = found.calibration
    if fit is None or not fit.calibrated:
        return [], f"{name}: {found.reasons[0]}", False
    first = CHANGE - dt.timedelta(days=1)
    everyone = tiers.population(
        brand, margin=0.5, period=(brand.period.start, first), present=before
    )
    people = sample_of(everyone, size.simulated)
    own = int(after.rewards[0].points)
    base_truth = _sales(name, size, own)
    base = _simulated(people, after, fit.responses, size.draws)
    rows, held = [], 0
    for times in TIMES:
        price = round(times * own)
        truth = _sales(name, size, price) - base_truth
        made = _simulated(people, _priced(after, price), fit.responses, size.draws)
        low, high = np.quantile(made - base, (LOW, HIGH)) * everyone.size / people.size
        holds = bool(low <= truth <= high)
        held += holds
        cells = f"{truth:,.0f}", f"{low:,.0f} to {high:,.0f}", "yes" if holds else "no"
        rows.append((name, f"{price} for {own}", *cells))
    relied = found.evidence == "posterior"
    edge = ", ".join(at_the_edge(fit.table, tiers.priors)) or "none"
    told = (
        f"{name}: {found.rewarded:,} customers with a reward after the change, least effective "
        f"draws {fit.effective:.0f}; at the edge of the prior: {edge}; the fit is "
        f"{'relied on' if relied else 'not relied on'}."
    )
    return rows, told, not relied or held >= HOLDS


def _address(name: str, size: Size) -> str:
    some = "" if size.customers is None else f"&customers={size.customers}"
    plain = "&".join(
        f"{key}={'null' if value is None else value}" for key, value in WITHOUT.items()
    )
    return f"world:{name}?{plain}{some}"


def _sales(name: str, size: Size, price: int) -> float:
    """Return net sales after the change, of customers known by then, where that price came."""
    planted = worlds.make(name).parameters.programme
    assert planted is not None
    assert planted.later_rule is not None
    rule = planted.later_rule.model_dump() | {"reward_cost": price}
    changes: dict[str, Any] = {**WITHOUT, "programme": {"later_rule": rule}}
    world = worlds.make(name, customers=size.customers, **changes)
    parts = [part["transactions"] for part in world.parts() if "customers" in part]
    lines = pd.concat(
        [part.select(["customer_id", "ordered_at", "amount"]).to_pandas() for part in parts]
    )
    late = lines["ordered_at"] >= pd.Timestamp(CHANGE)
    known = lines["customer_id"].isin(lines.loc[~late, "customer_id"].unique())
    return float(lines.loc[late & known, "amount"].astype(float).sum())


def _simulated(people: Any, programme: Programme, responses: Any, draws: int) -> np.ndarray:
    made = tiers.simulate(people, programme, responses=responses, periods=WEEKS, draws=draws)
    return np.asarray(made.draws["net_sales"], dtype=float)


def _priced(programme: Programme, price: int) -> Programme:
    reward = programme.rewards[0]
    cheaper = reward.model_copy(update={"points": type(reward.points)(price)})
    return programme.model_copy(update={"rewards": (cheaper, *programme.rewards[1:])})
