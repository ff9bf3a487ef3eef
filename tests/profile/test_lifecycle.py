"""Stages by the own rhythm, chance beside them, the fixed-day rule, and who was won back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, RULE, make_orders, supermarket_results
from scipy.stats import binomtest

from loyalty_research import profile
from loyalty_research.brand.schema import LifecycleDays
from loyalty_research.errors import ParameterError
from loyalty_research.profile.lifecycle_rule import as_rule, stage_by_rule
from loyalty_research.stats import fit_gamma_poisson, proportion

START, END = (pd.Timestamp(day) for day in PERIOD)
QUANTILES = {"cooling": 0.80, "dormant": 0.95, "lost": 0.99}
CHANCE = 1e-4
"""Below it a count is no longer put down to chance."""


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(200, seed=31)


@pytest.fixture(scope="module")
def result(orders):
    return profile.lifecycle(orders, period=PERIOD, rule=RULE, first_purchase_observed=True)


def past(orders: pd.DataFrame, end: pd.Timestamp = END) -> pd.DataFrame:
    """Return purchase days after the first, days between first and last, age and silence."""
    known = orders[orders["customer_id"].notna()]
    day = known["ordered_at"].dt.normalize()
    groups = day[day <= end].groupby(known["customer_id"].astype(int))
    first, last = groups.min(), groups.max()
    return pd.DataFrame(
        {
            "count": groups.nunique() - 1,
            "between": (last - first).dt.days,
            "age": (end - first).dt.days,
            "silence": (end - last).dt.days,
            "net_sales": known.groupby(known["customer_id"].astype(int))["net_sales"].sum(),
        }
    )


def limits(frame: pd.DataFrame, model) -> pd.DataFrame:
    """Return each customer's own quantiles, written out."""
    shape = model.r + frame["count"]
    return pd.DataFrame(
        {
            name: (model.alpha + frame["between"]) * ((1 - q) ** (-1 / shape) - 1)
            for name, q in QUANTILES.items()
        }
    )


def stage_of(row: dict[str, float], *, observed: bool) -> str:
    for name in ("lost", "dormant", "cooling"):
        if row["silence"] > row[name]:
            return name
    if observed and row["age"] < 90:
        return "new"
    return "mature" if row["count"] + 1 >= 4 else "growing"


@pytest.mark.parametrize("observed", [True, False])
def test_stages(orders, observed) -> None:
    made = profile.lifecycle(orders, period=PERIOD, first_purchase_observed=observed)
    frame = past(orders)
    model = fit_gamma_poisson(frame["count"].to_numpy(), frame["age"].to_numpy())
    rows = frame.join(limits(frame, model)).to_dict("records")
    frame["stage"] = [stage_of(row, observed=observed) for row in rows]
    want = frame.groupby("stage")["net_sales"].agg(["size", "sum"])
    found = made.summary().set_index("stage")
    assert found["customers"].to_dict() == want["size"].to_dict()
    assert found["net_sales"].to_dict() == pytest.approx(want["sum"].to_dict())
    assert ("new" in found.index) == observed
    assert found["customers"].sum() == len(frame)
    assert found["share_sales"].sum() == pytest.approx(1)
    assert found["silence"].to_dict() == frame.groupby("stage")["silence"].median().to_dict()
    stated = {item.id: item for item in made.findings}
    silent = want.reindex(["dormant", "lost"]).sum()
    assert stated["lifecycle_dormant"].estimate == silent["size"]
    assert stated["lifecycle_dormant"].values["sales"].value == pytest.approx(silent["sum"])  # noqa: PD011


def made_customers(days_by_customer: dict[int, list[int]]) -> pd.DataFrame:
    """Return orders of customers on days since the start of the period."""
    rows = [
        (who, START + pd.Timedelta(days=day))
        for who, days in days_by_customer.items()
        for day in days
    ]
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at"]).assign(net_sales=10.0)


def test_the_same_silence_means_different_things() -> None:
    """Forty days: nothing for a monthly buyer, dormant or lost for a weekly one."""
    end = (END - START).days
    weekly = {who: list(range(who % 7, end - 40, 7)) for who in range(1, 21)}
    monthly = {who: list(range(who % 5, end - 40, 33)) for who in range(21, 61)}
    monthly = {who: [*days, end - 40] for who, days in monthly.items()}
    weekly = {who: [*days, end - 40] for who, days in weekly.items()}
    fresh = {who: [end - 5] for who in range(61, 71)}
    orders = made_customers(weekly | monthly | fresh)
    found = profile.lifecycle(orders, period=PERIOD, first_purchase_observed=True)
    stages = found.summary().set_index("stage")["customers"]
    assert stages.to_dict() == {"new": 10, "mature": 40, "lost": 20}
    unobserved = profile.lifecycle(orders, period=PERIOD, first_purchase_observed=False)
    stages = unobserved.summary().set_index("stage")["customers"]
    assert stages.to_dict() == {"growing": 10, "mature": 40, "lost": 20}


