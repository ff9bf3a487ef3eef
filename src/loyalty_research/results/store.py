"""The result store: every shown result of a run, without language.

One folder a result, in the order shown. Pages, workbooks and other formats are rendered from it;
none of them asks the engine again.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from loyalty_research.engine.context import Context
from loyalty_research.findings import Chart, Finding, TableView
from loyalty_research.results.disclosure import protect
from loyalty_research.results.result import Result

MIME = "application/vnd.loyalty-research+json"
"""Media type of the cell output that points from a notebook to a stored result."""
STORE_VARIABLE = "LOYALTY_STORE"
_DOCUMENT = "result.json"


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result as read from a store: everything but the lazy table."""

    key: str
    name: str
    chapter: str
    section: str
    frames: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    charts: tuple[Chart, ...]
    tables: tuple[TableView, ...]
    references: tuple[str, ...]
    context: Context

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        language: str | None = None,
        format: str = "svg",
        overwrite: bool = False,
    ) -> tuple[Path, ...]:
        """Save every figure and its data, as :meth:`Result.save` does."""
        from loyalty_research.results.save import save_figures

        return save_figures(self, folder, language=language, format=format, overwrite=overwrite)


class ResultStore:
    """A folder of results.

    Parameters
    ----------
    path
        Folder of the store; made on the first write.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    @classmethod
    def current(cls) -> ResultStore | None:
        """Return the store a report run has set for this process; None outside a run."""
        path = os.environ.get(STORE_VARIABLE)
        return cls(path) if path else None

    def keys(self) -> list[str]:
        """Return the keys of the complete results, in the order shown."""
        return sorted(item.parent.name for item in self.path.glob(f"*/{_DOCUMENT}"))

    def write(self, result: Result) -> str:
        """Store ``result``, small groups of persons hidden, and return its key."""
        result, hidden = protect(result, self._hidden())
        key = f"{len(self.keys()) + 1:03d}_{result.name}"
        folder = self.path / key
        folder.mkdir(parents=True)
        for name, frame in result.frames.items():
            frame.to_parquet(folder / f"{name}.parquet", index=False)
        document = {
            "name": result.name,
            "chapter": result.chapter,
            "section": result.section,
            "frames": list(result.frames),
            "findings": [finding.as_dict() for finding in result.findings],
            "charts": [chart.as_dict() for chart in result.charts],
            "tables": [table.as_dict() for table in result.tables],
            "references": list(result.references),
            "context": dataclasses.asdict(result.context),
            "hidden": {name: sorted(groups) for name, groups in hidden.items()},
        }
        text = json.dumps(document, ensure_ascii=False, indent=1)
        (folder / _DOCUMENT).write_text(text, encoding="utf-8")
        return key

    def _hidden(self) -> dict[str, frozenset[str]]:
        """Return the groups that results stored before hide, by their population."""
        found: dict[str, frozenset[str]] = {}
        for key in self.keys():
            document = json.loads((self.path / key / _DOCUMENT).read_text(encoding="utf-8"))
            for name, groups in document.get("hidden", {}).items():
                found[name] = found.get(name, frozenset()) | set(groups)
        return found

    def read(self, key: str) -> StoredResult:
        """Return the result stored under ``key``."""
        folder = self.path / key
        data = json.loads((folder / _DOCUMENT).read_text(encoding="utf-8"))
        return StoredResult(
            key=key,
            name=data["name"],
            chapter=data["chapter"],
            section=data["section"],
            frames={name: pd.read_parquet(folder / f"{name}.parquet") for name in data["frames"]},
            findings=tuple(Finding.from_dict(item) for item in data["findings"]),
            charts=tuple(Chart.from_dict(item) for item in data["charts"]),
            tables=tuple(TableView.from_dict(item) for item in data["tables"]),
            references=tuple(data["references"]),
            context=Context(**data["context"]),
        )

    def __iter__(self) -> Iterator[StoredResult]:
        """Yield the stored results in the order shown."""
        return (self.read(key) for key in self.keys())
