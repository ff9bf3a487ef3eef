"""``lr.show``: display a result in JupyterLab; during a report run, store it as well."""

from __future__ import annotations

from loyalty_research.results.result import Result
from loyalty_research.results.store import MIME, ResultStore


def show(result: Result) -> None:
    """Show a result.

    In JupyterLab the result appears in the language in use: its sentences, figures and tables.
    In a report run it goes to the result store, and the cell's output is a pointer to it.

    Parameters
    ----------
    result
        What an analysis returned.
    """
    from IPython.display import display

    store = ResultStore.current()
    if store is None:
        display(result)
        return
    key = store.write(result)
    display({MIME: {"result": key}, "text/plain": f"result {key}"}, raw=True)