def fixed_stage(silence: int) -> str:
    if silence <= RULE["active"]:
        return "active"
    if silence < RULE["dormant"]:
        return "cooling"
    return "dormant" if silence < RULE["lost"] else "lost"


def test_the_fixed_rule_stands_beside_the_own_rhythm(orders, result) -> None:
    frame = past(orders)
    model = fit_gamma_poisson(frame["count"].to_numpy(), frame["age"].to_numpy())
    rows = frame.join(limits(frame, model)).to_dict("records")
    stages = [stage_of(row, observed=True) for row in rows]
    own = [name if name in {"cooling", "dormant", "lost"} else "active" for name in stages]
    fixed = frame["silence"].map(fixed_stage)
    rule = result.frames["rule"].set_index("stage")
    sales = frame.groupby(fixed)["net_sales"].sum()
    for name in ("active", "cooling", "dormant", "lost"):
        assert rule.loc[name, "customers"] == (fixed == name).sum()
        assert rule.loc[name, "own_rhythm"] == own.count(name)
        assert rule.loc[name, "net_sales"] == pytest.approx(sales.get(name, 0.0))
    assert rule.loc["cooling", "own_rhythm"] > 0
    assert rule["own_rhythm"].sum() == rule["customers"].sum() == len(frame)
    pairs = pd.Series(list(zip(fixed, own, strict=True))).value_counts().to_dict()
    cross = result.frames["rules"].set_index(["by_rule", "by_rhythm"])["customers"]
    assert cross.to_dict() == pairs
    item = {item.id: item for item in result.findings}["lifecycle_rule"]
    same = np.array([first == second for first, second in zip(fixed, own, strict=True)])
    assert item.estimate == pytest.approx(same.mean())
    missed = [
        second in {"dormant", "lost"} and first in {"active", "cooling"}
        for first, second in zip(fixed, own, strict=True)
    ]
    assert item.at_stake == pytest.approx(frame["net_sales"][missed].sum())
    assert {"rule", "rules"} <= {view.name for view in result.tables}
    without = profile.lifecycle(orders, period=PERIOD)
    assert not {"rule", "rules"} & set(without.frames)
    assert not {"rule", "rules"} & {view.name for view in without.tables}


def test_the_days_of_a_rule_are_those_of_the_brand_file() -> None:
    """Up to 90 days active, from 180 on dormant, from 365 on lost."""
    days = np.array([0, 90, 91, 179, 180, 364, 365, 900])
    given = as_rule(LifecycleDays(active=90, dormant=180, lost=365))
    want = ["active", "active", "cooling", "cooling", "dormant", "dormant", "lost", "lost"]
    assert stage_by_rule(days, given).tolist() == want
    equal = as_rule({"active": 180, "dormant": 180, "lost": 365})
    assert stage_by_rule(days, equal).tolist() == ["active"] * 5 + ["dormant", "lost", "lost"]


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"active": 90, "dormant": 180},
        {"active": 91, "dormant": 90, "lost": 365},
        {"active": 90, "dormant": 365, "lost": 365},
        {"active": 0, "dormant": 90, "lost": 365},
        {"active": 365, "dormant": 180, "lost": 90},
        {"active": 90.0, "dormant": 180, "lost": 365},
        {"active": True, "dormant": 180, "lost": 365},
        {"active": 90, "dormant": 180, "lost": 365, "gone": 700},
    ],
    ids=str,
)
def test_wrong_rules(orders, rule) -> None:
    with pytest.raises(ParameterError, match="whole days, active <= dormant < lost"):
        profile.lifecycle(orders, period=PERIOD, rule=rule)


