"""Which sections state a difference, by which rule, and how often chance may make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loyalty_research.findings import Finding
from loyalty_research.results import Result

Results = Mapping[str, Result]


@dataclass(frozen=True)
class Claim:
    """A difference that a section may state.

    Parameters
    ----------
    name
        Section, and what is claimed.
    rule
        When it is claimed, in words.
    nominal
        How often chance may make it, at most.
    made
        Tells from the results of a world whether it was.
    """

    name: str
    rule: str
    nominal: float
    made: Callable[[Results], bool]


def _finding(result: Result, template: str) -> Finding:
    found = [item for item in result.findings if item.template == template]
    if not found:
        msg = f"{result.name}: no finding {template}"
        raise LookupError(msg)
    return found[0]


def _able(finding: Finding, *, reasons: tuple[str, ...] = ("no_difference", "no_excess")) -> bool:
    """Tell whether it is stated; refuse where it was withheld for want of data."""
    if finding.status == "withheld" and finding.reason not in reasons:
        msg = f"{finding.template}: withheld, {finding.reason}: the world does not test it"
        raise LookupError(msg)
    return finding.status == "stated"


def _stated(result: str, template: str) -> Callable[[Results], bool]:
    return lambda results: _able(_finding(results[result], template))


def _apart(result: str, template: str) -> Callable[[Results], bool]:
    """Tell whether an interval leaves out nothing."""

    def made(results: Results) -> bool:
        finding = _finding(results[result], template)
        assert finding.low is not None
        assert finding.high is not None
        return not finding.low <= 0 <= finding.high

    return made


def _verdict(result: str, template: str) -> Callable[[Results], bool]:
    return lambda results: (
        dict(_finding(results[result], template).values)["verdict"].value == "True"
    )


def _told(result: str, template: str) -> Callable[[Results], bool]:
    return lambda results: bool(dict(_finding(results[result], template).values)["told"].value)


def _any(result: str, frame: str, column: str) -> Callable[[Results], bool]:
    def made(results: Results) -> bool:
        flags = results[result].frames[frame][column]
        assert len(flags)
        return bool(flags.astype(bool).any())

    return made


def _moved(result: str, kind: str) -> Callable[[Results], bool]:
    """Tell whether one comparison of the board states a move."""

    def made(results: Results) -> bool:
        found = [
            item
            for item in results[result].findings
            if item.template == "board_move" and item.definition == kind
        ]
        assert found
        return any(_able(item) for item in found)

    return made


def _second(results: Results) -> bool:
    frame = results["board_coming"].frames["comparison_yoy"].set_index("indicator")
    return bool(frame.loc["second_purchase_rate", "p_value"] < 0.05)


def _gap(results: Results) -> bool:
    return any(item.template == "price_gap" for item in results["prices"].findings)


_FAMILY = "any indicator, Holm over all of them"
CLAIMS = (
    Claim("board: period against the year before", _FAMILY, 0.05, _moved("board_year", "yoy")),
    Claim("board: month against the month before", _FAMILY, 0.05, _moved("board_month", "mom")),
    Claim(
        "board: second half against the first",
        "interval of the change leaves out 0",
        0.05,
        _apart("board_year", "board_sales_change"),
    ),
    Claim("board: second purchase between periods", "p < 0.05 before Holm", 0.05, _second),
    Claim(
        "migration: moves down",
        "lower bound of the excess above 0",
        0.025,
        _stated("migration", "migration_down"),
    ),
    Claim(
        "migration: moves up",
        "lower bound of the excess above 0",
        0.025,
        _stated("migration", "migration_up"),
    ),
    Claim(
        "migration: any move",
        "flagged, Holm over all moves",
        0.05,
        _any("migration", "summary", "beyond_chance"),
    ),
    Claim(
        "stores: some differ from the chain",
        "any shrunk interval leaves out the mean",
        0.05,
        _told("store_board", "store_spread"),
    ),
    Claim(
        "staff: some differ from the mean",
        "any shrunk interval leaves out the mean",
        0.05,
        _told("staff", "staff_spread"),
    ),
    Claim(
        "tiers: repurchase of the top tier",
        "interval of the difference leaves out 0",
        0.05,
        _stated("tiers", "tier_repurchase"),
    ),
    Claim(
        "channels: spend through several at as many orders",
        "said to go beyond chance",
        0.05,
        _verdict("channels", "channel_several"),
    ),
    Claim(
        "promotions: second purchase of newcomers",
        "said to go beyond chance",
        0.05,
        _verdict("promotions", "promotion_second"),
    ),
    Claim("prices: frequent against seldom buyers", "stated as a difference", 0.05, _gap),
    Claim(
        "people: spend by attribute",
        "stated, Bonferroni over all pairs of levels",
        0.05,
        _stated("people", "people_spread"),
    ),
    Claim(
        "preferences: categories by class",
        "any flagged, Bonferroni over all cells",
        0.05,
        _any("preferences", "affinity", "beyond_chance"),
    ),
    Claim(
        "preferences: categories by month",
        "any flagged, Bonferroni over all cells",
        0.05,
        _any("preferences", "seasons", "beyond_chance"),
    ),
)


DESCRIBED = {
    "data, board, concentration, rfm, retention, stores visited, stored value, new products": (
        "an estimate of one group, with its interval where it is one; beside another number it "
        "stands without a word on which is more"
    ),
    "lifecycle: silent customers": (
        "the share that random buying alone would put there stands beside it; no test is claimed"
    ),
    "lifecycle: the client's rule against the own rhythm": "agreement of two definitions",
    "migration: fifths": "shown from both sides, to say that it proves no change",
    "channels: changed main channel": "said to happen by chance as well",
    "timing, promotions: a day of one kind against another": (
        "sums of the days that were; what else differs between the days is said"
    ),
    "tiers, referrals, users of several channels: spend": (
        "differs by construction, since who buys more reaches it more easily; said each time. For "
        "the null, tiers are dealt at random"
    ),
}
"""What sections say without stating a difference, and why it is none."""
