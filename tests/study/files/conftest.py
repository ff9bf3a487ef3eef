"""A folder with files of a client, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from loyalty_research.errors import DataError
from loyalty_research.study.files import Converted, FileOptions, convert

PLACE = "data/brands/x/brand.yaml: tables.transactions"


@dataclass
class Desk:
    """Writes files, converts them, and looks at what is left behind."""

    folder: Path
    out: Path
    last: Converted | None = field(default=None)

    def write(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def convert(self, *sources: Path | str, limit: int | None = None, **options: Any) -> Converted:
        self.last = convert(
            sources,
            FileOptions(**options),
            place=PLACE,
            target=self.out / "table.parquet",
            limit=limit,
        )
        assert [path.name for path in self.out.iterdir()] == ["table.parquet"]
        return self.last

    def rows(self, *sources: Path | str, **options: Any) -> list[tuple[Any, ...]]:
        done = self.convert(*sources, **options)
        table = pq.read_table(done.path)
        assert tuple(table.column_names) == done.columns
        assert table.num_rows == done.rows
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def refused(self, *sources: Path | str, **options: Any) -> str:
        with pytest.raises(DataError) as caught:
            self.convert(*sources, **options)
        assert list(self.out.iterdir()) == []
        message = str(caught.value)
        assert message.startswith(PLACE)
        return message


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path / "cache"))
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    return Desk(tmp_path / "in", tmp_path / "out")
