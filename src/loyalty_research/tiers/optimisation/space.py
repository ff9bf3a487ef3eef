"""A space of designs: which numbers of a programme file may move, and to which values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import Field, ValidationError, model_validator

from loyalty_research.brand.fields import Code, Section, Text
from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.programmes.checking import check_programme
from loyalty_research.programmes.fields import Amount, Exact
from loyalty_research.programmes.schema import Programme

Choice = tuple[int, ...]
"""Number of the value of each knob."""
_MOST_VALUES = 1_000


class Knob(Section):
    """One number of a programme file, and the values it may take.

    Parameters
    ----------
    path
        Keys down to the number, joined by dots; entries of lists by their ``id``:
        ``rewards.drink.points``, ``tiers.levels.gold.threshold``, ``earn.purchase.by_tier.gold``,
        ``wallets.points.expiry.months``, ``benefits.upsize.take_up``.
    values
        In rising order; or a range instead.
    low, high, step
        A range: from ``low`` to ``high`` by ``step``.
    """

    path: Text
    values: tuple[Exact, ...] = ()
    low: Amount | None = None
    high: Amount | None = None
    step: Amount | None = None

    @model_validator(mode="after")
    def _complete(self) -> Knob:
        given = (self.low is not None, self.high is not None, self.step is not None)
        if bool(self.values) == any(given) or (any(given) and not all(given)):
            msg = "values, or low, high and step"
            raise ValueError(msg)
        if self.low is not None and self.high is not None and self.step is not None:
            if self.low > self.high or not self.step:
                msg = "low at most high, and a step above 0"
                raise ValueError(msg)
            if (self.high - self.low) / self.step > _MOST_VALUES:
                msg = f"at most {_MOST_VALUES:,} steps"
                raise ValueError(msg)
        return self

    @property
    def all_values(self) -> tuple[Decimal, ...]:
        """Every value, in rising order."""
        if self.low is None or self.high is None or self.step is None:
            return tuple(sorted(set(self.values)))
        count = int((self.high - self.low) / self.step)
        return tuple(self.low + self.step * place for place in range(count + 1))


class Space(Section):
    """A programme, and what of it may move.

    Parameters
    ----------
    base
        Every number that no knob moves is as here.
    knobs
        What may move.
    name
        Of the designs.
    """

    base: Programme
    knobs: tuple[Knob, ...] = Field(min_length=1)
    name: Code = "design"

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of values of each knob."""
        return tuple(len(knob.all_values) for knob in self.knobs)

    @property
    def size(self) -> int:
        """Number of designs."""
        return math.prod(self.sizes)

    def values(self, choice: Choice) -> dict[str, float]:
        """Return the values of a choice by path."""
        pairs = zip(self.knobs, choice, strict=True)
        return {knob.path: float(knob.all_values[place]) for knob, place in pairs}

    def programme(self, choice: Choice) -> Programme | None:
        """Return the programme of a choice; None where its rules contradict each other."""
        data = self.base.model_dump(mode="python")
        for knob, place in zip(self.knobs, choice, strict=True):
            _set(data, knob.path, knob.all_values[place])
        try:
            made = Programme.model_validate(data, context={"path": self.base.path})
        except ValidationError:
            return None
        return None if any(check_programme(made)) else made


def space(base: Programme, moves: Mapping[str, Sequence[float] | Mapping[str, float]]) -> Space:
    """Return a space of designs around a programme.

    Parameters
    ----------
    base
        The programme.
    moves
        By path of a number, as in :class:`Knob`, the values it may take, or ``low``, ``high`` and
        ``step``.

    Raises
    ------
    ParameterError
        With every path that leads to no number, and every list or range that cannot be used.

    Examples
    --------
    >>> space(present, {"rewards.drink.points": [80, 100, 120]})  # doctest: +SKIP
    """
    raise_all(_wrong(base, moves), ParameterError)
    return Space(base=base, knobs=tuple(_knob(path, move) for path, move in moves.items()))


def _knob(path: str, move: Any) -> Knob:
    if isinstance(move, Mapping):
        return Knob(path=path, **move)
    return Knob(path=path, values=tuple(move))


def _wrong(base: Programme, moves: Mapping[str, Any]) -> Iterator[Problem]:
    if not moves:
        yield problem("space: nothing moves; give at least one path with its values")
    data = base.model_dump(mode="python")
    for path, move in moves.items():
        if not _leads(data, path):
            yield problem(
                "space: {path!r} leads to no number of the programme; allowed: keys of its file "
                "joined by dots, entries of lists by their id, such as rewards.drink.points",
                path=path,
            )
            continue
        try:
            _knob(path, move)
        except (ValidationError, TypeError) as found:
            yield problem(
                "space: {path!r}: {move} cannot be used ({reason}); allowed: a list of numbers, or "
                "low, high and step with low at most high",
                path=path,
                move=move,
                reason=_reason(found),
            )


def _reason(found: Exception) -> str:
    if isinstance(found, ValidationError):
        return str(found.errors()[0]["msg"]).removeprefix("Value error, ")
    return str(found)


def _leads(data: Any, path: str) -> bool:
    holder, key = _holder(data, path)
    if isinstance(holder, dict) and path.split(".")[-2:-1] == ["by_tier"]:
        return True
    known = isinstance(holder, dict) and key in holder
    return known and (holder[key] is None or _number(holder[key]))


def _number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _holder(data: Any, path: str) -> tuple[Any, str]:
    *steps, last = path.split(".")
    for step in steps:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, (list, tuple)):
            data = next((item for item in data if item.get("id") == step), None)
        else:
            return None, last
    return data, last


def _set(data: Any, path: str, value: Decimal) -> None:
    holder, key = _holder(data, path)
    whole = key in ("months", "days", "windows", "pending_days", "grace_days", "count", "streak")
    holder[key] = int(value) if whole else value
