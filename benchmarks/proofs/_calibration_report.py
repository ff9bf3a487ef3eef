"""What the worlds of a calibration say together, and whether it is what a calibration claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binom, chisquare

from proofs import Proof
from proofs.common import Exact, exact, less_than, table

MEASURES = ("sales", "redemptions")
LOW, HIGH, HELD_OUT, DOUBT = 0.85, 0.95, 0.85, 0.01
FALSE_CLAIMS = 0.05
MIXED, ALIKE = 50.0, 1.1
"""Least effective draws and greatest R-hat with which a calibration is used at all."""


MANY = 20
"""Worlds from which on widths of forecasts are compared: those of one world are mostly chance."""
LEAST, TAKEN = 0.1, 0.3
"""Share of the draws kept that count in the median world, and of the proposals taken."""


@dataclass(frozen=True)
class Found:
    """What one world said.

    Parameters
    ----------
    kind, number
        Which world.
    inside, level_inside, prior_inside
        Whether the truth lay in the 90 % interval (``gain``, ``sales``, ``redemptions``): of the
        calibration, of a line through the weekly totals, of prior draws.
    width, level_width, prior_width
        Of those intervals.
    rank
        Number of draws whose gain lies below the true one, ties at random.
    true, lowest
        The true gain; lower end of its interval.
    effective, r_hat
        Least effective draws and greatest R-hat of the responses.
    gain_effective, gain_r_hat
        Of the gain, over the draws it was taken at.
    accepted
        Share of proposals that were taken.
    seconds
        Of the processor.
    """

    kind: str
    number: int
    inside: Mapping[str, bool]
    level_inside: Mapping[str, bool]
    prior_inside: Mapping[str, bool]
    width: Mapping[str, float]
    level_width: Mapping[str, float]
    prior_width: Mapping[str, float]
    rank: int
    true: float
    lowest: float
    effective: float
    r_hat: float
    gain_effective: float
    gain_r_hat: float
    accepted: float
    seconds: float

    @property
    def mixed(self) -> bool:
        """Whether a calibration as this one is used."""
        return self.effective >= MIXED and self.r_hat <= ALIKE


def report(every: Sequence[Found], how: Mapping[str, Any]) -> Proof:
    """Return what the worlds said, and whether it is what a calibration claims."""
    kinds = {kind: [one for one in every if one.kind == kind] for kind in ("model", "nothing")}
    model, nothing = kinds["model"], kinds["nothing"]
    other = [one for one in every if one.kind == "other"]
    ranks = np.array([one.rank for one in model])
    uniform = band_p(ranks, how["draws"])
    claims = exact(sum(one.lowest > 0 for one in nothing), len(nothing))
    sound = [
        _sound(_share(model, "inside", "gain")),
        uniform > DOUBT,
        all(
            less_than(_share(model, "inside", name).hits, len(model), HELD_OUT) > DOUBT
            for name in MEASURES
        ),
        _ratio(model, "gain", "prior_width") < 1,
        len(model) < MANY or all(_ratio(model, name, "prior_width") < 1 for name in MEASURES),
        np.median([one.effective for one in every]) >= LEAST * how["kept"],
        np.median([one.accepted for one in every]) >= TAKEN,
        claims.low <= FALSE_CLAIMS,
    ]
    parts = [
        _how(model, how),
        table(("model's own worlds", *_HEADS), _rows(model)),
        _ranks(ranks, how["draws"], uniform),
        _nothing(nothing, claims),
        _chains(every, how),
    ]
    if other:
        parts += [_OTHER.format(n=len(other)), table(("second family", *_HEADS), _rows(other))]
    return Proof("\n\n".join(parts) + "\n", all(sound))


_HEADS = (
    "in the 90 % interval (99 % exact)",
    "of prior draws",
    "of a line through the weekly totals",
    "median width over that of prior draws",
    "over that of the line",
)
_OTHER = (
    "{n} worlds of a second family, which the model is not: log-normal rates, pressure that sets "
    "in at once in a window before a reward or level, benefits that act six weeks late, growth of "
    "5 % a year by word of mouth; reported, not required."
)


def _how(model: Sequence[Found], how: Mapping[str, Any]) -> str:
    return (
        f"{len(model)} worlds of {how['customers']:,} customers (seeds {how['seed']} and on), "
        f"responses drawn from the priors, {how['weeks']} weeks with a change of price, reward, "
        f"threshold and benefit after {how['change']}; made and judged by a weekly loop in NumPy "
        "that shares no code with the likelihood. Judged is what other rules, seen by nobody, "
        "would bring: the gain over the rules in force, of customers drawn apart "
        f"({how['gain_weeks']} weeks, same chances, {how['draws']} draws), and sales and "
        f"redemptions of the {how['ahead']} weeks after they come into force, given the history "
        f"({how['forecasts']} draws of responses, rates, dropout and season; the chance of "
        "redeeming is taken as known). Beside it the same forecast with responses drawn from the "
        "priors, and one without the model: a log line through the weekly totals since the change."
    )


def _rows(worlds: Sequence[Found]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for name in ("gain", *MEASURES):
        lined = name in MEASURES
        rows.append(
            (
                name,
                _share(worlds, "inside", name),
                f"{_share(worlds, 'prior_inside', name).value:.0%}",
                f"{_share(worlds, 'level_inside', name).value:.0%}" if lined else "",
                f"{_ratio(worlds, name, 'prior_width'):.2f}",
                f"{_ratio(worlds, name, 'level_width'):.2f}" if lined else "",
            )
        )
    return rows


def _ranks(ranks: np.ndarray, draws: int, p: float) -> str:
    counts = np.histogram(ranks / (draws + 1), bins=5, range=(0, 1))[0]
    return (
        f"Ranks of the true gain among the draws, in fifths: {', '.join(map(str, counts))} "
        f"(chi-square p = {chisquare(counts).pvalue:.2f}; band of the whole distribution "
        f"p = {p:.2f}; simulation-based calibration, Talts et al. 2018, Säilynoja, Bürkner & "
        "Vehtari 2022)."
    )


def _nothing(nothing: Sequence[Found], claims: Exact) -> str:
    held = sum(one.inside["gain"] for one in nothing)
    return (
        f"{len(nothing)} worlds without any response, with the same change: in {claims} of them "
        "the whole interval of the gain of spending more lies above 0 (allowed: "
        f"{FALSE_CLAIMS:.0%}). These worlds say nothing of coverage: no response can be negative, "
        "so that the truth lies at the edge of each, and an interval with 5 % on either side lies "
        f"above it by construction ({held} of {len(nothing)} held the true gain). Coverage is "
        "judged where truths are drawn from the priors."
    )


def _chains(every: Sequence[Found], how: Mapping[str, Any]) -> str:
    mixed = exact(sum(one.mixed for one in every), len(every))
    of = {
        name: [getattr(one, name) for one in every]
        for name in ("effective", "r_hat", "gain_effective", "gain_r_hat", "accepted", "seconds")
    }
    return (
        f"Chains: of {how['kept']} draws kept, the least effective number over all responses is "
        f"{np.median(of['effective']):.0f} in the median world ({min(of['effective']):.0f} in the "
        f"worst), the largest R-hat {np.median(of['r_hat']):.3f} ({max(of['r_hat']):.3f}); of the "
        f"gain, {np.median(of['gain_effective']):.0f} of {how['draws']} draws count "
        f"(worst {min(of['gain_effective']):.0f}), R-hat {np.median(of['gain_r_hat']):.3f}. "
        f"{np.median(of['accepted']):.0%} of proposals were taken. In {mixed} of the worlds the "
        f"calibration is good enough to be used (effective {MIXED:.0f}, R-hat {ALIKE}). "
        f"{np.median(of['seconds']):.0f} seconds of one processor a world."
    )


def _share(worlds: Sequence[Found], what: str, name: str) -> Exact:
    return exact(
        sum(getattr(one, what)[name] for one in worlds if name in getattr(one, what)), len(worlds)
    )


def _ratio(worlds: Sequence[Found], name: str, what: str) -> float:
    return float(
        np.median([one.width[name] / max(getattr(one, what)[name], 1e-9) for one in worlds])
    )


def _sound(found: Exact) -> bool:
    return found.low <= HIGH and found.high >= LOW


def band_p(ranks: np.ndarray, draws: int, *, tries: int = 4_000, seed: int = 1) -> float:
    """Return the p-value of "ranks are uniform on 0 .. draws", by the whole distribution.

    Notes
    -----
    At each rank the exact binomial chance of a count as far out; the smallest of them, against its
    distribution over ranks that are uniform (the simultaneous band of Säilynoja et al. 2022).
    """
    rng = np.random.default_rng(seed)
    null = rng.integers(0, draws + 1, (tries, len(ranks)))
    observed = _smallest(ranks[None], draws)[0]
    return float((1 + (_smallest(null, draws) <= observed).sum()) / (tries + 1))


def _smallest(ranks: np.ndarray, draws: int) -> np.ndarray:
    places = np.arange(draws)
    counts = (ranks[:, :, None] <= places).sum(axis=1)
    share = (places + 1) / (draws + 1)
    n = ranks.shape[1]
    two = 2 * np.minimum(binom.cdf(counts, n, share), binom.sf(counts - 1, n, share))
    return np.asarray(two.min(axis=1))
