"""Make the lock files from pyproject.toml, the only place where dependencies are listed.

    requirements.lock            the project, its report, docs and test extras, its build backend
    requirements-lab.lock        the project, its report and lab extras, its build backend
    requirements-data.lock       the samples extra alone, without what it would pull in
    requirements-bootstrap.lock  the installer itself (dependency group `bootstrap`)
    requirements-peer.lock       what the benchmarks compare with (dependency group `peer`)

Every file pins versions and hashes for all systems and Pythons, and names no registry.
Pins stay as they are while they fit; `--upgrade` moves them all to the newest.

Usage: .venv/bin/python tools/lock.py [--upgrade]
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from setup_env import child_environment, uv_environment

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate"),
]
HEADER = "# Made by `make lock` from pyproject.toml; do not edit.\n"


def find_uv() -> str:
    """Return the path of uv: the environment's own, else any on the PATH."""
    uv = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv")
    if uv is None:
        sys.exit("lock: uv is missing; run `make setup` where uv can be installed")
    return uv


def compile_lock(
    target: str, arguments: list[str], *, upgrade: bool, stdin: str = "", follow: str | None = None
) -> None:
    """Resolve one lock file and replace the old one only when that succeeded.

    Parameters
    ----------
    target
        Name of the lock file.
    arguments
        What uv shall read: source files, extras, groups.
    upgrade
        Whether pins may move although they fit.
    stdin
        Requirements for the source file ``-``.
    follow
        Another lock whose pins are taken over, so that both environments compute with the same
        versions.
    """
    final, draft = ROOT / target, ROOT / f"{target}.new"
    if follow:
        arguments = [*arguments, "--constraint", follow]
    if final.exists() and not upgrade:
        shutil.copyfile(final, draft)  # uv keeps the pins it finds in its output file
    environment = uv_environment(child_environment())
    command = [find_uv(), *COMMAND, *arguments, "--output-file", draft.name]
    try:
        status = subprocess.run(
            command, cwd=ROOT, env=environment, input=stdin, text=True, check=False
        )
        if status.returncode:
            sys.exit(f"lock: {target} is unchanged, as uv failed with status {status.returncode}")
        text = draft.read_text(encoding="utf-8")
        if re.search(r"://", text):
            sys.exit(f"lock: {target} is unchanged, as it would name a host")
        draft.write_text(HEADER + text.removeprefix(HEADER), encoding="utf-8", newline="\n")
        draft.replace(final)
    finally:
        draft.unlink(missing_ok=True)
    pins = sum(1 for line in final.read_text(encoding="utf-8").splitlines() if "==" in line)
    print(f"lock: {target}: {pins} pins")


def main() -> None:
    """Make all locks."""
    parser = argparse.ArgumentParser(description="Make the lock files from pyproject.toml.")
    parser.add_argument("--upgrade", action="store_true", help="move all pins to the newest")
    upgrade = parser.parse_args().upgrade
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = settings["project"]["optional-dependencies"]
    build = "\n".join(settings["build-system"]["requires"])
    compile_lock(
        "requirements.lock",
        ["pyproject.toml", "-", "--extra", "report", "--extra", "docs", "--extra", "test"],
        upgrade=upgrade,
        stdin=build,
    )
    compile_lock(
        "requirements-lab.lock",
        ["pyproject.toml", "-", "--extra", "report", "--extra", "lab"],
        upgrade=upgrade,
        stdin=build,
        follow="requirements.lock",
    )
    samples = "\n".join(extras["samples"])
    compile_lock("requirements-data.lock", ["-", "--no-deps"], upgrade=upgrade, stdin=samples)
    bootstrap = ["--group", "bootstrap"]
    compile_lock("requirements-bootstrap.lock", bootstrap, upgrade=upgrade)
    compile_lock("requirements-peer.lock", ["--group", "peer"], upgrade=upgrade)


if __name__ == "__main__":
    main()
