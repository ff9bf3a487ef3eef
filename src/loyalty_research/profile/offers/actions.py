"""Whom to approach, with what, why and when, and whom to leave untouched."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.language import LANGUAGES, translator
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    drawable,
    stater,
    valid_orders,
)
from loyalty_research.profile.lifecycle import STAGES
from loyalty_research.profile.offers.actions_choose import NO_RULE, Choice, choose
from loyalty_research.profile.offers.actions_days import LATER, contact_days, contact_weeks
from loyalty_research.profile.offers.actions_facts import Extras, Facts, customer_facts
from loyalty_research.profile.offers.actions_trial import Trial, trial_of
from loyalty_research.profile.offers.actions_views import action_charts, action_tables
from loyalty_research.profile.offers.rules import RuleBook, load_rules
from loyalty_research.profile.offers.rules_facts import FACTS
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "actions"


def actions(
    brand: Any,
    *,
    period: Any,
    segments: Any = None,
    value: Any = None,
    recommended: Any = None,
    forecasts: Any = None,
    rules: RuleBook | None = None,
) -> Result:
    """Choose an offer for each customer by the rules, and size the evaluation of the list.

    Parameters
    ----------
    brand
        A brand with identified orders; products, discounts, customers and a calendar are used
        where it has them.
    period
        A brand's period or (first day, last day); the list is as of its last day.
    segments
        One row a customer: customer_id, segment; or a result with such a table; None for none.
    value
        One row a customer: customer_id, ``value``, such as the expected value of the next year, or
        a result with such a table; None takes net sales in the period for the value bands (thirds
        of customers).
    recommended
        One row a customer: customer_id, ``recommended``, the name of what to offer next; or a
        result of :func:`next_products`, whose first new item is taken; None for none.
    forecasts
        One row a customer: customer_id, stage (as the forecast sees it: active, cooling, dormant,
        lost), stage_next, chance_quieter, forecast_weeks; or a result with such a table, None in
        it where its forecast may not be used; None for none. A chance counts only where the stage
        is that of the list.
    rules
        As :func:`load_rules` returns; None takes the brand's own, else those of the package.

    Returns
    -------
    Result
        ``table``: one row a customer for whom a rule holds, lazy (customer_id, rule, task, stage,
        value_band, contact_on, and the facts the reasons print). Frames ``summary`` (one row a
        rule: customers for whom it holds, those who get its offer, net sales), ``rules`` (those
        taken), ``missing`` (rules that the data cannot evaluate, and why), ``stages``, ``weeks``,
        where segments are given ``segments``, ``trial`` (base rate, smallest gain that pays,
        customers needed, gain that can be detected) and ``terms`` (what that rests on).

    Raises
    ------
    BrandFileError
        Where the brand's ``rules.yaml`` is wrong; lists all its problems.
    DataError
        Where a column is missing.

    Notes
    -----
    A customer gets the offer of the first rule that holds, by priority. Stages and days are those
    of the customer's own rhythm, as in :func:`~loyalty_research.profile.lifecycle`; the next
    purchase is expected on the median day of a gamma-Poisson customer who has been silent as long:
    (alpha + T + s)(2^(1 / (r + x)) - 1) days from now. Customers without a purchase in the period
    are on no list. Net sales are potential size, never expected revenue.

    References
    ----------
    Fleiss, Tytun & Ury 1980, Biometrics 36(2), 343-346.
    """
    days = as_days(period)
    orders = valid_orders(brand.orders, "customer_id")
    state = stater(orders, _SECTION, days)
    book = rules or brand_rules(brand)
    extras = Extras(*(_table_of(item) for item in (segments, value, recommended, forecasts)))
    facts = customer_facts(brand, orders, days, book=book, extras=extras)
    if isinstance(facts, str):
        return _withheld(state, facts)
    choice = choose(facts, book)
    people = _people(facts, choice, book, days, week_start=state.context.week_start)
    if forecasts is not None and extras.forecasts is None:  # asked for, and not to be had
        people = people.assign(stage_next=None, chance_quieter=np.nan)
    listed = people[people["rule"] != NO_RULE].reset_index(drop=True)
    if listed.empty:
        return _withheld(state, "no_rule_holds", len(people))
    trial = trial_of(
        brand, orders, days, book=book, listed=listed, base_limit=state.context.base_limit
    )
    frames = _frames(people, listed, choice, book, trial, with_segments=extras.segments is not None)
    return Result(
        name="actions",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=_findings(state, people, frames, trial, facts),
        charts=drawable(action_charts(frames, len(people), days), state.context),
        tables=action_tables(frames, len(people), trial.rules, days),
        references=("fleiss1980", "ehrenberg1959"),
        context=state.context,
        table=ibis.memtable(listed.drop(columns=["week"])),
    )


def _table_of(extra: Any) -> Any:
    """Return the table or recommender of a result, None where it has none; a table as it is."""
    if not isinstance(extra, Result):
        return extra
    if getattr(extra, "model", extra) is None:  # customers on a continuum: there are no segments
        return None
    return getattr(extra, "recommender", extra.table)


def brand_rules(brand: Any) -> RuleBook:
    """Return a brand's own rules where its folder holds some, else those of the package."""
    file = getattr(brand, "file", None)
    return load_rules(None if file is None else Path(file.folder))