def test_won_back() -> None:
    orders = make_orders(1200, seed=6)
    frame = past(orders)
    model = fit_gamma_poisson(frame["count"].to_numpy(), frame["age"].to_numpy())
    split = END - pd.Timedelta(days=90)
    early = past(orders, split).dropna()
    dormant = set(early.index[early["silence"] > limits(early, model)["dormant"]])
    late = orders[(orders["ordered_at"].dt.normalize() > split) & orders["customer_id"].notna()]
    back = dormant & set(late["customer_id"].astype(int))
    found = profile.lifecycle(orders, period=PERIOD).findings
    item = {item.id: item for item in found}["lifecycle_won_back"]
    want = proportion(len(back), len(dormant))
    assert (item.status, item.base) == ("stated", len(dormant))
    assert (item.estimate, item.low, item.high) == (want.value, want.low, want.high)


def random_buyers(people: int, r: float, alpha: float, *, seed: int) -> pd.DataFrame:
    """Return customers with exponential gaps at rates of their own, watched to the end."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(r, 1 / alpha, (people, 1))
    first = rng.uniform(0, 240, (people, 1))
    gaps = rng.exponential(1 / rate, (people, 150))
    when = np.concatenate([first, first + np.cumsum(gaps, axis=1)], axis=1)
    who, place = np.nonzero(when < 366)
    return pd.DataFrame(
        {
            "customer_id": who,
            "ordered_at": START + pd.to_timedelta(np.floor(when[who, place]), unit="D"),
            "net_sales": 1.0,
        }
    )


def test_random_buyers_are_silent_as_often_as_the_table_says() -> None:
    people = 6000
    made = profile.lifecycle(random_buyers(people, 2.0, 60.0, seed=4), period=PERIOD)
    chance = made.frames["chance"].set_index("stage")
    for name, quantile in QUANTILES.items():
        row = chance.loc[name]
        silent = binomtest(int(row["customers"]), people, row["by_chance"])
        assert silent.pvalue > CHANCE, name
        assert row["share_customers"] == row["customers"] / people
        assert row["by_chance"] == pytest.approx(1 - quantile, rel=0.7)  # about 20, 5 and 1 %
    # A customer is looked at in a long gap more often than a gap is long.
    wrong = binomtest(int(chance.loc["dormant", "customers"]), people, 0.05)
    assert wrong.pvalue < CHANCE
    printed = {item.id: item for item in made.findings}["lifecycle_silent"].values  # noqa: PD011
    assert printed["by_chance"].value == chance.loc["dormant", "by_chance"]


def test_customers_who_left_show_beyond_chance() -> None:
    orders = random_buyers(2000, 2.0, 30.0, seed=5)
    left = (orders["customer_id"] % 5 == 0) & (orders["ordered_at"] > START + pd.Timedelta("200D"))
    chance = profile.lifecycle(orders[~left], period=PERIOD).frames["chance"].set_index("stage")
    for name in QUANTILES:
        row = chance.loc[name]
        more = binomtest(int(row["customers"]), 2000, row["by_chance"], alternative="greater")
        assert more.pvalue < CHANCE


def one(orders, period=PERIOD):
    made = profile.lifecycle(orders, period=period)
    assert made.charts == made.tables == ()
    (item,) = made.findings
    assert item.status == "withheld"
    return item.reason


def test_what_cannot_be_told_is_withheld(orders) -> None:
    few = orders[orders["customer_id"] < 30]
    assert one(few) == "base_too_small"
    day = PERIOD[1]
    assert one(orders.assign(ordered_at=pd.Timestamp(day)), (day, day)) == "period_too_short"
    regular = made_customers({who: list(range(3, 366, 14)) for who in range(60)})
    assert one(regular) == "rhythm_not_identified"


@pytest.mark.parametrize(("days", "reason"), [(179, "period_too_short"), (181, None)])
def test_won_back_needs_time_before_and_after(days, reason) -> None:
    start = END - pd.Timedelta(days=days - 1)
    made = profile.lifecycle(make_orders(150, seed=3), period=(start.date(), END.date()))
    item = {item.id: item for item in made.findings}["lifecycle_won_back"]
    assert (item.reason == "period_too_short") == (reason is not None)


def test_supermarket() -> None:
    made = supermarket_results()["lifecycle"]
    summary, chance = made.summary().set_index("stage"), made.frames["chance"].set_index("stage")
    assert summary["customers"].sum() == 2469
    assert "new" not in summary.index  # the first purchase seen is not the first ever
    assert chance.loc["lost", "customers"] == summary.loc["lost", "customers"]
    beyond = summary.loc[["cooling", "dormant", "lost"], "customers"]
    assert chance["customers"].tolist() == beyond[::-1].cumsum()[::-1].tolist()
    for name in QUANTILES:
        assert chance.loc[name, "by_chance"] < chance.loc[name, "share_customers"]
