"""What is learned from ratings, the corpus, and the labels."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from loyalty_research.drivers import feedback
from loyalty_research.drivers.feedback import corpus as corpora
from loyalty_research.drivers.feedback.classifier import fit_classifier, folds_of, out_of_sample
from loyalty_research.drivers.feedback.corpus import load_corpus
from loyalty_research.drivers.feedback.learning import learn, rating_sides
from loyalty_research.drivers.feedback.lexicon import ASPECTS
from loyalty_research.drivers.feedback.quality import QUALITY, gain, measured_rows

ROOT = Path(__file__).resolve().parents[3]


def coded(rng: np.random.Generator, count: int) -> tuple[list[str], np.ndarray]:
    """Return texts whose side stands in words that no lexicon knows."""
    sides = np.where(np.arange(count) % 2, 1, -1)
    words = {-1: list("甲乙丙丁戊己庚辛"), 1: list("子丑寅卯辰巳午未")}
    texts = ["".join(rng.choice(words[side], 5)) + "".join(rng.choice(list("东西南北中"), 4))
             for side in sides]  # fmt: skip
    return texts, sides


def rated(texts: list[str], ratings) -> pd.DataFrame:
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(len(texts)) % 300, unit="D")
    return pd.DataFrame(
        {"feedback_id": np.arange(len(texts)), "posted_at": days, "text": texts, "rating": ratings}
    )


def test_a_classifier_learns_what_no_word_tells() -> None:
    texts, sides = coded(np.random.default_rng(1), 400)
    reading = feedback.read(rated(texts, np.where(sides > 0, 5, 1)))
    assert (reading.method, reading.reason) == ("lexicon+classifier", "better")
    own = reading.quality.query("level == 'review' and used")
    assert own["precision"].min() > 0.9
    assert (
        reading.reviews.sort_values("feedback_id")["polarity"].to_numpy() == sides
    ).mean() > 0.95


def test_ratings_without_meaning_leave_the_lexicon_alone() -> None:
    rng = np.random.default_rng(2)
    texts, _ = coded(rng, 400)
    reading = feedback.read(rated(texts, rng.choice([1, 5], 400)))
    assert (reading.method, reading.reason) == ("lexicon", "not_better")
    assert not reading.quality.query("method == 'combination' and used").shape[0]


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        (np.full(120, np.nan), "no_ratings"),
        (np.full(120, 5.0), "one_class"),
        (np.r_[np.full(119, 5.0), 4.0], "one_class"),
        (np.r_[np.full(110, 5.0), np.full(10, 1.0)], "few_rated"),
    ],
)
def test_why_nothing_is_learned(ratings, reason) -> None:
    texts, _ = coded(np.random.default_rng(3), 120)
    learned = learn(texts, np.zeros(120), ratings)
    assert (learned.method, learned.reason) == ("lexicon", reason)


@pytest.mark.parametrize(
    ("ratings", "sides"),
    [
        ([1, 2, 3, 4, 5], [-1, -1, 0, 1, 1]),
        ([0, 1], [-1, 1]),
        ([4, 5], [1, 1]),
        ([1, 4, 5, 8, 10], [-1, -1, 0, 1, 1]),
        ([10, 50, 90], [-1, 0, 1]),
        ([3, np.nan, 3], [0, 0, 0]),
        ([1, 500], [0, 0]),
        ([-3, 5], [0, 0]),
    ],
)
def test_sides_of_ratings(ratings, sides) -> None:
    assert rating_sides(np.array(ratings, dtype=float)).tolist() == sides


def test_no_comment_is_judged_by_what_it_taught() -> None:
    """Labels dealt at random cannot be told out of sample, though they can within."""
    rng = np.random.default_rng(4)
    texts = ["".join(rng.choice([chr(0x4E00 + i) for i in range(400)], 12)) for _ in range(300)]
    sides = rng.choice([-1, 1], 300)
    nothing = np.zeros(300)
    within = fit_classifier(texts, sides, nothing, with_lexicon=False).margins(texts, nothing)
    apart, _ = out_of_sample(texts, sides, nothing)
    assert (np.sign(within) == sides).mean() > 0.95
    assert (np.sign(apart) == sides).mean() < 0.62


def test_equal_texts_share_a_fold() -> None:
    texts = [f"第{number % 20}句" for number in range(100)]
    folds = pd.Series(folds_of(texts)).groupby(texts).nunique()
    assert folds.max() == 1
    assert set(folds_of(texts)) == set(range(5))


def test_gain_is_paired() -> None:
    truth = np.tile([-1, 1], 100)
    wrong = truth.copy()
    wrong[:20] *= -1
    assert gain(truth, truth, wrong)[0] == pytest.approx(0.1)
    assert gain(truth, wrong, wrong) == (0, 0, 0)
    assert gain(truth, truth, wrong)[1] > 0


def test_the_corpus_is_deduplicated_before_anything_else() -> None:
    corpus = load_corpus()
    assert corpus is not None
    assert len(set(corpus.texts)) == len(corpus.texts)
    assert len(corpus.in_both) == 47
    assert not set(corpus.in_both) & set(corpus.texts)
    assert corpus.lines == 35_123
    assert corpus.repeated == corpus.lines - len(corpus.texts) - 2 * len(corpus.in_both)


def test_the_corpus_may_be_missing(monkeypatch) -> None:
    monkeypatch.setattr(corpora, "_PACKAGE", "no-such-package-here")
    assert load_corpus() is None


def test_labels_hold_no_text() -> None:
    with (ROOT / "data/feedback/labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 400
    label = rf"(?:none|(?:{'|'.join(ASPECTS)}):[+\-0](?:;(?:{'|'.join(ASPECTS)}):[+\-0])*)"
    for row in rows:
        assert re.fullmatch("[0-9a-f]{16}", row["sentence"])
        assert re.fullmatch(label, row["first"])
        assert re.fullmatch(label, row["second"])


def test_measured_figures_come_with_every_reading() -> None:
    rows = measured_rows()
    assert list(rows) == list(QUALITY)
    assert set(ASPECTS) <= set(rows["name"])
    quality = feedback.read(rated(["味道很好"], [5])).quality
    assert quality.query("level == 'sentence'").shape[0] == len(rows)
