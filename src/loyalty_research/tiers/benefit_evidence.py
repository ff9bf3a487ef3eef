"""What benefits are worth to customers beside a reward of known value: evidence on benefits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.errors import Problem, problem
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.campaign_evidence import TERM, Evidence, no_rows, row

_Z90 = 1.6448536269514722
_SCALE = 0.5
"""Standard deviation of the log of the error of taking odds of being chosen for worth (assumed)."""


def priced(benefits: pd.DataFrame, programme: Programme) -> pd.DataFrame:
    """Return the benefits of a survey that the programme gives, with their face value.

    Parameters
    ----------
    benefits
        Benefit (its code), value, low, high (95 %), as ``drivers.benefit_values(b).benefits``.
    programme
        Its rewards and benefits are told by the same codes.

    Returns
    -------
    pandas.DataFrame
        Benefit, value, low, high, face (currency units of one use), kind (``reward`` or
        ``benefit``); only those with a known face value.
    """
    faces = {
        item.id: (float(item.value), kind)
        for kind, items in (("reward", programme.rewards), ("benefit", programme.benefits))
        for item in items
        if item.value
    }
    found = benefits[benefits["benefit"].isin(list(faces))].reset_index(drop=True)
    return found.assign(
        face=[faces[name][0] for name in found["benefit"]],
        kind=[faces[name][1] for name in found["benefit"]],
    )


def benefit_evidence(benefits: Any, programme: Programme, further: pd.DataFrame) -> Evidence:
    """Return what benefit values of a survey say of ``beta_B``.

    Parameters
    ----------
    benefits
        As of ``priced``, or the result that holds them; None where there is no survey.
    programme
        The brand's own.
    further
        Evidence so far; its rows on ``beta_V`` tell what a unit of value brings.

    Returns
    -------
    Evidence
        One row, or the reason why there is none.

    Notes
    -----
    A best-worst survey orders benefits and says nothing of purchases. ``beta_V`` and ``beta_B`` are
    both log rates by a unit of value per spend, of points and of benefits at face value. What a
    unit of face value is worth as a benefit beside as a reward is

        k = mean over benefits of [exp(u_benefit - u_reward) / (face_benefit / face_reward)]

    (geometric mean), odds of being chosen first taken as proportional to worth (Luce's choice
    axiom, an assumption with an error of a half on the log); then beta_B = k beta_V. So it takes a
    reward and a benefit of known value in both the survey and the programme, and evidence of
    another kind on ``beta_V``.

    References
    ----------
    Marley & Louviere 2005, Journal of Mathematical Psychology 49(6), 464-480.
    """
    if benefits is None:
        return Evidence(no_rows(), ())
    frame = getattr(benefits, "benefits", benefits)
    if frame.empty:
        return Evidence(no_rows(), ())
    known = priced(frame, programme)
    rewards, others = (known[known["kind"] == kind] for kind in ("reward", "benefit"))
    if rewards.empty or others.empty:
        return Evidence(no_rows(), (_not_priced(programme),))
    values = further[further["term"] == TERM]
    if values.empty:
        return Evidence(no_rows(), (_no_value(),))
    log_k, own = _worth(rewards.iloc[0], others)
    sd = (values["high"] - values["low"]).to_numpy(float) / (2 * _Z90)
    weight = sd**-2 / (sd**-2).sum()
    beta = float((values["estimate"] * weight).sum())
    error = float((sd**-2).sum() ** -0.5)
    k = float(np.exp(log_k))
    spread = k * np.hypot(error, beta * np.hypot(own, _SCALE))
    return Evidence(pd.DataFrame([row("beta_B", k * beta, float(spread), "maxdiff")]), ())


def _worth(reward: pd.Series[Any], others: pd.DataFrame) -> tuple[float, float]:
    """Return the log of k, and its standard error from the survey."""
    logs = (others["value"] - reward["value"]) - np.log(others["face"] / reward["face"])
    z95 = 1.959963984540054
    errors = (others["high"] - others["low"]) / (2 * z95)
    own = float((reward["high"] - reward["low"]) / (2 * z95))
    each = float(np.sqrt((errors**2).sum())) / len(others)
    return float(logs.mean()), float(np.hypot(each, own))


def _not_priced(programme: Programme) -> Problem:
    return problem(
        "benefit values are not used: of the benefits asked about, programme {programme} has no "
        "reward together with a benefit under the same code and with a value in money, so that "
        "nothing tells what their difference is worth",
        programme=programme.id,
    )


def _no_value() -> Problem:
    return problem(
        "benefit values are not used: they say which benefit is preferred, and no campaign at "
        "random tells what value does to purchases"
    )
