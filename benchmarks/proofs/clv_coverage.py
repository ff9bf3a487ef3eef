"""How often the intervals of the customer models cover, where the models are true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import NormalDist

import numpy as np
import pandas as pd

from loyalty_research.profile import clv
from loyalty_research.worlds import random
from loyalty_research.worlds.families import Exponential
from loyalty_research.worlds.parameters import ExponentialTiming
from loyalty_research.worlds.random import Source
from proofs import Proof
from proofs.common import exact, table

TITLE = "Do the intervals of the customer models cover what they should?"
FITS, CUSTOMERS = 1_000, 2_000
SMALL = 25, 800
PROCESSES, CHUNK = 2, 25
LOW, HIGH = 0.93, 0.97
SEED = 20_260
WEEKS, ENTRY, AHEAD = 52, 12, 26
"""Weeks of calibration, those in which the customers come, and weeks of the total forecast."""
TOTAL = "purchases of all in the next 26 weeks"

TRUTH: dict[str, dict[str, float]] = {
    "nbd": {"r": 0.8, "alpha": 6.0},
    "bg_nbd": {"r": 0.8, "alpha": 6.0, "a": 0.8, "b": 2.5},
    "mbg_nbd": {"r": 0.8, "alpha": 6.0, "a": 0.8, "b": 2.5},
    "pareto_nbd": {"r": 0.8, "alpha": 6.0, "s": 0.7, "beta": 12.0},
    "gamma_gamma": {"p": 5.0, "q": 4.0, "v": 60.0},
}
Histories = tuple[pd.DataFrame, int]
"""Rows as the models read them, and the purchases of all that followed."""


@dataclass(frozen=True)
class Trials:
    """What the fits of one model found.

    Parameters
    ----------
    rows
        One row a fit and quantity: quantity, ratio (estimate to truth), log_error, covered.
    at_bound, failed
        Fits with a parameter at its bound, and without convergence.
    """

    rows: pd.DataFrame
    at_bound: int
    failed: int


def run(*, small: bool) -> Proof:
    """Fit each model to many bases of customers made by it, and count."""
    fits, customers = SMALL if small else (FITS, CUSTOMERS)
    parts, passed = [], True
    for name, truth in TRUTH.items():
        trials = _trials(name, fits, customers, parallel=not small)
        text, holds = _table(name, truth, trials, fits)
        parts.append(text)
        passed &= holds
    head = (
        f"{fits:,} bases of {customers:,} customers for each model (seeds {SEED} to "
        f"{SEED + fits - 1}), made one customer at a time from the models' own story by the "
        "generator of the simulated markets, which shares no code with the estimators: gamma rates "
        "of purchase, exponential gaps; nobody leaves (NBD), a beta chance to leave after each "
        "repeat purchase (BG/NBD) or after any (MBG/NBD), an exponential lifetime of gamma risk "
        f"(Pareto/NBD). Customers come in {ENTRY} weeks and are followed to week {WEEKS}. Spend "
        "(gamma-gamma): gamma amounts around a mean of each customer's own, of those who bought "
        "again.\n\nIntervals of 95 %: Wald's of the logarithm for parameters; for the total, the "
        "error of the estimates and what customers do by chance. A coverage is sound where its 99 "
        f"% exact interval meets {LOW:.0%} to {HIGH:.0%}. Bias is of the mean estimate; the last "
        "column sets the mean standard error of the logarithm against its spread over the fits.\n"
    )
    return Proof("\n".join([head, *parts]), passed)


def _trials(name: str, fits: int, customers: int, *, parallel: bool) -> Trials:
    chunks = [
        (name, customers, seed, min(seed + CHUNK, SEED + fits))
        for seed in range(SEED, SEED + fits, CHUNK)
    ]
    if parallel:
        with get_context("spawn").Pool(PROCESSES) as pool:
            found = pool.map(_chunk, chunks, chunksize=1)
    else:
        found = [_chunk(one) for one in chunks]
    return Trials(
        pd.concat([one.rows for one in found]),
        sum(one.at_bound for one in found),
        sum(one.failed for one in found),
    )


def _chunk(job: tuple[str, int, int, int]) -> Trials:
    name, customers, first, end = job
    truth = TRUTH[name]
    fit: Callable[[pd.DataFrame], clv.CustomerModel] = getattr(clv, f"fit_{name}")
    rows: list[dict[str, object]] = []
    at_bound = failed = 0
    for seed in range(first, end):
        frame, bought = _made(name, truth, customers, seed)
        model = fit(frame)
        at_bound += bool(model.at_bound)
        failed += not model.converged
        rows += _parameters(model.summary(), truth)
        if name != "gamma_gamma":
            rows.append(_total(model, frame, bought))
    return Trials(pd.DataFrame(rows), at_bound, failed)


def _total(model: clv.CustomerModel, frame: pd.DataFrame, bought: int) -> dict[str, object]:
    total = model.expected_total(frame, periods=float(AHEAD)).iloc[0]
    spread = float(np.hypot(total["se_parameters"], total["sd_customers"]))
    return {
        "quantity": TOTAL,
        "ratio": total["expected"] / bought,
        "log_error": spread / total["expected"],
        "covered": total["low"] <= bought <= total["high"],
    }


def _parameters(summary: pd.DataFrame, truth: dict[str, float]) -> Iterator[dict[str, object]]:
    width = 2 * NormalDist().inv_cdf(0.975)
    for row in summary.to_dict("records"):
        true = truth[row["parameter"]]
        yield {
            "quantity": row["parameter"],
            "ratio": row["estimate"] / true,
            "log_error": np.log(row["high"] / row["low"]) / width,
            "covered": row["low"] <= true <= row["high"],
        }


def _table(name: str, truth: dict[str, float], trials: Trials, fits: int) -> tuple[str, bool]:
    lines, holds = [], True
    for quantity, rows in trials.rows.groupby("quantity", sort=False):
        found = exact(int(rows["covered"].sum()), len(rows), level=0.99)
        sound = found.low <= HIGH and found.high >= LOW
        holds &= sound
        spread = float(np.log(rows["ratio"]).std())
        lines.append(
            (
                quantity,
                truth.get(str(quantity), "of each base"),
                found,
                f"{rows['ratio'].mean() - 1:+.2%}",
                f"{rows['log_error'].mean() / spread:.3f}",
                "yes" if sound else "no",
            )
        )
    columns = ("quantity", "truth", "coverage (99 % exact)", "bias", "error / spread", "sound")
    note = (
        f"{trials.at_bound} of {fits:,} fits ended with a parameter at its bound, "
        f"{trials.failed} without convergence; all are counted."
    )
    return f"### {name}\n\n{table(columns, lines)}\n\n{note}\n", holds


def _made(name: str, truth: dict[str, float], customers: int, seed: int) -> Histories:
    """Return the histories of customers to week 52, and the purchases of all that follow."""
    source = Source(seed, name, np.arange(customers))
    if name == "gamma_gamma":
        return _amounts(truth, source, customers), 0
    rhythm_of = Exponential(_timing(truth))
    rhythm = rhythm_of.rhythm(source, customers)
    days = np.floor(source.uniform("entry") * ENTRY * 7)
    age = WEEKS - days / 7
    leaves_at = np.full(customers, np.inf)
    if name == "pareto_nbd":
        risk = random.gamma(truth["s"])(source.uniform("risk")) / truth["beta"]
        leaves_at = random.exponential(source.uniform("life")) / risk
    x, after = np.zeros(customers), np.zeros(customers)
    recency, now = np.zeros(customers), np.zeros(customers)
    rows = np.arange(customers)
    for number in range(10_000):
        mortal = name == "mbg_nbd" or (name == "bg_nbd" and number > 0)
        if mortal:
            rows = rows[source.uniform("leaves", rows, number) >= rhythm.dropout[rows]]
        now[rows] += rhythm_of.gap(source, rows, number) / rhythm.rate[rows]
        rows = rows[now[rows] <= np.minimum(leaves_at[rows], age[rows] + AHEAD)]
        if not len(rows):
            break
        seen = rows[now[rows] <= age[rows]]
        x[seen] += 1
        recency[seen] = now[seen]
        after[rows[now[rows] > age[rows]]] += 1
    return pd.DataFrame({"frequency": x, "recency": recency, "T": age}), int(after.sum())


def _timing(truth: dict[str, float]) -> ExponentialTiming:
    dropout = (truth["a"], truth["b"]) if "a" in truth else None
    return ExponentialTiming(
        family="exponential",
        rate_shape=truth["r"],
        rate_scale=truth["alpha"],
        dropout=dropout,
    )


def _amounts(truth: dict[str, float], source: Source, customers: int) -> pd.DataFrame:
    """Return how many orders customers have, one at least, and the mean amount of each."""
    rate = random.gamma(truth["q"])(source.uniform("rate")) / truth["v"]
    orders = 1 + np.floor(random.exponential(source.uniform("orders")) * 2)
    spent, rows = np.zeros(customers), np.arange(customers)
    for number in range(int(orders.max())):
        rows = rows[orders[rows] > number]
        amounts = random.gamma(truth["p"])(source.uniform("amount", rows, number))
        spent[rows] += amounts / rate[rows]
    return pd.DataFrame({"frequency": orders, "mean_spend": spent / orders})
