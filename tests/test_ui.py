"""The command line and errors in both languages, and names in Chinese with spaces."""

from __future__ import annotations

import ast
import io
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from report.sandbox import Sandbox

import loyalty_research
from loyalty_research.cli import main
from loyalty_research.cli.check import aligned
from loyalty_research.errors import LoyaltyError, ParameterError, problem, sentence, sentences

PACKAGE = Path(loyalty_research.__file__).parent
LOCALES = PACKAGE / "language" / "locales"
BRAND_NAME = "上海 甜品"


def messages(language: str, domain: str) -> dict[str, str]:
    content = (LOCALES / language / f"{domain}.po").read_bytes()
    return {str(item.id): str(item.string) for item in read_po(io.BytesIO(content)) if item.id}


def names(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def templates() -> dict[str, str]:
    """Return the template of every ``problem(...)`` of the package, with where it stands."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if called and node.func.id == "problem" and isinstance(node.args[0], ast.Constant):
                found[node.args[0].value] = f"{path.relative_to(PACKAGE)}:{node.lineno}"
    return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Return a home folder that this process works on, in no language of its own."""
    sandbox = Sandbox(tmp_path)
    monkeypatch.setenv("LOYALTY_HOME", str(sandbox.home))
    monkeypatch.setenv("LOYALTY_CACHE", str(sandbox.cache))
    for name in ("LOYALTY_UI", "LOYALTY_DEBUG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    return sandbox


def test_every_problem_has_its_chinese_sentence() -> None:
    chinese = messages("zh", "errors")
    found = templates()
    assert len(found) > 70
    assert {where for template, where in found.items() if template not in chinese} == set()
    unlike = {key for key, text in chinese.items() if names(key) != names(text)}
    assert unlike == set()


def test_the_command_lines_words_are_the_same_in_both_languages() -> None:
    zh, en = messages("zh", "cli"), messages("en", "cli")
    assert zh.keys() == en.keys()
    assert {key for key in zh if names(zh[key]) != names(en[key])} == set()


@pytest.mark.parametrize(
    ("item", "chinese"),
    [
        (
            problem("{place}: {what}; allowed: {allowed}{near}", place="tables.x",
                    what="unknown table", allowed="a, b", near="; did you mean a?"),
            "tables.x：没有这种数据表；可用：a, b；是否想写 a？",
        ),
        (
            problem("{file}: {key}: missing", file="b.yaml", key="name"),
            "b.yaml：name：缺少这一项",
        ),
        (
            problem("{place}: column {name}: {count} of {rows} value(s) below {least:g}, smallest "
                    "{found:g}; allowed: {least:g} or more{hint}", place="t", name="n", count="2",
                    rows="9", least=0.0, found=-1.5, hint=""),
            "t：n 列：9 个值中有 2 个小于 0，最小为 -1.5；应不小于 0",
        ),
        (problem("has: found {table!r}; allowed: {allowed}", table="none", allowed="none"),
         "has：值为 'none'；可用：无"),
        (problem("no wording for {this}", this="that"), "no wording for that"),
    ],
)  # fmt: skip
def test_sentences_are_worded_with_the_phrases_in_them(item, chinese: str) -> None:
    assert sentence(item, "zh") == chinese
    assert sentence(item, "en") == str(item)


def test_plain_sentences_stay_as_they_are() -> None:
    assert sentences(LoyaltyError("one", "two {x}"), "zh") == ["one", "two {x}"]


@pytest.mark.parametrize(
    ("arguments", "variables", "told"),
    [
        ([], {}, "not found in"),
        (["--ui", "zh"], {}, "没有找到"),
        (["--ui=zh"], {"LOYALTY_UI": "en"}, "没有找到"),
        ([], {"LOYALTY_UI": "zh"}, "没有找到"),
        ([], {"LANG": "zh_CN.UTF-8"}, "没有找到"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "not found in"),
        (["--ui", "en"], {"LANG": "zh_TW", "LOYALTY_UI": "zh"}, "not found in"),
    ],
)
@pytest.mark.usefixtures("home")
def test_the_language_is_chosen_by_option_variable_or_locale(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    variables: dict[str, str],
    told: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main([*arguments, "check", "nobody"]) == 2
    assert main(["check", *arguments, "nobody"]) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    assert errors.count(told) == 2


@pytest.mark.usefixtures("home")
def test_an_unknown_language_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOYALTY_UI", "fr")
    assert main(["brands"]) == 2
    assert "LOYALTY_UI: found 'fr'; allowed: en, zh" in capsys.readouterr().err
    assert main(["--ui", "en", "brands"]) == 0
    with pytest.raises(SystemExit) as caught:
        main(["--ui", "fr", "brands"])
    assert caught.value.code == 2


@pytest.mark.parametrize("command", [[], ["check"], ["report"], ["lab"]])
def test_help_is_in_the_language(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    shown = {}
    for language in ("zh", "en"):
        with pytest.raises(SystemExit) as caught:
            main(["--ui", language, *command, "--help"])
        assert caught.value.code == 0
        shown[language] = capsys.readouterr().out
    assert shown["zh"].startswith("用法：")
    assert shown["en"].startswith("usage: ")
    for english in ("show this", "options", "positional"):
        assert english not in shown["zh"]
    assert not any(ord(glyph) > 0x2E80 for glyph in shown["en"])
    flags = [{word.strip(",") for word in text.split() if word.startswith("--")}
             for text in shown.values()]  # fmt: skip
    assert flags[0] == flags[1]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check"], "loyalty check：错误：缺少必需的参数：BRAND"),
        (["report", "tiny", "--jobs", "0"], "参数 --jobs：值为 '0'；应为不小于 1 的整数"),
        (["reports"], "'reports' 不可用；可选："),
    ],
)
def test_wrong_arguments_are_told_in_chinese(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--ui", "zh", *arguments])
    assert caught.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.usefixtures("home")
def test_check_has_chinese_headings_and_the_same_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--ui", "en", "check", "tiny"]) == 0
    english = capsys.readouterr().out.splitlines()
    assert main(["--ui", "zh", "check", "tiny"]) == 0
    chinese = capsys.readouterr().out.splitlines()
    assert chinese[0].split() == ["数据表", "读入", "保留", "剔除"]
    assert chinese[1].split() == english[1].split()
    assert chinese[3].split()[:3] == ["级别", "数据表", "检查项"]


def test_columns_are_aligned_by_the_width_of_glyphs() -> None:
    assert aligned(("表", "数"), [("abc", "1")], right=(1,)) == "表   数\nabc   1"


def test_chinese_names_with_spaces_make_a_report(sandbox: Sandbox) -> None:
    (sandbox.brand.parent / "tiny").rename(sandbox.brand.parent / BRAND_NAME)
    out = sandbox.root / "报告 文件夹"
    made = sandbox.run("--ui", "zh", "report", BRAND_NAME, "--out", str(out))
    assert made.returncode == 0, made.stderr
    assert made.stdout == f"报告 文件夹/{BRAND_NAME}/index.html\n"
    assert f"loyalty: 正在读取 {BRAND_NAME} 的数据表" in made.stderr
    assert "profile 章：完成（" in made.stderr
    place = out / BRAND_NAME
    for name in ("index.html", "zh/profile.html", "en/index.html", "tables.xlsx", "manifest.json"):
        assert (place / name).is_file(), name
    again = sandbox.run("--ui", "zh", "report", BRAND_NAME, "--out", str(out))
    assert again.stderr == "loyalty: 没有变动：未运行任何章节，网页也未重新生成\n"
    assert sandbox.run("--ui", "zh", "check", BRAND_NAME).returncode == 0
    assert sandbox.run("brands").stdout == f"{BRAND_NAME}\n"


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """Return a sandbox of the test's own."""
    return Sandbox(tmp_path)


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "bins: found 'x'; allowed: 2 to 10"), ("zh", "bins：值为 'x'；应在 2 到 10 之间")],
)
def test_a_notebook_shows_sentences_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    told: str,
) -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("LOYALTY_LANGUAGE", language)
    monkeypatch.delenv("LOYALTY_DEBUG", raising=False)
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    cell = (
        "from loyalty_research.errors import ParameterError, problem\n"
        "raise ParameterError(problem('bins: found {found!r}; allowed: 2 to 10', found='x'), 'b')"
    )
    shell.run_cell(cell)
    out, errors = capsys.readouterr()
    assert out.splitlines() == [told, "b"]
    assert "Traceback" not in errors
    monkeypatch.setenv("LOYALTY_DEBUG", "1")
    shell.run_cell(cell)
    assert "Traceback" in capsys.readouterr().out


def test_an_errors_text_stays_english_for_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOYALTY_LANGUAGE", "zh")
    error = ParameterError(problem("{key}: missing", key="name"))
    assert str(error) == "name: missing"
    assert error._render_traceback_() == ["name：缺少这一项"]
