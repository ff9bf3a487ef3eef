"""Who is left untouched: stable under new customers, independent by campaign, the share asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from actions_shop import open_shop, shop_frames
from scipy.stats import binomtest

from loyalty_research.errors import ParameterError
from loyalty_research.profile.offers.holdout_flag import (
    holdout_flags,
    holdout_key,
    is_held_out,
)
from loyalty_research.study.private import own_ids, pseudonym

KEY = holdout_key(b"a secret of the tests")
IDS = [f"{number}" for number in range(40_000)]
LEVEL = 1e-6  # a sound hash fails one of these tests once in 100,000 runs of new keys


def flags(campaign: str, share: float, ids: list[str] = IDS, key: bytes = KEY) -> np.ndarray:
    return is_held_out(ids, key=key, campaign=campaign, share=share)


@pytest.mark.parametrize("share", [0.05, 0.26, 0.5])
def test_the_share_is_met_but_for_chance(share: float) -> None:
    held = flags("spring", share)
    assert binomtest(int(held.sum()), len(held), share).pvalue > LEVEL
    assert 0 < held.sum() < len(held)


def test_none_and_all() -> None:
    assert not flags("spring", 0.0).any()
    assert flags("spring", 1.0).all()


def test_who_is_held_out_at_one_share_is_so_at_a_larger() -> None:
    small, large = flags("spring", 0.1), flags("spring", 0.3)
    assert (large[small]).all()


def test_campaigns_and_secrets_are_independent() -> None:
    spring = flags("spring", 0.5)
    for other in (
        flags("autumn", 0.5),
        flags("spring ", 0.5, key=holdout_key(b"another secret")),
        flags("Spring", 0.5),
    ):
        both = int((spring & other).sum())
        assert binomtest(both, int(spring.sum()), 0.5).pvalue > LEVEL
        assert both < spring.sum()


def test_blanks_around_the_name_do_not_count() -> None:
    assert (flags("spring", 0.5) == flags(" spring ", 0.5)).all()


def test_a_flag_depends_on_the_own_id_alone() -> None:
    at_once = flags("spring", 0.3)
    shuffled = np.random.default_rng(1).permutation(len(IDS))
    again = flags("spring", 0.3, [IDS[place] for place in shuffled])
    assert (again == at_once[shuffled]).all()
    assert (flags("spring", 0.3, [*IDS, "new", "新客"])[: len(IDS)] == at_once).all()


def test_a_flag_tells_nothing_of_a_pseudonym() -> None:
    """The key of the flags is not the secret, or a flag would be the first bits of a pseudonym."""
    secret = b"a secret of the tests"
    own = np.array([pseudonym(item, secret) < "Q" for item in IDS])  # the first bit is 0
    both = int((own & flags("spring", 0.5, key=holdout_key(secret))).sum())
    assert binomtest(both, int(own.sum()), 0.5).pvalue > LEVEL
    assert holdout_key(secret) != secret


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "two\nlines", None, 3])
def test_a_campaign_needs_a_name(name) -> None:
    with pytest.raises(ParameterError, match="campaign: found"):
        is_held_out(["1"], key=KEY, campaign=name, share=0.1)


@pytest.mark.parametrize("share", [-0.1, 1.1, "0.1", None, True, float("nan")])
def test_a_share_is_from_0_to_1(share) -> None:
    with pytest.raises(ParameterError, match="share: found"):
        is_held_out(["1"], key=KEY, campaign="spring", share=share)


@pytest.mark.parametrize("identifiers", ["public", "personal"])
def test_customers_keep_their_flag_when_others_join(tmp_path, monkeypatch, identifiers) -> None:
    """Internal ids move with every new customer; source ids do not."""
    monkeypatch.setenv("LOYALTY_SECRET_FILE", str(tmp_path / "keys" / "secret"))
    (tmp_path / "home" / "data" / "brands").mkdir(parents=True)
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path / "home"))
    frames = shop_frames(120)
    before = open_shop(frames, identifiers=identifiers)
    lines = frames["transactions"]
    new = lines.iloc[:40].assign(
        customer_id=[f"A{number:03d}" for number in range(40)],
        order_id=10_000 + np.arange(40),
    )
    after = open_shop(
        {"transactions": pd.concat([new, lines], ignore_index=True)}, identifiers=identifiers
    )
    told = [_by_source(brand) for brand in (before, after)]
    assert set(told[0].index) < set(told[1].index)
    assert (told[1].loc[told[0].index] == told[0]).all()
    moved = [own_ids(brand) for brand in (before, after)]
    assert moved[0][0] != moved[1][0]  # the dense ids did move
    assert (tmp_path / "keys").exists() == (identifiers == "personal")


def _by_source(brand) -> pd.Series:
    found = holdout_flags(brand, campaign="spring", share=0.4)
    names = own_ids(brand)
    held = found["held_out"].to_numpy()
    assert 0 < held.sum() < len(held)
    return pd.Series(held, index=[names[item] for item in found["customer_id"]])
