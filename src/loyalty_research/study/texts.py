"""Text as tables bring it: full width, wrapped in blanks, with signs for a missing value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

Step = Callable[[ir.Table], Mapping[str, ir.Value]]
"""Columns to add to a table; later steps read what earlier ones have added."""
_FULL = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_HALF = "".join(chr(code) for code in range(0x21, 0x7F))
_BLANKS = "\u3000\u00a0\u2002\u2003\u2009\u202f\t\r\n"
_NOTHING = "\ufeff\u200b\u200e\u200f\u2060"
_EDGES = r"^[\s'\x{FEFF}\x{200B}\x{3000}\x{A0}]+|[\s\x{FEFF}\x{200B}\x{3000}\x{A0}]+$"
_DASHES = ("-", "--", "---", "—", "——", "/", "\\", "无")
_WORDS = ("\\N", "n/a", "N/A", "#N/A", "null", "NULL", "Null", "(null)", "None")
NO_DATES = tuple(
    f"{day}{clock}" for day in ("0000-00-00", "0001-01-01") for clock in ("", " 00:00:00")
)
"""What databases write for a date that is not there."""
MISSING = _DASHES + _WORDS
"""What stands for a missing value in most exports."""


@ibis.udf.scalar.builtin(name="strlen")  # type: ignore[untyped-decorator]
def _bytes(text: dt.string) -> dt.int64:
    """Return how many bytes a text takes."""


@contextmanager
def step_by_step() -> Iterator[None]:
    """Compile each step to a query of its own.

    Merged into one, every mention of a column repeats all that it was made from, and a chain of
    steps grows beyond memory before the first row is read.
    """
    before = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


def trimmed(raw: ir.StringValue) -> ir.StringValue:
    """Return a text without blanks around it, those of wide scripts included."""
    return stripped(plain_only_where(raw, raw.re_replace(_EDGES, "")))


def stripped(text: ir.StringValue) -> ir.StringValue:
    """Return a text without plain blanks around it; nearly all have none, and cost nothing."""
    outer = (text < "!") | (text.right(1) < "!")  # every blank sorts before it
    return ibis.ifelse(outer, text.strip(), text)


def present_text(
    text: ir.StringValue,
    *,
    missing: Sequence[str] = (),
    words: bool = True,
    keep: Collection[str] = (),
) -> ir.StringValue:
    """Return a trimmed text; missing where it says that there is nothing.

    Parameters
    ----------
    text
        Trimmed text.
    missing
        Further texts that stand for nothing.
    words
        Whether the usual signs and words do, such as ``-``, ``/``, ``无``, ``NULL``.
    keep
        Signs and words that mean something here.
    """
    usual = [sign for sign in MISSING if sign not in keep] if words else []
    return ibis.ifelse(text.isin(["", *usual, *missing]), ibis.null("string"), text)


def half_width(text: ir.StringValue) -> ir.StringValue:
    """Return a text with full-width letters, digits and blanks as half-width ones."""
    narrow = text.translate(_FULL + _BLANKS + _NOTHING, _HALF + " " * len(_BLANKS))
    return plain_only_where(text, narrow)


def plain_only_where(text: ir.StringValue, changed: ir.StringValue) -> ir.StringValue:
    """Return ``changed`` for a text that is not plain ASCII; nearly all are, and cost nothing."""
    return ibis.ifelse(_bytes(text) == text.length(), text, changed)
