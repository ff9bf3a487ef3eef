"""Results: what they show of themselves, their references, and their way through the store."""

from __future__ import annotations

import dataclasses
import json
import re

import pandas as pd
import pytest
from results.analyses import SHOPS, make_orders, shop_results, supermarket_results

import loyalty_research as lr
from loyalty_research import profile
from loyalty_research.results import MIME, Result, ResultStore
from loyalty_research.results.disclosure import protected
from loyalty_research.results.references import bibtex

SHOPS_STORED = ["supermarket", *SHOPS]


def results_of(where: str):
    return supermarket_results() if where == "supermarket" else shop_results(where)


def as_public(result: Result) -> Result:
    """Return a result of public data: nothing of it has to be hidden."""
    return dataclasses.replace(result, context=dataclasses.replace(result.context, public=True))


@pytest.mark.parametrize("where", SHOPS_STORED)
def test_the_store_gives_back_what_it_took(where, tmp_path) -> None:
    store = ResultStore(tmp_path / "store")
    made = [protected(as_public(result)) for result in results_of(where).values()]
    keys = [store.write(result) for result in made]
    assert store.keys() == keys == sorted(keys)
    for before, after in zip(made, store, strict=True):
        assert (after.name, after.chapter, after.section) == (
            before.name,
            before.chapter,
            before.section,
        )
        assert after.context == before.context
        assert after.references == before.references
        assert [item.as_dict() for item in after.findings] == [
            item.as_dict() for item in before.findings
        ]
        assert [item.as_dict() for item in after.charts] == [
            item.as_dict() for item in before.charts
        ]
        assert after.tables == before.tables
        assert after.frames.keys() == before.frames.keys()
        for name, frame in before.frames.items():
            pd.testing.assert_frame_equal(after.frames[name], frame, check_dtype=False)


@pytest.mark.parametrize("where", SHOPS_STORED)
def test_stored_documents_are_strict_json(where, tmp_path) -> None:
    store = ResultStore(tmp_path)
    for result in results_of(where).values():
        text = (tmp_path / store.write(result) / "result.json").read_text("utf-8")
        assert not re.search(r"\b(NaN|Infinity)\b", text), result.name
        assert json.loads(text)["name"] == result.name


def test_two_runs_store_the_same_bytes(tmp_path) -> None:
    orders = make_orders(80, seed=9)
    for folder in ("one", "two"):
        store = ResultStore(tmp_path / folder)
        store.write(profile.board(orders, period=("2024-01-01", "2024-12-31")))
        store.write(profile.concentration(orders, period=("2024-01-01", "2024-12-31")))
        store.write(profile.rfm(orders, as_of="2024-12-31"))
    first = sorted(path for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(first) > 8
    for path in first:
        twin = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == twin.read_bytes(), path.name


def test_every_view_names_frames_and_columns_that_exist() -> None:
    for where in SHOPS_STORED:
        for result in results_of(where).values():
            for chart in result.charts:
                columns = set(result.frames[chart.frame].columns)
                for role in ("x", "y", "value", "low", "high", "total", "parts"):
                    named = chart.encode.get(role, [])
                    named = [named] if isinstance(named, str) else named
                    assert set(named) <= columns, (where, chart.key)
            for view in result.tables:
                frame = result.frames[view.frame]
                if frame.empty:
                    continue
                for column in view.columns:
                    names = {column.name, column.low, column.high} - {""}
                    if column.unit.startswith("@"):
                        names.add(column.unit.removeprefix("@"))
                    names = {
                        name.replace("{language}", language)
                        for name in names
                        for language in ("zh", "en")
                    }
                    assert names <= set(frame.columns), (where, view.key, names)


def test_a_result_cites_its_methods() -> None:
    for result in supermarket_results().values():
        text = result.cite()
        assert text.count("@") >= len(result.references)
        for key in result.references:
            assert f"{{{key}," in text
    cited = supermarket_results()["retention"].cite()
    assert "Wang" in cited
    assert "1999" in cited
    with pytest.raises(KeyError):
        bibtex(["nobody2099"])


def test_show_displays_or_stores(tmp_path, monkeypatch) -> None:
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *args, **rest: shown.append((args, rest)))
    result = shop_results("full")["rfm"]
    monkeypatch.delenv("LOYALTY_STORE", raising=False)
    lr.show(result)
    assert shown.pop()[0] == (result,)
    monkeypatch.setenv("LOYALTY_STORE", str(tmp_path / "store"))
    lr.show(result)
    lr.show(result)
    pointers = [args[0][MIME]["result"] for args, _ in shown]
    assert pointers == ["001_rfm", "002_rfm"] == ResultStore(tmp_path / "store").keys()
    assert all(rest == {"raw": True} for _, rest in shown)


def test_a_summary_is_a_copy() -> None:
    result = shop_results("full")["board"]
    copy = result.summary()
    copy["value"] = -1.0
    assert (result.summary()["value"] != -1.0).all()
