"""Two programmes against each other on the shop that is counted by hand."""

from __future__ import annotations

import pytest
from programme_shop import EACH, KINDS, easy, late, shop

from loyalty_research import tiers
from loyalty_research.language import translator

CLOSE = 1e-9
SPEND = 100 * sum(KINDS) * EACH


@pytest.fixture(scope="module")
def made() -> tiers.Replays:
    return tiers.replays(shop(), [easy(), late()])


def test_side_by_side(made) -> None:
    frame = tiers.compare(None, replays=made).summary().set_index("programme")
    assert frame["members"].tolist() == [40, 40]
    assert frame["first_reward"].tolist() == [1.0, 0.8]
    assert frame["rate"].tolist() == pytest.approx([360 / SPEND, 800 / SPEND], rel=CLOSE)
    assert frame["cost"].tolist() == [180.0, 400.0]
    assert frame["unknown_costs"].tolist() == [0, 0]
    assert frame["above_base"].tolist() == [12 / 40, 24 / 40]
    assert (frame["rules"] > 0).all()


def test_who_gains_and_who_loses(made) -> None:
    """Kind 1 gets nothing either way, 2 to 5 lose 10 yuan, 6 to 10 get 40 in place of 10."""
    result = tiers.gains(None, replays=made)
    frame = result.summary()
    assert frame["better"].tolist() == [0] * 5 + [EACH] * 5
    assert frame["worse"].tolist() == [0] + [EACH] * 4 + [0] * 5
    assert frame["each_difference"].tolist() == [0.0] + [-10.0] * 4 + [30.0] * 5
    assert frame["gained"].sum() == 5 * EACH * 30
    assert frame["lost"].sum() == -4 * EACH * 10
    (finding,) = result.findings
    assert finding.estimate == 20 / 40
    assert finding.values["worse"].value == 16 / 40


def test_what_changes_hands_is_the_difference_of_the_sums(made) -> None:
    frame = tiers.gains(None, replays=made).summary()
    sums = [run.ledger.customers["value"].sum() for run in made.runs]
    changed = frame["gained"].sum() + frame["lost"].sum()
    assert changed == pytest.approx(sums[1] - sums[0], rel=CLOSE)
    assert frame["value_other"].sum() == pytest.approx(sums[1], rel=CLOSE)
    assert frame["better"].add(frame["worse"]).add(frame["alike"]).tolist() == (
        frame["members"].tolist()
    )


def test_an_identical_programme_differs_by_exactly_nothing() -> None:
    made = tiers.replays(shop(), [late(), late("same")])
    frame = tiers.gains(None, replays=made).summary()
    assert (frame["each_difference"] == 0).all()
    assert frame[["better", "worse"]].to_numpy().sum() == 0
    assert (frame["gained"] == 0).all()
    assert (frame["lost"] == 0).all()
    landing = tiers.levels(None, replays=made).frames["landing"]
    off = landing[landing["tier"] != landing["other_tier"]]
    assert off["members"].sum() == 0


def test_the_order_of_programmes_turns_gains_into_losses(made) -> None:
    there = tiers.gains(None, replays=made).summary()
    back = tiers.gains(shop(), [late(), easy()]).summary()
    assert back["better"].tolist() == there["worse"].tolist()
    assert back["gained"].tolist() == (-there["lost"]).tolist()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sentences_say_that_no_behaviour_is_assumed(made, language) -> None:
    phrase = {"zh": "按既有购买回放", "en": "n the purchases as they were"}[language]
    starts = {
        "zh": "按既有购买回放，不假设任何行为变化。",
        "en": "On the purchases as they were; no behaviour assumed.",
    }
    sections = (tiers.compare, tiers.levels, tiers.reach, tiers.rewards, tiers.gains)
    for section in sections:
        result = section(None, replays=made)
        words = translator(language, result.context)
        told = [words.finding(item) for item in result.findings if item.status == "stated"]
        assert told
        assert phrase in told[0]
        for view in (*result.charts, *result.tables):
            assert words.notes(view)[0].startswith(starts[language])


def test_two_states_of_one_programme_are_told_apart() -> None:
    old, new = easy("old"), easy("new")
    old = old.model_copy(update={"effective_from": "2023-01-01"})
    new = new.model_copy(update={"effective_from": "2026-01-01", "name": old.name})
    old._path, new._path = easy("old").path, easy("new").path
    made = tiers.replays(shop(), [old, new])
    assert [run.name["en"] for run in made.runs] == ["Plan old (2023)", "Plan old (2026)"]
