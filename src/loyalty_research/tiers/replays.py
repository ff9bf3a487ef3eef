"""Several programmes replayed on one brand's purchases, once for all that is asked of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from loyalty_research.engine import Context
from loyalty_research.errors import ParameterError, problem
from loyalty_research.language import LANGUAGES, translator
from loyalty_research.profile.common import Days, as_days
from loyalty_research.programmes.ledger import Ledger
from loyalty_research.programmes.load import load_programme
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.ledgers import joined_days, replay_on

AT_ONCE = "at_once"
NO_LEVELS = ""
"""Level of members where a programme has none."""


@dataclass(frozen=True, slots=True)
class Run:
    """One programme and its ledger.

    Parameters
    ----------
    programme
        Its rules.
    ledger
        What they give on the purchases.
    present
        Whether the brand runs it.
    name
        By language; told apart by the year where two have the same.
    short
        The same in short: present, candidate 1, candidate 2.
    """

    programme: Programme
    ledger: Ledger
    present: bool
    name: Mapping[str, str]
    short: Mapping[str, str]

    @property
    def levels(self) -> tuple[tuple[str, str, str], ...]:
        """Levels in rising order: id, Chinese and English name."""
        if self.programme.tiers is None:
            name = in_both("label.programme_level.none")
            return ((NO_LEVELS, name["zh"], name["en"]),)
        return tuple((item.id, item.name.zh, item.name.en) for item in self.programme.tiers.levels)

    def named(self) -> dict[str, Any]:
        """Return the columns that name the programme in a frame."""
        return {
            "programme": self.programme.id,
            "programme_zh": self.name["zh"],
            "programme_en": self.name["en"],
        }


@dataclass(frozen=True, slots=True)
class Replays:
    """Programmes on the same purchases, as :func:`replays` makes them.

    Parameters
    ----------
    runs
        The brand's own programme first, where it runs one.
    programmes
        All that were asked for, those included of which too little is known to replay them.
    context
        Of the brand's tables.
    days
        The period.
    redemption
        The policy.
    recorded
        Whether the brand's table of customers says who joined and when; else everyone joins with
        the first order.
    reason, missing
        Why nothing could be replayed, and the table or column that would be needed.
    """

    runs: tuple[Run, ...]
    programmes: tuple[Programme, ...]
    context: Context
    days: Days
    redemption: str = AT_ONCE
    recorded: bool = False
    reason: str = ""
    missing: tuple[str, str] = ("", "")

    @property
    def cards(self) -> tuple[Programme, ...]:
        """Programmes of which too little is known to replay them."""
        return tuple(item for item in self.programmes if item.status != "replayable")

    @property
    def main(self) -> Run | None:
        """The brand's own programme, else the first; None where there is none."""
        return self.runs[0] if self.runs else None

    @property
    def others(self) -> tuple[Run, ...]:
        """All but the main one."""
        return self.runs[1:]


def replays(
    brand: Any,
    programmes: Iterable[Programme | str] | None = None,
    *,
    redemption: str = AT_ONCE,
    paid: str | None = None,
    period: Any = None,
) -> Replays:
    """Replay the brand's own programme and candidates on its purchases as they were.

    Parameters
    ----------
    brand
        An opened brand.
    programmes
        Programmes, or their names or files; None for the brand's own and its candidates.
    redemption
        ``none``, ``at_once``, ``observed`` (needs points_used on the lines) or the id of a reward
        that members save for.
    paid
        Id of a paid level that every member holds, in the programmes that have it.
    period
        First and last day; None for the brand's.

    Returns
    -------
    Replays
        Nobody's behaviour is assumed to change. With the brand's table of customers saying who
        joined and when, the same people are members of every programme from those days on; without
        it everyone joins with the first order. Where the brand names no programme or brings no
        identified orders, it has no runs and says why.

    Raises
    ------
    ParameterError
        Where a programme is in another currency than the brand.
    """
    days = as_days(period if period is not None else brand.period)
    present = brand.programme
    chosen = _chosen(brand, programmes)
    chosen.sort(key=lambda item: present is None or item.id != present.id)
    kept = [item for item in chosen if item.status == "replayable"]
    reason, missing = _lacking(brand, chosen, kept)
    common: dict[str, Any] = {"context": brand.context, "days": days, "redemption": redemption}
    if reason:
        return Replays((), tuple(chosen), reason=reason, missing=missing, **common)
    _check_currency(brand, kept)
    joined = joined_days(brand)
    runs = tuple(
        Run(
            item,
            replay_on(brand, item, redemption=redemption, paid=paid, days=days, joined=joined),
            present is not None and item.id == present.id,
            name,
            short,
        )
        for item, name, short in zip(kept, _names(kept), _shorts(kept, present), strict=True)
    )
    return Replays(runs, tuple(chosen), recorded=joined is not None, **common)


def in_both(key: str, **values: str) -> dict[str, str]:
    """Return a message of the catalogues by language."""
    return {language: translator(language).text(key, **values) for language in LANGUAGES}


def _chosen(brand: Any, programmes: Iterable[Programme | str] | None) -> list[Programme]:
    if programmes is None:
        own = [brand.programme] if brand.programme is not None else []
        return [*own, *brand.candidates]
    return [load_programme(item) if isinstance(item, str) else item for item in programmes]


def _lacking(
    brand: Any, chosen: list[Programme], kept: list[Programme]
) -> tuple[str, tuple[str, str]]:
    """Return why nothing can be replayed; empty where something can."""
    if not chosen:
        return "no_programme", ("", "")
    if not kept:
        return "programme_card_only", ("", "")
    if not brand.has("orders"):
        return "needs_table", ("transactions", "")
    if "customer_id" not in brand.orders.columns:
        return "needs_column", ("transactions", "customer_id")
    return "", ("", "")


def _check_currency(brand: Any, programmes: Iterable[Programme]) -> None:
    own = brand.context.currency
    wrong = [
        problem(
            "programme {programme}: its amounts are in {found}, those of brand {brand} in "
            "{allowed}; write a candidate in the brand's currency",
            programme=item.id,
            found=item.currency,
            brand=brand.name,
            allowed=own,
        )
        for item in programmes
        if own is not None and item.currency != own
    ]
    if wrong:
        raise ParameterError(*wrong)


def _shorts(programmes: list[Programme], present: Programme | None) -> list[dict[str, str]]:
    """Return short names: present, and candidates by number where there are several."""
    own = [present is not None and item.id == present.id for item in programmes]
    number = 0
    made = []
    for is_own in own:
        number += not is_own
        if is_own:
            made.append(in_both("label.programme_status.present"))
        elif own.count(False) == 1:
            made.append(in_both("label.programme_status.candidate"))
        else:
            made.append(in_both("programme.candidate", number=str(number)))
    return made


def _names(listed: list[Programme]) -> list[dict[str, str]]:
    """Return the names; programmes of the same name are told apart by year or by id."""
    seen = Counter(item.name.zh for item in listed)
    years = Counter((item.name.zh, (item.effective_from or "")[:4]) for item in listed)
    made = []
    for item in listed:
        name = {"zh": item.name.zh, "en": item.name.en}
        if seen[item.name.zh] > 1:
            year = (item.effective_from or "")[:4]
            told = year if year and years[item.name.zh, year] == 1 else item.id
            name = {"zh": f"{name['zh']}（{told}）", "en": f"{name['en']} ({told})"}
        made.append(name)
    return made
