"""Run the proofs and write docs/validation.md.

``python benchmarks/validate.py`` runs all of them, ``python benchmarks/validate.py NAME ...`` some;
each replaces its own section of the page and leaves the others as they are. ``--small`` runs the
versions of the tests and prints them, leaving the page alone. Ends with 1 where a proof fell short.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import os
import platform
import re
import sys
import time
from pathlib import Path

import proofs
from proofs import Proof

from loyalty_research import __version__

HOME = Path(__file__).resolve().parents[1]
PAGE = HOME / "docs" / "validation.md"
HEAD = """# Validation

Written by `make validate`; nothing here is typed by hand. Each section is one proof of
`benchmarks/proofs/`, run by `python benchmarks/validate.py NAME` on the machine and date it names;
`tests/test_proofs.py` runs a small version of each. Data are simulated unless a section says
otherwise.
"""
SECTION = re.compile(r"<!-- proof: (\w+) -->\n(.*?)<!-- end: \1 -->\n", re.DOTALL)
VERSIONS = ("numpy", "scipy", "pandas", "duckdb", "ibis-framework")


def sections(page: str) -> dict[str, str]:
    """Return the sections of the page by proof."""
    return {found[1]: found[2] for found in SECTION.finditer(page)}


def written(page: str, name: str, section: str) -> str:
    """Return the page with one section put in or replaced; sections stand in order of name."""
    kept = sections(page) | {name: section}
    blocks = [f"<!-- proof: {key} -->\n{kept[key]}<!-- end: {key} -->\n" for key in sorted(kept)]
    return "\n".join([HEAD, *blocks])


def section(title: str, proof: Proof, *, seconds: float) -> str:
    """Return one section: heading, verdict, what was found, where it ran."""
    verdict = "holds" if proof.passed else "**does not hold**"
    parts = [f"## {title}", f"Verdict: {verdict}.", proof.text.strip(), f"*{_ran(seconds)}*"]
    return "\n\n".join(parts) + "\n"


def _ran(seconds: float) -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    return (
        f"Run on {dt.datetime.now(dt.UTC).date().isoformat()} in {seconds:,.0f} seconds: "
        f"{_machine()}; loyalty-research {__version__}, "
        f"Python {platform.python_version()}, {versions}."
    )


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{platform.system()}, {os.cpu_count()} cores, {_processor()}, {memory:.0f} GiB"


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    text = facts.read_text(encoding="utf-8") if facts.exists() else ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return model[1].strip() if model else platform.processor() or platform.machine()


def prove(name: str, *, small: bool) -> bool:
    """Run one proof; write its section, or print it where it is small."""
    module = proofs.load(name)
    print(f"validate: {name} ...", file=sys.stderr, flush=True)
    begun = time.perf_counter()
    proof = module.run(small=small)
    text = section(module.TITLE, proof, seconds=time.perf_counter() - begun)
    if small:
        print(text)
    else:
        page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        PAGE.write_text(written(page, name, text), encoding="utf-8")
    said = "holds" if proof.passed else "does not hold"
    print(f"validate: {name}: {said}", file=sys.stderr, flush=True)
    return proof.passed


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = proofs.names()
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(known)}")
    parser.add_argument("--small", action="store_true", help="the tests' version; prints only")
    chosen = parser.parse_args()
    if unknown := sorted(set(chosen.names) - set(known)):
        parser.error(f"no such proof: {', '.join(unknown)}; allowed: {', '.join(known)}")
    passed = [prove(name, small=chosen.small) for name in chosen.names or known]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
