"""Words of sentences, for topics: Chinese by jieba, with the brand's own, and English."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import yaml
from scipy import sparse

from loyalty_research.brand.home import cache_folder, find_home
from loyalty_research.drivers.feedback.lexicon import FOLDER
from loyalty_research.drivers.feedback.text import folded

_WORD = re.compile(r"[a-z][a-z'’-]+|[\u3400-\u9fff]{2,}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[a-z][a-z'-]+")
_LABEL = re.compile(r"〔[^〔〕]{1,8}〕|\[[a-z ]{1,16}\]")
_FREQUENCY = 1_000_000
"""How common a brand's own word is taken to be: enough to be kept whole."""


@dataclass(frozen=True, slots=True)
class Words:
    """How often words stand in texts.

    Parameters
    ----------
    vocabulary
        Words, shape (v,).
    counts
        Sparse matrix, one row a text, shape (n, v).
    """

    vocabulary: tuple[str, ...]
    counts: Any


def count_words(sentences: Sequence[str], *, words: Iterable[str] = ()) -> Words:
    """Count the words of sentences.

    Parameters
    ----------
    sentences
        Sentences as they were written.
    words
        Words of the brand's own, such as product names: each is kept whole.

    Returns
    -------
    Words
        Without stop words, numbers, single characters and the labels of masked identities; the
        vocabulary in the order of first use.
    """
    cutter, stop = _cutter(tuple(sorted({folded(word) for word in words if word.strip()}))), _stop()
    index: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for sentence in sentences:
        text = folded(_LABEL.sub(" ", sentence))
        columns.extend(
            index.setdefault(word, len(index)) for word in _words(text, cutter) if word not in stop
        )
        ends.append(len(columns))
    counts = sparse.csr_array(
        (np.ones(len(columns), np.int32), np.array(columns, np.int64), np.array(ends, np.int64)),
        shape=(len(sentences), len(index)),
    )
    counts.sum_duplicates()
    return Words(tuple(index), counts)


def _words(text: str, cutter: Any) -> Iterable[str]:
    if _CHINESE.search(text):
        return (word for word in cutter.cut(text) if _WORD.fullmatch(word))
    return _LATIN.findall(text)


@cache
def _stop() -> frozenset[str]:
    text = (find_home() / FOLDER / "stopwords.yaml").read_text(encoding="utf-8")
    lists: dict[str, list[str]] = yaml.safe_load(text)
    return frozenset(word for words in lists.values() for word in words)


@cache
def _cutter(words: tuple[str, ...]) -> Any:
    """Return a tokenizer of its own that knows ``words``; its cache stands in the project's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its age
        import jieba

    jieba.setLogLevel(logging.CRITICAL)  # a cache that cannot be written is only made again
    tokenizer = jieba.Tokenizer()
    folder = cache_folder() / "jieba"
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tokenizer.cache_file = str(folder / "words.cache")
    tokenizer.initialize()
    for word in words:
        tokenizer.add_word(word, _FREQUENCY)
    return tokenizer
