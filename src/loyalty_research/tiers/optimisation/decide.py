"""What to do: change, keep, or that the data cannot tell."""

from __future__ import annotations

from typing import Literal

import numpy as np

from loyalty_research.tiers.optimisation.regret import bounds

Verdict = Literal["change", "keep", "cannot_tell", "priors_alone"]
Evidence = Literal["priors", "thin", "posterior", "known"]


def decided(
    gains: np.ndarray, evidence: Evidence, noise: np.ndarray | None = None
) -> tuple[int, Verdict]:
    """Return the design to change to, or else the one of the highest mean gain, and the verdict.

    Parameters
    ----------
    gains
        Shape (designs, draws): gain over the present programme.
    evidence
        ``priors``: nothing of the brand's own speaks for any response, so that no change is ever
        recommended; ``thin``: a calibration with too few effective draws, on which none is either;
        ``posterior``: see the notes; ``known``: a change where some gain is above 0.
    noise
        Shape (designs,): half the 90 % interval of simulation noise; None for none.

    Returns
    -------
    tuple
        Place of the design (-1: the present programme) and one of ``change``, ``keep`` (no design
        gains on average), ``cannot_tell`` (one does, but no interval lies above 0, or the
        calibration is too thin), ``priors_alone``.

    Notes
    -----
    Of the designs whose gain is surely above 0, the one with the highest mean gain. Surely: the
    lower bound of the 90 % interval over the draws, with simulation noise, is above 0. So a
    promising but doubtful design does not stand in the way of a sure one that gains less.
    """
    means = gains.mean(axis=1)
    best = int(means.argmax()) if len(means) else -1
    if best < 0 or means[best] <= 0:
        return -1, "priors_alone" if evidence == "priors" else "keep"
    if evidence == "priors":
        return best, "priors_alone"
    if evidence == "known":
        return best, "change"
    sure = np.flatnonzero(lowest(gains, noise) > 0)
    if evidence == "thin" or not len(sure):
        return best, "cannot_tell"
    return int(sure[means[sure].argmax()]), "change"


def lowest(gains: np.ndarray, noise: np.ndarray | None = None) -> np.ndarray:
    """Return the lower bound of the 90 % interval by design, responses and noise together.

    The two deviations from the mean are added as squares: they have nothing to do with each other.
    """
    means, (low, _) = gains.mean(axis=1), bounds(gains)
    apart = np.hypot(means - low, 0.0 if noise is None else noise)
    return np.asarray(means - np.where(low < means, apart, 0.0 if noise is None else noise))
