"""The verdict in one language: what the first page's template prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from loyalty_research.findings import Finding, Value
from loyalty_research.language import Translator, translator
from loyalty_research.report.editorial import VERDICT
from loyalty_research.report.material import Report
from loyalty_research.report.verdict import Placed, Recommendation, rules
from loyalty_research.results.html import tags_html

_COMPARISONS = ("yoy", "mom", "compared", "yoy_month", "mom_month")
_ROWS = ("who", "measure", "cost", "test", "when")


def front_page(report: Report, words: Translator) -> dict[str, Any]:
    """Return the parts of the verdict page in the language of ``words``."""
    verdict = report.verdict
    own = translator(words.language, report.context)
    headline = verdict.headline
    return {
        "warnings": [own.finding(item.finding) for item in verdict.warnings],
        "headline": own.finding(headline.finding, prefix="headline") if headline else "",
        "numbers": [_number(item, own, report) for item in verdict.numbers],
        "findings": [_finding(item, own) for item in verdict.findings],
        "remarks": [
            text
            for item in report.editorial.paragraphs
            if item.place == VERDICT and (text := item.text(words.language))
        ],
        "recommendations": [
            *(_recommendation(item, own) for item in verdict.recommendations),
            *_own_recommendations(report, words.language),
        ],
        "open": _open(report, own),
    }


def label_of(finding: Finding, words: Translator) -> str:
    """Return the name of a number: ``kpi.<template>``, else the term of its definition."""
    for key in (f"kpi.{finding.template}", f"term.{finding.definition}"):
        if words.has(key):
            return words.text(key)
    return words.text(f"subject.{finding.template}")


def _number(item: Placed, words: Translator, report: Report) -> dict[str, Any]:
    finding = item.finding
    defined = words.has(f"definition.{finding.definition}")
    return {
        "label": label_of(finding, words),
        "value": words.value(finding.estimate, finding.unit),
        "interval": words.interval(finding.low, finding.high, finding.unit).strip(),
        "changes": list(_changes(finding, words)),
        "grade": words.text(f"report.evidence.{finding.evidence}"),
        "base": words.text("report.base", base=words.value(finding.base, finding.base_unit)),
        "period": words.period(finding.period) if finding.period != report.period else "",
        "href": f"{item.chapter}.html#def-{finding.definition}" if defined else "",
    }


def _changes(finding: Finding, words: Translator) -> Iterator[str]:
    """Yield what a number is compared with: the same dates a year before, the period before."""
    values = finding.values
    for kind in _COMPARISONS:
        change = values.get(kind)
        if change is None:
            continue
        low, high = (_bound(values.get(f"{kind}_{name}")) for name in ("low", "high"))
        yield words.text(
            f"report.compare.{kind}",
            change=change,
            interval=words.interval(low, high, change.unit),
            month=values.get(f"{kind}_of", Value(None)),
        )


def _bound(value: Value | None) -> float | None:
    return value.value if value and isinstance(value.value, (int, float)) else None


def _finding(item: Placed, words: Translator) -> dict[str, Any]:
    finding = item.finding
    meaning = f"meaning.{finding.template}"
    stake = Value(finding.at_stake, "money")
    priced = finding.at_stake is not None
    return {
        "sentence": words.finding(finding),
        "meaning": words.finding(finding, prefix="meaning") if words.has(meaning) else "",
        "tags": Markup(tags_html(finding, words)),
        "stake": words.text("report.stake", at_stake=stake) if priced else "",
        "href": _address(item),
        "placed": item,
    }


def _recommendation(item: Recommendation, words: Translator) -> dict[str, Any]:
    source = item.source.finding
    values: dict[str, Any] = {
        "estimate": Value(source.estimate, source.unit),
        "interval": words.interval(source.low, source.high, source.unit),
        "base": Value(source.base, source.base_unit),
        "period": words.period(source.period),
        "at_stake": Value(source.at_stake, "money"),
        **source.values,
    }

    def text(part: str) -> str:
        return words.text(f"recommendation.{item.id}.{part}", **values)

    rows = [(words.text(f"report.{part}"), text(part)) for part in _ROWS]
    if source.at_stake is not None:
        potential = words.text("report.potential_text", **values)
        rows.insert(1, (words.text("report.potential"), potential))
    return {
        "action": text("action"),
        "rows": rows,
        "finding": words.finding(source),
        "href": _address(item.source),
    }


def _own_recommendations(report: Report, language: str) -> list[dict[str, Any]]:
    """Return the recommendations an editor added; they rest on no finding."""
    texts = (item.text(language) for item in report.editorial.recommendations)
    return [{"action": text, "rows": [], "finding": "", "href": ""} for text in texts if text]


def recommendation_rows(item: dict[str, Any], words: Translator) -> list[tuple[str, str]]:
    """Return the rows of a recommendation, the finding it rests on last."""
    last = [(words.text("report.based_on"), item["finding"])] if item["finding"] else []
    return [*item["rows"], *last]


def _open(report: Report, words: Translator) -> list[str]:
    """Return what cannot be concluded: withheld findings by reason, then questions without data."""
    by_reason: dict[str, list[str]] = {}
    for item in report.verdict.withheld:
        finding = item.finding
        names = by_reason.setdefault(words.reason(finding), [])
        subject = words.text(f"subject.{finding.template}")
        if subject not in names:
            names.append(subject)
    comma = words.text("report.comma")
    sentences = [
        words.text("withheld", subject=comma.join(names), reason=reason)
        for reason, names in by_reason.items()
    ]
    limit = rules("verdict")["limits"]["withheld"]
    return sentences[:limit] + [words.text(f"gap.{name}") for name in report.verdict.gaps]


def _address(item: Placed) -> str:
    return f"{item.chapter}.html#f-{item.finding.id}"
