"""What a calibration from a past rule change says of other rules, where the truth is known."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from loyalty_research.brand import cache_folder
from loyalty_research.tiers import calibration
from loyalty_research.tiers.calibration.latents import WINDOW, parameter_of
from loyalty_research.tiers.calibration.likelihood import prepare, wave
from loyalty_research.tiers.calibration.mixing import effective_draws, r_hat
from loyalty_research.tiers.calibration.panel import Panel
from loyalty_research.tiers.calibration.posterior import CHAINS, Posterior, sample_posterior
from loyalty_research.tiers.simulation.priors import priors
from loyalty_research.tiers.simulation.terms import PARAMETERS
from proofs import Proof
from proofs._calibration_report import MEASURES, Found, report
from proofs._calibration_worlds import Design, Lived, Past, People, gain, live, people

TITLE = "Does a past rule change tell what other rules would bring?"
WEEKS, CHANGE, AHEAD = 78, 40, 26
GAIN_WEEKS = 52
SEED = 31_000
BEFORE = Design(price=300, value=18, threshold=600, perk=0.03)
AFTER = Design(price=200, value=14, threshold=450, perk=0.05)
OTHER = Design(price=150, value=13, threshold=350, perk=0.06)
"""The rules until the change, since, and others that nobody has seen, which give more."""
LEAVING, SHAPE, SCALE = 0.006, 1.2, 3.0
FAR = 1e6
KINDS = ("model", "nothing", "other")
"""Worlds of the model with responses from the priors; without any; of a second family."""
MINUTES = "PROOF_MINUTES"
"""Environment variable: no world is begun after so many minutes; a later run goes on from there."""


@dataclass(frozen=True)
class Size:
    """How much is done.

    Parameters
    ----------
    worlds
        By kind.
    customers, steps
        Of a world, and of the chains of its calibration.
    draws, ahead, judged
        Sets of responses for gains and for forecasts, and customers over whom gains are taken.
    """

    worlds: Mapping[str, int]
    customers: int
    steps: int
    draws: int = 64
    ahead: int = 32
    judged: int = 600


FULL = Size({"model": 100, "nothing": 60, "other": 40}, customers=1_500, steps=150)
SMALL = Size({"model": 1, "nothing": 1}, 200, 20, draws=32, ahead=16, judged=200)


def run(*, small: bool) -> Proof:
    """Calibrate on worlds of all kinds; a run that was cut off is gone on with."""
    size = SMALL if small else FULL
    if small:
        return report([world((kind, 0, size)) for kind in size.worlds], settings(size))
    kept = kept_file(size)
    done = read(kept)
    stop = time.time() + 60 * float(os.environ.get(MINUTES, "inf"))
    jobs = [(kind, k, size, stop) for kind, k in in_turn(size.worlds) if (kind, k) not in done]
    with get_context("spawn").Pool(2) as pool, kept.open("a", encoding="utf-8") as file:
        for found in pool.imap_unordered(_in_time, jobs, chunksize=1):
            if found is not None:
                done[found.kind, found.number] = found
                file.write(json.dumps(dataclasses.asdict(found)) + "\n")
                file.flush()
    return report(list(done.values()), settings(size))


def settings(size: Size) -> dict[str, object]:
    """Return what the report says of how worlds were made."""
    return {
        "customers": size.customers,
        "weeks": WEEKS,
        "change": CHANGE,
        "ahead": AHEAD,
        "gain_weeks": GAIN_WEEKS,
        "draws": size.draws,
        "forecasts": size.ahead,
        "kept": CHAINS * (size.steps - size.steps // 5),
        "seed": SEED,
    }


def in_turn(worlds: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return kinds and numbers of all worlds, so that any beginning holds all kinds."""
    every = [(k / count, kind, k) for kind, count in worlds.items() for k in range(count)]
    return [(kind, k) for _, kind, k in sorted(every)]


def kept_file(size: Size) -> Path:
    """Return the file of worlds that are done; other code or sizes have another file."""
    here = Path(__file__)
    code = [here, *here.parent.glob("_calibration_worlds.py")]
    code += sorted(Path(calibration.__file__).parent.glob("*.py"))
    digest = hashlib.sha256(repr(size).encode())
    for file in code:
        digest.update(file.read_bytes())
    folder = cache_folder() / "proofs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"tiers_calibration_{digest.hexdigest()[:12]}.jsonl"


