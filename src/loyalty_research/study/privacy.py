"""Persons are kept out at ingest: free text is masked, attributes that name persons are refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from loyalty_research.engine import collect
from loyalty_research.errors import Problem, problem
from loyalty_research.study.identities import identity_kind
from loyalty_research.study.masking import mask_column
from loyalty_research.study.plan import TablePlan

FREE_TEXT = {"feedback": "text"}
"""Columns of free text by table."""
_LOOKED_AT = 2000
_BATCH = 20_000


def identity_columns(source: ir.Table, plan: TablePlan) -> Iterator[Problem]:
    """Yield a problem for every attribute of a table's own that holds names, numbers, addresses.

    Parameters
    ----------
    source
        Table with the source's own columns.
    plan
        Its mapping; the canonical columns are not looked at.
    """
    own = [item for item in plan.columns if item.name not in plan.table.names]
    if not own:
        return
    names = sorted({item.sources[0] for item in own})
    sample = collect(source.select(*names).limit(_LOOKED_AT), sort_by=[])
    for item in own:
        heading = item.sources[0]
        kind = identity_kind(sample[heading].dropna(), heading)
        if kind is not None:
            yield problem(
                "{place}: column {name} for {column} holds persons ({kind}); an attribute "
                "describes groups. Leave it out, or map a band, a city or a tag in its place",
                place=plan.place,
                name=heading,
                column=item.name,
                kind=kind,
            )


def masked_file(path: Path, column: str, target: Path) -> dict[str, int]:
    """Write a Parquet file again with the persons in a column of free text masked.

    Parameters
    ----------
    path
        Parquet file.
    column
        Its free text.
    target
        File to write.

    Returns
    -------
    dict
        How many identities were masked, by kind.
    """
    counts: Counter[str] = Counter()
    file = pq.ParquetFile(path)
    place = file.schema_arrow.get_field_index(column)
    with pq.ParquetWriter(target, file.schema_arrow, compression="zstd") as writer:
        for batch in file.iter_batches(batch_size=_BATCH):
            masked = mask_column(batch.column(place))
            counts.update(masked.counts)
            columns = [masked.value if i == place else c for i, c in enumerate(batch.columns)]
            writer.write_batch(pa.record_batch(columns, schema=file.schema_arrow))
    return dict(counts)
