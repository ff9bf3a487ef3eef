"""A home folder, a cache and a copy of the package to run the command line on.

The copy has catalogues of its own, so that a test can change a wording as a developer would, and
no test depends on the wording of the real chapters.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

import loyalty_research

PACKAGE = Path(loyalty_research.__file__).parent
HERE = Path(__file__).parent

WORDING = {
    "subject.{}": ("主题 {}", "Subject {}"),
    "finding.{}": ("发现 {}：{{estimate}}{{interval}}。", "Finding {}: {{estimate}}{{interval}}."),
    "headline.{}": ("一句话 {}：{{estimate}}。", "In short {}: {{estimate}}."),
}
TEMPLATES = (
    "board_repurchase_rate",
    "board_order_value",
    "board_active_customers",
    "board_second_purchase_rate",
    "concentration_top20",
    "rfm_best_share",
    "rfm_lapsing_value",
    "price_discounted_share",
)
MORE = {
    "meaning.rfm_best_share": ("少数人撑起大半。", "Few carry much."),
    "chart.test.segments.title": ("最好的一类占 {best}", "The best class brings {best}"),
    "chart.test.segments.alt": ("条形图：最好的一类 {best}", "Bars: the best class {best}"),
    "table.test.board.title": ("看板（{bins} 组）", "Board ({bins} bins)"),
    "column.name": ("指标", "Indicator"),
    "column.value": ("数值", "Value"),
    "column.note": ("备注", "Note"),
    "column.share": ("占比", "Share"),
    "label.test_name.net_sales": ("销售净额", "Net sales"),
    "label.test_name.repurchase_rate": ("复购率", "Repurchase rate"),
    "label.test_segment.111": ("重要价值", "Best"),
    "label.test_segment.011": ("重要保持", "Keep"),
    "label.test_segment.000": ("一般挽留", "Rest"),
}
BRAND = """\
name: {zh: 小店, en: Tiny}
trade: grocery
currency: CNY
timezone: Asia/Shanghai
customers: {unit: person, identifiers: public}
evidence: observed
tables:
  transactions:
    source: transactions.csv
    columns: {order_id: order, ordered_at: at, amount: amount, customer_id: customer}
"""
LINES = "order,at,amount,customer\n" + "".join(
    f"{place},2024-0{place % 6 + 1}-10 12:00:00,{place}.50,c{place % 9}\n" for place in range(1, 61)
)


def code(source: str, *tags: str) -> dict[str, Any]:
    """Return a code cell."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": list(tags)} if tags else {},
        "outputs": [],
        "source": source,
    }


def prose(source: str, *tags: str) -> dict[str, Any]:
    """Return a Markdown cell."""
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": source}