def read(kept: Path) -> dict[tuple[str, int], Found]:
    """Return the worlds that are done; a line that was cut off counts for nothing."""
    found = {}
    for line in kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []:
        try:
            one = Found(**json.loads(line))
        except json.JSONDecodeError:
            continue
        found[one.kind, one.number] = one
    return found


def _in_time(job: tuple[str, int, Size, float]) -> Found | None:
    *which, stop = job
    return None if time.time() > stop else world(tuple(which))


def world(job: tuple[str, int, Size]) -> Found:
    """Make one world, calibrate on it, and judge."""
    kind, number, size = job
    began = time.process_time()
    seed = SEED + 5_000 * KINDS.index(kind) + number
    odd = kind == "other"
    rng = np.random.default_rng([seed, 7])
    who, few = (
        people(rng, n, shape=SHAPE, scale=SCALE, late=late, odd=odd)
        for n, late in ((size.customers, 20), (size.judged, 1))
    )
    truth = dict(priors.draw(seed, 1)[0].values)
    if kind == "nothing":
        truth |= {item.name: 0.0 for item in PARAMETERS if item.response}
    lived = _live(who, truth, season_of(), seed, odd=odd)
    panel = panel_of(who, lived)
    fitted = sample_posterior(prepare(panel), priors, seed=seed, steps=size.steps)
    before = [dict(one.values) for one in priors.draw(seed + 1, size.draws)]
    every = _evenly(fitted, size.draws)
    sets = [_set_of(fitted, place, other) for place, other in zip(every, before, strict=True)]

    def gains(one: Mapping[str, float]) -> float:
        return gain(few, one, (AFTER, OTHER), weeks=GAIN_WEEKS, leaving=LEAVING, seed=seed, odd=odd)

    def foreseen(sets: list[dict[str, float]], bases: np.ndarray) -> np.ndarray:
        known = {name: truth[name] for name in ("q_0", "q_1", "q_2")}
        return np.array(
            [
                forecast(who, lived, one | known, base, seed + 1 + k)
                for k, (one, base) in enumerate(zip(sets, bases, strict=True))
            ]
        )

    made, prior = (np.array([gains(one) for one in group]) for group in (sets, before))
    true = gains(truth)
    some = np.flatnonzero(np.arange(size.draws) // CHAINS % (size.draws // size.ahead) == 0)
    bases = fitted.base[every[some]]
    ahead, without = (foreseen([group[k] for k in some], bases) for group in (sets, before))
    alone = level_forecast(_weekly(lived, who)[:, :WEEKS], rng)
    happened = _weekly(lived, who)[:, WEEKS:].sum(axis=1)
    path = made.reshape(-1, CHAINS, 1)
    ties = int((made == true).sum())
    return Found(
        kind=kind,
        number=number,
        inside={"gain": inside(made, true), **_each(inside, ahead, happened)},
        level_inside=_each(inside, alone, happened),
        prior_inside={"gain": inside(prior, true), **_each(inside, without, happened)},
        width={"gain": width(made), **_each(width, ahead)},
        level_width=_each(width, alone),
        prior_width={"gain": width(prior), **_each(width, without)},
        rank=int((made < true).sum()) + int(rng.integers(0, ties + 1)),
        true=true,
        lowest=interval(made)[0],
        effective=fitted.least,
        r_hat=max(fitted.r_hat.values()),
        gain_effective=float(effective_draws(path)[0]),
        gain_r_hat=float(r_hat(path)[0]),
        accepted=fitted.accepted,
        seconds=time.process_time() - began,
    )


def _evenly(fitted: Posterior, draws: int) -> np.ndarray:
    """Return places of so many draws, at even steps of all chains."""
    steps = len(fitted.responses) // CHAINS
    chosen = np.linspace(0, steps - 1, draws // CHAINS).astype(int)
    return (chosen[:, None] * CHAINS + np.arange(CHAINS)).ravel()


def _set_of(fitted: Posterior, place: int, other: Mapping[str, float]) -> dict[str, float]:
    """Return a draw of all parameters; what weeks do not tell of is as another set has it."""
    told = {parameter_of(name): fitted.of(name)[place] for name in (*fitted.informed, WINDOW)}
    return dict(other) | {name: float(value) for name, value in told.items()}


def season_of() -> np.ndarray:
    """Return the index of all weeks."""
    return np.exp(0.1 * np.cos(2 * np.pi * np.arange(WEEKS + AHEAD) / 52.18 + 1))


def _live(
    who: People,
    theta: Mapping[str, float],
    season: np.ndarray,
    seed: int,
    *,
    leaving: float = LEAVING,
    odd: bool = False,
    past: Past | None = None,
) -> Lived:
    """Return the history, and the weeks under the other rules after it."""
    designs = [(0, BEFORE), (CHANGE, AFTER), (WEEKS, OTHER)]
    weeks = len(season)
    return live(
        who, theta, designs, weeks=weeks, season=season, leaving=leaving, seed=seed, odd=odd,
        past=past,
    )  # fmt: skip


def forecast(
    who: People,
    lived: Lived,
    theta: Mapping[str, float],
    base: np.ndarray,
    seed: int,
) -> np.ndarray:
    """Return sales and redemptions of the weeks ahead, given the history and a draw.

    Who has left is drawn given a customer's orders, the rate over its gamma; the rate of who is
    there, gamma given the orders. The chance of redeeming is taken as known.
    """
    rng = np.random.default_rng([seed, 11])
    leaving, shape, scale = 1 / (1 + np.exp(-base[0])), np.exp(base[1]), np.exp(base[2])
    past = Past(lived.orders[:, :WEEKS], lived.redeemed[:, :WEEKS], shape, scale)
    # The trend is 1 in the middle of the weeks that were seen, and does not go on after them.
    index = wave(WEEKS + AHEAD, base) / np.exp(base[5] * AHEAD / 52.1786 / -2)
    index[WEEKS:] *= np.exp(-base[5] * np.arange(1, AHEAD + 1) / 52.1786)
    counted = np.arange(WEEKS) > who.begin[:, None]
    bought = np.where(counted, past.orders, 0).sum(axis=1)
    middle = (shape + bought) / (scale + counted.sum(axis=1))
    seen = _live(
        dataclasses.replace(who, rate=middle),
        theta,
        index[:WEEKS],
        seed,
        leaving=leaving,
        past=past,
    )
    rates = rng.gamma(shape + bought, 1 / (scale + seen.exposure))
    past = dataclasses.replace(past, there=seen.there)
    ahead = _live(
        dataclasses.replace(who, rate=rates), theta, index, seed, leaving=leaving, past=past
    )
    return _weekly(ahead, who)[:, WEEKS:].sum(axis=1)


def level_forecast(weekly: np.ndarray, rng: np.random.Generator, *, draws: int = 400) -> np.ndarray:
    """Return sums of the weeks ahead, ``[draws, series]``, by the weekly totals alone.

    A line in the logarithm of the weeks since the rule change, with the uncertainty of its two
    coefficients and normal deviations by week.
    """
    x = np.column_stack([np.ones(WEEKS + AHEAD), np.arange(WEEKS + AHEAD) - CHANGE])
    fit, new = x[CHANGE + 4 : WEEKS], x[WEEKS:]
    inverse = np.linalg.inv(fit.T @ fit)
    found = []
    for series in np.log(np.maximum(weekly[:, CHANGE + 4 :], 0.5)):
        line = inverse @ fit.T @ series
        free = len(series) - 2
        sd = np.sqrt(((series - fit @ line) ** 2).sum() / free)
        sds = sd * np.sqrt(free / rng.chisquare(free, draws))
        lines = line + sds[:, None] * rng.multivariate_normal(np.zeros(2), inverse, draws)
        noise = sds[:, None] * rng.standard_normal((draws, AHEAD))
        found.append(np.exp(lines @ new.T + noise).sum(axis=1))
    return np.column_stack(found)


def _weekly(lived: Lived, who: People) -> np.ndarray:
    """Return ``[sales and redemptions, weeks]``."""
    return np.stack([(lived.orders * who.mean[:, None]).sum(axis=0), lived.redeemed.sum(axis=0)])


def interval(values: np.ndarray) -> tuple[float, float]:
    """Return the 90 % interval of draws, which holds one more of them with that chance."""
    low, high = np.quantile(values, (0.05, 0.95), method="weibull")
    return float(low), float(high)


def inside(values: np.ndarray, true: float) -> bool:
    """Tell whether the interval holds what is true."""
    low, high = interval(values)
    return bool(low <= true <= high)


def width(values: np.ndarray) -> float:
    """Return the width of the interval."""
    low, high = interval(values)
    return high - low


def _each(what: Callable[..., Any], draws: np.ndarray, *true: np.ndarray) -> dict[str, Any]:
    columns = [draws.T, *true]
    return {name: what(*of) for name, of in zip(MEASURES, zip(*columns, strict=True), strict=True)}


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
