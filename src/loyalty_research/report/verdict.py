"""What the first page says: chosen from the findings by rules, in no language yet."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from loyalty_research.engine.context import Context
from loyalty_research.findings import Finding


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding with the chapter it stands in and the context of its rows."""

    finding: Finding
    chapter: str
    context: Context


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A rule that applies, and the finding it comes from."""

    id: str
    source: Placed


@dataclass(frozen=True, slots=True)
class Verdict:
    """The parts of the first page.

    Parameters
    ----------
    warnings
        Findings a reader must know before anything else.
    headline
        Finding of the one sentence; None where none is stated.
    numbers
        At most six findings for the strip of numbers.
    findings
        At most five, at most one a subject: by net sales concerned, then those without.
    recommendations
        At most three.
    withheld
        Findings the data cannot state, those of the first page first.
    gaps
        Identifiers of questions that need a table the brand does not bring.
    """

    warnings: tuple[Placed, ...]
    headline: Placed | None
    numbers: tuple[Placed, ...]
    findings: tuple[Placed, ...]
    recommendations: tuple[Recommendation, ...]
    withheld: tuple[Placed, ...]
    gaps: tuple[str, ...]


@cache
def rules(name: str) -> Any:
    """Return the rules in ``name``.yaml."""
    text = files("loyalty_research.report").joinpath(f"{name}.yaml").read_text("utf-8")
    return yaml.safe_load(text)


def decide(
    placed: Sequence[Placed],
    *,
    has: Callable[[str], bool],
    tables: Collection[str] | None,
    settings: Mapping[str, Any] | None = None,
    advice: Sequence[Mapping[str, Any]] | None = None,
) -> Verdict:
    """Choose what the first page says.

    Parameters
    ----------
    placed
        All findings of the report, in the order shown.
    has
        Tells whether every language has a wording for a key.
    tables
        Tables the brand brings; None where unknown: nothing is said about missing tables then.
    settings, advice
        Rules; None for those of the package.
    """
    settings = rules("verdict") if settings is None else settings
    advice = rules("recommendations") if advice is None else advice
    limits = settings["limits"]
    stated = [item for item in placed if item.finding.status == "stated"]
    by_template: dict[str, Placed] = {}
    for item in stated:
        by_template.setdefault(item.finding.template, item)

    sentences = [name for name in settings["headlines"] if has(f"headline.{name}")]
    headline = next((by_template[name] for name in sentences if name in by_template), None)
    candidates = [*settings["numbers"], *settings["reserves"]]
    size = len(settings["numbers"])
    numbers = [by_template[name] for name in candidates if name in by_template][:size]
    used = {item.finding.template for item in numbers}
    if headline is not None:
        used.add(headline.finding.template)
    free = [item for item in stated if item.finding.template not in used]
    warned = (
        rule for rule in settings["warnings"] for item in stated if _applies(rule, item.finding)
    )
    return Verdict(
        warnings=tuple(by_template[rule["finding"]] for rule in warned),
        headline=headline,
        numbers=tuple(numbers),
        findings=tuple(_main(free, settings["unpriced"], limits)),
        recommendations=tuple(_recommend(stated, advice)[: limits["recommendations"]]),
        withheld=tuple(_withheld(placed, candidates)),
        gaps=tuple(_gaps(settings["gaps"], tables)[: limits["gaps"]]),
    )


def _stake(item: Placed) -> float:
    return item.finding.at_stake or 0.0


def _main(
    items: Sequence[Placed], unpriced: Sequence[str], limits: Mapping[str, int]
) -> list[Placed]:
    """Return the main findings: by net sales, then by the order of ``unpriced``."""
    order = {name: place for place, name in enumerate(unpriced)}
    ranked = _ranked(items)
    subjects: dict[str, Placed] = {}
    listed = [item for item in items
              if item.finding.template in order and item.finding.at_stake is None]  # fmt: skip
    for item in sorted(listed, key=lambda item: order[item.finding.template]):
        subjects.setdefault(item.finding.subject, item)
    taken = {item.finding.subject for item in ranked[: limits["findings"]]}
    others = [item for name, item in subjects.items() if name not in taken]
    kept = min(limits["unpriced"], len(others))
    first = ranked[: limits["findings"] - kept]
    return [*first, *others[: limits["findings"] - len(first)]]


def _ranked(items: Iterable[Placed]) -> list[Placed]:
    """Sort by net sales concerned, largest first, and keep the first of each subject."""
    ranked = sorted(
        (item for item in items if item.finding.at_stake is not None),
        key=lambda item: (-_stake(item), item.finding.id),
    )
    subjects: dict[str, Placed] = {}
    for item in ranked:
        subjects.setdefault(item.finding.subject, item)
    return list(subjects.values())


def _recommend(
    stated: Sequence[Placed], advice: Sequence[Mapping[str, Any]]
) -> list[Recommendation]:
    found: dict[str, Recommendation] = {}
    for rule in advice:
        fitting = [item for item in stated if _applies(rule, item.finding)]
        if fitting:
            source = max(fitting, key=_stake)
            found.setdefault(source.finding.id, Recommendation(rule["id"], source))
    order = {rule["id"]: place for place, rule in enumerate(advice)}
    return sorted(found.values(), key=lambda item: (-_stake(item.source), order[item.id]))


def _applies(rule: Mapping[str, Any], finding: Finding) -> bool:
    if finding.template != rule["finding"] or finding.estimate is None:
        return False
    if any(name not in finding.values for name in rule.get("needs", ())):
        return False
    low, high = rule.get("at_least"), rule.get("at_most")
    return (low is None or finding.estimate >= low) and (high is None or finding.estimate <= high)


def _withheld(placed: Sequence[Placed], first: Sequence[str]) -> list[Placed]:
    """Return withheld findings, the first page's own first, one a template and reason."""
    order = {name: place for place, name in enumerate(first)}
    items: dict[tuple[str, str], Placed] = {}
    for item in placed:
        if item.finding.status == "withheld":
            items.setdefault((item.finding.template, item.finding.reason), item)
    return sorted(items.values(), key=lambda item: order.get(item.finding.template, len(order)))


def _gaps(gaps: Sequence[Mapping[str, Any]], tables: Collection[str] | None) -> list[str]:
    if tables is None:
        return []
    return [gap["id"] for gap in gaps if not set(gap["tables"]) & set(tables)]


def unique(placed: Iterable[Placed]) -> tuple[list[Placed], list[str]]:
    """Keep the first finding of each id.

    Returns
    -------
    tuple
        The findings kept, and the ids that stood for two different statements.
    """
    kept: dict[str, Placed] = {}
    clashes = []
    for item in placed:
        other = kept.setdefault(item.finding.id, item)
        if other is not item and dataclasses.asdict(other.finding) != dataclasses.asdict(
            item.finding
        ):
            clashes.append(item.finding.id)
    return list(kept.values()), sorted(set(clashes))
