"""The whole search on a small population."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from shop_of_designs import LEVEL, PRICE, TIMES, crowd, present

from loyalty_research import tiers
from loyalty_research.errors import ParameterError
from loyalty_research.tiers.optimisation import Limits, Optimisation, optimise, space
from loyalty_research.tiers.optimisation.break_even import break_even, naive

PRICES = [60, 80, 100, 140]
LEVELS = [200, 300]
WIDE = Limits(reach=0.0, top=1.0)


FEW = {"sensitivity_draws": 0}


def found(**changes: Any) -> Optimisation:
    base = present()
    own: dict[str, Any] = {"baseline": base, "limits": WIDE, **TIMES, **FEW} | changes
    return optimise(crowd(), space(base, {PRICE: PRICES, LEVEL: LEVELS}), **own)


@pytest.fixture(scope="module")
def known() -> Optimisation:
    return found(responses=tiers.priors.median().replace(theta_P=0.4, psi=0.1))


def test_gains_are_those_of_a_plain_comparison(known) -> None:
    people, times = crowd(), TIMES
    responses = tiers.priors.median().replace(theta_P=0.4, psi=0.1)
    base = tiers.simulate(people, present(), responses=responses, **times).gains.sum()
    best = 0.0
    for price in PRICES:
        for level in LEVELS:
            rules = space(present(), {PRICE: [price], LEVEL: [level]}).programme((0, 0))
            made = tiers.simulate(people, rules, responses=responses, **times)
            gain = float(made.gains.sum() - base)
            best = max(best, gain)
            row = known.designs[(known.designs[PRICE] == price) & (known.designs[LEVEL] == level)]
            assert row["gain"].tolist() == pytest.approx([gain])
    assert known.front["gain"][0] == pytest.approx(best)
    assert known.designs["gain"].iloc[-1] == 0


def test_an_equal_design_gains_exactly_nothing(known) -> None:
    same = known.designs[(known.designs[PRICE] == 100) & (known.designs[LEVEL] == 300)]
    assert same[["gain", "noise_low", "noise_high", "cost", "retained"]].eq(0).all(axis=None)


def test_without_responses_a_generous_design_never_pays() -> None:
    quiet = found(responses=tiers.priors.off())
    by_price = quiet.designs.iloc[:-1].set_index(PRICE)
    assert (by_price.loc[[60, 80], "gain"] < 0).all()
    assert quiet.break_even is not None


def test_all_pressure_borrowed_is_no_net_gain() -> None:
    given = found(responses=tiers.priors.off().replace(theta_P=0.4, psi=1.0))
    cheap = given.designs[given.designs[PRICE] == 60]
    assert (cheap["gain"] < 0).all()


def test_priors_alone_recommend_nothing() -> None:
    made = found(responses=tiers.priors, draws=6)
    assert made.verdict == "priors_alone"
    assert made.recommended is None
    assert set(made.designs["pays"]) <= set(np.arange(7) / 6)
    assert (made.designs["worst_regret"] >= made.designs["expected_regret"]).all()
    assert np.isfinite(made.break_even["lift"]).all()
    assert (made.designs["low"] <= made.designs["high"]).all()


def test_several_sets_are_a_posterior() -> None:
    sets = [tiers.priors.off().replace(theta_P=0.01 * number) for number in range(4)]
    made = optimise(
        crowd(), space(present(), {PRICE: [60]}), baseline=present(), responses=sets, limits=WIDE,
        **TIMES,
    )  # fmt: skip
    assert (made.evidence, made.verdict) == ("posterior", "keep")


@pytest.mark.parametrize(("effective", "evidence"), [(400.0, "posterior"), (12.0, "thin")])
def test_a_thin_calibration_recommends_nothing(effective, evidence) -> None:
    sets = (tiers.priors.off().replace(beta_V=2.0),) * 3
    learned = tiers.CalibratedResponses(sets=sets, effective=effective)
    made = found(responses=learned, draws=3)
    assert made.evidence == evidence
    assert made.verdict != "change" or evidence == "posterior"


def test_break_even_lift_pays_back_exactly() -> None:
    base, rich = present(), space(present(), {PRICE: [60]}).programme((0,))
    people, off = crowd(), tiers.priors.off()
    one, other = (tiers.simulate(people, rules, responses=off, **TIMES) for rules in (rich, base))
    told = break_even(one, other)
    assert told["extra_cost"].sum() == pytest.approx(float(other.gains.sum() - one.gains.sum()))
    for row in told.to_dict("records"):
        who = (one.customers["tier"] == row["tier"]).to_numpy()
        assert row["customers"] == who.sum()
        after = one.gains[who].sum() * (1 + row["lift"])
        assert after == pytest.approx(other.gains[who].sum(), abs=1e-6)
        assert row["plausible"] == (row["lift"] <= 0.1)


def test_the_naive_difference_is_that_of_who_joins() -> None:
    people = crowd()
    spend = people.rate * people.templates.means
    quiet = tiers.simulate(people, present(), responses=tiers.priors.off(), **TIMES)
    told = naive(people, quiet, quiet).iloc[0]
    lift = spend[people.member].mean() / spend[~people.member].mean() - 1
    assert told["naive_lift"] == pytest.approx(lift)
    assert told["model_lift"] == 0


def test_limits_are_kept() -> None:
    tight = found(responses=tiers.priors.median(), limits=Limits(reach=0.0, top=0.0001))
    judged = tight.designs.iloc[:-1]
    assert judged["broken"].str.contains("diluted").all()
    assert not judged["on_front"].any()
    assert tight.verdict == "keep"
    poor = found(responses=tiers.priors.median(), limits=Limits(reach=0.0, top=1.0, budget=0.0))
    assert poor.designs.iloc[:-1]["broken"].eq("budget").all()


def test_nothing_feasible_is_one_message() -> None:
    with pytest.raises(ParameterError, match="none of the 8 designs keeps to the limits") as told:
        found(limits=Limits(reward_rate=0.001))
    assert len(told.value.problems) == 1


def test_all_mistakes_at_once() -> None:
    with pytest.raises(ParameterError) as told:
        found(objective="fame", group=[True], customers=0, responses=[])
    assert [word in str(told.value) for word in ("fame", "group", "customers", "responses")] == [
        True
    ] * 4


def test_goal_counts_the_group_only() -> None:
    people = crowd()
    nobody = np.zeros(people.size, dtype=bool)
    made = found(responses=tiers.priors.median(), objective="win_target_group", group=nobody)
    assert made.designs["goal"].eq(0).all()


def test_candidates_are_judged_beside_the_space() -> None:
    rich = space(present(), {PRICE: [60]}).programme((0,))
    made = found(responses=tiers.priors.median(), candidates=[rich, present()])
    rows = made.designs.set_index("kind")
    assert rows.loc["candidate", PRICE].isna().all()
    same = made.designs[(made.designs[PRICE] == 60) & (made.designs[LEVEL] == 300)]
    assert rows.loc["candidate", "gain"].tolist() == pytest.approx([*same["gain"], 0.0])
    assert made.designs["design"].is_unique
    assert set(made.programmes) == set(made.designs["design"])


def test_a_candidate_that_breaks_a_limit_is_shown_as_such() -> None:
    far = space(present(), {LEVEL: [90_000]}).programme((0,))
    made = found(responses=tiers.priors.median(), candidates=[far], limits=Limits(top=1.0))
    row = made.designs[made.designs["kind"] == "candidate"].iloc[0]
    assert row["broken"] == "unreachable"
    assert row["design"] not in made.proposals.values()


def test_proposals_are_the_best_each_in_its_way(known) -> None:
    rows = known.designs.set_index("design")
    assert next(iter(known.proposals)) == "recommended"
    assert known.programmes[known.proposals["recommended"]] == known.recommended
    assert rows["gain"].idxmax() == known.proposals["recommended"]
    assert len(set(known.proposals.values())) == len(known.proposals)
    assert "present" not in known.proposals.values()


def test_draws_and_simulations_agree_with_the_table(known) -> None:
    rows = known.designs.set_index("design")
    means = known.draws.groupby("design")["gain"].mean()
    assert means.to_dict() == pytest.approx(rows["gain"].drop("present").to_dict())
    name = known.proposals["recommended"]
    made, base = known.simulation(name), known.simulation("present")
    gain = (made.gains - base.gains).sum() * known.factor
    assert gain == pytest.approx(rows.loc[name, "gain"])
    with pytest.raises(ParameterError, match="'fame' is unknown; allowed: design_1"):
        known.simulation("fame")


def test_break_even_of_any_design(known) -> None:
    told = known.break_even_of("present")
    assert told["extra_cost"].eq(0).all()
    assert told["lift"].eq(0).all()


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(reach=1.5), "reach is 1.5; allowed: a share from 0 to 1"),
        (Limits(top=-0.1), "top is -0.1"),
        (Limits(reward_rate=2.0), "reward_rate is 2.0"),
        (Limits(budget=-1.0), "budget is -1.0; allowed: an amount that is not below 0"),
    ],
)
def test_limits_that_make_no_sense(limits, told) -> None:
    with pytest.raises(ParameterError, match=told):
        found(limits=limits)


def test_few_designs_are_judged_with_all_draws() -> None:
    base = present()
    wide = space(base, {PRICE: list(range(60, 140, 4)), LEVEL: [200, 300]})
    made = optimise(
        crowd(120), wide, baseline=base, responses=tiers.priors, draws=40, limits=WIDE,
        periods=4, start="fresh", **FEW,
    )  # fmt: skip
    assert len(made.designs) == 12 + 1
    assert len(made.draws) == 12 * 40


def test_sensitivity_takes_further_draws() -> None:
    sets = tuple(tiers.priors.off().replace(theta_P=0.003 * number) for number in range(128))
    learned = tiers.CalibratedResponses(sets=sets, effective=400.0)
    made = found(responses=learned, draws=3, sensitivity_draws=128)
    assert made.sensitivity["parameter"].tolist() == ["theta_P"]
    assert made.sensitivity["share"][0] > 0.5
    assert found(responses=learned, draws=3).sensitivity.empty
