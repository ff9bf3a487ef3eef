"""A finding: an estimate with its interval, base, definition and evidence."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Unit = Literal[
    "share",  # 0..1, printed as per cent
    "change",  # relative change, 0.1 = +10 %
    "percentage_point",  # difference of two shares, 0.01 = one point
    "point_change",  # the same with its sign
    "money",  # the brand's currency
    "money_change",  # the same with its sign
    "count",  # plain whole number
    "customers",
    "orders",
    "orders_rate",  # orders on average
    "occasions",
    "occasions_rate",
    "lines",
    "hour",
    "days",
    "months",
    "number",  # plain number, two decimals
    "p_value",  # of a test, three decimals, "<0.001" below
    "rounded",  # a number as it was published: 93.1 million, 9,310 万
    "rounded_share",  # the same of a share: 30%
    "rounded_money",  # the same of an amount
    "figures",  # published figures
    "programmes",
    "respondents",  # of a survey
    "reviews",  # comments of customers
    "times",  # a factor: 3.5 times
    "date",
    "month",
    "text",
]
Task = Literal["acquire", "activate", "retain", "win_back", "none"]
Evidence = Literal["observed", "adjusted", "experimental", "assumed", "synthetic", "published"]
_ID = re.compile(r"^[A-Za-z0-9_]+$")


@dataclass(frozen=True, slots=True)
class Value:
    """A number, date, word or label that a sentence, title or alternative text prints.

    Parameters
    ----------
    value
        The number; an ISO string for ``date`` and ``month``; a code where ``unit`` is
        ``label:<domain>``, which the catalogues translate (``label.<domain>.<code>``); a text by
        language where it is ``bilingual``.
    unit
        How it is printed; one of :data:`Unit`, ``label:<domain>`` or ``bilingual``.
    """

    value: float | int | str | Mapping[str, str] | None
    unit: str = "number"


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement a report may print, in any language.

    Parameters
    ----------
    id
        Letters, digits and ``_``; unique in a report.
    template
        Key of the sentence in the catalogues: ``finding.<template>``. The sentence may use
        ``{estimate}``, ``{interval}``, ``{base}``, ``{period}`` and the names in ``values``.
    chapter, section, subject
        Where it belongs; at most one finding a subject reaches the verdict page.
    estimate, low, high, level
        Estimate and its interval at ``level``; low and high None where there is none.
    unit
        Unit of estimate, low and high.
    base, base_unit
        How many customers, orders, ... it rests on.
    definition
        Glossary id of the ratio.
    period
        First and last day, ISO; both empty where there is nothing it could be about.
    method
        Key of the method (``method.<method>`` in the catalogues).
    task
        Which task it serves: acquire, activate, retain, win_back.
    group
        Whom it is about; empty for all customers.
    evidence
        Grade of evidence.
    at_stake
        Net sales of the customers the finding is about, in the brand's currency; None where not a
        sum of sales.
    provenance
        Source of the rows.
    status, reason
        ``withheld`` with the key of the reason (``reason.<reason>``) where the data cannot tell.
    values
        Further values the sentence prints.
    wording
        A person's own sentence by language, which stands in the place of the catalogues'.
    """

    id: str
    template: str
    chapter: str
    section: str
    subject: str
    estimate: float | None
    unit: str
    base: int
    base_unit: str
    definition: str
    period: tuple[str, str]
    method: str
    low: float | None = None
    high: float | None = None
    level: float | None = None
    task: Task = "none"
    group: str = ""
    evidence: Evidence = "observed"
    at_stake: float | None = None
    provenance: str = ""
    status: Literal["stated", "withheld"] = "stated"
    reason: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    wording: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _ID.match(self.id):
            msg = f"finding id {self.id!r}: only letters, digits and _ are allowed"
            raise ValueError(msg)
        for name in ("estimate", "low", "high", "at_stake"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                msg = f"finding {self.id}: {name} is {number}"
                raise ValueError(msg)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, floats at 12 significant digits."""
        return _plain(dataclasses.asdict(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """Rebuild a finding from :meth:`as_dict`."""
        rest = dict(data)
        rest["period"] = tuple(rest["period"])
        rest["values"] = {name: Value(**value) for name, value in rest["values"].items()}
        return cls(**rest)


def state(finding: Finding, *, base_limit: int) -> Finding:
    """Return ``finding``, withheld where its base is below ``base_limit``.

    A finding that is already withheld keeps its reason.
    """
    if finding.status == "withheld" or finding.base >= base_limit:
        return finding
    return dataclasses.replace(
        finding,
        status="withheld",
        reason="base_too_small",
        estimate=None,
        low=None,
        high=None,
        at_stake=None,
        values={},  # they tell the same number in other words
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value == 0:
        return value
    if isinstance(value, int):
        return int(value)
    if not math.isfinite(value):  # JSON has no word for it
        return None
    return float(f"{float(value):.12g}")
