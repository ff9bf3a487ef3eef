"""A space of designs around a programme: prices, thresholds, multipliers, expiry, budgets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from loyalty_research.language import LANGUAGES, translator
from loyalty_research.programmes.schema import Programme
from loyalty_research.programmes.schema.levels import Benefit
from loyalty_research.tiers.optimisation import Knob, Space, space
from loyalty_research.tiers.proposals.options import MONTH
from loyalty_research.tiers.simulation import Population

PERK = "level_gift"
"""Id of the benefit that is added where a programme's levels bring nothing without points."""
_FACTORS = (0.75, 1.0, 1.25)
_MULTIPLES = (1.0, 1.25, 1.5)
_QUOTAS = (0.0, 0.2, 0.5)
_MONTHS = (6, 12, 24)
_SMALL = 20
_MOST = 2
"""Rewards, levels and benefits of a kind that move, the highest ones."""


@dataclass(frozen=True, slots=True)
class Move:
    """One number that may move: path, values, present value, name by language, unit.

    ``plain`` is what it means where a file does not set it.
    """

    path: str
    values: tuple[float, ...]
    present: float
    label: Mapping[str, str]
    unit: str = "number"
    plain: float = 0.0


@dataclass(frozen=True, slots=True)
class Around:
    """A space around a programme, and what its knobs are called."""

    space: Space
    moves: tuple[Move, ...]


def space_around(programme: Programme, people: Population | None = None) -> Around | None:
    """Return designs around a programme; None where no number of it can move.

    Parameters
    ----------
    programme
        The present programme, or a candidate where the brand runs none.
    people
        Whose own pace levels must be within reach of; None where nobody's is known.

    Notes
    -----
    Prices of rewards and thresholds of levels a quarter lower and higher (a level that fewer than
    2 % reach at their own pace: where 2 % and 5 % would), points for the upper
    levels up to one half more, shorter and longer expiry, benefits for half and for one and a half
    times as many. Where levels bring no benefit, a gift of the first reward each month is added
    for the upper ones; the share of their members who get one is its budget.
    """
    base = with_gift(programme)
    moves = tuple(
        move
        for move in (*_prices(base), *_thresholds(base, people), *_multiples(base), *_expiry(base),
                     *_budgets(base))
        if len(move.values) > 1
    )  # fmt: skip
    if not moves:
        return None
    made = space(base, {move.path: move.values for move in moves})
    return Around(made.model_copy(update={"name": "proposal"}), moves)


def named_space(made: Space) -> Around:
    """Return a space that somebody wrote, its knobs named by their paths."""
    return Around(made, tuple(_by_path(made.base, knob) for knob in made.knobs))


def with_gift(programme: Programme) -> Programme:
    """Return a programme whose upper levels have a benefit; nobody gets the one added."""
    tiers, rewards = programme.tiers, programme.rewards
    known = [item for item in rewards if item.value is not None and item.cost is not None]
    if tiers is None or len(tiers.levels) < 2 or not known or _timed(programme):
        return programme
    first = known[0]
    text = {
        language: translator(language).text(
            "programme.level_gift", reward=getattr(first.name, language)
        )
        for language in LANGUAGES
    }
    gift = Benefit.model_validate(
        {
            "id": PERK,
            "name": text,
            "tiers": [item.id for item in tiers.levels[1:]][-_MOST:],
            "per": "month",
            "value": first.value,
            "cost": first.cost,
            "take_up": 0,
        }
    )
    made = programme.model_copy(update={"benefits": (*programme.benefits, gift)})
    made._path = programme._path
    return made


def _timed(programme: Programme) -> list[Benefit]:
    """Return the benefits whose value and take-up are known."""
    return [
        item for item in programme.benefits if item.value is not None and item.take_up is not None
    ]


def _prices(base: Programme) -> Iterator[Move]:
    for reward in base.rewards[:_MOST]:
        now = float(reward.points)
        label = _label("price", reward.name)
        yield Move(f"rewards.{reward.id}.points", _scaled(now), now, label, "count")


