"""The words of aspects and of praise and complaint, as one compiled search."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from loyalty_research.brand.checked_file import changed, read_checked
from loyalty_research.brand.fields import Section, Text
from loyalty_research.brand.fixes import Aspect
from loyalty_research.brand.home import find_home
from loyalty_research.drivers.feedback.search import Search
from loyalty_research.errors import DataError, Problem, problem

FOLDER = Path("data", "feedback")
ASPECTS: tuple[str, ...] = get_args(Aspect)
"""Aspects in the order of every table."""
GENERAL = ""
"""Stands for the aspect of a word that judges whatever the sentence names."""
_STRONG, _WEAK = 1.3, 0.7
_SIGNS = {"good": 1.0, "bad": -1.0}
Words = tuple[Text, ...]


class AspectWords(Section):
    """Words and patterns of one aspect; see data/feedback/aspects.yaml."""

    names: Words = ()
    things: Words = ()
    good: Words = ()
    bad: Words = ()
    patterns: dict[Literal["names", "good", "bad"], Words] = Field(default_factory=dict)


class AspectFile(Section):
    """data/feedback/aspects.yaml."""

    aspects: dict[Aspect, AspectWords]


class SentimentFile(Section):
    """data/feedback/sentiment.yaml."""

    verdict: dict[Literal["good", "bad"], Words]
    good: Words
    bad: Words
    idioms: dict[Literal["good", "bad", "neutral"], Words]
    wishes: Words
    patterns: dict[Literal["good", "bad"], Words]
    negations: Words
    alone: Words
    degrees: dict[Literal["strong", "weak"], Words]
    turns: Words


@dataclass(frozen=True, slots=True)
class Role:
    """What a word does in a sentence.

    Parameters
    ----------
    kind
        ``name``, ``thing``, ``judge``, ``negation``, ``degree``, ``alone``, ``wish``, ``turn``.
    aspect
        That of a name, or of a word that judges one aspect only; :data:`GENERAL` for any.
    value
        1 or -1 of a judging word, the factor of a degree.
    verdict
        Whether it judges the product where the sentence names nothing.
    fixed
        Whether a negation before it changes nothing.
    """

    kind: str
    aspect: str = GENERAL
    value: float = 0.0
    verdict: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words compiled: what finds them, and their roles.

    Parameters
    ----------
    search
        Finds words and patterns; named groups are patterns.
    words, patterns
        Roles by word, and by name of the group.
    """

    search: Search
    words: Mapping[str, tuple[Role, ...]]
    patterns: Mapping[str, tuple[Role, ...]]


def load_lexicon(
    more: Mapping[str, Sequence[str]] | None = None, *, home: Path | None = None
) -> Lexicon:
    """Read and compile data/feedback/aspects.yaml and sentiment.yaml.

    Parameters
    ----------
    more
        Further words that name an aspect, by aspect.
    home
        Folder that holds ``data/feedback``; None for that of the project in use.

    Raises
    ------
    DataError
        Where a file is missing or not as it must be.
    """
    folder = (home or find_home()) / FOLDER
    added = tuple((aspect, tuple(sorted(set(words)))) for aspect, words in (more or {}).items())
    files = folder / "aspects.yaml", folder / "sentiment.yaml"
    return _loaded(*files, (changed(files[0]), changed(files[1])), added)


@lru_cache(maxsize=8)
def _loaded(
    aspects: Path,
    sentiment: Path,
    _changed: tuple[int, int],
    more: tuple[tuple[str, tuple[str, ...]], ...],
) -> Lexicon:
    """Read the files; ``_changed`` tells one state of them from the next."""
    return _compiled(
        read_checked(aspects, AspectFile, mistakes=_mistakes, error=DataError),
        read_checked(sentiment, SentimentFile, mistakes=_mistakes, error=DataError),
        more,
    )


def _mistakes(file: AspectFile | SentimentFile) -> Iterator[Problem]:
    """Yield a problem for every pattern that is none."""
    found = file.aspects.items() if isinstance(file, AspectFile) else [("sentiment", file)]
    for name, part in found:
        for pattern in (item for items in part.patterns.values() for item in items):
            try:
                re.compile(pattern)
            except re.error as error:
                yield problem(
                    "{name}.patterns: {pattern!r} is no regular expression: {reason}",
                    name=name,
                    pattern=pattern,
                    reason=error,
                )


def _compiled(
    aspects: AspectFile, sentiment: SentimentFile, more: tuple[tuple[str, Words], ...]
) -> Lexicon:
    words: dict[str, list[Role]] = {}
    for word, role in (*_aspect_roles(aspects), *_general_roles(sentiment)):
        words.setdefault(word.lower(), []).append(role)
    for aspect, named in more:
        for word in named:
            words.setdefault(word.lower(), []).append(Role("name", aspect))
    patterns: dict[str, list[Role]] = {}
    for pattern, role in _pattern_roles(aspects, sentiment):
        patterns.setdefault(pattern, []).append(role)
    groups = {f"p{place}": pattern for place, pattern in enumerate(patterns)}
    return Lexicon(
        Search(words, groups),
        {word: tuple(roles) for word, roles in words.items()},
        {name: tuple(patterns[pattern]) for name, pattern in groups.items()},
    )


def _aspect_roles(file: AspectFile) -> Iterator[tuple[str, Role]]:
    for aspect, found in file.aspects.items():
        yield from ((word, Role("name", aspect)) for word in found.names)
        yield from ((word, Role("thing", aspect)) for word in found.things)
        for key in ("good", "bad"):
            role = Role("judge", aspect, _SIGNS[key])
            yield from ((word, role) for word in getattr(found, key))


def _general_roles(file: SentimentFile) -> Iterator[tuple[str, Role]]:
    for key, sign in _SIGNS.items():
        yield from ((w, Role("judge", value=sign, verdict=True)) for w in file.verdict[key])  # type: ignore[index]
        yield from ((w, Role("judge", value=sign)) for w in getattr(file, key))
        yield from (
            (w, Role("judge", value=sign, verdict=True, fixed=True))
            for w in file.idioms[key]  # type: ignore[index]
        )
    yield from ((word, Role("neutral")) for word in file.idioms["neutral"])
    yield from ((word, Role("wish")) for word in file.wishes)
    yield from ((word, Role("negation")) for word in file.negations)
    yield from ((word, Role("alone")) for word in file.alone)
    yield from ((word, Role("degree", value=_STRONG)) for word in file.degrees["strong"])
    yield from ((word, Role("degree", value=_WEAK)) for word in file.degrees["weak"])
    yield from ((word, Role("turn")) for word in file.turns)


def _pattern_roles(aspects: AspectFile, sentiment: SentimentFile) -> Iterator[tuple[str, Role]]:
    for aspect, found in aspects.aspects.items():
        for key, patterns in found.patterns.items():
            role = (
                Role("name", aspect)
                if key == "names"
                else Role("judge", aspect, _SIGNS[key], fixed=True)
            )
            yield from ((pattern, role) for pattern in patterns)
    for key, patterns in sentiment.patterns.items():
        role = Role("judge", value=_SIGNS[key], verdict=True, fixed=key == "bad")
        yield from ((pattern, role) for pattern in patterns)
