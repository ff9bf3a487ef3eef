"""``loyalty lab``: JupyterLab on the notebooks, or on working copies in one language."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from loyalty_research.brand.home import HOME_VARIABLE, find_home
from loyalty_research.cli.copies import working_copies
from loyalty_research.errors import ReportError, problem
from loyalty_research.report.chapters import load_chapters

# Nothing leaves the machine: no news, no look for newer versions, no catalogue of extensions.
QUIET = (
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)
LOCALES = {"zh": "zh_CN", "en": "default", None: "default"}
_GRACE = 20.0


def open_lab(
    language: str | None,
    *,
    browser: bool,
    options: Sequence[str],
    say: Callable[[str], None],
) -> int:
    """Run JupyterLab until it is closed, and return its status.

    Parameters
    ----------
    language
        ``zh`` or ``en``: open working copies in this language; None: the notebooks themselves.
    browser
        Whether a browser is opened.
    options
        Further options of JupyterLab.
    say
        Prints a line for the user.

    Raises
    ------
    ReportError
        Where JupyterLab is not installed, or there are no notebooks.
    """
    if find_spec("jupyterlab") is None:
        raise ReportError(problem("JupyterLab is not installed here; it is started by: make lab"))
    home = find_home()
    chapters = load_chapters(home)
    folder = home / "notebooks"
    if language is not None:
        folder = working_copies(chapters, home / "lab" / language, language=language, say=say)
    with tempfile.TemporaryDirectory(prefix="loyalty-lab-") as settings:
        _write_settings(Path(settings), language)
        command = [
            *(sys.executable, "-m", "jupyterlab", *QUIET),
            f"--ServerApp.root_dir={home}",
            f"--LabApp.default_url=/lab/tree/{folder.relative_to(home).as_posix()}",
            f"--LabApp.app_settings_dir={settings}",
            *(() if browser else ("--no-browser",)),
            *(("--allow-root",) if _is_root() else ()),
            *options,
        ]
        return _run(command, folder, _environment(home))


def _environment(home: Path) -> dict[str, str]:
    """Return the variables of the server: its kernel is the Python that runs this."""
    return {**os.environ, HOME_VARIABLE: str(home), "JUPYTER_PREFER_ENV_PATH": "1"}


def _write_settings(folder: Path, language: str | None) -> None:
    """Write what JupyterLab starts with; a user's own settings still come first."""
    overrides = {
        "@jupyterlab/apputils-extension:notification": {
            "checkForUpdates": False,
            "fetchNews": "false",
        },
        "@jupyterlab/translation-extension:plugin": {"locale": LOCALES[language]},
    }
    text = json.dumps(overrides, indent=1)
    (folder / "overrides.json").write_text(text, encoding="utf-8")


def _run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> int:
    """Run the server; Ctrl-C is its own to answer, and it ends with this process."""
    process = subprocess.Popen(command, cwd=folder, env=environment)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
