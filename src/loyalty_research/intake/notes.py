"""What is told about a guess: a key of the catalogue and what its sentence prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Confidence = Literal["sure", "likely", "guess"]
Words = Callable[..., str]
"""Gives the message of a key, with its fields filled in, in the language in use."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence to be worded: ``intake.<key>`` of the catalogue, and its fields."""

    key: str
    fields: dict[str, object] = field(default_factory=dict)

    def worded(self, words: Words) -> str:
        """Return the sentence; notes among its fields are worded too."""
        fields = {
            name: value.worded(words) if isinstance(value, Note) else value
            for name, value in self.fields.items()
        }
        return words(f"intake.{self.key}", **fields)


def note(key: str, **fields: object) -> Note:
    """Build a :class:`Note`."""
    return Note(key, fields)
