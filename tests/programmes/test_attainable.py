"""What rewards and levels take by the rules alone, against the arithmetic by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from programmes.files import ROOT, load, small

from loyalty_research.programmes.attainable import attainability
from loyalty_research.programmes.load import load_programme

# programme, reward, level: what it takes, and value / spend (or products free / paid) by hand
RATES = [
    ("starbucks_us_2026", "customisation_25", "green", 25 / 1.0, 1 / 25, "at_most"),
    ("starbucks_us_2026", "off_60", "green", 60 / 1.0, 2 / 60, "exact"),  # 3.33 %
    ("starbucks_us_2026", "brewed_100", "green", 100 / 1.0, 6 / 100, "at_most"),  # 6.0 %
    ("starbucks_us_2026", "handcrafted_200", "green", 200 / 1.0, 10 / 200, "at_most"),
    ("starbucks_us_2026", "lunch_300", "green", 300 / 1.0, 16 / 300, "at_most"),  # 5.33 %
    ("starbucks_us_2026", "merchandise_400", "green", 400 / 1.0, 20 / 400, "at_most"),
    ("starbucks_us_2026", "off_60", "gold", 60 / 1.2, 2 / 50, "exact"),  # 4.0 %
    ("starbucks_us_2026", "handcrafted_200", "gold", 200 / 1.2, 0.06, "at_most"),
    ("starbucks_us_2026", "off_60", "reserve", 60 / 1.7, 1.7 * 2 / 60, "exact"),  # 5.67 %
    ("starbucks_us_2026", "handcrafted_200", "reserve", 200 / 1.7, 0.085, "at_most"),
    ("dunkin_us_2025", "donut_300", "member", 300 / 10, math.nan, "unknown"),
    ("dunkin_us_2025", "specialty_950", "member", 950 / 10, math.nan, "unknown"),
    ("mcdonalds_us", "burger_6000", "", 6000 / 100, math.nan, "unknown"),
    ("tim_hortons_ca_2023", "bowl_1800", "", 1800 * 0.1, math.nan, "unknown"),
    ("costa_uk", "free_drink", "", 10, 1 / 10, "exact"),  # one free for ten paid
    ("butlers_ie", "free_drink", "", 9, 1 / 9, "exact"),  # 11.1 % of paid drinks
    ("starbucks_cn", "voucher_25", "silver", 25 * 50, 78 / 1250, "exact"),  # 6.24 %
    ("tesco_clubcard", "voucher", "", 150, 1.5 / 150, "exact"),  # through the conversion
    ("nectar_uk", "points_off", "", 200, 1 / 200, "exact"),  # 0.5 %
    ("kroger_plus", "fuel_discount", "plus", 100, 0.1 * 35 / 100, "at_most"),  # 35 gallons
    ("lindt_uk", "voucher_5", "", 50, 5 / 50, "exact"),
    ("costco_executive", "cash_back", "executive", 0.01 / 0.02, 0.02, "exact"),
    ("sams_club_cn", "cash_back", "plus", 0.01 / 0.02, 0.02, "exact"),
]


def row(frame: pd.DataFrame, **where: str) -> pd.Series:
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


@pytest.mark.parametrize(("name", "reward", "level", "needs", "rate", "rate_is"), RATES)
def test_rewards_as_published(
    name: str, reward: str, level: str, needs: float, rate: float, rate_is: str
) -> None:
    found = row(attainability(load_programme(name, ROOT)).rewards, reward=reward, level=level)
    assert found["needs"] == pytest.approx(needs, rel=1e-12)
    assert found["rate"] == pytest.approx(rate, rel=1e-12, nan_ok=True)
    assert found["rate_is"] == rate_is


def test_what_is_counted() -> None:
    by = {
        name: set(attainability(load_programme(name, ROOT)).rewards["basis"])
        for name in ("starbucks_us_2026", "costa_uk", "tim_hortons_ca_2020", "starbucks_uk_2018")
    }
    assert by == {
        "starbucks_us_2026": {"spend"},
        "costa_uk": {"items"},
        "tim_hortons_ca_2020": {"visits"},
        "starbucks_uk_2018": {"orders"},
    }


def test_a_cap_ends_what_is_given_back() -> None:
    """Lindt: three vouchers, so GBP 150 a year. Costco: USD 1,250 at 2 % is USD 62,500."""
    lindt = attainability(load_programme("lindt_uk", ROOT)).rewards.iloc[0]
    assert (lindt["up_to"], lindt["up_to_per"]) == (150, "year")
    costco = attainability(load_programme("costco_executive", ROOT)).rewards.iloc[0]
    assert (costco["up_to"], costco["up_to_per"]) == (62_500, "year")


def test_a_welcome_is_told_apart() -> None:
    rewards = attainability(load_programme("mcdonalds_us", ROOT)).rewards
    assert set(rewards["given"]) == {1500}
    assert row(rewards, reward="snack_1500")["needs"] == 15


def test_levels_take_the_base_rate() -> None:
    levels = attainability(load_programme("starbucks_us_2026", ROOT)).levels
    gold, reserve = row(levels, level="gold"), row(levels, level="reserve")
    assert (gold["basis"], gold["needs"], gold["months"]) == ("spend", 500, 12)
    assert gold["per_month"] == pytest.approx(500 / 12)
    assert reserve["needs"] == 2500
    jade = row(attainability(load_programme("starbucks_cn", ROOT)).levels, level="jade")
    assert jade["needs"] == 4 * 50
    boosted = row(attainability(load_programme("dunkin_us_2025", ROOT)).levels, level="boosted")
    assert (boosted["basis"], boosted["needs"], boosted["months"]) == ("visits", 12, 1)


def test_a_paid_level_pays_back_from_here() -> None:
    """Costco: 65 more at 2 % is 3,250. Sam's: (680 - 260) / 0.02 = 21,000 yuan."""
    costco = attainability(load_programme("costco_executive", ROOT)).fees
    assert row(costco, level="executive")["break_even"] == pytest.approx(3250)
    assert math.isnan(row(costco, level="gold_star")["break_even"])
    sams = attainability(load_programme("sams_club_cn", ROOT)).fees
    assert row(sams, level="plus")["break_even"] == pytest.approx(21_000)
    kroger = row(attainability(load_programme("kroger_plus", ROOT)).fees, level="boost_59")
    assert (kroger["extra_rate"], kroger["rate_is"]) == (pytest.approx(0.035), "at_most")


def test_a_fee_above_what_the_cap_allows_never_pays_back(tmp_path: Path) -> None:
    data = small()
    data["tiers"]["levels"][2] |= {"fee": {"amount": 30}, "threshold": None}
    data["earn"][0] |= {"by_tier": {"gold": 2}, "cap": {"points": 150, "per": "year"}}
    fees = attainability(load(data, tmp_path)).fees  # 10 % more on at most 75 a year: 7.50
    assert row(fees, level="gold")["extra_rate"] == pytest.approx(0.1)
    assert math.isnan(row(fees, level="gold")["break_even"])


def test_a_reward_of_some_levels_is_told_for_them_only(tmp_path: Path) -> None:
    data = small()
    data["rewards"][0]["where"] = {"tiers": ["gold"]}
    data["earn"][0]["by_tier"] = {"silver": 2, "gold": 4}
    rewards = attainability(load(data, tmp_path)).rewards
    assert rewards[["level", "needs"]].to_numpy().tolist() == [["gold", 12.5]]
