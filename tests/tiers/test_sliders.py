"""Sliders answer as a simulation of the same sample does; a report has a sentence instead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module

import pytest
from programme_shop import late

from loyalty_research import tiers
from loyalty_research.errors import LoyaltyError
from loyalty_research.programmes import load_programme, write_programme
from loyalty_research.results.store import STORE_VARIABLE

PATH = "tiers.levels.l1.threshold"
MODULE = import_module("loyalty_research.tiers.sliders")


@pytest.fixture(autouse=True)
def outside_loops() -> Iterator[None]:
    """Hide the loop that a browser of other tests leaves running: sliders would wait for it."""
    running = asyncio.events._get_running_loop()
    asyncio.events._set_running_loop(None)
    yield
    asyncio.events._set_running_loop(running)


@pytest.fixture(scope="module")
def people() -> tiers.Population:
    """Return 400 invented customers."""
    return tiers.population_of([0.1, 0.4, 0.8, 1.2] * 100, amount=40, currency="CNY")


def made(people: tiers.Population, **more: object) -> tiers.Sliders:
    found = tiers.sliders(people, late(), customers=120, periods=12, language="en", **more)
    assert isinstance(found, tiers.Sliders)
    return found


def test_moving_a_slider_gives_what_a_simulation_of_the_sample_gives(people) -> None:
    sliders = made(people)
    before = sliders.answer.set_index("measure")["design"]
    sliders.by_path[PATH].value = 250.0
    after = sliders.answer.set_index("measure")["design"]
    assert after["level_l1"] > before["level_l1"]
    settings = {"responses": tiers.priors.median(), "periods": 12, "seed": 1}
    direct = tiers.simulate(sliders.part, sliders.programme, **settings)
    base = tiers.simulate(sliders.part, late(), **settings)
    factor = people.size / sliders.part.size
    rows = sliders.answer.set_index("measure")
    assert after["net_sales"] == pytest.approx(factor * direct.totals["net_sales"], rel=1e-12)
    assert after["participation"] == direct.totals["participation"]
    gain = factor * (direct.totals["gain"] - base.totals["gain"])
    assert rows.loc["gain", "difference"] == pytest.approx(gain, rel=1e-12)
    held = direct.customers["tier"]
    share = (held == "l1").sum() / (held != "none").sum()
    assert after["level_l1"] == pytest.approx(share, rel=1e-12)


def test_unmoved_sliders_gain_exactly_nothing(people) -> None:
    sliders = made(people)
    assert (sliders.answer["difference"].dropna() == 0).all()
    text = sliders.widget.children[-1].value
    assert "simulated" in text
    assert "nothing here was observed" in text
    assert f"{sliders.part.size} of 400" in text


def test_the_sample_is_a_part_of_the_customers(people) -> None:
    sliders = made(people)
    assert 80 < sliders.part.size < 160
    assert sliders.customers == 400


def test_while_a_slider_moves_only_its_last_place_is_simulated(people, monkeypatch) -> None:
    sliders = made(people)
    asked: list[float] = []
    real = sliders.update

    def counted() -> None:
        asked.append(sliders.by_path[PATH].value)
        real()

    monkeypatch.setattr(sliders, "update", counted)

    async def moves() -> None:
        for value in (300.0, 350.0, 400.0):
            sliders.by_path[PATH].value = value
            await asyncio.sleep(0.01)
        assert asked == []
        await asyncio.sleep(0.5)

    asyncio.run(moves())
    assert asked == [400.0]


def test_rules_that_contradict_each_other_are_told(people) -> None:
    sliders = made(people, knobs={PATH: [500, 2000]})
    sliders.by_path[PATH].value = 2000.0
    assert sliders.programme is None
    assert "contradict" in sliders.widget.children[-1].value
    sliders.by_path[PATH].value = 500.0
    assert len(sliders.answer)


def test_the_design_can_be_written_as_a_file(people, tmp_path) -> None:
    sliders = made(people)
    sliders.by_path["rewards.treat.points"].value = 150.0
    sliders.by_path["earn.spend.by_tier.l2"].value = 1.5
    again = load_programme(write_programme(sliders.programme, tmp_path / "plan.yaml"))
    assert again.rewards[0].points == 150
    assert float(again.earn[0].by_tier["l2"]) == 1.5


def test_every_threshold_price_and_multiplier_has_a_named_slider(people) -> None:
    sliders = made(people)
    assert set(sliders.by_path) == {
        PATH,
        "tiers.levels.l2.threshold",
        "earn.spend.by_tier.l1",
        "earn.spend.by_tier.l2",
        "rewards.treat.points",
    }
    assert sliders.by_path[PATH].description == "Level 1: threshold"
    assert sliders.by_path[PATH].value == 500.0
    assert sliders.by_path["earn.spend.by_tier.l2"].value == 1.0


def test_in_a_report_a_sentence_stands_in_their_place(people, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(STORE_VARIABLE, str(tmp_path))
    monkeypatch.setattr(MODULE, "simulate", None)
    found = tiers.sliders(people, late(), language="zh")
    assert "只在 JupyterLab 中可用" in repr(found)


def test_without_ipywidgets_the_message_says_how_to_get_it(people, monkeypatch) -> None:
    monkeypatch.setattr(MODULE, "find_spec", lambda _name: None)
    with pytest.raises(LoyaltyError, match=r"loyalty-research\[lab\]"):
        tiers.sliders(people, late())


def test_a_population_alone_needs_a_programme(people) -> None:
    with pytest.raises(LoyaltyError, match="programme="):
        tiers.sliders(people)
