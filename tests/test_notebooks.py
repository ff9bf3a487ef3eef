"""House rules of the notebooks that become the report."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CELLS, LINES = 25, 10
LANGUAGES = {"zh", "en"}
TAGS = {*LANGUAGES, "teach", "parameters"}
SQL = re.compile(r"\b(select|from|where|join)\b.+\b(from|where|group by|on)\b", re.IGNORECASE)
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def tags(cell) -> list[str]:
    return list(cell.metadata.get("tags", []))


def cells(path: Path, kind: str) -> list:
    return [cell for cell in read(path).cells if cell.cell_type == kind]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
    assert NOTEBOOKS[0].stem == "1_customer_profile"


@each_notebook
def test_valid_and_committed_without_outputs(path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    for cell in cells(path, "code"):
        assert cell.outputs == []
        assert cell.execution_count is None
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))
    assert notebook.metadata.loyalty.chapter
    assert set(notebook.metadata.loyalty.title) == LANGUAGES


@each_notebook
def test_code_is_short_and_only_calls(path) -> None:
    code = cells(path, "code")
    assert len(code) <= CELLS
    for cell in code:
        assert len(cell.source.splitlines()) <= LINES
        tree = ast.parse(cell.source)
        banned = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not any(isinstance(node, banned) for node in ast.walk(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not SQL.search(node.value), node.value
                assert "/" not in node.value, f"a path: {node.value}"
    first = ast.parse(code[0].source)
    assert all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in first.body)
    later = [ast.parse(cell.source) for cell in code[1:]]
    assert not any(
        isinstance(node, (ast.Import, ast.ImportFrom)) for tree in later for node in ast.walk(tree)
    )


@each_notebook
def test_parameters_are_scalars_with_a_comment_each(path) -> None:
    (cell,) = [cell for cell in cells(path, "code") if "parameters" in tags(cell)]
    assert cells(path, "code").index(cell) == 1
    tree = ast.parse(cell.source)
    comments = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(cell.source).readline)
        if token.type == tokenize.COMMENT and len(token.string) > 4
    }
    assert tree.body
    for node in tree.body:
        assert isinstance(node, ast.Assign)
        assert isinstance(ast.literal_eval(node.value), (str, int, float, bool))
        assert node.lineno in comments, ast.unparse(node)


@each_notebook
def test_tags(path) -> None:
    for cell in read(path).cells:
        assert set(tags(cell)) <= TAGS, tags(cell)
        if cell.cell_type == "markdown":
            assert len(LANGUAGES & set(tags(cell))) == 1, cell.source[:40]
            assert "parameters" not in tags(cell)
        else:
            assert not LANGUAGES & set(tags(cell))


@each_notebook
def test_every_text_stands_in_both_languages(path) -> None:
    """Each Chinese cell is followed by its English twin of the same kind and heading level."""
    prose = [cell for cell in read(path).cells if cell.cell_type == "markdown"]
    assert len(prose) % 2 == 0
    for zh, en in zip(prose[::2], prose[1::2], strict=True):
        assert "zh" in tags(zh)
        assert "en" in tags(en)
        assert ("teach" in tags(zh)) == ("teach" in tags(en))
        assert re.findall(r"^#+", zh.source, re.M) == re.findall(r"^#+", en.source, re.M)
        assert re.search(r"[\u4e00-\u9fff]", zh.source)
        assert not re.search(r"[\u4e00-\u9fff]", en.source)
        assert re.findall(r"\$[^$]+\$", zh.source).__len__() == len(
            re.findall(r"\$[^$]+\$", en.source)
        )


@each_notebook
def test_no_number_is_typed_into_the_page(path) -> None:
    for cell in cells(path, "markdown"):
        if "teach" not in tags(cell):
            assert not re.search(r"[0-9０-９]|[一二三四五六七八九十]成", cell.source), cell.source


@each_notebook
def test_every_section_has_why_method_and_one_result(path) -> None:
    """Sections open with a heading; each shows exactly one result."""
    sections: list[list] = []
    for cell in read(path).cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## ") and "zh" in tags(cell):
            sections.append([])
        if sections:
            sections[-1].append(cell)
    assert len(sections) >= 3
    for section in sections:
        kinds = [tuple(tags(cell)) for cell in section if cell.cell_type == "markdown"]
        assert {("zh",), ("en",)} <= set(kinds)
        assert sum("teach" in kind for kind in kinds) >= 2
        shown = [cell for cell in section if cell.cell_type == "code" and "lr.show(" in cell.source]
        assert len(shown) == 1, section[0].source
