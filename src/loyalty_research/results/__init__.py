"""Results: a table, its findings, figures and references; shown in JupyterLab or stored."""

from loyalty_research.results.attempt import attempt
from loyalty_research.results.result import Result
from loyalty_research.results.show import show
from loyalty_research.results.store import MIME, ResultStore, StoredResult

__all__ = ["MIME", "Result", "ResultStore", "StoredResult", "attempt", "show"]
