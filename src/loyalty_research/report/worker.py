"""Executes one chapter: ``python -m loyalty_research.report.worker job.json``.

A process of its own, so that a chapter can be ended without touching the others. It leaves the
executed notebook and ``status.json`` in the run folder, whatever happens to the kernel.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

ERROR_TAG = "papermill-error-cell-tag"


def main(path: str) -> int:
    """Execute the job in the file ``path``; return 0 where it ran through."""
    job = json.loads(Path(path).read_text(encoding="utf-8"))
    folder = Path(path).parent
    _watch_parent(Path(job["runtime"]))
    logging.disable(logging.CRITICAL)
    status = _execute(job, folder)
    status["cell"] = _stopped_at(folder / "executed.ipynb") if status["status"] != "ok" else ""
    temporary = folder / "status.json.new"
    temporary.write_text(json.dumps(status, ensure_ascii=False), encoding="utf-8")
    temporary.rename(folder / "status.json")
    shutil.rmtree(job["runtime"], ignore_errors=True)
    return 0 if status["status"] == "ok" else 1


def _execute(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    from loyalty_research.report.kernel import manager_class

    try:
        papermill.execute_notebook(
            str(folder / "input.ipynb"),
            str(folder / "executed.ipynb"),
            parameters=job["parameters"],
            kernel_name="python3",
            language="python",
            cwd=str(folder),
            progress_bar=False,
            request_save_on_cell_execute=True,  # else all is lost where the kernel dies
            log_output=False,
            shutdown_kernel="immediate",  # all is on disk, and temporary files are in the runtime
            kernel_manager_class=manager_class(Path(job["runtime"])),
        )
    except PapermillExecutionError as error:
        return {"status": "failed", "cause": "error", "name": error.ename, "text": error.evalue}
    except DeadKernelError:
        return {"status": "failed", "cause": "kernel", "name": "", "text": ""}
    except RuntimeError as error:  # the kernel died before it answered once
        return {"status": "failed", "cause": "kernel", "name": "", "text": str(error)}
    return {"status": "ok", "cause": "", "name": "", "text": ""}


def _stopped_at(notebook: Path) -> str:
    """Return the identifier of the cell in which the execution stopped."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError):
        return ""
    last = ""
    for cell in cells:
        about = cell.get("metadata", {})
        if cell["cell_type"] != "code" or ERROR_TAG in about.get("tags", ()):
            continue
        run = about.get("papermill", {})
        if run.get("exception"):
            return str(cell.get("id", ""))
        if run.get("start_time"):  # papermill calls a cell whose kernel died completed
            last = str(cell.get("id", ""))
    return last


def _watch_parent(runtime: Path) -> None:
    """End this process and its kernel when the report run that started it is gone."""
    parent = os.getppid()

    def watch() -> None:
        from loyalty_research.report.processes import end_children

        while os.getppid() == parent:
            time.sleep(0.5)
        end_children()
        shutil.rmtree(runtime, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
