"""Comments say what was met with, events follow their funnel, the panel is NBD-Dirichlet."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import betaln

from loyalty_research import worlds
from loyalty_research.worlds.feedback import _bank, _phrases
from loyalty_research.worlds.voiced import ASPECTS
from loyalty_research.worlds.world import World

LEVEL = 1e-3


@pytest.fixture(scope="module", params=["bakery", "grocery", "renewal", "luckin", "mixue"])
def world(request: pytest.FixtureRequest) -> World:
    return worlds.make(
        request.param, seed=5, customers=600, feedback={"share": 0.1}, events={"tracked": 1.0}
    )


def test_aspects_are_praised_as_planted(world: World) -> None:
    said = world.hidden["feedback"].to_pandas()
    for aspect, share in world.parameters.feedback.good.items():
        told = said[aspect][said[aspect] != 0]
        assert stats.binomtest(int((told > 0).sum()), len(told), share).pvalue > LEVEL, aspect
    waiting = said[said["waiting"] != 0]
    patience = world.parameters.feedback.patience
    assert ((waiting["minutes"] <= patience) == (waiting["waiting"] > 0)).all()
    assert waiting["waiting"].nunique() == 2


def test_a_comment_holds_a_phrase_of_each_aspect_and_no_other(world: World) -> None:
    """Read back by somebody who knows the phrases: aspect and praise are those hidden."""
    table = world.tables["feedback"].to_pandas().set_index("feedback_id")
    hidden = world.hidden["feedback"].to_pandas().set_index("feedback_id")
    names = {
        language: [getattr(item.name, language) for item in world.parameters.shop.products]
        for language in ("zh", "en")
    }
    phrases = _phrases(world.parameters.trade)
    marks = {
        (language, aspect, good): [
            max(phrase.replace("{minutes}", "{product}").split("{product}"), key=len).strip("，, ")
            for phrase in phrases[language][aspect]["good" if good > 0 else "bad"]
        ]
        for language in ("zh", "en")
        for aspect in ASPECTS[1:]
        for good in (1, -1)
    }
    known = _bank()["traditional"]
    simplified = str.maketrans(known["to"], known["from"])
    for number, row in table.iterrows():
        if row["text"] in _bank()["signs"]:
            assert not hidden.loc[number, list(ASPECTS)].any()
            continue
        text = row["text"].translate(simplified)
        language = "zh" if text.endswith("。") else "en"
        for aspect in ASPECTS[1:-1]:
            for good in (1, -1):
                there = any(mark.lower() in text.lower() for mark in marks[language, aspect, good])
                assert there == (hidden.loc[number, aspect] == good), (text, aspect)
        if hidden.loc[number, "taste"]:
            assert any(name.lower() in text.lower() for name in names[language]), text
        complaints = int((hidden.loc[number, list(ASPECTS)] < 0).sum())
        assert row["rating"] == max(5 - complaints, 1)
        assert pd.isna(row["resolved_at"]) or complaints


def test_comments_are_in_both_languages_and_follow_their_order(world: World) -> None:
    table = world.tables["feedback"].to_pandas()
    planted = world.parameters.feedback
    signs = table["text"].isin(_bank()["signs"])
    assert stats.binomtest(int(signs.sum()), len(table), planted.wordless).pvalue > LEVEL
    written = table.loc[~signs, "text"]
    chinese = int(written.str.contains("[\u4e00-\u9fff]").sum())
    assert stats.binomtest(chinese, len(written), planted.chinese).pvalue > LEVEL
    letters = str.maketrans(_bank()["traditional"]["to"], _bank()["traditional"]["from"])
    traditional = (written != written.str.translate(letters)).any()
    assert bool(traditional) == (planted.traditional > 0)
    orders = world.tables["transactions"].to_pandas().groupby("order_id")["ordered_at"].first()
    ordered = table["feedback_id"].map(orders)
    later = table["posted_at"] - ordered
    assert later.between(pd.Timedelta(0), pd.Timedelta(days=2)).all()


def test_funnel_has_the_planted_shares(world: World) -> None:
    events = world.tables["events"].to_pandas()
    counts = events["kind"].value_counts()
    channels = [item.name.zh for item in world.parameters.shop.channels if item.online]
    lines = world.tables["transactions"].to_pandas().dropna(subset="customer_id")
    online = lines[lines["channel"].isin(channels)]["order_id"].nunique()
    planted = world.parameters.events
    # Carts and visits before an order may lie before the first day, and are then not logged.
    assert online / counts["cart"] == pytest.approx(planted.order, rel=0.05)
    assert counts["cart"] / counts["view"] == pytest.approx(planted.cart, rel=0.05)
    orders = lines["order_id"].nunique()
    for kind, share in (("share", planted.share), ("refer", planted.refer)):
        assert stats.binomtest(int(counts[kind]), orders, share).pvalue > LEVEL


def test_only_members_check_in(world: World) -> None:
    events = world.tables["events"].to_pandas()
    joined = world.tables["customers"].to_pandas().set_index("customer_id")["joined_on"]
    own = events[events["kind"] == "check_in"]
    assert len(own) > 20
    assert (own["at"].dt.date >= own["customer_id"].map(joined)).all()


def test_the_panel_is_nbd_dirichlet() -> None:
    world = worlds.make("bakery", seed=5, customers=1, market={"households": 6000})
    market = world.parameters.market
    panel = world.tables["market"].to_pandas()
    bought = panel["household_id"].value_counts().reindex(range(1, 6001), fill_value=0)
    law = stats.nbinom(market.shape, market.shape / (market.shape + market.mean))
    n = np.arange(200)
    last = 40
    found = np.bincount(np.minimum(bought, last), minlength=last + 1)
    shares = np.append(law.pmf(n[:last]), law.sf(last - 1))
    assert stats.chisquare(found, 6000 * shares).pvalue > LEVEL
    s = market.switching
    for brand, share in market.brands.items():
        a = s * share / sum(market.brands.values())
        # Nobody of n purchases buys the brand: beta-binomial, Goodhardt et al. 1984.
        none = np.exp(betaln(a, s - a + n) - betaln(a, s - a))
        buyers = panel.loc[panel["brand"] == brand, "household_id"].nunique()
        penetration = 1 - (law.pmf(n) * none).sum()
        assert stats.binomtest(buyers, 6000, penetration).pvalue > LEVEL, brand


def test_choice_sets_hold_every_brand_at_its_price() -> None:
    world = worlds.make("renewal", seed=5, customers=1, market={"households": 50})
    market, sets = (world.tables[name].to_pandas() for name in ("market", "choice_sets"))
    brands = world.parameters.market.brands
    assert (sets.groupby("occasion_id")["brand"].nunique() == len(brands)).all()
    chosen = market.merge(sets, on=["occasion_id", "brand"], suffixes=("", "_offered"))
    assert len(chosen) == len(market)
    assert (chosen["price"] == chosen["price_offered"]).all()
    listed = sets["brand"].astype(str).map(world.parameters.market.price) / 100
    wanted = np.where(sets["promoted"], listed * 0.9, listed)
    assert sets["price"].astype(float).to_numpy() == pytest.approx(wanted)


def test_a_fix_shortens_waiting_from_its_day_on_and_changes_nothing_else() -> None:
    fix = {"name": {"zh": "加派人手", "en": "More staff"}, "after": 200, "wait_factor": 0.5}
    plain, fixed = (
        worlds.make("bakery", seed=5, customers=400, feedback={"share": 0.2, "fix": item})
        for item in (None, fix)
    )
    for name in set(plain.tables) - {"feedback"}:
        assert plain.tables[name].equals(fixed.tables[name]), name
    day = pd.Timestamp(plain.parameters.start) + pd.Timedelta(days=202)
    later = plain.tables["feedback"].to_pandas()["posted_at"] >= day
    before, after = (item.hidden["feedback"].to_pandas()["minutes"] for item in (plain, fixed))
    early = plain.tables["feedback"].to_pandas()["posted_at"] < day - pd.Timedelta(days=2)
    assert (before[early] == after[early]).all()
    assert after[later].mean() == pytest.approx(before[later].mean() * 0.5, rel=0.1)
    assert fixed.truth["fix_wait_factor"].value == 0.5


def test_who_complains_leaves_unless_an_answer_keeps_them() -> None:
    told = {"share": 0.3, "complaint_leave": 0.9, "answered": 0.5}
    lost, kept = (
        worlds.make("bakery", seed=5, customers=400, feedback=told | {"answer_keeps": keeps})
        for keeps in (0.0, 1.0)
    )
    assert lost.tables["transactions"].num_rows < kept.tables["transactions"].num_rows
    for world, most in ((lost, 0.2), (kept, 1.0)):
        table = world.tables["feedback"].to_pandas().sort_values("posted_at")
        orders = world.tables["transactions"].to_pandas().groupby("customer_id")["order_id"].max()
        answered = table[table["resolved_at"].notna()]
        last = answered["customer_id"].map(orders) == answered["feedback_id"]
        assert (1 - last.mean()) <= most
        assert (1 - last.mean()) > (0.5 if most == 1 else 0)
