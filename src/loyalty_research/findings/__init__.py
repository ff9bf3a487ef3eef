"""Findings and views: what a result states, in no language yet."""

from loyalty_research.findings.finding import Finding, Task, Value, state
from loyalty_research.findings.views import Chart, Column, Persons, TableView

__all__ = ["Chart", "Column", "Finding", "Persons", "TableView", "Task", "Value", "state"]
