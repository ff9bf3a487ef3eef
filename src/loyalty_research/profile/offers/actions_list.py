"""The action list as a file for the brand's own use: a row a customer, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

import pandas as pd

from loyalty_research.brand import Calendar
from loyalty_research.engine import collect
from loyalty_research.errors import ParameterError, problem
from loyalty_research.language import Translator, translator
from loyalty_research.profile.offers.actions_days import next_festival
from loyalty_research.profile.offers.actions_trial import SHARE
from loyalty_research.profile.offers.holdout_flag import holdout_flags
from loyalty_research.profile.offers.rules import Rule, RuleBook
from loyalty_research.profile.offers.rules_facts import FACTS
from loyalty_research.study.private import PSEUDONYM, SOURCE_ID, export_persons

if TYPE_CHECKING:
    from loyalty_research.results import Result
    from loyalty_research.study.brand import Brand

FILE = "actions"
_LABELS = {
    "task": "task",
    "recommended": "category",
    "stage": "stage",
    "stage_next": "stage",
    "segment": "traits",
    "value_band": "value_band",
    "channel": "channel",
}
_ITEM_DOMAINS = ("category", "subcategory")
_COLUMNS = (
    "campaign",
    "held_out",
    "task",
    "rule",
    "offer",
    "recommended",
    "channel",
    "contact_on",
    "stage",
    "stage_next",
    "chance_quieter",
    "segment",
    "value_band",
    "reason",
)


@dataclass(frozen=True, slots=True)
class WrittenList:
    """An action list that was written.

    Parameters
    ----------
    path
        The file.
    share
        Share of customers left untouched that was aimed at.
    counts
        One row a rule: rule, name, customers, held_out.
    """

    path: Path
    share: float
    counts: pd.DataFrame


def write_actions(
    brand: Brand,
    result: Result,
    *,
    rules: RuleBook,
    campaign: str = FILE,
    language: str | None = None,
    source_ids: bool = False,
    folder: Path | None = None,
) -> WrittenList:
    """Write the action list to ``private/<brand>/actions.csv``, readable by the user alone.

    Parameters
    ----------
    brand
        The brand.
    result
        What :func:`actions` returned for it.
    rules
        The rules it was made with.
    campaign
        Name of the campaign, which decides who is left untouched.
    language
        ``zh`` or ``en``; None for the language in use.
    source_ids
        Whether the brand's own ids are written in place of pseudonyms.
    folder
        Where the file goes in place of ``private/<brand>/``.

    Returns
    -------
    WrittenList

    Raises
    ------
    ParameterError
        Where the result has no list, the campaign no name, or the file cannot be written there.
    """
    if result.table is None:
        raise ParameterError(
            problem(
                "actions: no list was made: {reason}",
                reason=translator("en", result.context).reason(result.findings[0]),
            )
        )
    listed = collect(result.table, sort_by=["customer_id"])
    terms = result.frames["terms"].set_index("name")["value"]
    share = float(terms[SHARE])
    flags = holdout_flags(brand, campaign=campaign, share=share)
    listed = listed.merge(flags, on="customer_id", how="left", validate="one_to_one")
    words = translator(language, result.context)
    listed = with_item_names(listed, words)
    texts = _worded(listed, rules, words, _festival_names(brand, result, words))
    texts["campaign"] = campaign.strip()
    columns = [name for name in _COLUMNS if name in texts.columns]
    path = export_persons(
        brand,
        texts[["customer_id", *columns]],
        FILE,
        columns,
        source_ids=source_ids,
        folder=folder,
        headings=_headings(listed, columns, words),
    )
    return WrittenList(path, share, _counts(listed, rules, words))


def _headings(listed: pd.DataFrame, columns: list[str], words: Translator) -> dict[str, str]:
    """Return the headings in words; that of the chance says within how many weeks."""
    found = {name: words.text(f"list.{name}") for name in (PSEUDONYM, SOURCE_ID, *columns)}
    if "forecast_weeks" in listed.columns and listed["forecast_weeks"].notna().any():
        weeks = int(listed["forecast_weeks"].max())
        found["chance_quieter"] = words.text("list.chance_quieter_in", weeks=str(weeks))
    return found


def with_item_names(listed: pd.DataFrame, words: Translator) -> pd.DataFrame:
    """Return the list with recommended items by the name that the catalogues have, if any."""
    if "recommended" not in listed.columns:
        return listed

    @cache
    def named(item: str) -> str:
        names = (words.label(domain, item) for domain in _ITEM_DOMAINS)
        return next((name for name in names if name != item), item)

    return listed.assign(recommended=listed["recommended"].map(named, na_action="ignore"))


def _festival_names(brand: Brand, result: Result, words: Translator) -> Mapping[str, str]:
    """Return the name of a promotion window of the brand's own, by its code."""
    end = pd.Timestamp(result.findings[0].period[1]).date()
    found = next_festival(getattr(brand, "calendar", Calendar()), after=end)
    if found is None or found.name is None:
        return {}
    return {found.code: str(getattr(found.name, words.language))}


def _worded(
    listed: pd.DataFrame, book: RuleBook, words: Translator, festivals: Mapping[str, str]
) -> pd.DataFrame:
    """Return the list in words; nothing of the facts but what a reason prints."""
    texts = listed[["customer_id"]].copy()
    for name, domain in _LABELS.items():
        if name in listed.columns:
            labels = {code: words.label(domain, code) for code in listed[name].dropna().unique()}
            texts[name] = listed[name].map(labels)
    if "chance_quieter" in listed.columns:
        known = listed["chance_quieter"].notna()
        chances = [words.value(item, "share") for item in listed.loc[known, "chance_quieter"]]
        texts.loc[known, "chance_quieter"] = chances
    texts["contact_on"] = pd.to_datetime(listed["contact_on"]).dt.strftime("%Y-%m-%d")
    held = {flag: words.text(f"list.held_out.{str(flag).lower()}") for flag in (True, False)}
    texts["held_out"] = listed["held_out"].map(held)
    rules = {rule.id: rule for rule in book.rules}
    for name in ("name", "offer"):
        said = {key: _said(rule, name, words) for key, rule in rules.items()}
        texts["rule" if name == "name" else name] = listed["rule"].map(said)
    texts["reason"] = ""
    for key, rows in listed.groupby("rule", sort=False):
        reasons = list(_reasons(rows, rules[str(key)], words, festivals))
        texts.loc[rows.index, "reason"] = reasons
    return texts


def _reasons(
    rows: pd.DataFrame, rule: Rule, words: Translator, festivals: Mapping[str, str]
) -> Iterator[str]:
    template = _said(rule, "reason", words)
    names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]

    @cache
    def printed(name: str, value: Any) -> str:
        if name == "festival" and value in festivals:
            return festivals[value]
        return words.value(value, FACTS[name].unit)

    for row in rows[names].to_dict("records") if names else [{}] * len(rows):
        yield template.format(**{str(name): printed(str(name), row[name]) for name in row})


def _said(rule: Rule, part: str, words: Translator) -> str:
    """Return a rule's name, offer or reason in the language of the list."""
    return str(getattr(getattr(rule, part), words.language))


def _counts(listed: pd.DataFrame, book: RuleBook, words: Translator) -> pd.DataFrame:
    sizes, held = listed["rule"].value_counts(), listed.loc[listed["held_out"], "rule"]
    rows = [
        {
            "rule": rule.id,
            "name": _said(rule, "name", words),
            "customers": int(sizes[rule.id]),
            "held_out": int((held == rule.id).sum()),
        }
        for rule in book.rules
        if rule.id in sizes.index
    ]
    return pd.DataFrame(rows)
