"""The documents: the reference is built without a warning, and both READMEs say the same."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
README, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
PUBLIC = (
    "charts",
    "competitors",
    "drivers",
    "engine",
    "profile",
    "programmes",
    "results",
    "stats",
    "study",
    "tiers",
    "worlds",
)
NOT_DOCUMENTED = {  # for the report's own use, or plain values
    "charts.KINDS",
    "engine.DEFAULT_CONTEXT",
    "engine.REDUCTIONS",
    "results.MIME",
    "results.ResultStore",
    "results.StoredResult",
}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages."""
    out = tmp_path_factory.mktemp("reference") / "html"
    built = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "docs.py"), str(out)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert built.returncode == 0, built.stderr[-3000:]
    assert built.stderr == ""
    return out


def public_names(packages: tuple[str, ...] = PUBLIC) -> list[str]:
    """Return the public names of packages, and of packages that are public names themselves."""
    found = []
    for package in packages:
        module = import_module(f"loyalty_research.{package}")
        inner = [name for name in module.__all__ if isinstance(getattr(module, name), ModuleType)]
        found += [f"{package}.{name}" for name in module.__all__ if name not in inner]
        found += public_names(tuple(f"{package}.{name}" for name in inner))
    return found


def test_every_public_function_is_in_the_reference(reference: Path):
    pages = "".join(path.read_text(encoding="utf-8") for path in reference.glob("*.html"))
    described = {name.rpartition(".")[2] for name in re.findall(r'<dt[^>]* id="([\w.]+)"', pages)}
    missing = [name for name in public_names() if name.rpartition(".")[2] not in described]
    assert set(missing) - NOT_DOCUMENTED == set()
    assert NOT_DOCUMENTED - set(missing) == set()


def test_every_section_of_the_reference_asks_a_question():
    for path in sorted((ROOT / "docs").glob("*.rst")):
        lines = path.read_text(encoding="utf-8").splitlines()
        underlined = [title for title, line in pairwise(lines) if re.fullmatch(r"[=-]{4,}", line)]
        assert underlined, path.name
        assert [title for title in underlined if not title.endswith("?")] == [], path.name


def test_the_reference_asks_nothing_of_the_network(reference: Path):
    for path in reference.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r'(?:src|<link[^>]*href)="https?:[^"]*"', text) == [], path.name


def shape(path: Path) -> dict[str, list]:
    """Return what both languages share: levels of headings, code, sizes of tables, links."""
    text = path.read_text(encoding="utf-8")
    code = re.findall(r"^```.*?^```", text, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    tables = re.findall(r"(?:^\|.*\n)+", prose, re.MULTILINE)
    return {
        "headings": re.findall(r"^#+(?= )", prose, re.MULTILINE),
        "code": code,
        "tables": [[row.count("|") for row in table.splitlines()] for table in tables],
        "links": [x for x in re.findall(r"\]\(([^)]+)\)", prose) if not x.startswith("README")],
        "terms": sorted(set(re.findall(r"`([^`]+)`", prose))),
    }


@pytest.mark.parametrize("part", ["headings", "code", "tables", "links", "terms"])
def test_both_readmes_have_the_same(part: str):
    english, chinese = shape(README)[part], shape(CHINESE)[part]
    assert english
    assert english == chinese


def test_the_readmes_link_each_other_and_each_keeps_its_language():
    english, chinese = (path.read_text(encoding="utf-8") for path in (README, CHINESE))
    assert "](README.zh-CN.md)" in english
    assert "](README.md)" in chinese
    outside_code = re.sub(r"```.*?```|`[^`]+`", "", english, flags=re.DOTALL)
    assert re.findall(r"[\u4e00-\u9fff]+", outside_code) == ["中文"]
    prose = re.sub(r"```.*?```|\|[\s|-]*\|", "", chinese, flags=re.DOTALL)
    without = [
        block
        for block in re.split(r"\n\s*\n", prose)
        if block.strip() and not re.search(r"[\u4e00-\u9fff]", block)
    ]
    assert without == ["# loyalty-research"]


@pytest.mark.parametrize("path", [README, CHINESE, ROOT / "CONTRIBUTING.md"], ids=lambda p: p.name)
def test_every_link_leads_somewhere(path: Path):
    links = re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_every_make_target_that_is_told_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for path in (README, ROOT / "CONTRIBUTING.md"):
        told = set(re.findall(r"^make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        assert told
        assert told - targets == set(), path.name


def test_the_citation_is_of_this_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    found = (citation["title"], citation["version"], citation["license"])
    assert found == (project["name"], project["version"], project["license"])
    assert [author["name"] for author in citation["authors"]] == [
        author["name"] for author in project["authors"]
    ]
    assert citation["cff-version"] == "1.2.0"
    assert citation["message"]


def test_hooks_are_local_and_run_what_lint_runs():
    file = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in file["repos"]] == ["local"]
    hooks = file["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    run = [hook["entry"].split()[0].removeprefix(".venv/bin/") for hook in hooks]
    assert run == ["ruff", "ruff", "lint-imports"]
