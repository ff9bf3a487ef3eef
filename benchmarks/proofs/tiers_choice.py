"""Responses learned from a past rule change: whether the choice of a design is a good one.

``python -m proofs.tiers_choice --worlds N`` (in ``benchmarks``) lives through worlds until N are
there, and adds each to a file in the cache as soon as it is done; stopped, it goes on from there.
``--kind still`` lives through those of that kind alone: a share of 5 % takes many of them to tell.
``--fresh`` forgets them, which is due after a change to calibration or search. ``validate.py
tiers_choice`` writes the section from all worlds in the file, once at least 40 are there.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from loyalty_research.brand.home import cache_folder
from loyalty_research.tiers.calibration.calibrated import LEAST_EFFECTIVE
from loyalty_research.tiers.optimisation.decide import lowest
from proofs import Proof
from proofs._tier_choices import KINDS, Size, tried
from proofs.common import exact, less_than, more_than, table

TITLE = "From a past rule change, is the right design chosen, and none without reason?"
WORLDS, LEAST, SMALL_WORLDS = 240, 40, 1
FULL = Size()
SMALL = Size(
    customers=2_000, fitted=300, steps=40, draws=12, simulated=300, seeds=1, prices=(100, 200, 400),
    thresholds=(200,),
)  # fmt: skip
ORDER = ("model", "still", "model", "other")
"""Kinds of worlds 0, 1, 2, 3, and so on."""
SCORE, SCORED_WELL, OTHER_WELL = 0.15, 0.80, 0.70
EXTRA, WORTH, CHANGED, CAPTURED = 0.05, 0.01, 0.70, 0.5
SURE, FEW = 0.01, 10
"""Of fewer worlds a share falls short where its exact p-value is below."""
FILE = "tiers_choice.jsonl"


def run(*, small: bool) -> Proof:
    """Judge the choices of all worlds, those kept in the file among them."""
    if small:
        found = [tried(number, ORDER[number], SMALL) for number in range(SMALL_WORLDS)]
        return report(found, SMALL)
    return report(worlds(LEAST), FULL)


def worlds(count: int, *, kind: str = "", fresh: bool = False) -> list[dict[str, Any]]:
    """Return the worlds from 0 on and others kept, those missing lived through two at a time."""
    path = cache_folder() / "proofs" / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    if fresh:
        path.unlink(missing_ok=True)
    kept = {one["number"]: one for one in read(path)}
    wanted = [number for number in range(count) if kind in ("", ORDER[number % len(ORDER)])]
    missing = [number for number in wanted if number not in kept]
    with get_context("spawn").Pool(2, initializer=_alone) as pool, path.open("a") as file:
        for one in pool.imap_unordered(_world, missing, chunksize=1):
            kept[one["number"]] = one
            file.write(json.dumps(one) + "\n")
            file.flush()
            print(f"world {one['number']} ({one['kind']}): {one['verdict']}", flush=True)
    return [kept[number] for number in sorted(kept)]


def read(path: Path) -> list[dict[str, Any]]:
    """Return the worlds of a file; a line that broke off is left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


def _alone() -> None:
    os.environ["NUMBA_NUM_THREADS"] = "1"


def _world(number: int) -> dict[str, Any]:
    return tried(number, ORDER[number % len(ORDER)], FULL)


def score_of(one: dict[str, Any]) -> float:
    """Return regret over the best gain; missing where no design truly gains."""
    best = max(0.0, *one["truth"])
    own = 0.0 if one["chosen"] is None else one["truth"][one["chosen"]]
    return (best - own) / best if best > 0 else float("nan")


def report(found: Sequence[dict[str, Any]], size: Size) -> Proof:
    """Return what the worlds said, and whether it is what is asked of a choice."""
    by = {kind: [one for one in found if one["kind"] == kind] for kind in KINDS}
    rows, passed = [], True
    for kind, wanted in (("model", SCORED_WELL), ("other", OTHER_WELL)):
        learned = [one for one in by[kind] if one["calibrated"]]
        row, fine = _scored(learned, wanted)
        passed &= fine or kind == "other"
        name = _NAMES[kind]
        rows += [
            [f"{name}, calibrated", *row],
            [f"{name}, all", *_scored(by[kind], wanted)[0][:2], ""],
            [
                f"{name}, calibrated, best gain above {WORTH:.0%} of the margin",
                *_scored([one for one in learned if _is_large(one)], wanted)[0][:2],
                "",
            ],
        ]
    causes = " ".join(_missed(_NAMES[kind], by[kind]) for kind in ("model", "other"))
    exactly = sum(_unmoved(one) for one in found)
    passed &= exactly == len(found)
    still, quiet = _still(by["still"])
    changed, large = _changed(by["model"])
    text = (
        f"{len(found)} worlds ({', '.join(f'{len(by[kind])} {_NAMES[kind]}' for kind in KINDS)}), "
        f"{size.customers:,} customers each, 104 weeks with a change of the reward's price in the "
        "middle, made by `benchmarks/weekly`; everything the package is told is the table of "
        "orders (with the points they paid with), who joined when, both programmes and the day of "
        f"the change. It calibrates on {size.fitted:,} customers and searches "
        f"{len(size.prices) * len(size.thresholds) * 2} designs with {size.draws} draws on "
        f"{size.simulated:,} customers over 52 weeks. The true gain of each design is the mean of "
        f"{size.seeds} futures of that world under it. Score = (best gain - gain of the choice) / "
        "best gain; to keep the present, or to say that the data cannot tell, gains 0. The best is "
        "the best in those same futures, which favours it. Not calibrated are worlds with fewer "
        "rewarded customers than a calibration needs.\n\n"
        + table(["worlds", f"score at most {SCORE:.0%} (99 % exact)", "median", "wanted"], rows)
        + f"\n\n{causes}"
        + "\n\nThe present programme, as a design of the space, gains exactly 0 in every draw and "
        f"in truth in {exactly} of {len(found)} worlds.\n\n"
        + "\n\n".join((still, changed, _rules(by), _naive(by), _how_sure(found)))
    )
    return Proof(text, bool(passed and quiet and large))


