"""Which heading stands for which canonical column, judged by name and by values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from loyalty_research.intake import values as look
from loyalty_research.intake.notes import Confidence, Note, note
from loyalty_research.intake.values import Column
from loyalty_research.intake.vocabulary import aliases, lookalikes, normalise
from loyalty_research.tables import TABLES

_MOST_MASKED = 0.01
_MOST_STATUSES = 60
_FEW = 10
_AMOUNTS = ("money", "number", "integer")
_UNCHECKED = ("text", "flag")


@dataclass(frozen=True, slots=True)
class Guess:
    """A canonical column and the heading it is taken from.

    Parameters
    ----------
    column, heading
        Canonical column, and the heading as it stands in the source.
    confidence
        ``sure``: name and values agree; ``likely``: the name says so, or one of several; ``guess``.
    notes
        Why, and what to look at.
    others
        Headings that would do as well.
    rule
        Further keys of the column's rule in the brand file.
    """

    column: str
    heading: str
    confidence: Confidence
    notes: tuple[Note, ...] = ()
    others: tuple[str, ...] = ()
    rule: Mapping[str, object] = field(default_factory=dict)

    def told(self, *notes: Note, confidence: Confidence | None = None) -> Guess:
        """Return the guess with more notes, and another confidence where given."""
        return replace(self, notes=(*self.notes, *notes), confidence=confidence or self.confidence)

    def ruled(self, **rule: object) -> Guess:
        """Return the guess with more keys of its rule."""
        return replace(self, rule={**self.rule, **rule})


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was recognised in a source.

    Parameters
    ----------
    table
        Canonical table.
    guesses
        By canonical column.
    refused
        Headings whose name fits and whose values do not, with the reason, by canonical column.
    unused
        Headings that stand for no column.
    """

    table: str
    guesses: Mapping[str, Guess]
    refused: Mapping[str, tuple[Note, ...]]
    unused: tuple[str, ...]

    def missing(self) -> list[str]:
        """Return the required columns that were not found."""
        required = [item.name for item in TABLES[self.table].columns if item.required]
        return [name for name in required if name not in self.guesses]


def recognise(
    table: str, columns: Sequence[Column], *, given: Mapping[str, str] | None = None
) -> Recognised:
    """Propose a heading for every canonical column of a table.

    Parameters
    ----------
    table
        Canonical table.
    columns
        Columns of the source.
    given
        Headings that were named by hand, by canonical column.

    Notes
    -----
    The first alias whose values do not contradict it is taken; a heading stands for one column.
    """
    by_name: dict[str, Column] = {}
    for item in columns:
        by_name.setdefault(normalise(item.heading), item)
    guesses = {
        name: Guess(name, heading, "sure", (note("why.given"),))
        for name, heading in (given or {}).items()
    }
    refused: dict[str, tuple[Note, ...]] = {}
    taken = {item.heading for item in guesses.values()}
    for name in aliases(table):
        if name in guesses:
            continue
        found, against = _propose(table, name, by_name, taken)
        if against:
            refused[name] = tuple(against)
        if found is not None:
            guesses[name] = found
            taken.add(found.heading)
    unused = tuple(item.heading for item in columns if item.heading not in taken)
    return Recognised(table, guesses, refused, unused)


def _propose(
    table: str, name: str, by_name: Mapping[str, Column], taken: Iterable[str]
) -> tuple[Guess | None, list[Note]]:
    against = [
        note(f"not.{why}", heading=by_name[alias].heading, column=name)
        for alias, why in lookalikes(name).items()
        if alias in by_name
    ]
    fits: list[tuple[Column, str]] = []
    for alias in aliases(table)[name]:
        column = by_name.get(alias.name)
        if column is None or column.heading in taken:
            continue
        objection = objection_to(table, name, column)
        if objection is None:
            fits.append((column, alias.why))
        else:
            against.append(objection)
    if not fits:
        return None, against
    (best, why), *rest = fits
    return _guess(table, name, best, why, [column for column, _ in rest]), against


def _guess(table: str, name: str, best: Column, why: str, rest: Sequence[Column]) -> Guess:
    kind = TABLES[table].column(name).kind
    confidence: Confidence = "likely" if kind in _UNCHECKED or rest else "sure"
    notes = [note("why.name_only" if kind in _UNCHECKED else "why.name_and_values")]
    if rest:
        notes.append(note("why.first_of", others=", ".join(item.heading for item in rest)))
    if why:
        confidence = "guess"
        notes.append(note(f"last.{why}", heading=best.heading))
    if name == "gender":
        notes.append(note("ask.gender", values=", ".join(sorted(set(best.sample))[:6])))
    if (least := best.rows - best.present) and best.rows:
        notes.append(note("why.missing", count=f"{least:,}", rows=f"{best.rows:,}"))
    return Guess(name, best.heading, confidence, tuple(notes), tuple(x.heading for x in rest))


def objection_to(table: str, name: str, column: Column) -> Note | None:
    """Return why a column's values contradict what its heading says; None where they do not."""
    kind = TABLES[table].column(name).kind
    told: dict[str, object] = {"heading": column.heading, "column": name}
    if column.empty:
        return note("not.empty", **told)
    example = {"example": column.sample[0] if column.sample else ""}
    if kind in ("time", "date") and not column.mostly(look.is_time):
        return note("not.times", **told, **example)
    if kind in _AMOUNTS and not column.mostly(look.is_amount):
        return note("not.amounts", **told, **example)
    if name == "customer_id":
        return _objection_to_customer(column, told)
    if name == "order_id" and column.share(look.is_several) > _MOST_MASKED:
        return note("not.several", **told)
    if name == "discount" and look.is_rate(column.sample):
        return note("not.rate", **told)
    if name in ("status", "after_sales") and column.distinct > _MOST_STATUSES:
        return note("not.status", **told, count=column.distinct)
    if name == "birthday_month" and not column.mostly(lambda value: value.isdigit()):
        return note("not.birthday", **told)
    return None


def _objection_to_customer(column: Column, told: dict[str, object]) -> Note | None:
    masked = column.share(look.is_masked)
    if masked > _MOST_MASKED:
        return note("not.masked", **told, share=f"{masked:.0%}")
    if column.distinct == 1 and column.present >= _FEW:
        return note("not.constant", **told)
    return None
