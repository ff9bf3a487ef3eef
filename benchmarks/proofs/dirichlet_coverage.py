"""How often brands of a market without exceptions are called exceptional, and intervals cover."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loyalty_research.competitors.market.compare import LOYALTY, against_model
from loyalty_research.competitors.market.households import MEASURES, fit_dirichlet_households
from loyalty_research.competitors.market.measures import brand_measures
from loyalty_research.competitors.market.panel import as_panel
from proofs import Proof
from proofs._dirichlet_worlds import DEVOTED, FAITH, NICHE, WORLDS, World
from proofs.common import Exact, exact, more_than, table

TITLE = "Are brands called loyal beyond their size only where they are?"
FULL, SMALL = (1_000, 200), (24, 8)
SOUND = (0.93, 0.97)
RATE, FOUND, STRICT = 0.05, 0.8, 0.01
"""Nominal rate of false calls a world; share of niche brands to be found; level of exact tests."""
SEED, LARGE, DRAWS = 71_000, 1_000_000, 200
SHOWN = ("share", "penetration", "purchase_frequency", "share_of_requirements")


@dataclass(frozen=True)
class Seen:
    """What one world gave: which intervals covered, and whether any brand was called exceptional.

    Parameters
    ----------
    covered
        By name of the quantity: M, K, S, ``<measure>`` of a brand against the model, ``bootstrap
        <measure>`` of a brand against the truth.
    called
        Measures in which some brand was called exceptional.
    """

    covered: dict[tuple[str, str], bool]
    called: tuple[str, ...]


def run(*, small: bool) -> Proof:
    """Draw markets with and without a niche brand, fit, count."""
    worlds, planted = SMALL if small else FULL
    parts, passed = [_head(worlds, planted)], True
    for number, world in enumerate(WORLDS):
        text, holds = _section(world, number, worlds, large=LARGE // (20 if small else 1))
        parts.append(text)
        passed &= holds
    text, holds = _planted(planted)
    return Proof("\n".join([*parts, text]), passed and holds)


def _head(worlds: int, planted: int) -> str:
    return (
        f"{worlds:,} markets of each kind and {planted:,} with a niche brand, seeds from {SEED}. "
        "The generator draws purchases one after another from urns and shares no code with the "
        "fit. Brands have shares of 35, 25, 15, 12, 8 and 5 %. Intervals of 95 %: M, K and S; "
        "what is observed of a brand over what the fitted model has for it, which is 1; "
        "bootstrap intervals of what is observed, against a market of "
        f"{LARGE:,} households. A coverage is sound where its 99 % exact interval, on average "
        "over brands, meets 93 % to 97 %, and that of no brand ends below 93 %. Intervals over "
        "expected take the larger of two variances, and cover small brands more often than said. "
        "A false call is a market in which any brand is called more or less loyal than its "
        f"size: at most 5 %, by an exact test at {STRICT:.0%}.\n"
    )


def _section(world: World, number: int, worlds: int, *, large: int) -> tuple[str, bool]:
    truth = _truth(world, np.random.default_rng([SEED, number, 999]), large)
    seen = [_look(world, truth, seed=[SEED, number, place]) for place in range(worlds)]
    shares: dict[str, list[Exact]] = {}
    for name, brand in sorted({key for each in seen for key in each.covered}):
        hits = [each.covered[name, brand] for each in seen if (name, brand) in each.covered]
        shares.setdefault(name, []).append(exact(sum(hits), len(hits)))
    lines, holds = [], True
    for name, several in shares.items():
        # Brands of one market are not independent: their mean counts as one trial a market.
        whole = exact(round(sum(share.value for share in several) / len(several) * worlds), worlds)
        enough = all(share.high >= SOUND[0] for share in several)
        sound = enough and whole.low <= SOUND[1] and whole.high >= SOUND[0]
        holds &= sound
        ends = (order(several, key=lambda share: share.value) for order in (min, max))
        lines.append((name, whole, *ends, "yes" if sound else "no"))
    calls = []
    for name in MEASURES:
        hits = sum(name in each.called for each in seen)
        bound = more_than(hits, worlds, RATE) >= STRICT
        holds &= bound
        calls.append((name, exact(hits, worlds), "yes" if bound else "no"))
    title = f"### {world.told.capitalize()}: {world.households:,} households"
    told = table(
        ("quantity", "coverage (99 % exact)", "brand covered least", "brand covered most", "sound"),
        lines,
    )
    false = table(("measure", "markets with a false call (99 % exact)", "at most 5 %"), calls)
    return f"{title}\n\n{told}\n\n{false}\n", holds


def _truth(world: World, rng: np.random.Generator, large: int) -> dict[str, np.ndarray]:
    """Return what each brand has in a very large market, by counting."""
    counts = world.counts(rng, large)
    buys, size = counts > 0, counts.sum(axis=1, keepdims=True)
    return {
        "share": counts.sum(axis=0) / counts.sum(),
        "penetration": buys.mean(axis=0),
        "purchase_frequency": counts.sum(axis=0) / buys.sum(axis=0),
        "share_of_requirements": counts.sum(axis=0) / (buys * size).sum(axis=0),
    }


def _look(world: World, truth: dict[str, np.ndarray], *, seed: list[int]) -> Seen:
    panel = as_panel(world.counts(np.random.default_rng(seed)))
    fit = fit_dirichlet_households(panel)
    covered = {}
    for name, value in (("M", world.mean), ("K", world.shape), ("S", world.total)):
        found = fit.estimate(name)
        covered[name, "market"] = bool(found.low <= value <= found.high)
    beside = against_model(fit, seed=seed[-1])
    for row in beside.dropna(subset=["low"]).to_dict("records"):
        covered[f"{row['measure']} over expected", row["brand"]] = bool(
            row["low"] <= 0 <= row["high"]
        )
    plain = brand_measures(panel, seed=seed[-1], draws=DRAWS)
    for name in SHOWN:
        inside = (plain[f"{name}_low"] <= truth[name]) & (truth[name] <= plain[f"{name}_high"])
        covered |= {
            (name, brand): bool(hit) for brand, hit in zip(plain["brand"], inside, strict=True)
        }
    called = beside[beside["verdict"].isin(["above", "below"])]["measure"].unique()
    return Seen(covered, tuple(called))


def _planted(worlds: int) -> tuple[str, bool]:
    found = others = 0
    for place in range(worlds):
        panel = as_panel(NICHE.counts(np.random.default_rng([SEED, 88, place])))
        beside = against_model(fit_dirichlet_households(panel), seed=place)
        own = beside[beside["measure"] == LOYALTY]["verdict"].to_numpy()
        found += own[NICHE.niche] == "above"
        others += any(side == "above" for place, side in enumerate(own) if place != NICHE.niche)
    share = exact(int(found), worlds)
    holds = share.value >= FOUND
    told = (
        f"### A planted niche brand\n\n{DEVOTED:.0%} of the households buy the brand of 8 % in "
        f"{FAITH:.0%} of their purchases. Called more loyal than its size: {share} of the markets "
        f"(asked: {FOUND:.0%}). Another brand was called more loyal than its size in "
        f"{exact(int(others), worlds)}.\n"
    )
    return told, holds
