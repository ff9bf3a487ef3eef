"""The proofs of benchmarks/proofs/: the small version of each, and the page they are kept on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import proofs
import pytest
import validate
from proofs import Proof, common

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", proofs.names())
def test_small_version_holds(name, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path))
    module = proofs.load(name)
    proof = module.run(small=True)
    assert proof.passed, proof.text
    assert module.TITLE.strip()
    assert not any(line.startswith(("# ", "## ")) for line in proof.text.splitlines())


def test_one_proof_replaces_only_its_section() -> None:
    page = ""
    for name in ("second", "first"):
        page = validate.written(page, name, f"## {name}\n\nold\n")
    changed = validate.written(page, "second", "## second\n\nnew\n")
    assert validate.sections(changed) == {
        "first": validate.sections(page)["first"],
        "second": "## second\n\nnew\n",
    }
    assert changed.startswith(validate.HEAD)
    assert changed.index("## first") < changed.index("## second")


def test_a_section_says_where_it_fell_short() -> None:
    good, bad = (
        validate.section("Is it so?", Proof("Counted.", passed), seconds=2)
        for passed in (True, False)
    )
    assert "Verdict: holds." in good
    assert "does not hold" in bad
    assert "cores" in good
    assert "numpy " in good


def test_the_page_is_what_the_proofs_write() -> None:
    page = validate.PAGE.read_text(encoding="utf-8")
    kept = validate.sections(page)
    assert page.startswith(validate.HEAD)
    for name in kept:
        assert validate.written(page, name, kept[name]) == page
    assert set(kept) <= set(proofs.names()), "a section whose proof is gone"


def test_an_unknown_proof_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "validate.py"), "nonsense"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    assert done.returncode == 2
    assert "nonsense" in done.stderr
    assert "Traceback" not in done.stderr


def test_exact_interval_and_tests() -> None:
    # Clopper-Pearson at 0 of n: 1 - (a/2)^(1/n).
    none = common.exact(0, 10, level=0.95)
    assert (none.low, none.high) == (0, pytest.approx(1 - 0.025**0.1))
    assert common.exact(10, 10).high == 1
    assert common.more_than(1, 2, 0.5) == pytest.approx(0.75)
    assert common.less_than(0, 2, 0.5) == pytest.approx(0.25)


def test_table_in_markdown() -> None:
    assert common.table(["a", "b"], [[1, "x|y"]]) == "| a | b |\n| --- | --- |\n| 1 | x\\|y |"
