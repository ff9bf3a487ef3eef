"""Run every check of the project, all of them even when one fails.

Usage: .venv/bin/python tools/check.py [lint|test] [pytest arguments]

`lint` runs the checks that only read the code, `test` (the default) all of them. More
arguments go to pytest. The status is not 0 when any check failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
SIDE_BY_SIDE = ["-n", "logical", "--maxprocesses", "4", "--dist", "loadfile"]
"""All cores, four at most; the tests of a file stay on one of them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One check: its name and its command."""

    name: str
    command: list[str]


def script(name: str) -> str:
    """Return the path of a console script of the environment this runs in."""
    return str(Path(sys.executable).with_name(name))


def lint_steps() -> list[Step]:
    """Return the checks that only read the code."""
    return [
        Step("ruff check", [script("ruff"), "check", "."]),
        Step("ruff format", [script("ruff"), "format", "--check", "."]),
        Step("mypy", [sys.executable, "-m", "mypy"]),
        Step("import contracts", [script("lint-imports"), "--no-logo"]),
    ]


def notebook_step(name: str, folder: str, flag: str) -> list[Step]:
    """Return the check of a folder's notebooks, or nothing where there are none."""
    if not any((ROOT / folder).glob("*.ipynb")):
        print(f"check: {folder} has no notebooks yet", flush=True)
        return []
    return [Step(name, [*PYTEST, flag, "--nbval-current-env", "-q", "-rf", folder])]


def test_steps(arguments: list[str]) -> list[Step]:
    """Return the checks that run the code."""
    return [
        Step("pytest", [*PYTEST, *SIDE_BY_SIDE, *arguments]),
        *notebook_step("nbval, lax", "notebooks", "--nbval-lax"),
        *notebook_step("nbval, strict", "tests/notebooks", "--nbval"),
    ]


def run(step: Step, environment: dict[str, str]) -> tuple[int, str]:
    """Run one check with its output shown; return its status and its last line."""
    print(f"\n--- {step.name}", flush=True)
    last = ""
    with subprocess.Popen(
        step.command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    return process.returncode, last


def main() -> int:
    """Run the steps asked for; return the exit status."""
    arguments = sys.argv[1:]
    kind = arguments.pop(0) if arguments and arguments[0] in ("lint", "test") else "test"
    steps = lint_steps() + (test_steps(arguments) if kind == "test" else [])
    failed, lines = [], []
    with tempfile.TemporaryDirectory(prefix="loyalty-check-") as folder:
        # Checks run on a cache of their own: never on what an earlier run left behind.
        environment = {
            **os.environ,
            "LOYALTY_CACHE": folder,
            "NUMBA_CACHE_DIR": str(Path(folder, "compiled")),  # of all checks and caches alike
            "PYTHONUTF8": "1",
            "JUPYTER_PLATFORM_DIRS": "1",
        }
        for step in steps:
            started = time.perf_counter()
            status, last = run(step, environment)
            verdict = "passed" if status == 0 else f"FAILED ({status})"
            lines.append(
                f"{step.name:17} {verdict:11} {time.perf_counter() - started:5.0f} s  {last}"
            )
            if status:
                failed.append(step.name)
    print("\n--- all checks", *lines, sep="\n")
    print(
        f"check: {len(failed)} of {len(steps)} failed"
        + (": " if failed else "")
        + ", ".join(failed)
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
