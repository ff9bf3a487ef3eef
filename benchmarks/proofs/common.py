"""What several proofs need: exact binomial intervals and tests, tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scipy.stats import binomtest


@dataclass(frozen=True)
class Exact:
    """A share of independent trials with its exact interval."""

    hits: int
    trials: int
    value: float
    low: float
    high: float
    level: float

    def __str__(self) -> str:
        """Return the share and its interval in percent."""
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})"


def exact(hits: int, trials: int, *, level: float = 0.99) -> Exact:
    """Estimate a share with the interval of Clopper & Pearson 1934.

    Parameters
    ----------
    hits, trials
        Trials that have the property; all trials, at least 1.
    level
        Coverage, which is at least this.
    """
    bounds = binomtest(hits, trials).proportion_ci(level, method="exact")
    return Exact(hits, trials, hits / trials, float(bounds.low), float(bounds.high), level)


def more_than(hits: int, trials: int, rate: float) -> float:
    """Return the exact p-value of "the share is at most ``rate``"; small: it is more."""
    return float(binomtest(hits, trials, rate, alternative="greater").pvalue)


def less_than(hits: int, trials: int, rate: float) -> float:
    """Return the exact p-value of "the share is at least ``rate``"; small: it is less."""
    return float(binomtest(hits, trials, rate, alternative="less").pvalue)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown; the bar is escaped in cells."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )
