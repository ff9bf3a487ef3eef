"""The verdict on choices in worlds whose truth is known, from made-up worlds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from proofs import tiers_choice
from proofs._tier_choices import Size

GOOD: dict[str, Any] = {
    "kind": "model", "calibrated": True, "effective": 200.0, "verdict": "change", "chosen": 1,
    "places": [0, 1, 2], "cost": [0.0, 5.0, 9.0], "noise": [0.0, 1.0, 1.0],
    "gains": [[0] * 20, [10] * 20, [4] * 20], "margin": 500.0, "truth": [0.0, 10.0, 4.0],
    "true_cost": [0.0, 5.0, 9.0], "naive_lift": 0.9, "true_lift": 0.05, "present": 0,
    "seconds": 1.0,
}  # fmt: skip


def worlds(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [GOOD | {"number": number} | changes for number in range(count)]


def judged(*parts: list[dict[str, Any]]) -> Any:
    return tiers_choice.report([one for part in parts for one in part], Size())


QUIET = {"kind": "still", "truth": [0.0, -5.0, -9.0]}


def test_good_choices_pass() -> None:
    proof = judged(worlds(40), worlds(40, **QUIET, chosen=None), worlds(10, kind="other"))
    assert proof.passed, proof.text
    assert "40 of 40" in proof.text
    assert "0 of 40" in proof.text


def test_score_is_regret_over_the_best_gain() -> None:
    assert tiers_choice.score_of(GOOD) == 0
    assert tiers_choice.score_of(GOOD | {"chosen": 2}) == pytest.approx(0.6)
    assert tiers_choice.score_of(GOOD | {"chosen": None}) == 1
    assert not tiers_choice.score_of(GOOD | {"truth": [0.0, -1.0, -2.0]}) >= 0


@pytest.mark.parametrize(
    "bad",
    [
        [worlds(40, chosen=2)],
        [worlds(40), worlds(40, **QUIET, chosen=1)],
        [worlds(40, chosen=None, verdict="cannot_tell")],
    ],
)
def test_bad_choices_fall_short(bad) -> None:
    assert not judged(*bad).passed


def test_a_present_programme_that_gains_falls_short() -> None:
    moved = [[1] * 20, [10] * 20, [4] * 20]
    assert not judged(worlds(3), worlds(1, gains=moved)).passed


def test_saving_without_responses_is_no_extra_spending() -> None:
    proof = judged(worlds(40), worlds(40, **QUIET, chosen=1, true_cost=[0.0, -5.0, 9.0]))
    assert proof.passed
    assert "In 40 a cheaper design was" in proof.text


def test_other_rules_choose_from_the_same_draws() -> None:
    doubtful = GOOD | {"gains": [[0] * 20, [-20] * 3 + [30] * 17, [4] * 20]}
    assert tiers_choice.chosen_by(doubtful, 0.95) == 2
    assert tiers_choice.chosen_by(doubtful, 0.8) == 1
    assert tiers_choice.chosen_by(GOOD | {"gains": [[0] * 20, [-1] * 20, [-2] * 20]}, 0.0) is None


def test_a_file_of_worlds_is_read_to_where_it_broke_off(tmp_path) -> None:
    path = tmp_path / "worlds.jsonl"
    assert tiers_choice.read(path) == []
    path.write_text(json.dumps(GOOD) + "\n" + json.dumps(GOOD)[:30], encoding="utf-8")
    assert tiers_choice.read(path) == [GOOD]
