"""Makes a report: executes what is missing, renders what has changed, or says that nothing has."""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loyalty_research.brand import BrandFile, cache_folder, find_home
from loyalty_research.errors import ParameterError, problem
from loyalty_research.report import keys, runs
from loyalty_research.report.chapters import Chapter, load_chapters
from loyalty_research.report.dates import epoch_day
from loyalty_research.report.deliver import check_place, is_complete, mend, read_manifest
from loyalty_research.report.formats import is_current
from loyalty_research.report.front_page import update_front_page
from loyalty_research.report.parameters import Scalar, resolve
from loyalty_research.study import BrandFingerprint, brand_fingerprint
from loyalty_research.study.worlds import brand_file, is_world

Say = Callable[..., None]
"""Takes the key of a line of progress and what it prints."""
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for.

    Parameters
    ----------
    brand
        Name of the brand.
    chapter
        The only chapter to execute; None for all. The others are delivered where the cache has
        them.
    languages
        Languages to render.
    formats
        Of :data:`loyalty_research.report.formats.FORMATS`.
    period, compare
        In place of those of the brand file.
    jobs
        How many chapters run at the same time.
    out
        Folder of reports; None for ``reports`` in the home folder.
    settings
        (chapter or None, parameter, value).
    timeout
        Seconds a chapter may take.
    """

    brand: str
    chapter: str | None = None
    languages: tuple[str, ...] = LANGUAGES
    formats: tuple[str, ...] = ("html",)
    period: str | None = None
    compare: str | None = None
    jobs: int = 2
    out: Path | None = None
    settings: Sequence[tuple[str | None, str, Any]] = ()
    timeout: float = 1800.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked request: what would run, under which keys."""

    request: Request
    home: Path
    cache: Path
    place: Path
    file: BrandFile
    fingerprint: BrandFingerprint
    chapters: tuple[Chapter, ...]
    parameters: dict[str, dict[str, Scalar]]
    keys: dict[str, str]
    code: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a request.

    Parameters
    ----------
    place
        Folder of the report.
    executed
        Chapters that were run.
    rendered
        Whether pages were written.
    failed
        Chapters that are incomplete, with the reason.
    formats
        What became of formats that are not as asked: ``format``, ``status`` and ``why``, see
        :class:`loyalty_research.report.formats.Note`.
    files
        Every file of the report, by path within it.
    moved
        Findings that have left the interval they had when an editor wrote their text.
    """

    place: Path
    executed: tuple[str, ...]
    rendered: bool
    failed: dict[str, str]
    formats: tuple[dict[str, str], ...] = ()
    files: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()

    def opened_by(self) -> list[str]:
        """Return the files a reader opens: the first page, then those that stand alone."""
        alone = (name for name in self.files if name.startswith(f"{self.place.name}_"))
        return [name for name in ("index.html",) if name in self.files] + sorted(alone)


def plan(request: Request) -> Plan:
    """Check everything that can be checked before anything runs.

    Raises
    ------
    LoyaltyError
        For a missing brand, mistakes in its file, missing sources, unknown chapters, wrong
        parameters, or a place that is no report.
    """
    home = find_home()
    file = brand_file(request.brand)
    chapters = load_chapters(home)
    _check_chapter(request.chapter, chapters)
    parameters = resolve(
        chapters,
        brand=request.brand if is_world(request.brand) else file.brand,
        from_brand={str(name): values for name, values in file.chapters.items()},
        from_command=[*_asked(request), *request.settings],
    )
    place = reports_folder(request.out, home=home) / file.brand
    mend(place)
    check_place(place)
    fingerprint = brand_fingerprint(file, period=request.period, compare=request.compare)
    code = {
        "package": keys.code_digest(),
        "locks": keys.lock_digests(home),
        "environment": keys.execution_environment(),
    }
    inputs = {
        "brand_file": fingerprint.brand_file,
        "tables": fingerprint.tables,
        "facts": fingerprint.facts,
        "rules": _digest_of(file.folder / "rules.yaml"),
    }
    return Plan(
        request=request,
        home=home,
        cache=cache_folder(),
        place=place,
        file=file,
        fingerprint=fingerprint,
        chapters=chapters,
        parameters=parameters,
        keys={
            chapter.name: keys.execute_key(
                chapter.content,
                parameters=parameters[chapter.name],
                inputs=inputs | _read(home, chapter),
                code=code,
            )
            for chapter in chapters
        },
        code=code,
    )


def _read(home: Path, chapter: Chapter) -> dict[str, dict[str, str]]:
    """Return digests of the files that a chapter reads besides the brand's own."""
    return {
        folder: {
            path.name: keys.file_digest(path) for path in sorted((home / folder).glob("*.yaml"))
        }
        for folder in chapter.reads
    }


