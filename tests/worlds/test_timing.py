"""Marginals of the generator against their closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import beta as beta_function
from scipy.special import betaln, gammaln

from loyalty_research import worlds
from loyalty_research.worlds.world import World

LEVEL = 1e-3  # of each test of a marginal: seeds are fixed, so that a pass stays one


def plain(name: str, **changes: object) -> World:
    """Return a world without programme, promotions, campaigns and walk-ins."""
    bare = {
        "programme": None,
        "promotions": [],
        "campaigns": [],
        "walk_ins": 0.0,
        "survey": None,
        "feedback": None,
        "events": None,
        "market": None,
    }
    return worlds.make(name, **{**bare, **changes})


def counts_agree(counts: np.ndarray, expected: np.ndarray) -> bool:
    """Return whether counts of 0, 1, 2, ... have these probabilities, the tail in one class."""
    last = int(np.flatnonzero(len(counts) * expected >= 10)[-1])
    found = np.bincount(np.minimum(counts, last), minlength=last + 1)
    shares = np.append(expected[:last], 1 - expected[:last].sum())
    return bool(stats.chisquare(found, len(counts) * shares).pvalue > LEVEL)


def test_counts_are_negative_binomial_whatever_the_season() -> None:
    """Gamma rates, no churn: X(t) is NBD with the operational length of the period."""
    world = plain(
        "bakery",
        seed=5,
        customers=6000,
        end="2023-06-30",
        timing={"dropout": None},
        entry={"established": True},
    )
    bought = world.hidden["customers"].to_pandas()["purchases"].to_numpy()
    days, scale = world.clock.end, world.truth["rate_scale"].value
    law = stats.nbinom(world.truth["rate_shape"].value, scale / (scale + days))
    assert counts_agree(bought, law.pmf(np.arange(400)))


def bgnbd_pmf(x: np.ndarray, r: float, alpha: float, a: float, b: float, t: float) -> np.ndarray:
    """Return P(X(t) = x) of the BG/NBD: Fader, Hardie & Lee 2005, equation 8."""
    alive = (
        np.exp(betaln(a, b + x) - betaln(a, b) + gammaln(r + x) - gammaln(r) - gammaln(x + 1))
        * (alpha / (alpha + t)) ** r
        * (t / (alpha + t)) ** x
    )
    left = np.zeros(len(x))
    for position, count in enumerate(x):
        if count > 0:
            j = np.arange(count)
            terms = np.exp(gammaln(r + j) - gammaln(r) - gammaln(j + 1)) * (t / (alpha + t)) ** j
            within = 1 - (alpha / (alpha + t)) ** r * terms.sum()
            left[position] = beta_function(a + 1, b + count - 1) / beta_function(a, b) * within
    return alive + left


def test_counts_are_those_of_the_bgnbd() -> None:
    """Everybody comes on the first day, and leaves geometrically; one-time buyers are x = 0."""
    world = plain("bakery", seed=8, customers=6000, entry={"opening_share": 1.0, "opening_days": 1})
    customers = world.hidden["customers"].to_pandas()
    repeats = customers["purchases"].to_numpy() - 1
    age = float((world.clock.end - customers["entry"]).mean())  # within a day of each other
    truth = world.truth
    law = bgnbd_pmf(
        np.arange(600),
        truth["rate_shape"].value,
        truth["rate_scale"].value,
        truth["dropout_a"].value,
        truth["dropout_b"].value,
        age,
    )
    assert counts_agree(repeats, law)
    assert stats.binomtest(int((repeats == 0).sum()), len(repeats), law[0]).pvalue > LEVEL


def test_gaps_of_the_second_family_are_gamma() -> None:
    """Gap x rate x shape is gamma distributed, where hardly a gap is cut off by the end."""
    world = plain(
        "renewal",
        seed=4,
        customers=3000,
        timing={"trend_sd": 0.0, "log_churn_mean": None, "log_rate_mean": -1.0, "log_rate_sd": 0.3},
        entry={"opening_share": 1.0, "opening_days": 1},
        end="2023-12-31",
    )
    first = world.hidden["gaps"].to_pandas().query("number == 0")
    assert first["closed"].all()
    shape = world.truth["gap_shape"].value
    scaled = (first["ends"] - first["begins"]) * first["rate"] * shape
    assert stats.kstest(scaled, stats.gamma(shape).cdf).pvalue > LEVEL


def test_rate_and_churn_of_the_second_family_go_together() -> None:
    customers = worlds.make("renewal", seed=4, customers=4000).hidden["customers"].to_pandas()
    planted = worlds.make("renewal").parameters.timing
    found = stats.linregress(customers["z"], np.log(customers["lifetime"]))
    # Lifetime = exponential variate / churn: its logarithm falls with that of the churn.
    slope = -planted.log_churn_sd * planted.correlation
    assert found.slope == pytest.approx(slope, abs=4 * found.stderr)
    assert found.slope > 4 * found.stderr


def test_survival_is_that_of_the_dropout() -> None:
    """P(still there after x repeat purchases) = B(a, b + x) / B(a, b), by what closed the gaps."""
    world = plain("grocery", seed=2, customers=4000)
    gaps = world.hidden["gaps"].to_pandas()
    a, b = world.truth["dropout_a"].value, world.truth["dropout_b"].value
    for number in (1, 2, 5):
        reached = int((gaps.query("closed")["number"] == number - 1).sum())
        stayed = int((gaps["number"] == number).sum())
        chance = (b + number - 1) / (a + b + number - 1)  # of staying, given all before
        assert stats.binomtest(stayed, reached, chance).pvalue > LEVEL


def test_shares_of_months_weekdays_and_hours_follow_the_clock() -> None:
    world = plain(
        "bakery", seed=9, customers=2500, timing={"dropout": None}, entry={"established": True}
    )
    orders = world.tables["transactions"].to_pandas().drop_duplicates("order_id")
    lengths = pd.Series(world.clock.factors, index=pd.to_datetime(world.clock.dates()))
    found = orders.groupby([orders["ordered_at"].dt.year, orders["ordered_at"].dt.month]).size()
    wanted = lengths.groupby([lengths.index.year, lengths.index.month]).sum() / lengths.sum()
    # Given a customer's rate, times are Poisson: shares are multinomial whatever the rates.
    assert stats.chisquare(found, len(orders) * wanted).pvalue > LEVEL
    by_weekday = np.bincount(orders["ordered_at"].dt.day_of_week, minlength=7)
    of_weekday = lengths.groupby(lengths.index.day_of_week).sum() / lengths.sum()
    assert stats.chisquare(by_weekday, len(orders) * of_weekday).pvalue > LEVEL
    hours = np.diff(world.clock.edges).reshape(-1, 24).sum(axis=0) / world.clock.end
    by_hour = np.bincount(orders["ordered_at"].dt.hour, minlength=24)
    open_ = hours > 0
    assert by_hour[~open_].sum() == 0
    assert stats.chisquare(by_hour[open_], len(orders) * hours[open_]).pvalue > LEVEL
    assert orders["ordered_at"].dt.date.isin(world.clock.dates()).all()


def test_mean_order_is_that_of_menu_and_basket() -> None:
    """E = E(lines) x E(pieces) x E(price), all alike: sum over j of exp(-j/m) lines beyond one."""
    world = plain(
        "null", seed=3, customers=1500, basket={"level_shape": None}, shop={"favourite_share": 0.4}
    )
    lines = world.tables["transactions"].to_pandas()
    orders = lines.assign(amount=lines["amount"].astype(float)).groupby("order_id")["amount"].sum()
    basket = world.parameters.basket
    extra = np.exp(-np.arange(1, basket.most_lines) / basket.extra_lines).sum()
    truth = world.truth
    mean = (1 + extra) * truth["pieces_per_line"].value * truth["line_price_first_menu"].value
    # Favourites make a customer's orders alike: the customer is the unit.
    by_customer = orders.groupby(lines.groupby("order_id")["customer_id"].first()).agg(
        ["sum", "size"]
    )
    ratio = by_customer["sum"].sum() / by_customer["size"].sum()
    spread = by_customer["sum"] - ratio * by_customer["size"]
    error = np.sqrt((spread**2).sum()) / by_customer["size"].sum()
    assert ratio == pytest.approx(mean, abs=4 * error)
    assert error < 0.02 * mean


def test_walk_ins_are_as_many_as_planted_and_nobody() -> None:
    world = worlds.make("null", seed=3, customers=800, walk_ins=0.02)
    lines = world.tables["transactions"].to_pandas()
    nobody = lines[lines["customer_id"].isna()]
    assert nobody["order_id"].nunique() == pytest.approx(0.02 * 800 * world.clock.end, rel=0.01)
    assert not set(nobody["order_id"]) & set(lines["order_id"][lines["customer_id"].notna()])
