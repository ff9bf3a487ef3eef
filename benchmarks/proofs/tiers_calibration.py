"""What a calibration from a past rule change says of other rules, where the truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from loyalty_research.tiers.calibration.calibrated import CalibratedResponses
from loyalty_research.tiers.calibration.likelihood import RESPONSES, prepare
from loyalty_research.tiers.calibration.panel import Panel
from loyalty_research.tiers.calibration.posterior import Posterior, sample_posterior
from loyalty_research.tiers.simulation.priors import priors
from loyalty_research.tiers.simulation.terms import NAMES, PARAMETERS
from proofs import Proof
from proofs._calibration_worlds import Design, Lived, People, gain, live, people
from proofs.common import Exact, exact, less_than, table

TITLE = "Does a past rule change tell what other rules would bring?"
WEEKS, CHANGE, AHEAD = 78, 40, 26
GAIN_WEEKS = 52
SEED = 31_000
LEVEL, LOW, HIGH, HELD_OUT = 0.90, 0.85, 0.95, 0.85
FALSE_CLAIMS = 0.05
BEFORE = Design(price=300, value=18, threshold=600, perk=0.03)
AFTER = Design(price=200, value=14, threshold=450, perk=0.05)
OTHER = Design(price=150, value=13, threshold=350, perk=0.06)
"""The rules until the change, since, and others that nobody has seen, which give more."""
LEAVING = 0.006
FAR = 1e6


@dataclass(frozen=True)
class Size:
    """How much is done.

    Parameters
    ----------
    worlds, nothing
        With responses drawn from the priors, and without any.
    customers, steps
        Of a world, and of the chains of its calibration.
    draws, judged
        Sets of responses that are followed, and customers over whom gains are taken.
    """

    worlds: int
    nothing: int
    customers: int
    steps: int
    draws: int = 60
    judged: int = 600


FULL = Size(worlds=100, nothing=60, customers=1_500, steps=200)
SMALL = Size(worlds=1, nothing=1, customers=300, steps=30, draws=20, judged=200)
PARAMETER = {name: {"window": "H"}.get(name, name) for name in RESPONSES}


@dataclass(frozen=True)
class Found:
    """What one world said.

    Parameters
    ----------
    inside
        Whether the truth lay in the 90 % interval: ``gain``, ``sales``, ``redemptions``.
    rank
        Share of the draws whose gain lies below the true one.
    claims
        Whether the whole interval of the gain lies above 0, though more is spent.
    effective
        Least effective number of draws.
    narrower
        Width of the interval of the gain over that of the prior.
    """

    inside: Mapping[str, bool]
    rank: float
    claims: bool
    effective: float
    narrower: float


def run(*, small: bool) -> Proof:
    """Calibrate on worlds with responses drawn from the priors, and on worlds without any."""
    size = SMALL if small else FULL
    jobs = [(SEED + k, True, size) for k in range(size.worlds)]
    jobs += [(SEED + 5_000 + k, False, size) for k in range(size.nothing)]
    if small:
        found = [world(job) for job in jobs]
    else:
        with get_context("spawn").Pool(2) as pool:
            found = pool.map(world, jobs, chunksize=1)
    return report(found[: size.worlds], found[size.worlds :], size)


def report(found: list[Found], nothing: list[Found], size: Size) -> Proof:
    """Return what the worlds said, and whether it is what a calibration claims."""
    counts = {
        name: exact(sum(one.inside[name] for one in found), len(found))
        for name in ("gain", "sales", "redemptions")
    }
    claims = sum(one.claims for one in nothing)
    sound = _sound(counts["gain"]) and all(
        less_than(counts[name].hits, len(found), HELD_OUT) > 0.01
        for name in ("sales", "redemptions")
    )
    few = exact(claims, len(nothing))
    narrower = np.median([one.narrower for one in found])
    sound &= few.low <= FALSE_CLAIMS and bool(narrower < 1)
    rows = [(name, counts[name]) for name in counts]
    ranks = np.histogram([one.rank for one in found], bins=5, range=(0, 1.0001))[0]
    effective = np.median([one.effective for one in (*found, *nothing)])
    text = (
        f"{len(found)} worlds of {size.customers:,} customers (seeds {SEED} and on), responses "
        f"drawn from the priors, {WEEKS} weeks with a change of price, reward, threshold and "
        f"benefit after {CHANGE}; made and judged by a weekly loop in NumPy that shares no code "
        "with the likelihood. Judged is what other rules, seen by nobody, would bring: the gain "
        f"over the rules in force ({GAIN_WEEKS} weeks, same chances), and sales and redemptions "
        "in the "
        f"{AHEAD} weeks after they come into force, in a 90 % interval over {size.draws} draws. "
        "True rates, dropout and the chance of redeeming are taken as known: only responses are "
        "judged.\n\n"
        + table(("in the 90 % interval", "worlds (99 % exact)"), rows)
        + f"\n\nRanks of the true gain in fifths: {', '.join(str(k) for k in ranks)}. Median width "
        f"of its interval over that of the prior: {narrower:.2f}. Median of the least effective "
        f"number of draws: {effective:.0f}.\n\n"
        f"{len(nothing)} worlds without any response, with the same change: in {few} of them the "
        "whole interval of the gain of spending more lies above 0 "
        f"(allowed: {FALSE_CLAIMS:.0%}).\n"
    )
    return Proof(text, bool(sound))


def _sound(found: Exact) -> bool:
    return found.low <= HIGH and found.high >= LOW


def world(job: tuple[int, bool, Size]) -> Found:
    """Make one world with or without responses, calibrate on it, and judge."""
    seed, effect, size = job
    rng = np.random.default_rng([seed, 7])
    who = people(rng, size.customers, shape=1.2, scale=3.0, late=20)
    truth = dict(priors.draw(seed, 1)[0].values)
    if not effect:
        truth |= {item.name: 0.0 for item in PARAMETERS if item.response}
    angle = 2 * np.pi * np.arange(WEEKS + AHEAD) / 52.18
    season = np.exp(0.1 * np.cos(angle + 1))
    lived = _live(who, truth, season, seed)
    fitted, effective = _fit(panel_of(who, lived), seed, size.steps)
    draws = fitted.draw(seed, size.draws)
    sets = [one.values | {name: truth[name] for name in ("q_0", "q_1", "q_2")} for one in draws]
    few = People(*(column[: size.judged] for column in (who.rate, who.mean, who.begin * 0)))

    def gains(one: Mapping[str, float]) -> float:
        pair = (AFTER, OTHER)
        return gain(few, one, pair, weeks=GAIN_WEEKS, leaving=LEAVING, seed=seed)

    made = np.array([gains(one) for one in sets])
    before = np.array([gains(one.values) for one in priors.draw(seed + 1, size.draws)])
    true = gains(truth)
    ahead = np.array(
        [_ahead(_live(who, one, season, seed + 1 + k), who) for k, one in enumerate(sets)]
    )
    happened = _ahead(lived, who)
    low, high = _interval(made)
    return Found(
        inside={
            "gain": bool(low <= true <= high),
            **{
                name: bool(_interval(ahead[:, k])[0] <= happened[k] <= _interval(ahead[:, k])[1])
                for k, name in enumerate(("sales", "redemptions"))
            },
        },
        rank=float((made < true).mean()),
        claims=bool(low > 0),
        effective=effective,
        narrower=float((high - low) / max(np.subtract(*_interval(before)[::-1]), 1e-9)),
    )


def _live(who: People, theta: Mapping[str, float], season: np.ndarray, seed: int) -> Lived:
    """Return the history, and the weeks under the other rules after it."""
    designs = [(0, BEFORE), (CHANGE, AFTER), (WEEKS, OTHER)]
    return live(who, theta, designs, weeks=WEEKS + AHEAD, season=season, leaving=LEAVING, seed=seed)


def _ahead(lived: Lived, who: People) -> np.ndarray:
    sales = (lived.orders[:, WEEKS:] * who.mean[:, None]).sum()
    return np.array([sales, lived.redeemed[:, WEEKS:].sum()])


def _interval(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def _fit(panel: Panel, seed: int, steps: int) -> tuple[CalibratedResponses, float]:
    """Calibrate, and return draws as the simulator takes them; what is not told is prior."""
    sets = priors.draw(1, 4_000)
    prior = {name: np.array([one[name] for one in sets]) for name in NAMES}
    medians = priors.median()
    found: Posterior = sample_posterior(
        prepare(panel),
        {name: prior[PARAMETER[name]] for name in RESPONSES},
        {name: medians[PARAMETER[name]] for name in RESPONSES},
        seed=seed,
        steps=steps,
    )
    rng = np.random.default_rng(seed)
    draws = {name: rng.choice(prior[name], len(found.responses)) for name in NAMES}
    for name in (*found.informed, "window"):
        draws[PARAMETER[name]] = found.of(name)
    rows = zip(*(draws[name].tolist() for name in NAMES), strict=True)
    made = tuple(type(medians)(dict(zip(NAMES, row, strict=True))) for row in rows)
    return CalibratedResponses(sets=made), found.effective


def panel_of(who: People, lived: Lived) -> Panel:
    """Return what the likelihood reads of the weeks before the other rules."""
    x = lived.covariates[:, :WEEKS].copy()
    for k, absent in ((1, -FAR), (2, FAR), (3, FAR)):
        x[..., k] = np.where(x[..., k] > 0, np.log(np.maximum(x[..., k], 1e-9)), absent)
    for k in (4, 5):
        x[..., k] = np.minimum(x[..., k], FAR)
    n = len(who.rate)
    return Panel(
        keys=np.arange(n, dtype=np.uint64),
        orders=np.ascontiguousarray(lived.orders[:, :WEEKS]),
        covariates=np.ascontiguousarray(x, dtype=np.float32),
        begins=who.begin.astype(np.int64) + 1,
        ends=np.full(n, WEEKS, dtype=np.int64),
        change=CHANGE,
        rewarded=int((lived.redeemed[:, CHANGE:WEEKS].sum(axis=1) > 0).sum()),
        customers=n,
        members=np.ones(n, dtype=bool),
    )
