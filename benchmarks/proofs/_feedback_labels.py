"""The labelled sentences: drawn again from the corpus by rule, and joined with their labels."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from loyalty_research.drivers.feedback.corpus import Corpus
from loyalty_research.drivers.feedback.lexicon import ASPECTS

LABELS = Path(__file__).resolve().parents[2] / "data" / "feedback" / "labels.csv"
CUT = re.compile(r"[。！？!?；;\n]+|\.{2,}|…+")
EDGES = " ,，.、~～\t\u3000"
SHORTEST, LONGEST = 5, 60
NETS = (
    ("membership", "会员|积分|返券|礼券|贵宾|VIP|vip"),
    ("app", "APP|app|网站|下单|系统提示|页面|客户端|小程序"),
    ("waiting", "排队|等了|等待|半天|久等|太慢"),
    ("delivery", "快递|送货|物流|发货|配送|外卖|包装"),
    ("hygiene", "卫生|干净|脏|异味|蟑螂|霉"),
)
"""Strata: the first whose expression is found in a sentence, else ``rest``."""
SIZES = {"membership": 32, "app": 32, "waiting": 32, "delivery": 32, "hygiene": 32, "rest": 240}
PASSES = ("first", "second")
SIGNS = {"+": 1, "-": -1, "0": 0}


@dataclass(frozen=True)
class Labelled:
    """Sentences of the sample with what each pass says.

    Parameters
    ----------
    texts, keys
        Sentences and their hashes.
    stratum
        Of each sentence.
    weights
        Sentences of the corpus that each stands for.
    labels
        By pass and sentence: polarity by aspect.
    sizes
        Sentences of the corpus by stratum.
    """

    texts: tuple[str, ...]
    keys: tuple[str, ...]
    stratum: np.ndarray
    weights: np.ndarray
    labels: Mapping[str, tuple[Mapping[str, int], ...]]
    sizes: Mapping[str, int]

    def named(self, which: str) -> np.ndarray:
        """Return which aspects a pass finds named, shape (sentences, aspects)."""
        return np.array([[a in said for a in ASPECTS] for said in self.labels[which]])

    def polarity(self, which: str) -> np.ndarray:
        """Return the polarity a pass gives each aspect; 0 where it is not named."""
        return np.array([[said.get(a, 0) for a in ASPECTS] for said in self.labels[which]])


def stratum_of(sentence: str) -> str:
    """Return the stratum of a sentence."""
    return next((name for name, net in NETS if re.search(net, sentence)), "rest")


def key_of(sentence: str) -> str:
    """Return the hash by which sentences are drawn and labels are kept."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:16]


def pieces(review: str) -> list[str]:
    """Return the parts of a review that the rule may draw; the product splits otherwise."""
    parts = (part.strip(EDGES) for part in CUT.split(review))
    return [part for part in parts if SHORTEST <= len(part) <= LONGEST]


def labelled(corpus: Corpus) -> Labelled:
    """Draw the sample again, from all reviews of the corpus, and join the labels."""
    found = {part for review in (*corpus.texts, *corpus.in_both) for part in pieces(review)}
    strata: dict[str, list[tuple[str, str]]] = {name: [] for name in SIZES}
    for sentence in found:
        strata[stratum_of(sentence)].append((key_of(sentence), sentence))
    drawn = [
        (key, sentence, name)
        for name, size in SIZES.items()
        for key, sentence in sorted(strata[name])[:size]
    ]
    with LABELS.open(encoding="utf-8", newline="") as stream:
        rows = {row["sentence"]: row for row in csv.DictReader(stream)}
    if {key for key, _, _ in drawn} != set(rows):
        raise SystemExit("the sample drawn from the corpus is not the one that was labelled")
    stratum = np.array([name for _, _, name in drawn])
    sizes = {name: len(items) for name, items in strata.items()}
    return Labelled(
        texts=tuple(text for _, text, _ in drawn),
        keys=tuple(key for key, _, _ in drawn),
        stratum=stratum,
        weights=np.array([sizes[name] / SIZES[name] for name in stratum]),
        labels={which: tuple(_said(rows[key][which]) for key, _, _ in drawn) for which in PASSES},
        sizes=sizes,
    )


def _said(text: str) -> dict[str, int]:
    if text == "none":
        return {}
    return {part.split(":")[0]: SIGNS[part.split(":")[1]] for part in text.split(";")}
