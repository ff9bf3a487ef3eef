"""Customers: what is seen of them, and what is hidden."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loyalty_research.worlds import random
from loyalty_research.worlds.clock import Clock
from loyalty_research.worlds.families import Family, Rhythm
from loyalty_research.worlds.parameters import Parameters
from loyalty_research.worlds.random import Flags, Floats, Integers, Source
from loyalty_research.worlds.shop import Store

GENDERS = ("女", "男", "保密")
AGES = ("18-24", "25-34", "35-44", "45-54", "55+")
SOURCES = ("门店", "小程序", "朋友推荐", "外卖平台")
_GENDER = random.shares([58, 34, 8])
_AGE = random.shares([24, 38, 21, 11, 6])
_SOURCE = random.shares([40, 35, 10, 15])


@dataclass(frozen=True, slots=True)
class People:
    """Traits of some customers, one value each.

    Parameters
    ----------
    index
        Number in the world, from 0; ``customer_id`` is one more.
    source
        Their random numbers.
    rhythm
        Timing; None for walk-ins.
    entry
        Operational time of the first purchase.
    level, sensitivity, attitude, intent
        Basket level (mean 1), price sensitivity (0 to 1), attitude and hidden intent (standard
        normal).
    joins_at
        Number of the purchase from which on the customer would join the programme; -1 for never.
    home, favourite
        Own store and product, by position.
    channel
        Uniform number that picks the own channel out of the shares of the day.
    known
        Who has bought before the world's first day.
    """

    index: Integers
    source: Source
    rhythm: Rhythm | None
    entry: Floats
    level: Floats
    sensitivity: Floats
    attitude: Floats
    intent: Floats
    joins_at: Integers
    home: Integers
    favourite: Integers
    channel: Floats
    known: Flags

    def __len__(self) -> int:
        return len(self.index)


def make_people(
    parameters: Parameters, family: Family, clock: Clock, store: Store, index: Integers
) -> People:
    """Return the customers with these numbers who come before the last day ends."""
    source = Source(parameters.seed, "customer", index)
    rhythm = family.rhythm(source, len(index))
    normal = random.normal()
    share = parameters.people.attitude_rate_correlation
    entry = parameters.entry
    before = 1.0 if entry.established else entry.established_share
    known = np.asarray(source.uniform("known before") < before)
    attitude = share * rhythm.z + np.sqrt(1 - share**2) * normal(source.uniform("attitude"))
    return People(
        index=index,
        source=source,
        rhythm=rhythm,
        entry=_entry(parameters, family, clock, source, rhythm, known),
        attitude=attitude,
        intent=normal(source.uniform("intent")),
        joins_at=_joins(parameters, source, rhythm, known),
        level=_level(parameters, source),
        sensitivity=random.beta(*parameters.people.sensitivity)(source.uniform("sensitivity")),
        home=random.choose(store.store_shares, source.uniform("home")),
        favourite=random.choose(store.first_menu, source.uniform("favourite")),
        channel=source.uniform("channel"),
        known=known,
    )


def make_walk_ins(parameters: Parameters, store: Store, index: Integers) -> People:
    """Return unidentified buyers of one order each: of ordinary taste, and members of nothing."""
    source = Source(parameters.seed, "walk-in", index)
    count = len(index)
    nothing, never = np.zeros(count), np.full(count, -1)
    return People(
        index=index,
        source=source,
        rhythm=None,
        entry=nothing,
        attitude=nothing,
        intent=nothing,
        joins_at=never,
        level=np.ones(count),
        sensitivity=random.beta(*parameters.people.sensitivity)(source.uniform("sensitivity")),
        home=random.choose(store.store_shares, source.uniform("home")),
        favourite=random.choose(store.first_menu, source.uniform("favourite")),
        channel=source.uniform("channel"),
        known=np.zeros(count, dtype=bool),
    )


def _level(parameters: Parameters, source: Source) -> Floats:
    shape = parameters.basket.level_shape
    uniforms = source.uniform("level")
    return np.ones(len(uniforms)) if shape is None else random.gamma(shape)(uniforms) / shape


def _entry(
    parameters: Parameters,
    family: Family,
    clock: Clock,
    source: Source,
    rhythm: Rhythm,
    known: Flags,
) -> Floats:
    entry = parameters.entry
    opening = clock.at_day(entry.opening_days)
    when = source.uniform("entry")
    early = source.uniform("opening") < entry.opening_share
    comes = np.where(early, when * opening, opening + when * (clock.end - opening))
    return np.where(known, family.first(source, rhythm), comes) if known.any() else comes


def _joins(parameters: Parameters, source: Source, rhythm: Rhythm, known: Flags) -> Integers:
    programme = parameters.programme
    if programme is None:
        return np.full(len(rhythm.rate), -1)
    chance = random.logistic(programme.join_base + programme.join_slope * rhythm.z)
    wait = programme.join_wait * random.exponential(source.uniform("join_wait"))
    if not parameters.entry.established:  # who was there before had joined before
        wait = np.where(known, 0.0, wait)
    return np.where(source.uniform("joins") < chance, wait.astype(np.int64), -1)


@dataclass(frozen=True, slots=True)
class Described:
    """What a shop notes down about its customers, by position in the lists of this module."""

    gender: Integers
    age: Integers
    joined_through: Integers
    birthday_month: Integers
    known: Flags


def describe(people: People) -> Described:
    """Return what is noted down; unrelated to anything the customers do."""
    source = people.source
    return Described(
        gender=random.choose(_GENDER, source.uniform("gender")),
        age=random.choose(_AGE, source.uniform("age")),
        joined_through=random.choose(_SOURCE, source.uniform("joined_through")),
        birthday_month=1 + (source.uniform("birthday") * 12).astype(np.int64),
        known=np.asarray(source.uniform("described") < 0.9),
    )
