"""A survey out of a structural model: constructs, and the answers that follow from them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loyalty_research.worlds import random
from loyalty_research.worlds.choices import choices
from loyalty_research.worlds.history import History
from loyalty_research.worlds.parameters import Construct, Survey
from loyalty_research.worlds.random import Floats, Integers, Source


def answers(survey: Survey, history: History) -> dict[str, pa.Table]:
    """Return the table survey, and the constructs behind it.

    A sample of those who bought answers every item, on a scale from 1 to 10; an item is called
    after its construct and its number. Best-worst tasks follow, where there are any.
    """
    people = history.people
    asked = people.source.uniform("survey") < survey.share
    rows = np.flatnonzero(asked & (history.purchases > 0))
    constructs = _constructs(survey, people.source, rows, people.attitude[rows])
    number = people.index[rows] + 1
    items: dict[str, Integers] = {}
    for name, construct in survey.constructs.items():
        for position, raw in enumerate(
            _items(survey, construct, name, people.source, rows, constructs[name]), start=1
        ):
            answer = np.rint(survey.mean + survey.sd * raw).astype(np.int64)
            items[f"{name}{position}"] = np.clip(answer, 1, 10).astype(np.int8)
    tasks = {} if survey.benefits is None else choices(survey.benefits, people.source, rows)
    return {
        "survey": pa.table({"respondent_id": number, "customer_id": number, **items, **tasks}),
        "hidden_survey": pa.table({"customer_id": number, **constructs}),
    }


def _constructs(
    survey: Survey, source: Source, rows: Integers, attitude: Floats
) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for name, construct in survey.constructs.items():
        score = np.sqrt(survey.unexplained[name]) * _noise(source, f"construct {name}", rows)
        if not found:
            score = score + survey.attitude * attitude
        for other, path in construct.paths.items():
            score = score + path * found[other]
        found[name] = score
    return found


def _items(
    survey: Survey,
    construct: Construct,
    name: str,
    source: Source,
    rows: Integers,
    score: Floats,
) -> list[Floats]:
    """Return standardised items.

    Common factor: item = loading x construct + error. Composite: construct = w x sum of items with
    equally correlated items, drawn given the construct: l x construct + (y - l w sum(y)), where l
    is the covariance of an item with the composite and y are items drawn freely.
    """
    streams = [f"item {name} {position}" for position in range(len(construct.loadings))]
    noise = [_noise(source, stream, rows) for stream in streams]
    if survey.model == "common_factor":
        return [
            loading * score + np.sqrt(1 - loading**2) * own
            for loading, own in zip(construct.loadings, noise, strict=True)
        ]
    size, shared = len(noise), survey.composite_correlation
    common = _noise(source, f"block {name}", rows)
    free = [np.sqrt(shared) * common + np.sqrt(1 - shared) * own for own in noise]
    weight = 1 / np.sqrt(size + size * (size - 1) * shared)
    loading = (1 + (size - 1) * shared) * weight
    total = np.zeros(len(rows))
    for item in free:
        total = total + item
    return [loading * score + item - loading * weight * total for item in free]


def _noise(source: Source, stream: str, rows: Integers) -> Floats:
    return random.normal()(source.uniform(stream, rows))
