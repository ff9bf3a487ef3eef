"""environment.yml, for conda: held together with pyproject.toml and the locks."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from rattler import MatchSpec, Version, VersionSpec

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = [f"3.{minor}.{patch}" for minor in range(9, 16) for patch in (0, 7)]


@pytest.fixture(scope="module")
def environment() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def specs(environment: dict) -> dict[str, MatchSpec]:
    found = [MatchSpec(item, strict=True) for item in texts(environment)]
    return {str(spec.name.normalized): spec for spec in found}


def texts(environment: dict) -> list[str]:
    return [item for item in environment["dependencies"] if isinstance(item, str)]


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_specification_is_one_conda_reads(environment: dict, specs: dict[str, MatchSpec]):
    assert set(specs) == {"python", "pip"}
    assert len(specs) == len(texts(environment))
    assert environment["channels"][0] == "conda-forge"
    assert "defaults" not in environment["channels"]


def test_pythons_are_those_of_the_project(specs: dict[str, MatchSpec]):
    conda = VersionSpec(str(specs["python"].version))
    wanted = SpecifierSet(project()["project"]["requires-python"])
    agreed = [text for text in PYTHONS if conda.matches(Version(text))]
    assert agreed == [text for text in PYTHONS if wanted.contains(text)]
    assert agreed


def test_the_build_backend_is_in_the_lock():
    """`--no-build-isolation` finds it there."""
    (asked,) = project()["build-system"]["requires"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert f"\n{Requirement(asked).name}==" in lock


def test_pip_installs_the_lock_and_nothing_beside_it(environment: dict):
    (section,) = [item for item in environment["dependencies"] if isinstance(item, dict)]
    assert section == {"pip": ["-r requirements.lock"]}


def test_pip_reads_the_section(environment: dict, tmp_path: Path):
    """The section as conda hands it over: one requirements file, relative to the project.

    Everything in the lock is installed in the environment of the tests, so that pip needs no
    index to find it satisfied.
    """
    (section,) = [item for item in environment["dependencies"] if isinstance(item, dict)]
    handed = tmp_path / "handed.txt"
    lines = [line.replace("-r ", f"-r {ROOT.as_posix()}/") for line in section["pip"]]
    handed.write_text("\n".join(lines), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--quiet"]
    if subprocess.run([*pip[:3], "--version"], capture_output=True, check=False).returncode:
        pytest.skip("pip is not installed here")
    tried = subprocess.run(
        [*pip, "-r", str(handed)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr[-2000:]


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_commands_stand_in_the_readme(page: str):
    told = (ROOT / page).read_text(encoding="utf-8")
    head = (ROOT / "environment.yml").read_text(encoding="utf-8").split("name:")[0]
    commands = [line.strip("# ") for line in head.splitlines() if line.startswith("#   ")]
    assert len(commands) == 3
    assert [command for command in commands if command not in told] == []
    assert "conda env create -f environment.yml" in told