def _digest_of(path: Path) -> str:
    """Return the digest of a file that a brand may have; empty where it has none."""
    return keys.file_digest(path) if path.is_file() else ""


def _asked(request: Request) -> list[tuple[str | None, str, Any]]:
    """Return the period and the comparison asked for, as parameters of every chapter."""
    asked = {"period": request.period, "compare": request.compare}
    return [(None, name, value) for name, value in asked.items() if value is not None]


def reports_folder(out: Path | None, *, home: Path | None = None) -> Path:
    """Return the folder of reports: ``out``, else ``reports`` in the home folder."""
    return (out or (home or find_home()) / "reports").absolute()


def make_report(request: Request, *, say: Say) -> Made:
    """Make the report that ``request`` asks for.

    Parameters
    ----------
    request
        What to make.
    say
        Takes progress lines.
    """
    todo = plan(request)
    found = {
        chapter.name: runs.find_run(todo.cache, todo.file.brand, chapter.name, key)
        for chapter, key in ((chapter, todo.keys[chapter.name]) for chapter in todo.chapters)
    }
    wanted = [
        chapter
        for chapter in todo.chapters
        if found[chapter.name] is None and request.chapter in (None, chapter.name)
    ]
    if wanted:
        found |= _execute(todo, wanted, say)
    ready = [(chapter, run) for chapter in todo.chapters if (run := found[chapter.name])]
    outcomes = [run.outcome for _, run in ready]
    date = _date(todo.file, outcomes)
    key = render_key(todo, outcomes, date)
    before = read_manifest(todo.place)
    current = before is not None and before.get("render_key") == key
    current = current and is_complete(todo.place, before or {}) and is_current(before or {})
    if not current:
        from loyalty_research.report.rendering import render_report

        say("progress.rendering", count=len(ready), languages=", ".join(request.languages))
        render_report(todo, ready, date=date, key=key)
        before = read_manifest(todo.place)
    update_front_page(todo.place.parent)
    return Made(
        place=todo.place,
        executed=tuple(chapter.name for chapter in wanted),
        rendered=not current,
        failed={item.chapter: item.message for item in outcomes if item.status != "ok"},
        formats=tuple((before or {}).get("formats_not_as_asked", ())),
        files=tuple((before or {}).get("files", ())),
        moved=tuple((before or {}).get("editorial", {}).get("moved", ())),
    )


def render_key(todo: Plan, outcomes: Sequence[runs.Outcome], date: str) -> str:
    """Return the key of everything that decides the pages."""
    return keys.digest(
        {
            "outcomes": [dataclasses.asdict(item) | {"date": ""} for item in outcomes],
            "code": keys.rendering_digest(),
            "environment": keys.rendering_environment(),
            "editorial": _editorial(todo.file),
            "languages": todo.request.languages,
            "formats": todo.request.formats,
            "imprint": _imprint(todo.file),
            "date": date,
        }
    )


def _editorial(file: BrandFile) -> str:
    path = file.folder / "editorial.yaml"
    return keys.file_digest(path) if path.is_file() else ""


def _imprint(file: BrandFile) -> list[str]:
    """Return what decides covers and footers: the brand file's section and the logo's bytes."""
    logo = keys.file_digest(file.folder / file.report.logo) if file.report.logo else ""
    return [file.report.model_dump_json(), logo]


def _execute(todo: Plan, wanted: Sequence[Chapter], say: Say) -> dict[str, runs.Run | None]:
    from loyalty_research.report.execute import Job, execute
    from loyalty_research.study import open_brand

    say("progress.reading", brand=todo.file.brand)
    asked = todo.request
    # Mistakes in the data end the run here, before any chapter.
    open_brand(asked.brand, period=asked.period, compare=asked.compare)
    jobs = [
        Job(chapter, todo.keys[chapter.name], todo.parameters[chapter.name]) for chapter in wanted
    ]
    return dict(
        execute(
            jobs,
            brand=todo.file.brand,
            home=todo.home,
            cache=todo.cache,
            workers=todo.request.jobs,
            timeout=todo.request.timeout,
            say=say,
        )
    )


def _date(file: BrandFile, outcomes: Sequence[runs.Outcome]) -> str:
    """Return the report's date: the brand file's, else the build's, else that of the execution."""
    if file.report.date is not None:
        return file.report.date.isoformat()
    return epoch_day() or max(item.date for item in outcomes)


def _check_chapter(name: str | None, chapters: Sequence[Chapter]) -> None:
    known = [chapter.name for chapter in chapters]
    if name is None or name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    raise ParameterError(
        problem(
            "--chapter {name!r} is unknown; allowed: {known}{near}",
            name=name,
            known=", ".join(known),
            near=f"; did you mean {near[0]!r}?" if near else "",
        )
    )


def default_jobs() -> int:
    """Return how many chapters run at the same time unless told."""
    return max(1, min(4, os.cpu_count() or 1))
