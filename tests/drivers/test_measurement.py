"""Reliability and validity: published values, and what is said of a construct that fails."""

from __future__ import annotations

import numpy as np
import pytest
from drivers.packaged import packaged

import loyalty_research as lr
from loyalty_research.drivers.measurement import alphas, htmt, measurement_model
from loyalty_research.drivers.paths import make_design, sample_moments
from loyalty_research.language import translator


@pytest.fixture(scope="module")
def mobile():
    return measurement_model(lr.open_brand("mobile"), draws=300)


@pytest.mark.parametrize(
    ("construct", "alpha", "raw", "rho_a", "rho_c", "ave"),
    [
        ("satisfaction", 0.7792, 0.7701, 0.7891, 0.8713, 0.6931),
        ("loyalty", 0.4724, 0.4417, 0.7457, 0.7217, 0.5173),
    ],
)
def test_ecsi_has_the_published_reliability(mobile, construct, alpha, raw, rho_a, rho_c, ave):
    row = mobile.summary().set_index("construct").loc[construct]
    found = row[["alpha", "alpha_raw", "rho_a", "rho_c", "ave"]].to_list()
    assert found == pytest.approx([alpha, raw, rho_a, rho_c, ave], abs=5e-5)
    for name in ("alpha", "alpha_raw", "rho_a", "rho_c", "ave"):
        assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]


def test_raw_alpha_of_attitude() -> None:
    frame = packaged("attitude").drop(columns="rownames")
    columns = list(frame.columns)
    covariances = sample_moments(frame.to_numpy(dtype=float)).covariances
    whole = make_design({"all": columns}, {})
    assert alphas(covariances, whole)[0, 0] == pytest.approx(0.8431, abs=5e-5)
    single = make_design({"most": columns[:-1], "last": columns[-1:]}, {"last": ["most"]})
    assert np.isnan(alphas(covariances, single)[0, 1])


def test_loyalty_fails_and_what_follows_is_said(mobile) -> None:
    rows = mobile.summary().set_index("construct")["verdict"]
    assert rows["loyalty"] == "fails"
    assert rows["quality"] == "holds"
    assert rows["complaints"] == "not_judged"
    (told,) = [f for f in mobile.findings if f.id.startswith("measurement_outcome")]
    assert told.id == "measurement_outcome_fails"
    assert told.values["item"].value == "cusl2"
    for language, words in (("zh", "不可靠"), ("en", "not measured reliably")):
        text = translator(language, mobile.context)
        assert words in text.finding(told)
        assert text.text("meaning.measurement_outcome_fails")


def test_htmt_of_parallel_items_is_the_correlation_of_factors() -> None:
    # Items of loading l: within l^2, across l^2 r; the ratio is r, whatever the loading.
    r, loading = 0.6, 0.7
    within = np.full((2, 2), loading**2) + np.eye(2) * (1 - loading**2)
    across = np.full((2, 2), loading**2 * r)
    design = make_design({"a": ["a1", "a2"], "b": ["b1", "b2"]}, {"b": ["a"]})
    found = htmt(np.block([[within, across], [across.T, within]])[None], design)[0]
    assert found[0, 1] == pytest.approx(r)
    assert np.isnan(found[0, 0])