def _enough(hits: int, trials: int, wanted: float) -> bool:
    """Tell whether a share is as large as wanted; of few worlds, whether it can be."""
    if trials < FEW:
        return less_than(hits, trials, wanted) > SURE
    return hits >= wanted * trials


_NAMES = {
    "model": "of the model",
    "still": "of the model without any response",
    "other": "of the second family",
}


def _scored(found: list[dict[str, Any]], wanted: float) -> tuple[list[object], bool]:
    scores = np.array([score_of(one) for one in found])
    scores = scores[np.isfinite(scores)]
    if not len(scores):
        return ["none in which a design gains", "", f"{wanted:.0%}"], True
    hits = int((scores <= SCORE).sum())
    fine = _enough(hits, len(scores), wanted)
    told = f"{hits} of {len(scores)}: {exact(hits, len(scores))}"
    return [told, f"{np.median(scores):.1%}", f"{wanted:.0%}"], fine


def _missed(name: str, found: list[dict[str, Any]]) -> str:
    """Tell of calibrated worlds that miss the score what they have in common."""
    missed = [one for one in found if one["calibrated"] and score_of(one) > SCORE]
    small = sum(not _is_large(one) for one in missed)
    thin = sum(one["effective"] < LEAST_EFFECTIVE for one in missed)
    unsure = sum(one["verdict"] == "cannot_tell" for one in missed) - thin
    return (
        f"Of the {len(missed)} calibrated worlds {name} that miss it, {small} have a best gain "
        f"of at most {WORTH:.0%} of the margin, less than what stays unknown of the responses; in "
        f"{thin} the chains were too thin for any recommendation; in {unsure} the data could not "
        "tell."
    )


def _still(found: list[dict[str, Any]]) -> tuple[str, bool]:
    """Tell how often more is spent though nobody responds."""
    learned = [one for one in found if one["calibrated"]]
    if not learned:
        return "No world without responses was calibrated.", True
    hits = sum(_spends(one, one["chosen"]) for one in learned)
    beside = sum(_spends(one, one["chosen"]) for one in found) - hits
    p = more_than(hits, len(learned), EXTRA)
    saved = sum(one["chosen"] is not None and not _spends(one, one["chosen"]) for one in learned)
    return (
        f"Without any response, extra spending was recommended in {hits} of {len(learned)} "
        f"calibrated worlds: {exact(hits, len(learned))}; at most {EXTRA:.0%} is asked (exact p "
        f"{p:.3f}). In {saved} a cheaper design was, which there is right. Of the "
        f"{len(found) - len(learned)} that are not calibrated it was in {beside}.",
        p > SURE,
    )


def _unmoved(one: dict[str, Any]) -> bool:
    """Tell whether keeping the present gains exactly nothing, by search and in truth."""
    here = [row for row, place in zip(one["gains"], one["places"], strict=True)
            if place == one["present"]]  # fmt: skip
    return one["truth"][one["present"]] == 0 and not np.any(here)


def _spends(one: dict[str, Any], chosen: int | None) -> bool:
    return chosen is not None and one["true_cost"][chosen] > 0


def _is_large(one: dict[str, Any]) -> bool:
    """Tell whether some design gains much."""
    return bool(max(one["truth"]) > WORTH * one["margin"])


def _changed(found: list[dict[str, Any]]) -> tuple[str, bool]:
    """Tell how often, and how well, a change is recommended where much is to be gained."""
    large = [one for one in found if _is_large(one)]
    if not large:
        return f"No world had a design that gains more than {WORTH:.0%} of the margin.", True
    hits = sum(one["chosen"] is not None for one in large)
    share = float(np.mean([1 - score_of(one) for one in large]))
    fine = _enough(hits, len(large), CHANGED) and (len(large) < FEW or share >= CAPTURED)
    return (
        f"Where some design gains more than {WORTH:.0%} of the margin, a change was recommended in "
        f"{hits} of {len(large)} worlds: {exact(hits, len(large))}; at least {CHANGED:.0%} is "
        f"asked. The choice gained {share:.0%} of the best gain on average; at least "
        f"{CAPTURED:.0%} is asked.",
        fine,
    )


