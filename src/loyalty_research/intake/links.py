"""Which identifier of a further table is the one the transactions use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import ibis.expr.types as ir

from loyalty_research.engine import collect_one
from loyalty_research.intake.draft import TableDraft
from loyalty_research.intake.notes import note
from loyalty_research.intake.recognise import Guess

_KEYS = ("customer_id", "product_id", "store_id")
_WEAK = 0.5


def linked(tables: Mapping[str, TableDraft]) -> dict[str, TableDraft]:
    """Return the drafts with the identifiers that are found most often in the transactions.

    Parameters
    ----------
    tables
        Drafts by canonical table; all on one engine.
    """
    result = dict(tables)
    lines = tables.get("transactions")
    if lines is None:
        return result
    for key in _KEYS:
        home = lines.home_of(key)
        if home is None:
            continue
        known = home.lines.select(id=home.lines[key].cast("string"))
        known = known.filter(known.id.notnull()).distinct()
        for name, table in result.items():
            if name != "transactions" and key in table.guesses:
                guess = _best(table, table.guesses[key], known)
                result[name] = replace(table, guesses={**table.guesses, key: guess})
    return result


def _best(table: TableDraft, guess: Guess, known: ir.Table) -> Guess:
    """Return the guess for the heading that holds most of the known identifiers."""
    headings = (guess.heading, *guess.others)
    shares = {heading: _share(table, heading, known) for heading in headings}
    best = max(headings, key=lambda heading: shares[heading])
    share = f"{shares[best]:.0%}"
    others = tuple(heading for heading in headings if heading != best)
    if shares[best] < _WEAK:
        told = note("link.weak", heading=best, share=share)
        return replace(guess, heading=best, others=others).told(told, confidence="guess")
    told = note("link.found", share=share)
    return replace(guess, heading=best, others=others).told(told)


def _share(table: TableDraft, heading: str, known: ir.Table) -> float:
    """Return the share of known identifiers that stand under a heading."""
    given = table.source.rows.select(id=table.source.rows[heading])
    found = collect_one(
        known.aggregate(known=known.count()).cross_join(
            known.semi_join(given, "id").aggregate(found=lambda t: t.count())
        )
    )
    return int(found["found"]) / int(found["known"]) if found["known"] else 0.0
