"""Options side by side: the numbers are those of the search, and no prior recommends anything."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import numpy as np
import pytest
from programme_shop import once_shop, proposal_results, repeat_shop, shop, small_proposals

from loyalty_research import tiers
from loyalty_research.errors import LoyaltyError
from loyalty_research.language import translator
from loyalty_research.results.disclosure import protected
from loyalty_research.results.html import result_html
from loyalty_research.tiers.proposals.around import space_around, value_at

CLOSE = 1e-9
CUSTOMERS = 240


@pytest.fixture(scope="module")
def made() -> tiers.Proposals:
    return small_proposals()


@pytest.fixture(scope="module")
def results() -> list:
    return proposal_results()


def test_gains_are_those_of_the_search_on_the_same_customers_and_draws(made) -> None:
    proposal = made.designs[0]
    people = tiers.population(repeat_shop(), margin=0.5, period=made.replays.days.iso)
    found = tiers.optimise(
        people,
        made.search.space,
        baseline=made.options[0].programme,
        periods=26,
        draws=made.terms.draws,
    )
    values = {
        path: value_at(proposal.programme, path)
        for path in ("rewards.treat.points", "tiers.levels.l1.threshold")
    }
    rows = found.designs.iloc[:-1]
    own = rows[np.logical_and.reduce([rows[path] == value for path, value in values.items()])]
    judged = made.judged.set_index("option").loc[proposal.key]
    for name in ("gain", "low", "high", "noise_low", "noise_high", "pays", "able", "participation"):
        assert judged[name] == pytest.approx(own[name].iloc[0], rel=CLOSE), name


def test_an_identical_candidate_differs_by_exactly_nothing(made) -> None:
    same = made.judged.set_index("option").loc["candidate_1"]
    assert same[["gain", "low", "high", "noise"]].tolist() == [0.0] * 4
    assert (made.gains[0] == 0).all()
    assert same["pays"] == 0


def test_regrets_count_every_option_and_keeping(made) -> None:
    every = np.vstack([np.zeros(made.gains.shape[1]), made.gains])
    behind = every.max(axis=0) - every
    assert made.judged["expected_regret"].tolist() == pytest.approx(behind.mean(axis=1).tolist())
    assert made.judged["worst_regret"].tolist() == pytest.approx(
        np.quantile(behind, 0.95, axis=1).tolist()
    )
    assert made.judged["gain"].iloc[made.best] == made.judged["gain"].iloc[1:].max()


def test_priors_alone_recommend_nothing(made) -> None:
    assert made.evidence == "priors"
    assert made.recommended is None
    result = tiers.decide(made)
    first = result.findings[0]
    assert (first.status, first.reason) == ("withheld", "priors_alone")
    assert set(result.frames["options"]["verdict"]) == {"present", "priors_alone"}
    assert {item.evidence for item in result.findings[1:]} == {"assumed"}


def test_side_by_side_has_a_column_an_option_and_the_gain_with_both_intervals(made) -> None:
    side = tiers.decide(made).frames["side"].set_index("measure")
    for place, option in enumerate(made.options):
        own = made.judged.iloc[place]
        assert side.loc["cost", option.key] == own["cost"]
        if place:
            assert side.loc["low", option.key] == own["low"]
            assert side.loc["low", option.key] <= side.loc["gain", option.key]
            assert side.loc["noise", option.key] == own["noise"]
    assert np.isnan(side.loc["gain", "present"])
    assert side.loc["lift", "candidate_1"] == 0


def test_verdicts_follow_the_interval_only_where_responses_were_calibrated(made) -> None:
    brand = repeat_shop()
    sets = tiers.priors.draw(3, 20)
    common = {"replays": made.replays, "margin": 0.5, "periods": 12, "draws": 10}
    common |= {"customers": 120, "searched": 60, "space": made.search.space}
    trusted = tiers.CalibratedResponses(sets=sets, effective=100.0)
    thin = dataclasses.replace(trusted, effective=5.0)
    for responses, evidence in ((trusted, "posterior"), (thin, "thin")):
        found = tiers.proposals(brand, responses=responses, **common)
        assert found.evidence == evidence
        best = found.judged.iloc[found.best]
        above = best["gain"] > 0
        wanted = "change" if best["low"] > 0 and evidence == "posterior" else "cannot_tell"
        assert found.verdict == (wanted if above else "keep")


def test_levels_and_groups_hold_everybody_once(made) -> None:
    frames = tiers.moves(made).frames
    assert set(frames["groups"].groupby("kind")["customers"].sum()) == {made.watched}
    assert set(frames["groups"]["kind"]) == {"tier", "stage", "band"}
    shares = frames["pyramid"].groupby("option")["share"].sum()
    assert shares.tolist() == pytest.approx([1.0] * len(shares))
    flows = frames["flows"].groupby(["option", "tier"])["share"].sum()
    assert flows.tolist() == pytest.approx([1.0] * len(flows))
    gained = (frames["groups"]["gain"] * frames["groups"]["customers"]).sum() / 3
    one, other = made.middle[made.best], made.middle[0]
    years = made.terms.periods / (365.25 / 7)
    assert gained * years == pytest.approx((one.gains - other.gains).sum())


def test_the_last_liability_is_that_of_the_simulation(made) -> None:
    frame = tiers.months(made).frames["liability"]
    for option, run in zip(made.options, made.middle, strict=True):
        own = frame[frame["option"] == option.key]
        if len(own):
            assert own["liability"].iloc[0] == pytest.approx(run.totals["liability_start"])
            assert own["liability"].iloc[-1] == pytest.approx(run.totals["liability_end"])


def test_one_assumption_that_varies_alone_explains_the_spread(made) -> None:
    frame = tiers.beliefs(made).frames["sensitivity"]
    assert len(frame)
    assert frame["share"].is_monotonic_decreasing
    named = dict(made.responses.draw(1, 1)[0].values)
    assert set(frame["parameter"]) <= set(named)


def test_a_margin_that_nobody_gave_is_said_to_be_assumed(results) -> None:
    assumed = results[-2]
    for language, word in (("zh", "占位"), ("en", "placeholder")):
        words = translator(language, assumed.context)
        assert all(
            any(word in text for text in words.notes(view))
            for view in (*assumed.tables, *assumed.charts[1:])
        )


def test_too_few_repeat_purchases_say_so(results) -> None:
    (finding,) = results[-1].findings
    assert finding.reason == "no_purchase_model"
    assert tiers.moves(tiers.proposals(once_shop(), margin=0.5)).charts == ()


def test_pages_of_both_languages_name_simulation_and_no_key(results) -> None:
    for result in (*results[:2], *results[-5:-2]):
        for language, mark in (("zh", "模拟"), ("en", "imulat")):
            page = result_html(result, language)
            if result.name != "programme_break_even":
                assert mark in page
            for key in ("programme_measure.", "label.", "column.", "option_"):
                assert f">{key}" not in page


def test_nothing_is_called_an_effect(results) -> None:
    for result in results:
        words = translator("zh", result.context)
        for item in result.findings:
            said = words.finding(item)
            assert "提升" not in said
            assert "效果" not in said


def test_small_groups_of_a_personal_brand_are_hidden(made) -> None:
    result = tiers.moves(made)
    personal = dataclasses.replace(result.context, public=False, evidence="observed")
    shown = protected(dataclasses.replace(result, context=personal))
    whole = result.frames["groups"]
    small = whole[(whole["customers"] > 0) & (whole["customers"] < personal.disclosure_limit)]
    kept = shown.frames["groups"]["customers"]
    assert not ((kept > 0) & (kept < personal.disclosure_limit)).any()
    assert len(small) or len(kept) == len(whole)


def test_the_space_around_a_programme_holds_it_and_cheaper_and_dearer_ones(made) -> None:
    present = made.options[0].programme
    around = space_around(present)
    assert around is not None
    for move in around.moves:
        assert move.present in move.values
        assert min(move.values) < max(move.values)
    assert {"rewards.treat.points", "tiers.levels.l1.threshold"} <= {
        move.path for move in around.moves
    }


def test_a_level_out_of_reach_is_offered_where_some_customers_get(made) -> None:
    people = made.middle[0].population
    present = made.options[0].programme
    tiers_out = present.tiers.model_copy(
        update={
            "levels": (
                *present.tiers.levels[:-1],
                present.tiers.levels[-1].model_copy(update={"threshold": Decimal(10**7)}),
            )
        }
    )
    high = present.model_copy(update={"tiers": tiers_out})
    high._path = present.path
    around = space_around(high, people)
    (move,) = [item for item in around.moves if item.path == "tiers.levels.l2.threshold"]
    pace = people.rate * people.templates.means * 52.18
    reached = [float((pace >= value).mean()) for value in move.values]
    assert reached[0] > reached[1] >= 0.01
    assert reached[2] == 0
    assert move.values[-1] == move.present


def test_without_a_design_in_the_limits_one_line_says_so(results) -> None:
    reasons = [
        item.reason
        for result in results
        for item in result.findings
        if item.template == "programme_proposals"
    ]
    assert reasons == ["no_design_in_limits", "no_better_design"]


@pytest.mark.parametrize(
    ("given", "said"),
    [({"margin": 1.5}, "margin is 1.5"), ({"margin": 0.3, "draws": 2}, "draws 2")],
)
def test_refusals(given, said) -> None:
    with pytest.raises(LoyaltyError, match=said):
        tiers.proposals(shop(), [], responses=tiers.priors, **given)
    if "draws" not in given:
        with pytest.raises(LoyaltyError, match=said):
            tiers.break_even(shop(), ["luckin_simulated"], **given)