def notebook(chapter: str, zh: str, en: str, cells: list[dict[str, Any]]) -> str:
    """Return the text of a notebook that makes a chapter."""
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"
    about = {"chapter": chapter, "title": {"zh": zh, "en": en}}
    spec = {"display_name": "Elsewhere", "language": "python", "name": "no_such_kernel"}
    return json.dumps(
        {
            "cells": cells,
            "metadata": {"loyalty": about, "kernelspec": spec},
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        ensure_ascii=False,
        indent=1,
    )


PROFILE = [
    prose("# 顾客画像", "zh"),
    prose("# Customer profile", "en"),
    code("import loyalty_research as lr\nimport made_results"),
    code(
        'brand = ""  # set by the run\n'
        "bins = 5  # groups\n"
        "share = 0.5  # of what\n"
        'evidence = "observed"  # grade\n'
        "shown = True  # whether\n",
        "parameters",
    ),
    prose("## 看板是第一节\n\n为什么看：*先看总数*。<b>不是标签</b>", "zh"),
    prose(
        "## The board comes first\n\nWhy: totals first. <b>no tag</b>\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "en",
    ),
    prose("公式只给学习者 teach-zh", "zh", "teach"),
    prose("a formula for learners teach-en", "en", "teach"),
    code("lr.show(made_results.board(bins, evidence))"),
    prose("## 分层是第二节", "zh"),
    prose("## Segments come second", "en"),
    code("print('/secret' + '/machine/path/file.txt')\nlr.show(made_results.segments(evidence))"),
]
OTHER = [
    prose("# 第二章", "zh"),
    prose("# Second chapter", "en"),
    code(
        "import os, signal, subprocess, sys, time\n"
        "import loyalty_research as lr\nimport made_results"
    ),
    code('brand = ""\nbehave = "well"  # well, raise, refuse, die, sleep, spawn\n', "parameters"),
    prose("## 起步", "zh"),
    prose("## A start", "en"),
    code(
        "from loyalty_research.results import Result\n"
        "first = made_results.segments()\n"
        "parts = {'charts': first.charts, 'context': first.context}\n"
        "lr.show(Result('start', 'other', 'start', first.frames, **parts))"
    ),
    prose("## 危险的一节", "zh"),
    prose("## A dangerous section", "en"),
    code(
        "if behave == 'raise':\n"
        "    raise ValueError('no luck in /home' + '/someone/place/file.py today\\nsecond line')\n"
        "if behave == 'refuse':\n"
        "    from loyalty_research.errors import MissingTableError\n"
        "    raise MissingTableError('table survey is absent')\n"
        "if behave == 'die':\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "if behave == 'spawn':\n"
        "    command = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "    subprocess.Popen(command, start_new_session=True)\n"
        "if behave in ('sleep', 'spawn'):\n"
        "    time.sleep(600)\n"
    ),
    prose("## 最后一节", "zh"),
    prose("## The last section", "en"),
]


@dataclass
class Sandbox:
    """Folders of a test, and the command line on them."""

    root: Path
    chapters: tuple[str, ...] = ("profile", "other")
    packages: Path = field(init=False)
    home: Path = field(init=False)
    cache: Path = field(init=False)
    out: Path = field(init=False)

    def __post_init__(self) -> None:
        self.packages, self.home = self.root / "packages", self.root / "home"
        self.cache, self.out = self.root / "cache", self.root / "reports"
        if self.home.exists():  # a copy of another sandbox
            return
        ignore = shutil.ignore_patterns("__pycache__", "profile.po")
        shutil.copytree(PACKAGE, self.packages / "loyalty_research", ignore=ignore)
        shutil.copy(HERE / "made_results.py", self.packages)
        self._write_wording()
        folder = self.home / "data" / "brands" / "tiny"
        folder.mkdir(parents=True)
        (folder / "brand.yaml").write_text(BRAND, encoding="utf-8")
        (folder / "transactions.csv").write_text(LINES, encoding="utf-8")
        (self.home / "notebooks").mkdir()
        made = {
            "profile": notebook("profile", "顾客画像", "Customer profile", PROFILE),
            "other": notebook("other", "第二章", "Second chapter", OTHER),
        }
        for place, name in enumerate(self.chapters, start=1):
            path = self.home / "notebooks" / f"{place}_{name}.ipynb"
            path.write_text(made[name], encoding="utf-8")

    def copy(self, root: Path) -> Sandbox:
        """Return a sandbox that has run all that this one has, elsewhere."""
        shutil.copytree(self.root, root, dirs_exist_ok=True, symlinks=True)
        return Sandbox(root, self.chapters)

    @property
    def brand(self) -> Path:
        """Folder of the brand."""
        return self.home / "data" / "brands" / "tiny"

    @property
    def report(self) -> Path:
        """Folder of the report."""
        return self.out / "tiny"

    def catalogue(self, language: str) -> Path:
        """Return the catalogue of the test's own wording."""
        return self.packages / "loyalty_research" / "language" / "locales" / language / "profile.po"

    def _write_wording(self) -> None:
        for place, language in enumerate(("zh", "en")):
            rows = {
                key.format(name): texts[place].format(name)
                for name in TEMPLATES
                for key, texts in WORDING.items()
            }
            rows |= {key: texts[place] for key, texts in MORE.items()}
            lines = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n']
            lines += [f'msgid "{key}"\nmsgstr "{text}"\n' for key, text in rows.items()]
            self.catalogue(language).write_text("\n".join(lines), encoding="utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables of a command."""
        variables = dict(os.environ)
        for name in ("LOYALTY_LANGUAGE", "LOYALTY_STORE", "LOYALTY_DEBUG"):
            variables.pop(name, None)
        return (
            variables
            | {
                "PYTHONPATH": str(self.packages),
                "LOYALTY_HOME": str(self.home),
                "LOYALTY_CACHE": str(self.cache),
                "LOYALTY_UI": "en",
                "SOURCE_DATE_EPOCH": "1735689600",
            }
            | more
        )

    def start(self, *arguments: str, program: str = "", **more: str) -> subprocess.Popen[str]:
        """Start the command line, or a program that wraps it."""
        head = (
            [sys.executable, "-c", program]
            if program
            else [sys.executable, "-m", "loyalty_research"]
        )
        return subprocess.Popen(
            [*head, *arguments],
            cwd=self.root,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *arguments: str, program: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line to its end."""
        process = self.start(*arguments, program=program, **more)
        out, errors = process.communicate(timeout=300)
        return subprocess.CompletedProcess(arguments, process.returncode, out, errors)

    def make(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run ``loyalty report tiny``."""
        return self.run("report", "tiny", "--out", str(self.out), *arguments, **more)

    def processes(self) -> list[psutil.Process]:
        """Return the processes that this sandbox's commands have started and that live."""
        found = []
        for process in psutil.process_iter():
            try:
                inside = process.environ().get("LOYALTY_CACHE") == str(self.cache)
                if inside and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return [process for process in found if process.pid != os.getpid()]

    def files(self) -> dict[str, bytes]:
        """Return the delivered files by path."""
        return {
            path.relative_to(self.report).as_posix(): path.read_bytes()
            for path in sorted(self.report.rglob("*"))
            if path.is_file()
        }