def _withheld(state: Stater, reason: str, base: int = 0) -> Result:
    return Result(
        name="actions",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame({"rule": [], "customers": []})},
        findings=(state.withheld("actions_listed", reason, definition="action_rule", base=base),),
        context=state.context,
    )


def _people(
    facts: Facts, choice: Choice, book: RuleBook, days: Days, *, week_start: int
) -> pd.DataFrame:
    """Return the facts with the rule taken, its task, and the day and week of contact."""
    frame = facts.frame.assign(rule=choice.rule)
    task: dict[str, str] = {rule.id: rule.task for rule in book.rules}
    timings: dict[str, str] = {rule.id: rule.timing for rule in book.rules}
    timing = frame["rule"].map(timings)
    on = contact_days(timing, frame, as_of=days.end, festival=facts.festival)
    weeks = contact_weeks(on, as_of=days.end, week_start=week_start)
    return frame.assign(task=frame["rule"].map(task), contact_on=on.dt.date, week=weeks)


def _frames(
    people: pd.DataFrame,
    listed: pd.DataFrame,
    choice: Choice,
    book: RuleBook,
    trial: Trial,
    *,
    with_segments: bool,
) -> dict[str, pd.DataFrame]:
    summary = _summary(people, choice, book)
    taken = summary[(summary["rule"] != NO_RULE) & (summary["customers"] > 0)]
    names = summary.set_index("rule")
    tried = trial.frame.assign(
        **{key: trial.frame["rule"].map(names[key]).fillna("") for key in ("name_zh", "name_en")}
    )
    frames = {
        "summary": summary,
        "rules": taken.sort_values("customers", ascending=False, kind="stable", ignore_index=True),
        "stages": _counts(people, listed, "stage"),
        "weeks": _weeks(people),
        "trial": tried,
        "terms": pd.DataFrame([dataclasses.asdict(term) for term in trial.terms]),
    }
    if with_segments:
        frames["segments"] = _counts(people, listed, "segment")
    if choice.missing:
        frames["missing"] = _missing(choice, book)
    return frames


def _summary(people: pd.DataFrame, choice: Choice, book: RuleBook) -> pd.DataFrame:
    """Count by rule for whom it holds and who gets its offer; last those without any."""
    total = float(people["net_sales"].sum()) or 1.0
    names: dict[str, tuple[str, ...]] = {
        rule.id: (rule.name.zh, rule.name.en, rule.task) for rule in book.rules
    }
    nobody = (translator(language).label("action_rule", NO_RULE) for language in LANGUAGES)
    names[NO_RULE] = (*nobody, NO_RULE)
    rows = []
    for key in (*choice.holds, NO_RULE):
        own = people.loc[people["rule"] == key, "net_sales"]
        holds = int(choice.holds[key].sum()) if key in choice.holds else len(own)
        row = dict(zip(("rule", "name_zh", "name_en", "task"), (key, *names[key]), strict=True))
        rows.append(
            row
            | {
                "holds": holds,
                "customers": len(own),
                "others": holds - len(own),  # they get the offer of a rule before it
                "share_customers": len(own) / max(len(people), 1),
                "net_sales": float(own.sum()),
                "share_sales": float(own.sum()) / total,
            }
        )
    return pd.DataFrame(rows)


