"""Words that rules are told with: points, amounts, names of levels, conditions of a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from loyalty_research.brand.fields import Bilingual
from loyalty_research.engine import Context
from loyalty_research.language import Translator
from loyalty_research.language.catalogue import Language
from loyalty_research.language.numbers import unit_word
from loyalty_research.programmes.fields import Where
from loyalty_research.programmes.schema import Cap, Limit, Programme

_NAMED = (
    ("only", "categories"),
    ("only", "products"),
    ("except", "not_categories"),
    ("only", "channels"),
    ("except", "not_channels"),
    ("only", "stores"),
)
"""Conditions that name things of the brand, and how they are told."""

_WORKING_DAYS = {"monday", "tuesday", "wednesday", "thursday", "friday"}


class Wording:
    """Words of one language for the rules of one programme.

    Parameters
    ----------
    programme
        Whose names and currency are printed.
    language
        ``zh`` or ``en``.
    """

    def __init__(self, programme: Programme, language: Language) -> None:
        self.programme = programme
        context = Context(currency=programme.currency)
        self.words = Translator(language, context)
        self._currency = unit_word("money", language, context)
        self._levels = programme.tiers.levels if programme.tiers else ()

    def say(self, key: str, **parts: str) -> str:
        """Return the phrase ``rule.<key>`` with its parts."""
        return self.words.text(f"rule.{key}", **parts)

    def of(self, text: Bilingual) -> str:
        """Return a text in this language."""
        return str(getattr(text, self.words.language))

    def number(self, value: Decimal) -> str:
        """Return a number as it is typed in the file, with separators of thousands."""
        return f"{value.normalize():,f}"

    def signed(self, value: Decimal) -> str:
        """Return what is added, ``+1.2``."""
        return f"+{self.number(value)}"

    def money(self, value: Decimal) -> str:
        """Return an amount in the programme's currency: whole, or with as many places as needed."""
        exponent = value.normalize().as_tuple().exponent
        places = max(2, -int(exponent)) if int(exponent) < 0 else 0
        number, word = f"{value:,.{places}f}", self._currency
        return f"{number} {word}" if self.words.language == "zh" else f"{word}{number}"

    def share(self, value: Decimal) -> str:
        """Return a share in per cent, no digit added."""
        return self.words.value(float(value), "rounded_share")

    def months(self, number: int) -> str:
        """Return a number of months."""
        return self.words.value(number, "months")

    def days(self, number: int) -> str:
        """Return a number of days."""
        return self.words.value(number, "days")

    def wallet(self, name: str) -> str:
        """Return what the points of a wallet are called."""
        wallet = self.programme.wallets.get(name)
        return name if wallet is None else self.of(wallet.name)

    def level(self, name: str) -> str:
        """Return what a level is called."""
        return next((self.of(level.name) for level in self._levels if level.id == name), name)

    def several(self, names: Iterable[str]) -> str:
        """Return names as a list."""
        return self.say("and").join(names)

    def joined(self, parts: Iterable[str]) -> str:
        """Return parts of a sentence behind each other, without the empty ones."""
        return self.say("then").join(part for part in parts if part)

    def behind(self, text: str, parts: Iterable[str]) -> str:
        """Return a text with parts in brackets behind it; the text alone without any."""
        told = self.say("comma").join(part for part in parts if part)
        return self.say("brackets", text=text, more=told) if told else text

    def cap(self, cap: Cap) -> str:
        """Return most points in a period."""
        key = "cap_ever" if cap.per == "ever" else "cap"
        spell = {} if cap.per == "ever" else {"spell": self.words.label("rule_spell", cap.per)}
        return self.say(key, points=self.number(cap.points), **spell)

    def limit(self, limit: Limit) -> str:
        """Return most redemptions in a period or of an order."""
        key = "limit_ever" if limit.per == "ever" else "limit"
        spell = {} if limit.per == "ever" else {"spell": self.words.label("rule_spell", limit.per)}
        return self.say(key, count=str(limit.count), **spell)

    def minimum(self, amount: Decimal) -> str:
        """Return the least amount of an order; empty for none."""
        return self.say("minimum", amount=self.money(amount)) if amount else ""

    def partner(self, name: str | None) -> str:
        """Return the partner a rule is bound to; empty for none."""
        known = self.programme.partners.get(name or "")
        told = name if known is None else self.of(known.name)
        return self.say("only", names=told) if told else ""

    def where(self, where: Where) -> Iterator[str]:
        """Yield the conditions of a rule."""
        for key, field in _NAMED:
            if names := getattr(where, field):
                told = (self.words.label("rule_term", name) for name in names)
                yield self.say(key, names=self.several(told))
        if where.weekdays:
            named = ("working",) if set(where.weekdays) == _WORKING_DAYS else where.weekdays
            days = (self.words.label("rule_weekday", day) for day in named)
            yield self.say("only", names=self.several(days))
        if where.days_of_month:
            days = (str(day) for day in where.days_of_month)
            yield self.say("days_of_month", days=self.several(days))
        for span in where.dates:
            first, last = (self.words.value(str(day), "date") for day in (span.start, span.end))
            yield self.words.text("period", first=first, last=last)
        if where.hours:
            yield f"{where.hours[0]}–{where.hours[1]}"
        if where.tiers:
            yield self.say("only", names=self.several(map(self.level, where.tiers)))
        if where.birthday_month:
            yield self.say("birthday_month")
