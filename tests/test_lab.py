"""The lab: working copies that keep a user's work, and JupyterLab in a real browser."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
import setup_env

from loyalty_research.cli import lab, main
from loyalty_research.cli.copies import in_language, working_copies
from loyalty_research.report.chapters import load_chapters, source_of, tags_of
from loyalty_research.report.processes import Tree

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = "1_customer_profile.ipynb"
BRAND = "supermarket"
START, RUN = 120, 420  # seconds: the server's start, and a notebook's run on a busy machine


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with the notebooks and the sample brand, in Chinese and with a space."""
    folder = tmp_path / "忠诚 研究"
    shutil.copytree(
        ROOT / "notebooks", folder / "notebooks", ignore=lambda *_: [".ipynb_checkpoints"]
    )
    shutil.copytree(ROOT / "data" / "brands" / BRAND, folder / "data" / "brands" / BRAND)
    return folder


def change(path: Path, text: str, *, cell: int = 0) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][cell]["source"] = text
    path.write_text(json.dumps(notebook), encoding="utf-8")


class TestCopies:
    @pytest.fixture
    def said(self) -> list[str]:
        return []

    def make(self, home: Path, said: list[str], language: str = "en") -> Path:
        said.clear()
        place = home / "lab" / language
        working_copies(load_chapters(home), place, language=language, say=said.append)
        return place / NOTEBOOK

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_a_copy_has_one_language_and_all_code(self, home: Path, language: str):
        (chapter,) = (c for c in load_chapters(home) if c.file == NOTEBOOK)
        before = chapter.content
        copy = in_language(json.loads(chapter.content), language)
        assert {t for cell in copy["cells"] for t in tags_of(cell)} & {"zh", "en"} == {language}
        assert json.loads(before) == json.loads(chapter.content)

        def code(cells: list[dict[str, Any]]) -> list[str]:
            return [source_of(c) for c in cells if c["cell_type"] == "code"]

        changed = [
            (old, new)
            for old, new in zip(code(chapter.cells), code(copy["cells"]), strict=True)
            if old != new
        ]
        if language == "en":  # what the notebook says anyway
            assert changed == []
        else:
            ((old, new),) = changed
            assert new == old.replace('language = "en"', 'language = "zh"')

    def test_a_first_copy_is_made_and_told(self, home: Path, said: list[str]):
        path = self.make(home, said)
        assert path.is_file()
        assert f"lab/en/{NOTEBOOK}: made from notebooks/{NOTEBOOK}" in said
        self.make(home, said)
        assert said == []

    def test_what_a_user_changed_is_kept(self, home: Path, said: list[str]):
        path = self.make(home, said)
        change(path, "my own words")
        mine = path.read_bytes()
        self.make(home, said)
        assert (path.read_bytes(), said) == (mine, [])
        change(home / "notebooks" / NOTEBOOK, "a new heading", cell=1)
        self.make(home, said)
        assert path.read_bytes() == mine
        assert len(said) == 1
        assert "kept with your changes" in said[0]

    def test_a_copy_that_was_only_run_follows_its_notebook(self, home: Path, said: list[str]):
        path = self.make(home, said)
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["execution_count"] = 1
        path.write_text(json.dumps(notebook), encoding="utf-8")
        change(home / "notebooks" / NOTEBOOK, "# A new heading", cell=1)
        self.make(home, said)
        assert "made again" in said[0]
        assert "# A new heading" in path.read_text(encoding="utf-8")

    @pytest.mark.parametrize("content", ["", "{}", "[]", '{"metadata": {"loyalty": 1}}'])
    def test_a_file_that_is_no_copy_is_kept(self, home: Path, said: list[str], content: str):
        path = self.make(home, said)
        path.write_text(content, encoding="utf-8")
        self.make(home, said)
        assert (path.read_text(encoding="utf-8"), said) == (content, [])

    def test_no_other_assignment_is_touched(self):
        source = 'brand = "en"\nlanguage = "en"  # zh or en\nmother_language = "en"'
        notebook = {
            "cells": [
                {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": source},
                {"cell_type": "code", "metadata": {}, "source": 'language = "en"'},
            ],
            "metadata": {},
        }
        first, second = in_language(notebook, "zh")["cells"]
        assert first["source"] == source.replace('\nlanguage = "en"', '\nlanguage = "zh"')
        assert second["source"] == 'language = "en"'


class TestCommand:
    @pytest.fixture
    def started(self, monkeypatch: pytest.MonkeyPatch, home: Path) -> list[tuple[list[str], Path]]:
        """What would have been started, and where; nothing is."""
        calls: list[tuple[list[str], Path]] = []

        def note(command: list[str], folder: Path, environment: dict[str, str]) -> int:
            assert environment["LOYALTY_HOME"] == str(home)
            calls.append((command, folder))
            return 0

        monkeypatch.setenv("LOYALTY_HOME", str(home))
        monkeypatch.setattr(lab, "_run", note)
        monkeypatch.setattr(lab, "find_spec", lambda _: object())
        return calls

    def test_without_jupyterlab_it_says_what_to_do(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        monkeypatch.setattr(lab, "find_spec", lambda _: None)
        assert main(["lab"]) == 2
        out, errors = capsys.readouterr()
        assert out == ""
        assert len(errors.splitlines()) == 1
        assert "make lab" in errors

    def test_the_notebooks_are_opened(self, started: list[tuple[list[str], Path]], home: Path):
        assert main(["lab"]) == 0
        ((command, folder),) = started
        assert command[0] == sys.executable
        assert folder == home / "notebooks"
        assert "--LabApp.default_url=/lab/tree/notebooks" in command
        assert "--no-browser" not in command
        assert not (home / "lab").exists()

    @pytest.mark.parametrize("root", [True, False])
    def test_options_and_root(
        self,
        started: list[tuple[list[str], Path]],
        monkeypatch: pytest.MonkeyPatch,
        home: Path,
        root: bool,
    ):
        monkeypatch.setattr(lab, "_is_root", lambda: root)
        assert main(["lab", "--language", "zh", "--no-browser", "--", "--debug"]) == 0
        ((command, folder),) = started
        assert folder == home / "lab" / "zh"
        assert (folder / NOTEBOOK).is_file()
        assert "--no-browser" in command
        assert command[-1] == "--debug"
        assert ("--allow-root" in command) is root

    def test_a_folder_without_notebooks_is_told(
        self,
        started: list[tuple[list[str], Path]],
        home: Path,
        capsys: pytest.CaptureFixture[str],
    ):
        shutil.rmtree(home / "notebooks")
        assert main(["lab"]) == 2
        assert "no chapter found" in capsys.readouterr().err
        assert started == []


@pytest.fixture(scope="session")
def lab_python() -> Path:
    """The interpreter of .venv-lab; skip where it cannot be made, fail where browsers must run."""
    script = ROOT / "tools" / "setup_env.py"
    made = subprocess.run(
        [sys.executable, "-I", "-S", str(script), "--lab"],
        env={k: v for k, v in os.environ.items() if k != "PYTHON"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=550,
    )
    if made.returncode:
        reason = f".venv-lab cannot be made: {(made.stderr.strip() or made.stdout)[-300:]}"
        if os.environ.get("LOYALTY_REQUIRE_BROWSER") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return Path(setup_env.LAB.python)


@dataclass(frozen=True)
class Server:
    """A running lab: its address with the token, and its process."""

    url: str
    token: str
    process: psutil.Process

    def address(self, path: str) -> str:
        return f"{self.url}lab/tree/{path}?token={self.token}"

    def kernels(self) -> list[psutil.Process]:
        children = self.process.children(recursive=True)
        return [child for child in children if "ipykernel_launcher" in child.cmdline()]


def lab_environment(home: Path) -> dict[str, str]:
    """Everything Jupyter keeps goes next to the home folder; coverage does not follow."""
    own = {
        name: str(home.parent / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    left_out = ("LOYALTY_HOME", "PYTHONPATH", "VIRTUAL_ENV", "COV_CORE_SOURCE", "COVERAGE_PROCESS")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    return {**kept, **own, "HOME": str(home.parent), "JUPYTER_PLATFORM_DIRS": "1"}


@contextmanager
def running_lab(python: Path, home: Path, *options: str) -> Iterator[Server]:
    """Run ``loyalty lab`` for the length of a ``with`` block; nothing of it is left behind."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = lab_environment(home)
    log = home.parent / "lab.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(str(python), "-m", "loyalty_research", "lab", "--no-browser", *options),
                *("--", "--expose-app-in-browser", f"--ServerApp.port={port}"),
            ],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        tree = Tree(process)
        try:
            found = _server_file(process, Path(environment["JUPYTER_RUNTIME_DIR"]), log)
            yield Server(found["url"], found["token"], psutil.Process(process.pid))
        finally:
            tree.kill()


def _server_file(process: subprocess.Popen[bytes], folder: Path, log: Path) -> dict[str, str]:
    """Wait until the server has said where it is."""
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        for path in folder.glob("jpserver-*.json"):
            try:
                return json.loads(path.read_text(encoding="utf-8"))
            except ValueError:  # not yet written to its end
                continue
        time.sleep(0.2)
    pytest.fail(f"the lab did not start:\n{log.read_text(encoding='utf-8')[-3000:]}")


READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  const context = panel?.sessionContext;
  return Boolean(context?.isReady && context.session?.kernel?.status === 'idle'
    && panel.content?.model?.cells?.length);
}"""
RUN_ALL = """() => {
  window.lab_done = '';
  window.jupyterapp.commands.execute('notebook:run-all-cells').then(
    () => { window.lab_done = 'done'; }, error => { window.lab_done = String(error); });
}"""
CELLS = "() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells"


def run_all(page: Page, address: str) -> list[dict[str, Any]]:
    """Open a notebook in JupyterLab, run it to its end, and return its cells with outputs."""
    page.goto(address, wait_until="load", timeout=START * 1000)
    page.wait_for_function(READY, timeout=START * 1000)
    page.evaluate(RUN_ALL)
    page.wait_for_function("() => window.lab_done", timeout=RUN * 1000)
    assert page.evaluate("() => window.lab_done") == "done"
    return page.evaluate(CELLS)


def joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def shown_text(cells: list[dict[str, Any]]) -> str:
    """Return the words of all displayed HTML, without style sheets and figures."""
    parts = [
        joined(output["data"]["text/html"])
        for cell in cells
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", " ".join(parts), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(text))


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The stated findings of the chapter in the report on the same brand."""
    out = tmp_path_factory.mktemp("reports")
    made = subprocess.run(
        [
            *(sys.executable, "-m", "loyalty_research", "report", BRAND),
            *("--chapter", "profile", "--out", str(out)),
        ],
        cwd=ROOT,
        env={**os.environ, "LOYALTY_HOME": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert made.returncode == 0, made.stderr[-2000:]
    read = json.loads((out / BRAND / "findings.json").read_text(encoding="utf-8"))
    findings = read["findings"] if isinstance(read, dict) else read
    return [f for f in findings if f["status"] == "stated" and f["chapter"] == "profile"]


@pytest.mark.browser
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_notebook_runs_in_jupyterlab(
    browser: Browser,
    lab_python: Path,
    home: Path,
    reported: list[dict[str, Any]],
    language: str,
):
    """Opened and run in JupyterLab, the notebook says what the report says, and has no error."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    requests: list[str] = []
    try:
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        with running_lab(lab_python, home, "--language", language) as server:
            cells = run_all(page, server.address(f"lab/{language}/{NOTEBOOK}"))
            (kernel,) = server.kernels()
            assert Path(kernel.cmdline()[0]).parent == lab_python.parent
            page.locator(".loyalty-result table").first.wait_for(timeout=30_000)
            assert page.locator(".loyalty-result").first.get_attribute("lang") == language
            if shots := os.environ.get("LOYALTY_LAB_SHOTS"):
                photograph(page, Path(shots), language)
        page.close()
    finally:
        context.close()
    assert not kernel.is_running()
    assert not server.process.is_running()

    code = [cell for cell in cells if cell["cell_type"] == "code"]
    outputs = [output for cell in code for output in cell["outputs"]]
    assert [o for o in outputs if o["output_type"] in ("error", "stream")] == []
    counts = [cell["execution_count"] for cell in code if joined(cell["source"]).strip()]
    assert counts == list(range(1, len(counts) + 1))
    assert [url for url in requests if not url.startswith((server.url, "data:", "blob:"))] == []

    sentences = [re.sub(r"\s+", " ", finding[f"text_{language}"]) for finding in reported]
    text = shown_text(cells)
    assert len(sentences) >= 15
    assert [sentence for sentence in sentences if sentence not in text] == []
    assert "54.6%" in text  # the share of net sales of the top fifth of households
    original = hashlib.sha256((ROOT / "notebooks" / NOTEBOOK).read_bytes()).hexdigest()
    copied = hashlib.sha256((home / "notebooks" / NOTEBOOK).read_bytes()).hexdigest()
    assert original == copied


def photograph(page: Page, folder: Path, language: str) -> None:
    """Save pictures of the notebook, one a result, for the eye."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"lab_{language}_top.png"))
    for place, shown in enumerate(page.locator(".loyalty-result").all()):
        shown.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        page.screenshot(path=str(folder / f"lab_{language}_{place}.png"))