def _counts(people: pd.DataFrame, listed: pd.DataFrame, column: str) -> pd.DataFrame:
    """Count the customers on the list beside all, by stage or segment."""
    everybody = people[column].fillna("").replace("", NO_RULE).value_counts()
    own = listed[column].fillna("").replace("", NO_RULE).value_counts()
    place = {stage: number for number, stage in enumerate(STAGES)}
    names = sorted(map(str, everybody.index), key=lambda name: (place.get(name, 0), name))
    frame = pd.DataFrame({column: names})
    frame["group_customers"] = [int(everybody[name]) for name in frame[column]]
    frame["customers"] = [int(own.get(name, 0)) for name in frame[column]]
    frame["unlisted"] = frame["group_customers"] - frame["customers"]
    return frame.assign(share_listed=frame["customers"] / frame["group_customers"])


def _weeks(people: pd.DataFrame) -> pd.DataFrame:
    """Count customers by week of contact; last those without an offer."""
    counts = people["week"].where(people["rule"] != NO_RULE, NO_RULE).value_counts()
    names = sorted(counts.index, key=lambda name: (name == NO_RULE, name == LATER, name))
    frame = pd.DataFrame({"week": names, "customers": [int(counts[name]) for name in names]})
    frame["share_customers"] = frame["customers"] / len(people)
    for language in LANGUAGES:
        words = translator(language)
        labels = {code: words.label("action_week", code) for code in (LATER, NO_RULE)}
        frame[f"week_{language}"] = [
            labels.get(name) or words.value(name, "date") for name in names
        ]
    return frame


def _missing(choice: Choice, book: RuleBook) -> pd.DataFrame:
    names = {rule.id: rule.name for rule in book.rules}
    rows = [
        {"rule": rule, "name_zh": names[rule].zh, "name_en": names[rule].en, "need": need}
        for rule, facts in choice.missing.items()
        for need in dict.fromkeys(FACTS[fact].need for fact in facts)
    ]
    return pd.DataFrame(rows)


def _findings(
    state: Stater,
    people: pd.DataFrame,
    frames: Mapping[str, pd.DataFrame],
    trial: Trial,
    facts: Facts,
) -> tuple[Finding, ...]:
    summary, largest = frames["summary"], frames["rules"].iloc[0]
    on_list = summary["rule"] != NO_RULE
    listed = int(summary.loc[on_list, "customers"].sum())
    first = state(
        "actions_listed",
        Estimate(listed / len(people), None, None, len(people)),
        unit="share",
        definition="action_rule",
        method="rules",
        subject="actions",
        values={
            "people": Value(listed, "customers"),
            "sales": Value(float(summary.loc[on_list, "net_sales"].sum()), "money"),
            "rule": Value({"zh": largest["name_zh"], "en": largest["name_en"]}, "bilingual"),
            "rule_people": Value(int(largest["customers"]), "customers"),
            "rule_sales": Value(float(largest["net_sales"]), "money"),
            "rules": Value(int((summary.loc[on_list, "customers"] > 0).sum()), "count"),
            "band": Value(facts.value_rule, "label:value_rule"),
        },
    )
    return first, _holdout(state, trial)


def _holdout(state: Stater, trial: Trial) -> Finding:
    """State the share to leave untouched, from the smallest gain that pays."""
    common: dict[str, Any] = {"definition": "holdout", "base": trial.customers}
    terms = {term.name: Value(term.value, term.unit) for term in trial.terms}
    if trial.reason:
        return state.withheld("actions_holdout", trial.reason, values=terms, **common)
    enough = trial.least is not None and trial.gain is not None and trial.least <= trial.gain
    finding = state(
        "actions_holdout",
        trial.share,
        unit="share",
        method="two_proportions",
        subject="actions_holdout",
        values=terms
        | {
            "base_rate": Value(trial.base.value, "share"),
            "paying": Value(trial.gain, "percentage_point"),
            "least": Value(trial.least, "percentage_point"),
            "needed": Value(trial.needed, "count"),
            "rules": Value(len(trial.rules), "count"),
            "reach": Value("enough" if enough else "short", "label:action_reach"),
            "terms": Value("assumed" if trial.assumed else "known", "label:action_terms"),
        },
        **common,
    )
    if trial.assumed and finding.status == "stated" and finding.evidence != "synthetic":
        finding = dataclasses.replace(finding, evidence="assumed")
    return finding
