"""Ibis over embedded DuckDB: connect, take tables in, collect results.

Every reduction above this floor is an Ibis expression and leaves through :func:`collect`.
"""

from loyalty_research.engine.collect import (
    collect,
    collect_one,
    kept,
    query_count,
    round_significant,
    stream,
)
from loyalty_research.engine.connect import backend_of, connect
from loyalty_research.engine.context import DEFAULT_CONTEXT, Context, attach_context, context_of
from loyalty_research.engine.intake import as_table, is_stored, require_columns
from loyalty_research.engine.reductions import REDUCTIONS, reduction

__all__ = [
    "DEFAULT_CONTEXT",
    "REDUCTIONS",
    "Context",
    "as_table",
    "attach_context",
    "backend_of",
    "collect",
    "collect_one",
    "connect",
    "context_of",
    "is_stored",
    "kept",
    "query_count",
    "reduction",
    "require_columns",
    "round_significant",
    "stream",
]
