"""Rules a member must know, counted by hand."""

from __future__ import annotations

from pathlib import Path

from programmes.files import ROOT, load, small

from loyalty_research.programmes.complexity import complexity
from loyalty_research.programmes.load import load_programme


def test_parts_of_a_published_programme() -> None:
    """Starbucks 2026, counted from the file by a reader."""
    found = complexity(load_programme("starbucks_us_2026", ROOT))
    assert found.earn == 4  # purchase, own cup, reload of 30, of 50
    assert found.exceptions == 7  # two rates of levels twice, two minimums, once an order
    assert found.expiry == 2  # six months, and who is spared
    assert found.levels == 4  # what counts, how long, Gold, Reserve
    assert (found.rewards, found.benefits, found.conversions, found.fees) == (6, 2, 0, 0)
    assert found.others == 3  # double-Star days, days of the birthday, no matter how it is paid
    assert found.total == 28


def test_a_stamp_card_is_simpler() -> None:
    assert complexity(load_programme("costa_uk", ROOT)).total == 5
    assert complexity(load_programme("costco_executive", ROOT)).fees == 2


def test_every_exception_counts_once(tmp_path: Path) -> None:
    data = small()
    plain = complexity(load(data, tmp_path))
    data["earn"][0] |= {
        "every": 2,
        "whole": True,
        "minimum": 5,
        "cap_per_order": 20,
        "cap": {"points": 500, "per": "month"},
        "pending_days": 3,
        "by_tier": {"gold": 2},
        "where": {"weekdays": ["monday"], "hours": ["07:00", "09:00"]},
    }
    data["rewards"][0] |= {"minimum": 3, "limit": {"count": 1, "per": "day"}}
    full = complexity(load(data, tmp_path))
    assert full.exceptions - plain.exceptions == 8 + 2
    assert full.total - plain.total == 10


def test_keeping_landing_and_grace_count(tmp_path: Path) -> None:
    data = small()
    assert complexity(load(data, tmp_path)).levels == 2 + 2 + 1  # silver is kept by less
    data["tiers"] |= {"soft_landing": True, "grace_days": 7}
    data["tiers"]["levels"][2] |= {"granted_by": ["match"], "for_life_at": 900}
    assert complexity(load(data, tmp_path)).levels == 5 + 2 + 2


def test_one_level_is_no_level(tmp_path: Path) -> None:
    data = small()
    data["tiers"]["levels"] = data["tiers"]["levels"][:1]
    data["benefits"] = []
    assert complexity(load(data, tmp_path)).levels == 0
