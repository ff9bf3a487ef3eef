"""Comments composed from what the customer met with: aspects, praise or complaint, in words."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

from loyalty_research.worlds import columns, random
from loyalty_research.worlds.clock import DAY, HOUR
from loyalty_research.worlds.history import History, Orders
from loyalty_research.worlds.lines import Sorted
from loyalty_research.worlds.parameters import Feedback, Parameters
from loyalty_research.worlds.random import Flags, Floats, Integers
from loyalty_research.worlds.shop import Store

ASPECTS = ("taste", "service", "price", "environment", "packaging", "waiting")
_MENTIONED = (0.5, 0.3, 0.25, 0.15, 0.15, 0.3)
_TASTE = ASPECTS.index("taste")
_SOURCES = ("点评网站", "小程序评价", "门店留言")
_GAMMA = 4.0


def comments(
    parameters: Parameters, feedback: Feedback, store: Store, history: History, orders: Sorted
) -> dict[str, pa.Table]:
    """Return the table feedback, and what is behind each comment.

    A comment mentions up to five aspects: the environment where the order was made in a store, the
    packaging where it was delivered. Waiting is praised where it took no longer than patience
    lasts, the other aspects with their planted chances. The rating is 5 less the complaints.
    """
    source = history.people.source
    some = np.flatnonzero(source.uniform("comment", orders.rows, orders.number) < feedback.share)
    rows, number = orders.rows[some], orders.number[some]
    minutes = _minutes(feedback, store, history, orders, some)
    delivered = store.delivered[orders.channel[some]]
    mentioned, good = _said(feedback, history, rows, number, minutes, delivered)
    complaints = (mentioned & ~good).sum(axis=1)
    posted = _posted(parameters, history, orders, some)
    answered = posted + DAY + (source.uniform("answer", rows, number) * 5 * DAY).astype(np.int64)
    resolved = (complaints > 0) & (source.uniform("resolved", rows, number) < 0.6)
    number_of = (history.people.index[rows] + 1) * 10_000 + number
    chinese = np.asarray(source.uniform("language", rows, number) < feedback.chinese)
    product = _first_product(history.orders, orders, some)
    which = np.stack([source.uniform(f"phrase {name}", rows, number) for name in ASPECTS], axis=1)
    texts = [
        _text(
            parameters, bool(chinese[item]), product[item], int(minutes[item]), said, praised, draw
        )
        for item, (said, praised, draw) in enumerate(zip(mentioned, good, which, strict=True))
    ]
    sources = (source.uniform("comment source", rows, number) * len(_SOURCES)).astype(np.int64)
    hidden = {"feedback_id": number_of, "minutes": minutes}
    for position, name in enumerate(ASPECTS):
        hidden[name] = np.where(mentioned[:, position], np.where(good[:, position], 1, -1), 0)
    return {
        "feedback": pa.table(
            {
                "feedback_id": columns.numbers(number_of),
                "posted_at": columns.times(parameters.start, posted),
                "text": pa.array(texts, pa.string()),
                "rating": columns.numbers(np.maximum(5 - complaints, 1)),
                "customer_id": columns.numbers(history.people.index[rows] + 1),
                "source": columns.words(_SOURCES, sources),
                "resolved_at": _resolved(parameters, answered, resolved),
            }
        ),
        "hidden_feedback": pa.table(hidden),
    }


def _resolved(parameters: Parameters, answered: Integers, resolved: Flags) -> pa.Array:
    times = columns.times(parameters.start, answered)
    return pa.compute.if_else(pa.array(resolved), times, pa.scalar(None, times.type))


def _posted(parameters: Parameters, history: History, orders: Sorted, some: Integers) -> Integers:
    """Return when comments are posted: in the waking hours of the next day, or at the very end."""
    drawn = history.people.source.uniform("posted", orders.rows[some], orders.number[some])
    hour = 8 * HOUR + (drawn * 15 * HOUR).astype(np.int64)
    last = ((parameters.end - parameters.start).days + 1) * DAY - 1
    return np.minimum((orders.second[some] // DAY + 1) * DAY + hour, last)


def _minutes(
    feedback: Feedback, store: Store, history: History, orders: Sorted, some: Integers
) -> Integers:
    """Return waiting times in minutes, longer in slow stores."""
    drawn = history.people.source.uniform("waiting", orders.rows[some], orders.number[some])
    factor = random.gamma(_GAMMA)(drawn) / _GAMMA
    wait = feedback.wait_minutes * store.waiting[orders.store[some]] * factor
    return 1 + wait.astype(np.int64)


def _said(
    feedback: Feedback,
    history: History,
    rows: Integers,
    number: Integers,
    minutes: Integers,
    delivered: Flags,
) -> tuple[Flags, Flags]:
    source = history.people.source
    mentioned = np.stack(
        [
            source.uniform(f"mentions {name}", rows, number) < share
            for name, share in zip(ASPECTS, _MENTIONED, strict=True)
        ],
        axis=1,
    )
    mentioned[:, ASPECTS.index("environment")] &= ~delivered
    mentioned[:, ASPECTS.index("packaging")] &= delivered
    mentioned[~mentioned.any(axis=1), 0] = True
    praise: list[Floats | Flags] = []
    for name in ASPECTS:
        if name == "waiting":
            praise.append(minutes <= feedback.patience)
        else:
            drawn = source.uniform(f"praises {name}", rows, number)
            praise.append(drawn < feedback.good.get(name, 0.8))  # type: ignore[call-overload]
    return mentioned, np.stack(praise, axis=1)


def _first_product(rounds: list[Orders], orders: Sorted, some: Integers) -> Integers:
    first = np.concatenate(
        [item.lines.product[item.lines.number == 0] for item in rounds] or [some]
    )
    by_rank = np.empty_like(first)
    by_rank[orders.rank] = first
    return by_rank[some]


@cache
def _phrases(trade: str) -> dict[str, Any]:
    """Return the phrases of both languages; a trade's own stand in for the common ones."""
    text = files("loyalty_research.worlds").joinpath("phrases.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    own = loaded["trades"].get(trade, {})
    return {language: loaded[language] | own.get(language, {}) for language in ("zh", "en")}


def _text(
    parameters: Parameters,
    chinese: bool,
    product: int,
    minutes: int,
    said: Flags,
    good: Flags,
    draw: Floats,
) -> str:
    bought = parameters.shop.products[product]
    kind = parameters.shop.categories[bought.category].kind
    bank = _phrases(parameters.trade)["zh" if chinese else "en"]
    name = bought.name.zh if chinese else bought.name.en.lower()
    parts: list[tuple[bool, str]] = []
    for position in np.flatnonzero(said):
        aspect = kind if position == _TASTE else ASPECTS[position]
        known = bank[aspect]["good" if good[position] else "bad"]
        phrase = known[int(draw[position] * len(known))]
        parts.append((bool(good[position]), phrase.format(product=name, minutes=minutes)))
    if chinese:
        return _chinese(parts, bank)
    return " ".join(f"{part[0].upper()}{part[1:]}." for _, part in parts)


def _chinese(parts: list[tuple[bool, str]], bank: dict[str, Any]) -> str:
    """Return one sentence; where praise turns into complaint, or back, a word says so."""
    text = parts[0][1]
    for (before, _), (now, phrase) in pairwise(parts):
        turn = "，" if before == now else bank["still" if now else "but"]
        text += turn + phrase
    return text + "。"
