"""The command line: formats asked for, brands all at once."""

from __future__ import annotations

import json

from report.sandbox import BRAND, Sandbox

LOOK = """\
report:
  client: {zh: 小店有限公司, en: Tiny Ltd}
  confidentiality: {zh: 仅供内部使用, en: Internal use only}
  colour: "#7a1f3d"
"""


def test_formats_are_delivered_listed_and_not_made_twice(copied: Sandbox) -> None:
    (copied.brand / "brand.yaml").write_text(BRAND + LOOK, encoding="utf-8")
    first = copied.make("--format", "html,single,docx", "--language", "en")
    assert first.returncode == 0, first.stderr
    shown = [line.rpartition("/")[2] for line in first.stdout.splitlines()]
    assert shown == ["index.html", "tiny_en.docx", "tiny_en.html"]
    files = copied.files()
    manifest = json.loads(files["manifest.json"])
    assert manifest["formats"] == ["html", "single", "docx"]
    assert {"tiny_en.docx", "tiny_en.html", "en/index.html"} <= set(manifest["files"])
    for name in ("en/index.html", "en/profile.html", "tiny_en.html"):
        page = files[name].decode()
        assert "Internal use only" in page
        assert "--head:#7a1f3d" in page
    front = (copied.out / "index.html").read_text(encoding="utf-8")
    assert 'href="tiny/tiny_en.docx"' in front
    second = copied.make("--format", "html,single,docx", "--language", "en")
    assert "nothing rendered" in second.stderr
    assert copied.files() == files
    third = copied.make("--format", "docx", "--language", "en")
    assert third.returncode == 0, third.stderr
    assert sorted(copied.files()) == [
        "findings.json",
        "manifest.json",
        "tables.xlsx",
        "tiny_en.docx",
    ]
    assert copied.files()["tiny_en.docx"] == files["tiny_en.docx"]


def test_what_is_wrong_is_said_before_anything_is_written(sandbox: Sandbox) -> None:
    unknown = sandbox.make("--format", "html,word")
    assert unknown.returncode == 2
    assert "--format: found 'word'; allowed: html, single, docx, pdf, pptx" in unknown.stderr
    (sandbox.brand / "brand.yaml").write_text(
        BRAND + 'report: {colour: "#ff9900", logo: ../x.png}\n', encoding="utf-8"
    )
    pale = sandbox.make()
    assert pale.returncode == 2
    assert "report.colour: found #ff9900" in pale.stderr
    assert "report.logo: found ../x.png" in pale.stderr
    assert not sandbox.out.exists()
    both = sandbox.run("report", "tiny", "--all")
    neither = sandbox.run("report")
    assert (both.returncode, neither.returncode) == (2, 2)
    assert "There is: tiny" in neither.stderr


def test_all_brands_are_made_though_one_fails(copied: Sandbox) -> None:
    broken = copied.brand.parent / "broken"
    broken.mkdir()
    (broken / "brand.yaml").write_text("name: 5\n", encoding="utf-8")
    made = copied.run("report", "--all", "--jobs", "2", "--out", str(copied.out))
    assert made.returncode == 1, made.stderr
    lines = made.stdout.splitlines()
    assert lines[0].split()[:3] == ["broken", "not", "made"]
    assert lines[1].split()[:2] == ["tiny", "complete"]
    assert lines[1].endswith("tiny/index.html")
    assert lines[2].endswith("reports/index.html")
    assert 'id="tiny"' in (copied.out / "index.html").read_text(encoding="utf-8")
