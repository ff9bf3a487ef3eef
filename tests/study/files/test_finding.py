"""Which files a source names."""

from __future__ import annotations

import pytest

from loyalty_research.errors import BrandFileError, DataError
from loyalty_research.study.files import find_sources

PLACE = "brand.yaml: tables.transactions.source"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "brand" / "sub").mkdir(parents=True)
    for name in ("2024-02.csv", "2024-01.csv", "~$2024-03.csv", "a[1].xlsx", "sub/2024-04.csv"):
        (tmp_path / "brand" / name).write_text("a\n1\n")
    (tmp_path / "outside.csv").write_text("a\n1\n")
    return tmp_path / "brand"


def names(found):
    return [item if isinstance(item, str) else item.name for item in found]


def test_paths_patterns_and_addresses(folder):
    def find(*source):
        return names(find_sources(source, folder=folder, place=PLACE))

    assert find("2024-*.csv") == ["2024-01.csv", "2024-02.csv"]
    assert find("**/*.csv") == ["2024-01.csv", "2024-02.csv", "2024-04.csv"]
    assert find("2024-01.csv", "2024-*.csv") == ["2024-01.csv", "2024-02.csv"]
    assert find("a[1].xlsx") == ["a[1].xlsx"]
    assert find(str(folder.parent / "*.csv")) == ["outside.csv"]
    assert find("postgresql://u@h/b", "2024-01.csv") == ["2024-01.csv", "postgresql://u@h/b"]
    assert find("package:pandas/pandas/__init__.py") == ["__init__.py"]


@pytest.mark.parametrize(
    "source", ["../outside.csv", "sub/../../outside.csv", "link.csv", "l*.csv", "../*.csv"]
)
def test_a_relative_path_stays_in_the_folder(folder, source):
    (folder / "link.csv").symlink_to(folder.parent / "outside.csv")
    with pytest.raises(BrandFileError, match="leaves the brand's folder"):
        find_sources([source], folder=folder, place=PLACE)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("2024-11.csv", "did you mean '2024-01.csv'"),
        ("2025-*.csv", "there is: "),
        ("sub", "is a folder"),
        ("nowhere/x.csv", "no file in that folder"),
        ("package:no-such-data/x.csv", "not installed"),
        ("package:pandas/x.csv", "no file"),
    ],
)
def test_nothing_found(folder, source, told):
    with pytest.raises(DataError, match=PLACE) as caught:
        find_sources([source], folder=folder, place=PLACE)
    assert told in str(caught.value)
    assert str(folder) not in str(caught.value)


def test_all_problems_at_once(folder):
    with pytest.raises(BrandFileError) as caught:
        find_sources(["../x.csv", "gone.csv"], folder=folder, place=PLACE)
    assert len(caught.value.problems) == 2
