"""Programmes written out are read back as the same rules; changes are told rule by rule."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from programme_shop import easy, late

from loyalty_research.errors import LoyaltyError
from loyalty_research.programmes import (
    changes,
    list_programmes,
    load_programme,
    write_programme,
)


@pytest.mark.parametrize("name", list_programmes())
def test_every_programme_of_the_project_survives_the_round_trip(tmp_path, name) -> None:
    programme = load_programme(name)
    again = load_programme(write_programme(programme, tmp_path))
    assert again.id == programme.id
    assert again.model_dump() == programme.model_dump()


def test_a_file_name_gives_the_programme_its_name(tmp_path) -> None:
    path = write_programme(easy(), tmp_path / "folder" / "plan_b.yaml")
    assert load_programme(path).id == "plan_b"


def test_a_file_that_is_there_is_kept_unless_said(tmp_path) -> None:
    path = write_programme(easy(), tmp_path)
    before = path.read_text("utf-8")
    with pytest.raises(LoyaltyError, match="there already"):
        write_programme(late("easy"), path)
    assert path.read_text("utf-8") == before
    write_programme(late("easy"), path, overwrite=True)
    assert load_programme(path).rewards[0].points == 300


def test_rules_that_would_be_refused_are_not_written(tmp_path) -> None:
    broken = easy().model_copy(update={"tiers": None, "wallets": {}})
    broken._path = Path("broken.yaml")
    with pytest.raises(LoyaltyError, match="points"):
        write_programme(broken, tmp_path)
    assert not list(tmp_path.iterdir())


def test_changes_name_what_is_new_changed_and_dropped() -> None:
    told = changes(late(), easy()).set_index(["part", "rule"])["change"].to_dict()
    assert told["earn", "spend"] == "same"
    assert told["rewards", "treat"] == "changed"
    assert told["levels", "l1"] == "changed"
    assert told["levels", "l2"] == "dropped"
    assert (
        changes(easy(), late()).set_index(["part", "rule"]).loc[("levels", "l2"), "change"] == "new"
    )


def test_a_programme_against_itself_changes_nothing() -> None:
    found = changes(late(), late())
    assert len(found)
    assert set(found["change"]) == {"same"}
    assert (found["before_en"] == found["after_en"]).all()


def test_a_changed_rule_has_both_sentences() -> None:
    row = changes(easy(), late()).set_index(["part", "rule"]).loc[("rewards", "treat")]
    assert "100" in row["before_en"]
    assert "300" in row["after_en"]
    assert row["before_zh"] != row["after_zh"]


def test_a_copy_in_code_can_be_written(tmp_path) -> None:
    rule = easy().earn[0].model_copy(update={"by_tier": {"l1": Decimal("1.25")}})
    made = easy().model_copy(update={"earn": (rule,)})
    assert load_programme(write_programme(made, tmp_path)).earn[0].by_tier["l1"] == Decimal("1.25")