def _thresholds(base: Programme, people: Population | None) -> Iterator[Move]:
    levels = base.tiers.levels[1:] if base.tiers is not None else ()
    few, more = _reached(base, people)
    for level in levels[-_MOST:]:
        if level.threshold:
            now = float(level.threshold)
            label = _label("threshold", level.name)
            values = tuple(sorted({now, _nice(few), _nice(more)})) if now > few else _scaled(now)
            yield Move(f"tiers.levels.{level.id}.threshold", values, now, label, "count")


def _reached(base: Programme, people: Population | None) -> tuple[float, float]:
    """Return the metric that 2 % and 5 % of customers reach in a window at their own pace."""
    tiers = base.tiers
    if people is None or tiers is None:
        return math.inf, math.inf
    if tiers.metric == "wallet" or tiers.window.kind == "lifetime":
        return math.inf, math.inf
    spend = people.templates.means if tiers.metric == "spend" else 1.0
    paces = people.rate * spend * (tiers.window.months * MONTH)
    few, more = np.quantile(paces, (0.98, 0.95))
    return float(few), float(more)


def _multiples(base: Programme) -> Iterator[Move]:
    levels = base.tiers.levels[1:] if base.tiers is not None else ()
    rule = next((item for item in base.earn if item.on == "order" and not item.partner), None)
    if rule is None:
        return
    for level in levels[-_MOST:]:
        now = float(rule.by_tier.get(level.id, rule.points))
        each = float(rule.points)
        values = tuple(sorted({now, *(each * factor for factor in _MULTIPLES)}))
        label = _label("multiple", level.name)
        yield Move(f"earn.{rule.id}.by_tier.{level.id}", values, now, label, plain=each)


def _expiry(base: Programme) -> Iterator[Move]:
    for name, wallet in base.wallets.items():
        if wallet.kind != "qualifying" and wallet.expiry.months:
            now = float(wallet.expiry.months)
            values = tuple(sorted({now, *map(float, _MONTHS)}))
            label = _label("expiry", wallet.name)
            yield Move(f"wallets.{name}.expiry.months", values, now, label, "count")


def _budgets(base: Programme) -> Iterator[Move]:
    for item in _timed(base)[-_MOST:]:
        now = float(item.take_up or 0)
        scaled = {min(1.0, round(now * factor, 3)) for factor in (0.5, 1.0, 1.5)}
        values = tuple(sorted(scaled)) if now else _QUOTAS
        yield Move(f"benefits.{item.id}.take_up", values, now, _label("budget", item.name), "share")


def _scaled(now: float) -> tuple[float, ...]:
    return tuple(sorted({now, *(_nice(now * factor) for factor in _FACTORS if factor != 1.0)}))


def _nice(value: float) -> float:
    """Return a number of two digits, the second even or five: what a client would print."""
    if value < _SMALL:
        return float(max(round(value), 1))
    ten = 10.0 ** (math.floor(math.log10(value)) - 1)
    step = ten * (5 if value >= 50 * ten else 2)
    return float(round(value / step) * step)


def _label(kind: str, name: object) -> dict[str, str]:
    return {
        language: translator(language).text(
            f"programme.move_{kind}", name=str(getattr(name, language))
        )
        for language in LANGUAGES
    }


def _by_path(base: Programme, knob: Knob) -> Move:
    values = tuple(map(float, knob.all_values))
    rule, level, _ = knob.path.partition(".by_tier.")
    plain = value_at(base, f"{rule}.points") if level else 0.0
    now = value_at(base, knob.path)
    names = {"zh": knob.path, "en": knob.path}
    return Move(knob.path, values, plain if math.isnan(now) else now, names, plain=plain)


def value_at(programme: Programme, path: str) -> float:
    """Return the number a path leads to; not a number where it is not set."""
    found: object = programme.model_dump(mode="python")
    for step in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, (list, tuple)):
            found = next((item for item in found if item.get("id") == step), None)
    return float("nan") if found is None else float(str(found))
