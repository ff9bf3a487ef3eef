"""Campaigns whose customers were drawn at random, and what they gave per unit of spend."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictFloat, StrictInt

from loyalty_research.brand.fields import Section, Text


class CampaignTest(Section):
    """A campaign that reached customers drawn at random, with points or money on every purchase.

    Parameters
    ----------
    campaign
        As ``campaign_id`` of the tables has it.
    value_per_spend
        What it gave beyond the programme, at face value, as a share of spend: 0.05 for five points
        worth a hundredth each on every unit.
    among
        Whom the draw was among: ``members`` who had joined and bought before the first day, or all
        ``customers`` who had bought.
    """

    campaign: Text
    value_per_spend: Annotated[StrictInt | StrictFloat, Field(gt=0, le=0.25)]
    among: Literal["members", "customers"] = "members"
