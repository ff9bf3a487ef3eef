"""Rules of offers as data: read from YAML and checked as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)

from loyalty_research.brand import Bilingual, shown
from loyalty_research.brand.document import load_document
from loyalty_research.errors import BrandFileError, Problem, problem, raise_all
from loyalty_research.profile.offers.rules_facts import FACTS

FILE = "rules.yaml"
OWN_RULES = Path(__file__).parent / FILE
Number = StrictInt | StrictFloat
_Text = Annotated[StrictStr, Field(min_length=1)]
_Share = Annotated[Number, Field(gt=0, lt=1)]
_BOUNDS = ("min", "max")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Assumptions(_Section):
    """What an offer costs and a purchase brings; None where the brand has not said.

    Parameters
    ----------
    margin
        Contribution margin as a share of net sales.
    offer_value
        Value of the offer as a share of an order.
    contact_cost
        Cost of reaching one customer, in the brand's currency.
    horizon_days
        Days within which a purchase counts.
    holdout_share
        Share of the list left untouched; None to have it worked out.
    """

    margin: _Share | None = None
    offer_value: _Share | None = None
    contact_cost: Annotated[Number, Field(ge=0)] | None = None
    horizon_days: Annotated[StrictInt, Field(ge=1, le=365)] = 30
    holdout_share: _Share | None = None


class Rule(_Section):
    """A situation, the offer that answers it, and the reason.

    Parameters
    ----------
    id
        Name in tables and lists.
    name, offer, reason
        In both languages; the reason may print facts in braces.
    task
        acquire, activate, retain or win_back.
    priority
        The rule with the smallest number is taken first.
    when
        Conditions by fact; all must hold.
    timing
        When to offer: now, about the expected purchase, in the birthday month, at the festival.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Bilingual
    task: Literal["acquire", "activate", "retain", "win_back"]
    priority: StrictInt
    when: Annotated[dict[str, Any], Field(min_length=1)]
    offer: Bilingual
    reason: Bilingual
    timing: Literal["now", "own_rhythm", "birthday", "festival"] = "now"

    @property
    def facts(self) -> tuple[str, ...]:
        """Facts that the rule needs: for its conditions, its reason and its timing."""
        timed = {"birthday": ("months_to_birthday",), "festival": ("days_to_festival",)}
        printed = [name for _, name, _, _ in Formatter().parse(self.reason.zh + self.reason.en)]
        named = (*self.when, *filter(None, printed), *timed.get(self.timing, ()))
        return tuple(dict.fromkeys(named))


class RuleBook(_Section):
    """Rules in the order they are taken, with the assumptions of a later evaluation.

    Parameters
    ----------
    assumptions
        Margin, value of the offer, cost of contact, horizon.
    tiers
        Net sales in the period that each tier takes; empty where no programme is known.
    rules
        By priority; rules of the same priority as the file has them.
    """

    assumptions: Assumptions = Field(default_factory=Assumptions)
    tiers: dict[_Text, Annotated[Number, Field(gt=0)]] = Field(default_factory=dict)
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]


def load_rules(folder: Path | None = None) -> RuleBook:
    """Read the rules of offers: a brand's own ``rules.yaml``, else those of the package.

    Parameters
    ----------
    folder
        The brand's folder; what its file leaves out (``assumptions``, ``tiers``, ``rules``) is that
        of the package. None for the package's alone.

    Returns
    -------
    RuleBook
        With the rules by priority.

    Raises
    ------
    BrandFileError
        With every problem of the file: each names the file, the key, what was found and what is
        allowed.

    Examples
    --------
    >>> load_rules().rules[0].id
    'win_back_valuable'
    """
    own = _own_rules()
    path = None if folder is None else folder / FILE
    if path is None or not path.is_file():
        return own
    data = {name: value for name, value in load_document(path).items() if value is not None}
    kept = {name: getattr(own, name) for name in RuleBook.model_fields if name not in data}
    return _checked(data, path, kept)


@cache
def _own_rules() -> RuleBook:
    return _checked(load_document(OWN_RULES), OWN_RULES, {})


def _checked(data: Mapping[str, Any], path: Path, kept: Mapping[str, Any]) -> RuleBook:
    problems = [*_shape_problems({**kept, **data}), *_rule_problems(data.get("rules"))]
    raise_all(
        [problem("{file}: " + item.template, file=shown(path), **item.fields) for item in problems],
        BrandFileError,
    )
    book = RuleBook.model_validate({**kept, **data})
    rules = tuple(sorted(book.rules, key=lambda rule: rule.priority))
    return book.model_copy(update={"rules": rules})


def _shape_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        RuleBook.model_validate(data)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            yield _translated(item)


