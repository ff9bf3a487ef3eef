"""Best-worst tasks of the survey: which benefit matters most of those shown, and which least."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loyalty_research.worlds import random
from loyalty_research.worlds.parameters import Benefits
from loyalty_research.worlds.random import Floats, Integers, Source


def choices(benefits: Benefits, source: Source, rows: Integers) -> dict[str, pa.Array]:
    """Return the columns of the tasks: bw1_items, bw1_best, bw1_worst and so on.

    The answers of customers ``rows``. Utility = mean + the customer's own part + a part of the
    task, both normal; so these are not choices by a logit, and a customer's are related.
    """
    codes = np.array(list(benefits.utilities))
    mean = np.array(list(benefits.utilities.values()))
    own = mean + benefits.differ * _normal(source, "benefit", rows, len(codes))
    found: dict[str, pa.Array] = {}
    for turn in range(benefits.rounds):
        order = _uniform(source, f"benefits shown {turn}", rows, len(codes)).argsort(axis=1)
        felt = own + benefits.noise * _normal(source, f"benefits felt {turn}", rows, len(codes))
        half = len(codes) // 2
        for part, shown in enumerate((order[:, :half], order[:, half:])):
            shown = np.sort(shown, axis=1)
            utility = np.take_along_axis(felt, shown, axis=1)
            name = f"bw{2 * turn + part + 1}"
            told = [" ".join(codes[places]) for places in shown]
            found[f"{name}_items"] = pa.array(told, pa.string())
            for end, place in (("best", utility.argmax(axis=1)), ("worst", utility.argmin(axis=1))):
                chosen = np.take_along_axis(shown, place[:, None], axis=1)[:, 0]
                found[f"{name}_{end}"] = pa.array(codes[chosen].tolist(), pa.string())
    return found


def _uniform(source: Source, stream: str, rows: Integers, size: int) -> Floats:
    return np.stack([source.uniform(stream, rows, draw) for draw in range(size)], axis=1)


def _normal(source: Source, stream: str, rows: Integers, size: int) -> Floats:
    return random.normal()(_uniform(source, stream, rows, size))