def chosen_by(one: dict[str, Any], least: float) -> int | None:
    """Return what another rule would choose from the same draws.

    Parameters
    ----------
    one
        A world.
    least
        Share of the draws in which a design must gain; 0.95 is the rule in use, without noise.
    """
    gains = np.array(one["gains"], dtype=float)
    means = gains.mean(axis=1)
    if least == _IN_USE:
        sure = lowest(gains, np.array(one["noise"])) > 0
    else:
        sure = (gains > 0).mean(axis=1) >= least
    sure &= means > 0
    if not sure.any():
        return None
    return int(one["places"][int(np.flatnonzero(sure)[means[sure].argmax()])])


_IN_USE = 0.95
_RULES = ((0.0, "mean gain above 0"), (0.8, "80 % of the draws"), (0.9, "90 % of the draws"),
          (_IN_USE, "90 % interval with noise above 0 (in use)"))  # fmt: skip


def _rules(by: dict[str, list[dict[str, Any]]]) -> str:
    """Return what other rules of decision would do from the same draws."""
    rows = []
    for least, name in _RULES:
        told: list[object] = [name]
        for kind in ("model", "other"):
            made = [one | {"chosen": chosen_by(one, least)} for one in by[kind]]
            scores = np.array([score_of(one) for one in made])
            scores = scores[np.isfinite(scores)]
            told.append(f"{(scores <= SCORE).mean():.0%}" if len(scores) else "")
        still = [one | {"chosen": chosen_by(one, least)} for one in by["still"]]
        told.append(f"{sum(_spends(one, one['chosen']) for one in still)} of {len(still)}")
        harm = [one | {"chosen": chosen_by(one, least)} for one in (*by["model"], *by["other"])]
        lost = sum(one["chosen"] is not None and one["truth"][one["chosen"]] < 0 for one in harm)
        told.append(f"{lost} of {len(harm)}")
        rows.append(told)
    heads = ["a design must gain by", "score met, model", "score met, second family",
             "extra spending without responses", "choice truly loses"]  # fmt: skip
    return (
        "The same draws under other rules, the highest mean gain of those that pass, whatever the "
        "number of effective draws:\n\n" + table(heads, rows)
    )


def _naive(by: dict[str, list[dict[str, Any]]]) -> str:
    """Return how far members against others is off, where members respond."""
    found = [*by["model"], *by["other"]]
    if not found:
        return "No world with responses was run."
    naive = np.array([one["naive_lift"] for one in found])
    true = np.array([one["true_lift"] for one in found])
    low, middle, high = np.quantile(naive - true, [0.05, 0.5, 0.95])
    return (
        "Beside it, where members respond, what they spend over others: "
        f"{np.median(naive):.0%} more (median), of which the responses truly made "
        f"{np.median(true):.1%}; the plain comparison is off by {middle:+.0%} (90 % of the worlds "
        f"{low:+.0%} to {high:+.0%}), since who buys more joins more."
    )


def _how_sure(found: Sequence[dict[str, Any]]) -> str:
    """Return how well the intervals of the gains hold, with and without responses."""
    effective = np.median([one["effective"] for one in found])
    seconds = np.median([one["seconds"] for one in found])
    verdicts = [one["verdict"] for one in found]
    told = ", ".join(f"{name} {verdicts.count(name)}" for name in sorted(set(verdicts)))
    return (
        "True gains of the designs judged lie in their 90 % intervals (responses and noise) in "
        f"{_inside([one for one in found if one['kind'] != 'still'])} of them where members "
        f"respond, in {_inside([one for one in found if one['kind'] == 'still'])} where they do "
        f"not; designs of a world go together. Verdicts: {told}. Calibrated: "
        f"{sum(one['calibrated'] for one in found)} of {len(found)}; least effective number of "
        f"draws, median: {effective:.0f}. A world takes {seconds:.0f} seconds of one core."
    )


def _inside(found: Sequence[dict[str, Any]]) -> str:
    """Return the share of designs whose true gain lies in its interval."""
    inside = total = 0
    for one in found:
        low, high = np.quantile(np.array(one["gains"], dtype=float), [0.05, 0.95], axis=1)
        noise = np.array(one["noise"])
        true = np.array(one["truth"])[one["places"]]
        inside += int(((true >= low - noise) & (true <= high + noise)).sum())
        total += len(true)
    return f"{inside / total:.0%}" if total else "none"


def main() -> None:
    """Live through worlds, and keep them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=WORLDS, help="how many in all, from 0 on")
    parser.add_argument("--kind", choices=KINDS, default="", help="only worlds of this kind")
    parser.add_argument("--fresh", action="store_true", help="forget those that are kept")
    chosen = parser.parse_args()
    print(report(worlds(chosen.worlds, kind=chosen.kind, fresh=chosen.fresh), FULL).text)


if __name__ == "__main__":
    main()
