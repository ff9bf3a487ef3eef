"""Whether choice models cover what was planted, and call nothing carry-over where nothing is."""

from __future__ import annotations

from multiprocessing import get_context

import numpy as np
from scipy.stats import norm

from loyalty_research.competitors.choice import fit_carried, fit_logit, make_design
from proofs import Proof
from proofs._choice_worlds import PRICE, PROMOTED, world
from proofs.common import exact, less_than, more_than, table

TITLE = "Do choice models find what was planted, and no carry-over where there is none?"
WORLDS, CARRIED = 1_000, 200
SMALL = 40, 3
HOUSEHOLDS, BOUGHT = 100, 15
SPREADS, PLANTED = (1.0, 2.0), (0.0, 1.0)
SEED, CHUNK, PROCESSES, LEAST_P = 94_000, 10, 2, 0.005
NEAR = 0.25
"""The mean carry-over found where none is planted has to be nearer to 0 than this."""


def run(*, small: bool) -> Proof:
    """Simulate panels, fit, and count."""
    worlds, carried = SMALL if small else (WORLDS, CARRIED)
    text, holds = _logit(worlds, parallel=not small)
    parts = [text]
    spreads, planted = (SPREADS[1:], PLANTED[:1]) if small else (SPREADS, PLANTED)
    for spread in spreads:
        for carry_over in planted:
            text, sound = _carried(spread, carry_over, carried, parallel=not small)
            parts.append(text)
            holds &= sound
    head = (
        f"Panels of {HOUSEHOLDS} households with {BOUGHT} purchases each on average (geometric), "
        f"three brands, seeds from {SEED}. The generator is NumPy and shares no code with the "
        "estimators; ten purchases of each household are not seen. Conditional logit: households "
        f"alike, {worlds:,} panels; intervals of 95 % over households, sound where the 99 % exact "
        "interval of the coverage meets 93 % to 97 %. Latent classes: likings normal over "
        f"households and price responses lognormal, which no number of classes is, {carried:,} "
        "panels each. The interval of the carry-over spans two ends, so that it may cover more "
        "than 95 %; it falls short where covering 95 % can be ruled out (p below "
        f"{LEAST_P}). Beside stands what a model finds that takes households as alike.\n"
    )
    return Proof("\n".join([head, *parts]), holds)


def _logit(worlds: int, *, parallel: bool) -> tuple[str, bool]:
    found = _gathered(_covered, (0.0, 1.0), worlds, parallel=parallel)
    lines, holds = [], True
    for place, (name, truth) in enumerate(
        (("price", PRICE), ("promoted", PROMOTED), ("carry_over", 1.0))
    ):
        coverage = exact(int(found[:, 2 * place].sum()), worlds)
        sound = coverage.low <= 0.97 and coverage.high >= 0.93
        holds &= sound
        bias = found[:, 2 * place + 1].mean() - truth
        lines.append((name, truth, coverage, f"{bias:+.4f}", "yes" if sound else "no"))
    columns = "weight", "truth", "coverage (99 % exact)", "bias", "sound"
    return f"### Conditional logit, households alike\n\n{table(columns, lines)}\n", holds


def _carried(spread: float, carry_over: float, worlds: int, *, parallel: bool) -> tuple[str, bool]:
    found = _gathered(_ends, (spread, carry_over), worlds, parallel=parallel)
    alike, free, low_end, value, low, high, promoted = found.T
    covered = int(((low <= carry_over) & (high >= carry_over)).sum())
    sound = less_than(covered, worlds, 0.95) >= LEAST_P
    lines = [
        ("households taken as alike: mean carry-over", f"{alike.mean():.3f}", ""),
        ("latent classes: mean", f"{free.mean():.3f}", ""),
        ("less what shuffled purchases show: mean", f"{low_end.mean():.3f}", ""),
        ("taken, halfway: mean", f"{value.mean():.3f}", ""),
        ("coverage of its interval (99 % exact)", exact(covered, worlds), _word(sound)),
        ("coverage, promotion (99 % exact)", exact(int(promoted.sum()), worlds), ""),
    ]
    holds = sound
    if carry_over == 0:
        claims = int((low > 0).sum())
        rare = more_than(claims, worlds, 0.025) >= LEAST_P
        near = bool(abs(value.mean()) < NEAR and abs(low_end.mean()) < NEAR / 2)
        lines += [
            ("carry-over claimed (at most 2.5 %)", exact(claims, worlds), _word(rare)),
            (f"means near 0 ({NEAR}; lower end {NEAR / 2})", "", _word(near)),
        ]
        holds &= rare and near
    title = f"### Likings spread by {spread:g}, carry-over of {carry_over:g} planted"
    return f"{title}\n\n{table(('what', 'found', 'sound'), lines)}\n", holds


def _word(sound: bool) -> str:
    return "yes" if sound else "no"


def _gathered(job: object, kind: tuple[float, float], worlds: int, *, parallel: bool) -> np.ndarray:
    jobs = [
        (job, kind, seed, min(seed + CHUNK, SEED + worlds))
        for seed in range(SEED, SEED + worlds, CHUNK)
    ]
    if not parallel:
        return np.concatenate([_chunk(item) for item in jobs])
    with get_context("spawn").Pool(PROCESSES) as pool:
        return np.concatenate(pool.map(_chunk, jobs, chunksize=1))


def _chunk(job: tuple) -> np.ndarray:  # type: ignore[type-arg]
    one, kind, first, end = job
    return np.array([one(seed, *kind) for seed in range(first, end)])


def _covered(seed: int, spread: float, carry_over: float) -> list[float]:
    """Return, for each weight, whether its interval covers, and the estimate."""
    panel = world(seed, households=HOUSEHOLDS, bought=BOUGHT, spread=spread, carry_over=carry_over)
    fit = fit_logit(make_design(panel))
    found: list[float] = []
    for name, truth in (("price", PRICE), ("promoted", PROMOTED), ("carry_over", carry_over)):
        place = fit.names.index(name)
        error = np.sqrt(fit.covariance[place, place])
        estimate = fit.coefficients[place]
        found += [abs(estimate - truth) <= norm.ppf(0.975) * error, estimate]
    return found


def _ends(seed: int, spread: float, carry_over: float) -> list[float]:
    panel = world(seed, households=HOUSEHOLDS, bought=BOUGHT, spread=spread, carry_over=carry_over)
    found = fit_carried(panel, seed=seed, starts=3, shuffles=8)
    promoted, estimate = found.free.estimate("promoted"), found.estimate()
    return [
        found.tried[0].mean("carry_over"),
        found.free.mean("carry_over"),
        found.ends[0],
        found.value,
        estimate.low or 0.0,
        estimate.high or 0.0,
        (promoted.low or 0.0) <= PROMOTED <= (promoted.high or 0.0),
    ]
