"""Comments composed from what the customer met with: aspects, praise or complaint, in words."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

from loyalty_research.worlds import columns
from loyalty_research.worlds.clock import DAY, HOUR
from loyalty_research.worlds.history import History, Orders
from loyalty_research.worlds.lines import Sorted
from loyalty_research.worlds.parameters import Feedback, Parameters
from loyalty_research.worlds.random import Flags, Floats, Integers
from loyalty_research.worlds.shop import Store
from loyalty_research.worlds.voiced import ASPECTS, Voice, commented, voice_of

_TASTE = ASPECTS.index("taste")
_SOURCES = ("点评网站", "小程序评价", "门店留言")


def comments(
    parameters: Parameters, feedback: Feedback, store: Store, history: History, orders: Sorted
) -> dict[str, pa.Table]:
    """Return the table feedback, and what is behind each comment.

    A comment mentions up to ten aspects: environment and hygiene where the order was made in a
    store, packaging and delivery where it was delivered, the app where it was ordered online,
    membership where there is a programme. Waiting is praised where it took no longer than patience
    lasts, the other aspects with their planted chances. The rating is 5 less the complaints.
    """
    people = history.people
    source = people.source
    some = np.flatnonzero(commented(people, feedback, orders.rows, orders.number))
    rows, number = orders.rows[some], orders.number[some]
    voice = voice_of(
        parameters, store, people,
        rows=rows, number=number, second=orders.second[some],
        place=orders.store[some], channel=orders.channel[some],
    )  # fmt: skip
    posted = _posted(parameters, history, orders, some)
    answered = posted + DAY + (source.uniform("answer", rows, number) * 5 * DAY).astype(np.int64)
    number_of = (people.index[rows] + 1) * 10_000 + number
    sources = (source.uniform("comment source", rows, number) * len(_SOURCES)).astype(np.int64)
    hidden = {"feedback_id": number_of, "minutes": voice.minutes}
    for position, name in enumerate(ASPECTS):
        praise = np.where(voice.good[:, position], 1, -1)
        hidden[name] = np.where(voice.mentioned[:, position], praise, 0)
    return {
        "feedback": pa.table(
            {
                "feedback_id": columns.numbers(number_of),
                "posted_at": columns.times(parameters.start, posted),
                "text": pa.array(_texts(parameters, feedback, history, orders, some, voice)),
                "rating": columns.numbers(np.maximum(5 - voice.complaints, 1)),
                "customer_id": columns.numbers(people.index[rows] + 1),
                "source": columns.words(_SOURCES, sources),
                "resolved_at": _resolved(parameters, answered, voice.answered),
            }
        ),
        "hidden_feedback": pa.table(hidden),
    }


def _texts(
    parameters: Parameters,
    feedback: Feedback,
    history: History,
    orders: Sorted,
    some: Integers,
    voice: Voice,
) -> pa.Array:
    """Return the words of comments: Chinese or English, a few in traditional characters."""
    source, rows, number = history.people.source, orders.rows[some], orders.number[some]
    chinese = source.uniform("language", rows, number) < feedback.chinese
    traditional = source.uniform("traditional", rows, number) < feedback.traditional
    product = _first_product(history.orders, orders, some)
    which = np.stack([source.uniform(f"phrase {name}", rows, number) for name in ASPECTS], axis=1)
    signs = _bank()["signs"]
    chosen = (source.uniform("sign", rows, number) * len(signs)).astype(np.int64)
    texts = []
    for item in range(len(some)):
        if voice.wordless[item]:
            texts.append(signs[chosen[item]])
            continue
        text = _text(
            parameters,
            bool(chinese[item]),
            product[item],
            int(voice.minutes[item]),
            voice.mentioned[item],
            voice.good[item],
            which[item],
        )
        texts.append(in_traditional(text) if chinese[item] and traditional[item] else text)
    return pa.array(texts, pa.string())


def in_traditional(text: str) -> str:
    """Return a comment in traditional characters."""
    known = _bank()["traditional"]
    return text.translate(str.maketrans(known["from"], known["to"]))


def _resolved(parameters: Parameters, answered: Integers, resolved: Flags) -> pa.Array:
    times = columns.times(parameters.start, answered)
    return pa.compute.if_else(pa.array(resolved), times, pa.scalar(None, times.type))


def _posted(parameters: Parameters, history: History, orders: Sorted, some: Integers) -> Integers:
    """Return when comments are posted: in the waking hours of the next day, or at the very end."""
    drawn = history.people.source.uniform("posted", orders.rows[some], orders.number[some])
    hour = 8 * HOUR + (drawn * 15 * HOUR).astype(np.int64)
    last = ((parameters.end - parameters.start).days + 1) * DAY - 1
    return np.minimum((orders.second[some] // DAY + 1) * DAY + hour, last)


def _first_product(rounds: list[Orders], orders: Sorted, some: Integers) -> Integers:
    first = np.concatenate(
        [item.lines.product[item.lines.number == 0] for item in rounds] or [some]
    )
    by_rank = np.empty_like(first)
    by_rank[orders.rank] = first
    return by_rank[some]


@cache
def _bank() -> dict[str, Any]:
    text = files("loyalty_research.worlds").joinpath("phrases.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def _phrases(trade: str) -> dict[str, Any]:
    """Return the phrases of both languages; a trade's own stand in for the common ones."""
    loaded = _bank()
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
