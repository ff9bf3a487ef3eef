"""Figures as files: the drawing, its numbers, and nothing overwritten."""

from __future__ import annotations

import csv
import io
import re

import pandas as pd
import pytest
from results.analyses import shop_results, supermarket_results

from loyalty_research.engine import Context
from loyalty_research.errors import ParameterError
from loyalty_research.findings import Chart
from loyalty_research.language import Translator
from loyalty_research.results import Result, ResultStore
from loyalty_research.results.columns import columns_of
from loyalty_research.results.hidden import MARK

PERIOD = ("2024-01-01", "2024-12-31")


@pytest.fixture
def rfm() -> Result:
    return shop_results("full")["rfm"]


def rows_of(path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("format", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")]
)
def test_each_figure_is_saved_with_its_numbers(rfm, tmp_path, format, start) -> None:
    made = rfm.save(tmp_path / "图 一", language="zh", format=format)
    names = [f"rfm_{chart.name}_zh.{end}" for chart in rfm.charts for end in (format, "csv")]
    assert [path.name for path in made] == names
    assert sorted(path.name for path in (tmp_path / "图 一").iterdir()) == sorted(names)
    again = rfm.save(tmp_path / "again", language="zh", format=format)
    for first, second in zip(made, again, strict=True):
        assert first.read_bytes() == second.read_bytes()
    assert made[0].read_bytes().startswith(start)


def test_a_pdf_brings_its_chinese_font(rfm, tmp_path) -> None:
    content = rfm.save(tmp_path, language="zh", format="pdf")[0].read_bytes()
    assert b"NotoSansSC" in content
    assert b"CreationDate" not in content


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_numbers_are_the_frames_under_headings_of_the_language(language, tmp_path) -> None:
    for result in supermarket_results().values():
        words = Translator(language, result.context)
        made = result.save(tmp_path, language=language)
        assert len(made) == 2 * len(result.charts)
        for chart, path in zip(result.charts, made[1::2], strict=True):
            assert path.read_bytes().startswith("\ufeff".encode())
            frame = result.frames[chart.frame]
            heads, *rows = rows_of(path)
            assert len(rows) == len(frame)
            columns = columns_of(chart, frame)
            place = 0
            for column in columns:
                assert heads[place].startswith(column.heading(words))
                assert not re.fullmatch("[a-z_0-9]+", column.heading(words)) or language == "en"
                for name in [name for name in (column.name, column.low, column.high) if name]:
                    if pd.api.types.is_numeric_dtype(frame[name]) and ":" not in column.unit:
                        texts = [row[place] for row in rows]
                        told = [text != MARK for text in texts]  # small groups are not printed
                        have = [float(text.replace(MARK, "") or "nan") for text in texts]
                        want = pd.Series(frame[name]).astype(float).where(told).tolist()
                        assert have == pytest.approx(want, nan_ok=True)
                    place += 1
            assert place == len(heads)


def test_a_figure_draws_more_than_its_categories() -> None:
    for result in supermarket_results().values():
        for chart in result.charts:
            columns = columns_of(chart, result.frames[chart.frame])
            assert len(columns) > 1, chart.key
            drawn = {name for item in columns for name in (item.name, item.low, item.high)}
            for role in ("x", "y", "value", "low", "high", "total", "parts", "values"):
                named = chart.encode.get(role, [])
                assert set([named] if isinstance(named, str) else named) <= drawn, chart.key


def test_nothing_is_overwritten_unless_told(rfm, tmp_path) -> None:
    first = rfm.save(tmp_path, language="en")
    first[0].write_bytes(b"mine")
    first[-1].unlink()
    with pytest.raises(ParameterError) as caught:
        rfm.save(tmp_path, language="en")
    assert len(caught.value.problems) == len(first) - 1
    assert first[0].read_bytes() == b"mine"
    assert not first[-1].exists()
    assert rfm.save(tmp_path, language="en", overwrite=True) == first
    assert first[0].read_bytes() != b"mine"


def test_mistakes_are_told_and_nothing_is_written(rfm, tmp_path) -> None:
    with pytest.raises(ParameterError, match="svg, pdf, png"):
        rfm.save(tmp_path / "new", format="jpg")
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ParameterError, match="is a file"):
        rfm.save(tmp_path / "file")


def test_a_failure_leaves_no_half_written_file(rfm, tmp_path, monkeypatch) -> None:
    def broken(*_) -> bytes:
        raise RuntimeError("no ink")

    monkeypatch.setattr("loyalty_research.results.save._csv", broken)
    with pytest.raises(RuntimeError):
        rfm.save(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_stored_result_saves_the_same_bytes(rfm, tmp_path) -> None:
    store = ResultStore(tmp_path / "store")
    kept = store.read(store.write(rfm))
    made = rfm.save(tmp_path / "one", language="zh")
    for first, second in zip(made, kept.save(tmp_path / "two", language="zh"), strict=True):
        assert first.read_bytes() == second.read_bytes()


def test_texts_that_look_like_formulas_are_marked() -> None:
    frame = pd.DataFrame({"segment": ["=1+1", "-5"], "net_sales": [-5.0, 2.5]})
    encode = {"x": "segment", "y": "net_sales", "unit": "money"}
    chart = Chart("months", "prices.bands", "bars", "summary", encode, 50, "orders", PERIOD)
    result = Result("t", "c", "s", {"summary": frame}, charts=(chart,),
                    context=Context(currency="CNY"))  # fmt: skip
    from loyalty_research.results import save

    text = save._csv(chart, frame, Translator("zh", result.context)).decode("utf-8-sig")
    assert text == "类别,销售净额（元）\r\n'=1+1,-5\r\n'-5,2.5\r\n"
