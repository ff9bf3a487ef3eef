"""A linear classifier of praise and complaint, learned from rated comments."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from loyalty_research.drivers.feedback.text import folded

_PIECE = re.compile(r"[a-z]+(?:'[a-z]+)?|[\u3400-\u9fff]|[!?！？]")
FOLDS = 5
_MOST = 20_000
"""Comments a classifier learns from: more add time and hardly any accuracy."""
_STRENGTH = 5.0
"""Inverse of the penalty on squared weights."""
_SCALE = 3.0
"""Score of the lexicon at which it counts three quarters of all it can."""
_LEAST_SEEN = 2
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Classifier:
    """A fitted classifier.

    Parameters
    ----------
    counter, weigher, model
        Scikit-learn's counts of grams, their weights, and logistic regression.
    with_lexicon
        Whether the score of the lexicon is one of its features.
    """

    counter: Any
    weigher: Any
    model: Any
    with_lexicon: bool

    def margins(self, texts: Sequence[str], scores: np.ndarray) -> np.ndarray:
        """Return the log-odds of praise of texts whose lexicon scores are ``scores``."""
        parts = [
            self._margins(self.counter.transform(texts[at : at + _CHUNK]), scores[at : at + _CHUNK])
            for at in range(0, len(texts), _CHUNK)
        ]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _margins(self, counts: Any, scores: np.ndarray) -> np.ndarray:
        features = _features(self.weigher.transform(counts), scores, self.with_lexicon)
        return np.asarray(self.model.decision_function(features))


def fit_classifier(
    texts: Sequence[str], labels: np.ndarray, scores: np.ndarray, *, with_lexicon: bool
) -> Classifier:
    """Fit a penalised logistic regression on single characters, words, and pairs of them.

    Parameters
    ----------
    texts
        Comments.
    labels
        -1 complaint, 1 praise; both must occur.
    scores
        Scores of the lexicon.
    with_lexicon
        Whether the score is a feature beside the text.

    Notes
    -----
    Classes weigh the same however frequent. The dual solver, seeded, is deterministic and
    quicker by an order where grams outnumber comments.
    """
    counter, counts = count_grams(texts)
    return _fitted(counter, counts, labels, scores, with_lexicon)


def count_grams(texts: Sequence[str]) -> tuple[Any, Any]:
    """Return what counts grams, those of two texts or more, and the counts of ``texts``."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=grams, min_df=_LEAST_SEEN)
    try:
        return counter, counter.fit_transform(texts)
    except ValueError:  # no gram stands in two texts
        counter = CountVectorizer(analyzer=grams)
        return counter, counter.fit_transform(texts)


def out_of_sample(
    texts: Sequence[str], labels: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds of praise of each comment from classifiers that never saw it.

    Returns
    -------
    tuple of numpy.ndarray
        From the text alone, and from the text and the score of the lexicon. Equal comments fall
        into the same fold. Which grams are counted is found on all comments, without their
        ratings; weights of grams and the model are those of the other folds.
    """
    fold = folds_of(texts)
    counter, counts = count_grams(texts)
    margins = np.zeros((2, len(texts)))
    for number in range(FOLDS):
        left, rest = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if not len(left) or len(set(labels[rest])) < len(margins):
            continue
        for joined in (False, True):
            fitted = _fitted(counter, counts[rest], labels[rest], scores[rest], joined)
            margins[int(joined), left] = fitted._margins(counts[left], scores[left])
    return margins[0], margins[1]


def _fitted(
    counter: Any, counts: Any, labels: np.ndarray, scores: np.ndarray, with_lexicon: bool
) -> Classifier:
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    weigher = TfidfTransformer(sublinear_tf=True).fit(counts)
    features = _features(weigher.transform(counts), scores, with_lexicon)
    model = LogisticRegression(
        C=_STRENGTH, class_weight="balanced", solver="liblinear", dual=True, tol=1e-3,
        max_iter=1_000, random_state=0,
    )  # fmt: skip
    return Classifier(counter, weigher, model.fit(features, labels), with_lexicon)


def folds_of(texts: Sequence[str]) -> np.ndarray:
    """Return the fold of each text, from 0: by the text alone, so that equal ones stay together."""
    return np.array([_number(text) % FOLDS for text in texts], dtype=np.int64)


def sample_of(texts: Sequence[str]) -> np.ndarray:
    """Return the positions a classifier learns from: all, or as many as are enough."""
    if len(texts) <= _MOST:
        return np.arange(len(texts))
    numbers = np.array([_number(f"sample {text}") for text in texts], dtype=np.uint64)
    return np.sort(np.argsort(numbers, kind="stable")[:_MOST])


def grams(text: str) -> list[str]:
    """Return the Chinese characters and Latin words of a text, and the pairs side by side."""
    single = _PIECE.findall(folded(text))
    return [*single, *(f"{a} {b}" for a, b in itertools.pairwise(single))]


def _features(counts: Any, scores: np.ndarray, with_lexicon: bool) -> Any:
    if not with_lexicon:
        return counts
    column = np.tanh(np.asarray(scores, dtype=float) / _SCALE)[:, None]
    return sparse.hstack([counts, sparse.csr_matrix(column)], format="csr")


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
