"""From keys, values and findings to text in one language."""

from __future__ import annotations

import os
from collections.abc import Mapping

from loyalty_research.engine.context import DEFAULT_CONTEXT, Context
from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Chart, Finding, TableView, Value
from loyalty_research.language.catalogue import LANGUAGES, Language, catalogue
from loyalty_research.language.numbers import format_interval, format_value

_LANGUAGE_VARIABLE = "LOYALTY_LANGUAGE"


class Translator:
    """Text in one language for one brand.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    context
        Currency, customer unit and audience word of the brand.
    """

    def __init__(self, language: Language, context: Context = DEFAULT_CONTEXT) -> None:
        self.language: Language = language
        self.context = context
        self._messages = catalogue(language)

    def has(self, key: str) -> bool:
        """Tell whether the catalogues hold ``key``."""
        return key in self._messages

    def text(self, key: str, **values: Value | str | float | None) -> str:
        """Return the message of ``key`` with its placeholders filled.

        ``{who}``, ``{Who}``, ``{each}`` and ``{per}`` stand for the brand's words for its
        customers everywhere (顾客, 户均; households, per household).

        Raises
        ------
        KeyError
            Where the key, or a placeholder's value, is missing.
        """
        message = self._messages[key]
        if "{" not in message:
            return message
        printed = {name: self._print(value) for name, value in values.items()}
        return message.format(**self._words(), **printed)

    def label(self, domain: str, code: object) -> str:
        """Return the label of ``code`` in ``domain``; the code itself where there is none.

        A code of the domain ``traits`` may have several parts, ``a+b``: the label of each is told.
        """
        if domain == "traits" and "+" in str(code):
            parts = [self.label(domain, part) for part in str(code).split("+")]
            return self.text("between_traits").join(parts)
        message = self._messages.get(f"label.{domain}.{code}")
        return str(code) if message is None else message.format(**self._words())

    def value(self, value: float | str | Mapping[str, str] | None, unit: str) -> str:
        """Print ``value`` in ``unit``; a dash where it is missing."""
        if unit.startswith("label:"):
            return self.label(unit.removeprefix("label:"), value)
        if isinstance(value, Mapping):
            return value[self.language]
        return format_value(value, unit, self.language, self.context)

    def interval(self, low: float | None, high: float | None, unit: str) -> str:
        """Print an interval in brackets; empty where it is missing."""
        return format_interval(low, high, unit, self.language, self.context)

    def finding(self, finding: Finding, *, prefix: str = "finding") -> str:
        """Return the sentence of ``finding``, or why it is withheld.

        Parameters
        ----------
        finding
            Stated or withheld.
        prefix
            ``finding`` for the body text, ``headline`` for the sentence of the verdict page.
        """
        if self.language in finding.wording and prefix != "meaning":
            return finding.wording[self.language]
        if finding.status == "withheld":
            subject = self.text(f"subject.{finding.template}")
            return self.text("withheld", subject=subject, reason=self.reason(finding))
        return self.text(
            f"{prefix}.{finding.template}",
            estimate=Value(finding.estimate, finding.unit),
            interval=self.interval(finding.low, finding.high, finding.unit),
            base=Value(finding.base, finding.base_unit),
            period=self.period(finding.period),
            **finding.values,
        )

    def reason(self, finding: Finding) -> str:
        """Return why ``finding`` is withheld."""
        return self.text(
            f"reason.{finding.reason}",
            base=Value(finding.base, finding.base_unit),
            base_limit=Value(self.context.base_limit, "count"),
            disclosure_limit=Value(self.context.disclosure_limit, "count"),
            **finding.values,
        )

    def period(self, period: tuple[str, str]) -> str:
        """Print a period; a single day where both ends are the same, a dash for no day."""
        first, last = (self.value(day or None, "date") for day in period)
        return first if first == last else self.text("period", first=first, last=last)

    def title(self, view: Chart | TableView) -> str:
        """Return the title of a figure (a sentence with a number) or of a table."""
        return self._view_text(view, "title")

    def alt(self, chart: Chart) -> str:
        """Return what a figure states, for who cannot see it."""
        return self._view_text(chart, "alt")

    def source(self, view: Chart | TableView) -> str:
        """Return the line under a figure or table: source, base, period."""
        published = self.context.evidence == "published"
        return self.text(
            "source_line_published" if published else "source_line",
            source=self.context.provenance or self.context.brand or self.text("source_unknown"),
            base=Value(view.base, view.base_unit),
            period=self.period(view.period),
        )

    def notes(self, view: Chart | TableView) -> list[str]:
        """Return what is said of cells that are hidden, and other small print."""
        limits = {
            name: Value(getattr(self.context, name), "count")
            for name in ("disclosure_limit", "base_limit")
        }
        mark = self.text("note.blank" if isinstance(view, Chart) else "note.mark")
        values: dict[str, Value | str] = {**view.values, **limits, "mark": mark}
        return [self.text(f"note.{name}", **values) for name in view.notes]

    def definitions(self, view: Chart | TableView) -> list[tuple[str, str]]:
        """Return (term, definition) of every ratio the view shows."""
        return [
            (self.text(f"term.{name}"), self.text(f"definition.{name}"))
            for name in view.definitions
        ]

    def _view_text(self, view: Chart | TableView, part: str) -> str:
        kind = "chart" if isinstance(view, Chart) else "table"
        return self.text(
            f"{kind}.{view.key}.{part}",
            base=Value(view.base, view.base_unit),
            period=self.period(view.period),
            **view.values,
        )

    def _print(self, value: Value | str | float | None) -> str:
        if isinstance(value, Value):
            return self.value(value.value, value.unit)
        return value if isinstance(value, str) else self.value(value, "number")

    def _words(self) -> Mapping[str, str]:
        household = self.context.customer_unit == "household"
        if self.language == "zh":
            who = self.context.audience_word
            return {"who": who, "Who": who, "each": who, "per": "户均" if household else "人均"}
        each = "household" if household else "customer"
        who = f"{each}s"
        return {"who": who, "Who": who.capitalize(), "each": each, "per": f"per {each}"}


def set_language(language: str) -> None:
    """Choose the language in which results are shown: ``zh`` or ``en``.

    Raises
    ------
    ParameterError
        For any other value.
    """
    os.environ[_LANGUAGE_VARIABLE] = _checked(language)


def current_language() -> Language:
    """Return the language in use; English where none was chosen."""
    return _checked(os.environ.get(_LANGUAGE_VARIABLE, "en"))


def translator(language: str | None = None, context: Context = DEFAULT_CONTEXT) -> Translator:
    """Return the translator of ``language``, or of the language in use."""
    return Translator(current_language() if language is None else _checked(language), context)


def _checked(language: str) -> Language:
    for allowed in LANGUAGES:
        if language == allowed:
            return allowed
    raise ParameterError(problem("language: found {found!r}; allowed: zh, en", found=language))
