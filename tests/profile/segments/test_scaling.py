"""Features: what they are, and that few purchases do not set a customer apart by themselves."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from loyalty_research import profile
from loyalty_research.profile.segments import Feature, customer_features, fit_scaling
from loyalty_research.profile.segments.features import FEATURES
from loyalty_research.profile.segments.scaling import scaled_rows

PERIOD = ("2024-01-01", "2024-12-31")


def made(n: int = 2000, *, seed: int = 1) -> pd.DataFrame:
    """Return customers whose shares waver with their purchases, and one constant feature."""
    rng = np.random.default_rng(seed)
    occasions = 5 + rng.geometric(1 / 25, n)
    share = rng.beta(9, 21, n)
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "occasions": occasions,
            "frequency": occasions * 1.0,
            "silence": rng.exponential(size=n) + 0.01,
            "order_value": np.exp(rng.normal(3, 0.2, n) + rng.normal(size=n) / np.sqrt(occasions)),
            "breadth": np.minimum(rng.poisson(2 * np.log(occasions)) + 1.0, 12.0),
            "weekend": rng.binomial(occasions, share) / occasions,
            "on_offer": np.zeros(n),
            "early": np.where(rng.random(n) < 0.4, 0.0, rng.random(n)),
        }
    )


def test_few_purchases_waver_no_more_than_many() -> None:
    frame = made()
    features, _ = fit_scaling(frame, names=["weekend", "order_value"])
    few = (frame["occasions"] <= 8).to_numpy()
    many = (frame["occasions"] >= 40).to_numpy()
    for feature in features:
        plain = frame[feature.name].to_numpy()
        plain = np.log(plain) if feature.name == "order_value" else plain
        left = feature.residual(frame)
        assert plain[few].std() / plain[many].std() > 1.4
        assert left[few].std() / left[many].std() == pytest.approx(1, abs=0.2)


def test_breadth_is_taken_beside_customers_with_as_many_purchases() -> None:
    frame = made()
    (feature,), _ = fit_scaling(frame, names=["breadth"])
    log = np.log(frame["occasions"].to_numpy())
    assert abs(np.corrcoef(feature.scaled(frame), log)[0, 1]) < 0.05
    assert np.corrcoef(frame["breadth"], log)[0, 1] > 0.5


def test_what_tells_nobody_apart_is_left_out() -> None:
    frame = made()
    names = [name for name in FEATURES if name in frame]
    features, left_out = fit_scaling(frame, names=names)
    assert set(left_out) == {"on_offer", "early"}
    assert [feature.name for feature in features] == [n for n in names if n not in left_out]


def test_scaled_features_are_comparable_and_cut() -> None:
    frame = made()
    features, _ = fit_scaling(frame, names=["frequency", "silence", "weekend"])
    rows = scaled_rows(frame, features)
    low, middle, high = np.percentile(rows, [25, 50, 75], axis=0)
    assert middle == pytest.approx(np.zeros(3), abs=1e-9)
    assert high - low == pytest.approx(np.full(3, 1.349))
    assert np.abs(rows).max() <= 3


def test_a_scale_survives_json() -> None:
    frame = made(300)
    for feature in fit_scaling(frame, names=["breadth", "weekend"])[0]:
        again = Feature.from_dict(json.loads(json.dumps(feature.as_dict())))
        assert again == feature
        assert (again.scaled(frame) == feature.scaled(frame)).all()


def test_features_against_plain_counts(orders) -> None:
    found = customer_features(orders, period=PERIOD, early_before=14).set_index("customer_id")
    day = orders["ordered_at"].dt.normalize()
    for customer in (0, 17, 101):
        own = orders["customer_id"] == customer
        days, rows = day[own].nunique(), orders[own]
        row = found.loc[customer]
        assert row["occasions"] == days
        assert row["frequency"] == pytest.approx(days * 365 / 366)
        since = (pd.Timestamp(PERIOD[1]) - day[own].max()).days
        assert row["silence"] == pytest.approx((since + 0.5) * days / 366)
        assert row["order_value"] == pytest.approx(rows["net_sales"].mean())
        offer = rows["discounted_sales"].sum() / rows["net_sales"].sum()
        assert row["on_offer"] == pytest.approx(offer)
        assert row["weekend"] == pytest.approx((rows["ordered_at"].dt.day_of_week >= 5).mean())
        assert row["early"] == pytest.approx((rows["ordered_at"].dt.hour < 14).mean())
    assert profile.segments.customer_features is customer_features


def test_without_hours_and_channels_their_features_are_missing(orders) -> None:
    plain = orders.assign(ordered_at=orders["ordered_at"].dt.normalize())
    found = customer_features(plain, period=PERIOD)
    assert not {"early", "main_channel", "breadth"} & set(found)
    through = orders.assign(channel=np.where(orders["order_id"] % 3 == 0, "app", "store"))
    found = customer_features(through, period=PERIOD)
    assert found["main_channel"].mean() == pytest.approx(2 / 3, abs=0.05)
