"""What the views of simulated options share."""

from __future__ import annotations

import dataclasses
from typing import Any

from loyalty_research.findings import Column, Finding, Value
from loyalty_research.tiers.common import state
from loyalty_research.tiers.proposals.options import Option, Proposals

OPTION = Column("option_{language}", "text", heading="option")


def option_column(item: Option, unit: str = "@unit") -> Column:
    """Return the column of an option in a table of measures."""
    return Column(item.key, unit, heading=item.heading)


def common(proposals: Proposals, *more: str, middle: bool = False) -> dict[str, Any]:
    """Return what every view of options has; its rows are no groups of persons.

    Parameters
    ----------
    proposals
        Judged.
    more
        Further notes.
    middle
        Whether the view is of the one run at the median responses.
    """
    terms = proposals.terms
    size = proposals.watched if middle else proposals.sampled
    believed = "assumed" if proposals.evidence == "priors" else "calibrated"
    return {
        "base": proposals.customers,
        "base_unit": "customers",
        "period": proposals.replays.days.iso,
        "persons": (),
        "values": {
            "weeks": Value(terms.periods, "count"),
            "draws": Value(terms.draws, "count"),
            "sampled": Value(size, "customers"),
            "margin": Value(terms.margin, "share"),
        },
        "notes": (
            "forecast_sampled" if size < proposals.customers else "forecast_all",
            "forecast_middle" if middle else f"forecast_{believed}",
            *(("margin_assumed",) if terms.assumed else ()),
            *more,
        ),
    }


def simulated(proposals: Proposals, template: str, estimate: Any, **rest: Any) -> Finding:
    """Return a finding of what was simulated: assumed, or synthetic on a simulated brand.

    Parameters
    ----------
    proposals
        Judged.
    template, estimate
        As of a finding.
    **rest
        Further fields; ``option`` is the key of the option it is about.
    """
    option = rest.pop("option", "")
    finding = state(proposals.replays, template, estimate, **rest)
    graded = finding.evidence if finding.evidence == "synthetic" else "assumed"
    name = f"{template}_{option}" if option else template
    return dataclasses.replace(finding, id=name, evidence=graded)
