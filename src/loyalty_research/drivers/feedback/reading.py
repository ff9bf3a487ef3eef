"""Comments as read: what each says of which aspect, and how that was found out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.feedback.lexicon import ASPECTS
from loyalty_research.drivers.feedback.opening import Split
from loyalty_research.drivers.feedback.words import Words, count_words
from loyalty_research.engine import Context
from loyalty_research.errors import ParameterError, problem
from loyalty_research.study.masking import mask_text


@dataclass(frozen=True)
class Reading:
    """Comments, sentence by sentence.

    Parameters
    ----------
    reviews
        One row a comment by time: feedback_id, day, month (``YYYY-MM``), posted_at, rating, brand,
        customer_id, source, resolved_at, language (``zh``, ``zh_hant``, ``en``, ``other``,
        ``none``), han, latin and characters (counts), sentences, readable, repeated, polarity
        (1 praise, -1 complaint, 0 neither) and score.
    mentions
        One row a comment (``row``, its position in ``reviews``), sentence (from 0) and aspect:
        polarity and score.
    notes
        What was decided how often, by name.
    method
        ``lexicon``, or ``lexicon+classifier`` where one learned from ratings was better out of
        sample.
    reason
        Why: ``better``, ``not_better``, ``no_ratings``, ``one_class``, ``few_rated``.
    quality
        Precision and recall with intervals, by level, name and method.
    context, days
        Of the table; first and last day as ISO strings.
    """

    reviews: pd.DataFrame
    mentions: pd.DataFrame
    notes: Mapping[str, int]
    method: str
    reason: str
    quality: pd.DataFrame
    context: Context
    days: tuple[str, str]
    split: Split = field(repr=False)
    brand_words: tuple[str, ...] = field(default=(), repr=False)
    aspects: tuple[str, ...] = ASPECTS

    def texts(
        self, rows: Sequence[int], sentences: Sequence[int] | None = None, *, language: str = "zh"
    ) -> list[str]:
        """Return comments, or sentences of comments, with persons masked.

        Parameters
        ----------
        rows
            Positions in ``reviews``.
        sentences
            Number of a sentence for each of ``rows``; None for whole comments.
        language
            ``zh`` or ``en``: that of the labels that stand for what is masked.
        """
        found = [" ".join(self.split.texts[i] for i in places) for places in
                 self._places(rows, sentences)]  # fmt: skip
        return [str(mask_text(text, language=language).value) for text in found]

    def words(self, rows: Sequence[int], sentences: Sequence[int] | None = None) -> Words:
        """Return how often words stand in comments, or in sentences of comments.

        Parameters
        ----------
        rows, sentences
            As in :meth:`texts`.

        Returns
        -------
        Words
            One row for each of ``rows``; the vocabulary is that of all comments.
        """
        from scipy import sparse

        places = self._places(rows, sentences)
        columns = np.array([place for group in places for place in group], np.int64)
        ends = np.cumsum([0, *(len(group) for group in places)])
        chosen = sparse.csr_array(
            (np.ones(len(columns), np.int32), columns, ends),
            shape=(len(places), len(self.split.texts)),
        )
        return Words(self._counted.vocabulary, (chosen @ self._counted.counts).tocsr())

    @cached_property
    def _counted(self) -> Words:
        return count_words(self.split.texts, words=self.brand_words)

    def _places(self, rows: Any, sentences: Any) -> list[np.ndarray]:
        """Return the places of distinct sentences for each row."""
        at = np.asarray(rows, dtype=np.int64)
        begin, end = self.split.ends[:-1], self.split.ends[1:]
        if ((at < 0) | (at >= len(begin))).any():
            raise ParameterError(
                problem("rows: allowed: positions from 0 to {last}", last=len(begin) - 1)
            )
        if sentences is None:
            return [self.split.order[begin[row] : end[row]] for row in at]
        number = np.asarray(sentences, dtype=np.int64)
        if len(number) != len(at) or ((number < 0) | (begin[at] + number >= end[at])).any():
            raise ParameterError(
                problem("sentences: allowed: for each row, the number of a sentence of it")
            )
        return [self.split.order[[place]] for place in begin[at] + number]
