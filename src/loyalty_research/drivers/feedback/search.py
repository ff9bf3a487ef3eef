"""Find words and patterns in a text, the longest word at each place, by their first letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_HEAD = re.compile(
    r"(?:\(\?<[=!][^()]*\))?(?P<head>\(\?:[^()]*\)|\[[^\]]*\]|\\d|[^()\[\].\\])(?![?*{])"
)
_STOPS = ",，:：()（） \t"
_DIGITS = "0123456789"
STOP = "stop"


def first_letters(pattern: str) -> str | None:
    """Return letters with which a match of ``pattern`` may begin; None where it may be any.

    Those of its first part, where that is a letter, a class or a plain group that must stand.
    """
    found = _HEAD.match(pattern)
    if found is None or "-" in found["head"] or found["head"].startswith("[^"):
        return None
    head = found["head"].removeprefix("(?:")
    if any(part == "" for part in head.rstrip(")").split("|")):
        return None
    return head + (_DIGITS if r"\d" in head else "")


def trie(words: Iterable[str]) -> str:
    """Return an expression that finds any of ``words``, the longest first, without trying each."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _branch(tree)


def _branch(node: Mapping[str, Any]) -> str:
    ends = "" in node
    parts = [re.escape(letter) + _branch(rest) for letter, rest in node.items() if letter]
    if not parts:
        return ""
    inner = parts[0] if len(parts) == 1 and not ends else f"(?:{'|'.join(parts)})"
    return f"{inner}?" if ends else inner


class Search:
    """Finds patterns and words in lower-case text.

    Parameters
    ----------
    words
        Words; a Latin one is found as a whole word only.
    patterns
        Regular expressions by a name that can name a group. A pattern goes before words at its
        place.

    Notes
    -----
    What may begin with a letter is compiled when that letter is first met, so that at each place
    only few expressions are tried. Expressions must be bounded; time is linear in the text then.
    """

    def __init__(self, words: Iterable[str], patterns: Mapping[str, str]) -> None:
        self._words: dict[str, list[str]] = {}
        for word in words:
            self._words.setdefault(word[0], []).append(word)
        self._patterns: dict[str, list[str]] = {}
        anywhere: list[str] = []
        for name, pattern in patterns.items():
            part, letters = f"(?P<{name}>{pattern})", first_letters(pattern)
            if letters is None:
                anywhere.append(part)
            for letter in set(letters or ""):
                self._patterns.setdefault(letter, []).append(part)
        self._anywhere = anywhere
        self._compiled: dict[str, Any] = dict.fromkeys(
            _STOPS, re.compile(rf"(?P<{STOP}>[{_STOPS}]+)").match
        )

    def find(self, text: str) -> Iterator[re.Match[str]]:
        """Yield matches from left to right, and runs of commas and blanks as group ``stop``."""
        place, end, compiled = 0, len(text), self._compiled
        while place < end:
            letter = text[place]
            match_at = compiled.get(letter, False)
            if match_at is False:
                match_at = compiled[letter] = self._compile(letter)
            found = match_at(text, place) if match_at is not None else None
            if found is not None and found.end() > place:
                yield found
                place = found.end()
            else:
                place += 1

    def _compile(self, letter: str) -> Any:
        words = self._words.get(letter, [])
        parts: Sequence[str] = [*self._patterns.get(letter, []), *self._anywhere]
        if words:
            latin = "a" <= letter <= "z"
            literal = trie(words)
            parts = [*parts, rf"(?<![a-z]){literal}(?![a-z])" if latin else literal]
        return re.compile("|".join(parts)).match if parts else None
