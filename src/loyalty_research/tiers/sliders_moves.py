"""Which numbers of a programme sliders move, to which values, and what they are called."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from loyalty_research.language import Translator
from loyalty_research.programmes.schema import Programme

_FACTORS = tuple(
    Decimal(text) for text in (".5", ".6", ".7", ".8", ".9", "1", "1.1", "1.25", "1.5", "1.75", "2")
)
_TIMES = tuple(Decimal(text) for text in ("1", "1.1", "1.25", "1.5", "1.75", "2", "2.5", "3"))


def moves_of(programme: Programme) -> dict[str, tuple[Decimal, ...]]:
    """Return thresholds and prices from half to twice, and multipliers from once to three times.

    Parameters
    ----------
    programme
        Its own values are always among them.

    Returns
    -------
    dict
        Values by path, as ``space`` takes them.
    """
    moves: dict[str, tuple[Decimal, ...]] = {}
    levels = programme.tiers.levels[1:] if programme.tiers else ()
    for level in levels:
        if level.threshold:
            moves[f"tiers.levels.{level.id}.threshold"] = _around(level.threshold)
    for rule in programme.earn:
        if rule.on == "order" and rule.points:
            for level in levels:
                now = rule.by_tier.get(level.id, rule.points)
                values = {now, *(_tidy(rule.points * times) for times in _TIMES)}
                moves[f"earn.{rule.id}.by_tier.{level.id}"] = tuple(sorted(values))
    for reward in programme.rewards:
        moves[f"rewards.{reward.id}.points"] = _around(reward.points)
    return moves


def label_of(programme: Programme, path: str, words: Translator) -> tuple[str, Decimal | None]:
    """Return what a number is called, and its value; its path where it has no name.

    Parameters
    ----------
    programme
        Whose number it is.
    path
        As in ``space``.
    words
        Of the language.
    """
    parts = path.split(".")
    data: Any = programme.model_dump(mode="python")
    names: list[str] = []
    for part in parts[:-1]:
        data = _step(data, part)
        if isinstance(data, dict) and "name" in data:
            names.append(data["name"][words.language])
    now = data.get(parts[-1]) if isinstance(data, dict) else None
    if parts[0] == "earn" and "by_tier" in parts:
        rule = next(item for item in programme.earn if item.id == parts[1])
        levels = {item.id: item for item in programme.tiers.levels} if programme.tiers else {}
        level = levels.get(parts[-1])
        name = getattr(level.name, words.language) if level is not None else parts[-1]
        label = words.text("sliders.multiplier", level=name, rule=names[0])
        return label, rule.by_tier.get(parts[-1], rule.points)
    keys = {"threshold": "sliders.threshold", "points": "sliders.points"}
    if names and parts[-1] in keys:
        return words.text(keys[parts[-1]], name=names[-1]), now
    return path, now


def _around(value: Decimal) -> tuple[Decimal, ...]:
    return tuple(sorted({value, *(_tidy(value * factor) for factor in _FACTORS)} - {Decimal(0)}))


def _tidy(value: Decimal) -> Decimal:
    """Return a number as one would set it: whole from ten on, else to hundredths."""
    return round(value) * Decimal(1) if value >= 10 else round(value, 2)


def _step(data: Any, part: str) -> Any:
    if isinstance(data, (list, tuple)):
        return next((item for item in data if item.get("id") == part), None)
    return data.get(part) if isinstance(data, dict) else None
