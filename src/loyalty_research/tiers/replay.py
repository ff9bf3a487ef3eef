"""What one programme would have done on a brand's history, in one result."""

from __future__ import annotations

from typing import Any

from loyalty_research.results import Result
from loyalty_research.tiers.attain import reach
from loyalty_research.tiers.compare import compare
from loyalty_research.tiers.joining import joined
from loyalty_research.tiers.levels import levels
from loyalty_research.tiers.reminders import reminders
from loyalty_research.tiers.replays import AT_ONCE, replays
from loyalty_research.tiers.rewards import rewards

_NAME = "programme_replay"


def replay(
    brand: Any,
    programme: Any = None,
    *,
    redemption: str = AT_ONCE,
    paid: str | None = None,
    period: Any = None,
) -> Result:
    """Tell what one programme would have done on the brand's purchases as they were.

    Parameters
    ----------
    brand
        An opened brand.
    programme
        A programme, its name or its file; None for the brand's own.
    redemption, paid, period
        As in :func:`replays`.

    Returns
    -------
    Result
        Frame ``summary`` as of :func:`compare`, and the frames, findings, figures and tables of
        :func:`levels`, :func:`reach`, :func:`rewards` and :func:`reminders`, their names led by the
        section's.

    Notes
    -----
    Nobody buys more, less or elsewhere because of the rules. On simulated purchases findings are
    ``synthetic``; on real ones ``observed`` for the programme the brand runs and ``assumed`` for
    any other, whose rules are hypothetical there.
    """
    chosen = programme if programme is not None else brand.programme
    made = replays(
        brand,
        [] if chosen is None else [chosen],
        redemption=redemption,
        paid=paid,
        period=period,
    )
    sections = {"": compare, "levels": levels, "reach": reach, "rewards": rewards}
    sections["reminders"] = reminders
    return joined(_NAME, {key: part(brand, replays=made) for key, part in sections.items()})
