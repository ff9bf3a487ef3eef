"""Everything a programme file says, rule by rule, in both languages and with its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from loyalty_research.brand.fields import Bilingual
from loyalty_research.language.catalogue import LANGUAGES
from loyalty_research.programmes.fields import Rule
from loyalty_research.programmes.rule_texts import (
    text_of_benefit,
    text_of_conversion,
    text_of_earning,
    text_of_expiry,
    text_of_level,
    text_of_levels,
    text_of_reward,
)
from loyalty_research.programmes.schema import Expiry, Programme, Tiers
from loyalty_research.programmes.wording import Wording

COLUMNS = (
    "programme",
    "programme_zh",
    "programme_en",
    "part",
    "topic",
    "rule",
    "text_zh",
    "text_en",
    "assumed_zh",
    "assumed_en",
    "source",
    "title",
    "grade",
    "date",
    "url",
    "unknown",
)


def mechanics(programmes: Programme | Iterable[Programme]) -> pd.DataFrame:
    """Return everything that programme files say, one row a rule.

    Parameters
    ----------
    programmes
        One, or several.

    Returns
    -------
    DataFrame
        ``programme`` (id), ``programme_zh``, ``programme_en``; ``part`` of the file (``earn``,
        ``expiry``, ``conversions``, ``levels``, ``rewards``, ``benefits``, ``mechanics``,
        ``unknown``) and ``topic``; ``rule`` (id); ``text_zh``, ``text_en``, the rule as a sentence
        made from it; ``assumed_zh``, ``assumed_en``, what was set without a source; ``source`` (all
        ids), and ``title``, ``grade``, ``date``, ``url`` of the best and then newest of them;
        ``unknown`` marks what was looked for and not found. Texts are missing where there is none.
    """
    several = [programmes] if isinstance(programmes, Programme) else programmes
    rows = [row for programme in several for row in _rows(programme)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(programme: Programme) -> Iterator[dict[str, Any]]:
    both = [Wording(programme, language) for language in LANGUAGES]
    yield from _points(programme, both)
    yield from _levels(programme, both)
    for reward in programme.rewards:
        told = _named(both, reward, [text_of_reward(words, reward) for words in both])
        yield _row(programme, "rewards", "redeem", told, reward)
    for benefit in programme.benefits:
        topic = "birthday" if benefit.per == "birthday" else "benefit"
        told = _named(both, benefit, [text_of_benefit(words, benefit) for words in both])
        yield _row(programme, "benefits", topic, told, benefit)
    for item in programme.mechanics:
        told = _named(both, item, [words.of(item.text) for words in both])
        yield _row(programme, "mechanics", item.topic, told, item)
    for gap in programme.unknown:
        yield {**_row(programme, "unknown", gap.topic, _texts(gap.what)), "unknown": True}


def _points(programme: Programme, both: list[Wording]) -> Iterator[dict[str, Any]]:
    for rule in programme.earn:
        told = _named(both, rule, [text_of_earning(words, rule) for words in both])
        yield _row(programme, "earn", "earn", told, rule)
    for name, wallet in programme.wallets.items():
        living = [text_of_expiry(words, name, wallet.expiry) for words in both]
        yield _row(programme, "expiry", "expiry", _each(living), wallet.expiry)
    for move in programme.conversions:
        told = _named(both, move, [text_of_conversion(words, move) for words in both])
        yield _row(programme, "conversions", "redeem", told, move)


def _levels(programme: Programme, both: list[Wording]) -> Iterator[dict[str, Any]]:
    tiers = programme.tiers
    if tiers is None or len(tiers.levels) == 1:
        return
    if any(level.threshold for level in tiers.levels):
        told = _each([text_of_levels(words, tiers) for words in both])
        yield _row(programme, "levels", "tiers", told, tiers)
    for level in tiers.levels:
        told = _named(both, level, [text_of_level(words, tiers, level) for words in both])
        yield _row(programme, "levels", "paid" if level.fee else "tiers", told, level)


def _each(texts: list[str]) -> dict[str, str]:
    """Return texts by language."""
    return dict(zip(LANGUAGES, texts, strict=True))


def _named(both: list[Wording], rule: Rule, texts: list[str]) -> dict[str, str]:
    """Return a rule's name and its sentence, by language."""
    pairs = zip(both, texts, strict=True)
    return _each([words.say("named", name=words.of(rule.name), text=text) for words, text in pairs])


def _texts(text: Bilingual | None) -> dict[str, str | None]:
    return {name: None if text is None else getattr(text, name) for name in LANGUAGES}


def _row(
    programme: Programme,
    part: str,
    topic: str,
    told: Mapping[str, str | None],
    rule: Rule | Expiry | Tiers | None = None,
) -> dict[str, Any]:
    """Return a row; ``rule`` brings source and assumption where it has them."""
    ids = rule.source if rule is not None else ()
    assumed = _texts(rule.assumed if rule is not None else None)
    listed = [programme.sources[name] for name in ids if name in programme.sources]
    newest_first = sorted(listed, key=lambda item: item.date or "", reverse=True)
    best = min(newest_first, key=lambda item: item.grade, default=None)
    return {
        "programme": programme.id,
        "programme_zh": programme.name.zh,
        "programme_en": programme.name.en,
        "part": part,
        "topic": topic,
        "rule": getattr(rule, "id", None),
        "text_zh": told["zh"],
        "text_en": told["en"],
        "assumed_zh": assumed["zh"],
        "assumed_en": assumed["en"],
        "source": ", ".join(ids) or None,
        "title": best.title if best else None,
        "grade": best.grade if best else None,
        "date": best.date if best else None,
        "url": best.url if best else None,
        "unknown": False,
    }
