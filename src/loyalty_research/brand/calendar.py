"""A brand's calendar: holidays, promotion windows, member days, weeks and years of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from loyalty_research.brand.schema import BrandFile, MemberDays, Promotion


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the brand file says about days.

    Parameters
    ----------
    kind
        ``cn`` for the public holidays of mainland China, ``none`` for no holidays.
    windows
        Promotion windows.
    member_days
        Days on which members get more.
    week_start
        0 for Monday, 6 for Sunday.
    fiscal_year_start
        Month the fiscal year begins with, 1 to 12.
    """

    kind: Literal["none", "cn"] = "none"
    windows: tuple[Promotion, ...] = ()
    member_days: MemberDays = field(default_factory=MemberDays)
    week_start: int = 0
    fiscal_year_start: int = 1


def calendar_of(file: BrandFile | None) -> Calendar:
    """Return the calendar of a brand file; one without holidays and windows for None."""
    if file is None:
        return Calendar()
    return Calendar(
        kind=file.calendar,
        windows=file.promotions,
        member_days=file.member_days,
        week_start=file.week_start_number,
        fiscal_year_start=file.fiscal_year_start,
    )
