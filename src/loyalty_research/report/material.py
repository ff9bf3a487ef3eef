"""What a report is rendered from: executed chapters, stored results, facts of the brand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from loyalty_research.engine.context import DEFAULT_CONTEXT, Context
from loyalty_research.language import LANGUAGES, Language, catalogue
from loyalty_research.report.chapters import Chapter
from loyalty_research.report.editorial import Editorial
from loyalty_research.report.imprint import Imprint
from loyalty_research.report.runs import Run
from loyalty_research.report.verdict import Placed, Verdict, decide, unique
from loyalty_research.results import ResultStore, StoredResult


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter with its execution and stored results.

    Parameters
    ----------
    chapter, run
        The notebook and its execution.
    results
        What is shown, by key.
    names
        Name of every stored result by key, those an editor left out included.
    editorial
        What an editor changed, the texts filled.
    """

    chapter: Chapter
    run: Run
    results: Mapping[str, StoredResult]
    names: Mapping[str, str] = field(default_factory=dict)
    editorial: Editorial = field(default_factory=Editorial)


@dataclass(frozen=True)
class Report:
    """Everything the pages print.

    Parameters
    ----------
    brand
        Folder name of the brand.
    titles
        Title of the report by language; empty where the brand file has none.
    names
        Name of the brand by language.
    date
        Date of the report, ISO.
    parts
        Chapters in order.
    languages
        Languages to render.
    tables
        Tables the brand brings; None where unknown.
    stated_period
        First and last day reported on; None to take it from the findings.
    imprint
        What stands on the cover and in the footers.
    editorial
        What an editor changed, the texts filled.
    """

    brand: str
    titles: Mapping[str, str]
    names: Mapping[str, str]
    date: str
    parts: tuple[Part, ...]
    languages: tuple[Language, ...]
    tables: tuple[str, ...] | None = None
    stated_period: tuple[str, str] | None = None
    imprint: Imprint = field(default_factory=Imprint)
    editorial: Editorial = field(default_factory=Editorial)

    @cached_property
    def _placed(self) -> tuple[list[Placed], list[str]]:
        return unique(
            Placed(finding, part.chapter.name, result.context)
            for part in self.parts
            for result in part.results.values()
            for finding in result.findings
        )

    @property
    def findings(self) -> list[Placed]:
        """All findings, one an id, in the order shown."""
        return self._placed[0]

    @property
    def clashes(self) -> list[str]:
        """Ids that stand for two different statements; the first is kept."""
        return self._placed[1]

    @cached_property
    def context(self) -> Context:
        """Context of the brand, as results on its own rows carry it."""
        found = [result.context for part in self.parts for result in part.results.values()]
        own = (item for item in found if item.evidence in ("observed", "synthetic"))
        return next(own, next(iter(found), DEFAULT_CONTEXT))

    @cached_property
    def simulated(self) -> bool:
        """Whether any number comes from simulated rows."""
        return any(
            result.context.evidence == "synthetic"
            or any(finding.evidence == "synthetic" for finding in result.findings)
            for part in self.parts
            for result in part.results.values()
        )

    @cached_property
    def published(self) -> bool:
        """Whether figures of public sources are quoted, which are real in any report."""
        return any(item.finding.evidence == "published" for item in self.findings)

    @cached_property
    def period(self) -> tuple[str, str] | None:
        """First and last day reported on; published figures have periods of their own."""
        if self.stated_period is not None:
            return self.stated_period
        own = [item.finding for item in self.findings if item.finding.evidence != "published"]
        days = [finding.period for finding in own]
        if not days:
            return None
        return min(first for first, _ in days), max(last for _, last in days)

    @property
    def source(self) -> str:
        """Short name of the source of the rows."""
        return self.context.provenance

    @cached_property
    def verdict(self) -> Verdict:
        """What the first page says."""
        return decide(
            self.findings,
            has=lambda key: all(key in catalogue(language) for language in LANGUAGES),
            tables=self.tables,
        )


def load_part(chapter: Chapter, run: Run) -> Part:
    """Read the stored results of an execution."""
    results = {result.key: result for result in ResultStore(run.store)}
    return Part(chapter, run, results, {key: result.name for key, result in results.items()})
