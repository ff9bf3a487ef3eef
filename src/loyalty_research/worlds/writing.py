"""Tables to Parquet, part by part."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_ROWS = 1 << 20


def write_parts(parts: Iterable[dict[str, pa.Table]], folder: Path) -> Path:
    """Write every part to the file of its table; a file takes its name once it is whole.

    Returns
    -------
    pathlib.Path
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    writers: dict[str, pq.ParquetWriter] = {}
    with ExitStack() as stack:
        for part in parts:
            for name, table in part.items():
                if name not in writers:
                    place = folder / f"{name}.parquet.part"
                    writer = pq.ParquetWriter(place, table.schema, compression="zstd")
                    writers[name] = stack.enter_context(writer)
                writers[name].write_table(table, row_group_size=_ROWS)
    for name in writers:
        (folder / f"{name}.parquet.part").replace(folder / f"{name}.parquet")
    return folder
