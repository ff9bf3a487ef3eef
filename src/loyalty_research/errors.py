"""Errors a user can cause, and the sentence each one prints.

One base class, a few families. Every error carries a list of problems, so that a check can collect
all of them and stop once. A problem keeps its template and its fields apart, so that a message can
be shown in another language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it stands, what was found, what is allowed.

    Parameters
    ----------
    template
        English sentence with ``{name}`` placeholders.
    fields
        Values of the placeholders.
    """

    template: str
    fields: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.fields)


def problem(template: str, **fields: object) -> Problem:
    """Build a :class:`Problem` from a template and its fields."""
    return Problem(template, fields)


class LoyaltyError(Exception):
    """Base of every error that a user's input can cause.

    Parameters
    ----------
    problems
        One or more :class:`Problem` or plain sentences.
    """

    def __init__(self, *problems: Problem | str) -> None:
        self.problems: tuple[Problem, ...] = tuple(
            item if isinstance(item, Problem) else Problem("{message}", {"message": item})
            for item in problems
        )
        super().__init__("\n".join(str(item) for item in self.problems))

    def __reduce__(self) -> tuple[type[LoyaltyError], tuple[Problem, ...]]:
        return type(self), self.problems


class BrandFileError(LoyaltyError):
    """The brand file, or the place it should stand in, is not as it must be."""


class DataError(LoyaltyError):
    """A table's file, columns or values cannot be used."""


class MissingTableError(DataError):
    """An analysis asks for a table the brand does not bring."""


class ParameterError(LoyaltyError):
    """An argument or a notebook parameter has a wrong name, type or value."""


class ReportError(LoyaltyError):
    """A report, or a chapter of it, could not be made."""


def raise_all(problems: Iterable[Problem], family: type[LoyaltyError]) -> None:
    """Raise ``family`` with all problems at once; do nothing where there are none."""
    found = tuple(problems)
    if found:
        raise family(*found)
