"""Aspects of a sentence, and whether it praises them or complains, by the words of the lexicon."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from loyalty_research.drivers.feedback.lexicon import GENERAL, Lexicon, Role
from loyalty_research.drivers.feedback.search import STOP

_NEAR, _NEAR_LATIN = 2, 12
"""Characters that may stand between a negation and what it negates: Chinese, Latin."""
_TIE = 0.25
"""Share of all weight below which praise and complaint of one aspect balance."""
_WISHED = 0.7
_TIES = ("和", "与", "及", "以及", "、", "跟", "还有", "and", "&")
PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What one sentence says.

    Parameters
    ----------
    aspects
        Score by aspect: above 0 praise, below 0 complaint, 0 both alike; NaN where the aspect is
        named and nothing judges it.
    score
        Sum of all that judges, with or without an aspect.
    """

    aspects: Mapping[str, float]
    score: float


@dataclass(slots=True)
class _Token:
    role: Role
    start: int
    end: int
    latin: bool
    value: float = 0.0


@dataclass(slots=True)
class _Clause:
    tokens: list[_Token] = field(default_factory=list)


def score_sentence(text: str, lexicon: Lexicon) -> Sentence:
    """Return the aspects of a sentence and their scores.

    Parameters
    ----------
    text
        A sentence as :func:`~loyalty_research.drivers.feedback.text.folded` returns it.
    lexicon
        Compiled words.

    Notes
    -----
    Clauses end at commas, blanks and words such as 但是. A judging word is turned round by each
    negation just before it and weighed by a degree. It belongs to its own aspect, else to the
    names before it that nothing has judged yet, else to those behind it, else to those of the
    clause before. A sentence that judges and names nothing speaks of the product. A wish that
    something were better is a complaint, and a question praises nothing.
    """
    question = text.rstrip().endswith(("?", "？"))
    found: dict[str, list[float]] = {}
    loose: list[_Token] = []
    before: list[str] = []
    for clause in _clauses(text, lexicon):
        judged = _judged(clause, question)
        _join(text, clause, judged, found)
        before = _attach(clause, judged, before, found, loose)
    if not found and any(token.role.verdict for token in loose):
        found[PRODUCT] = [token.value for token in loose]
        total = sum(found[PRODUCT])
    else:
        total = sum(sum(values) for values in found.values()) + sum(t.value for t in loose)
    return Sentence({aspect: _balance(values) for aspect, values in found.items()}, total)


def _balance(values: list[float]) -> float:
    if not values:
        return math.nan
    total, weight = sum(values), sum(abs(value) for value in values)
    return 0.0 if abs(total) <= _TIE * weight else total


def _clauses(text: str, lexicon: Lexicon) -> Iterator[_Clause]:
    clause = _Clause()
    for match in lexicon.search.find(text):
        group = match.lastgroup
        if group == STOP:
            blank = match[0].isspace()
            if not blank or not _between_latin(text, match.start(), match.end()):
                yield clause
                clause = _Clause()
            continue
        roles = lexicon.patterns[group] if group else lexicon.words[match[0]]
        latin = match[0][0].isascii()
        for role in roles:
            if role.kind == "turn" and clause.tokens:
                yield clause
                clause = _Clause()
            clause.tokens.append(_Token(role, match.start(), match.end(), latin, role.value))
    yield clause


def _between_latin(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start].isascii() and text[end : end + 1].isascii()


def _judged(clause: _Clause, question: bool) -> list[_Token]:
    """Return what judges in a clause, negations and degrees applied."""
    tokens = clause.tokens
    wished = -1
    judged: list[_Token] = []
    for place, token in enumerate(tokens):
        kind = token.role.kind
        if kind == "wish":
            wished = place
        elif kind == "alone" and not _followed(tokens, place):
            token.value = -_WISHED
            judged.append(token)
        elif kind == "judge":
            token.value = _turned(tokens, place)
            if token.value > 0 and (wished >= 0 or question):
                token.value = 0.0 if question else -token.value
            judged.append(token)
    judged.extend(_lacking(tokens, judged))
    if wished >= 0 and not judged:
        tokens[wished].value = -_WISHED
        judged.append(tokens[wished])
    judged.sort(key=lambda token: token.start)
    return judged


