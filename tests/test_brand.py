"""Where brands are found, and what their file may say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from loyalty_research.brand import (
    brand_folder,
    cache_folder,
    find_home,
    list_brands,
    load_brand_file,
)
from loyalty_research.errors import BrandFileError
from loyalty_research.study.files.finding import find_sources

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LOYALTY_HOME", raising=False)
    for name in ("tea", "bread", "no_file"):
        (tmp_path / "data" / "brands" / name).mkdir(parents=True)
    for name in ("tea", "bread"):
        (tmp_path / "data" / "brands" / name / "brand.yaml").write_text("name: {}")
    return tmp_path


def test_home_is_found_upward(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = home / "notebooks" / "deep"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert find_home() == home
    assert find_home(home / "data") == home
    assert list_brands() == ["bread", "tea"]
    assert brand_folder("tea") == home / "data" / "brands" / "tea"


def test_home_may_be_named(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    with pytest.raises(BrandFileError, match=r"data/brands.*LOYALTY_HOME"):
        find_home()
    monkeypatch.setenv("LOYALTY_HOME", str(home))
    assert find_home() == home
    monkeypatch.setenv("LOYALTY_HOME", str(elsewhere))
    with pytest.raises(BrandFileError, match=r"LOYALTY_HOME: found .*no data/brands"):
        find_home()


@pytest.mark.parametrize("name", ["no_file", "te", "../tea", "", "."])
def test_missing_brand(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(home)
    with pytest.raises(BrandFileError, match=r"not found in data/brands; there is: bread, tea"):
        brand_folder(name)


def test_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("LOYALTY_CACHE")
    if sys.platform.startswith("linux"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
        assert cache_folder() == tmp_path / "x" / "loyalty-research"
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        assert cache_folder() == Path.home() / ".cache" / "loyalty-research"


@pytest.fixture
def settings() -> dict[str, Any]:
    path = ROOT / "data" / "brands" / "supermarket" / "brand.yaml"
    loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return loaded


def _load(settings: dict[str, Any], folder: Path) -> Any:
    path = folder / "brand.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return load_brand_file(path)


def test_sample_file_is_right() -> None:
    file = load_brand_file(ROOT / "data" / "brands" / "supermarket" / "brand.yaml")
    assert (file.brand, file.currency, file.timezone) == ("supermarket", "USD", "America/New_York")
    assert file.tables["transactions"].columns["quantity"].at_most == 100
    assert file.tables["transactions"].columns["amount"].sources == ("sales_value",)
    assert file.week_start_number == 0
    assert not any(name in str(file.tables) for name in ("promotions.parquet",))


def test_loaded_file_is_frozen(settings: dict[str, Any], tmp_path: Path) -> None:
    file = _load(settings, tmp_path)
    with pytest.raises(ValueError, match="frozen"):
        file.currency = "CNY"


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("calendar", "us", "calendar: found 'us'; allowed: none, cn"),
        ("evidence", "real", "evidence: found 'real'; allowed: observed, synthetic"),
        ("week_start", 0, "week_start: found 0; allowed: monday"),
        (
            "period",
            {"start": "2017-13-01", "end": "2017-12-31"},
            "period.start: found '2017-13-01'",
        ),
        ("customers", {"unit": "person"}, "customers.identifiers: missing"),
        ("chapters", {"profil": {}}, "chapters.profil: found 'profil'; allowed: profile"),
        ("chapters", {"profile": {"bins": [5]}}, "chapters.profile.bins"),
        ("definitions", {"order_value": "x"}, "definitions.order_value: unknown key"),
        ("name", {"zh": "店"}, "name.en: missing"),
        ("tables", {}, "tables: found {}"),
        ("notices", [{"id": "a b", "zh": "x", "en": "x"}], "notices.0.id: found 'a b'"),
    ],
)
def test_wrong_value_names_key_found_and_allowed(
    settings: dict[str, Any], tmp_path: Path, place: str, value: object, words: str
) -> None:
    settings[place] = value
    with pytest.raises(BrandFileError) as caught:
        _load(settings, tmp_path)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("column", "rule", "words"),
    [
        ("amount", {"column": "a", "sum": ["b", "c"]}, "either column or sum"),
        ("amount", {}, "either column or sum"),
        (
            "amount",
            {"column": "a", "timezone": "UTC"},
            "amount.timezone: found for a column of kind money",
        ),
        ("ordered_at", {"column": "a", "at_most": 3}, "ordered_at.at_most: found for a column"),
        ("amount", {"colum": "a"}, "amount.colum: unknown key; nearest allowed: column"),
    ],
)
def test_wrong_rule(
    settings: dict[str, Any], tmp_path: Path, column: str, rule: dict[str, Any], words: str
) -> None:
    settings["tables"]["transactions"]["columns"][column] = rule
    with pytest.raises(BrandFileError) as caught:
        _load(settings, tmp_path)
    assert words in str(caught.value)


def test_attributes_are_free_unless_they_look_like_a_slip(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    columns = settings["tables"]["customers"]["columns"]
    columns["pets"] = "pets"
    assert "pets" in _load(settings, tmp_path).tables["customers"].columns
    columns["joined_onn"] = "since"
    with pytest.raises(BrandFileError, match=r"joined_onn: unknown column.*did you mean joined_on"):
        _load(settings, tmp_path)


def test_source_in_a_package(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"no file 'package:PyYAML/yaml/x\.csv'"):
        find_sources(["package:PyYAML/yaml/x.csv"], folder=tmp_path, place="source")


def test_reading_a_file_needs_no_heavy_library() -> None:
    code = (
        "import sys; from loyalty_research.brand import load_brand_file;"
        "load_brand_file(sys.argv[1]);"
        "print([m for m in ('pandas', 'ibis', 'duckdb', 'numpy') if m in sys.modules])"
    )
    path = ROOT / "data" / "brands" / "supermarket" / "brand.yaml"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip() == "[]"
