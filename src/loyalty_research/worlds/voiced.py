"""What a comment speaks of: aspects met with, minutes waited, whether a complaint is answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loyalty_research.worlds import random
from loyalty_research.worlds.baskets import choose_places
from loyalty_research.worlds.clock import DAY
from loyalty_research.worlds.parameters import Feedback, Parameters
from loyalty_research.worlds.people import People
from loyalty_research.worlds.random import Flags, Floats, Integers
from loyalty_research.worlds.shop import Store

ASPECTS = (
    "taste",
    "service",
    "price",
    "environment",
    "packaging",
    "delivery",
    "app",
    "hygiene",
    "membership",
    "waiting",
)
_MENTIONED = (0.5, 0.3, 0.25, 0.15, 0.15, 0.25, 0.1, 0.08, 0.08, 0.3)
_IN_STORE = ("environment", "hygiene")
_DELIVERED = ("packaging", "delivery")
_GAMMA = 4.0


@dataclass(frozen=True, slots=True)
class Voice:
    """What some comments say.

    Parameters
    ----------
    minutes
        Waited.
    mentioned, good
        By comment and aspect: whether it is spoken of, and well.
    wordless
        Comments without a word: of signs only, about no aspect.
    answered
        Whether the shop resolves it; only complaints are.
    """

    minutes: Integers
    mentioned: Flags
    good: Flags
    wordless: Flags
    answered: Flags

    @property
    def complaints(self) -> Integers:
        """Number of aspects each comment complains of."""
        return np.asarray((self.mentioned & ~self.good).sum(axis=1), dtype=np.int64)


def commented(people: People, feedback: Feedback, rows: Integers, number: Integers) -> Flags:
    """Return which orders are commented on."""
    return np.asarray(people.source.uniform("comment", rows, number) < feedback.share)


def voice_of(
    parameters: Parameters,
    store: Store,
    people: People,
    *,
    rows: Integers,
    number: Integers,
    second: Integers,
    place: Integers,
    channel: Integers,
) -> Voice:
    """Return what the comments on some orders say."""
    feedback = parameters.feedback
    assert feedback is not None
    minutes = _minutes(feedback, store, people, rows, number, second, place)
    wordless = people.source.uniform("wordless", rows, number) < feedback.wordless
    mentioned = _mentioned(parameters, store, people, rows, number, channel)
    mentioned[wordless] = False
    good = _good(feedback, people, rows, number, minutes)
    complains = (mentioned & ~good).any(axis=1)
    answered = people.source.uniform("resolved", rows, number) < feedback.answered
    return Voice(minutes, mentioned, good, np.asarray(wordless), complains & answered)


def gone_after(
    parameters: Parameters,
    store: Store,
    people: People,
    *,
    rows: Integers,
    number: int,
    second: Integers,
) -> Flags:
    """Return who leaves over a complaint about an order; an answer keeps some of them."""
    feedback = parameters.feedback
    gone = np.zeros(len(rows), dtype=bool)
    if feedback is None or feedback.complaint_leave == 0:
        return gone
    numbers = np.full(len(rows), number, dtype=np.int64)
    some = np.flatnonzero(commented(people, feedback, rows, numbers))
    rows, numbers, second = rows[some], numbers[some], second[some]
    place, channel = choose_places(parameters, store, people, rows, numbers, second // DAY)
    voice = voice_of(
        parameters, store, people,
        rows=rows, number=numbers, second=second, place=place, channel=channel,
    )  # fmt: skip
    leaves = people.source.uniform("leaves over a complaint", rows, numbers)
    kept = people.source.uniform("kept by an answer", rows, numbers) < feedback.answer_keeps
    gone[some] = (
        (voice.complaints > 0) & (leaves < feedback.complaint_leave) & ~(voice.answered & kept)
    )
    return gone


def _minutes(
    feedback: Feedback,
    store: Store,
    people: People,
    rows: Integers,
    number: Integers,
    second: Integers,
    place: Integers,
) -> Integers:
    """Return waiting times in minutes, longer in slow stores, shorter after a fix."""
    drawn = people.source.uniform("waiting", rows, number)
    factor = random.gamma(_GAMMA)(drawn) / _GAMMA
    wait = feedback.wait_minutes * store.waiting[place] * factor
    if feedback.fix is not None:
        wait = np.where(second // DAY >= feedback.fix.after, wait * feedback.fix.wait_factor, wait)
    return 1 + wait.astype(np.int64)


def _mentioned(
    parameters: Parameters,
    store: Store,
    people: People,
    rows: Integers,
    number: Integers,
    channel: Integers,
) -> Flags:
    said = [
        people.source.uniform(f"mentions {name}", rows, number) < share
        for name, share in zip(ASPECTS, _MENTIONED, strict=True)
    ]
    mentioned = np.stack(said, axis=1)
    for name in _IN_STORE:
        mentioned[:, ASPECTS.index(name)] &= ~store.delivered[channel]
    for name in _DELIVERED:
        mentioned[:, ASPECTS.index(name)] &= store.delivered[channel]
    mentioned[:, ASPECTS.index("app")] &= store.online[channel]
    mentioned[:, ASPECTS.index("membership")] &= parameters.programme is not None
    mentioned[~mentioned.any(axis=1), 0] = True
    return mentioned


def _good(
    feedback: Feedback, people: People, rows: Integers, number: Integers, minutes: Integers
) -> Flags:
    praise: list[Floats | Flags] = []
    for name in ASPECTS:
        if name == "waiting":
            praise.append(minutes <= feedback.patience)
            continue
        drawn = people.source.uniform(f"praises {name}", rows, number)
        praise.append(drawn < feedback.good.get(name, 0.8))  # type: ignore[call-overload]
    return np.stack(praise, axis=1)
