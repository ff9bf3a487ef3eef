"""What a brand's own history says of responses: rule changes, campaigns, benefit values."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from programme_shop import easy, late, shop

import loyalty_research as lr
from loyalty_research import tiers
from loyalty_research.brand.campaign_tests import CampaignTest
from loyalty_research.errors import ParameterError, sentence
from loyalty_research.programmes.rule_changes import RuleChange
from loyalty_research.tiers.benefit_evidence import benefit_evidence
from loyalty_research.tiers.brand_evidence import at_the_edge
from loyalty_research.tiers.campaign_evidence import campaign_evidence, lift_of, row

LIFT, VALUE = 0.5, 0.1
CAMPAIGN = (
    "{{name: {{zh: 多倍积分, en: More points}}, kind: points, starts_after: {after}, days: 42, "
    "target: {target}, base: 0, slope: {slope}, holdout: 0, lift: " + str(LIFT) + "}}"
)
WORLD = (
    "world:luckin?customers=5000&walk_ins=0&survey=null&feedback=null&events=null&market=null"
    "&promotions=[]&start=2024-01-01&end=2024-12-31&programme.rule_change=false&campaigns=[{list}]"
)


@pytest.fixture(scope="module")
def market() -> lr.Brand:
    """A world with a campaign at random, one for frequent customers, one that ends too late."""
    campaigns = (
        CAMPAIGN.format(after=60, target="random", slope=0),
        CAMPAIGN.format(after=180, target="frequency", slope=0.2),
        CAMPAIGN.format(after=310, target="random", slope=0),
    )
    return lr.open_brand(WORLD.format(list=",".join(campaigns)))


def asked(campaign: str) -> CampaignTest:
    return CampaignTest(campaign=campaign, value_per_spend=VALUE)


def test_a_campaign_at_random_tells_of_the_response_to_value(market) -> None:
    """The planted lift is half as many orders again for a tenth of spend more."""
    found = campaign_evidence(market, [asked("1")])
    assert found.reasons == ()
    (told,) = found.rows.to_dict("records")
    assert (told["term"], told["source"]) == ("beta_V", "campaign")
    assert told["low"] < np.log1p(LIFT) / VALUE < told["high"]
    assert told["low"] > 0


@pytest.mark.parametrize(
    ("campaign", "reason"),
    [
        ("2", "not drawn at random"),
        ("3", "do not lie within 2024-01-01 to 2024-12-31"),
        ("9", "the tables campaigns and exposures must hold it"),
    ],
)
def test_a_campaign_that_tells_nothing_is_left_out_with_the_reason(
    market, campaign, reason
) -> None:
    found = campaign_evidence(market, [asked(campaign)])
    assert found.rows.empty
    assert reason in str(found.reasons[0])
    assert "未采用" in sentence(found.reasons[0], "zh")


def test_campaigns_of_which_none_is_said_to_be_at_random_are_named_as_unused(market) -> None:
    (reason,) = campaign_evidence(market).reasons
    assert "campaign_tests" in str(reason)
    assert campaign_evidence(shop()).reasons == ()


def test_lift_by_hand_and_purchases_moved_forward_are_no_lift() -> None:
    frame = pd.DataFrame(
        {
            "reached": [True] * 4 + [False] * 4,
            "before": [1.0, 2.0] * 4,
            "within": [3.0, 3.0, 3.0, 3.0, 2.0, 2.0, 2.0, 2.0],
            "after": [2.0] * 8,
        }
    )
    assert lift_of(frame)[0] == pytest.approx(0.5)
    moved = frame.assign(after=[1.0] * 4 + [2.0] * 4)
    assert lift_of(moved)[0] == pytest.approx(0.0)


def test_benefits_are_converted_by_a_reward_of_known_value() -> None:
    """As often chosen as the reward at half the face value: worth twice a unit of points."""
    item = SimpleNamespace
    programme = item(
        id="p", rewards=[item(id="drink", value=20)], benefits=[item(id="upsize", value=10)]
    )
    asked_of = pd.DataFrame(
        {
            "benefit": ["drink", "upsize", "goods"],
            "value": [0.5, 0.5, -1.0],
            "low": [0.4, 0.4, -1.1],
            "high": [0.6, 0.6, -0.9],
        }
    )
    value = pd.DataFrame([row("beta_V", 0.4, 0.1, "campaign")])
    (told,) = benefit_evidence(asked_of, programme, value).rows.to_dict("records")
    assert (told["term"], told["source"]) == ("beta_B", "maxdiff")
    assert told["estimate"] == pytest.approx(0.8)
    wanted = 0.8 * np.hypot(0.1 / 0.4, np.hypot(np.hypot(0.1, 0.1) / 1.959964, 0.5))
    assert (told["high"] - told["low"]) / 2 / 1.6448536 == pytest.approx(wanted, rel=1e-6)
    unpriced = item(id="p", rewards=[item(id="drink", value=20)], benefits=[])
    none = pd.DataFrame({name: [] for name in value})
    for other, further, told_why in (
        (unpriced, value, "has no reward together with a benefit"),
        (programme, none, "which benefit is preferred"),
    ):
        found = benefit_evidence(asked_of, other, further)
        assert found.rows.empty
        assert told_why in str(found.reasons[0])
        assert "未采用" in sentence(found.reasons[0], "zh")


def change(on: str, before=easy, after=late) -> RuleChange:
    return RuleChange(dt.date.fromisoformat(on), before(), after())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (None, "names no programme that the brand runs"),
        ([change("2025-01-01")], "not within 2024-01-01 to 2024-03-31"),
        ([change("2024-02-01")], "4 whole weeks before the rule change; at least 26"),
    ],
)
def test_where_nothing_can_be_learned_the_priors_stay_with_the_reason(changes, told) -> None:
    found = tiers.brand_responses(shop(), changes=changes)
    assert (found.evidence, found.calibrated, found.effective) == ("priors", False, 0.0)
    assert found.responses is tiers.priors
    assert told in str(found.reasons[0])
    assert "未校准" in sentence(found.reasons[0], "zh")
    assert set(found.not_moved) == set(found.table["parameter"])
    assert set(found.rests_on_priors) == set(found.table["about"])


def test_evidence_from_elsewhere_moves_its_parameter_and_recommends_nothing() -> None:
    given = pd.DataFrame([{"term": "theta_P", "estimate": 0.3, "low": 0.28, "high": 0.32}])
    found = tiers.brand_responses(shop(), evidence=given)
    assert found.evidence == "thin"
    assert found.moved == ("theta_P",)
    assert set(found.further["source"]) == {"given"}
    assert not found.responses.trusted
    with pytest.raises(ParameterError, match="unknown term"):
        tiers.brand_responses(shop(), evidence=given.assign(term="theta"))


@pytest.fixture(scope="module")
def visits() -> pd.DataFrame:
    random = np.random.default_rng(4)
    rows = [
        {
            "order_id": f"{who}-{week}-{number}",
            "customer_id": f"c{who:03d}",
            "ordered_at": pd.Timestamp("2023-01-02") + pd.Timedelta(days=7 * week + number),
            "amount": 20.0,
        }
        for who, rate in enumerate(random.gamma(2, 0.2, 160))
        for week, count in enumerate(random.poisson(rate, 60))
        for number in range(count)
    ]
    return pd.DataFrame(rows)


def test_members_alone_are_fitted_on_the_latest_change(monkeypatch, visits) -> None:
    monkeypatch.setattr(
        import_module("loyalty_research.tiers.calibration.calibrate"), "REWARDED", 20
    )
    people = sorted(visits["customer_id"].unique())
    joined = pd.DataFrame({"customer_id": people[::2], "joined_on": pd.Timestamp("2023-01-02")})
    brand = lr.Brand.from_frames(
        transactions=visits,
        customers=joined,
        currency="CNY",
        name="made",
        period=("2023-01-02", "2024-02-25"),
        identifiers="public",
        provenance="made by a random number generator",
    )
    changes = [change("2023-03-06"), change("2023-08-07", late, easy)]
    found = tiers.brand_responses(brand, changes=changes, customers=100, steps=20)
    assert found.change_on == dt.date(2023, 8, 7)
    assert found.calibration.calibrated
    assert found.calibration.panel.members.all()
    assert found.rewarded <= len(people[::2])
    if found.evidence == "posterior":
        assert found.calibration.trusted
    else:
        assert found.responses is tiers.priors
        assert "the priors are kept" in str(found.reasons[0])


def test_a_fit_at_the_edge_of_its_prior_is_noticed() -> None:
    """A response of zero is no edge: that it is missing is believed possible."""
    table = pd.DataFrame(
        [
            ("theta_P", 0.0, 0.45, 0.45, True),
            ("theta_T", 0.0, 0.40, 0.0, True),
            ("H", 2.0, 8.0, 2.0, True),
            ("psi", 0.13, 0.86, 0.5, True),
            ("kappa", 1.0, 4.0, 4.0, False),
        ],
        columns=["parameter", "prior_low", "prior_high", "median", "moved"],
    )
    assert at_the_edge(table, tiers.priors) == ("theta_P", "H")
