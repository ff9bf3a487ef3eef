"""How often the intervals of benefit values cover, and what is claimed where nothing is valued."""

from __future__ import annotations

from multiprocessing import get_context

import numpy as np
from scipy.stats import norm

from loyalty_research.drivers.maxdiff import Tasks, fit_benefits, judge
from proofs import Proof
from proofs._maxdiff_worlds import DIFFER, TASKS, VALUES, tasks, truth
from proofs.common import exact, more_than, table

TITLE = "Do the intervals of benefit values cover what they should?"
REPLICATIONS, JUDGED = 1_000, 200
SMALL = 40, 6
SIZES = {250: (0.925, 0.975), 1_000: (0.935, 0.965)}
KINDS = {
    "pairs": "respondents alike, choices by the model",
    "alike": "respondents alike, choices by normal noise",
    "differ": f"respondents differ by {DIFFER}, choices by normal noise",
}
SEED, CHUNK, PROCESSES, LEAST_P = 83_000, 50, 2, 0.005


def run(*, small: bool) -> Proof:
    """Draw samples of every world, fit values, and count."""
    replications, judged = SMALL if small else (REPLICATIONS, JUDGED)
    parts, passed = [], True
    for kind in KINDS:
        for size in (250,) if small else SIZES:
            text, holds = _coverage(kind, size, replications, parallel=not small)
            parts.append(text)
            passed &= holds
    text, holds = _claims(judged, parallel=not small)
    head = (
        f"{replications:,} samples for each world and number of respondents ({judged:,} for false "
        f"claims), seeds from {SEED}; "
        f"{len(VALUES)} benefits, {TASKS} tasks each of three drawn at random. The generator is "
        "NumPy and shares no code with the estimator. Where choices are not the model's own, the "
        "truth is what fits the whole world best, by plain maximum likelihood over a million "
        "choices. Intervals of 95 %, respondents the sampled units; a coverage is sound where its "
        "99 % exact interval meets 92.5 % to 97.5 % at 250 respondents and 93.5 % to 96.5 % at "
        "1,000. Beside stands the coverage of intervals that take tasks as independent.\n"
    )
    return Proof("\n".join([head, *parts, text]), passed and holds)


def _coverage(kind: str, size: int, replications: int, *, parallel: bool) -> tuple[str, bool]:
    found = _gathered(_values, kind, size, replications, parallel=parallel)
    low, high = SIZES[size]
    lines, holds = [], True
    for place, value in enumerate(truth(kind)):
        estimates, *covered = found[:, place].T
        value_share, share_share, naive = (exact(int(part.sum()), replications) for part in covered)
        sound = all(part.low <= high and part.high >= low for part in (value_share, share_share))
        holds &= sound
        lines.append(
            (place + 1, f"{value:.3f}", value_share, share_share, f"{naive.value:.1%}",
             f"{estimates.mean() - value:+.3f}", "yes" if sound else "no")
        )  # fmt: skip
    columns = (
        "benefit",
        "truth",
        "coverage, value (99 % exact)",
        "coverage, share (99 % exact)",
        "value, tasks independent",
        "bias",
        "sound",
    )
    title = f"### {KINDS[kind].capitalize()}, {size:,} respondents"
    return f"{title}\n\n{table(columns, lines)}\n", holds


def _claims(judged: int, *, parallel: bool) -> tuple[str, bool]:
    """Count what is claimed where choices are by lot, and where respondents are all alike."""
    chance = _gathered(_chance, "random", 250, judged, parallel=parallel)
    own = _gathered(_own_better, "pairs", 250, judged, parallel=parallel)
    lines, holds = [], True
    for name, hits, trials, rate in (
        ("by lot: one benefit surely first", int(chance[:, 0].sum()), judged, 0.05),
        ("by lot: tasks held out foretold, values given", int(chance[:, 1].sum()), judged,
         0.025),
        ("alike: respondents' own values better", int(own.sum()), judged, 0.025),
    ):  # fmt: skip
        sound = more_than(hits, trials, rate) >= LEAST_P
        holds &= sound
        lines.append((name, exact(hits, trials), f"{rate:.1%}", "yes" if sound else "no"))
    columns = "claim", "claimed (99 % exact)", "at most", "compatible"
    return f"### False claims, 250 respondents\n\n{table(columns, lines)}\n", holds


def _gathered(job: object, kind: str, size: int, count: int, *, parallel: bool) -> np.ndarray:
    jobs = [
        (job, kind, size, seed, min(seed + CHUNK, SEED + count))
        for seed in range(SEED, SEED + count, CHUNK)
    ]
    truth(kind)
    if not parallel:
        return np.concatenate([_chunk(item) for item in jobs])
    with get_context("spawn").Pool(PROCESSES) as pool:
        return np.concatenate(pool.map(_chunk, jobs, chunksize=1))


def _chunk(job: tuple) -> np.ndarray:  # type: ignore[type-arg]
    one, kind, size, first, end = job
    return np.array(
        [
            one(kind, tasks(kind, np.random.default_rng([seed, size]), size))
            for seed in range(first, end)
        ]
    )


def _values(kind: str, sample: Tasks) -> np.ndarray:
    """Return estimate, and whether value, share and value by independent tasks are covered."""
    fit, aim = fit_benefits(sample), np.array(truth(kind))
    shares = np.exp(aim) / np.exp(aim).sum()
    low, high = fit.interval()
    first, last = fit.share_interval()
    away = np.abs(fit.worth - aim)
    return np.column_stack(
        [
            fit.worth,
            (low <= aim) & (aim <= high),
            (first <= shares) & (shares <= last),
            away <= norm.ppf(0.975) * np.sqrt(np.diag(fit.naive)),
        ]
    )


def _chance(kind: str, sample: Tasks) -> np.ndarray:
    del kind
    fit = fit_benefits(sample)
    top = int(fit.worth.argmax())
    found = judge(sample)
    surely = bool(np.delete(fit.leads(top), top).all())
    return np.array([surely, (found.best.low or 0.0) > found.chance])


def _own_better(kind: str, sample: Tasks) -> np.ndarray:
    del kind
    return np.array([(judge(sample).gain.low or 0.0) > 0])
