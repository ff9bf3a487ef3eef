"""What the sample says to the sliders: a table, and that it is simulated."""

from __future__ import annotations

from html import escape

import pandas as pd

from loyalty_research.findings import Column
from loyalty_research.language import Translator
from loyalty_research.programmes.plan_rows import level_ids
from loyalty_research.results.html import cell_texts
from loyalty_research.tiers.simulation import Simulation

_SUMS = ("net_sales", "reward_cost", "benefit_cost", "liability_end", "retained")
_SHARES = ("participation", "able")
_UNITS = {"retained": "customers"}
_COLUMNS = (Column("present", "@unit"), Column("design", "@unit"), Column("difference", "@change"))


def answer_of(made: Simulation, base: Simulation, factor: float, words: Translator) -> pd.DataFrame:
    """Return a row a measure: present, design, difference; sums for all customers.

    Parameters
    ----------
    made, base
        The design, and what it is compared with, on the same sample.
    factor
        Customers a customer of the sample stands for.
    words
        Of the language.
    """
    one, other = made.totals, base.totals
    gain = factor * (one["gain"] - other["gain"])
    rows = [_row("gain", 0.0, gain, words, "money") | {"present": None, "design": None}]
    for name in _SUMS:
        unit = _UNITS.get(name, "money")
        rows.append(_row(name, factor * other[name], factor * one[name], words, unit))
    rows += [_row(name, other[name], one[name], words, "share") for name in _SHARES]
    here, there = _pyramid(made), _pyramid(base)
    names = made.programme.tiers.levels if made.programme.tiers else ()
    for level in names:
        row = _row("level", there.get(level.id, 0.0), here[level.id], words, "share")
        label = words.text("sliders.level", level=getattr(level.name, words.language))
        rows.append(row | {"measure": f"level_{level.id}", "label": label})
    return pd.DataFrame(rows)


def answer_html(answer: pd.DataFrame, made: Simulation, customers: int, words: Translator) -> str:
    """Return the table as HTML, with what it rests on above it."""
    note = words.text(
        "sliders.note",
        sample=words.value(made.population.size, "count"),
        all=words.value(customers, "count"),
        weeks=words.value(made.settings.periods, "count"),
    )
    heads = "".join(
        f"<th>{escape(words.text(f'sliders.{name}'))}</th>"
        for name in ("measure", "present", "design", "difference")
    )
    rows = []
    for row in answer.to_dict("records"):
        cells = "".join(
            f'<td style="text-align:right">{escape(cell_texts(column, row, words)[0])}</td>'
            for column in _COLUMNS
        )
        rows.append(f"<tr><td>{escape(str(row['label']))}</td>{cells}</tr>")
    return (
        f"<p>{escape(note)}</p><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _row(name: str, before: float, after: float, words: Translator, unit: str) -> dict[str, object]:
    change = {"money": "money_change", "share": "point_change"}.get(unit, unit)
    return {
        "measure": name,
        "label": words.text(f"sliders.{name}") if name != "level" else name,
        "unit": unit,
        "change": change,
        "present": before,
        "design": after,
        "difference": after - before,
    }


def _pyramid(made: Simulation) -> dict[str, float]:
    """Return the share of members on each level at the end."""
    held = made.done.people["level"]
    members = int((held >= 0).sum())
    return {
        level: float((held == place).sum() / members) if members else 0.0
        for place, level in enumerate(level_ids(made.programme))
    }
