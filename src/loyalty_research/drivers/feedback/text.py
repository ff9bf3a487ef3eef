"""Comments as sentences: cleaned, split, and in the one form in which words are looked up."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from loyalty_research.drivers.feedback.script import to_simplified

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_ADDRESS = re.compile(r"(?:https?://|www\.)[\w./?=&%#:~+-]+", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"\d[\d-]{6,}")
_BLANK = re.compile(r"[^\S\n]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\ufe0f\x00-\x08\x0b-\x1f\x7f]")
_SENTENCE = re.compile(
    r"[^。！？!?；;\n…~～.]+"
    r"(?:(?:\.(?![\s.\u3400-\u9fff]|$)|(?<![\u3400-\u9fff\s])(?<=\d)[~～](?=\d))"
    r"[^。！？!?；;\n…~～.]*)*"
    r"[。！？!?；;…~～.]*"
)
_WORDED = re.compile(r"[^\W_]", re.UNICODE)
_REPEATED = re.compile(r"([\u3400-\u9fffA-Za-z])\1{2,}")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2019: 0x27}
LONGEST = 400
"""Characters of a sentence; what is longer is cut, at a comma where there is one."""
_CUTS = ",，、 "


def clean(text: str) -> str:
    """Return a comment without HTML, addresses, long numbers and invisible characters."""
    if "&" in text:
        text = html.unescape(text)
    text = _INVISIBLE.sub("", text.replace("\r", "\n"))
    if "<" in text:
        text = _TAG.sub("\n", text)
    text = _NUMBER.sub(" ", _ADDRESS.sub(" ", text))
    return _BLANK.sub(" ", text).strip()


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a cleaned comment, with the mark that ends each.

    Notes
    -----
    A full stop ends a sentence before a blank, the end, or a Chinese character; so ``3.5`` stays
    whole. Line ends, ellipses and tildes end one, too, but for a tilde between digits. What has
    neither a letter nor a digit is no sentence.
    """
    return [piece for found in _SENTENCE.findall(text) for piece in _pieces(found.strip())]


def _pieces(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST:
        place = max(sentence.rfind(sign, LONGEST // 2, LONGEST) for sign in _CUTS)
        end = place + 1 if place > 0 else LONGEST
        yield sentence[:end].strip()
        sentence = sentence[end:]
    if _WORDED.search(sentence):
        yield sentence.strip()


def folded(sentence: str) -> str:
    """Return a sentence as words are looked up: simplified, half width, lower case.

    A letter that repeats three times or more stands once if Chinese, twice if Latin.
    """
    plain = to_simplified(sentence.translate(_WIDE)).lower()
    return _REPEATED.sub(_fewer, plain)


def _fewer(match: re.Match[str]) -> str:
    letter = match[1]
    return letter * 2 if letter.isascii() else letter
