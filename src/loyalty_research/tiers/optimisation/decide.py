"""What to do: change, keep, or that the data cannot tell."""

from __future__ import annotations

from typing import Literal

import numpy as np

from loyalty_research.tiers.optimisation.regret import bounds

Verdict = Literal["change", "keep", "cannot_tell", "priors_alone"]
Evidence = Literal["priors", "thin", "posterior", "known"]


def decided(gains: np.ndarray, evidence: Evidence) -> tuple[int, Verdict]:
    """Return the design with the highest mean gain (-1: the present programme), and the verdict.

    Parameters
    ----------
    gains
        Shape (designs, draws): gain over the present programme.
    evidence
        ``priors``: nothing of the brand's own speaks for any response, so that no change is ever
        recommended; ``thin``: a calibration with too few effective draws, on which none is either;
        ``posterior``: a change is recommended only where the lower bound of the 90 %
        interval of its gain is above 0; ``known``: where its gain is.

    Returns
    -------
    tuple
        Place of the design and one of ``change``, ``keep`` (no design gains on average),
        ``cannot_tell`` (one does, but its interval holds 0 or the calibration is too thin),
        ``priors_alone``.
    """
    means = gains.mean(axis=1)
    best = int(means.argmax()) if len(means) else -1
    if best < 0 or means[best] <= 0:
        return -1, "priors_alone" if evidence == "priors" else "keep"
    if evidence == "priors":
        return best, "priors_alone"
    if evidence == "known":
        return best, "change"
    low, _ = bounds(gains[best : best + 1])
    return best, "change" if evidence == "posterior" and low[0] > 0 else "cannot_tell"
