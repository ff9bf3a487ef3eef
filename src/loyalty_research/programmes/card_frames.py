"""The frames of programme cards: facts, rules, what rewards and levels take, sources."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from loyalty_research.language.catalogue import LANGUAGES
from loyalty_research.programmes.attainable import Attainability, attainability
from loyalty_research.programmes.complexity import complexity
from loyalty_research.programmes.fields import Source
from loyalty_research.programmes.mechanics import mechanics
from loyalty_research.programmes.schema import Programme
from loyalty_research.programmes.wording import Wording

_REACH = ("what_zh", "what_en", "level_zh", "level_en", "takes_zh", "takes_en", "rate", "rate_is")
_BASES = {"orders": "orders", "visits": "occasions"}


def card_frames(programmes: Sequence[Programme]) -> dict[str, pd.DataFrame]:
    """Return the frames of the cards of some programmes.

    Returns
    -------
    dict
        ``summary`` (one row a programme: names, market, dates, origin, status, assumptions and
        unknowns), ``complexity`` (rules to know by part), ``rules_<programme>``,
        ``reach_<programme>``, ``unknown`` and ``sources``.
    """
    told = mechanics(programmes)
    sources = _sources(programmes)
    for name, texts in _cited(told, programmes, sources).items():
        told[name] = texts
    gaps = told["unknown"].astype(bool)
    frames = {
        "summary": pd.DataFrame([_facts(item, told) for item in programmes]),
        "complexity": pd.DataFrame([_counts(item) for item in programmes]),
    }
    for programme in programmes:
        own = told[(told["programme"] == programme.id) & ~gaps]
        frames[f"rules_{programme.id}"] = own.reset_index(drop=True)
        frames[f"reach_{programme.id}"] = reach_frame(programme)
    frames["unknown"] = told[gaps].reset_index(drop=True)
    frames["sources"] = pd.DataFrame(
        [{"number": number, **source.model_dump()} for source, number in sources.items()],
        columns=["number", "title", "grade", "date", "url"],
    )
    return frames


def reach_frame(programme: Programme) -> pd.DataFrame:
    """Return what each reward and level of a programme takes, in both languages.

    Returns
    -------
    DataFrame
        ``what_zh``, ``what_en`` (reward or level), ``level_zh``, ``level_en`` (at whose rate),
        ``takes_zh``, ``takes_en``, ``rate`` (given back, a share) and ``rate_is``.
    """
    found = attainability(programme)
    both: dict[str, Wording] = {name: Wording(programme, name) for name in LANGUAGES}
    rows = [*_rewards(programme, found, both), *_levels(found, both), *_fees(found, both)]
    return pd.DataFrame(rows, columns=list(_REACH))


def _sources(programmes: Sequence[Programme]) -> dict[Source, int]:
    """Return the number of each source, in the order of programmes and files."""
    every = [source for programme in programmes for source in programme.sources.values()]
    return {source: number for number, source in enumerate(dict.fromkeys(every), start=1)}


def _cited(
    told: pd.DataFrame, programmes: Sequence[Programme], numbers: Mapping[Source, int]
) -> dict[str, list[str | None]]:
    """Return the numbers and grades of all sources of each rule, as texts."""
    by_id = {programme.id: programme.sources for programme in programmes}
    cited: dict[str, list[str | None]] = {"numbers": [], "grades": []}
    for row in told[["programme", "source"]].itertuples():
        ids = str(row.source).split(", ") if isinstance(row.source, str) else []
        found = [by_id[str(row.programme)][name] for name in ids]
        cited["numbers"].append(", ".join(str(numbers[item]) for item in found) or None)
        cited["grades"].append(", ".join(sorted({item.grade for item in found})) or None)
    return cited


def _names(programme: Programme) -> dict[str, str]:
    return {
        "programme": programme.id,
        "programme_zh": programme.name.zh,
        "programme_en": programme.name.en,
    }


def _facts(programme: Programme, told: pd.DataFrame) -> dict[str, Any]:
    own = told[told["programme"] == programme.id]
    return {
        **_names(programme),
        "operator_zh": programme.operator.zh,
        "operator_en": programme.operator.en,
        "market_zh": programme.market.zh,
        "market_en": programme.market.en,
        "since": programme.effective_from,
        "until": programme.effective_to,
        "verified": programme.verified.isoformat() if programme.verified else None,
        "origin": programme.origin,
        "status": programme.status,
        "goal": programme.objective.goal if programme.objective else None,
        "assumed": int(own["assumed_zh"].notna().sum()),
        "unknown": int(own["unknown"].astype(bool).sum()),
    }


def _counts(programme: Programme) -> dict[str, Any]:
    count = complexity(programme)
    return {**_names(programme), **dataclasses.asdict(count), "total": count.total}


def _rewards(
    programme: Programme, found: Attainability, both: Mapping[str, Wording]
) -> Iterator[dict[str, Any]]:
    rewards = {reward.id: reward for reward in programme.rewards}
    for row in found.rewards.to_dict("records"):
        reward = rewards[row["reward"]]
        takes = {}
        for language, words in both.items():
            parts = [_amount(words, row["basis"], row["needs"])]
            if row["up_to_per"]:
                most = _amount(words, row["basis"], row["up_to"])
                spell = words.words.label("rule_spell", row["up_to_per"])
                parts.append(words.say("up_to", amount=most, spell=spell))
            takes[language] = words.joined(parts)
        level = {name: words.level(row["level"]) or None for name, words in both.items()}
        yield _row(
            {name: words.of(reward.name) for name, words in both.items()},
            level,
            takes,
            rate=row["rate"],
            rate_is=row["rate_is"],
        )


def _levels(found: Attainability, both: Mapping[str, Wording]) -> Iterator[dict[str, Any]]:
    for row in found.levels.to_dict("records"):
        what = {name: words.level(row["level"]) for name, words in both.items()}
        months = None if pd.isna(row["months"]) else int(row["months"])
        yield _row(what, None, _within(both, row["basis"], row["needs"], months))


def _fees(found: Attainability, both: Mapping[str, Wording]) -> Iterator[dict[str, Any]]:
    for row in found.fees[found.fees["break_even"].notna()].to_dict("records"):
        what = {
            name: words.say("pays_back", level=words.level(row["level"]))
            for name, words in both.items()
        }
        takes = _within(both, "spend", row["break_even"], row["months"])
        yield _row(what, None, takes, rate=row["extra_rate"], rate_is=row["rate_is"])


def _within(
    both: Mapping[str, Wording], basis: str, needs: float, months: int | None
) -> dict[str, str]:
    """Return what is needed, and the time for it where it ends."""
    takes = {name: _amount(words, basis, needs) for name, words in both.items()}
    if months is None:
        return takes
    return {
        name: words.say("within", amount=takes[name], time=words.months(months))
        for name, words in both.items()
    }


def _row(
    what: Mapping[str, str],
    level: Mapping[str, str | None] | None,
    takes: Mapping[str, str],
    *,
    rate: float = math.nan,
    rate_is: str | None = None,
) -> dict[str, Any]:
    row: dict[str, Any] = {"rate": rate, "rate_is": rate_is}
    for name in LANGUAGES:
        row |= {f"what_{name}": what[name], f"takes_{name}": takes[name]}
        row[f"level_{name}"] = level[name] if level else None
    return row


def _amount(words: Wording, basis: str, needs: float) -> str:
    """Return an amount of spend in cents at most, or how many orders, days or items."""
    exact = Decimal(str(round(needs, 2)))
    if basis == "spend":
        return words.say("spent", amount=words.money(exact))
    if basis in _BASES:
        return words.words.value(needs, _BASES[basis])
    return words.say("item" if exact == 1 else "items", count=words.number(exact))
