"""Build the reference of the public functions; a warning is an error.

Usage: .venv/bin/python tools/docs.py [FOLDER]

Without a folder the pages go to docs/_build/html.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def build(out: Path) -> int:
    """Build the pages into `out` and return the status of Sphinx."""
    command = [
        *(sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet"),
        *("--fresh-env", "--doctree-dir", str(out.with_name(f"{out.name}.doctrees"))),
        *("--builder", "html", "docs", str(out)),
    ]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def main() -> int:
    """Build the reference and say where it is."""
    out = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "docs" / "_build" / "html"
    status = build(out)
    if status == 0:
        index = out / "index.html"
        shown = index.relative_to(ROOT) if index.is_relative_to(ROOT) else index
        print(f"docs: {shown}")
    return status


if __name__ == "__main__":
    sys.exit(main())