def _translated(item: Any) -> Problem:
    key = ".".join(str(part) for part in item["loc"] if part not in {"int", "float"})
    if item["type"] == "missing":
        return problem("{key}: missing", key=key)
    if item["type"] == "extra_forbidden":
        allowed = _keys_at(item["loc"][:-1])
        near = get_close_matches(str(item["loc"][-1]), allowed, n=3, cutoff=0.6)
        return problem(
            "{key}: unknown key; {word}: {allowed}",
            key=key,
            word="nearest allowed" if near else "allowed",
            allowed=", ".join(near or allowed),
        )
    return problem(
        "{key}: found {found}; allowed: {allowed}",
        key=key,
        found=_brief(item["input"]),
        allowed=_allowed(item),
    )


def _allowed(item: Any) -> str:
    """Return what a key may hold, in words."""
    kind, names = item["type"], item["loc"]
    if kind == "literal_error":
        return str(item["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
    if kind == "string_pattern_mismatch":
        return "small letters, digits and _, beginning with a letter"
    if {"margin", "offer_value", "holdout_share"} & set(names):
        return "a share between 0 and 1, such as 0.35"
    if "horizon_days" in names:
        return "a whole number of days from 1 to 365"
    if "priority" in names:
        return "a whole number"
    if {"contact_cost", "tiers"} & set(names) and kind != "dict_type":
        return "an amount"
    if kind.startswith("string"):
        return "a text"
    return "a list of rules" if names == ("rules",) else "keys and values"


def _keys_at(place: Sequence[Any]) -> list[str]:
    sections: dict[str, type[BaseModel]] = {"assumptions": Assumptions, "rules": Rule}
    if not place:
        return list(RuleBook.model_fields)
    if place[-1] in {"name", "offer", "reason"}:
        return list(Bilingual.model_fields)
    return list(sections[str(place[0])].model_fields)


def _rule_problems(rules: Any) -> Iterator[Problem]:
    """Yield what is wrong with facts, conditions, printed facts and names of rules."""
    if not isinstance(rules, list):
        return
    seen: dict[str, int] = {}
    for number, rule in enumerate(rules):
        if not isinstance(rule, dict):
            continue
        name = str(rule.get("id"))
        if name in seen:
            yield problem(
                "rules.{number}.id: found {found!r} again, first in rules.{first}",
                number=number,
                found=name,
                first=seen[name],
            )
        seen.setdefault(name, number)
        when = rule.get("when")
        for fact, condition in when.items() if isinstance(when, dict) else ():
            yield from _condition_problems(f"rules.{number}.when.{fact}", str(fact), condition)
        for key in ("name", "offer", "reason"):
            yield from _text_problems(f"rules.{number}.{key}", rule.get(key), key == "reason")


def _condition_problems(key: str, name: str, condition: Any) -> Iterator[Problem]:
    fact = FACTS.get(name)
    if fact is None:
        yield _unknown_fact(key, name)
        return
    if isinstance(condition, dict) and set(condition) == {"known"}:
        good, allowed = condition["known"] is True, "true"
    elif fact.kind == "number":
        good = _is_range(condition)
        allowed = "min, max or both, each a number; or {known: true}"
    else:
        good = isinstance(condition, list) and bool(condition)
        if fact.kind == "choice":
            good = good and set(map(str, condition)) <= set(fact.choices)
        else:
            good = good and all(isinstance(item, str) for item in condition)
        allowed = f"a list of {', '.join(fact.choices) or 'texts'}; or {{known: true}}"
    if not good:
        yield problem(
            "{key}: found {found}; allowed: {allowed}",
            key=key,
            found=_brief(condition),
            allowed=allowed,
        )


def _is_range(condition: Any) -> bool:
    if not isinstance(condition, dict) or not condition or not set(condition) <= set(_BOUNDS):
        return False
    numbers = condition.values()
    if any(isinstance(item, bool) or not isinstance(item, (int, float)) for item in numbers):
        return False
    low, high = condition.get("min", -math.inf), condition.get("max", math.inf)
    return not any(math.isnan(item) for item in numbers) and low <= high


def _text_problems(key: str, texts: Any, prints: bool) -> Iterator[Problem]:
    """Yield fields of a text that are no fact; only a reason prints any."""
    for language, text in texts.items() if isinstance(texts, dict) else ():
        try:
            parts = list(Formatter().parse(str(text)))
        except ValueError:
            yield problem(
                "{key}: found a brace that is not closed; allowed: a fact in braces, such as "
                "{{net_sales}}",
                key=f"{key}.{language}",
            )
            continue
        for _, name, spec, conversion in parts:
            if name is None or (prints and name in FACTS and not spec and not conversion):
                continue
            if prints:
                yield _unknown_fact(f"{key}.{language}", name)
            else:
                yield problem(
                    "{key}: found the field {found!r}; only a reason prints facts",
                    key=f"{key}.{language}",
                    found=name,
                )


def _unknown_fact(key: str, name: str) -> Problem:
    near = get_close_matches(name, FACTS, n=3, cutoff=0.5)
    return problem(
        "{key}: unknown fact {found!r}; {word}: {allowed}",
        key=key,
        found=name,
        word="nearest allowed" if near else "allowed",
        allowed=", ".join(near or FACTS),
    )


def _brief(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]} ..."