def _followed(tokens: list[_Token], place: int) -> bool:
    """Tell whether a degree such as 有点 weighs a judging word, or is part of a turn."""
    here = tokens[place]
    return any(
        other.role.kind == "judge" and other.start - here.end <= _reach(here)
        for other in tokens[place + 1 :]
        if other.start >= here.end
    ) or any(other.role.kind == "judge" and other.start == here.start for other in tokens)


def _reach(token: _Token) -> int:
    return _NEAR_LATIN if token.latin else _NEAR


def _turned(tokens: list[_Token], place: int) -> float:
    """Return the value of a judging word after the negations and degrees before it."""
    token = tokens[place]
    value, edge = token.role.value, token.start
    for other in reversed(tokens[:place]):
        if other.end > edge:
            continue
        if other.role.kind == "alone":
            continue
        if other.role.kind not in ("negation", "degree"):
            break
        if edge - other.end > _reach(other):
            break
        if other.role.kind == "degree":
            value *= other.role.value
        elif other.role.kind == "negation" and not token.role.fixed:
            value = -value
        edge = other.start
    return value


def _lacking(tokens: list[_Token], judged: list[_Token]) -> Iterator[_Token]:
    """Yield a complaint for each name that a negation stands right before: no hot water."""
    if judged:
        return
    for first, second in itertools.pairwise(tokens):
        lacks = first.role.kind == "negation" and second.role.kind == "name"
        if lacks and 0 <= second.start - first.end <= 1:
            yield _Token(
                Role("judge", second.role.aspect, -1.0), first.start, second.end, False, -1.0
            )


def _attach(
    clause: _Clause,
    judged: list[_Token],
    before: list[str],
    found: dict[str, list[float]],
    loose: list[_Token],
) -> list[str]:
    """Put the judging words of a clause to its aspects; return the aspects it leaves behind."""
    names = _names(clause, judged)
    general = [token for token in judged if token.role.aspect == GENERAL]
    own = [token for token in judged if token.role.aspect != GENERAL]
    for token in own:
        found.setdefault(token.role.aspect, []).append(token.value)
    used: set[int] = set()
    for token in general:
        aspects = _meant(token, names, used, general) or [t.role.aspect for t in own] or before
        if aspects:
            for aspect in dict.fromkeys(aspects):
                found.setdefault(aspect, []).append(token.value)
        else:
            loose.append(token)
    if general or not own:
        for name in names:
            found.setdefault(name.role.aspect, [])
    left = [name.role.aspect for name in names] or [token.role.aspect for token in own]
    return list(dict.fromkeys(left)) or before


def _join(text: str, clause: _Clause, judged: list[_Token], found: dict[str, list[float]]) -> None:
    """Judge a name that 和 or and ties to one that is judged with its own words."""
    for name in clause.tokens:
        if name.role.kind != "name":
            continue
        for token in judged:
            tied = text[name.end : token.start].strip() in _TIES and token.start > name.end
            if tied and token.role.aspect not in (GENERAL, name.role.aspect):
                found.setdefault(name.role.aspect, []).append(token.value)


def _names(clause: _Clause, judged: list[_Token]) -> list[_Token]:
    names = [token for token in clause.tokens if token.role.kind == "name"]
    if names or not judged or any(token.role.aspect != GENERAL for token in judged):
        return names
    return [token for token in clause.tokens if token.role.kind == "thing"]


def _meant(token: _Token, names: list[_Token], used: set[int], general: list[_Token]) -> list[str]:
    """Return the aspects a judging word speaks of within its clause."""
    ahead = [place for place, name in enumerate(names) if name.end <= token.start]
    fresh = [place for place in ahead if place not in used]
    if not fresh:
        following = [other.start for other in general if other.start > token.start]
        limit = min(following, default=1 << 30)
        behind = [
            place
            for place, name in enumerate(names)
            if name.start >= token.start and name.start < limit and place not in used
        ]
        fresh = (behind if not ahead else []) or ahead[-1:] or behind
    used.update(fresh)
    return [names[place].role.aspect for place in fresh]
