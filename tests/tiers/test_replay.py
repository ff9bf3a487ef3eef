"""One programme on the shop that is counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from programme_shop import EACH, KINDS, easy, late, programme, shop

from loyalty_research import tiers
from loyalty_research.errors import ParameterError
from loyalty_research.results.disclosure import protected

CLOSE = 1e-9
SPEND = 100 * sum(KINDS) * EACH


@pytest.fixture(scope="module")
def made() -> tiers.Replays:
    return tiers.replays(shop(), [easy(), late()])


def of(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame[frame["programme"] == name]


def test_rewards_follow_from_the_first_order(made) -> None:
    """The second order redeems what the first earned: 50 i points, against a price of 100 or 300.

    easy: kinds 2 to 10 get one treat of 10 yuan. late: kinds 6 to 10 get one of 40.
    """
    frame = tiers.rewards(None, replays=made).summary()
    soon, long = of(frame, "easy"), of(frame, "late")
    assert soon["value"].tolist() == [0.0] + [10.0 * EACH] * 9
    assert long["value"].tolist() == [0.0] * 5 + [40.0 * EACH] * 5
    assert soon["decile"].tolist() == list(KINDS)
    assert soon["members"].tolist() == [EACH] * 10
    assert soon["rate"].tolist() == pytest.approx([0, *(10 / (100 * i) for i in KINDS[1:])])


def test_tenths_add_up_to_the_ledger(made) -> None:
    frame = tiers.rewards(None, replays=made).summary()
    for run in made.runs:
        own, people = of(frame, run.programme.id), run.ledger.customers
        assert own["members"].sum() == len(people) == len(KINDS) * EACH
        assert own["net_sales"].sum() == pytest.approx(people["net_sales"].sum(), rel=CLOSE)
        assert own["net_sales"].sum() == pytest.approx(SPEND, rel=CLOSE)
        assert own["value"].sum() == pytest.approx(people["value"].sum(), rel=CLOSE)


def test_points_balance_and_face_value(made) -> None:
    frame = tiers.rewards(None, replays=made).frames["points"].set_index("programme")
    assert (frame["opening"] + frame["earned"] - frame["redeemed"] - frame["expired"]).tolist() == (
        frame["closing"].tolist()
    )
    assert frame["earned"].tolist() == [SPEND, SPEND]
    assert frame["redeemed"].tolist() == [36 * 100, 20 * 300]
    left = [(SPEND - 3600) * 10 / 100, (SPEND - 6000) * 40 / 300]
    assert frame["face_value"].tolist() == pytest.approx(left, rel=CLOSE)


def test_cost_is_half_the_face_value_and_kept_apart(made) -> None:
    frame = tiers.rewards(None, replays=made).frames["cost"].set_index("programme")
    assert frame["value"].tolist() == [360.0, 800.0]
    assert frame["amount"].tolist() == [180.0, 400.0]


def test_who_reaches_a_reward_and_when(made) -> None:
    """easy: kind 1 has 100 points after the second order, 31 days on, all others after the first.

    late: kinds 1 and 2 never come to 300; 3 to 5 do with the second order, 6 to 10 with the first.
    """
    frame = tiers.reach(None, replays=made).summary().set_index(["programme", "target"])
    soon, long = frame.loc[("easy", "first_reward")], frame.loc[("late", "first_reward")]
    assert (soon["reached"], soon["share"], soon["days"]) == (40, 1.0, 0.0)
    assert (long["reached"], long["share"], long["days"]) == (32, 0.8, 0.0)
    assert frame.loc[("late", "l1"), "reached"] == 6 * EACH  # 500 yuan: kinds 5 to 10
    assert frame.loc[("late", "l2"), "reached"] == EACH  # 1000 yuan: kind 10
    assert frame.loc[("easy", "l1"), "reached"] == 3 * EACH  # 800 yuan: kinds 8 to 10


def test_the_curve_ends_at_the_share(made) -> None:
    """Nobody is lost from sight before all have got there, so that the curve ends at the share."""
    result = tiers.reach(None, replays=made)
    curve = of(result.frames["curve"], "late")
    assert curve.loc[curve["days"] == 28, "share"].item() == pytest.approx(20 / 40)
    assert curve["share"].iloc[-1] == pytest.approx(0.8)
    assert curve["added"].sum() == 32


def test_members_by_level_and_month(made) -> None:
    result = tiers.levels(None, replays=made)
    summary = result.summary().set_index(["programme", "tier"])
    assert summary.loc["easy", "members"].tolist() == [28, 12]
    assert summary.loc["late", "members"].tolist() == [16, 20, 4]
    assert summary.loc["late", "ups"].tolist() == [0, 24, 4]  # kind 10 rises twice
    months = result.frames["months"].pivot(index="month", columns="tier", values="members")
    assert months.loc["2024-01"].tolist() == [40, 0]  # nobody has spent 800 by January
    assert months.loc["2024-02"].tolist() == [28, 12]
    assert months.sum(axis=1).tolist() == [40, 40, 40]


def test_members_of_a_level_by_the_other_programme(made) -> None:
    landing = tiers.levels(None, replays=made).frames["landing"]
    cells = landing.set_index(["tier", "other_tier"])["members"]
    assert cells.to_dict() == {
        ("l0", "l0"): 16,
        ("l0", "l1"): 12,
        ("l0", "l2"): 0,
        ("l1", "l0"): 0,
        ("l1", "l1"): 8,
        ("l1", "l2"): 4,
    }


def test_reminders_count_levels_reached() -> None:
    made = tiers.replays(shop(), [late()])
    frame = tiers.reminders(None, replays=made).summary().set_index("month")
    assert frame.loc["2024-01", "level_reached"] == EACH  # kind 10: 500 yuan
    assert frame.loc["2024-02", "level_reached"] == 6 * EACH  # 5 to 9 to l1, 10 to l2
    assert frame.loc["2024-01", "points_posted"] == 40


def test_one_result_holds_every_section() -> None:
    result = tiers.replay(shop(), late())
    sections = {"summary", "levels_summary", "reach_curve", "rewards_points", "reminders_summary"}
    assert sections <= set(result.frames)
    assert {view.frame for view in (*result.charts, *result.tables)} <= set(result.frames)
    assert len({view.name for view in result.charts}) == len(result.charts)
    assert result.references == ("kaplan1958",)


def test_no_redemption_gives_nothing_and_says_so() -> None:
    made = tiers.replays(shop(), [easy(), late()], redemption="none")
    rewards = tiers.rewards(None, replays=made)
    assert rewards.summary()["value"].sum() == 0
    assert [item.reason for item in rewards.findings] == ["redemption_none"] * 2
    gains = tiers.gains(None, replays=made)
    assert [item.reason for item in gains.findings] == ["redemption_none"]


def test_unknown_values_are_told_not_guessed() -> None:
    unknown = programme("vague", price=100, value=None, thresholds=())
    made = tiers.replays(shop(), [unknown])
    row = tiers.compare(None, replays=made).summary().iloc[0]
    assert pd.isna(row["rate"])
    assert pd.isna(row["left"])
    assert row["unknown_costs"] == 1
    assert tiers.rewards(None, replays=made).findings[0].reason == "value_not_known"


def test_evidence_is_that_of_rules_and_rows() -> None:
    own = tiers.compare(None, replays=tiers.replays(shop(), [easy()]))
    assert {item.evidence for item in own.findings} == {"assumed"}  # rules nobody runs there
    simulated = tiers.replays(shop(evidence="synthetic"), [easy()])
    found = tiers.compare(None, replays=simulated).findings
    assert {item.evidence for item in found} == {"synthetic"}


def test_without_a_programme_one_sentence_names_the_keys() -> None:
    made = tiers.replays(shop())
    sections = (tiers.cards, tiers.levels, tiers.reach, tiers.rewards, tiers.gains, tiers.reminders)
    assert all(not section(None, replays=made).findings for section in sections)
    (finding,) = tiers.compare(None, replays=made).findings
    assert (finding.status, finding.reason) == ("withheld", "no_programme")


def test_another_currency_is_refused() -> None:
    euro = easy().model_copy(update={"currency": "EUR"})
    with pytest.raises(ParameterError) as refused:
        tiers.replays(shop(), [euro, late()])
    assert "EUR" in str(refused.value)
    assert "CNY" in str(refused.value)


def test_small_groups_are_hidden_where_identifiers_are_personal() -> None:
    """Tenths of four persons each are below the limit of ten, and so is the top level."""
    made = tiers.replays(shop(identifiers="personal"), [easy(), late()])
    shown = protected(tiers.rewards(None, replays=made))
    assert shown.frames["summary"]["members"].isna().all()
    assert shown.frames["summary"]["net_sales"].isna().all()
    levels = protected(tiers.levels(None, replays=made)).frames["summary"]
    small = levels[levels["label_en"] == "Candidate 2·Level 2"]
    assert small["members"].isna().all()
    gains = protected(tiers.gains(None, replays=made)).frames["summary"]
    assert gains["share_better"].isna().all()
