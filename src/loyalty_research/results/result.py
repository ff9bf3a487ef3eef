"""The frozen answer of an analysis."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from loyalty_research.engine import DEFAULT_CONTEXT, Context
from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Chart, Finding, TableView
from loyalty_research.results.references import bibtex

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Result:
    """What an analysis found.

    Parameters
    ----------
    name
        Name of the analysis, e.g. ``rfm``.
    chapter, section
        Where it belongs in the report.
    frames
        Tidy pandas frames by name; ``summary`` is the one :meth:`summary` returns.
    findings
        Statements, stated or withheld.
    charts, tables
        Views on the frames.
    references
        Keys of the methods' references.
    context
        Currency, evidence and customer unit of the rows.
    table
        Lazy Ibis table at the analysis's own grain; None where a result has none.
    """

    name: str
    chapter: str
    section: str
    frames: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[TableView, ...] = ()
    references: tuple[str, ...] = ()
    context: Context = field(default=DEFAULT_CONTEXT)
    table: ir.Table | None = None

    def summary(self) -> pd.DataFrame:
        """Return the main table as a pandas frame."""
        return self.frames["summary"].copy()

    def plot(self, name: str | None = None, *, language: str | None = None) -> Figure:
        """Draw a figure of the result.

        Parameters
        ----------
        name
            Name of the figure; None for the first.
        language
            ``zh`` or ``en``; None for the language in use.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ParameterError
            Where the result has no such figure.
        """
        from loyalty_research.charts import draw
        from loyalty_research.language import translator
        from loyalty_research.results.disclosure import protected

        shown = protected(self)
        charts = {chart.name: chart for chart in shown.charts}
        chosen = name if name is not None else next(iter(charts), "")
        if chosen not in charts:
            raise ParameterError(
                problem(
                    "plot: no figure {name!r} in result {result!r}; it has: {found}",
                    name=chosen,
                    result=self.name,
                    found=", ".join(charts) or "none",
                )
            )
        chart = charts[chosen]
        return draw(chart, shown.frames[chart.frame], translator(language, self.context))

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        language: str | None = None,
        format: str = "svg",
        overwrite: bool = False,
    ) -> tuple[Path, ...]:
        """Save every figure, and beside it the numbers it draws as CSV.

        Parameters
        ----------
        folder
            Where the files go; made where it is missing.
        language
            ``zh`` or ``en``; None for the language in use.
        format
            ``svg``, ``pdf`` or ``png``.
        overwrite
            Whether files of the same names are replaced.

        Returns
        -------
        tuple of pathlib.Path
            The files, a figure before its data.

        Raises
        ------
        ParameterError
            For an unknown format, a folder that is a file, or a file that is there already;
            nothing is written then.
        """
        from loyalty_research.results.save import save_figures

        return save_figures(self, folder, language=language, format=format, overwrite=overwrite)

    def cite(self) -> str:
        """Return the BibTeX entries of the methods used."""
        return bibtex(self.references)

    def _repr_html_(self) -> str:
        from loyalty_research.results.html import result_html

        return result_html(self)
