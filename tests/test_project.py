"""What the repository promises about itself: locks, names of machines and hosts, notebooks."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import setup_env
from browser import open_page
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = (
    "requirements.lock",
    "requirements-data.lock",
    "requirements-bootstrap.lock",
    "requirements-lab.lock",
    "requirements-peer.lock",
)
EXTRAS = {
    "requirements.lock": ("report", "docs", "test"),
    "requirements-lab.lock": ("report", "lab"),
}
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "macos": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}

# Put together here, so that this file does not hold what it looks for.
HOSTS = [
    "py" + r"pi\.(org|python\.org)",
    "python" + r"hosted\.org",
    "npm" + r"js\.(org|com)",
    "npm" + r"mirror\.com",
    "conda" + r"\.anaconda\.org",
    r"tuna\.tsing" + r"hua\.edu",
    r"(mirrors?|repo)\.(ali" + r"yun|ten" + r"cent|tencent" + r"yun|hua" + r"weicloud)\.",
    r"mirrors?\.(ustc|bfsu|sju" + r"cmc|nju|zju|hust|cernet)\.",
    r"py" + r"pi\.(dou" + r"ban|mirrors|tuna)\b",
]
HOST = re.compile("|".join(HOSTS), re.IGNORECASE)
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~*-])/(wo" + r"rk/|ro" + r"ot\b|(ho" + r"me|Us" + r"ers)/\w)"
    r"|[A-Z]:\\+Us" + r"ers\\"
)


@dataclass(frozen=True)
class Pin:
    """One locked version."""

    name: str
    version: str
    marker: Marker | None
    hashes: int


@cache
def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def pins(lock: str) -> tuple[Pin, ...]:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    found = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        requirement = Requirement(re.sub(r"--hash=\S+", "", line).strip())
        (only,) = requirement.specifier
        assert only.operator == "==", line
        name = canonicalize_name(requirement.name)
        hashes = len(re.findall(r"--hash=sha256:[0-9a-f]{64}(?!\S)", line))
        found.append(Pin(name, only.version, requirement.marker, hashes))
    return tuple(found)


def environment(python: str, system: str) -> dict[str, str]:
    return {
        **SYSTEMS[system],
        "python_version": python,
        "python_full_version": f"{python}.4",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }


def applies(marker: Marker | None, where: dict[str, str]) -> bool:
    return marker is None or marker.evaluate(where)


def unmet(requirements: list[str], locked: tuple[Pin, ...], where: dict[str, str]) -> list[str]:
    """Return what is not pinned exactly once, within its range, in an environment."""
    here: dict[str, list[str]] = {}
    for pin in locked:
        if applies(pin.marker, where):
            here.setdefault(pin.name, []).append(pin.version)
    problems = [f"{name} is pinned twice: {v}" for name, v in here.items() if len(v) > 1]
    for requirement in map(Requirement, requirements):
        versions = here.get(canonicalize_name(requirement.name), [])
        if not applies(requirement.marker, where):
            continue
        if not versions or not requirement.specifier.contains(versions[0], prereleases=True):
            problems.append(f"{requirement} is locked as {versions}")
    return problems


def requirements_of(lock: str) -> list[str]:
    """Return what pyproject.toml asks of a lock."""
    settings = pyproject()
    extras = settings["project"]["optional-dependencies"]
    if lock in EXTRAS:
        asked = settings["project"]["dependencies"] + settings["build-system"]["requires"]
        return asked + [item for name in EXTRAS[lock] for item in extras[name]]
    if lock == "requirements-data.lock":
        return extras["samples"]
    group = lock.removeprefix("requirements-").removesuffix(".lock")
    return settings["dependency-groups"][group]


def listed_by_git(*options: str) -> list[Path]:
    result = subprocess.run(
        ["git", "ls-files", "-z", *options], cwd=ROOT, check=True, capture_output=True
    )
    return [ROOT / name for name in result.stdout.decode().split("\0") if name]


def found_by_walking() -> list[Path]:
    left_out = re.compile(
        r"\.git|\.venv(-lab)?|\..+_cache|__pycache__|lab|_build|generated|reports|private|build|dist"
    )
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not left_out.fullmatch(name)]
        found += [Path(folder, name) for name in names]
    return found


@cache
def tracked_files() -> tuple[Path, ...]:
    try:
        paths = listed_by_git() or listed_by_git("--others", "--exclude-standard")
    except (OSError, subprocess.CalledProcessError):  # not a clone: a source archive
        paths = found_by_walking()
    files = tuple(path for path in paths if path.is_file())
    assert ROOT / "pyproject.toml" in files
    return files


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if match := pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match.group()}")
    return found


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_lock_satisfies_pyproject(lock: str, python: str, system: str):
    asked = requirements_of(lock)
    assert asked
    assert unmet(asked, pins(lock), environment(python, system)) == []


def test_unmet_requirements_are_found():
    where = environment("3.12", "linux")
    locked = (
        Pin("numpy", "2.0", Marker("python_version < '3.12'"), 1),
        Pin("pandas", "3.0", None, 1),
    )
    assert unmet(["pandas>=3"], locked, where) == []
    assert unmet(["pandas>=4"], locked, where) == ["pandas>=4 is locked as ['3.0']"]
    assert unmet(["numpy"], locked, where) == ["numpy is locked as []"]
    assert unmet(["numpy; sys_platform == 'win32'"], locked, where) == []
    assert unmet([], locked, environment("3.11", "linux")) == []
    assert unmet([], (*locked, Pin("pandas", "3.1", None, 1)), where) != []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_hashed(lock: str):
    assert [pin.name for pin in pins(lock) if not pin.hashes] == []


def test_data_lock_is_the_samples_extra():
    asked = {canonicalize_name(Requirement(r).name) for r in requirements_of(LOCKS[1])}
    assert {pin.name for pin in pins(LOCKS[1])} == asked


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lab_computes_with_the_versions_of_the_report(python: str, system: str):
    where = environment(python, system)
    main, lab = (
        {pin.name: pin.version for pin in pins(lock) if applies(pin.marker, where)}
        for lock in EXTRAS
    )
    shared = main.keys() & lab.keys()
    assert {"ibis-framework", "pandas", "duckdb"} <= shared
    assert [(name, main[name], lab[name]) for name in shared if main[name] != lab[name]] == []


def test_pythons_agree():
    asked = Requirement(f"python{pyproject()['project']['requires-python']}").specifier
    assert [p for p in ("3.10", *PYTHONS, "3.14") if asked.contains(p)] == list(PYTHONS)
    oldest, newest = (".".join(map(str, v)) for v in (setup_env.OLDEST, setup_env.NEWEST))
    assert (oldest, newest) == (PYTHONS[0], PYTHONS[-1])


def test_no_file_names_a_registry():
    assert lines_matching(HOST) == []


def test_no_file_names_a_machine_path():
    assert lines_matching(MACHINE_PATH) == []


@pytest.mark.parametrize(
    "text",
    [
        "https://files.python" + "hosted.org/packages/a.whl",
        "https://py" + "pi.org/simple",
        "https://registry.npm" + "js.org/",
        "https://py" + "pi.tuna.tsing" + "hua.edu.cn/simple",
        "http://mirrors.ali" + "yun.com/py" + "pi/simple/",
    ],
)
def test_registries_are_recognised(text: str):
    assert HOST.search(text)


@pytest.mark.parametrize(
    ("text", "is_path"),
    [
        ("see /wo" + "rk/main", True),
        ("'/ro" + "ot'", True),
        ('"/ho' + 'me/ann/x"', True),
        ("C:\\Us" + "ers\\ann", True),
        ("data/wo" + "rk/x", False),
        ("https://example.org/wo" + "rk/x", False),
        ("/ro" + "ots", False),
    ],
)
def test_machine_paths_are_recognised(text: str, is_path: bool):
    assert bool(MACHINE_PATH.search(text)) is is_path


def test_notebooks_are_committed_without_outputs():
    kept = []
    for path in tracked_files():
        if path.suffix != ".ipynb" or (ROOT / "tests") in path.parents:
            continue
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        if any(cell.get("outputs") or cell.get("execution_count") for cell in cells):
            kept.append(path.name)
    assert kept == []


def run_setup(script: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", str(script), *options],
        env={"LC_ALL": "C.UTF-8", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def project_copy(tmp_path: Path) -> Path:
    """A project with nothing but what setup reads."""
    (tmp_path / "tools").mkdir()
    for name in ("tools/setup_env.py", "pyproject.toml", *LOCKS):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path / "tools" / "setup_env.py"


@pytest.mark.skipif(sys.platform == "win32", reason="scripts stand in for programs")
class TestSetup:
    def fake(self, folder: Path, name: str, body: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (folder / name).chmod(0o755)

    def fake_python(self, folder: Path, name: str, version: str, *, able: bool) -> None:
        parts = version.replace(".", ", ")
        answer = f'[[{parts}], "/usr/bin/{name}", {str(able).lower()}]'
        self.fake(folder, name, f"echo '{answer}'")

    def test_all_that_is_missing_is_told_at_once(self, project_copy: Path, tmp_path: Path):
        programs = tmp_path / "programs"
        programs.mkdir()
        self.fake_python(programs, "old", "3.9.2", able=True)
        result = run_setup(project_copy, PATH=str(programs), PYTHON="old")
        assert result.returncode == 2
        assert "PYTHON=old: Python 3.11, 3.12 or 3.13 is needed" in result.stderr
        assert "old is 3.9.2" in result.stderr
        assert "apt install git" in result.stderr
        assert "Traceback" not in result.stderr
        assert not (tmp_path / ".venv").exists()

    def test_a_python_without_venv_is_told(self, project_copy: Path, tmp_path: Path):
        programs = tmp_path / "programs"
        programs.mkdir()
        self.fake_python(programs, "python3.12", "3.12.3", able=False)
        self.fake(programs, "git", "exit 0")
        result = run_setup(project_copy, PATH=str(programs), PYTHON="python3.12")
        assert result.returncode == 2
        assert re.search(r"python3(\.12)?-venv is missing", result.stderr)
        assert "git" not in result.stderr

    def test_a_folder_that_is_no_environment_is_left_alone(
        self, project_copy: Path, tmp_path: Path
    ):
        programs = tmp_path / "programs"
        programs.mkdir()
        self.fake_python(programs, "python3", "3.12.3", able=True)
        self.fake(programs, "git", "exit 0")
        (tmp_path / ".venv").mkdir()
        (tmp_path / ".venv" / "thesis.txt").write_text("mine", encoding="utf-8")
        result = run_setup(project_copy, PATH=str(programs))
        assert result.returncode == 2
        assert "is not a Python environment" in result.stderr
        assert (tmp_path / ".venv" / "thesis.txt").read_text(encoding="utf-8") == "mine"

    @pytest.mark.parametrize("place", [setup_env.MAIN, setup_env.LAB], ids=lambda p: p.name)
    def test_only_a_finished_environment_counts_as_ready(
        self, project_copy: Path, tmp_path: Path, place: setup_env.Place
    ):
        venv = tmp_path / place.name
        (venv / "bin").mkdir(parents=True)
        (venv / "bin" / "python").symlink_to(sys.executable)
        (venv / "pyvenv.cfg").write_text("home = x\nversion = 3.12.3\n", encoding="utf-8")
        stamp = {
            "root": str(tmp_path),
            "locks": {n: hashlib.sha256((ROOT / n).read_bytes()).hexdigest() for n in place.locks},
            "pyproject": hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest(),
            "python": [3, 12, 3],
        }
        empty = tmp_path / "empty"
        empty.mkdir()

        def status() -> int:
            options = ["--lab"] if place is setup_env.LAB else []
            return run_setup(project_copy, *options, PATH=str(empty), PYTHON="").returncode

        assert status() == 2  # no stamp: it would be made again, but git is missing
        (venv / "loyalty-setup.json").write_text(json.dumps(stamp), encoding="utf-8")
        assert status() == 0
        (tmp_path / place.lock).write_text("# changed\n", encoding="utf-8")
        assert status() == 2


@pytest.mark.parametrize(
    ("listed", "passed_on"),
    [
        ("global.index-url='https://a.example/simple'", "https://a.example/simple"),
        (
            "global.index-url='https://a.example/simple'\n"
            "install.index-url='https://b.example/simple'\n",
            "https://b.example/simple",
        ),
        (
            ":env:.index-url='https://c.example/simple'\n"
            "global.index-url='https://a.example/simple'\n",
            "https://c.example/simple",
        ),
        ("global.extra-index-url='https://d.example/simple'", None),
        ("", None),
    ],
)
def test_the_index_of_pip_is_passed_on(
    listed: str, passed_on: str | None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(subprocess, "check_output", lambda *_, **__: listed.encode())
    assert setup_env.uv_environment({}).get("UV_DEFAULT_INDEX") == passed_on
    own = {"UV_DEFAULT_INDEX": "https://own.example/simple"}
    assert setup_env.uv_environment(own) == own


def test_a_page_is_opened_and_its_requests_counted(browser, tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text(
        "<!doctype html><title>t</title><h1>Tiers</h1>"
        '<img alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
        '<img alt="" src="missing.png"><script>console.error("told")</script>',
        encoding="utf-8",
    )
    opened = open_page(browser, path, 390)
    try:
        assert opened.page.inner_text("h1") == "Tiers"
        assert opened.page.viewport_size == {"width": 390, "height": 900}
        assert opened.requests == [(tmp_path / "missing.png").as_uri()]
        assert "told" in opened.errors
    finally:
        opened.page.close()
