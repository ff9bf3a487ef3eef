"""Which script a text is written in, and traditional characters as simplified ones."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)?")
_ACCENTED = re.compile(r"[\u00c0-\u024f]")
_OTHER = re.compile(
    r"[\u0370-\u1fff\u3040-\u30ff\u31f0-\u31ff\ua960-\ua97f\uac00-\ud7ff\uff66-\uff9d]"
)
"""Letters of other scripts: Greek to Georgian, kana, Hangul."""
_ENGLISH = re.compile(
    "a|an|and|are|as|at|be|but|by|can|do|for|from|get|had|has|have|he|i|if|in|is|it|its|just|me|my|"
    "no|not|of|on|one|or|our|she|so|than|that|the|their|them|there|they|this|to|too|us|was|we|were|"
    "what|when|which|who|will|with|would|you|your|very|all",
    re.IGNORECASE,
)
_FEW = 4
"""Words of English that may come without any of its common small words."""
_FIRST, _LAST = 0x4E00, 0x9FFF


def to_simplified(text: str) -> str:
    """Return ``text`` with traditional characters as simplified ones."""
    if not any(letter in traditional_only() for letter in text):
        return text
    return str(_converter("t2s").convert(text))


def language_of(text: str) -> str:
    """Return the language of a text.

    Parameters
    ----------
    text
        One comment.

    Returns
    -------
    str
        ``zh``, ``zh_hant``, ``en``, ``other``, or ``none`` for text without a letter: emoji,
        digits, punctuation.

    Notes
    -----
    A Chinese character counts as a word. Chinese is traditional where it has more characters that
    only traditional writing has than such of simplified writing. Latin text of more than four
    words without any of the common small words of English is another language.
    """
    han = len(HAN.findall(text))
    words = _LATIN_WORD.findall(text)
    other = len(_OTHER.findall(text))
    if not han and not words and not other:
        return "none"
    if other > 0.3 * (han + other) and other >= len(words):
        return "other"
    if han >= len(words) and han:
        return _written(text)
    return "en" if _is_english(words) else "other"


def _is_english(words: list[str]) -> bool:
    common = sum(_ENGLISH.fullmatch(word) is not None for word in words)
    if len(words) > _FEW:
        return common * 10 >= len(words)
    return common > 0 or not any(_ACCENTED.search(word) for word in words)


def _written(text: str) -> str:
    old = sum(letter in traditional_only() for letter in text)
    new = sum(letter in simplified_only() for letter in text)
    return "zh_hant" if old > new else "zh"


@cache
def traditional_only() -> frozenset[str]:
    """Return the characters that simplified writing replaces."""
    return _changed("t2s")


@cache
def simplified_only() -> frozenset[str]:
    """Return the characters that traditional writing replaces."""
    return _changed("s2t")


def _changed(direction: str) -> frozenset[str]:
    letters = [chr(code) for code in range(_FIRST, _LAST + 1)]
    turned = _converter(direction).convert("\n".join(letters)).split("\n")
    return frozenset(old for old, new in zip(letters, turned, strict=True) if old != new)


@cache
def _converter(direction: str) -> Any:
    import opencc

    return opencc.OpenCC(direction)
